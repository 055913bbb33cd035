"""The last look at a change before it is sent: does every line say only what it may say?

The lines are made by code that should be right; here they are read again, as text, by code that
knows nothing of how they were made. :func:`lint_change` goes through them as FRR would, entry by
entry, and knows the traps of :mod:`nornir_bgp.frr.versions`. A finding there is a fault of this
program.

Too wide is what matches more than the one prefix that was planned (``any``, ``le``, ``ge``), and a
prefix shorter than /8: no allocation is (IANA's registry of the IPv4 address space is one of /8s),
so it is the default route, whose traffic is all that no plan names.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network

from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.frr.versions import FrrRules, Trap
from nornir_bgp.models.fields import canonical_prefix
from nornir_bgp.models.settings import Policy

SHORTEST = 8
"""The shortest prefix length that may be raised."""

_NAME = r"[A-Za-z][A-Za-z0-9_.-]{0,63}"
_NUMBER = r"[1-9][0-9]{0,9}"
_LENGTH = r"[12]?[0-9]|3[0-2]"
_ENTRY = re.compile(
    rf"(?P<no>no )?ip prefix-list (?P<name>{_NAME}) seq (?P<seq>{_NUMBER}) "
    rf"(?P<rule>(?:permit|deny) (?:any|(?P<prefix>[0-9./]{{9,18}})"
    rf"(?: ge (?P<ge>{_LENGTH}))?(?: le (?P<le>{_LENGTH}))?))"
)

NamedLists = Mapping[str, Sequence[Entry]]
"""The entries of lists, by list name."""


def lint_change(
    lines: Sequence[str],
    policy: Policy,
    rules: FrrRules,
    *,
    before: NamedLists,
    after: NamedLists,
    put_back: bool = False,
) -> tuple[str, ...]:
    """Judge the configuration lines of a change.

    Args:
        lines: what is to be sent, in its order.
        policy: the name of the override lists, outside of which nothing may be said.
        rules: the traps of the router's version.
        before: the entries of the lists now; a list that is not named has none.
        after: what the lists are to hold when all lines are sent.
        put_back: these lines bring back what was there before, wide or not.

    Returns:
        One sentence for each fault, with the line and what to do about it; none: send it.
    """
    lint = _Lint(policy, rules, before)
    for line in lines:
        lint.take(line, put_back=put_back)
    lint.compare(after)
    return tuple(lint.findings)


class _List:
    """A list as it becomes, line by line, with its entries by what an edit can collide with."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.before = frozenset(entries)
        self.entries: dict[int, Entry] = {}
        self.weak: set[int] = set()
        """Entries that stand, but have lost a sibling since they were entered."""
        self._of_rule: defaultdict[str, set[int]] = defaultdict(set)
        self._of_network: defaultdict[str, set[int]] = defaultdict(set)
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        self.remove(entry.seq)
        self.entries[entry.seq] = entry
        self._of_rule[entry.rule].add(entry.seq)
        self._of_network[entry.network].add(entry.seq)

    def remove(self, seq: int) -> Entry | None:
        """Take an entry away and return it, if it is there."""
        entry = self.entries.pop(seq, None)
        self.weak.discard(seq)
        if entry is not None:
            self._of_rule[entry.rule].discard(seq)
            self._of_network[entry.network].discard(seq)
        return entry

    def siblings(self, entry: Entry) -> set[int]:
        """The other entries for its network."""
        return self._of_network[entry.network] - {entry.seq}

    def twins(self, entry: Entry) -> set[int]:
        """The other entries that say the same."""
        return self._of_rule[entry.rule] - {entry.seq}


class _Lint:
    """The lists as they become, line by line."""

    def __init__(self, policy: Policy, rules: FrrRules, before: NamedLists) -> None:
        self.findings: list[str] = []
        self._policy = policy
        self._rules = rules
        self._lists = {name: _List(entries) for name, entries in before.items()}

    def take(self, line: str, *, put_back: bool) -> None:
        """Judge one line."""
        entry = _ENTRY.fullmatch(line)
        if entry is not None:
            self._take_entry(line, entry, put_back=put_back)
        else:
            self._find(
                line,
                "is no line of an override list; send only numbered entries of lists named "
                f"{self._policy.prefix_list}…",
            )

    def compare(self, after: NamedLists) -> None:
        """What was sent must have led to what was meant."""
        for name, entries in after.items():
            found = self._list(name)
            if set(found.entries.values()) != set(entries):
                self.findings.append(f"the lines do not lead to the {name} that was planned")
            for seq in sorted(found.weak):
                self.findings.append(
                    f"{found.entries[seq].rule!r} stays in {name} under {seq}, but "
                    f"{self._rules.because(Trap.LOSES_SIBLINGS)}; remove it and enter it anew"
                )

    def _list(self, name: str) -> _List:
        return self._lists.setdefault(name, _List(()))

    def _take_entry(self, line: str, match: re.Match[str], *, put_back: bool) -> None:
        name, entry = match["name"], Entry(int(match["seq"]), match["rule"])
        if not name.startswith(self._policy.prefix_list):
            self._find(
                line, f"is about a list whose name does not begin with {self._policy.prefix_list}"
            )
        elif fault := _misspelled(match):
            self._find(line, fault)
        elif match["no"]:
            self._remove(line, self._list(name), entry)
        else:
            if not put_back and entry not in self._list(name).before:
                self._find(line, _too_wide(entry))
            self._add(line, self._list(name), entry)

    def _remove(self, line: str, standing: _List, entry: Entry) -> None:
        found = standing.remove(entry.seq)
        if found is None:
            self._find(line, "removes what does not stand there; read the list again")
            return
        if found.rule != entry.rule:
            because = self._rules.because(Trap.REMOVES_BY_NUMBER)
            self._find(line, f"does not name {found.rule!r}, which stands there: {because}")
        if Trap.LOSES_SIBLINGS in self._rules.traps:
            standing.weak |= standing.siblings(found)

    def _add(self, line: str, standing: _List, entry: Entry) -> None:
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
    if int(match["seq"]) >= 2**32:
        return "has a number that FRR does not take; number from 1 to 4294967295"
    prefix = match["prefix"]
    if prefix is None:
        return None
    try:
        canonical = canonical_prefix(prefix)
    except ValueError as error:
        return f"has no canonical prefix: {error}"
    if canonical != prefix:
        return f"has no canonical prefix; write {canonical}"
    length = IPv4Network(prefix).prefixlen
    lengths = [length, *(int(match[bound]) for bound in ("ge", "le") if match[bound])]
    if lengths != sorted(lengths):
        return "has lengths that are out of order; from short to long: the prefix, ge, le"
    return None


def _too_wide(entry: Entry) -> str | None:
    """Say why an entry is none that a plan can ask for."""
    action, network, *bounds = entry.rule.split()
    if action != "permit":
        return "hides what others permit; the automation only permits"
    if network == "any" or bounds:
        return "matches more than one prefix; permit the planned prefixes, one by one"
    if IPv4Network(network).prefixlen < SHORTEST:
        return f"is wider than /{SHORTEST}, the widest that is allocated; plan longer prefixes"
    return None
