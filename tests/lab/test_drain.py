"""A gateway is taken out of use and put back: all traffic of ours leaves it, no packet is lost."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import InputError, RefusedError
from nornir_bgp.lab.lab import Lab
from nornir_bgp.runbooks.session import load_nornir
from tests.conftest import REPOSITORY
from tests.lab.conftest import EDGES, Cli, clear_overrides, configure, override_prefixes
from tests.lab.predicted import live
from tests.lab.test_hitless import check_pings
from tests.lab.watch import CUSTOMERS, watched

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("quick_gateways")]

TEST = REPOSITORY / "predictions" / "test.json"
UNPREDICTED, ONLY_THERE = "198.18.0.0/24", "198.18.1.0/24"
"""Nobody predicts traffic to these: both upstreams have the first, UP1 alone the second."""

ANNOUNCED = {"UP1": (65004, (UNPREDICTED, ONLY_THERE)), "UP2": (65005, (UNPREDICTED,))}
GATEWAYS = {"172.16.0.3": "GW1", "172.16.0.4": "GW2"}
PREDICTED = ("131.114.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")


@pytest.fixture(scope="module")
def more_routes(clean_lab: Lab) -> Iterator[Lab]:
    for upstream, (number, prefixes) in ANNOUNCED.items():
        local = ["ip", "route", "replace", "local", "198.18.0.0/15", "dev", "lo"]
        clean_lab.run(upstream, local, check=True)
        announce(clean_lab, upstream, number, *(f"network {prefix}" for prefix in prefixes))
    assert wait_for(lambda: ONLY_THERE in live(clean_lab, "PE2").routes, bool, seconds=20)
    yield clean_lab
    for upstream, (number, prefixes) in ANNOUNCED.items():
        announce(clean_lab, upstream, number, *(f"no network {prefix}" for prefix in prefixes))
        clean_lab.run(upstream, ["ip", "route", "del", "local", "198.18.0.0/15", "dev", "lo"])
    clear_overrides(clean_lab)


def announce(lab: Lab, upstream: str, number: int, *lines: str) -> None:
    configure(lab, upstream, f"router bgp {number}", "address-family ipv4 unicast", *lines)


def shown(lab: Lab) -> dict[str, set[tuple[str | None, int]]]:
    """Prefix -> the gateways that the edge routers send it by, and at which LOCAL_PREF."""
    tables = [live(lab, edge) for edge in EDGES]
    return {
        prefix: {
            (GATEWAYS.get(best.next_hop), table.local_pref(best))
            for table in tables
            if (best := table.best(prefix))
        }
        for prefix in (*PREDICTED, UNPREDICTED, ONLY_THERE)
    }


def running(lab: Lab) -> list[str]:
    return [lab.vtysh(gateway, "show running-config") for gateway in GATEWAYS.values()]


def test_drain_and_undrain(more_routes: Lab, nr: Nornir, cli: Cli, tmp_path: Path):
    lab = more_routes
    first = runbooks.distribute(nr, TEST)
    assert first.ok
    way = shown(lab)
    raised = {g: sorted(override_prefixes(lab, g)) for g in GATEWAYS.values()}
    assert way[UNPREDICTED] == way[ONLY_THERE] == {("GW1", 100)}

    with watched(lab, tmp_path / "watch", seconds=120) as watch:
        for customer, address in zip(CUSTOMERS, ("131.114.0.1", "198.18.0.1"), strict=True):
            watch.ping(customer, address)
        watch.await_answers(10)
        report = runbooks.drain(nr, "GW1")
        assert (report.ok, report.exit_code, report.findings) == (True, 0, ())
        assert report.mispredicted == ()
        assert shown(lab) == {prefix: {("GW2", 200)} for prefix in PREDICTED} | {
            UNPREDICTED: {("GW2", 100)},
            ONLY_THERE: {("GW1", 50)},
        }
        assert report.plan.drained == ("GW1",)
        assert report.plan.gateways["GW2"].load == 295
        assert any(
            f"no other gateway in use has a route to {ONLY_THERE}" in warning
            for warning in report.plan.warnings
        )
        assert runbooks.verify(nr).ok

        lab.set_link("GW1", "UP1", up=False)  # the maintenance, which keeps no run from its work
        try:
            again = runbooks.distribute(nr, TEST, dry_run=True)
        finally:
            lab.set_link("GW1", "UP1", up=True)
            lab.wait_established()
        assert (again.ok, again.plan.drained) == (True, ("GW1",))
        assert not any(change.lines for change in again.changes)
        with pytest.raises(RefusedError, match="GW1 is drained already"):
            runbooks.drain(nr, "GW1")
        with pytest.raises(RefusedError, match="GW2 is the last gateway in use"):
            runbooks.drain(nr, "GW2")

        lab.wait_settled()
        done = cli("undrain", "GW1", "--json")
        assert done.returncode == 0, done.stderr
        plan = json.loads(done.stdout)["plan"]
        assert plan["drained"] == []
        assert {gateway["load"] for gateway in plan["gateways"].values()} == {145, 150}
        assert shown(lab)[UNPREDICTED] == way[UNPREDICTED]
        assert runbooks.rollback(nr, first.run).ok
        watch.await_answers(10)
    check_pings(watch, changes=3)
    assert shown(lab) == way
    assert {gateway: sorted(override_prefixes(lab, gateway)) for gateway in raised} == raised
    assert not any("LOCAL_PREF_PREFIX_LIST_" in config for config in running(lab))


def test_what_cannot_be(more_routes: Lab, lab_config: Path, cli: Cli):
    """Neither a gateway that is none, nor one whose traffic the other link cannot carry."""
    nr = load_nornir(lab_config)
    for gateway in GATEWAYS.values():
        for neighbor in nr.inventory.hosts[gateway].data["bgp"]["neighbors"]:
            if neighbor.get("use_localpref_map"):
                neighbor["capacity"] = 200
    before = running(more_routes)
    with pytest.raises(RefusedError, match="295"):
        runbooks.drain(nr, "GW1", TEST)
    with pytest.raises(InputError, match="PE1: is no gateway; there is GW1, GW2"):
        runbooks.drain(nr, "PE1", TEST)
    with pytest.raises(RefusedError, match="GW1 is not drained"):
        runbooks.undrain(nr, "GW1", TEST)
    bound_by_option = cli("drain", "GW1", str(TEST), "--pin", "192.0.2.0/24=GW1")
    assert bound_by_option.returncode == 6
    assert "192.0.2.0/24 pinned to GW1, which is drained" in bound_by_option.stderr
    assert running(more_routes) == before
