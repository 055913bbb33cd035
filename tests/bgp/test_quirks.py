"""The faults of FRR 8.4, each beside what a router without it does.

That 8.4.4 has them, the live tests say; what is right is RFC 4271, and RFC 4456, section 10: a
reflector does not change the MED.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from nornir_bgp.bgp.decision import Profile
from nornir_bgp.bgp.domain import Announcement, Domain, Reconfigured
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.models.quirks import FRR_8_4, NO_QUIRKS, FrrQuirks
from nornir_bgp.models.rib import Path
from nornir_bgp.models.routing import Aggregate, OwnNetwork
from tests.bgp.networks import OUTSIDE, PEER, announced, best, mesh

SUMMARY = "203.0.112.0/23"


def with_quirks(network: Domain, quirks: FrrQuirks, *names: str) -> Domain:
    """The network with other faults at some routers; without names at all of them."""
    changed = {
        name: replace(router, quirks=quirks)
        for name, router in network.routers.items()
        if name in names or not names
    }
    return replace(network, routers={**network.routers, **changed})


def aggregating(*networks: OwnNetwork) -> Domain:
    """One router that makes an aggregate of what its external peer announces."""
    network = mesh(1, peers=OUTSIDE)
    one = replace(network.routers["R1"], aggregates=(Aggregate(SUMMARY),), networks=networks)
    return replace(network, routers={"R1": one})


def summary(
    network: Domain, routes: Sequence[Announcement], profile: Profile = Profile.FRR
) -> list[Path]:
    return list(propagate(network, routes, profile=profile).rib("R1").routes[SUMMARY])


def test_a_reflected_route_keeps_its_missing_med() -> None:
    network = mesh(3, clients={"R1": ["R2", "R3"]}, peers={"R2": [(PEER, 65100)]})
    routes = [announced("R2", PEER, "65100")]

    def med_at_r3(domain: Domain, profile: Profile = Profile.FRR) -> int | None:
        path = best(propagate(domain, routes, profile=profile), "R3")
        assert path is not None
        return path.metric

    assert med_at_r3(network) == 0
    assert med_at_r3(with_quirks(network, NO_QUIRKS, "R2", "R3")) == 0  # the reflector's fault
    assert med_at_r3(with_quirks(network, NO_QUIRKS, "R1")) is None
    assert med_at_r3(network, Profile.RFC4271) is None


@pytest.mark.parametrize("meds", [(None, 0), (0, None)])
def test_no_med_and_med_0_are_two_things(meds: tuple[int | None, int | None]) -> None:
    network = mesh(2, peers=OUTSIDE)
    routes = [announced("R1", PEER, "65100", time, med=med) for time, med in enumerate(meds)]

    def med_at_r2(domain: Domain, profile: Profile = Profile.FRR) -> int | None:
        path = best(propagate(domain, routes, profile=profile), "R2")
        assert path is not None
        return path.metric

    assert med_at_r2(network) == meds[0]
    assert med_at_r2(with_quirks(network, NO_QUIRKS, "R2")) == meds[0]  # the sender's fault
    assert med_at_r2(with_quirks(network, NO_QUIRKS, "R1")) == meds[1]
    assert med_at_r2(network, Profile.RFC4271) == meds[1]


def test_an_aggregate_stands_beside_a_network_of_the_same_prefix() -> None:
    network, routes = aggregating(OwnNetwork(SUMMARY)), [announced("R1", PEER, "65100")]
    assert len(summary(network, routes)) == 1
    made, own = summary(with_quirks(network, NO_QUIRKS), routes)
    assert (made.weight, own.weight) == (32768, 32768)
    assert len(summary(network, routes, Profile.RFC4271)) == 2


def test_an_aggregate_that_is_made_anew_as_it_was_keeps_its_place() -> None:
    """The aggregate itself is asked, wherever it stands."""
    routes = [
        announced("R1", PEER, "65100", 0),
        announced("R1", PEER, "65100 65200", 1, SUMMARY),
        announced("R1", PEER, "65100 65300", 2),
    ]
    network = aggregating()
    assert [path.as_path for path in summary(network, routes)] == ["", "65100 65200"]
    mended = summary(with_quirks(network, NO_QUIRKS), routes)
    assert [path.as_path for path in mended] == ["65100 65200", ""]


def test_an_aggregates_next_hop() -> None:
    network, routes = aggregating(), [announced("R1", PEER, "65100")]
    assert [path.next_hop for path in summary(network, routes)] == ["::"]
    assert [path.next_hop for path in summary(with_quirks(network, NO_QUIRKS), routes)] == [
        "0.0.0.0"
    ]
    assert summary(network, routes, Profile.RFC4271)[0].next_hop == "0.0.0.0"


def test_a_router_that_is_configured_anew_has_no_faults_by_rfc_4271() -> None:
    network = aggregating()
    again = [Reconfigured((network.routers["R1"],))]
    routes = [announced("R1", PEER, "65100")]
    outcome = propagate(network, routes, again, profile=Profile.RFC4271)
    assert [path.next_hop for path in outcome.rib("R1").routes[SUMMARY]] == ["0.0.0.0"]


def test_the_faults_of_8_4_are_all_that_there_are() -> None:
    names = FrrQuirks.__dataclass_fields__
    assert [getattr(FRR_8_4, name) for name in names] == [True] * len(names)
    assert [getattr(NO_QUIRKS, name) for name in names] == [False] * len(names)
