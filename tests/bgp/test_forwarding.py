"""Where packets go, against brute force; loads; black holes and loops."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from ipaddress import IPv4Interface, ip_address
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.domain import Announcement, Domain, Event, ExternalPeer
from nornir_bgp.bgp.forwarding import End, Forwarding, Hop, Ways
from nornir_bgp.bgp.loads import Demand, Entries, loads_of
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.bgp.route import Route
from nornir_bgp.bgp.single_failures import Traffic, single_failures
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.routing import Router, RouterInterface, RouterSession
from nornir_bgp.models.simulation import Undelivered

ROUTERS = ("A", "B", "C", "D", "E")
PREFIX = "198.51.100.0/24"


def forwarding(hops: Mapping[str, list[str]], arrives: frozenset[str] = frozenset()) -> Forwarding:
    """Routers and the receivers that each shares its traffic between; a small letter is outside."""
    return Forwarding(
        {
            router: tuple(
                Hop(Fraction(1, len(receivers)), receiver, receiver, inside=receiver.isupper())
                for receiver in receivers
            )
            for router, receivers in hops.items()
        },
        arrives,
    )


@st.composite
def forwardings(draw: st.DrawFn, *, loops: bool) -> Forwarding:
    hops = {}
    for place, router in enumerate(ROUTERS):
        others = [r for r in ROUTERS if r != router] if loops else list(ROUTERS[place + 1 :])
        receivers = st.sampled_from([*others, "x", "y"])
        hops[router] = draw(st.lists(receivers, max_size=3, unique=True))
    arrives = draw(st.sets(st.sampled_from(ROUTERS), max_size=2))
    return forwarding(
        {r: [] if r in arrives else found for r, found in hops.items()}, frozenset(arrives)
    )


def every_way(found: Forwarding, entry: str) -> list[tuple[Fraction, tuple[str, ...]]]:
    """Brute force: each way that packets may take from a router, with its share."""
    ways = []
    rest = [(Fraction(1), (entry,))]
    while rest:
        share, way = rest.pop()
        hops = found.hops.get(way[-1], ())
        if not hops or len(set(way)) < len(way):
            ways.append((share, way))
            continue
        rest.extend((share * hop.share, (*way, hop.receiver)) for hop in hops)
    return ways


@given(forwardings(loops=False), st.sampled_from(ROUTERS))
def test_without_loops_every_way_is_followed(found: Forwarding, entry: str):
    links: dict[tuple[str, str], Fraction] = {}
    lost: dict[str, Fraction] = {}
    ends: set[End | None] = set()
    for share, way in every_way(found, entry):
        for near, far in pairwise(way):
            links[near, far] = links.get((near, far), Fraction()) + 100 * share
        if way[-1].isupper() and way[-1] not in found.arrives:
            lost[way[-1]] = lost.get(way[-1], Fraction()) + 100 * share
            ends.add(None)
        else:
            ends.add(End(way[-2] if len(way) > 1 else way[-1], way[-1]))
    carried = found.carried({entry: Fraction(100)})
    assert {(router, hop.receiver): load for (router, hop), load in carried.links.items()} == links
    assert carried.lost == lost
    assert found.ends(entry) == ends
    assert found.loops == {}


@given(forwardings(loops=True), st.dictionaries(st.sampled_from(ROUTERS), st.integers(1, 99)))
def test_no_traffic_is_made_or_forgotten(found: Forwarding, entering: dict[str, int]):
    carried = found.carried({router: Fraction(load) for router, load in entering.items()})
    out = sum(load for (_, hop), load in carried.links.items() if not hop.inside)
    arrived = sum(
        load for (_, hop), load in carried.links.items() if hop.receiver in found.arrives
    ) + sum(load for router, load in entering.items() if router in found.arrives)
    assert out + arrived + sum(carried.lost.values()) == sum(entering.values())


@given(forwardings(loops=True), st.sampled_from(ROUTERS))
def test_a_loop_is_found_where_a_way_comes_back(found: Forwarding, entry: str):
    comes_back = any(way[-1] == entry and len(way) > 1 for share, way in every_way(found, entry))
    assert (entry in found.loops) == comes_back


def line(*, full_mesh: bool) -> Domain:
    """R1 - R2 - R3, and an upstream behind R3; R2 takes part in iBGP, or does not."""

    def address(text: str, name: str) -> RouterInterface:
        return RouterInterface(name, IPv4Interface(text), 10)

    meshed = {"R1": ("R3",), "R3": ("R1",), "R2": ()}
    if full_mesh:
        meshed = {"R1": ("R2", "R3"), "R2": ("R1", "R3"), "R3": ("R1", "R2")}
    loopbacks = {"R1": "192.168.0.1", "R2": "192.168.0.2", "R3": "192.168.0.3"}
    links = {
        "R1": ("10.0.12.1/24",),
        "R2": ("10.0.12.2/24", "10.0.23.2/24"),
        "R3": ("10.0.23.3/24",),
    }
    routers = {}
    for name, loopback in loopbacks.items():
        sessions = [
            RouterSession(loopbacks[other], 65000, update_source="lo", next_hop_self=True)
            for other in meshed[name]
        ]
        interfaces = [address(f"{loopback}/32", "lo")]
        interfaces += [address(text, f"eth{n}") for n, text in enumerate(links[name])]
        if name == "R3":
            sessions.append(RouterSession("10.0.99.9", 65099))
            interfaces.append(RouterInterface("eth9", IPv4Interface("10.0.99.3/24")))
        routers[name] = Router(
            name, 65000, loopback, interfaces=tuple(interfaces), sessions=tuple(sessions)
        )
    peer = ExternalPeer("R3", "10.0.99.9", 65099, "10.0.99.9", "UP")
    return Domain(routers, (peer,))


SENT = (Announcement("R3", "10.0.99.9", PREFIX, Route("10.0.99.9", as_path=AsPath.parse("65099"))),)
EXITS = (Exit(gateway="R3", neighbor=ip_address("10.0.99.9"), upstream="UP", capacity=60),)


def test_a_router_in_the_middle_needs_the_route_too():
    """The classic black hole: R1 knows the way, and R2, on it, does not."""
    domain = line(full_mesh=False)
    ways = Ways(propagate(domain, SENT))
    assert ways.of(PREFIX).ends("R1") == {None}
    entries = Entries(domain.routers, ("R1",), ways)
    report = loads_of(ways, [Demand("C1", PREFIX, 70)], entries, EXITS)
    assert report.undelivered == (
        Undelivered(prefix=PREFIX, router="R2", load=70, reason="no route"),
    )
    assert [exit_.load for exit_ in report.exits] == [0]


def test_traffic_goes_hop_by_hop():
    domain = line(full_mesh=True)
    ways = Ways(propagate(domain, SENT))
    entries = Entries(domain.routers, ("R1", "R2"), ways)
    demands = [Demand("C1", PREFIX, 70), Demand("R3", PREFIX, 5)]
    report = loads_of(ways, demands, entries, EXITS)
    assert [(link.sender, link.receiver, link.load) for link in report.links] == [
        ("R1", "R2", 35),
        ("R2", "R3", 70),
        ("R3", "UP", 75),
    ]
    assert [(exit_.load, exit_.exceeded) for exit_ in report.exits] == [(75, True)]
    assert report.undelivered == ()


def test_two_next_hops_behind_one_neighbour_are_one_link():
    """R1 shares between R2 and R3, and its way to R3 leads by R2."""
    domain = line(full_mesh=True)
    both = [
        Announcement("R2", "10.0.98.9", PREFIX, Route("10.0.98.9", AsPath.parse("65099"))),
        *SENT,
    ]
    r2 = domain.routers["R2"]
    upstream = RouterInterface("eth8", IPv4Interface("10.0.98.2/24"))
    sessions = (*r2.sessions, RouterSession("10.0.98.9", 65099))
    routers = {
        **domain.routers,
        "R2": replace(r2, interfaces=(*r2.interfaces, upstream), sessions=sessions),
    }
    # At equal IGP cost to both next hops R1 uses them side by side.
    costs = {("R1", f"192.168.0.{n}"): 5 for n in (2, 3)}
    peer = ExternalPeer("R2", "10.0.98.9", 65099, "10.0.98.9", "UP-2")
    domain = Domain(routers, (*domain.peers, peer), costs)
    ways = Ways(propagate(domain, both))
    assert ways.of(PREFIX).hops["R1"] == (Hop(Fraction(1), "10.0.12.2", "R2", inside=True),)
    report = loads_of(
        ways, [Demand("C1", PREFIX, 70)], Entries(domain.routers, ("R1",), ways), EXITS
    )
    assert [(link.sender, link.receiver, link.load) for link in report.links] == [
        ("R1", "R2", 70),
        ("R2", "UP-2", 70),
    ]


def test_a_customer_whose_router_is_down_sends_nothing():
    domain = line(full_mesh=True)
    events = [Event(frozenset({domain.resource("R2")}))]
    ways = Ways(propagate(domain, SENT, events), events)
    entries = Entries(domain.routers, ("R1", "R3"), ways)
    report = loads_of(ways, [Demand("R2", PREFIX, 7), Demand("C1", PREFIX, 8)], entries, EXITS)
    assert [(u.router, u.load, u.reason) for u in report.undelivered] == [
        ("R2", 7, "no entry"),
        ("R1", 4, "no route"),
    ]
    assert [exit_.load for exit_ in report.exits] == [4]


def test_single_failures():
    domain = line(full_mesh=True)
    normal = propagate(domain, SENT)
    traffic = Traffic((Demand("C1", PREFIX, 70),), ("R1",), EXITS)
    cases = {case.failure: case for case in single_failures(SENT, normal, (), traffic)}
    assert cases.keys() == set(map(str, domain.resources()))
    for failure in ("node R2", "link R1:R2", "link R2:R3", "link R3:UP", "session R3:UP"):
        assert (cases[failure].lost, cases[failure].gateways) == ((PREFIX,), {"R3": 0})
    assert cases["session R1:R2"].harmless is False  # the link that the traffic passes is full
    assert cases["session R1:R2"].exceeded == ("R3 to UP: 70 of 60",)
    assert (cases["session R1:R2"].lost, cases["session R1:R2"].moved) == ((), 0)


@pytest.mark.parametrize("with_demands", [True, False])
def test_what_fails_already_fails_no_more(with_demands: bool):
    domain = line(full_mesh=True)
    before = [Event(frozenset({domain.resource("R1:R2")}))]
    normal = propagate(domain, SENT, before)
    demands = (Demand("C1", PREFIX, 70),) if with_demands else ()
    traffic = Traffic(demands, ("R1",), EXITS)
    cases = {case.failure: case for case in single_failures(SENT, normal, before, traffic)}
    assert "link R1:R2" not in cases
    assert all(not case.lost for case in cases.values())  # R1 had lost it before
