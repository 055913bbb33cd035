"""What the network is at one moment: the gateways' lists, and what the edge routers' tables say."""

from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.lab.lab import Lab
from tests.lab.conftest import EDGES, GATEWAYS, overrides

PREFIXES = ("131.114.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
LAN = {"172.16.0.3": "GW1", "172.16.0.4": "GW2"}

Way = tuple[str, int | None] | None
"""The gateway and the LOCAL_PREF of a prefix's selected path; ``None``: no route."""


def lists_of(lab: Lab) -> dict[str, frozenset[Entry]]:
    return {gateway: frozenset(overrides(lab, gateway)) for gateway in GATEWAYS}


def tables_of(lab: Lab) -> dict[str, dict[str, Way]]:
    return {edge: _ways(lab.vtysh(edge, "show bgp ipv4 unicast json")) for edge in EDGES}


def _ways(text: str) -> dict[str, Way]:
    table = parse_json(text)
    ways: dict[str, Way] = {}
    for prefix in PREFIXES:
        best = table.best(prefix)
        ways[prefix] = best and (LAN.get(best.next_hop, best.next_hop), best.local_pref)
    return ways


def tables_for(assignment: dict[str, str]) -> dict[str, dict[str, Way]]:
    """The edge routers' tables when each prefix is raised at its gateway."""
    return {edge: {prefix: (gw, 200) for prefix, gw in assignment.items()} for edge in EDGES}


def overrides_for(assignment: dict[str, str]) -> dict[str, set[str]]:
    """The rules of the gateways' lists for an assignment."""
    return {gw: {f"permit {p}" for p, g in assignment.items() if g == gw} for gw in GATEWAYS}
