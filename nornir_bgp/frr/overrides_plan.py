"""What the overrides of a gateway are to be, made of what they are.

What stays keeps its place and its number, so that a change is as small as it can be. The numbers
of new slots come after all that stand: a clause is made line by line, and one without a condition
matches every route, which does no harm at the end of the map alone. A slot that is empty stays as
long as another one stands behind it, and is filled again.

Lists that permit prefixes one by one are edited. A list with wide entries is not, since a
``deny`` and what it hides cannot be exchanged in one line: its successor is entered under another
slot, and it goes as a whole (its *generation* ends).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import count, pairwise

from nornir_bgp.exceptions import RefusedError
from nornir_bgp.frr.list_aggregation import aggregated
from nornir_bgp.frr.overrides import (
    EVERYTHING,
    FAMILIES,
    ListKey,
    OverrideClause,
    Overrides,
    exact_prefix,
    is_slot,
    slot,
    template_clause,
)
from nornir_bgp.frr.prefix_list import Entry, planned_entries
from nornir_bgp.frr.versions import FrrRules, Trap
from nornir_bgp.models.fields import Family, family_of
from nornir_bgp.models.settings import Policy

LONGEST = 100
"""Entries of a list where loading one is quadratic in its length (:attr:`Trap.SCANS`)."""

ENDLESS = 2**32
"""No list needs more: FRR numbers entries with 32 bits."""

_STEP = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a gateway is to prefer.

    Attributes:
        raised: the prefixes that get the policy's preference, each once.
        backup: those that get the backup preference.
        drained: every other route gets less than the default.
        aggregate_over: the prefixes of all routes that the lists will be asked about, where
            entries may be joined; ``None``: each prefix has an entry of its own.
    """

    raised: tuple[str, ...] = ()
    backup: tuple[str, ...] = ()
    drained: bool = False
    aggregate_over: Collection[str] | None = None


def planned_overrides(
    current: Overrides, wanted: Wanted, policy: Policy, rules: FrrRules
) -> Overrides:
    """Say what the overrides of a gateway are to be.

    Args:
        current: what they are.
        wanted: what they are to do.
        policy: the names and numbers of the policy objects.
        rules: the traps of the gateway's version.

    Raises:
        RefusedError: a preference that is needed is not below the next higher one, or the range
            of clauses is too small.
    """
    _check_preferences(wanted, policy)
    planning = _Planning(current, policy, LONGEST if Trap.SCANS in rules.traps else ENDLESS)
    for preference, prefixes in (
        (policy.local_preference, wanted.raised),
        (policy.backup_preference, wanted.backup),
    ):
        for family in FAMILIES:
            mine = [prefix for prefix in prefixes if family_of(prefix) == family]
            listed = _rules_of(mine, wanted.aggregate_over, family)
            if listed is None:
                planning.list_each(family, preference, mine)
            else:
                planning.list_rules(family, preference, listed)
    if wanted.drained:
        planning.drain()
    return planning.overrides()


def _check_preferences(wanted: Wanted, policy: Policy) -> None:
    """Refuse a tier whose preference would not do what it is for."""
    tiers = [("local_preference", policy.local_preference)]
    if wanted.backup:
        tiers.append(("backup_preference", policy.backup_preference))
    if wanted.drained:
        tiers.append(("drain_preference", policy.drain_preference))
    for (higher, more), (lower, less) in pairwise(tiers):
        if less >= more:
            raise RefusedError(f"policy: {lower} {less} must be below {higher} {more}; set it")


def _rules_of(
    prefixes: Collection[str], routes: Collection[str] | None, family: Family
) -> tuple[str, ...] | None:
    """The rules of an aggregated list; ``None``: each prefix is listed."""
    if routes is None or not prefixes:
        return None
    listed = aggregated(prefixes, [route for route in routes if family_of(route) == family])
    return None if len(listed) >= len(prefixes) else listed


