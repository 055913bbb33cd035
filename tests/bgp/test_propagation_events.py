"""What changes a network: failures, other configurations, aggregates that come and go."""

from dataclasses import replace

import pytest

from nornir_bgp.bgp.domain import Domain, Event, ExternalPeer, Reconfigured
from nornir_bgp.bgp.propagation import Outcome, propagate
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.routing import (
    Aggregate,
    Clause,
    DecisionOptions,
    Filters,
    Match,
    OwnNetwork,
    PrefixRule,
    Router,
    RouterSession,
    SetAction,
)
from tests.bgp.networks import OUTSIDE, PEER, PREFIX, announced, best, interface, mesh


class TestAggregates:
    ROUTES = (
        announced("R1", PEER, "65100 65300", prefix="198.51.100.0/25"),
        announced("R1", PEER, "65100 65400", time=1, prefix="198.51.100.128/25"),
    )

    def spread(self, aggregate: Aggregate, **more: object) -> Outcome:
        network = mesh(2, peers=OUTSIDE)
        one = replace(network.routers["R1"], aggregates=(aggregate,))
        routers = {**network.routers, "R1": one}
        return propagate(replace(network, routers=routers), self.ROUTES, **more)

    def test_stands_beside_its_parts(self) -> None:
        outcome = self.spread(Aggregate("198.51.100.0/24"))
        assert set(outcome.rib("R2").routes) == {
            "198.51.100.0/24",
            "198.51.100.0/25",
            "198.51.100.128/25",
        }
        summary = best(outcome, "R2", "198.51.100.0/24")
        assert summary is not None
        assert (summary.as_path, summary.metric, summary.next_hop) == ("", 0, "10.255.0.1")
        mine = best(outcome, "R1", "198.51.100.0/24")
        assert mine is not None
        assert (mine.weight, mine.origin, mine.peer, mine.next_hop) == (32768, "i", None, "::")

    def test_beside_a_network_of_the_same_prefix_there_is_none(self) -> None:
        """FRR 8.4 takes that route for the aggregate."""
        network = mesh(1, peers=OUTSIDE)
        one = replace(
            network.routers["R1"],
            aggregates=(Aggregate("198.51.100.0/24"),),
            networks=(OwnNetwork("198.51.100.0/24"),),
        )
        outcome = propagate(replace(network, routers={"R1": one}), self.ROUTES)
        (path,) = outcome.rib("R1").routes["198.51.100.0/24"]
        assert path.next_hop == "0.0.0.0"

    def test_summary_only_keeps_the_parts_back(self) -> None:
        outcome = self.spread(Aggregate("198.51.100.0/24", summary_only=True))
        assert set(outcome.rib("R2").routes) == {"198.51.100.0/24"}
        assert len(outcome.rib("R1").routes) == 3

    def test_as_set_merges_the_paths(self) -> None:
        outcome = self.spread(Aggregate("198.51.100.0/24", as_set=True))
        summary = best(outcome, "R2", "198.51.100.0/24")
        assert summary is not None
        assert summary.as_path == "65100 {65300,65400}"

    def test_goes_with_its_last_part(self) -> None:
        network = mesh(2, peers=OUTSIDE)
        fails = Event(frozenset({network.resource("AS65100")}))
        outcome = self.spread(Aggregate("198.51.100.0/24"), events=[fails])
        assert outcome.prefixes == ()


def test_events_keep_the_order_that_a_real_network_has() -> None:
    """The route that was selected stays, whichever is older, until it goes (FRR's "Older Path")."""
    other = "172.16.2.1"
    network = mesh(1, peers={"R1": [(PEER, 65100), (other, 65100)]})
    single = replace(
        network.routers["R1"], options=DecisionOptions(maximum_paths=1, maximum_paths_ibgp=1)
    )
    network = replace(network, routers={"R1": single})
    routes = [announced("R1", PEER, "65100", 1), announced("R1", other, "65100", 0)]
    first = propagate(network, routes)
    assert [path.peer for path in first.rib("R1").routes[PREFIX]] == [PEER, other]
    assert (best(first, "R1").peer, best(first, "R1").reason) == (other, "Older Path")
    flap = Event(frozenset({network.resource(f"R1:{interface_of(network, other)}")}))
    later = propagate(network, routes, [flap, flap._replace(fails=False)])
    assert [path.peer for path in later.rib("R1").routes[PREFIX]] == [other, PEER]
    assert best(later, "R1").peer == PEER


