"""What a gateway's own table must show before another gateway lets go of a prefix."""

from collections.abc import Iterator

import pytest
from nornir.core import Nornir

from nornir_bgp.exceptions import RouteGoneError
from nornir_bgp.frr.overrides import parse_overrides
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.settings import Policy
from nornir_bgp.runbooks.asking import Answers, ask, sessions
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.tasks.confirm import confirm
from nornir_bgp.tasks.push import AllOverrides
from tests.lab.conftest import LIST, clear_overrides, configure

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("quick_gateways")]

BGP = "router bgp 65020"


@pytest.fixture
def without_session(clean_lab: Lab) -> Iterator[Lab]:
    """The lab while GW1 has no session with its upstream."""
    configure(clean_lab, "GW1", BGP, "neighbor 10.0.5.1 shutdown")
    yield clean_lab
    configure(clean_lab, "GW1", BGP, "no neighbor 10.0.5.1 shutdown")
    clean_lab.wait_established()
    clear_overrides(clean_lab)


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ("permit 198.51.100.0/24", "198.51.100.0/24"),
        ("permit 198.51.0.0/16 le 24", "permit 198.51.0.0/16 le 24"),
    ],
)
def test_what_is_raised_must_have_a_route(without_session: Lab, nr: Nornir, rule: str, named: str):
    """An empty table shows nothing wrong, and nothing raised either."""
    lab = without_session
    before = held(lab)
    configure(lab, "GW1", f"ip prefix-list {LIST} seq 5 {rule}")
    missed = confirmed(nr, held(lab), since=before).errors["GW1"]
    assert isinstance(missed, RouteGoneError)
    assert str(missed) == f"GW1: UP1 no longer sends {named} (waited 1 s)"
    # What was there all the time, or is put back, need not be sent any more.
    for since in (held(lab), None):
        assert confirmed(nr, held(lab), since=since).complete() == {"GW1": 0}


def held(lab: Lab) -> AllOverrides:
    return {"GW1": parse_overrides(lab.vtysh("GW1", "show running-config"), Policy())}


def confirmed(nr: Nornir, wanted: AllOverrides, since: AllOverrides | None) -> Answers[int]:
    network = network_of(nr)
    with sessions(nr):
        return ask(
            nr,
            ["GW1"],
            confirm,
            int,
            wanted=wanted,
            exits=network.exits,
            policy=network.settings.policy,
            seconds=1.0,
            exactly=False,
            since=since,
        )
