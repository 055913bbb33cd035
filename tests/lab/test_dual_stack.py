"""A dual-stack network on FRR: its tables in both formats, and the IPv6 half of our rendering.

The tables hold what the reference network's do not: prefixes that wrap, IPv6 next hops, a family
without a route.
"""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.show_bgp import (
    parse_advertised_json,
    parse_end_of_rib,
    parse_json,
    parse_summary_json,
)
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.rib import Path
from nornir_bgp.runbooks.lab import lab_down
from tests.lab import dual_stack
from tests.lab.formats import FAMILIES, Shown, show

pytestmark = pytest.mark.lab

STATES = ("before", "after")
MOVED = dual_stack.INTERNET[-1]
MOVED_IPV4 = dual_stack.INTERNET_IPV4[-1]
PREDICTIONS = {
    "C1": {
        dual_stack.INTERNET_IPV4[0]: 145,
        MOVED_IPV4: 150,
        dual_stack.INTERNET[0]: 60,
        MOVED: 62,
        "203.0.113.0/24": 6,
    }
}


@pytest.fixture(scope="module")
def nr(tmp_path_factory: pytest.TempPathFactory) -> Nornir:
    return runbooks.load_nornir(dual_stack.write_network(tmp_path_factory.mktemp("dual-stack")))


@pytest.fixture(scope="module")
def lab(nr: Nornir) -> Iterator[Lab]:
    """The dual-stack network, beside the session's lab."""
    try:
        yield runbooks.lab_up(nr)
    finally:
        lab_down(runbooks.settings_of(nr))