def interface_of(network: Domain, peer: str) -> str:
    return next(
        one.name
        for one in network.routers["R1"].interfaces
        if str(one.address.ip).rpartition(".")[0] == peer.rpartition(".")[0]
    )


def test_reconfigured_routers_pass_all_routes_anew() -> None:
    network = mesh(2, peers=OUTSIDE)
    one = network.routers["R1"]
    raising = Clause(10, True, sets=(SetAction("local-preference", "300"),))
    preferred = replace(
        one,
        sessions=tuple(
            replace(session, inbound=Filters(route_map="UP")) if session.peer == PEER else session
            for session in one.sessions
        ),
        route_maps={"UP": (raising,)},
    )
    denying = replace(preferred, route_maps={"UP": (replace(raising, permits=False),)})
    routes = [announced("R1", PEER, "65100")]
    assert best(propagate(network, routes, [Reconfigured((preferred,))]), "R2").local_pref == 300
    none = propagate(network, routes, [Reconfigured((preferred,)), Reconfigured((denying,))])
    assert none.rib("R2").routes == {}
    again = propagate(network, routes, [Reconfigured((denying,)), Reconfigured((one,))])
    assert best(again, "R2").local_pref == 100


def test_a_next_hop_that_the_inbound_map_sets_is_passed_on() -> None:
    """FRR then ignores ``next-hop-self``, unless the session has an outbound map."""
    network = mesh(2, peers=OUTSIDE)
    one = network.routers["R1"]
    setting = Clause(
        10, True, (Match("prefix-list", "ALL"),), (SetAction("next-hop", "172.16.1.9"),)
    )
    changed = replace(
        one,
        sessions=tuple(
            replace(session, inbound=Filters(route_map="HOP")) if session.peer == PEER else session
            for session in one.sessions
        ),
        route_maps={"HOP": (setting,)},
        prefix_lists={"ALL": (PrefixRule(True, "0.0.0.0/0", 0, 32),)},
    )
    outcome = propagate(
        replace(network, routers={**network.routers, "R1": changed}),
        [announced("R1", PEER, "65100")],
    )
    assert [path.next_hop for path in outcome.rib("R2").routes[PREFIX]] == ["172.16.1.9"]


def test_problems_are_named() -> None:
    one = Router(
        "A",
        100,
        "192.168.0.1",
        (interface("e", "10.0.0.0/31"),),
        (),
        (RouterSession("10.0.0.1", 1),),
    )
    other = Router(
        "B",
        200,
        "192.168.0.2",
        (interface("e", "10.0.0.1/31"),),
        (),
        (RouterSession("10.0.0.0", 100),),
    )
    assert Domain({"A": one, "B": other}).problems() == (
        "A: session 10.0.0.1: A expects AS 1 and B AS 100, but they are AS 200 and AS 100",
        "B: session 10.0.0.0: B expects AS 100 and A AS 1, but they are AS 100 and AS 200",
    )
    lonely = replace(other, sessions=())
    (problem,) = Domain({"A": one, "B": lonely}).problems()
    assert problem == "A: session 10.0.0.1: B has no session to A"
    (nobody,) = Domain({"A": one}).problems()
    assert nobody == (
        "A: session 10.0.0.1: no router here has this address, and no such peer is given"
    )


def test_announcements_for_nobody_are_refused() -> None:
    with pytest.raises(InputError, match="no router 'R9'"):
        propagate(mesh(1), [announced("R9", PEER, "65100")])
    with pytest.raises(InputError, match=r"R1 has no session to 172\.16\.1\.1"):
        propagate(mesh(1), [announced("R1", PEER, "65100")])


def test_a_peer_that_is_not_configured_may_be_loaded() -> None:
    network = replace(
        mesh(2), peers=(ExternalPeer("R1", "192.0.2.9", 3549, "192.0.2.9", "AS3549"),)
    )
    outcome = propagate(network, [announced("R1", "192.0.2.9", "3549 701")])
    assert best(outcome, "R1").next_hop == "192.0.2.9"
    assert best(outcome, "R2").next_hop == "10.255.0.1"
