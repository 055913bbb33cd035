"""From tables back to what was announced: computed tables give the announcements that made them."""

from ipaddress import IPv4Interface
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.domain import Announcement, Domain, ExternalPeer
from nornir_bgp.bgp.present import announcements_of
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.bgp.route import Origin, Route
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.routing import (
    Clause,
    Filters,
    Router,
    RouterInterface,
    RouterSession,
    SetAction,
)

PREFIX = "198.51.100.0/24"
NAMES = ("A", "B", "C")
PEERS = {name: (f"10.{n}.1.9", f"10.{n}.2.9") for n, name in enumerate(NAMES, 1)}


def mesh() -> Domain:
    """Three routers on a LAN, with two external peers each; all that comes in is raised."""
    routers = {}
    for n, name in enumerate(NAMES, 1):
        inside = tuple(
            RouterSession(f"10.0.0.{m}", 65000, next_hop_self=True) for m in (1, 2, 3) if m != n
        )
        outside = tuple(
            RouterSession(peer, 65000 + 10 * n + k, inbound=Filters(route_map="RAISE"))
            for k, peer in enumerate(PEERS[name])
        )
        routers[name] = Router(
            name,
            65000,
            f"192.168.0.{n}",
            interfaces=(
                RouterInterface("lan", IPv4Interface(f"10.0.0.{n}/24")),
                RouterInterface("up1", IPv4Interface(f"10.{n}.1.1/24")),
                RouterInterface("up2", IPv4Interface(f"10.{n}.2.1/24")),
            ),
            sessions=(*inside, *outside),
            route_maps={"RAISE": (Clause(10, True, sets=(SetAction("local-preference", "150"),)),)},
        )
    peers = tuple(
        ExternalPeer(name, peer, 65000 + 10 * n + k, peer, f"UP-{peer}")
        for n, name in enumerate(NAMES, 1)
        for k, peer in enumerate(PEERS[name])
    )
    return Domain(routers, peers)


SOURCES = [(name, peer) for name in NAMES for peer in PEERS[name]]
MEDS = (None, 0, 5)


@st.composite
def announced(draw: st.DrawFn, meds: tuple[int | None, ...]) -> tuple[Announcement, ...]:
    sources = draw(st.lists(st.sampled_from(SOURCES), min_size=1, unique=True))
    return tuple(
        Announcement(
            name,
            peer,
            PREFIX,
            Route(
                peer,
                as_path=AsPath.parse(draw(st.sampled_from(["65101 65109", "65102 65109"]))),
                origin=draw(st.sampled_from(list(Origin))),
                med=draw(st.sampled_from(meds)),
            ),
            time,
        )
        for time, (name, peer) in enumerate(sources)
    )


def tables_of(domain: Domain, announcements: tuple[Announcement, ...]) -> dict[str, Rib]:
    outcome = propagate(domain, announcements)
    return {router: outcome.rib(router) for router in domain.routers}


@given(announced(MEDS))
def test_what_was_sent_is_found_again(sent: tuple[Announcement, ...]):
    """The routes as they were before our policy; each once."""
    domain = mesh()
    found = announcements_of(domain.routers, tables_of(domain, sent))
    assert {a._replace(time=0) for a in found} == {a._replace(time=0) for a in sent}
    assert len(found) == len(sent)
    assert announcements_of(domain.routers, tables_of(domain, sent), {"192.0.2.0/24"}) == ()


@given(announced((None,)))
def test_the_tables_come_out_again(sent: tuple[Announcement, ...]):
    """With MED the order of a table counts beyond what it shows; without, it does not."""
    domain = mesh()
    tables = tables_of(domain, sent)
    again = tables_of(domain, announcements_of(domain.routers, tables))
    for router in domain.routers:
        was, now = tables[router].best(PREFIX), again[router].best(PREFIX)
        assert was is not None
        assert now is not None
        assert was._replace(reason=None) == now._replace(reason=None)


@pytest.mark.parametrize("order", list(permutations([("A", 0), ("B", 0), ("C", 0)])))
def test_the_order_is_read_from_the_tables(order: tuple[tuple[str, int], ...]):
    domain = mesh()
    sent = tuple(
        Announcement(
            name,
            PEERS[name][k],
            PREFIX,
            Route(PEERS[name][k], as_path=AsPath.parse(f"6510{n} 65109")),
            n,
        )
        for n, (name, k) in enumerate(order)
    )
    tables = tables_of(domain, sent)
    assert announcements_of(domain.routers, tables) == sent
    assert tables_of(domain, announcements_of(domain.routers, tables)) == tables


def test_tables_that_tell_different_orders_are_of_announcements_that_crossed():
    domain = mesh()
    sent = tuple(
        Announcement(name, PEERS[name][0], PREFIX, Route(PEERS[name][0], AsPath.parse("65001")))
        for name in NAMES
    )
    tables = tables_of(domain, sent)
    found = announcements_of(domain.routers, tables)
    assert {a.time for a in found} == {0}
    assert tables_of(domain, found) == tables
