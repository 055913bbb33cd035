"""A change nobody notices: tables, forwarding tables and packets, watched beside many changes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from statistics import median

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.overrides import parse_overrides
from nornir_bgp.frr.overrides_plan import LONGEST
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.planning import Planning
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.settings import Policy
from tests.lab.conftest import (
    EDGES,
    GATEWAYS,
    LIST,
    clear_overrides,
    configure,
    overrides,
    quickened,
)
from tests.lab.watch import CUSTOMERS, INTERVAL, Watch, holes, succession, watched

pytestmark = pytest.mark.lab

LAN = {"GW1": "172.16.0.3", "GW2": "172.16.0.4"}
UPSTREAM = {"GW1": "10.0.5.1", "GW2": "10.0.6.1"}
EXITS = {"UP1": 65004, "UP2": 65005}
ROUTERS = ("CE1", "CE2", *EDGES, *GATEWAYS, *EXITS)

SHARED = ("131.114.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
ELEPHANT = "198.51.100.0/24"
REST_OF_THE_INTERNET = "198.18.0.0/15"
MANY = tuple(f"198.{18 + n // 256}.{n % 256}.0/24" for n in range(508))
"""Networks of the range for measurements (RFC 2544): with the four, 512."""

THOUSANDS = tuple(map(str, ip_network(REST_OF_THE_INTERNET).subnets(new_prefix=26)))[:1996]
"""Likewise, smaller ones: with the four, 2,000."""

BALANCE = Planning(objectives=("balance",))
"""The mirror image of a plan would do as well, and move nothing."""

LARGE_CHANGES = 6
"""Changes with 512 prefixes; each takes half a minute and more."""


@pytest.fixture
def quick_gateways(clean_lab: Lab) -> Iterator[None]:
    """Gateways that apply a changed list after one second, for one test: others need the five."""
    with quickened(clean_lab):
        yield


@pytest.fixture
def many_networks(clean_lab: Lab) -> Iterator[None]:
    """Both upstreams tell of 508 more networks, and answer for every host in them."""
    with announced(clean_lab, MANY):
        yield


@pytest.fixture
def thousands_of_networks(clean_lab: Lab) -> Iterator[None]:
    """Likewise of 1,996 more."""
    with announced(clean_lab, THOUSANDS):
        yield


@contextmanager
def announced(lab: Lab, networks: tuple[str, ...]) -> Iterator[None]:
    announce(lab, networks, "", "replace")
    try:
        yield
    finally:
        announce(lab, networks, "no ", "delete")
        clear_overrides(lab)


def announce(lab: Lab, more: tuple[str, ...], no: str, verb: str) -> None:
    for upstream, number in EXITS.items():
        local = ["ip", "route", verb, "local", REST_OF_THE_INTERNET, "dev", "lo"]
        lab.run(upstream, local, check=True)
        networks = [f"{no}network {network}" for network in more]
        family = ["configure terminal", f"router bgp {number}", "address-family ipv4 unicast"]
        lab.run(upstream, ["vtysh"], input="\n".join([*family, *networks, ""]), check=True)
    lab.wait_settled()


def matrices(prefixes: tuple[str, ...], folder: Path) -> tuple[Path, Path]:
    """Write two matrices between whose plans every prefix moves.

    All prefixes but the elephant carry 2 each, and it carries one more or one less than all of
    them. The first link takes the half at or below the middle, so first the mice, then it.
    """
    mice = {prefix: 2 for prefix in prefixes if prefix != ELEPHANT}
    files = folder / "mice_first.json", folder / "elephant_first.json"
    for file, more in zip(files, (1, -1), strict=True):
        file.write_text(json.dumps({"C": mice | {ELEPHANT: sum(mice.values()) + more}}))
    return files


def test_nobody_notices_a_few_changes(clean_lab: Lab, nr: Nornir, quick_gateways, tmp_path: Path):
    check_changes(clean_lab, nr, tmp_path, SHARED, changes=2, seconds=120)


def test_the_watchers_notice_a_failure(clean_lab: Lab, nr: Nornir, quick_gateways, tmp_path: Path):
    """A cable that is pulled is lost echoes, a route that goes, and a prefix that is not raised."""
    assert runbooks.distribute(nr, matrices(SHARED, tmp_path)[0], planning=BALANCE, force=True).ok
    command = ["ip", "route", "get", ELEPHANT.replace("0/24", "1")]
    with watched(clean_lab, tmp_path / "watch", seconds=60) as watch:
        watch.monitor_routes("PE1")
        watch.sample_tables("PE1")
        watch.ping("Customer1", command[-1], per_second=50)
        watch.await_answers(10)
        clean_lab.set_link("GW2", "UP2", up=False)
        try:
            route = wait_for(
                lambda: clean_lab.run("PE1", command).stdout,
                lambda route: f"via {LAN['GW1']} " in route,
                seconds=20,
            )
            assert f"via {LAN['GW1']} " in route
            watch.await_answers(10)
        finally:
            clean_lab.set_link("GW2", "UP2", up=True)
            clean_lab.wait_established()
            clean_lab.wait_settled()
    with pytest.raises(AssertionError, match="lost"):
        check_pings(watch, changes=0)
    with pytest.raises(AssertionError, match=r"not raised|without a route"):
        check_tables(watch, SHARED)
    assert {hole.what for hole in holes(watch.kernel_changes("PE1"), set(SHARED))} == {ELEPHANT}


def test_a_sampler_that_ends_is_told_of(clean_lab: Lab, tmp_path: Path):
    """On a host without FRR a vtysh ends at once."""

    def sample() -> None:
        with watched(clean_lab, tmp_path / "watch", seconds=10) as watch:
            watch.sample_tables("Customer1")
            watch.await_tables()

    with pytest.raises((AssertionError, BrokenPipeError), match=r"vtysh has ended|Broken pipe"):
        sample()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_nobody_notices_twenty_changes(clean_lab: Lab, nr: Nornir, tmp_path: Path):
    check_changes(clean_lab, nr, tmp_path, SHARED, changes=20, seconds=600)


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_nobody_notices_512_moves_at_once(
    clean_lab: Lab, nr: Nornir, many_networks, tmp_path: Path
):
    """Sending the lines takes longer than the timer after which FRR applies what has come."""
    reports = check_changes(
        clean_lab, nr, tmp_path, SHARED + MANY, changes=LARGE_CHANGES, seconds=1200
    )
    assert all(report.seconds["push"] > 5 for report in reports)


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_nobody_notices_2000_moves_at_once(
    clean_lab: Lab, nr: Nornir, thousands_of_networks, tmp_path: Path
):
    """Many lists and clauses come and go; in the end there is nothing but what was there before."""
    before = {gw: clean_lab.vtysh(gw, "show running-config") for gw in GATEWAYS}
    prefixes = SHARED + THOUSANDS
    check_changes(clean_lab, nr, tmp_path, prefixes, changes=2, seconds=1200)
    for gateway in GATEWAYS:
        held = parse_overrides(clean_lab.vtysh(gateway, "show running-config"), Policy())
        some = sum(1 for _ in held.entries)
        assert some in (1, len(prefixes) - 1)
        assert len(held.lists) == (1 if some == 1 else len(prefixes) // LONGEST)
    few = tmp_path / "few.json"
    few.write_text(json.dumps({"C": dict.fromkeys(SHARED, 1)}))
    assert runbooks.distribute(nr, few, force=True).ok
    assert all(len(overrides(clean_lab, gateway)) == 2 for gateway in GATEWAYS)
    for gateway in GATEWAYS:
        configure(clean_lab, gateway, f"no ip prefix-list {LIST}")
    assert {gw: clean_lab.vtysh(gw, "show running-config") for gw in GATEWAYS} == before


def check_changes(
    lab: Lab, nr: Nornir, folder: Path, prefixes: tuple[str, ...], *, changes: int, seconds: float
) -> list[DistributeReport]:
    """Change back and forth while everything is watched; nobody may have noticed."""
    plans = matrices(prefixes, folder)
    first = runbooks.distribute(nr, plans[1], planning=BALANCE, force=True)
    assert first.ok, first
    began = first.plan.gateway_of
    reports = []
    with watched(lab, folder / "watch", seconds=seconds) as watch:
        for router in ROUTERS:
            watch.monitor_routes(router)
        for edge in EDGES:
            watch.sample_tables(edge)
        for customer in CUSTOMERS:
            for prefix in (*SHARED, *prefixes[len(SHARED) :: max(25, len(prefixes) // 20)]):
                watch.ping(customer, prefix.rpartition(".")[0] + ".1")
        for n in range(changes):
            report = runbooks.distribute(nr, plans[n % 2], planning=BALANCE)
            assert report.ok, report
            lines = [line for change in report.changes for line in change.lines]
            assert sum(" seq " in line for line in lines) == 2 * len(prefixes)
            reports.append(report)
        watch.await_tables()
    print(f"{changes} changes of {len(prefixes)} prefixes")
    check_pings(watch, changes)
    check_tables(watch, prefixes)
    check_forwarding(watch, began, changes)
    for phase in ("collect", "push", "prove"):
        took = median(report.seconds[phase] for report in reports)
        print(f"{phase}: {took:.1f} s in the median")
    return reports


def check_pings(watch: Watch, changes: int) -> None:
    """Not one echo is lost."""
    echoes = watch.echoes()
    for name, pings in echoes.items():
        assert pings.sent > 20 * changes, name
        assert pings.sent < watch.last_echo[name], f"{name} ended before the watch did"
        assert pings.lost == (), f"{name}: {len(pings.lost)} of {pings.sent} lost"
    sent = sum(pings.sent for pings in echoes.values())
    silence = max(pings.longest_silence for pings in echoes.values())
    print(f"{sent} echoes of {len(echoes)} pings, none lost; longest silence {silence:.3f} s")


def check_tables(watch: Watch, prefixes: tuple[str, ...]) -> None:
    """In every sample each prefix is raised, at its old gateway or at its new one."""
    for edge, tables in watch.tables.items():
        seen: dict[str, set[str]] = {prefix: set() for prefix in prefixes}
        for table in tables.distinct():
            for prefix in prefixes:
                best = table.best(prefix)
                assert best is not None, f"{edge}: {prefix} without a route"
                assert best.local_pref == 200, f"{edge}: {prefix} is not raised"
                seen[prefix].add(best.next_hop)
        assert all(gateways == set(LAN.values()) for gateways in seen.values())
        gaps = tables.gaps
        assert median(gaps) < 2 * INTERVAL, f"{edge}: a table every {median(gaps):.3f} s"
        print(
            f"{edge}: {len(tables.times)} tables sampled, {len(tables.texts)} of them not like the "
            f"one before; every {median(gaps) * 1000:.0f} ms in the median, "
            f"{gaps[len(gaps) * 99 // 100] * 1000:.0f} ms at the 99th percentile"
        )


def check_forwarding(watch: Watch, began: dict[str, str], changes: int) -> None:
    """No kernel was ever without a route, and each move was one replacement of old by new."""
    for router in ROUTERS:
        kernel = watch.kernel_changes(router)
        assert holes(kernel, set(began)) == [], router
        if router in (*EDGES, *GATEWAYS):
            for prefix, gateway in began.items():
                other = next(name for name in GATEWAYS if name != gateway)
                expected = [(_next_hop(router, g),) for g in (other, gateway)] * (changes // 2)
                assert succession(kernel, prefix) == expected, f"{router}: {prefix}"
        moved = sum(change.what in began for change in kernel)
        print(f"{router}: {moved} changes of the forwarding table, none of them a deletion")


def _next_hop(router: str, gateway: str) -> str:
    return UPSTREAM[gateway] if router == gateway else LAN[gateway]
