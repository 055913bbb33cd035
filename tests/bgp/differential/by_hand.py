"""Samples that are put together by hand: networks that are known for what they do."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from pydantic import JsonValue

from tests.bgp.differential.generate import QUIET
from tests.bgp.differential.sample import Neighbour, Sample, Sent, SessionEvent, Wire
from tests.bgp.gadgets import Paths

PREFIX = "203.0.113.0/24"
LAN = "lan0"


def paths_problem(
    permitted: Paths, *rounds: int, events: Sequence[tuple[int, bool]] = ()
) -> Sample:
    """A network of one router per AS that solves a stable paths problem of Griffin et al.

    Node n is the router ``Nn`` of AS 65000+n; node 0 is an external neighbour. A route is let in
    where its AS path is permitted, with the LOCAL_PREF of its rank.

    Args:
        permitted: the problem.
        rounds: to which node 0 announces the prefix in each round.
        events: node 0's link to which node fails afterwards, or comes back.
    """
    pairs = {
        (min(pair), max(pair))
        for paths in permitted.values()
        for path in paths
        for pair in pairwise(path)
    }
    wires, neighbours = [], []
    ends: dict[int, list[tuple[int, str, str]]] = {node: [] for node in permitted}
    for one, other in sorted(pairs):
        near, far = f"10.{one}.{other}.0", f"10.{one}.{other}.1"
        ends[other].append((one, near, far))
        if one:
            ends[one].append((other, far, near))
            wires.append(Wire(f"N{one}", f"e{other}", f"N{other}", f"e{one}"))
        else:
            neighbours.append(
                Neighbour("N0", 65000, "172.20.0.1", near, f"N{other}", far, f"e{one}")
            )
    sent = {n.router: Sent(n.address, PREFIX, "65000") for n in neighbours}
    return Sample(
        0,
        tuple(_node(node, ends[node], paths) for node, paths in permitted.items()),
        tuple(wires),
        (),
        tuple(neighbours),
        tuple((sent[f"N{node}"],) for node in rounds),
        tuple(SessionEvent(sent[f"N{node}"].address, fails) for node, fails in events),
    )


def _node(
    node: int, ends: Sequence[tuple[int, str, str]], permitted: Sequence[tuple[int, ...]]
) -> dict[str, JsonValue]:
    lists: dict[str, JsonValue] = {}
    clauses: list[JsonValue] = []
    for rank, path in enumerate(permitted, 1):
        pattern = " ".join(str(65000 + one) for one in path[1:])
        lists[f"RANK{rank}"] = [{"permit": f"^{pattern}$"}]
        clauses.append(
            {
                "permit": 10 * rank,
                "match": {"as_path": f"RANK{rank}"},
                "set": {"local_preference": 1000 - rank},
            }
        )
    return {
        "hostname": f"N{node}",
        "interfaces": [
            {"name": f"e{other}", "ipv4_address": f"{own}/31"} for other, _, own in ends
        ],
        "as_path_lists": lists,
        "route_maps": {"RANKS": clauses},
        "bgp": {
            "as_number": 65000 + node,
            "router_id": f"192.168.0.{node}",
            "neighbors": [
                session(peer, 65000 + other, route_map_in="RANKS") for other, peer, _ in ends
            ],
            "networks": [],
            "aggregates": [],
        },
    }


def session(ip: str, remote_as: int, **options: JsonValue) -> dict[str, JsonValue]:
    """One BGP session of a device."""
    return {"ip": ip, "remote_as": remote_as, "timers": QUIET, **options}


def ospf_sample(
    costs: Mapping[tuple[int, int], int],
    sessions: Mapping[int, Sequence[dict[str, JsonValue]]],
    neighbours: Sequence[Neighbour],
    *rounds: Sequence[Sent],
    **bestpath: bool,
) -> Sample:
    """A network of AS 65000 on cables with OSPF.

    Args:
        costs: the cables: which two routers, and what OSPF counts.
        sessions: each router's iBGP sessions.
        neighbours: the external sessions.
        rounds: what is sent.
        bestpath: options of the decision.
    """
    links: dict[int, list[JsonValue]] = {
        n: [{"name": "lo", "ipv4_address": f"{loopback(n)}/32", "ospf": {}}] for n in sessions
    }
    for (one, other), cost in costs.items():
        for end, (here, there) in enumerate(((one, other), (other, one))):
            links[here].append(
                {
                    "name": f"e{there}",
                    "ipv4_address": f"10.{20 + one}.{other}.{end}/31",
                    "ospf": {"cost": cost, "point_to_point": True},
                }
            )
    for outside in neighbours:
        links[int(outside.router[1:])].append(
            {"name": outside.interface, "ipv4_address": f"{outside.router_address}/31"}
        )
    devices: list[dict[str, JsonValue]] = []
    for n, internal in sessions.items():
        external = [session(m.address, m.as_number) for m in neighbours if m.router == f"R{n}"]
        bgp = _bgp(n, [*internal, *external], bestpath={**bestpath})
        devices.append({"hostname": f"R{n}", "interfaces": links[n], "bgp": bgp})
    return Sample(
        0,
        tuple(devices),
        tuple(Wire(f"R{a}", f"e{b}", f"R{b}", f"e{a}") for a, b in costs),
        (),
        tuple(neighbours),
        tuple(tuple(sent) for sent in rounds),
    )


def loopback(number: int) -> str:
    """The loopback address of router Rn."""
    return f"10.255.0.{number}"


def _bgp(
    number: int, sessions: Sequence[dict[str, JsonValue]], **options: JsonValue
) -> dict[str, JsonValue]:
    """The BGP process of router Rn of AS 65000."""
    return {
        "as_number": 65000,
        "router_id": f"192.168.0.{number}",
        "neighbors": [*sessions],
        "networks": [],
        "aggregates": [],
        **options,
    }


def on_lan(number: int) -> str:
    """The address of router Rn on the common network."""
    return f"10.254.0.{number}"


def lan_router(
    number: int,
    *sessions: dict[str, JsonValue],
    external: Sequence[Neighbour] = (),
    **bgp: JsonValue,
) -> dict[str, JsonValue]:
    """A router of AS 65000 on the common network.

    Args:
        number: its number.
        sessions: its iBGP sessions.
        external: its external sessions.
        bgp: the options of its BGP process.
    """
    links = [(LAN, f"{on_lan(number)}/24")]
    links += [(n.interface, f"{n.router_address}/31") for n in external]
    return {
        "hostname": f"R{number}",
        "interfaces": [{"name": name, "ipv4_address": address} for name, address in links],
        "bgp": _bgp(
            number, [*sessions, *(session(n.address, n.as_number) for n in external)], **bgp
        ),
    }


def neighbour(number: int, router: int, as_number: int) -> Neighbour:
    """An external neighbour of a router, on a link of its own."""
    link = f"10.1.{number}"
    return Neighbour(
        f"N{number}",
        as_number,
        f"172.20.0.{number}",
        f"{link}.1",
        f"R{router}",
        f"{link}.0",
        f"x{number}",
    )


def lan_sample(
    devices: Sequence[dict[str, JsonValue]],
    neighbours: Sequence[Neighbour],
    *rounds: Sequence[Sent],
) -> Sample:
    """A network of routers that all stand on the common network."""
    names = [str(device["hostname"]) for device in devices]
    return Sample(
        0,
        tuple(devices),
        (),
        tuple((name, LAN) for name in names),
        tuple(neighbours),
        tuple(tuple(sent) for sent in rounds),
    )
