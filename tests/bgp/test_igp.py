"""Ways inside a network, by hand and against Floyd and Warshall's algorithm."""

import math
from ipaddress import IPv4Interface
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_bgp.bgp.igp import Igp
from nornir_bgp.bgp.segments import find_segments
from nornir_bgp.models.routing import Router, RouterInterface, StaticRoute


def network(*routers: Router, **more: object) -> Igp:
    named = {one.name: one for one in routers}
    return Igp(named, find_segments(named), **more)


def router(name: str, *interfaces: tuple[str, str, int | None], **more: object) -> Router:
    return Router(
        name,
        65000,
        "192.0.2.1",
        interfaces=tuple(
            RouterInterface(one, IPv4Interface(address), cost) for one, address, cost in interfaces
        ),
        **more,
    )


LAN = (
    router("A", ("lan", "10.0.0.1/24", 5), ("lo", "10.9.0.1/32", 0)),
    router("B", ("lan", "10.0.0.2/24", 7), ("p2p", "10.0.1.0/31", 3), ("lo", "10.9.0.2/32", 0)),
    router("C", ("p2p", "10.0.1.1/31", 4), ("stub", "10.0.2.1/24", 8), ("lo", "10.9.0.3/32", 2)),
)


@pytest.mark.parametrize(
    ("name", "address", "metric", "hops"),
    [
        ("A", "10.0.0.77", 0, ()),  # connected
        ("A", "10.9.0.2", 5, ("10.0.0.2",)),  # the cost on the way out, and 0 for the loopback
        ("A", "10.9.0.3", 5 + 3 + 2, ("10.0.0.2",)),
        ("A", "10.0.2.9", 5 + 3 + 8, ("10.0.0.2",)),
        ("A", "10.0.1.0", 5 + 3, ("10.0.0.2",)),
        ("C", "10.0.0.1", 4 + 7, ("10.0.1.0",)),  # B's cost, not A's: A is on the network
        ("C", "10.9.0.1", 4 + 7, ("10.0.1.0",)),
    ],
)
def test_costs_count_on_the_way_out(
    name: str, address: str, metric: int, hops: tuple[str, ...]
) -> None:
    way = network(*LAN).way(name, address)
    assert way is not None
    assert (way.metric, way.hops) == (metric, hops)


def test_an_interface_that_is_down_is_no_way() -> None:
    down = network(*LAN, down={("B", "p2p")})
    assert down.way("A", "10.9.0.3") is None
    assert down.way("A", "10.9.0.2") is not None
    # The network is still C's own, and nobody else's.
    assert down.way("C", "10.0.1.0") is not None
    assert down.way("A", "10.0.1.1") is None


def test_a_passive_interface_is_announced_and_has_no_neighbour() -> None:
    a, b, c = LAN
    interfaces = (b.interfaces[0], b.interfaces[1]._replace(passive=True), b.interfaces[2])
    igp = network(a, router("B"), c)
    b = Router("B", 65000, "192.0.2.1", interfaces=interfaces)
    igp = network(a, b, c)
    assert igp.way("A", "10.0.1.1").metric == 5 + 3
    assert igp.way("A", "10.9.0.3") is None


def test_static_routes() -> None:
    one = router(
        "A",
        ("eth1", "10.0.0.0/31", None),
        static_routes=(
            StaticRoute("10.1.0.0/16", "10.0.0.1"),
            StaticRoute("10.2.0.0/16", "10.1.2.3"),  # by another static route
            StaticRoute("10.3.0.0/16", "10.99.0.1"),  # by nothing
            StaticRoute("10.4.0.0/16", "eth1"),
            StaticRoute("10.5.0.0/16", "Null0"),
            StaticRoute("0.0.0.0/0", "10.0.0.1"),  # never followed by a BGP next hop
        ),
    )
    igp = network(one)
    assert igp.way("A", "10.1.9.9").hops == ("10.0.0.1",)
    assert igp.way("A", "10.2.9.9").hops == ("10.0.0.1",)
    assert igp.way("A", "10.3.9.9") is None
    assert igp.way("A", "10.4.9.9").metric == 0
    assert igp.way("A", "10.5.9.9").discarded
    assert igp.way("A", "192.0.2.1") is None
    assert igp.has_route("A", "10.2.0.0/16")
    assert not igp.has_route("A", "10.3.0.0/16")
    assert not igp.has_route("A", "10.1.0.0/17")
    assert network(one, down={("A", "eth1")}).way("A", "10.2.9.9") is None


