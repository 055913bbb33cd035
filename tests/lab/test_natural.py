"""What the network does by itself, worked out while it is overridden; bare FRR is the judge."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.natural import Natural
from nornir_bgp.models.planning import Planning
from nornir_bgp.models.state import RouterState
from nornir_bgp.runbooks.asking import sessions
from nornir_bgp.runbooks.natural import natural_exits
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.seen import collect
from tests.conftest import REPOSITORY
from tests.lab.conftest import EDGES, clear_overrides, override_prefixes
from tests.lab.predicted import live

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("quick_gateways")]

TEST = REPOSITORY / "predictions" / "test.json"
PREFIXES = ("131.114.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
GATEWAYS = {"172.16.0.3": "GW1", "172.16.0.4": "GW2"}
PLANNED = {prefix: {"GW2" if prefix == "198.51.100.0/24" else "GW1"} for prefix in PREFIXES}


@pytest.fixture
def no_overrides(clean_lab: Lab) -> Iterator[Lab]:
    clear_overrides(clean_lab)
    yield clean_lab
    clear_overrides(clean_lab)


def states_of(nr: Nornir) -> dict[str, RouterState]:
    with sessions(nr):
        return dict(collect(nr, network_of(nr), lean=True, for_model=True).complete().routers)


def natural(nr: Nornir) -> Natural:
    return natural_exits(network_of(nr), states_of(nr), PREFIXES)


def shown(lab: Lab) -> dict[str, set[str | None]]:
    """By which gateways FRR's edge routers send, by their tables."""
    tables = [live(lab, edge) for edge in EDGES]
    return {
        prefix: {
            GATEWAYS.get(best.next_hop) if (best := table.best(prefix)) else None
            for table in tables
        }
        for prefix in PREFIXES
    }


@pytest.mark.long
def test_by_itself_and_when_an_exit_fails(no_overrides: Lab, nr: Nornir):
    lab = no_overrides
    without = shown(lab)
    assert all(len(gateways) == 1 for gateways in without.values())
    known = natural(nr)
    assert {p: {g} for p, g in known.exit_of.items()} == without
    assert known.sure == set(PREFIXES)
    assert known.doubts == ()

    assert runbooks.distribute(nr, TEST).ok
    assert shown(lab) != without
    assert natural(nr) == known

    clear_overrides(lab)
    for gateway, upstream in (("GW1", "UP1"), ("GW2", "UP2")):
        then = {prefix: {to} for prefix, to in known.fallback[gateway].items()}
        with failed(lab, gateway, upstream):
            comes(lab, then)
        comes(lab, without)


def test_minimal_and_explicit_choose_the_same_gateways(no_overrides: Lab, nr: Nornir):
    """One line instead of four; from no overrides, and from all of them; and exits fall back."""
    lab = no_overrides
    least = {"GW1": (), "GW2": ("198.51.100.0/24",)}
    report = runbooks.distribute(nr, TEST, planning=Planning(overrides="minimal"))
    assert (report.ok, report.exit_code, report.mispredicted) == (True, 0, ())
    assert report.plan.overrides == least
    assert shown(lab) == PLANNED
    assert runbooks.verify(nr).ok

    explicit = runbooks.distribute(nr, TEST)
    assert explicit.ok
    assert sum(map(len, explicit.plan.overrides.values())) == 4
    assert explicit.plan.gateway_of == report.plan.gateway_of
    assert shown(lab) == PLANNED

    back = runbooks.rollback(nr)
    assert (back.ok, back.plan.overrides) == (True, least)
    assert {g: tuple(override_prefixes(lab, g)) for g in least} == least
    assert shown(lab) == PLANNED
    for gateway, upstream, other in (("GW1", "UP1", "GW2"), ("GW2", "UP2", "GW1")):
        with failed(lab, gateway, upstream):
            comes(lab, {prefix: {other} for prefix in PREFIXES})
        comes(lab, PLANNED)


@contextmanager
def failed(lab: Lab, gateway: str, upstream: str) -> Iterator[None]:
    """A link that is down for as long as the block lasts."""
    lab.set_link(gateway, upstream, up=False)
    try:
        yield
    finally:
        lab.set_link(gateway, upstream, up=True)
        lab.wait_established()


def comes(lab: Lab, gateways: Mapping[str, set[str | None]]) -> None:
    """Wait for the edge routers to send by these gateways."""
    assert wait_for(lambda: shown(lab), lambda now: now == gateways, seconds=20) == gateways
