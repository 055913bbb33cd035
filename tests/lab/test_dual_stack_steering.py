"""Both families steered on FRR: planned, pushed, proven, refused, lost and brought back.

PE2 does not speak IPv6: only PE1's table tells where IPv6 goes.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import RefusedError
from nornir_bgp.frr.overrides import ListKey, parse_overrides
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.planning import Planning
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.status import Status
from nornir_bgp.runbooks.asking import sessions
from nornir_bgp.runbooks.lab import lab_down
from nornir_bgp.runbooks.live_links import live_exits
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.seen import collect_gateways
from tests.lab import dual_stack
from tests.lab.conftest import EDGES, LIST, configure, quicken

pytestmark = [pytest.mark.lab, pytest.mark.long]

STAYS, MOVES = dual_stack.INTERNET[0], dual_stack.INTERNET[-1]
STAYS_IPV4, MOVES_IPV4 = dual_stack.INTERNET_IPV4
OTHER = "203.0.113.0/24"
LOADS = {STAYS_IPV4: 145, MOVES_IPV4: 150, STAYS: 60, MOVES: 62, OTHER: 6}
GATEWAY_OF = {STAYS_IPV4: "GW1", OTHER: "GW1", MOVES_IPV4: "GW2", STAYS: "GW1", MOVES: "GW2"}
"""The only even split; and of the two ways round it moves fewer prefixes."""
KNOWN = {"PE1": tuple(GATEWAY_OF), "PE2": tuple(p for p in GATEWAY_OF if ":" not in p)}
"""The prefixes of each edge router's families."""
PREDICTIONS = PredictionMatrix(customers={"C1": LOADS})


@pytest.fixture(scope="module")
def nr(tmp_path_factory: pytest.TempPathFactory) -> Nornir:
    return runbooks.load_nornir(dual_stack.write_network(tmp_path_factory.mktemp("steered"), "PE2"))


@pytest.fixture(scope="module")
def lab(nr: Nornir) -> Iterator[Lab]:
    try:
        lab = runbooks.lab_up(nr)
        quicken(lab)
        yield lab
    finally:
        lab_down(runbooks.settings_of(nr))


@pytest.fixture(scope="module")
def steered(nr: Nornir, lab: Lab) -> DistributeReport:
    """The first run, whose plan stands whenever a test begins."""
    lab.wait_settled()
    return runbooks.distribute(nr, PREDICTIONS)


def left_by(lab: Lab, edge: str, prefix: str) -> str:
    """The next hop of a prefix, or ``nothing``."""
    family = "ipv6" if ":" in prefix else "ipv4"
    best = parse_json(lab.vtysh(edge, f"show bgp {family} unicast json")).best(prefix)
    return "nothing" if best is None else best.next_hop


def lists_of_both_families(lab: Lab, gateway: str) -> dict[ListKey, tuple[Entry, ...]]:
    """The override lists of a gateway."""
    return dict(parse_overrides(lab.vtysh(gateway, "show running-config"), Policy()).lists)


def test_the_share_of_each_link_holds_both_families(steered: DistributeReport):
    assert steered.plan.gateway_of == GATEWAY_OF
    assert [(exit_.gateway, exit_.load) for exit_ in steered.plan.exits] == [
        ("GW1", 211),
        ("GW2", 212),
    ]
    for exit_ in steered.plan.exits:
        sessions = tuple(map(str, exit_.sessions))
        assert sessions == dual_stack.UPSTREAM_OF[exit_.gateway][1:]


def test_both_families_are_proven_on_every_edge_router(
    nr: Nornir, lab: Lab, steered: DistributeReport
):
    assert steered.ok, (steered.checks, steered.findings)
    assert {(c.router, c.prefix, c.actual_gateway, c.local_pref) for c in steered.checks} == {
        (edge, prefix, GATEWAY_OF[prefix], 200) for edge in EDGES for prefix in KNOWN[edge]
    }
    for edge in EDGES:
        assert steered.observed.before[edge] == dict.fromkeys(KNOWN[edge], ("GW1",))
    assert steered.plan.moved == 2
    assert left_by(lab, "PE1", STAYS) == "2001:db8:16::3"
    assert left_by(lab, "PE1", MOVES) == "2001:db8:16::4"
    assert runbooks.verify(nr).ok
    lists = {change.gateway: change.lines for change in steered.changes}
    assert f"ipv6 prefix-list {LIST} seq 5 permit {MOVES}" in lists["GW2"]
    folder = Path(runbooks.settings_of(nr).runs) / str(steered.run)
    assert MOVES in (folder / "after/PE1.table-ipv6.txt").read_text("utf-8")


def test_traffic_of_both_families_takes_the_planned_way(nr: Nornir, steered: DistributeReport):
    traces = [trace for trace in runbooks.trace(nr).traces if ":" in trace.prefix]
    assert [(t.source, t.prefix, t.actual_gateway, t.status) for t in traces] == [
        ("Customer1", STAYS, "GW1", Status.PASS),  # Customer2 has no IPv6
        ("Customer1", MOVES, "GW2", Status.PASS),
    ]


