"""What was foretold against what came: only what the model is to blame for counts."""

from dataclasses import replace

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.domain import Announcement, Reconfigured
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.bgp.route import Route
from nornir_bgp.frr.overrides import Overrides
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.state import GatewayState, RouterState
from nornir_bgp.runbooks import consequences, foretell
from nornir_bgp.runbooks.hindsight import mispredicted
from nornir_bgp.runbooks.modelled import domain_of, routers_of_inventory, with_overrides
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.seen import overrides_of, wanted_overrides
from nornir_bgp.solver.planner import make_plan
from tests.conftest import REPOSITORY

X, Y = "198.51.100.0/24", "203.0.113.0/24"
States = dict[str, RouterState]


class Site:
    """Our four routers of the reference network, as they would answer."""

    def __init__(self, nr: Nornir) -> None:
        self.network: Network = network_of(nr)
        self.configs = render(nr)
        routers = routers_of_inventory(nr)
        self.domain = domain_of(
            {name: routers[name] for name in self.network.routers}, self.network.devices
        )
        self.plan: Plan = make_plan({X: 30, Y: 20}, self.network.exits, None, solver="dp")
        self.wanted = self.wanted_for(self.plan)

    def wanted_for(self, plan: Plan) -> dict[str, Overrides]:
        nothing = Rib(None, None, None, 100)
        states = {
            name: GatewayState("", nothing, {}, self.configs[name], frozenset(), {})
            for name in self.network.gateways
        }
        return wanted_overrides(self.network, plan, overrides_of(self.network, states), states)

    def states(self, sent: tuple[Announcement, ...], *, planned: bool) -> States:
        gateways = tuple(
            with_overrides(self.domain.routers[name], overrides, self.network.settings.policy)
            for name, overrides in self.wanted.items()
        )
        outcome = propagate(self.domain, sent, (Reconfigured(gateways),) if planned else ())
        return {
            name: RouterState("", outcome.rib(name), {}, self.configs[name])
            for name in self.network.routers
        }


def sent(as_path: str = "65004") -> tuple[Announcement, ...]:
    return tuple(
        Announcement(gateway, peer, prefix, Route(peer, AsPath.parse(path)))
        for prefix in (X, Y)
        for gateway, peer, path in (
            ("GW1", "10.0.5.1", as_path if prefix == X else "65004"),
            ("GW2", "10.0.6.1", "65005"),
        )
    )


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(runbooks.load_nornir(REPOSITORY / "config.yaml"))


@pytest.fixture(scope="module")
def foretold(site: Site) -> foretell.Foretold:
    return foretell.foretell(
        site.network, site.states(sent(), planned=False), site.plan, site.wanted
    )


def test_what_comes_as_foretold(site: Site, foretold: foretell.Foretold):
    assert foretold.prediction.missing is None
    assert foretold.prediction.mismatches == ()
    after = site.states(sent(), planned=True)
    assert mispredicted(site.network, foretold, after) == ()
    assert {r: foretold.tables[r] for r in after} == {r: s.rib for r, s in after.items()}


def test_what_comes_otherwise(site: Site, foretold: foretell.Foretold):
    """The change did not take: each edge router is named for each prefix that is elsewhere."""
    found = mispredicted(site.network, foretold, site.states(sent(), planned=False))
    assert {(m.router, m.prefix, m.predicted, m.actual) for m in found} == {
        (edge, prefix, f"{site.plan.gateway_of[prefix]} at LOCAL_PREF 200", "GW1 at LOCAL_PREF 100")
        for edge in ("PE1", "PE2")
        for prefix in (X, Y)
    }


def test_a_prefix_whose_upstream_changed_its_mind_is_left_out(
    site: Site, foretold: foretell.Foretold
):
    found = mispredicted(site.network, foretold, site.states(sent("65004 65099"), planned=False))
    assert {m.prefix for m in found} == {Y}


def test_a_router_that_is_silent_proves_nothing(site: Site, foretold: foretell.Foretold):
    after = site.states(sent(), planned=True)
    assert mispredicted(site.network, foretold, {"PE1": after["PE1"]}) == ()
    assert mispredicted(site.network, foretold, {}) == ()


def test_the_network_of_now_is_checked_first(site: Site):
    """A table that the configurations do not explain is told before anything is sent."""
    states = site.states(sent(), planned=False)
    table = states["PE2"].rib
    paths = tuple(path._replace(best=not path.best) for path in table.routes[X])
    states["PE2"] = replace(states["PE2"], rib=replace(table, routes={**table.routes, X: paths}))
    prediction = foretell.foretell(site.network, states, site.plan, site.wanted).prediction
    assert [str(m) for m in prediction.mismatches] == [
        f"PE2: {X}: predicted GW1 at LOCAL_PREF 100, actual GW2 at LOCAL_PREF 100"
    ]


def test_a_large_table_is_computed_as_far_as_it_is_planned(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(foretell, "WHOLE_TABLES", 1)
    monkeypatch.setattr(consequences, "FAILURE_WORK", 1)
    states = site.states(sent(), planned=False)
    one = make_plan({X: 30}, site.network.exits, None, solver="dp")
    found = foretell.foretell(site.network, states, one, site.wanted_for(one))
    assert {prefix for table in found.tables.values() for prefix in table.routes} == {X}
    assert found.prediction.failures == ()
    assert any("simulate --collect" in warning for warning in found.prediction.warnings)


def test_the_order_of_arrival_is_left_out_only_where_it_decides_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    states = site.states(sent(), planned=False)
    whole = foretell.foretell(site.network, states, site.plan, site.wanted)
    monkeypatch.setattr(foretell, "ORDERED", 0)
    large = foretell.foretell(site.network, states, site.plan, site.wanted)
    assert whole.prediction.missing is None
    assert large.prediction == whole.prediction
