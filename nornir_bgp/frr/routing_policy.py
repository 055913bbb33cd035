"""The IPv4 prefix-lists, AS path lists, community lists and route-maps of a configuration.

What a clause does of which the model does not know a line: a condition that it does not know is
never met, so that the clause lets nothing pass and drops nothing; a change that it does not know is
not made. Both are told. A condition about IPv6 is never met by an IPv4 route, and is not told.

Two more are told, because the configuration does not show what FRR does: a condition that names a
prefix-list without an entry, which depends on what was configured first; and ``set comm-list …
delete`` beside ``set community``, which FRR carries out as they were entered, prints in an order of
its own, and carries out in that one after a restart.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.frr.running_config import Sections
from nornir_bgp.models.communities import community_number, community_text
from nornir_bgp.models.routing import (
    Clause,
    Match,
    MatchKind,
    PrefixRule,
    SetAction,
    SetKind,
    TextRule,
)

_STEP = 5
"""FRR numbers entries that come without a number in steps of five."""

_PREFIX_LIST = re.compile(
    r"ip prefix-list (?P<name>\S+) (?:seq (?P<seq>\d+) )?(?P<action>permit|deny) (?P<rest>.+)"
)
_DESCRIBED = re.compile(r"ip prefix-list (\S+) description .*")
_AS_PATH_LIST = re.compile(
    r"(?:bgp|ip) as-path access-list (?P<name>\S+) (?:seq (?P<seq>\d+) )?(?P<action>permit|deny) "
    r"(?P<rest>.+)"
)
_COMMUNITY_LIST = re.compile(
    r"(?:bgp|ip) community-list (?:(?P<style>standard|expanded) )?(?P<name>\S+) "
    r"(?:seq (?P<seq>\d+) )?(?P<action>permit|deny) (?P<rest>.+)"
)
_LAST_STANDARD = 99
"""Numbered community lists up to this one are standard ones, the others expanded ones."""

_CLAUSE = re.compile(r"route-map (\S+) (permit|deny) (\d+)")
_GOTO = re.compile(r"(?:on-match goto|continue) (\d+)")
_NO_CHANGE = re.compile(
    r"description .*|on-match next|continue|on-match goto \d+|continue \d+|match ipv6 .*|"
    r"set ipv6 .*|exit"
)

_BY_LIST = "match ip address prefix-list"
_NUMBER = r"\d{1,10}"
_MATCHES: tuple[tuple[re.Pattern[str], MatchKind], ...] = (
    (re.compile(rf"{_BY_LIST} (\S+)"), "prefix-list"),
    (re.compile(r"match as-path (\S+)"), "as-path"),
    (re.compile(r"match community (\S+)"), "community"),
    (re.compile(r"match community (\S+) exact-match"), "community exact"),
    (re.compile(rf"match metric ({_NUMBER})"), "metric"),
    (re.compile(rf"match local-preference ({_NUMBER})"), "local-preference"),
    (re.compile(r"match origin (igp|egp|incomplete)"), "origin"),
)
_SETS: tuple[tuple[re.Pattern[str], SetKind], ...] = (
    (re.compile(rf"set local-preference ([+-]?{_NUMBER})"), "local-preference"),
    (re.compile(rf"set metric ([+-]?{_NUMBER})"), "metric"),
    (re.compile(rf"set weight ({_NUMBER})"), "weight"),
    (re.compile(r"set origin (igp|egp|incomplete)"), "origin"),
    (re.compile(r"set as-path prepend (\d+(?: \d+)*)"), "as-path prepend"),
    (re.compile(r"set as-path prepend last-as (\d+)"), "as-path prepend last-as"),
    (re.compile(r"set community (.+)"), "community"),
    (re.compile(r"set comm-list (\S+) delete"), "community delete"),
    (re.compile(r"set ip next-hop (\d+\.\d+\.\d+\.\d+|peer-address|unchanged)"), "next-hop"),
)


@dataclass
class PolicyObjects:
    """The objects, each by its name; the order is FRR's.

    Attributes:
        prefix_lists: the entries of each list; a list that has only a description has none.
        as_path_lists: likewise.
        community_lists: likewise.
        route_maps: the clauses of each map.
        not_modelled: the lines that the model does not know, with the header of their clause.
    """

    prefix_lists: dict[str, tuple[PrefixRule, ...]] = field(default_factory=dict)
    as_path_lists: dict[str, tuple[TextRule, ...]] = field(default_factory=dict)
    community_lists: dict[str, tuple[TextRule, ...]] = field(default_factory=dict)
    route_maps: dict[str, tuple[Clause, ...]] = field(default_factory=dict)
    not_modelled: list[str] = field(default_factory=list)


class _ListLine(NamedTuple):
    """One entry of a list as it stands in the configuration; ``seq`` may be missing."""

    name: str
    seq: int | None
    permits: bool
    rest: str
    style: str | None = None


def policy_objects(config: Sections) -> PolicyObjects:
    """Read the policy objects of a configuration.

    Args:
        config: the configuration, taken apart.
    """
    found = PolicyObjects()
    top = config.get("", ())
    for line in top:
        if described := _DESCRIBED.fullmatch(line):
            found.prefix_lists.setdefault(described[1], ())
    for name, entries in _numbered(_lines(_PREFIX_LIST, top)).items():
        rules = ((entry, _prefix_rule(entry)) for entry in entries)
        found.prefix_lists[name] = tuple(rule for _, rule in rules if rule is not None)
    for name, entries in _numbered(_lines(_AS_PATH_LIST, top)).items():
        found.as_path_lists[name] = tuple(TextRule(e.permits, e.rest) for e in entries)
    for name, entries in _numbered(_lines(_COMMUNITY_LIST, top)).items():
        found.community_lists[name] = tuple(map(_community_rule, entries))
    _read_route_maps(config, found)
    return found


def _lines(pattern: re.Pattern[str], lines: Iterable[str]) -> Iterator[_ListLine]:
    for line in lines:
        if match := pattern.fullmatch(line):
            parts = match.groupdict()
            seq = None if parts["seq"] is None else int(parts["seq"])
            yield _ListLine(
                parts["name"], seq, parts["action"] == "permit", parts["rest"], parts.get("style")
            )


def _numbered(lines: Iterable[_ListLine]) -> dict[str, list[_ListLine]]:
    """Put the entries of each list in order; a number that comes again replaces its entry."""
    lists: dict[str, dict[int, _ListLine]] = {}
    for line in lines:
        entries = lists.setdefault(line.name, {})
        seq = line.seq
        if seq is None:
            seq = max(entries, default=0) // _STEP * _STEP + _STEP
        entries[seq] = line
    return {name: [entries[seq] for seq in sorted(entries)] for name, entries in lists.items()}


def _prefix_rule(line: _ListLine) -> PrefixRule | None:
    """Return the entry; ``None`` where it is not one that FRR takes."""
    try:
        return Entry(0, f"{'permit' if line.permits else 'deny'} {line.rest}").prefix_rule
    except ValueError:
        return None


def _community_rule(line: _ListLine) -> TextRule:
    is_number = line.name.isascii() and line.name.isdigit()
    standard = line.style == "standard" or (
        line.style is None and is_number and int(line.name) <= _LAST_STANDARD
    )
    if not standard:
        return TextRule(line.permits, line.rest)
    return TextRule(line.permits, _communities(line.rest.split()), standard=True)


def _communities(words: Iterable[str]) -> str:
    """Write communities as FRR does, in its order; what is none stays, and no route carries it."""
    numbers: set[int] = set()
    others: list[str] = []
    for word in words:
        try:
            numbers.add(community_number(word))
        except ValueError:
            others.append(word)
    return " ".join((*map(community_text, sorted(numbers)), *others))


def _read_route_maps(config: Sections, found: PolicyObjects) -> None:
    clauses: dict[str, dict[int, Clause]] = {}
    for header, lines in config.items():
        match = _CLAUSE.fullmatch(header)
        if match is None:
            continue
        number = int(match[3])
        clause = Clause(
            number=number,
            permits=match[2] == "permit",
            matches=_matches(lines),
            sets=_sets(lines),
            goto=_goto(lines, number),
        )
        clauses.setdefault(match[1], {})[number] = clause
        empty = {f"{_BY_LIST} {name}" for name, rules in found.prefix_lists.items() if not rules}
        found.not_modelled.extend(
            f"{header}: {line}"
            for line in lines
            if line in empty or not _is_known(line) or _is_out_of_order(line, clause)
        )
    found.route_maps.update(
        (name, tuple(numbered[number] for number in sorted(numbered)))
        for name, numbered in clauses.items()
    )


def _matches(lines: Iterable[str]) -> tuple[Match, ...]:
    """Read the conditions; of one kind there is one in FRR, the last that was said."""
    found: dict[str, Match] = {}
    for line in lines:
        if line.startswith("match "):
            match = _match(line)
            key = line if match.kind == "never" else match.kind.removesuffix(" exact")
            found[key] = match
    return tuple(sorted(found.values()))  # all must hold; FRR prints them in an order of its own


def _match(line: str) -> Match:
    for pattern, kind in _MATCHES:
        if match := pattern.fullmatch(line):
            return Match(kind, match[1])
    return Match("never", line)


def _sets(lines: Iterable[str]) -> tuple[SetAction, ...]:
    """Read the changes; of one kind there is one in FRR, the last that was said."""
    found: dict[str, SetAction] = {}
    for line in lines:
        action = _set(line)
        if action is not None:
            key = action.kind.removesuffix(" last-as").removesuffix(" additive")
            found[key] = action
    return tuple(found.values())


def _set(line: str) -> SetAction | None:
    for pattern, kind in _SETS:
        if match := pattern.fullmatch(line):
            return _set_community(match[1]) if kind == "community" else SetAction(kind, match[1])
    return None


def _set_community(text: str) -> SetAction:
    words = text.split()
    named = _communities(word for word in words if word != "additive")
    return SetAction("community additive" if "additive" in words else "community", named)


def _goto(lines: Iterable[str], number: int) -> int | None:
    goto = None
    for line in lines:
        if line in ("on-match next", "continue"):
            goto = number + 1
        elif match := _GOTO.fullmatch(line):
            goto = int(match[1])
    return goto


def _is_out_of_order(line: str, clause: Clause) -> bool:
    """Say whether a change may be carried out before or after another, and it matters which."""
    kinds = {action.kind for action in clause.sets}
    return line.startswith("set comm-list ") and bool(kinds & {"community", "community additive"})


def _is_known(line: str) -> bool:
    if _NO_CHANGE.fullmatch(line) is not None:
        return True
    if line.startswith("match "):
        return _match(line).kind != "never"
    return _set(line) is not None
