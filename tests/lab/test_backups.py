"""Three gateways: where the prefixes of a failed one go, by planned backups and by tie-break."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.lab.generated import Size
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.planning import Planning
from nornir_bgp.runbooks.generate import PREDICTIONS, generate
from nornir_bgp.runbooks.lab import lab_down, lab_up
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.session import load_nornir, load_settings
from tests.lab.conftest import configure
from tests.lab.predicted import live

pytestmark = [pytest.mark.lab, pytest.mark.long, pytest.mark.timeout(600)]

SURVIVING = Planning(objectives=("balance", "survive", "moves"), backups=True)


@dataclass(frozen=True)
class Site:
    lab: Lab
    nr: Nornir
    predictions: Path
    edges: tuple[str, ...]
    gateway_at: dict[str, str]

    @property
    def loads(self) -> dict[str, int]:
        rows = json.loads(self.predictions.read_text("utf-8")).values()
        return dict(sum((Counter(row) for row in rows), Counter()))

    def shown(self) -> dict[tuple[str, str], str | None]:
        """(edge, prefix) -> the gateway that the edge router sends it by."""
        tables = {edge: live(self.lab, edge) for edge in self.edges}
        return {
            (edge, prefix): self.gateway_at.get(best.next_hop)
            if (best := table.best(prefix))
            else None
            for edge, table in tables.items()
            for prefix in self.loads
        }

    def comes(self, gateway_of: dict[str, str]) -> None:
        wanted = {(edge, p): gateway for edge in self.edges for p, gateway in gateway_of.items()}
        assert wait_for(self.shown, lambda now: now == wanted, seconds=30) == wanted

    def carries(self, loads: dict[str, float]) -> None:
        """Wait until the gateways carry these loads by the tables of all edge routers."""
        assert wait_for(self._sums, lambda now: now == loads, seconds=30) == loads

    def _sums(self) -> dict[str | None, float]:
        found: Counter[str | None] = Counter()
        for (_, prefix), gateway in self.shown().items():
            found[gateway] += self.loads[prefix] / len(self.edges)
        return dict(found)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("three") / "site"
    generate(folder, Size(gateways=3, edges=2, prefixes=12))
    config = folder / "config.yaml"
    nr = load_nornir(config)
    network = network_of(nr)
    try:
        lab = lab_up(nr)
        for gateway in network.gateways:
            configure(lab, gateway, "bgp route-map delay-timer 1")
        yield Site(lab, nr, folder / PREDICTIONS, network.edges, dict(network.gateway_at))
    finally:
        lab_down(load_settings(config))


def worst_after_failures(site: Site, plan: Plan, then: dict[str, dict[str, str]] | None) -> int:
    """Fail one upstream after another; the largest load that some gateway then has.

    Args:
        site: the network.
        plan: what is on the routers.
        then: failed gateway -> prefix -> where it is to be; ``None``: wherever BGP sends it.
    """
    assert plan.prediction is not None
    foretold = {case.failure: case.gateways for case in plan.prediction.failures}
    worst = 0
    for number, exit_ in enumerate(plan.exits, start=1):
        gateway, upstream = exit_.gateway, f"UP{number}"
        carried = {g: load for g, load in foretold[f"link {gateway}:{upstream}"].items() if load}
        site.lab.set_link(gateway, upstream, up=False)
        try:
            site.carries(carried)
            if then is not None:
                site.comes(plan.gateway_of | then[gateway])
        finally:
            site.lab.set_link(gateway, upstream, up=True)
            site.lab.wait_established()
        site.comes(plan.gateway_of)
        worst = max(worst, *carried.values())
    return worst


def test_each_prefix_goes_to_its_planned_backup(site: Site):
    """And without the tier, all that can goes to the same survivor."""
    report = runbooks.distribute(site.nr, site.predictions, planning=SURVIVING)
    assert (report.ok, report.exit_code, report.mispredicted) == (True, 0, ())
    site.comes(report.plan.gateway_of)
    backup_of = {p: gateway for gateway, its in report.plan.backups.items() for p in its}
    assert len(backup_of) > 6
    assert runbooks.verify(site.nr).ok
    then = {exit_.gateway: {p: backup_of[p] for p in exit_.prefixes} for exit_ in report.plan.exits}
    with_backups = worst_after_failures(site, report.plan, then)

    without = runbooks.distribute(
        site.nr, site.predictions, planning=SURVIVING.model_copy(update={"backups": False})
    )
    assert without.ok
    assert not any(without.plan.backups.values())
    assert worst_after_failures(site, without.plan, None) > with_backups
