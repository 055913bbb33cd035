"""Small networks for the tests, put together by hand."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Interface
from itertools import pairwise

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.domain import Announcement, Domain, ExternalPeer
from nornir_bgp.bgp.propagation import Outcome
from nornir_bgp.bgp.route import Route
from nornir_bgp.models.rib import Path
from nornir_bgp.models.routing import (
    Clause,
    DecisionOptions,
    Filters,
    Match,
    OwnNetwork,
    Router,
    RouterInterface,
    RouterSession,
    SetAction,
    TextRule,
)
from tests.bgp.gadgets import Paths

DEFAULTS = DecisionOptions()
PREFIX = "203.0.113.0/24"


PEER = "172.16.1.1"
OUTSIDE = {"R1": [(PEER, 65100)]}
"""For :func:`mesh`: one external peer, at R1."""


def interface(name: str, address: str, cost: int | None = None) -> RouterInterface:
    return RouterInterface(name, IPv4Interface(address), cost)


def announced(
    name: str, peer: str, path: str, time: int = 0, prefix: str = PREFIX, **attributes: object
) -> Announcement:
    return Announcement(name, peer, prefix, Route(peer, AsPath.parse(path), **attributes), time)


def best(outcome: Outcome, router: str, prefix: str = PREFIX) -> Path | None:
    """What a router has selected."""
    return outcome.rib(router).best(prefix)


def paths_problem(permitted: Paths) -> Domain:
    """A network of one router per AS that solves a stable paths problem of Griffin et al.

    Node n is the router ``Nn`` of AS n; node 0 is AS 100, which announces the prefix. A route is
    let in where its AS path is permitted, with the LOCAL_PREF of its rank.
    """
    nodes = [0, *permitted]
    links = sorted({tuple(sorted(pair)) for paths in permitted.values() for pair in steps(paths)})
    ends: dict[int, list[tuple[int, str, str]]] = {node: [] for node in nodes}
    for number, (one, other) in enumerate(links):
        ends[one].append((other, f"10.0.{number}.0", f"10.0.{number}.1"))
        ends[other].append((one, f"10.0.{number}.1", f"10.0.{number}.0"))
    return Domain({f"N{node}": _node(node, ends[node], permitted.get(node, ())) for node in nodes})


def as_number(node: int) -> int:
    return node or 100


def steps(paths: Sequence[tuple[int, ...]]) -> list[tuple[int, int]]:
    return [pair for path in paths for pair in pairwise(path)]


def _node(
    node: int, ends: list[tuple[int, str, str]], permitted: Sequence[tuple[int, ...]]
) -> Router:
    lists, clauses = {}, []
    for rank, path in enumerate(permitted):
        text = " ".join(str(as_number(one)) for one in path[1:])
        lists[f"RANK{rank}"] = (TextRule(True, f"^{text}$"),)
        preference = SetAction("local-preference", str(1000 - rank))
        clauses.append(Clause(10 + rank, True, (Match("as-path", f"RANK{rank}"),), (preference,)))
    sessions = tuple(
        RouterSession(peer, as_number(other), inbound=Filters(route_map="RANKS"))
        for other, _, peer in ends
    )
    return Router(
        f"N{node}",
        as_number(node),
        f"192.168.0.{node + 1}",
        interfaces=tuple(interface(f"to{other}", f"{own}/31") for other, own, _ in ends),
        sessions=sessions,
        networks=(OwnNetwork(PREFIX),) if node == 0 else (),
        options=DecisionOptions(maximum_paths=1, maximum_paths_ibgp=1),
        route_maps={"RANKS": tuple(clauses)},
        as_path_lists=lists,
    )


def mesh(
    size: int,
    *,
    options: DecisionOptions = DEFAULTS,
    peers: Mapping[str, Sequence[tuple[str, int]]] | None = None,
    clients: Mapping[str, Sequence[str]] | None = None,
    costs: Mapping[frozenset[str], int] | None = None,
) -> Domain:
    """One AS (65000) of routers R1 to Rn on OSPF links, with loopbacks 10.255.0.n.

    Args:
        size: how many routers.
        options: the decision process of all.
        peers: router -> its external peers, as (address, AS number).
        clients: reflector -> its clients; reflectors have a full mesh, and without any, all have.
        costs: the links and their OSPF costs; a full mesh of links of cost 10 without it.
    """
    names = [f"R{number}" for number in range(1, size + 1)]
    pairs = costs or {
        frozenset((one, other)): 10 for one in names for other in names if one < other
    }
    interfaces = {name: [interface("lo", f"{loopback(name)}/32", 0)] for name in names}
    for number, (pair, cost) in enumerate(pairs.items()):
        for end, name in enumerate(sorted(pair)):
            address = f"10.{number // 250}.{number % 250}.{end}/31"
            interfaces[name].append(interface(f"eth{number}", address, cost))
    outside = peers or {}
    for name, of_router in outside.items():
        for number, (address, _) in enumerate(of_router):
            network = address.rpartition(".")[0]
            interfaces[name].append(interface(f"out{number}", f"{network}.254/24"))
    routers = {
        name: Router(
            name,
            65000,
            loopback(name),
            interfaces=tuple(interfaces[name]),
            sessions=(
                *_internal(name, names, clients or {}),
                *(RouterSession(address, number) for address, number in outside.get(name, ())),
            ),
            options=options,
        )
        for name in names
    }
    return Domain(
        routers,
        tuple(
            ExternalPeer(name, address, number, address, f"AS{number}")
            for name, of_router in outside.items()
            for address, number in of_router
        ),
    )


def loopback(name: str) -> str:
    return f"10.255.0.{name[1:]}"


def _internal(
    name: str, names: Sequence[str], clients: Mapping[str, Sequence[str]]
) -> list[RouterSession]:
    mine = clients.get(name, ())
    reflectors = [one for one, its in clients.items() if name in its]
    peers = reflectors or [one for one in names if not any(one in its for its in clients.values())]
    others = [one for one in names if one != name and (one in mine or one in peers)]
    return [
        RouterSession(
            loopback(other),
            65000,
            next_hop_self=True,
            reflector_client=other in mine,
            update_source="lo",
        )
        for other in others
    ]
