"""What people have left in an override list that a change cannot, or need not, get over.

A hand-made list is brought to the planned one by :func:`nornir_bgp.frr.prefix_list.change_list`
whatever entries it holds; random lists on live FRR show it. What is left is said here: as a
finding, for which the run is refused, or as a remark.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from nornir_bgp.frr.prefix_list import Entry, PrefixList, parse_prefix_lists
from nornir_bgp.frr.versions import SCAN_SECONDS, FrrRules, Trap, rules_of
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.state import GatewayState
from nornir_bgp.wording import shortened

DELAY_TIMER = 5.0
"""Seconds after the first line until FRR applies a changed list, by default: a change that takes
longer is applied in parts."""


def hazards(state: GatewayState, exits: tuple[Exit, ...], policy: Policy) -> tuple[str, ...]:
    """Say why the override list of a gateway must be mended by hand first.

    Args:
        state: what was read from the gateway.
        exits: the gateway's exits.
        policy: the names of the policy objects, and the preference.

    Returns:
        One sentence for each fault, with the lines that mend it.
    """
    rules = rules_of(state.running_config)
    entries = parse_prefix_lists(state.running_config).get(policy.prefix_list, ())
    findings: list[str] = []
    if Trap.IGNORES_TWINS in rules.traps:
        findings.extend(_twins(entries, rules, policy))
    findings.extend(_without_effect(state, entries, exits, rules, policy))
    return tuple(findings)


def _twins(entries: Sequence[Entry], rules: FrrRules, policy: Policy) -> Iterator[str]:
    """A list with twins could not be put back on a router that ignores the second one."""
    for first, *others in _groups(entries, lambda entry: entry.rule):
        for other in others:
            yield (
                f"{policy.prefix_list} holds {first.rule!r} under {first.seq} and {other.seq}, "
                f"and could not be put back: {rules.because(Trap.IGNORES_TWINS)}; remove one: "
                f"no {other.line(policy.prefix_list)}"
            )


def _without_effect(
    state: GatewayState,
    entries: Sequence[Entry],
    exits: tuple[Exit, ...],
    rules: FrrRules,
    policy: Policy,
) -> Iterator[str]:
    """A permitted route that is not raised: FRR has lost the entry, or has not applied it yet."""
    listed = PrefixList(entries)
    peers = {str(exit_.neighbor) for exit_ in exits}
    low = [
        prefix
        for prefix, paths in state.rib.routes.items()
        if any(p.peer in peers and p.local_pref != policy.local_preference for p in paths)
        and listed.permits(prefix)
    ]
    if not low:
        return
    why = f": {rules.because(Trap.LOSES_SIBLINGS)}" if Trap.LOSES_SIBLINGS in rules.traps else ""
    behind = [e for e in entries if any(PrefixList([e]).permits(prefix) for prefix in low[:3])]
    lines = [entry.line(policy.prefix_list) for entry in behind[:3]]
    remade = "; ".join(f"no {line}; {line}" for line in lines)
    more = "; and so on" if len(behind) > 3 else ""
    yield (
        f"{policy.prefix_list} permits {shortened(low)}, "
        f"but LOCAL_PREF {policy.local_preference} is not set{why}. If the list was changed "
        f"within the last seconds, run again; else enter its entries anew: {remade}{more}"
    )


def remarks(running_config: str, planned: Collection[str], policy: Policy) -> tuple[str, ...]:
    """Say what a person should know about a change of an override list that goes through.

    Args:
        running_config: the gateway's, before the change.
        planned: the prefixes that the list is to hold.
        policy: the names of the policy objects.
    """
    rules = rules_of(running_config)
    entries = parse_prefix_lists(running_config).get(policy.prefix_list, ())
    found = [] if rules.word is None else [rules.word]
    if Trap.LOSES_SIBLINGS in rules.traps:
        found.extend(
            f"{policy.prefix_list} has {len(group)} entries for {group[0].network}, of which this "
            f"change leaves one at most: {rules.because(Trap.LOSES_SIBLINGS)}"
            for group in _groups(entries, lambda entry: entry.network)
            if len(group) > 1
        )
    if Trap.REPEATS_UNNUMBERED in rules.traps:
        found.extend(
            f"{policy.prefix_list} holds {group[0].rule!r} {len(group)} times, of which this "
            f"change leaves one at most: {rules.because(Trap.REPEATS_UNNUMBERED)}"
            for group in _groups(entries, lambda entry: entry.rule)
            if len(group) > 1
        )
    held = {entry.rule for entry in entries}
    new = sum(f"permit {prefix}" not in held for prefix in planned)
    seconds = SCAN_SECONDS * ((len(entries) + new) ** 2 - len(entries) ** 2)
    if Trap.SCANS in rules.traps and seconds > DELAY_TIMER:
        found.append(
            f"adding {new:,} entries to {len(entries):,} takes about {seconds:.0f} s: "
            f"{rules.because(Trap.SCANS)}"
        )
    return tuple(found)


def _groups(entries: Iterable[Entry], key: Callable[[Entry], str]) -> list[list[Entry]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[key(entry)].append(entry)
    return list(found.values())