@pytest.fixture(scope="module", params=STATES)
def state(
    request: pytest.FixtureRequest, lab: Lab, nr: Nornir, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The lab as it came up, then with one prefix of each family moved from GW1 to GW2."""
    if request.param == "after":
        predictions = tmp_path_factory.mktemp("predictions") / "predictions.json"
        predictions.write_text(json.dumps(PREDICTIONS), "utf-8")
        report = runbooks.distribute(nr, predictions)
        assert report.ok, (report.checks, report.findings)
        lab.wait_settled()
    return str(request.param)


@pytest.fixture(scope="module")
def shown(lab: Lab, state: str) -> dict[str, list[Shown]]:
    """Family -> every router's table."""
    return {family: [show(lab, router, family) for router in lab.routers] for family in FAMILIES}


@pytest.mark.parametrize("family", FAMILIES)
def test_text_and_json_agree(shown: dict[str, list[Shown]], family: str):
    assert sorted(table.router for table in shown[family]) == sorted(dual_stack.ROUTERS)
    for table in shown[family]:
        table.check_agreement()


def test_the_states_differ_in_the_moved_prefixes(shown: dict[str, list[Shown]], state: str):
    for family, moved in (("ipv4", MOVED_IPV4), ("ipv6", MOVED)):
        tables = {table.router: table.from_text for table in shown[family]}
        through = {
            prefix: best.as_path
            for prefix in tables["PE1"].routes
            if (best := tables["PE1"].best(prefix)) and best.internal
        }
        assert through.pop(moved) == ("65005" if state == "after" else "65004")
        assert set(through.values()) == {"65004"}
        best = tables["GW1"].best(moved)
        assert best is not None
        assert (best.internal, best.local_pref) == (
            (True, 200) if state == "after" else (False, None)
        )


WRAPPED_NETWORK = re.compile(r"^.{3}([0-9a-f:.]+/\d+)$", re.MULTILINE)
WRAPPED_NEXT_HOP = re.compile(r"^.{20}([0-9a-f:.]+)$", re.MULTILINE)

FEATURES: dict[str, Callable[[Path], bool]] = {
    "ECMP by eBGP": lambda path: path.multipath and not path.internal,
    "ECMP by iBGP": lambda path: path.multipath and path.internal,
    "neither metric nor LocPrf": lambda path: path.metric is None and path.local_pref is None,
    "metric alone": lambda path: path.metric is not None and path.local_pref is None,
    "metric and LocPrf": lambda path: path.metric is not None and path.local_pref is not None,
    "a route of its own": lambda path: path.weight == 32768 and not path.as_path,
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_tables_hold_all_that_is_to_be_compared(shown: dict[str, list[Shown]], family: str):
    tables = shown[family]
    paths = [path for table in tables for path in table.paths]
    for feature, has in FEATURES.items():
        assert any(map(has, paths)), feature

    empty = dual_stack.ONLY_IPV6 if family == "ipv4" else dual_stack.ONLY_IPV4
    assert [table.router for table in tables if not table.paths] == [empty]

    fits, wraps = dual_stack.INTERNET_IPV4 if family == "ipv4" else dual_stack.INTERNET[1:3]
    assert (len(fits), len(wraps)) == (16, 17)
    for table in tables:
        if table.router != empty:
            assert {fits, wraps} < table.from_text.routes.keys()
            wrapped = WRAPPED_NETWORK.findall(table.text)
            assert (fits in wrapped, wraps in wrapped) == (False, True), table.router


def test_next_hops_are_ipv6_and_wrap(shown: dict[str, list[Shown]]):
    """Link-local ones, which eBGP uses, need a line of their own; those of the LAN do not."""
    next_hops = {path.next_hop for table in shown["ipv6"] for path in table.paths}
    wrapped = {hop for table in shown["ipv6"] for hop in WRAPPED_NEXT_HOP.findall(table.text)}
    assert len(wrapped) > len(dual_stack.ROUTERS)
    assert all(hop.startswith("fe80::") for hop in wrapped)
    assert next_hops - wrapped == {"::", *(f"2001:db8:16::{host}" for host in (1, 2, 3, 4))}


def test_every_session_carries_its_own_family(lab: Lab, state: str):
    """All are established, and the prefixes of a session's count are in the table."""
    sessions = dict.fromkeys(FAMILIES, 0)
    for router in lab.routers:
        summaries = parse_summary_json(lab.vtysh(router, "show bgp summary json"))
        for family in FAMILIES:
            table = parse_json(lab.vtysh(router, f"show bgp {family} unicast json"))
            summary = summaries.get(f"{family}Unicast")
            for address, peer in summary.peers.items() if summary else ():
                assert (":" in address) == (family == "ipv6")
                assert peer.established, (router, address)
                received = sum(p.peer == address for ps in table.routes.values() for p in ps)
                assert peer.prefixes_received == received, (router, address)
                sessions[family] += 1
    # Both ends of: six pairs on the LAN, four links to customers, two to upstreams.
    assert sessions == {"ipv4": 24, "ipv6": 24}


def test_every_router_runs_what_is_rendered_for_it(lab: Lab, nr: Nornir, state: str):
    """FRR keeps every line, and a deploy finds nothing to do, also beside override lists."""
    for router, text in runbooks.render(nr).items():
        running = lab.vtysh(router, "show running-config")
        assert set(text.splitlines()) - set(running.splitlines()) == set(), router
    report = runbooks.deploy(nr, dry_run=True)
    assert report.ok
    for device in report.devices:
        assert device.change is not None
        assert (device.change.diff, device.change.commands) == ("", ()), device.device


@pytest.mark.parametrize("gateway", dual_stack.UPSTREAM_OF)
def test_upstreams_hear_of_the_customers_prefixes_and_nothing_else(
    lab: Lab, state: str, gateway: str
):
    upstream, *exits = dual_stack.UPSTREAM_OF[gateway]
    for family, address, ours, others in (
        ("ipv4", exits[0], dual_stack.CUSTOMERS_IPV4, dual_stack.NOT_OURS_IPV4),
        ("ipv6", exits[1], dual_stack.CUSTOMERS, dual_stack.NOT_OURS),
    ):
        command = f"show bgp {family} unicast"
        assert others < parse_json(lab.vtysh(gateway, f"{command} json")).routes.keys()
        sent = lab.vtysh(gateway, f"{command} neighbors {address} advertised-routes json")
        assert parse_advertised_json(sent).keys() == set(ours)
        heard = parse_json(lab.vtysh(upstream, f"{command} json")).routes
        assert {p for p, paths in heard.items() if any(path.as_path for path in paths)} == set(ours)


def test_end_of_rib_comes_for_the_family_of_a_session(lab: Lab, state: str):
    _, ipv4, ipv6 = dual_stack.UPSTREAM_OF["GW1"]
    for address, expected in ((ipv4, [True, False]), (ipv6, [False, True])):
        told = lab.vtysh("GW1", f"show bgp neighbors {address} json")
        assert [parse_end_of_rib(told, 4), parse_end_of_rib(told, 6)] == expected


@pytest.mark.parametrize("address", dual_stack.INTERNET_HOSTS)
def test_a_customer_reaches_the_internet_by_ipv6(lab: Lab, state: str, address: str):
    ping = ["ping", "-6", "-n", "-c1", "-W2", "-I", dual_stack.CUSTOMER_HOST, address]
    done = wait_for(
        lambda: lab.run("Customer1", ping), lambda done: done.returncode == 0, seconds=10
    )
    assert done.returncode == 0, done.stdout
