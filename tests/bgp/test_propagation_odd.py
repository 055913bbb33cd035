"""Networks and input that are odd: they are solved, or refused by name."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from nornir_bgp.bgp.domain import Announcement, Domain, Event, ExternalPeer, Reconfigured
from nornir_bgp.bgp.propagation import Outcome, outcomes, propagate
from nornir_bgp.bgp.route import Route
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.routing import OwnNetwork, Router, RouterSession
from tests.bgp.networks import OUTSIDE, PEER, PREFIX, announced, best, interface, mesh

SIX = "2001:db8::1"


def test_networks_with_nothing_in_them() -> None:
    assert propagate(Domain({}), []).prefixes == ()
    bare = Router("A", 1, "192.168.0.1")
    waiting = Router(
        "B",
        1,
        "192.168.0.1",
        sessions=(RouterSession("10.9.9.9", 1), RouterSession(SIX, 2)),
        networks=(OwnNetwork(PREFIX),),
        import_check=True,
    )
    network = Domain({"A": bare, "B": waiting}, (ExternalPeer("Q", "10.0.0.9", 2, "q", "Q"),))
    outcome = propagate(network, [])
    assert [path.valid for path in outcome.rib("B").routes[PREFIX]] == [False]
    assert outcome.rib("A").routes == {}
    assert len(network.problems()) == 2
    assert [str(one) for one in network.resources()] == ["node A", "node B"]
    (stable,) = outcomes(network, [])
    assert stable.rib("B") == outcome.rib("B")


def test_two_routers_with_one_address_have_no_session() -> None:
    twin = (interface("e", "10.0.0.1/24"),)
    session = RouterSession("10.0.0.1", 1)
    routers = {name: Router(name, 1, "192.168.0.1", twin) for name in ("A", "B")}
    asking = Router("C", 1, "192.168.0.3", (interface("e", "10.0.0.3/24"),), (), (session,))
    network = Domain({**routers, "C": asking})
    assert propagate(network, []).prefixes == ()
    (problem,) = network.problems()
    assert problem.startswith("C: session 10.0.0.1: ")


def test_a_peer_or_next_hop_of_ipv6_is_on_no_network() -> None:
    network = mesh(1, peers=OUTSIDE)
    loaded = replace(network, peers=(ExternalPeer("R1", SIX, 65100, "192.0.2.1", "X"),))
    assert "link R1:X" not in map(str, loaded.resources())
    told = Announcement("R1", SIX, PREFIX, Route("192.0.2.1"))
    assert best(propagate(loaded, [told]), "R1").peer == SIX
    by_six = propagate(network, [Announcement("R1", PEER, PREFIX, Route(SIX))])
    assert [path.valid for path in by_six.rib("R1").routes[PREFIX]] == [False]


@pytest.mark.parametrize(
    "ask",
    [
        lambda outcome: outcome.rib("R9"),
        lambda outcome: outcome.table("R9", PREFIX),
        lambda outcome: outcome.forwarding("R9", PREFIX),
        lambda outcome: outcome.way("R9", PEER),
        lambda outcome: propagate(outcome.domain, [], [Reconfigured((Router("R9", 1, "r"),))]),
    ],
)
def test_unknown_routers_are_named(ask: Callable[[Outcome], object]) -> None:
    outcome = propagate(mesh(1, peers=OUTSIDE), [])
    with pytest.raises(InputError, match="no router 'R9'"):
        ask(outcome)


@pytest.mark.parametrize("prefix", ["2001:db8::/32", "nonsense", "10.0.0.0", "10.0.0/24"])
def test_what_is_no_prefix_is_named(prefix: str) -> None:
    with pytest.raises(InputError, match="is no IPv4 prefix"):
        propagate(mesh(1, peers=OUTSIDE), [announced("R1", PEER, "65100", prefix=prefix)])


def bundle() -> Domain:
    """A and B, with a session on each of two links between them; A announces the prefix."""
    ends = {"A": (0, 1, 100, 200), "B": (1, 0, 200, 100)}
    return Domain(
        {
            name: Router(
                name,
                number,
                f"192.168.0.{number}",
                tuple(interface(f"e{link}", f"10.0.{link}.{own}/31") for link in (1, 2)),
                (),
                tuple(RouterSession(f"10.0.{link}.{far}", other) for link in (1, 2)),
                networks=(OwnNetwork(PREFIX),) if name == "A" else (),
            )
            for name, (own, far, number, other) in ends.items()
        }
    )


@pytest.mark.parametrize(
    ("text", "named", "left"),
    [
        ("A:e1", "link A:e1", ["10.0.2.0"]),
        ("B:e2", "link B:e2", ["10.0.1.0"]),
        ("A:B", "link A:B", []),
        ("B:A", "link A:B", []),
        ("session A:B", "session A:B", []),
        ("A", "node A", []),
    ],
)
def test_of_several_links_each_fails_alone_or_all_together(
    text: str, named: str, left: list[str]
) -> None:
    network = bundle()
    both = propagate(network, [])
    assert [path.peer for path in both.rib("B").routes[PREFIX]] == ["10.0.2.0", "10.0.1.0"]
    links = [str(one) for one in network.resources() if one.kind == "link"]
    assert links == ["link A:e1", "link A:e2"]
    resource = network.resource(text)
    assert str(resource) == named
    failed = propagate(network, [], [Event(frozenset({resource}))])
    assert [path.peer for path in failed.rib("B").routes.get(PREFIX, ())] == left


def test_next_hops_that_bgp_routes_lead_to_are_named() -> None:
    """FRR 8.4.4 follows such a route; seen live with the network of the link announced by R1."""
    network = mesh(2, peers=OUTSIDE)
    one = network.routers["R1"]
    kept = replace(
        one, sessions=tuple(replace(session, next_hop_self=False) for session in one.sessions)
    )
    told = [announced("R1", PEER, "65100"), announced("R1", PEER, "65100", prefix="192.0.2.0/24")]

    def doubts(*networks: str, router: Router = kept) -> tuple[str, ...]:
        routers = {
            "R1": replace(router, networks=tuple(map(OwnNetwork, networks))),
            "R2": network.routers["R2"],
        }
        return propagate(replace(network, routers=routers), told).doubts()

    assert doubts() == doubts("198.51.100.0/24", "0.0.0.0/0") == ()
    assert doubts("172.16.1.0/24", router=one) == ()
    assert doubts("172.16.0.0/12", "172.16.1.0/24") == (
        f"R2: next hop {PEER} (of {PREFIX}) lies in 172.16.1.0/24, which R2 has by BGP; FRR "
        "follows that route, the model does not",
    )
    # OSPF leads to 10.255.0.1/32: only a longer match would be taken before it.
    assert doubts("10.255.0.0/16", router=one) == ()


def test_sessions_without_a_way_are_named() -> None:
    """Far peers: of eBGP on a network that is not connected, and of iBGP without an IGP."""
    one = Router(
        "A",
        1,
        "192.168.0.1",
        (interface("e", "10.0.0.1/24"),),
        sessions=(RouterSession("10.0.0.2", 2), RouterSession("10.1.0.2", 2)),
    )
    far = Router("B", 1, "192.168.0.2", (interface("e", "10.2.0.1/24"),))
    inside = replace(one, sessions=(RouterSession("10.2.0.1", 1, update_source="e"),))
    far = replace(far, sessions=(RouterSession("10.0.0.1", 1, update_source="e"),))
    peers = tuple(ExternalPeer("A", s.peer, 2, s.peer, s.peer) for s in one.sessions)
    assert Domain({"A": one}, peers).problems() == (
        "A: session 10.1.0.2: A has no connected network to this address",
    )
    assert Domain({"A": inside, "B": far}).problems() == (
        "A: session 10.2.0.1: A has no connected, static or OSPF way to this address",
        "B: session 10.0.0.1: B has no connected, static or OSPF way to this address",
    )
