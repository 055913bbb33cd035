"""The prefix that moves first, alone."""

from dataclasses import replace

from nornir_bgp.frr.overrides import ListKey, Overrides, exact_prefix
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.runbooks.prepare import Prepared
from nornir_bgp.tasks.push import AllOverrides


def canary_of(prepared: Prepared, preference: int) -> tuple[str, AllOverrides] | None:
    """Choose the prefix that goes first: the smallest load that moves by an entry of its own.

    Args:
        prepared: what is to be done.
        preference: what raised prefixes get.

    Returns:
        The prefix, and the overrides when it alone has moved; ``None`` where fewer than two move.
    """
    new: dict[str, tuple[str, ListKey, Entry]] = {
        prefix: (gateway, key, entry)
        for gateway, overrides in prepared.wanted.items()
        for clause in overrides.clauses
        if clause.preference == preference
        for key, entry in ((clause.key, e) for e in overrides.lists.get(clause.key, ()))
        if (prefix := exact_prefix(entry)) is not None
        and entry not in prepared.current[gateway].lists.get(key, ())
    }
    if len(new) < 2:
        return None
    loads = prepared.planned.loads
    prefix = min(new, key=lambda prefix: (loads.get(prefix, 0), prefix))
    gateway, key, entry = new[prefix]
    left = {name: _without(prefix, overrides) for name, overrides in prepared.current.items()}
    return prefix, {**left, gateway: _with(key, entry, left[gateway], prepared.wanted[gateway])}


def _without(prefix: str, overrides: Overrides) -> Overrides:
    """The overrides without the entries for one prefix."""
    lists = {
        key: kept
        for key, entries in overrides.lists.items()
        if (kept := tuple(e for e in entries if e.network_in(key.family) != prefix))
    }
    return replace(overrides, lists=lists)


def _with(key: ListKey, entry: Entry, left: Overrides, wanted: Overrides) -> Overrides:
    """The overrides with the canary's entry, and the clauses that are new."""
    planned = set(wanted.lists[key])
    # A deny that is to go could hide the canary; a number that the canary takes must be free.
    beside = (
        other
        for other in left.lists.get(key, ())
        if other in planned or (other.rule.startswith("permit ") and other.seq != entry.seq)
    )
    return replace(
        left,
        clauses=tuple(sorted({*left.clauses, *wanted.clauses})),
        lists={**left.lists, key: tuple(sorted((*beside, entry)))},
    )
