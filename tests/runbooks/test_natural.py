"""What the network does by itself, judged by the network computed with and without overrides."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.comparison import predicted_route
from nornir_bgp.bgp.domain import Event
from nornir_bgp.bgp.forwarding import Ways
from nornir_bgp.bgp.loads import Demand
from nornir_bgp.bgp.propagation import Outcome, propagate
from nornir_bgp.bgp.route import Route
from nornir_bgp.bgp.single_failures import Traffic, single_failures
from nornir_bgp.frr.overrides_plan import Wanted
from nornir_bgp.models.natural import minimal
from nornir_bgp.runbooks.natural import natural_exits
from tests.runbooks.random_site import (
    PREFIXES,
    Site,
    Wishes,
    assignments,
    peer,
    plan_of,
    sites,
    wishes_of,
)


def gateways(site: Site, outcome: Outcome) -> dict[tuple[str, str], tuple[str, ...]]:
    """The gateways that each edge router's table names for each prefix."""
    gateway_at = site.network.gateway_at
    return {
        (edge, prefix): predicted_route(table, prefix, gateway_at).gateways
        for edge in site.edges
        for table in (outcome.rib(edge),)
        for prefix in PREFIXES
    }


def carried(site: Site, outcome: Outcome, prefix: str, *events: Event) -> dict[str, float]:
    """What each gateway's exit carries of traffic to a prefix that enters evenly at the edges."""
    traffic = Traffic((Demand("", prefix, 12),), site.edges, site.network.exits)
    return traffic.loads(outcome.domain, Ways(outcome, events)).gateways


@st.composite
def moments(draw: st.DrawFn) -> tuple[Site, Wishes, dict[str, str]]:
    """A network, what is raised now, and what is planned."""
    site = draw(sites())
    now: Wishes = {}
    if draw(st.booleans()):
        today = draw(assignments(site))
        raised = draw(st.sets(st.sampled_from(PREFIXES)))
        now = wishes_of(plan_of(site, {p: g for p, g in today.items() if p in raised}))
    return site, now, draw(assignments(site))


@settings(max_examples=25)
@given(moments())
def test_minimal_and_explicit_choose_the_same_gateways(moment: tuple[Site, Wishes, dict[str, str]]):
    site, now, gateway_of = moment
    plan = plan_of(site, gateway_of)
    natural = natural_exits(site.network, site.states(now), PREFIXES)
    fewer = minimal(plan, natural)
    assert fewer.gateway_of == plan.gateway_of == gateway_of
    explicit, least = (site.outcome(wishes_of(one)) for one in (plan, fewer))
    expected = {(edge, p): (g,) for edge in site.edges for p, g in gateway_of.items()}
    assert gateways(site, explicit) == expected
    assert gateways(site, least) == expected
    for prefix, gateway in gateway_of.items():
        at_gateway = {g: 12.0 if g == gateway else 0.0 for g in site.gateways}
        assert carried(site, explicit, prefix) == carried(site, least, prefix) == at_gateway


@settings(max_examples=20)
@given(moments())
def test_exits_and_fallbacks_are_those_of_the_network(moment: tuple[Site, Wishes, dict[str, str]]):
    """Without overrides, and for what a failed gateway had, with all of them."""
    site, now, gateway_of = moment
    natural = natural_exits(site.network, site.states(now), PREFIXES)
    assert natural.doubts == ()
    bare = site.outcome({})
    for prefix in PREFIXES:
        loads = carried(site, bare, prefix)
        assert loads[natural.exit_of[prefix]] == max(loads.values())
        assert (prefix in natural.split) == (sum(load > 0 for load in loads.values()) > 1)
    explicit = wishes_of(plan_of(site, gateway_of))
    domain = site.domain(explicit)
    for number, gateway in enumerate(site.gateways):
        failure = Event(frozenset({domain.resource(f"session {gateway}:AS{65100 + number}")}))
        after = propagate(domain, site.sent, (failure,))
        for prefix in (p for p, g in gateway_of.items() if g == gateway):
            loads = carried(site, after, prefix, failure)
            then = natural.fallback[gateway][prefix]
            if then is None:
                assert not any(loads.values())
            else:
                assert loads[then] == max(loads.values()) > 0


