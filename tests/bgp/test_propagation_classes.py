"""Classes of prefixes: computing one for all changes no table; and what order does not change."""

import gzip
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.domain import Announcement, Domain, Event, ExternalPeer
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.bgp.route import Origin, Route
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.routing import (
    Aggregate,
    Clause,
    Confederation,
    DecisionOptions,
    Filters,
    Match,
    PrefixRule,
    Router,
    RouterSession,
    SetAction,
    TextRule,
)
from tests.bgp.networks import announced, interface, mesh

PEERS = {
    "R1": [("172.16.1.1", 100), ("172.16.2.1", 200)],
    "R2": [("172.16.3.1", 100)],
    "R3": [("172.16.4.1", 300)],
}
ENDS = [(router, address, number) for router, its in PEERS.items() for address, number in its]
PEERS_OF_TWO = {name: PEERS[name] for name in ("R1", "R2")}
PREFIXES = [f"198.51.{number}.0/24" for number in range(12)]

RAISED = Match("prefix-list", "RAISED")
MAPS = {
    "prefixes": (
        Clause(10, True, (RAISED,), (SetAction("local-preference", "200"),)),
        Clause(20, True, sets=(SetAction("as-path prepend", "65000 7"),)),
    ),
    "paths": (
        Clause(10, True, (Match("as-path", "LONG"),), (SetAction("local-preference", "90"),)),
        Clause(20, True),
    ),
    "communities": (
        Clause(10, False, (Match("community", "BAD"),)),
        Clause(20, True, sets=(SetAction("community additive", "65000:9"),)),
    ),
    "growth": (
        Clause(10, True, (RAISED,), (SetAction("as-path prepend", "400"),)),
        Clause(20, True, sets=(SetAction("as-path prepend last-as", "1"),)),
    ),
    "nothing": (Clause(10, True),),
}


def with_policy(router: Router, name: str) -> Router:
    filters = Filters(route_map="MAP")
    return replace(
        router,
        sessions=tuple(
            session if session.remote_as == 65000 else replace(session, inbound=filters)
            for session in router.sessions
        ),
        route_maps={"MAP": MAPS[name]},
        prefix_lists={"RAISED": tuple(PrefixRule(True, one, 24, 24) for one in PREFIXES[::3])},
        as_path_lists={"LONG": (TextRule(True, "_400_"),)},
        community_lists={"BAD": (TextRule(True, "65000:66", True),)},
    )


@st.composite
def networks(draw: st.DrawFn) -> Domain:
    options = DecisionOptions(
        compare_router_id=draw(st.booleans()),
        deterministic_med=draw(st.booleans()),
        always_compare_med=draw(st.booleans()),
        multipath_relax=draw(st.booleans()),
    )
    reflects = draw(st.booleans())
    network = mesh(
        4,
        options=options,
        peers=PEERS,
        clients={"R4": ["R1", "R2", "R3"]} if reflects else None,
    )
    routers = {
        name: with_policy(router, draw(st.sampled_from(sorted(MAPS))))
        for name, router in network.routers.items()
    }
    return replace(network, routers=routers)


@st.composite
def routes(draw: st.DrawFn, more: tuple[str, ...] = ()) -> list[Announcement]:
    """Announcements in which the same few routes come up for several prefixes."""
    path = st.lists(st.sampled_from([100, 400, 500, 600, 65000]), max_size=3)
    several = []
    for prefix in PREFIXES:
        for router, address, number in draw(st.lists(st.sampled_from(ENDS), unique=True)):
            text = " ".join(map(str, [number, *draw(path)]))
            several.append(
                announced(
                    router,
                    address,
                    text,
                    draw(st.integers(0, 2)),
                    prefix,
                    med=draw(st.sampled_from([None, 0, 5])),
                    origin=draw(st.sampled_from([Origin.IGP, Origin.INCOMPLETE])),
                    communities=frozenset(
                        draw(st.sets(st.sampled_from(["no-export", "65000:66", "1:1", *more])))
                    ),
                )
            )
    return several


def tables(network: Domain, several: list[Announcement], events: list[Event]) -> dict[str, Rib]:
    outcome = propagate(network, several, events)
    return {name: outcome.rib(name) for name in network.routers}


