"""Is a gateway ready to be steered? Read from its configuration and its sessions."""

import re
from collections.abc import Collection, Iterator

from nornir_bgp.frr.prefix_list import parse_prefix_lists
from nornir_bgp.frr.running_config import Sections, sections
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.settings import Policy


def preflight(
    running_config: str,
    established: Collection[str],
    exits: tuple[Exit, ...],
    policy: Policy,
    *,
    allow_transit: bool,
) -> tuple[str, ...]:
    """Say what a gateway lacks before prefixes can be steered through it.

    Args:
        running_config: its ``show running-config``.
        established: the addresses of the neighbours whose session is established.
        exits: the exits of this gateway.
        policy: the names and numbers of the policy objects.
        allow_transit: an exit without an outbound policy is accepted.

    Returns:
        One sentence for each thing that is missing; empty: the gateway is ready.
    """
    config = sections(running_config)
    findings = list(_map_findings(config, policy))
    for exit_ in exits:
        neighbor = str(exit_.neighbor)
        if neighbor not in established:
            findings.append(f"the session to {neighbor} is not established")
        applied = _policies(config, neighbor)
        if ("route-map", policy.route_map, "in") not in applied:
            findings.append(f"missing: neighbor {neighbor} route-map {policy.route_map} in")
        outbound = [(kind, name) for kind, name, direction in applied if direction == "out"]
        if not allow_transit:
            findings.extend(_transit_findings(running_config, config, neighbor, outbound))
    return tuple(findings)


def _map_findings(config: Sections, policy: Policy) -> Iterator[str]:
    first = f"route-map {policy.route_map} permit {policy.first_clause}"
    needed = (
        f"match ip address prefix-list {policy.prefix_list}",
        f"set local-preference {policy.local_preference}",
    )
    if first not in config:
        yield f"missing: {first}"
    else:
        for line in needed:
            if line not in config[first]:
                yield f"missing: {line}, in {first}"
    last = f"route-map {policy.route_map} permit {policy.last_clause}"
    if last not in config:
        yield f"missing: {last}; without it every other route of the exit is dropped"
    elif config[last]:
        yield f"{last} must let every route pass unchanged, but holds: {'; '.join(config[last])}"


_APPLIED = re.compile(r"^neighbor (\S+) (route-map|prefix-list|filter-list) (\S+) (in|out)$")
_MEMBER = re.compile(r"^neighbor (\S+) peer-group (\S+)$")


def _policies(config: Sections, neighbor: str) -> list[tuple[str, str, str]]:
    """List (kind, name, direction) of what applies to a session, its peer group's included."""
    lines = [
        line
        for header, under in config.items()
        if header.startswith("router bgp ")
        and ("/" not in header or header.endswith("/address-family ipv4 unicast"))
        for line in under
    ]
    names = {neighbor}
    names.update(m[2] for line in lines if (m := _MEMBER.match(line)) and m[1] == neighbor)
    return [(m[2], m[3], m[4]) for line in lines if (m := _APPLIED.match(line)) and m[1] in names]


def _transit_findings(
    running_config: str, config: Sections, neighbor: str, outbound: list[tuple[str, str]]
) -> Iterator[str]:
    if not outbound:
        yield (
            f"missing: an outbound policy on neighbor {neighbor}; without one this plan would "
            "make us a transit network (set export_prefixes and deploy, or allow_transit)"
        )
    lists = parse_prefix_lists(running_config)
    for kind, name in outbound:
        if kind == "route-map":
            clauses = [h for h in config if h.startswith(f"route-map {name} ") and "/" not in h]
            if not clauses:
                yield f"missing: route-map {name}, applied outbound on neighbor {neighbor}"
            for header in clauses:
                conditions = [line for line in config[header] if line.startswith("match ")]
                if f"route-map {name} permit " in header and not conditions:
                    yield f"{header} lets every route out to neighbor {neighbor}: no match line"
        elif "permit any" in (entry.rule for entry in lists.get(name, ())):
            yield f"prefix-list {name} lets every route out to neighbor {neighbor}"
