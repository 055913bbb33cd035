"""The overrides of a gateway as one value: the clauses that set LOCAL_PREF, and their lists.

The first clauses of the LOCAL_PREF map are the template's: one matches the IPv4 list and one the
IPv6 list of the policy's bare name, and both raise. Every further override clause is a *slot*:
clause N matches the list of the bare name and ``_N``. Slots carry what goes beyond one list of the
template's: further lists where a long one is slow, lists that replace one another, a backup tier,
and the list that drains a gateway.

A route has the preference of the first clause whose list permits it. A list that does not exist
permits nothing, so that a slot without one does nothing.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from nornir_bgp.frr.prefix_list import Entry, PrefixList, parse_prefix_lists
from nornir_bgp.frr.running_config import sections
from nornir_bgp.models.fields import Family, family_of
from nornir_bgp.models.settings import Policy

FAMILIES: tuple[Family, ...] = (4, 6)

KEYWORDS: Mapping[Family, str] = {4: "ip", 6: "ipv6"}
"""How FRR's lines about each family begin."""

EVERYTHING: Mapping[Family, str] = {4: "permit 0.0.0.0/0 le 32", 6: "permit ::/0 le 128"}
"""The rule that matches every route of a family; a gateway that is drained has it in a slot."""

_CLAUSE = re.compile(r"route-map (\S+) (permit|deny) (\d+)")
_MATCH = re.compile(r"match (ip|ipv6) address prefix-list (\S+)")
_SET = re.compile(r"set local-preference (\d+)")


class ListKey(NamedTuple):
    """What tells a prefix-list from all others: each family has its own names."""

    family: Family
    name: str

    def line(self, entry: Entry) -> str:
        """The configuration line that enters an entry into this list."""
        return entry.line(self.name, self.family)


class OverrideClause(NamedTuple):
    """One clause of the LOCAL_PREF map that matches one list and sets LOCAL_PREF.

    Attributes:
        number: its sequence number; clauses are tried in this order.
        family: the address family of the list.
        list_name: the list.
        preference: what it sets.
    """

    number: int
    family: Family
    list_name: str
    preference: int

    @property
    def key(self) -> ListKey:
        """Its list."""
        return ListKey(self.family, self.list_name)

    @property
    def condition(self) -> str:
        """Its condition, as FRR writes it."""
        return f"match {KEYWORDS[self.family]} address prefix-list {self.list_name}"

    def lines(self, policy: Policy) -> tuple[str, ...]:
        """The lines that make it, in an order in which it never does harm.

        At the end of the map a clause that has no condition yet, or sets nothing yet, lets a
        route pass as it is.
        """
        return (
            f"route-map {policy.route_map} permit {self.number}",
            self.condition,
            f"set local-preference {self.preference}",
            "exit",
        )


Lists = Mapping[ListKey, tuple[Entry, ...]]
"""The entries of lists, in the order of their numbers; a list that has none is left out."""


@dataclass(frozen=True)
class Overrides:
    """What a gateway prefers, and by which lines.

    Attributes:
        clauses: the override clauses, in the order of their numbers.
        lists: the entries of their lists.
        unfinished: the numbers of slots that lack their condition or what they set: somebody was
            interrupted.
        taken: the numbers of further clauses in the automation's range, which are somebody's own.
    """

    clauses: tuple[OverrideClause, ...] = ()
    lists: Lists = field(default_factory=dict)
    unfinished: tuple[int, ...] = ()
    taken: tuple[int, ...] = ()

    def preference(self, prefix: str) -> int | None:
        """Return the LOCAL_PREF that a route is given; ``None``: no list permits it.

        Args:
            prefix: the route's prefix in canonical text.
        """
        lookup = self._lookups[family_of(prefix)]
        first = lookup.exact.get(prefix, len(self.clauses))
        for place, listed in lookup.others:
            if place > first:
                break
            if listed.permits(prefix):
                first = place
                break
        return self.clauses[first].preference if first < len(self.clauses) else None

    def raised(self, preference: int) -> frozenset[str]:
        """The prefixes that a list permits one by one at a preference, whatever comes before."""
        return frozenset(
            prefix
            for clause in self.clauses
            if clause.preference == preference
            for entry in self.lists.get(clause.key, ())
            if (prefix := exact_prefix(entry))
        )

    def drained(self, policy: Policy) -> bool:
        """Whether every route that is not listed otherwise gets less than the default."""
        return any(
            clause.preference == policy.drain_preference
            and any(e.rule == EVERYTHING[clause.family] for e in self.lists.get(clause.key, ()))
            for clause in self.clauses
        )

    @property
    def contradicts_itself(self) -> bool:
        """A list shows two entries under one number: its daemons hold different lists."""
        return any(len({e.seq for e in some}) < len(some) for some in self.lists.values())

    def of_last_numbers(self) -> "Overrides":
        """Return these with one entry under each number, the last that is shown."""
        lists = {
            key: tuple({entry.seq: entry for entry in entries}.values())
            for key, entries in self.lists.items()
        }
        return replace(self, lists=lists)

    @property
    def entries(self) -> Iterator[tuple[ListKey, Entry]]:
        """Every entry with its list, in the order in which FRR shows them."""
        for key in sorted(self.lists):
            for entry in self.lists[key]:
                yield key, entry

    def config_lines(self, policy: Policy) -> Iterator[str]:
        """The configuration lines that make it, as FRR shows them, but for the template's."""
        yield from (key.line(entry) for key, entry in self.entries)
        for clause in self.clauses:
            if is_slot(clause.number, policy):
                head, *inside, last = clause.lines(policy)
                yield from (head, *(f" {line}" for line in inside), last)
        for number in self.unfinished:
            yield f"route-map {policy.route_map} permit {number}"

    @cached_property
    def _lookups(self) -> Mapping[Family, "_Lookup"]:
        return {family: _Lookup.of(self, family) for family in FAMILIES}