@settings(max_examples=20)
@given(sites(), st.data())
def test_backups_take_over_what_a_failed_gateway_had(site: Site, data: st.DataObject):
    """As planned, and whatever the network would do by itself; with minimal lists, too."""
    gateway_of = data.draw(assignments(site))
    backup_of = {
        prefix: data.draw(st.sampled_from(others))
        for prefix, routes in site.announced.items()
        if (others := sorted(routes.keys() - {gateway_of[prefix]})) and data.draw(st.booleans())
    }
    explicit = plan_of(site, gateway_of, backup_of)
    natural = natural_exits(site.network, site.states({}), PREFIXES)
    for plan in (explicit, minimal(explicit, natural)):
        wishes = wishes_of(plan)
        expected = {(edge, p): (g,) for edge in site.edges for p, g in gateway_of.items()}
        domain = site.domain(wishes)
        assert gateways(site, propagate(domain, site.sent)) == expected
        for number, gateway in enumerate(site.gateways):
            failure = Event(frozenset({domain.resource(f"session {gateway}:AS{65100 + number}")}))
            then = gateways(site, propagate(domain, site.sent, (failure,)))
            for prefix, backup in backup_of.items():
                expected_gateway = backup if gateway_of[prefix] == gateway else gateway_of[prefix]
                assert {then[edge, prefix] for edge in site.edges} == {(expected_gateway,)}


@settings(max_examples=20)
@given(sites(), st.data())
def test_nothing_leaves_by_a_drained_gateway_but_what_it_alone_reaches(
    site: Site, data: st.DataObject
):
    drained = data.draw(st.sampled_from(site.gateways))
    gateway_of = {
        prefix: data.draw(st.sampled_from(others))
        for prefix, routes in site.announced.items()
        if (others := sorted(routes.keys() - {drained})) and data.draw(st.booleans())
    }
    outcome = site.outcome(wishes_of(plan_of(site, gateway_of, drained=(drained,))))
    for prefix, routes in site.announced.items():
        loads = carried(site, outcome, prefix)
        assert loads[drained] == (12.0 if routes.keys() == {drained} else 0.0)


def test_a_line_that_the_model_does_not_know_keeps_what_is_raised_now_raised():
    """It could matter as soon as the override is gone; of other prefixes the tables tell."""
    routes = {f"GW{n}": Route(peer(n), AsPath.parse(str(65100 + n))) for n in range(2)}
    costs = {("PE0", "GW0"): 1, ("PE0", "GW1"): 1, ("GW0", "GW1"): 1}
    announced = dict.fromkeys(PREFIXES, routes)
    site = Site(("GW0", "GW1"), ("PE0",), costs, (" bgp something-new",), True, announced)
    plan = plan_of(site, dict.fromkeys(PREFIXES, "GW0"))
    raised = PREFIXES[:2]
    now = {"GW0": Wanted(raised=raised)}
    natural = natural_exits(site.network, site.states(now), PREFIXES)
    assert natural.exit_of == dict.fromkeys(PREFIXES[2:], "GW0")
    assert any("bgp something-new" in doubt for doubt in natural.doubts)
    assert any(raised[0] in doubt for doubt in natural.doubts)
    assert minimal(plan, natural).overrides == {"GW0": raised, "GW1": ()}

    known = replace(site, options=())
    natural = natural_exits(known.network, known.states(now), PREFIXES)
    assert (natural.doubts, natural.sure) == ((), set(PREFIXES))
    assert minimal(plan, natural).overrides == {"GW0": (), "GW1": ()}


@settings(max_examples=3)
@given(sites())
def test_single_failures_of_classes_are_those_of_every_prefix(site: Site):
    normal = site.outcome({})
    domain = normal.domain
    demands = tuple(Demand("", prefix, 2**number) for number, prefix in enumerate(PREFIXES))
    traffic = Traffic(demands, site.edges, site.network.exits)
    cases = tuple(single_failures(site.sent, normal, (), traffic))
    assert [case.failure for case in cases] == list(map(str, domain.resources()))
    for case in cases:
        failure = Event(frozenset({domain.resource(case.failure)}))
        alone = [
            propagate(domain, [a for a in site.sent if a.prefix == p], (failure,)) for p in PREFIXES
        ]
        loads = [
            Traffic((demand,), site.edges, site.network.exits).loads(
                domain, Ways(after, (failure,))
            )
            for demand, after in zip(demands, alone, strict=True)
        ]
        for gateway, load in case.gateways.items():
            assert load == pytest.approx(sum(one.gateways[gateway] for one in loads))
