"""What would stand on a router after a change: is a policy object open wider than anyone means?

The findings are the owner's to mend, before anything is sent. They complete
:mod:`nornir_bgp.frr.preflight`, which looks at the map's first and last clause.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_network

from nornir_bgp.frr.lint import SHORTEST
from nornir_bgp.frr.overrides import EVERYTHING, FAMILIES, ListKey, Overrides, is_our_list
from nornir_bgp.frr.prefix_list import Entry, parse_prefix_lists
from nornir_bgp.frr.running_config import sections
from nornir_bgp.frr.versions import RULES, Trap
from nornir_bgp.models.fields import Family
from nornir_bgp.models.settings import Policy

_CLAUSE = re.compile(r"route-map (?P<name>\S+) permit (?P<number>\d+)")
_LIST = r"(?P<list>(?:ip|ipv6) prefix-list (?P<name>\S+))"
_NUMBERED = re.compile(rf"{_LIST} seq ")
_DESCRIPTION = re.compile(rf"{_LIST} description")


def lint_policy(running_config: str, after: Overrides, policy: Policy) -> tuple[str, ...]:
    """Judge what would stand on a router after a change, as far as preflight does not.

    Args:
        running_config: what stands there before.
        after: what the overrides are to be.
        policy: the names and numbers of the policy objects.

    Returns:
        One sentence for each fault: a permit clause of the automation's range without a
        condition, which every route would match; a list of the automation's that is too wide; one
        with a description, which would permit every route when its last entry goes; and an export
        list that does so already.
    """
    findings: list[str] = []
    for header, lines in sections(running_config).items():
        clause = _CLAUSE.fullmatch(header)
        if (
            clause is not None
            and clause["name"] == policy.route_map
            and policy.first_clause < int(clause["number"]) < policy.last_clause
            and not any(line.startswith("match ") for line in lines)
        ):
            findings.append(
                f"{header} has no condition, so every route would match it; give it one, or "
                f"remove it: no {header}"
            )
    findings.extend(_described(running_config, policy))
    drains = {c.key for c in after.clauses if c.preference == policy.drain_preference}
    kept = {
        ListKey(family, name): entries
        for family in FAMILIES
        for name, entries in parse_prefix_lists(running_config, family).items()
        if name.startswith(policy.prefix_list) and not is_our_list(name, policy)
    }
    for key, entries in {**kept, **after.lists}.items():
        allowed = EVERYTHING[key.family] if key in drains else None
        findings.extend(
            f"{key.line(entry)} {fault}"
            for entry in entries
            if entry.rule != allowed and (fault := _too_open(entry, key.family))
        )
    return tuple(findings)


def _described(running_config: str, policy: Policy) -> Iterator[str]:
    """Name the lists that are, or could become, empty and yet there."""
    lines = sections(running_config).get("", ())
    filled = {m["list"] for line in lines if (m := _NUMBERED.match(line))}
    for line in lines:
        found = _DESCRIPTION.match(line)
        if found is None:
            continue
        ours = found["name"].startswith(policy.prefix_list)
        empty_export = found["name"] == policy.export_list and found["list"] not in filled
        if ours or empty_export:
            trap = RULES[Trap.EMPTY_PERMITS]
            yield (
                f"{found['list']} has a description{'' if ours else ' and no entry'}, and "
                f"{trap.says} ({trap.source}); remove it: no {found[0]}"
            )


def _too_open(entry: Entry, family: Family) -> str | None:
    """Say why a standing entry raises more than anyone can mean."""
    action, network, *_ = entry.rule.split()
    shortest = SHORTEST[family]
    if action == "permit" and (network == "any" or ip_network(network).prefixlen < shortest):
        return (
            f"would raise {'every route' if network == 'any' else network}; no prefix shorter "
            f"than /{shortest} is allocated, name those that are meant"
        )
    return None