class _Lookup(NamedTuple):
    """The lists of one family as routes are looked up in them.

    Attributes:
        exact: prefix -> the place of the first clause whose list permits it, of lists that permit
            prefixes one by one.
        others: the other lists, with the places of their clauses.
    """

    exact: Mapping[str, int]
    others: Sequence[tuple[int, PrefixList]]

    @classmethod
    def of(cls, overrides: Overrides, family: Family) -> "_Lookup":
        exact: dict[str, int] = {}
        others: list[tuple[int, PrefixList]] = []
        for place, clause in enumerate(overrides.clauses):
            entries = overrides.lists.get(clause.key, ())
            if clause.family != family or not entries:
                continue
            prefixes = [exact_prefix(entry) for entry in entries]
            if None in prefixes:
                others.append((place, PrefixList(entries, family)))
            else:
                for prefix in prefixes:
                    exact.setdefault(str(prefix), place)
        return cls(exact, others)


def exact_prefix(entry: Entry) -> str | None:
    """Return the one prefix that an entry permits; ``None``: it does anything else."""
    action, network, *bounds = entry.rule.split()
    return network if action == "permit" and network != "any" and not bounds else None


def is_slot(number: int, policy: Policy) -> bool:
    """Whether a clause of the LOCAL_PREF map has a number that slots have."""
    return policy.first_clause + 1 < number < policy.last_clause


def template_clause(family: Family, policy: Policy) -> OverrideClause:
    """Return the clause that the template writes for a family."""
    number = policy.first_clause + (family == 6)
    return OverrideClause(number, family, policy.prefix_list, policy.local_preference)


def slot(number: int, family: Family, preference: int, policy: Policy) -> OverrideClause:
    """Return the slot of a number."""
    return OverrideClause(number, family, f"{policy.prefix_list}_{number}", preference)


def parse_overrides(running_config: str, policy: Policy) -> Overrides:
    """Read the overrides of a gateway.

    Args:
        running_config: the output of ``show running-config``, or a rendered configuration.
        policy: the names and numbers of the policy objects.
    """
    clauses: list[OverrideClause] = []
    unfinished: list[int] = []
    taken: list[int] = []
    for header, lines in sections(running_config).items():
        found = _CLAUSE.fullmatch(header)
        if found is None or found[1] != policy.route_map:
            continue
        number = int(found[3])
        if not policy.first_clause <= number < policy.last_clause:
            continue
        clause = _clause(number, lines) if found[2] == "permit" else None
        if clause is not None and _is_ours(clause, lines, policy):
            clauses.append(clause)
        elif found[2] == "permit" and _may_become_ours(number, lines, policy):
            unfinished.append(number)
        else:
            taken.append(number)
    listed = {family: parse_prefix_lists(running_config, family) for family in FAMILIES}
    return Overrides(
        clauses=tuple(sorted(clauses)),
        lists={
            ListKey(family, name): entries
            for family, lists in listed.items()
            for name, entries in lists.items()
            if is_our_list(name, policy)
        },
        unfinished=tuple(sorted(unfinished)),
        taken=tuple(sorted(taken)),
    )


def _clause(number: int, lines: Iterable[str]) -> OverrideClause | None:
    """Read a clause that matches one list and sets LOCAL_PREF."""
    conditions = [line for line in lines if line.startswith("match ")]
    values = [found[1] for line in lines if (found := _SET.fullmatch(line))]
    match = _MATCH.fullmatch(conditions[0]) if len(conditions) == 1 else None
    if match is None or len(values) != 1:
        return None
    return OverrideClause(number, 4 if match[1] == "ip" else 6, match[2], int(values[0]))


def _is_ours(clause: OverrideClause, lines: Sequence[str], policy: Policy) -> bool:
    """Whether a clause is the template's, to which its owner may add, or a slot."""
    if is_slot(clause.number, policy):
        expected = slot(clause.number, clause.family, clause.preference, policy)
        return clause == expected and set(lines) == set(expected.lines(policy)[1:3])
    return any(clause[:3] == template_clause(family, policy)[:3] for family in FAMILIES) and all(
        line.startswith(("match ", "set ", "description ")) for line in lines
    )


def _may_become_ours(number: int, lines: Iterable[str], policy: Policy) -> bool:
    """Whether a clause is a slot of which not every line has been said."""
    name = slot(number, 4, 0, policy).list_name
    return is_slot(number, policy) and all(
        _SET.fullmatch(line) or ((m := _MATCH.fullmatch(line)) and m[2] == name) for line in lines
    )


def is_our_list(name: str, policy: Policy) -> bool:
    """Whether a list has the policy's bare name, or that of a slot."""
    bare, _, number = name.partition(f"{policy.prefix_list}_")
    if name == policy.prefix_list:
        return True
    return (
        not bare
        and re.fullmatch("[1-9][0-9]{0,4}", number) is not None
        and is_slot(int(number), policy)
    )


def diff_overrides(current: Overrides, planned: Overrides, policy: Policy) -> str:
    """Show the change of a gateway as a unified diff of its configuration lines."""
    return "\n".join(
        difflib.unified_diff(
            list(current.config_lines(policy)),
            list(planned.config_lines(policy)),
            "running",
            "planned",
            lineterm="",
        )
    )
