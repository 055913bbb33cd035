"""The configuration lines that turn the overrides of a gateway into others, in two steps.

FRR may apply what stands after any single line, so what must hold holds after each. The first step
raises: what is new stands before anything goes, and a prefix that moves is raised at its new
gateway before the old one lets go of it. The second step lowers. No line of the first takes a
preference away, but where a list of a lower one stands before the clause that raises; no line of
the second makes a prefix higher.

A clause that FRR holds without a condition matches every route. So a slot is made before its list
has an entry, at the end of the map, and goes when its list is empty.
"""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

from nornir_bgp.frr.overrides import (
    ListKey,
    OverrideClause,
    Overrides,
    exact_prefix,
    is_slot,
)
from nornir_bgp.frr.prefix_list import Entry, between_lists, edit_list
from nornir_bgp.models.settings import Policy


class OverridesChange(NamedTuple):
    """What turns the overrides of one gateway into others.

    Attributes:
        raising: the lines of the first step.
        between: the overrides after it.
        lowering: the lines of the second step.
    """

    raising: tuple[str, ...]
    between: Overrides
    lowering: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines, in the order in which they are sent."""
        return self.raising + self.lowering


def change_overrides(current: Overrides, planned: Overrides, policy: Policy) -> OverridesChange:
    """Compute the smallest safe change from some overrides to others.

    Args:
        current: what they are.
        planned: what they are to be.
        policy: the names and numbers of the policy objects.
    """
    between = _between(current, planned, policy)
    return OverridesChange(
        raising=tuple(_lines(current, between, policy, (_Tier.HIGH, _Tier.MIDDLE, _Tier.LOW))),
        between=between,
        lowering=tuple(_lines(between, planned, policy, (_Tier.MIDDLE, _Tier.HIGH, _Tier.LOW))),
    )


def restoring_lines(current: Overrides, before: Overrides, policy: Policy) -> tuple[str, ...]:
    """Say the lines that enter overrides anew, whatever FRR makes of what it shows.

    Every entry that stands, or may, is removed, and every one that is to stand is entered; that
    one which is to go is not there does no harm.

    Args:
        current: all that may stand.
        before: what is to stand.
        policy: the names and numbers of the policy objects.
    """
    staying = {clause.number for clause in before.clauses}
    numbers = {clause.number for clause in current.clauses} | {*current.unfinished}
    lines = [f"no {key.line(entry)}" for key, entry in current.entries]
    for clause in before.clauses:
        if is_slot(clause.number, policy):
            lines.extend(clause.lines(policy))
    lines.extend(key.line(entry) for key, entry in before.entries)
    lines.extend(_removal(n, policy) for n in sorted(numbers - staying) if is_slot(n, policy))
    return tuple(lines)


class _Tier(IntEnum):
    """What a list is for, by the preference of its clause."""

    LOW = 0
    """Below the default: a gateway is drained."""
    MIDDLE = 1
    """Backups; and lists that no clause matches, which do nothing."""
    HIGH = 2
    """What is raised."""

    @classmethod
    def of(cls, preference: int, policy: Policy) -> "_Tier":
        if preference <= policy.drain_preference:
            return cls.LOW
        return cls.HIGH if preference >= policy.local_preference else cls.MIDDLE


def _by_number(overrides: Overrides) -> dict[int, OverrideClause]:
    return {clause.number: clause for clause in overrides.clauses}


def _tiers(clauses: Mapping[int, OverrideClause], policy: Policy) -> dict[ListKey, _Tier]:
    return {clause.key: _Tier.of(clause.preference, policy) for clause in clauses.values()}


def _between(current: Overrides, planned: Overrides, policy: Policy) -> Overrides:
    """What stands after the first step."""
    old, new = _by_number(current), _by_number(planned)
    clauses = {**old, **new}
    remade = {old[n].key for n in old.keys() & new.keys() if old[n] != new[n]}
    tiers = _tiers(clauses, policy)
    # What drains a gateway goes first where it goes, and last where another list takes its place.
    drained = {key.family for key in planned.lists if tiers.get(key) is _Tier.LOW}
    lists: dict[ListKey, tuple[Entry, ...]] = {}
    for key in {*current.lists, *planned.lists}:
        before = () if key in remade else current.lists.get(key, ())
        after = planned.lists.get(key, ())
        tier = tiers.get(key)
        if tier is None:
            lists[key] = after
        elif tier is _Tier.HIGH:
            lists[key] = between_lists(before, after)
        elif tier is _Tier.MIDDLE or key.family in drained:
            lists[key] = before
    raised = {key: entries for key, entries in lists.items() if tiers.get(key) is _Tier.HIGH}
    high = Overrides(tuple(clauses[n] for n in sorted(clauses)), raised)
    exchanged = any(entries != current.lists.get(key, ()) for key, entries in raised.items())
    for key in lists.keys() - raised.keys():
        after = planned.lists.get(key, ())
        if tiers.get(key) is _Tier.MIDDLE:
            lists[key] = _out_of_the_way(lists[key], after, high, exchanged=exchanged)
    return Overrides(
        clauses=high.clauses,
        lists={key: lists[key] for key in sorted(lists) if lists[key]},
        unfinished=planned.unfinished,
        taken=planned.taken,
    )


def _out_of_the_way(
    before: tuple[Entry, ...], after: tuple[Entry, ...], high: Overrides, *, exchanged: bool
) -> tuple[Entry, ...]:
    """Take from a list of backups what goes and would keep a prefix from being raised.

    The clause of a backup may stand before the one that raises. Entries that stand for more than
    one prefix go together.
    """
    going = set(before) - set(after)
    if any(exact_prefix(entry) is None for entry in before):
        return () if going and exchanged else before
    return tuple(
        entry
        for entry in before
        if entry not in going or high.preference(str(exact_prefix(entry))) is None
    )


def _lines(
    start: Overrides, end: Overrides, policy: Policy, order: tuple[_Tier, ...]
) -> Iterator[str]:
    """The lines of one step, with the lists of the tiers in an order."""
    old, new = _by_number(start), _by_number(end)
    remade = [n for n in old.keys() & new.keys() if old[n] != new[n]]
    standing = {k: () if k in {old[n].key for n in remade} else e for k, e in start.lists.items()}
    for number in remade:
        key = old[number].key
        yield from edit_list(key.line, start.lists.get(key, ()), (), key.family)
    for number in start.unfinished:
        if number not in new and number not in end.unfinished:
            yield _removal(number, policy)
    for number in sorted(new):
        if old.get(number) != new[number] and is_slot(number, policy):
            yield from _made(old.get(number), new[number], policy)
    tiers = _tiers({**old, **new}, policy)

    def place(key: ListKey) -> tuple[int, bool, ListKey]:
        return order.index(tiers.get(key, _Tier.MIDDLE)), key not in end.lists, key

    for key in sorted({*standing, *end.lists}, key=place):
        yield from edit_list(key.line, standing.get(key, ()), end.lists.get(key, ()), key.family)
    for number in sorted(old.keys() - new.keys(), reverse=True):
        if is_slot(number, policy):
            yield _removal(number, policy)


def _made(old: OverrideClause | None, new: OverrideClause, policy: Policy) -> Iterator[str]:
    """The lines that make a slot what it is to be; at no time it is without a condition."""
    first, *rest, last = new.lines(policy)
    yield first
    if old is not None and old.condition != new.condition:
        yield rest.pop(0)
        yield f"no {old.condition}"
    yield from rest
    yield last


def _removal(number: int, policy: Policy) -> str:
    return f"no route-map {policy.route_map} permit {number}"
