"""The last look at a change before it is sent: does every line say only what it may say?

The lines are made by code that should be right; here they are read again, as text, by code that
knows nothing of how they were made. :func:`lint_change` goes through them as FRR would, entry by
entry and clause by clause, and knows the traps of :mod:`nornir_bgp.frr.versions`. A finding there
is a fault of this program.

Too wide is what matches more than the one prefix that was planned (``any``, ``le``, ``ge``), unless
entries are joined, or a gateway is drained; and a prefix shorter than /8 (IPv6: /16): no allocation
is (IANA's registry of the IPv4 address space is one of /8s), so it is the default route, whose
traffic is all that no plan names.
"""

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_network

from nornir_bgp.frr.lint_state import ListState, SlotState
from nornir_bgp.frr.overrides import (
    EVERYTHING,
    KEYWORDS,
    ListKey,
    Overrides,
    is_slot,
    slot,
)
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.frr.versions import FrrRules, Trap
from nornir_bgp.models.fields import Family, canonical_prefix, family_of
from nornir_bgp.models.settings import Policy

SHORTEST: Mapping[Family, int] = {4: 8, 6: 16}
"""The shortest prefix length that may be raised, by address family."""

_NAME = r"[A-Za-z][A-Za-z0-9_.-]{0,63}"
_NUMBER = r"[1-9][0-9]{0,9}"
_LENGTH = r"[1-9]?[0-9]|1[01][0-9]|12[0-8]"
_ENTRY = re.compile(
    rf"(?P<no>no )?(?P<family>ip|ipv6) prefix-list (?P<name>{_NAME}) seq (?P<seq>{_NUMBER}) "
    rf"(?P<rule>(?:permit|deny) (?:any|(?P<prefix>[0-9a-f.:/]{{4,43}})"
    rf"(?: ge (?P<ge>{_LENGTH}))?(?: le (?P<le>{_LENGTH}))?))"
)
_CLAUSE = re.compile(
    rf"(?P<no>no )?route-map (?P<name>{_NAME}) permit (?P<number>[1-9][0-9]{{0,4}})"
)
_CONDITION = re.compile(
    rf"(?P<no>no )?match (?P<family>ip|ipv6) address prefix-list (?P<name>{_NAME})"
)
_SET = re.compile(r"set local-preference (?P<value>[1-9][0-9]{0,9})")
_FAMILIES: Mapping[str, Family] = {keyword: family for family, keyword in KEYWORDS.items()}


def lint_change(
    lines: Sequence[str],
    policy: Policy,
    rules: FrrRules,
    *,
    before: Overrides,
    after: Overrides,
    joined: bool = False,
    put_back: bool = False,
) -> tuple[str, ...]:
    """Judge the configuration lines of a change.

    Args:
        lines: what is to be sent, in its order.
        policy: the names and numbers of the override lists and clauses, outside of which nothing
            may be said.
        rules: the traps of the router's version.
        before: the overrides now.
        after: what they are to be when all lines are sent.
        joined: entries may stand for several prefixes, as an aggregated plan has them.
        put_back: these lines bring back what was there before, wide or not.

    Returns:
        One sentence for each fault, with the line and what to do about it; none: send it.
    """
    lint = _Lint(policy, rules, before, joined=joined, put_back=put_back)
    for line in lines:
        lint.take(line)
    lint.compare(after)
    return tuple(lint.findings)


