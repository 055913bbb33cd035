"""How routes spread, rule by rule."""

from dataclasses import replace

import pytest

from nornir_bgp.bgp.domain import Domain, Event, ExternalPeer
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.bgp.route import Learned
from nornir_bgp.models.routing import (
    Confederation,
    OwnNetwork,
    Router,
    RouterSession,
    StaticRoute,
)
from tests.bgp.networks import OUTSIDE, PEER, PREFIX, announced, best, interface, mesh


def test_ibgp_routes_go_no_further_in_a_full_mesh() -> None:
    line = {frozenset({"R1", "R2"}): 1, frozenset({"R2", "R3"}): 1}
    network = mesh(3, costs=line, peers=OUTSIDE)
    assert best(propagate(network, [announced("R1", PEER, "65100")]), "R3") is not None
    cut = Event(frozenset({network.resource("session R1:R3")}))
    outcome = propagate(network, [announced("R1", PEER, "65100")], [cut])
    assert best(outcome, "R2") is not None
    assert best(outcome, "R3") is None


def test_an_ibgp_session_stays_while_the_igp_finds_another_way() -> None:
    network = mesh(3, peers=OUTSIDE)
    link = Event(frozenset({network.resource("link R1:R2")}))
    outcome = propagate(network, [announced("R1", PEER, "65100")], [link])
    (candidates, _) = outcome.table("R2", PREFIX)
    assert [(one.peer, one.igp_metric) for one in candidates] == [("10.255.0.1", 20)]
    assert outcome.way("R2", "10.255.0.1") == outcome.way("R2", "10.255.0.3") != ()
    rest = Event(frozenset({network.resource("link R1:R3")}))
    cut_off = propagate(network, [announced("R1", PEER, "65100")], [link, rest])
    assert cut_off.rib("R2").routes == {}
    assert best(cut_off, "R1") is not None


def test_reflection_writes_originator_and_clusters() -> None:
    network = mesh(4, clients={"R1": ["R3"], "R2": ["R4"]}, peers={"R3": [(PEER, 65100)]})
    outcome = propagate(network, [announced("R3", PEER, "65100", med=5)])
    (candidate,), _ = outcome.table("R4", PREFIX)
    assert candidate.route.originator_id == "10.255.0.3"
    assert candidate.route.cluster_list == ("10.255.0.2", "10.255.0.1")
    assert candidate.route.next_hop == "10.255.0.3"
    assert candidate.route.med == 5
    (at_r1,), _ = outcome.table("R1", PREFIX)
    assert at_r1.route.originator_id is None
    # The client's own route comes back to it and is dropped by its ORIGINATOR_ID.
    assert len(outcome.table("R3", PREFIX)[0]) == 1


def test_a_reflector_of_frr_8_4_adds_a_med_of_0() -> None:
    network = mesh(3, clients={"R1": ["R2", "R3"]}, peers={"R2": [(PEER, 65100)]})
    outcome = propagate(network, [announced("R2", PEER, "65100")])
    assert [best(outcome, name).metric for name in network.routers] == [None, None, 0]


def test_an_update_of_no_med_to_0_is_not_sent() -> None:
    """FRR 8.4 takes the two for the same when it looks whether a neighbour knows a route."""
    network = mesh(2, peers=OUTSIDE)
    routes = [announced("R1", PEER, "65100"), announced("R1", PEER, "65100", 1, med=0)]
    outcome = propagate(network, routes)
    assert [best(outcome, name).metric for name in ("R1", "R2")] == [0, None]
    changed = propagate(network, [*routes, announced("R1", PEER, "65100", 2, med=1)])
    assert [best(changed, name).metric for name in ("R1", "R2")] == [1, 1]


def test_one_cluster_of_two_reflectors_drops_what_has_been_in_it() -> None:
    network = mesh(3, clients={"R1": ["R3"], "R2": ["R3"]}, peers={"R3": [(PEER, 65100)]})
    apart = propagate(network, [announced("R3", PEER, "65100")])
    assert len(apart.rib("R1").routes[PREFIX]) == 2
    routers = {
        name: replace(router, cluster_id="10.255.0.99") if name != "R3" else router
        for name, router in network.routers.items()
    }
    together = propagate(replace(network, routers=routers), [announced("R3", PEER, "65100")])
    assert len(together.rib("R1").routes[PREFIX]) == 1