def test_an_ipv6_session_without_an_export_policy_is_refused(
    nr: Nornir, lab: Lab, steered: DistributeReport
):
    neighbor = dual_stack.UPSTREAM_OF["GW1"][2]
    family = ("router bgp 65020", "address-family ipv6 unicast")
    line = f"neighbor {neighbor} route-map EXPORT_MAP out"
    configure(lab, "GW1", *family, f"no {line}")
    try:
        with pytest.raises(RefusedError, match=f"an outbound policy on neighbor {neighbor}"):
            runbooks.distribute(nr, PREDICTIONS, dry_run=True)
        only_ipv4 = PredictionMatrix(customers={"C1": dict.fromkeys((STAYS_IPV4, MOVES_IPV4), 1)})
        assert runbooks.distribute(nr, only_ipv4, dry_run=True, force=True).ok
    finally:
        configure(lab, "GW1", *family, line)


def test_a_link_that_is_down_carries_neither_family_and_is_not_counted_on(
    nr: Nornir, lab: Lab, steered: DistributeReport
):
    network = network_of(nr)

    def ways() -> set[str]:
        return {
            left_by(lab, edge, prefix)
            for edge in EDGES
            for prefix in {MOVES, MOVES_IPV4} & set(KNOWN[edge])
        }

    lab.set_link("GW2", "UP2", up=False)
    try:
        fallen = {"2001:db8:16::3", "172.16.0.3"}
        assert wait_for(ways, lambda found: found == fallen, seconds=15) == fallen
        proof = runbooks.verify(nr, seconds=0)
        assert {(c.prefix, c.actual_gateway) for c in proof.checks if c.status is Status.FAIL} == {
            (MOVES, "GW1"),
            (MOVES_IPV4, "GW1"),
        }
        with sessions(nr):
            states = collect_gateways(nr, network, lean=True).complete()
        faster = [exit_.model_copy(update={"capacity": 40_000}) for exit_ in network.exits]
        (counted, _), told = live_exits(faster, states, "Mbit/s")
        assert counted.capacity == 10_000
        slower, down = told
        assert slower.startswith("GW1: eth1 to UP1 has 10,000 Mbit/s, less than its capacity")
        assert down == "GW2: eth1 to UP2 is down: nothing is planned on it"
        report = runbooks.distribute(nr, PREDICTIONS)
        assert report.ok, (report.checks, report.findings)
        assert set(report.plan.gateway_of.values()) == {"GW1"}
        assert report.plan.warnings == (down,)
        assert lists_of_both_families(lab, "GW2") == {}
        with pytest.raises(RefusedError, match=f"at a gateway in use; .*\n{down}"):
            runbooks.drain(nr, "GW1", dry_run=True)
    finally:
        lab.set_link("GW2", "UP2", up=True)
        lab.wait_established()
    lab.wait_settled()
    again = runbooks.distribute(nr, PREDICTIONS)
    assert again.ok, (again.checks, again.findings)
    assert again.plan.gateway_of == GATEWAY_OF
    assert runbooks.verify(nr).ok


def test_where_every_link_is_down_nothing_is_done(nr: Nornir, lab: Lab, steered: DistributeReport):
    lists = [lists_of_both_families(lab, gateway) for gateway in dual_stack.UPSTREAM_OF]
    for gateway, (upstream, *_) in dual_stack.UPSTREAM_OF.items():
        lab.set_link(gateway, upstream, up=False)
    try:
        told = "nothing to distribute\nGW1: eth1 to UP1 is down: .*\nGW2: eth1 to UP2 is down: "
        with pytest.raises(RefusedError, match=told):
            runbooks.distribute(nr, PREDICTIONS)
    finally:
        for gateway, (upstream, *_) in dual_stack.UPSTREAM_OF.items():
            lab.set_link(gateway, upstream, up=True)
        lab.wait_established()
    lab.wait_settled()
    assert [lists_of_both_families(lab, gateway) for gateway in dual_stack.UPSTREAM_OF] == lists


def test_a_rollback_brings_both_families_back(nr: Nornir, lab: Lab, steered: DistributeReport):
    turned = {STAYS: "GW2", MOVES: "GW1", STAYS_IPV4: "GW2", MOVES_IPV4: "GW1"}
    report = runbooks.distribute(nr, PREDICTIONS, planning=Planning(pins=turned))
    assert report.ok, (report.checks, report.findings)
    assert report.plan.gateway_of.items() > turned.items()
    back = runbooks.rollback(nr)
    assert back.ok, (back.checks, back.findings)
    assert back.plan.gateway_of == GATEWAY_OF
    assert (back.plan.moved, back.plan.warnings) == (None, ())
