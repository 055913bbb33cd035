"""The model against the running lab: the reference network before, after and under failures."""

from collections.abc import Iterator

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.bgp.domain import Reconfigured
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.overrides import parse_overrides
from nornir_bgp.frr.show_bgp import parse_text
from nornir_bgp.frr.show_bgp_print import print_text
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.settings import Policy
from nornir_bgp.runbooks.modelled import with_overrides
from nornir_bgp.runbooks.scene import scene_of
from tests.conftest import REPOSITORY
from tests.lab.conftest import clear_overrides
from tests.lab.predicted import Twin, differences, live

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("quick_gateways")]

OURS = ("PE1", "PE2", "GW1", "GW2")
LINKS = ("PE1:CE1", "PE1:CE2", "PE2:CE1", "PE2:CE2", "GW1:UP1", "GW2:UP2")


@pytest.fixture(scope="module")
def twin(clean_lab: Lab, nr: Nornir) -> Iterator[Twin]:
    """The network, with a history that lab and model share: all was down, and came one by one."""
    found = Twin(clean_lab, scene_of(nr, collect=False).domain)
    found.set_links(*LINKS, up=False)
    try:
        found.compare(ordered=False)
        yield found
    finally:
        for link in LINKS:
            clean_lab.set_link(*link.split(":"), up=True)
        clean_lab.wait_established()
        clear_overrides(clean_lab)


def test_before(clean_lab: Lab, nr: Nornir):
    """Nobody knows in which order a lab that has just come up heard its routes."""
    domain = scene_of(nr, collect=False).domain
    assert list(domain.routers) == ["CE1", "CE2", *OURS, "UP1", "UP2"]
    outcome = propagate(domain, ())
    tables = {router: outcome.rib(router) for router in domain.routers}
    assert differences(tables, clean_lab, ordered=False) == []


@pytest.mark.parametrize("router", ["CE1", *OURS, "UP1"])
def test_a_table_is_printed_as_frr_prints_it(clean_lab: Lab, router: str):
    table = live(clean_lab, router)
    assert print_text(table) == clean_lab.vtysh(router, "show ip bgp")


@pytest.mark.parametrize("router", OURS)
def test_a_computed_table_reads_back(clean_lab: Lab, nr: Nornir, router: str):
    report = runbooks.simulate(nr, routers=[router])
    (table,) = report.tables
    was = {
        prefix: sorted(str(path._replace(peer=None, reason=None)) for path in paths)
        for prefix, paths in live(clean_lab, router).routes.items()
    }
    assert was == {
        prefix: sorted(map(str, paths)) for prefix, paths in parse_text(table.text).routes.items()
    }


def test_what_our_routers_say_gives_their_tables(clean_lab: Lab, nr: Nornir):
    """Field by field: the order, too, in which they must have heard their routes."""
    scene = scene_of(nr, collect=True)
    outcome = propagate(scene.domain, scene.announcements)
    tables = {router: outcome.rib(router) for router in OURS}
    assert differences(tables, clean_lab, ordered=False) == []
    report = runbooks.simulate(nr, collect=True)
    assert (report.mismatches, report.warnings, report.exit_code) == ((), (), 0)


class TestFailures:
    """In the order written: each begins with what the one before it left."""

    @pytest.mark.parametrize("link", LINKS)
    def test_links_come_one_by_one(self, twin: Twin, link: str):
        twin.set_links(link, up=True)
        twin.compare()

    @pytest.mark.parametrize("link", LINKS)
    def test_a_link_fails_and_returns(self, twin: Twin, nr: Nornir, link: str):
        twin.set_links(link, up=False)
        twin.compare()
        self_check(twin.lab, nr)
        twin.set_links(link, up=True)
        twin.compare()

    def test_a_plan_is_foretold(self, twin: Twin, nr: Nornir):
        report = runbooks.distribute(nr, REPOSITORY / "predictions" / "test.json")
        assert report.ok
        assert report.mispredicted == ()
        prediction = report.plan.prediction
        assert prediction is not None
        assert (prediction.missing, prediction.mismatches) == (None, ())
        assert report.run is not None
        runs = runbooks.settings_of(nr).runs
        for router in OURS:
            foretold, after = (
                (REPOSITORY / runs / report.run / f"{moment}/{router}.table.txt").read_text("utf-8")
                for moment in ("predicted", "after")
            )
            assert parse_text(foretold).routes == parse_text(after).routes
        gateways = [
            with_overrides(
                twin.domain.routers[gateway],
                parse_overrides(twin.lab.vtysh(gateway, "show running-config"), Policy()),
                Policy(),
            )
            for gateway in ("GW1", "GW2")
        ]
        twin.events.append(Reconfigured(tuple(gateways)))
        twin.compare()

    @pytest.mark.parametrize("link", LINKS)
    def test_a_link_fails_and_returns_under_the_plan(self, twin: Twin, nr: Nornir, link: str):
        assert twin.domain.resource(link)
        twin.set_links(link, up=False)
        twin.compare()
        self_check(twin.lab, nr)
        twin.set_links(link, up=True)
        twin.compare()


def self_check(lab: Lab, nr: Nornir) -> None:
    """From what our routers say now, the model gives the tables that they have now."""
    scene = scene_of(nr, collect=True)
    outcome = propagate(scene.domain, scene.announcements)
    tables = {router: outcome.rib(router) for router in OURS}
    left = wait_for(
        lambda: differences(tables, lab, ordered=False), lambda found: not found, seconds=5
    )
    assert not left, "\n".join(left)
