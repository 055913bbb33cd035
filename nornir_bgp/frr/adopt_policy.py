"""From the lists and route-maps of a running configuration to the device model.

A list or a route-map is taken as a whole or not at all: what the model could say only in part
stays its owner's, and so does a route-map that refers to such a list.
"""

import re
from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from nornir_bgp.frr.driver import CLAUSE
from nornir_bgp.frr.running_config import Sections
from nornir_bgp.models.device_policy import Policies, reserved_names
from nornir_bgp.models.policy_lists import STEP
from nornir_bgp.models.settings import Policy

_ENTRY = r"(?P<name>\S+) seq (?P<seq>\d+) (?P<action>permit|deny)"
_PREFIX = rf"{_ENTRY} (?P<text>\S+)(?: ge (?P<ge>\d+))?(?: le (?P<le>\d+))?"
_TEXT = rf"{_ENTRY} (?P<text>.+)"

_LISTS = {
    "prefix_lists": ("ip prefix-list ", _PREFIX),
    "ipv6_prefix_lists": ("ipv6 prefix-list ", _PREFIX),
    "as_path_lists": ("bgp as-path access-list ", _TEXT),
    "community_lists": ("bgp community-list standard ", _TEXT),
    "expanded_community_lists": ("bgp community-list expanded ", _TEXT),
}
"""Field of the device -> how a line of such a list begins, and an entry goes on."""

_NUMBER = r"([0-9]+)"
_CLAUSE_LINES: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), part, field)
    for pattern, part, field in (
        (r"match as-path (\S+)", "match", "as_path"),
        (r"match community (\S+)", "match", "community"),
        (r"match community (\S+) exact-match", "match", "community_exact"),
        (r"match ip address prefix-list (\S+)", "match", "prefix_list"),
        (r"match ipv6 address prefix-list (\S+)", "match", "ipv6_prefix_list"),
        (rf"match local-preference {_NUMBER}", "match", "local_preference"),
        (rf"match metric {_NUMBER}", "match", "metric"),
        (r"match origin (\S+)", "match", "origin"),
        (r"on-match (next)", "", "goto"),
        (rf"on-match goto {_NUMBER}", "", "goto"),
        (r"set as-path prepend ([0-9 ]+)", "set", "prepend"),
        (rf"set as-path prepend last-as {_NUMBER}", "set", "prepend_last_as"),
        (r"set comm-list (\S+) delete", "set", "community_delete"),
        (r"set community (.+) additive", "set", "community_additive"),
        (r"set community (.+)", "set", "community"),
        (r"set ip next-hop (\S+)", "set", "next_hop"),
        (rf"set local-preference {_NUMBER}", "set", "local_preference"),
        (r"set local-preference ([+-][0-9]+)", "set", "local_preference_change"),
        (rf"set metric {_NUMBER}", "set", "metric"),
        (r"set metric ([+-][0-9]+)", "set", "metric_change"),
        (r"set origin (\S+)", "set", "origin"),
        (rf"set weight {_NUMBER}", "set", "weight"),
    )
)
"""A line of a clause, and where the device model says it; the first that fits."""

_TEXTS = frozenset({"as_path", "community", "community_exact", "prefix_list", "ipv6_prefix_list"})
"""Fields whose values are names, though a name may be a number."""


def policies_of(config: Sections, policy: Policy) -> Policies:
    """Take the lists and route-maps that the device model has words for.

    Args:
        config: a running configuration.
        policy: the names that are the settings' own.
    """
    taken = Policies()
    for field, (start, pattern) in _LISTS.items():
        for name, lines in _by_name(config[""], start).items():
            rules = _rules(lines, re.compile(pattern))
            taken = _with(taken, field, name, rules, policy)
    clauses: dict[str, list[tuple[str, str]]] = {}
    for line in config[""]:
        if header := CLAUSE.match(line):
            clauses.setdefault(header[1], []).append((line, f"{header[2]} {header[3]}"))
    for name, headers in clauses.items():
        found = [_clause(config[line], action) for line, action in headers]
        taken = _with(taken, "route_maps", name, None if None in found else found, policy)
    return taken


def _with(policies: Policies, field: str, name: str, value: object, policy: Policy) -> Policies:
    """Add an object to the policies, if they can hold it."""
    if value is None:
        return policies
    held: Mapping[str, object] = getattr(policies, field)
    try:
        found = Policies.model_validate({**dict(policies), field: {**held, name: value}})
    except ValidationError:
        return policies
    return policies if any(reserved_names(found, policy)) else found


def _by_name(lines: Iterable[str], start: str) -> dict[str, list[str]]:
    """Return what follows the start of some lines, by the first word of it."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith(start):
            rest = line.removeprefix(start)
            found.setdefault(rest.split()[0], []).append(rest)
    return found


def _rules(lines: Iterable[str], pattern: re.Pattern[str]) -> list[dict[str, object]] | None:
    """Read the entries of a list; ``None``: the model cannot say one of them."""
    rules: list[dict[str, object]] = []
    last = 0
    for line in lines:
        entry = pattern.fullmatch(line)
        if entry is None:
            return None
        words = entry.groupdict()
        rule: dict[str, object] = {words["action"]: words["text"]}
        rule |= {length: int(words[length]) for length in ("ge", "le") if words.get(length)}
        seq = int(words["seq"])
        if seq != last + STEP:
            rule["seq"] = seq
        rules.append(rule)
        last = seq
    return rules


def _clause(lines: Iterable[str], header: str) -> dict[str, object] | None:
    """Read a clause; ``None``: the model cannot say one of its lines."""
    action, _, number = header.partition(" ")
    clause: dict[str, object] = {action: int(number)}
    for line in lines:
        found = _said(line)
        if found is None:
            return None
        part, field, text = found
        owner = clause.setdefault(part, {}) if part else clause
        if not isinstance(owner, dict) or field in owner:
            return None
        owner[field] = _value(field, text)
    return clause


def _said(line: str) -> tuple[str, str, str] | None:
    """Return where the device model says a line of a clause, and the value."""
    for pattern, part, field in _CLAUSE_LINES:
        if match := pattern.fullmatch(line):
            return part, field, match[1]
    return None


def _value(field: str, text: str) -> object:
    if field == "prepend":
        return [int(number) for number in text.split()]
    if field in _TEXTS or not re.fullmatch(r"[+-]?[0-9]+", text):
        return text
    return int(text)