class _Lint:
    """The lists and clauses as they become, line by line."""

    def __init__(
        self, policy: Policy, rules: FrrRules, before: Overrides, *, joined: bool, put_back: bool
    ) -> None:
        self.findings: list[str] = []
        self._policy = policy
        self._rules = rules
        self._joined = joined
        self._put_back = put_back
        self._lists = {key: ListState(key.family, entries) for key, entries in before.lists.items()}
        self._slots = {
            c.number: SlotState.of(c) for c in before.clauses if is_slot(c.number, policy)
        }
        self._slots |= {number: SlotState() for number in before.unfinished}
        self._taken = frozenset(before.taken)
        self._open: int | None = None

    def take(self, line: str) -> None:
        """Judge one line."""
        if self._open is not None and self._take_inside(line, self._open):
            return
        if entry := _ENTRY.fullmatch(line):
            self._take_entry(line, entry)
        elif clause := _CLAUSE.fullmatch(line):
            self._take_clause(line, clause)
        else:
            self._find(
                line,
                "is no line of the overrides; send only numbered entries of lists named "
                f"{self._policy.prefix_list}…, and the clauses that match them",
            )

    def compare(self, after: Overrides) -> None:
        """What was sent must have led to what was meant."""
        for key in sorted({*self._lists, *after.lists}):
            found = self._list(key)
            if set(found.entries.values()) != set(after.lists.get(key, ())):
                self.findings.append(f"the lines do not lead to the {key.name} that was planned")
            for seq in sorted(found.weak):
                self.findings.append(
                    f"{found.entries[seq].rule!r} stays in {key.name} under {seq}, but "
                    f"{self._rules.because(Trap.LOSES_SIBLINGS)}; remove it and enter it anew"
                )
        found_slots = {n: made for n, made in self._slots.items() if n not in after.unfinished}
        wanted = {
            c.number: SlotState.of(c) for c in after.clauses if is_slot(c.number, self._policy)
        }
        if found_slots != wanted:
            self.findings.append(
                f"the lines do not lead to the clauses of {self._policy.route_map} that were "
                "planned"
            )

    def _list(self, key: ListKey) -> ListState:
        return self._lists.setdefault(key, ListState(key.family, ()))

    def _take_clause(self, line: str, match: re.Match[str]) -> None:
        number = int(match["number"])
        if match["name"] != self._policy.route_map or not is_slot(number, self._policy):
            self._find(
                line,
                f"is no clause of {self._policy.route_map} between "
                f"{self._policy.first_clause + 1} and {self._policy.last_clause}",
            )
        elif number in self._taken:
            self._find(line, "is about a clause that is somebody else's")
        elif not match["no"]:
            last = max({*self._slots, *self._taken}, default=0)
            if number not in self._slots and number < last and not self._put_back:
                self._find(line, "makes a clause before another, where it would match every route")
            self._slots.setdefault(number, SlotState())
            self._open = number
        elif number not in self._slots:
            self._find(line, "removes what does not stand there; read the configuration again")
        else:
            gone = self._slots.pop(number)
            if any(self._list(key).entries for key in gone.conditions):
                self._find(line, "removes a clause whose list has entries; remove these first")

    def _take_inside(self, line: str, number: int) -> bool:
        """Judge a line of a clause; whether it is one."""
        made = self._slots[number]
        if line == "exit":
            self._open = None
        elif found := _CONDITION.fullmatch(line):
            named = ListKey(_FAMILIES[found["family"]], found["name"])
            if named.name != slot(number, 4, 0, self._policy).list_name:
                self._find(line, f"is about another list than that of clause {number}")
            elif not found["no"]:
                made.conditions.add(named)
            elif named not in made.conditions or len(made.conditions) == 1:
                self._find(line, "leaves a clause without a condition, which matches every route")
            else:
                made.conditions.discard(named)
        elif found := _SET.fullmatch(line):
            made.preference = int(found["value"])
            if made.preference not in self._policy.preferences and not self._put_back:
                self._find(line, "sets a preference that is none of the policy's")
        else:
            return False
        return True

    def _take_entry(self, line: str, match: re.Match[str]) -> None:
        key = ListKey(_FAMILIES[match["family"]], match["name"])
        entry = Entry(int(match["seq"]), match["rule"])
        if not key.name.startswith(self._policy.prefix_list):
            self._find(
                line, f"is about a list whose name does not begin with {self._policy.prefix_list}"
            )
        elif self._open is not None:
            self._find(line, f"is entered inside of clause {self._open}; leave that first")
        elif fault := _misspelled(match):
            self._find(line, fault)
        elif match["no"]:
            self._remove(line, self._list(key), entry)
        else:
            if not self._put_back and entry not in self._list(key).before:
                self._find(line, self._too_wide(key, entry))
            self._add(line, self._list(key), entry)

    def _too_wide(self, key: ListKey, entry: Entry) -> str | None:
        """Say why an entry is none that a plan can ask for."""
        if entry.rule == EVERYTHING[key.family] and self._drains(key):
            return None
        action, network, *bounds = entry.rule.split()
        if not self._joined:
            if action != "permit":
                return "hides what others permit; the automation only permits"
            if network == "any" or bounds:
                return "matches more than one prefix; permit the planned prefixes, one by one"
        shortest = SHORTEST[key.family]
        if action == "permit" and (network == "any" or ip_network(network).prefixlen < shortest):
            return f"is wider than /{shortest}, the widest that is allocated; plan longer prefixes"
        return None

    def _drains(self, key: ListKey) -> bool:
        """Whether a list's clause stands already, and lowers."""
        made = [s for s in self._slots.values() if s.conditions == {key}]
        return [s.preference for s in made] == [self._policy.drain_preference]

    def _remove(self, line: str, standing: ListState, entry: Entry) -> None:
        found = standing.remove(entry.seq)
        if found is None:
            self._find(line, "removes what does not stand there; read the list again")
            return
        if found.rule != entry.rule:
            because = self._rules.because(Trap.REMOVES_BY_NUMBER)
            self._find(line, f"does not name {found.rule!r}, which stands there: {because}")
        if Trap.LOSES_SIBLINGS in self._rules.traps:
            standing.weak |= standing.siblings(found)

    def _add(self, line: str, standing: ListState, entry: Entry) -> None:
        if found := standing.entries.get(entry.seq):
            trap = Trap.KEEPS_ANY
            because = f": {self._rules.because(trap)}" if trap in self._rules.traps else ""
            self._find(
                line, f"replaces {found.rule!r} under its number{because}; remove that first"
            )
        if Trap.IGNORES_TWINS in self._rules.traps and (twins := standing.twins(entry)):
            because = self._rules.because(Trap.IGNORES_TWINS)
            self._find(line, f"repeats entry {min(twins)}: {because}; remove that first")
        standing.add(entry)

    def _find(self, line: str, fault: str | None) -> None:
        if fault is not None:
            self.findings.append(f"{line!r} {fault}")


def _misspelled(match: re.Match[str]) -> str | None:
    """Say what FRR would refuse in an entry, or show in another spelling."""
    prefix = match["prefix"]
    if int(match["seq"]) >= 2**32 or prefix is None:
        too_large = "has a number that FRR does not take; number from 1 to 4294967295"
        return too_large if int(match["seq"]) >= 2**32 else None
    try:
        canonical = canonical_prefix(prefix)
    except ValueError as error:
        return f"has no canonical prefix: {error}"
    if canonical != prefix:
        return f"has no canonical prefix; write {canonical}"
    if family_of(prefix) != _FAMILIES[match["family"]]:
        return "is about a prefix of the other address family"
    return _out_of_order(prefix, [int(match[bound]) for bound in ("ge", "le") if match[bound]])


def _out_of_order(prefix: str, bounds: Sequence[int]) -> str | None:
    network = ip_network(prefix)
    lengths = [network.prefixlen, *bounds, network.max_prefixlen]
    if lengths != sorted(lengths):
        return "has lengths that are out of order; from short to long: the prefix, ge, le"
    return None