class _Planning:
    """The overrides to be, as far as they are planned."""

    def __init__(self, current: Overrides, policy: Policy, longest: int) -> None:
        self._current = current
        self._policy = policy
        self._longest = longest
        self._lists: dict[ListKey, tuple[Entry, ...]] = {}
        self._clauses = {clause.number: clause for clause in current.clauses}
        """What stands stays for now, and its numbers are not given twice."""
        lists = (key.name.removeprefix(f"{policy.prefix_list}_") for key in current.lists)
        standing = {
            policy.first_clause + 1,
            *self._clauses,
            *current.unfinished,
            *current.taken,
            *(int(number) for number in lists if number.isdecimal()),
        }
        self._free = iter(range(max(standing) + 1, policy.last_clause))

    def list_each(self, family: Family, preference: int, prefixes: Sequence[str]) -> None:
        """Give each prefix an entry of its own, where it has one already if it has."""
        clauses = [c for c in self._tier(family, preference) if not self._is_whole(c)]
        places: dict[str, OverrideClause] = {}
        for clause in clauses:
            for entry in self._current.lists.get(clause.key, ()):
                if (prefix := exact_prefix(entry)) is not None:
                    places.setdefault(prefix, clause)
        shares: dict[OverrideClause, list[str]] = {clause: [] for clause in clauses}
        new: list[str] = []
        for prefix in prefixes:
            if prefix in places:
                shares[places[prefix]].append(prefix)
            else:
                new.append(prefix)
        rooms = self._rooms(shares, family, preference)
        while new:
            clause, room = next(rooms)
            shares.setdefault(clause, []).extend(new[:room])
            new = new[room:]
        for clause, share in shares.items():
            self._fill(clause, planned_entries(self._current.lists.get(clause.key, ()), share))

    def list_rules(self, family: Family, preference: int, rules: Sequence[str]) -> None:
        """Have lists of these rules, those that stand already and else new generations."""
        parts = [
            tuple(Entry(seq, rule) for seq, rule in zip(count(_STEP, _STEP), part, strict=False))
            for part in _parts(rules, family, self._longest)
        ]
        clauses = self._tier(family, preference)
        standing = {self._current.lists.get(clause.key, ()): clause for clause in clauses}
        empty = (clause for clause in clauses if not self._current.lists.get(clause.key))
        for part in parts:
            clause = standing.get(part) or next(empty, None) or self._new(family, preference)
            self._fill(clause, part)

    def drain(self) -> None:
        """Lower every route that no list before permits."""
        preference = self._policy.drain_preference
        for family in FAMILIES:
            mine = [c for c in self._clauses.values() if c.family == family]
            if family == 6 and template_clause(family, self._policy) not in mine:
                continue  # the template writes its clause where there is an exit of IPv6
            last = max((c.number for c in mine if c.key in self._lists), default=0)
            standing = [c for c in self._tier(family, preference) if c.number > last]
            clause = standing[0] if standing else self._new(family, preference)
            self._fill(clause, (Entry(_STEP, EVERYTHING[family]),))

    def overrides(self) -> Overrides:
        """Return what was planned, without the empty slots at the end."""
        others = {*self._current.taken, *self._current.unfinished}
        numbers = sorted({*self._clauses, *others}, reverse=True)
        for number in numbers:
            clause = self._clauses.get(number)
            if clause is None or clause.key in self._lists or not is_slot(number, self._policy):
                break
            del self._clauses[number]
        return Overrides(
            clauses=tuple(clause for _, clause in sorted(self._clauses.items())),
            lists=self._lists,
            unfinished=self._current.unfinished,
            taken=self._current.taken,
        )

    def _tier(self, family: Family, preference: int) -> list[OverrideClause]:
        """The clauses of one family that set one preference; the template's is always there."""
        first = template_clause(family, self._policy)
        clauses = {c for c in self._clauses.values() if c.family == family}
        return sorted(c for c in clauses | {first} if c.preference == preference)

    def _is_whole(self, clause: OverrideClause) -> bool:
        """Whether a list is one of joined entries, which is never edited.

        What a person has edited, or made, is not numbered so, and is edited as any other list.
        """
        entries = self._current.lists.get(clause.key, ())
        numbers = [entry.seq for entry in entries]
        return any(exact_prefix(entry) is None for entry in entries) and numbers == list(
            range(_STEP, _STEP * len(entries) + 1, _STEP)
        )

    def _rooms(
        self, shares: Mapping[OverrideClause, Sequence[str]], family: Family, preference: int
    ) -> Iterator[tuple[OverrideClause, int]]:
        """Say which lists take how many more entries, new ones at the end."""
        for clause, share in shares.items():
            if (room := self._longest - len(share)) > 0:
                yield clause, room
        while True:
            yield self._new(family, preference), self._longest

    def _new(self, family: Family, preference: int) -> OverrideClause:
        number = next(self._free, None)
        if number is None:
            raise RefusedError(
                f"the clauses {self._policy.first_clause} to {self._policy.last_clause - 1} of "
                f"{self._policy.route_map} are not enough for the lists of this plan; plan fewer "
                "prefixes (coverage, aggregate), or set last_clause"
            )
        clause = slot(number, family, preference, self._policy)
        self._clauses[number] = clause
        return clause

    def _fill(self, clause: OverrideClause, entries: tuple[Entry, ...]) -> None:
        if entries:
            self._clauses[clause.number] = clause
            self._lists[clause.key] = entries


def _parts(rules: Iterable[str], family: Family, longest: int) -> Iterator[tuple[str, ...]]:
    """Cut an ordered list into lists that permit the same, each as long as may be.

    Only entries of networks that overlap must stand in one list: what a ``deny`` there hides, the
    clause of another list would permit. A group of them that is longer stays together.
    """
    groups = _groups(rules, family)
    part: list[str] = []
    for group in groups:
        if part and len(part) + len(group) > longest:
            yield tuple(part)
            part = []
        part.extend(group)
    if part:
        yield tuple(part)


def _groups(rules: Iterable[str], family: Family) -> Iterator[list[str]]:
    """Group the rules whose networks overlap, in the order of their networks."""
    placed = sorted(
        (*_span(Entry(0, rule), family), place, rule) for place, rule in enumerate(rules)
    )
    group: list[tuple[int, str]] = []
    end = -1
    for first, last, place, rule in placed:
        if group and first > end:
            yield [text for _, text in sorted(group)]
            group = []
        group.append((place, rule))
        end = max(end, last)
    if group:
        yield [text for _, text in sorted(group)]


def _span(entry: Entry, family: Family) -> tuple[int, int]:
    """The first and the last address that an entry is about."""
    network = ip_network(entry.prefix_rule_in(family).network)
    return int(network.network_address), int(network.broadcast_address)
