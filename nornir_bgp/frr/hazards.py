"""What people have left in the override lists that a change cannot, or need not, get over.

A hand-made list is brought to the planned one by :func:`nornir_bgp.frr.prefix_list.edit_list`
whatever entries it holds; random lists on live FRR show it. What is left is said here: as a
finding, for which the run is refused, or as a remark.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from nornir_bgp.frr.overrides import ListKey, Overrides, parse_overrides
from nornir_bgp.frr.prefix_list import Entry, PrefixList
from nornir_bgp.frr.versions import SCAN_SECONDS, FrrRules, Trap, rules_of
from nornir_bgp.models.fields import family_of
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.state import GatewayState
from nornir_bgp.wording import shortened

DELAY_TIMER = 5.0
"""Seconds after the first line until FRR applies a changed list, by default: a change that takes
longer is applied in parts."""


def hazards(state: GatewayState, exits: tuple[Exit, ...], policy: Policy) -> tuple[str, ...]:
    """Say why the override lists of a gateway must be mended by hand first.

    Args:
        state: what was read from the gateway.
        exits: the gateway's exits.
        policy: the names of the policy objects, and the preference.

    Returns:
        One sentence for each fault, with the lines that mend it.
    """
    rules = rules_of(state.running_config)
    overrides = parse_overrides(state.running_config, policy)
    findings: list[str] = []
    if Trap.IGNORES_TWINS in rules.traps:
        for key, entries in overrides.lists.items():
            findings.extend(_twins(key, entries, rules))
    findings.extend(_without_effect(state, overrides, exits, rules, policy))
    return tuple(findings)


def _twins(key: ListKey, entries: Sequence[Entry], rules: FrrRules) -> Iterator[str]:
    """A list with twins could not be put back on a router that ignores the second one."""
    for first, *others in _groups(entries, lambda entry: entry.rule):
        for other in others:
            yield (
                f"{key.name} holds {first.rule!r} under {first.seq} and {other.seq}, "
                f"and could not be put back: {rules.because(Trap.IGNORES_TWINS)}; remove one: "
                f"no {key.line(other)}"
            )


def _without_effect(
    state: GatewayState,
    overrides: Overrides,
    exits: tuple[Exit, ...],
    rules: FrrRules,
    policy: Policy,
) -> Iterator[str]:
    """A listed route without its preference: FRR has lost the entry, or not applied it yet."""
    peers = {str(session) for exit_ in exits for session in exit_.sessions}
    low: dict[int, list[str]] = {}
    for rib in state.ribs:
        for prefix, paths in rib.routes.items():
            expected = overrides.preference(prefix)
            if expected is not None and any(
                p.peer in peers and p.local_pref != expected for p in paths
            ):
                low.setdefault(expected, []).append(prefix)
    why = f": {rules.because(Trap.LOSES_SIBLINGS)}" if Trap.LOSES_SIBLINGS in rules.traps else ""
    for preference, prefixes in low.items():
        behind = [
            key.line(entry)
            for key, entry in overrides.entries
            if any(_permits(key, entry, prefix) for prefix in prefixes[:3])
        ]
        remade = "; ".join(f"no {line}; {line}" for line in behind[:3])
        more = "; and so on" if len(behind) > 3 else ""
        yield (
            f"{policy.prefix_list} permits {shortened(prefixes)}, "
            f"but LOCAL_PREF {preference} is not set{why}. If the list was changed "
            f"within the last seconds, run again; else enter its entries anew: {remade}{more}"
        )


def _permits(key: ListKey, entry: Entry, prefix: str) -> bool:
    return key.family == family_of(prefix) and PrefixList([entry], key.family).permits(prefix)


def remarks(rules: FrrRules, current: Overrides, wanted: Overrides) -> tuple[str, ...]:
    """Say what a person should know about a change of overrides that goes through.

    Args:
        rules: the traps of the gateway's version.
        current: the overrides before the change.
        wanted: what they are to be.
    """
    found = [] if rules.word is None else [rules.word]
    for key, entries in current.lists.items():
        found.extend(_repeated(key, entries, rules))
    for key, entries in wanted.lists.items():
        held = set(current.lists.get(key, ()))
        new = sum(entry not in held for entry in entries)
        seconds = SCAN_SECONDS * ((len(held) + new) ** 2 - len(held) ** 2)
        if Trap.SCANS in rules.traps and seconds > DELAY_TIMER:
            found.append(
                f"adding {new:,} entries to the {len(held):,} of {key.name} takes about "
                f"{seconds:.0f} s: {rules.because(Trap.SCANS)}"
            )
    return tuple(found)


def _repeated(key: ListKey, entries: Sequence[Entry], rules: FrrRules) -> Iterator[str]:
    """Name what a list holds more than once."""
    if Trap.LOSES_SIBLINGS in rules.traps:
        for group in _groups(entries, lambda entry: entry.network_in(key.family)):
            if len(group) > 1:
                yield (
                    f"{key.name} has {len(group)} entries for {group[0].network_in(key.family)}, "
                    "of which this change leaves one at most: "
                    f"{rules.because(Trap.LOSES_SIBLINGS)}"
                )
    if Trap.REPEATS_UNNUMBERED in rules.traps:
        for group in _groups(entries, lambda entry: entry.rule):
            if len(group) > 1:
                yield (
                    f"{key.name} holds {group[0].rule!r} {len(group)} times, of which this "
                    f"change leaves one at most: {rules.because(Trap.REPEATS_UNNUMBERED)}"
                )


def _groups(entries: Iterable[Entry], key: Callable[[Entry], str]) -> list[list[Entry]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[key(entry)].append(entry)
    return list(found.values())