def confederation(**more: object) -> Domain:
    """R1 (member 64512) and R2 (64513) of confederation 65000; R2's peer is R3 of AS 65200."""
    kin = Confederation(65000, frozenset({64512, 64513}))
    return Domain(
        {
            "R1": Router(
                "R1",
                64512,
                "192.168.0.1",
                (interface("a", "10.0.0.0/31"), interface("x", "172.16.1.254/24")),
                (StaticRoute("10.0.1.0/31", "10.0.0.1"),),
                (
                    RouterSession("10.0.0.1", 64513, next_hop_self=True),
                    RouterSession(PEER, 65100),
                ),
                confederation=kin,
            ),
            "R2": Router(
                "R2",
                64513,
                "192.168.0.2",
                (interface("a", "10.0.0.1/31"), interface("b", "10.0.1.0/31")),
                (),
                (RouterSession("10.0.0.0", 64512), RouterSession("10.0.1.1", 65200)),
                confederation=kin,
            ),
            "R3": Router(
                "R3",
                65200,
                "192.168.0.3",
                (interface("b", "10.0.1.1/31"),),
                (),
                (RouterSession("10.0.1.0", 65000),),
            ),
        },
        **more,
    )


def test_confederation_shows_its_members_inside_alone() -> None:
    outcome = propagate(confederation(), [announced("R1", PEER, "65100", med=7)])
    inside, outside = best(outcome, "R2"), best(outcome, "R3")
    assert inside is not None
    assert (inside.as_path, inside.local_pref, inside.metric) == ("(64512) 65100", 100, 7)
    assert not inside.internal
    assert outcome.table("R2", PREFIX)[0][0].learned is Learned.CONFED
    assert outside is not None
    assert (outside.as_path, outside.local_pref, outside.metric) == ("65000 65100", None, None)


@pytest.mark.parametrize(
    ("community", "reached"),
    [
        ("no-advertise", {"R1"}),
        ("local-AS", {"R1"}),
        ("no-export", {"R1", "R2"}),
        ("65100:1", {"R1", "R2", "R3"}),
    ],
)
def test_well_known_communities(community: str, reached: set[str]) -> None:
    routes = [announced("R1", PEER, "65100", communities=frozenset({community}))]
    outcome = propagate(confederation(), routes)
    assert {name for name in outcome.domain.routers if best(outcome, name)} == reached


def test_loops_are_dropped_unless_allowed() -> None:
    network = mesh(1, peers=OUTSIDE)
    own = announced("R1", PEER, "65100 65000 65100")
    assert propagate(network, [own]).rib("R1").routes == {}
    one = network.routers["R1"]
    allowing = replace(one, sessions=tuple(replace(s, allow_own_as=1) for s in one.sessions))
    assert best(propagate(replace(network, routers={"R1": allowing}), [own]), "R1")


def test_a_third_party_next_hop_stays_on_a_shared_network() -> None:
    """RFC 4271, section 5.1.3: A (100) and B (200) and C (300) are on one LAN; A peers with B."""
    network = Domain(
        {
            "A": Router(
                "A",
                100,
                "192.168.0.1",
                (interface("lan", "10.0.0.1/24"),),
                (),
                (RouterSession("10.0.0.2", 200),),
            ),
            "B": Router(
                "B",
                200,
                "192.168.0.2",
                (interface("lan", "10.0.0.2/24"),),
                (),
                (RouterSession("10.0.0.1", 100), RouterSession("10.0.0.3", 300)),
            ),
        },
        peers=(ExternalPeer("B", "10.0.0.3", 300, "10.0.0.3", "C"),),
    )
    outcome = propagate(network, [announced("B", "10.0.0.3", "300")])
    found = best(outcome, "A")
    assert found is not None
    assert (found.next_hop, found.peer, found.as_path) == ("10.0.0.3", "10.0.0.2", "200 300")
    assert [str(one) for one in network.resources() if one.kind == "link"] == [
        "link A:lan",
        "link B:lan",
    ]


def test_ebgp_without_policy_passes_nothing_where_it_is_required() -> None:
    network = mesh(1, peers=OUTSIDE)
    strict = replace(network.routers["R1"], ebgp_requires_policy=True)
    outcome = propagate(replace(network, routers={"R1": strict}), [announced("R1", PEER, "65100")])
    assert outcome.rib("R1").routes == {}


def test_a_network_that_is_not_in_the_routing_table_waits_for_it() -> None:
    one = Router(
        "A",
        100,
        "192.168.0.1",
        (interface("eth", "10.0.0.1/24"),),
        (),
        networks=(OwnNetwork("10.0.0.0/24"), OwnNetwork("10.7.0.0/16")),
        import_check=True,
    )
    rib = propagate(Domain({"A": one}), []).rib("A")
    assert rib.routes["10.0.0.0/24"][0].best
    assert [path.valid for path in rib.routes["10.7.0.0/16"]] == [False]