@given(network=networks(), several=routes(("llgr-stale",)), fails=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_class_is_as_if_each_prefix_were_computed_alone(
    network: Domain, several: list[Announcement], fails: bool
) -> None:
    events = [Event(frozenset({network.resource("R1:R2")}))] if fails else []
    outcome = propagate(network, several, events)
    for prefix in {one.prefix for one in several}:
        alone = propagate(network, [one for one in several if one.prefix == prefix], events)
        assert alone.classes == 1
        for name in network.routers:
            expected = alone.rib(name).routes.get(prefix)
            assert outcome.rib(name).routes.get(prefix) == expected
            assert outcome.table(name, prefix) == alone.table(name, prefix)
        named = [cycle for cycle in outcome.cycles if prefix in cycle.prefixes]
        assert bool(named) is bool(alone.cycles)


@given(several=routes(), order=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_selects_nothing_where_routers_have_a_total_order(
    several: list[Announcement], order: object
) -> None:
    """With MEDs compared between all routes and router ids before age, whatever comes first.

    All routers of the full mesh rank all routes alike then, but for the ways to the next hops.
    """
    options = DecisionOptions(compare_router_id=True, always_compare_med=True)
    network = mesh(4, options=options, peers=PEERS)
    shuffled = [one._replace(time=place) for place, one in enumerate(several)]
    order.shuffle(shuffled)
    shuffled = [one._replace(time=place) for place, one in enumerate(shuffled)]
    once = tables(network, several, [])
    again = tables(network, shuffled, [])
    for name, table in once.items():
        assert {p: set(map(plain, its)) for p, its in table.routes.items()} == {
            p: set(map(plain, its)) for p, its in again[name].routes.items()
        }


def plain(path: object) -> object:
    """A path without the reason, which is that of the last comparison."""
    return path._replace(reason=None)


def test_prefixes_with_the_same_announcements_are_one_class() -> None:
    network = mesh(4, peers=PEERS)
    several = [
        announced("R1", "172.16.1.1", f"100 {4000 + number} 7", prefix=prefix)
        for number, prefix in enumerate(PREFIXES)
    ]
    outcome = propagate(network, several)
    assert outcome.classes == 1
    for number, prefix in enumerate(PREFIXES):
        assert outcome.rib("R3").best(prefix).as_path == f"100 {4000 + number} 7"
    # Two equal paths may share the load, two different ones may not.
    twice = [*several, announced("R1", "172.16.2.1", "200 4000 7", prefix=PREFIXES[0])]
    assert propagate(network, twice).classes == 2


def computed_alone(network: Domain, several: list[Announcement]) -> None:
    """Assert that each prefix has the tables that it has without the others."""
    outcome = propagate(network, several)
    for prefix in {one.prefix for one in several}:
        alone = propagate(network, [one for one in several if one.prefix == prefix])
        for name in network.routers:
            assert outcome.table(name, prefix) == alone.table(name, prefix)


def test_stale_routes_are_told_apart_from_others() -> None:
    several = [
        announced("R1", "172.16.1.1", "100", prefix=prefix, communities=frozenset({word}))
        for prefix, word in zip(PREFIXES, ("1:1", "llgr-stale"), strict=False)
    ]
    several += [announced("R1", "172.16.2.1", "200 400", 1, prefix) for prefix in PREFIXES[:2]]
    computed_alone(mesh(2, peers=PEERS_OF_TWO), several)


@pytest.mark.parametrize(
    "prepending", [SetAction("as-path prepend", "100"), SetAction("as-path prepend last-as", "1")]
)
def test_paths_that_become_equal_are_told_apart_from_those_that_do_not(
    prepending: SetAction,
) -> None:
    """At R3, equal AS paths of iBGP routes share the load."""
    network = mesh(3, options=DecisionOptions(compare_router_id=True), peers=PEERS_OF_TWO)
    one = network.routers["R1"]
    longer = replace(
        one,
        sessions=tuple(
            replace(session, inbound=Filters(route_map="LONGER"))
            if session.remote_as == 100
            else session
            for session in one.sessions
        ),
        route_maps={"LONGER": (Clause(10, True, sets=(prepending,)),)},
    )
    network = replace(network, routers={**network.routers, "R1": longer})
    several = [
        announcement
        for prefix, last in zip(PREFIXES, (200, 300), strict=False)
        for announcement in (
            announced("R1", "172.16.1.1", f"100 {last}", prefix=prefix),
            announced("R2", "172.16.3.1", "100 100 200", prefix=prefix),
        )
    ]
    outcome = propagate(network, several)
    assert [len(outcome.table("R3", prefix)[1].multipath) for prefix in PREFIXES[:2]] == [1, 0]
    computed_alone(network, several)


def test_a_path_that_leaves_a_confederation_is_the_same_for_the_whole_class() -> None:
    kin = Confederation(65000, frozenset({64512, 64513}))
    inside = Router(
        "A",
        64512,
        "192.168.0.1",
        (interface("x", "172.16.1.254/24"), interface("b", "10.0.0.0/31")),
        (),
        (RouterSession("172.16.1.1", 64513), RouterSession("10.0.0.1", 65200)),
        confederation=kin,
    )
    outside = Router(
        "B",
        65200,
        "192.168.0.2",
        (interface("a", "10.0.0.1/31"),),
        (),
        (RouterSession("10.0.0.0", 65000),),
    )
    peer = ExternalPeer("A", "172.16.1.1", 64513, "172.16.1.1", "X")
    network = Domain({"A": inside, "B": outside}, (peer,))
    several = [
        announced("A", "172.16.1.1", "(64513 64999) 65100", prefix=prefix)
        for prefix in PREFIXES[:2]
    ]
    outcome = propagate(network, several)
    assert outcome.classes == 1
    assert {outcome.rib("B").best(prefix).as_path for prefix in PREFIXES[:2]} == {"65000 65100"}
    computed_alone(network, several)


def test_an_aggregate_is_made_when_its_first_part_comes_whichever_is_given_first() -> None:
    network = mesh(1, peers={"R1": [PEERS["R1"][0]]})
    one = replace(network.routers["R1"], aggregates=(Aggregate("198.51.100.0/24"),))
    network = replace(network, routers={"R1": one})
    several = [
        announced("R1", "172.16.1.1", "100 7", time, prefix)
        for time, prefix in (
            (5, "198.51.100.0/25"),
            (0, "198.51.100.128/25"),
            (3, "198.51.100.0/24"),
        )
    ]
    once, again = (
        propagate(network, order).rib("R1").routes["198.51.100.0/24"]
        for order in (several, several[::-1])
    )
    assert once == again
    # It is made anew, at the head, with the last part.
    assert [path.peer for path in once] == [None, "172.16.1.1"]


def test_real_routes_by_class_and_one_by_one(shared_data: Path) -> None:
    """The first prefixes of the RIS table, at three routers of a mesh of five."""
    peers: dict[str, int] = {}
    entries = []
    with gzip.open(shared_data / "bgp" / "rrc00-20000111.bgpdump.gz", "rt") as dump:
        for line in islice(dump, 2000):
            _, _, _, peer, number, prefix, path, origin, _, _, med, *_ = line.split("|")
            peers[peer] = int(number)
            route = Route(peer, AsPath.parse(path), Origin[origin], med=int(med))
            entries.append((peer, prefix, route))
    places = {peer: f"R{1 + place % 3}" for place, peer in enumerate(peers)}
    several = [Announcement(places[peer], peer, prefix, route) for peer, prefix, route in entries]
    network = replace(
        mesh(5),
        peers=tuple(
            ExternalPeer(places[peer], peer, number, peer, f"AS{number}")
            for peer, number in peers.items()
        ),
    )
    outcome = propagate(network, several)
    prefixes = list(dict.fromkeys(prefix for _, prefix, _ in entries))
    assert outcome.classes < len(prefixes) / 3
    for prefix in prefixes[::10]:
        alone = propagate(network, [one for one in several if one.prefix == prefix])
        for name in network.routers:
            assert outcome.table(name, prefix) == alone.table(name, prefix)