def test_given_costs_hold() -> None:
    costs = {("A", "10.9.0.2"): 77, ("A", "10.9.0.3"): None, ("A", "198.51.100.1"): 3}
    igp = network(*LAN, costs=costs)
    assert igp.way("A", "10.9.0.2").metric == 77
    assert igp.way("A", "10.9.0.3") is None
    assert igp.way("A", "198.51.100.1").metric == 3


def test_copies_of_an_address_do_not_connect_their_routers() -> None:
    one = router("A", ("lo1", "131.114.0.1/16", 1), ("eth", "10.0.0.0/31", None))
    other = router("B", ("lo1", "131.114.0.1/16", 1), ("eth", "10.0.0.1/31", 1))
    segments = find_segments({"A": one, "B": other})
    assert sorted(len(segment.attachments) for segment in segments) == [1, 1, 2]


@st.composite
def networks(draw: st.DrawFn) -> dict[tuple[int, int], tuple[int, int]]:
    """Links between up to seven routers, with a cost in each direction."""
    size = draw(st.integers(2, 7))
    pairs = [(one, other) for one in range(size) for other in range(one + 1, size)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1))
    cost = st.integers(1, 4)
    return {pair: (draw(cost), draw(cost)) for pair in chosen}


@given(links=networks())
@settings(max_examples=200, deadline=None)
def test_ospf_is_the_shortest_path_and_its_first_hops(
    links: dict[tuple[int, int], tuple[int, int]],
) -> None:
    graph = {}
    interfaces: dict[int, list[tuple[str, str, int | None]]] = {}
    hop_address = {}
    for number, ((one, other), (out, back)) in enumerate(links.items()):
        graph[one, other] = out
        graph[other, one] = back
        interfaces.setdefault(one, []).append((f"e{number}", f"10.0.{number}.0/31", out))
        interfaces.setdefault(other, []).append((f"e{number}", f"10.0.{number}.1/31", back))
        hop_address[one, other] = f"10.0.{number}.1"
        hop_address[other, one] = f"10.0.{number}.0"
    igp = network(
        *(
            router(f"R{node}", *its, ("lo", f"10.9.0.{node}/32", 0))
            for node, its in interfaces.items()
        )
    )
    lengths = floyd_warshall(graph)
    for source, target in product(interfaces, repeat=2):
        way = igp.way(f"R{source}", f"10.9.0.{target}")
        if lengths[source, target] == math.inf:
            assert way is None
        elif target != source:
            firsts = {
                other
                for (one, other), cost in graph.items()
                if one == source and cost + lengths[other, target] == lengths[source, target]
            }
            assert way is not None
            assert way.metric == lengths[source, target]
            assert set(way.hops) == {hop_address[source, first] for first in firsts}


def floyd_warshall(graph: dict[tuple[int, int], int]) -> dict[tuple[int, int], float]:
    """The lengths of all shortest paths."""
    nodes = {node for pair in graph for node in pair}
    lengths: dict[tuple[int, int], float] = {
        (one, other): 0 if one == other else graph.get((one, other), math.inf)
        for one in nodes
        for other in nodes
    }
    for by, one, other in product(nodes, repeat=3):
        lengths[one, other] = min(lengths[one, other], lengths[one, by] + lengths[by, other])
    return lengths
