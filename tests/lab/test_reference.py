"""Every line of the reference results, on the live lab, before and after the change."""

from pathlib import Path

import pytest

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.show_bgp import (
    parse_advertised_json,
    parse_json,
    parse_summary_json,
    parse_text,
)
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.rib import Path as BgpPath
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.summary import BgpSummary

pytestmark = pytest.mark.lab

UPSTREAM = ("131.114.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
CUSTOMER = ("1.0.0.0/24", "2.0.0.0/24")
SHARED_HOSTS = ("131.114.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1")
ROUTERS = {  # router id, AS number, sessions
    "CE1": ("192.168.1.1", 65001, 2),
    "CE2": ("192.168.2.1", 65002, 2),
    "PE1": ("192.168.3.1", 65020, 5),
    "PE2": ("192.168.3.2", 65020, 5),
    "GW1": ("192.168.3.3", 65020, 4),
    "GW2": ("192.168.3.4", 65020, 4),
    "UP1": ("192.168.4.1", 65004, 1),
    "UP2": ("192.168.5.1", 65005, 1),
}
CUSTOMER_HOPS = {  # edge router -> customer prefix -> (next hop, AS)
    "PE1": {"1.0.0.0/24": ("10.0.1.1", "65001"), "2.0.0.0/24": ("10.0.3.1", "65002")},
    "PE2": {"1.0.0.0/24": ("10.0.2.1", "65001"), "2.0.0.0/24": ("10.0.4.1", "65002")},
}
OTHER_EDGE = {"PE1": "172.16.0.2", "PE2": "172.16.0.1"}
LAN = {"GW1": "172.16.0.3", "GW2": "172.16.0.4"}
PLANNED = {
    "131.114.0.0/16": "GW1",
    "192.0.2.0/24": "GW1",
    "198.51.100.0/24": "GW2",
    "203.0.113.0/24": "GW1",
}


def rib(lab: Lab, router: str) -> Rib:
    """The router's table: its text and its JSON, which must say the same."""
    table = parse_json(lab.vtysh(router, "show bgp ipv4 unicast json"))
    text = parse_text(lab.vtysh(router, "show ip bgp"))
    assert {
        p: [x._replace(peer=None, reason=None) for x in xs] for p, xs in table.routes.items()
    } == {p: list(xs) for p, xs in text.routes.items()}
    return table


def sessions_of(lab: Lab, router: str) -> BgpSummary:
    return parse_summary_json(lab.vtysh(router, "show bgp summary json"))["ipv4Unicast"]


def best_and_rest(table: Rib, prefix: str) -> tuple[BgpPath, list[BgpPath]]:
    best = table.best(prefix)
    assert best is not None, f"{prefix} has no selected path"
    return best, [path for path in table.routes[prefix] if path is not best]


@pytest.fixture(scope="module")
def before(clean_lab: Lab) -> Lab:
    return clean_lab


@pytest.fixture(scope="module")
def after(before: Lab, nr) -> tuple[Lab, DistributeReport]:
    return before, runbooks.distribute(nr, Path(__file__).parents[2] / "predictions/test.json")


class TestBefore:
    @pytest.mark.parametrize("router", ROUTERS)
    def test_sessions(self, before, router):
        router_id, as_number, sessions = ROUTERS[router]
        table = rib(before, router)
        assert (table.router_id, table.local_as) == (router_id, as_number)
        summary = sessions_of(before, router)
        assert (summary.router_id, summary.local_as) == (router_id, as_number)
        assert [peer.state for peer in summary.peers.values()] == ["Established"] * sessions

    def test_pe1_has_three_ibgp_sessions_and_two_customers(self, before):
        summary = sessions_of(before, "PE1")
        assert (
            sorted(peer.remote_as for peer in summary.peers.values())
            == [65001, 65002] + [65020] * 3
        )

    @pytest.mark.parametrize("edge", CUSTOMER_HOPS)
    def test_edge(self, before, edge):
        table = rib(before, edge)
        assert sorted(table.routes) == sorted(CUSTOMER + UPSTREAM)
        check_customers_at(table, edge)
        for prefix in UPSTREAM:
            best, rest = best_and_rest(table, prefix)
            assert (best.next_hop, best.as_path, best.local_pref) == ("172.16.0.3", "65004", 100)
            assert [(p.next_hop, p.as_path) for p in rest] == [("172.16.0.4", "65005")]

    def test_customer_router(self, before):
        check_two_equal_paths(rib(before, "CE1"))

    @pytest.mark.parametrize(
        ("gateway", "upstream", "other"),
        [("GW1", "10.0.5.1", "172.16.0.4"), ("GW2", "10.0.6.1", "172.16.0.3")],
    )
    def test_gateway(self, before, gateway, upstream, other):
        table = rib(before, gateway)
        for prefix in UPSTREAM:
            best, rest = best_and_rest(table, prefix)
            assert best.next_hop == upstream
            assert [p.next_hop for p in rest] == [other]
        for prefix in CUSTOMER:
            best, rest = best_and_rest(table, prefix)
            assert best.next_hop == "172.16.0.1"
            assert [(p.next_hop, p.multipath) for p in rest] == [("172.16.0.2", True)]

    @pytest.mark.parametrize(("upstream", "gateway"), [("UP1", "10.0.5.0"), ("UP2", "10.0.6.0")])
    def test_upstream(self, before, upstream, gateway):
        check_upstream(rib(before, upstream), gateway)

    def test_gateways_advertise_customers_only(self, before):
        check_advertised(before)

    def test_data_paths(self, before):
        check_paths(before, dict.fromkeys(UPSTREAM, "GW1"))

    def test_customers_ping_every_shared_network(self, before):
        check_pings(before)

    def test_manager_pings_its_own_lan_alone(self, before):
        for address in ("172.16.0.1", "172.16.0.2", "172.16.0.3", "172.16.0.4"):
            assert pings(before, "manager", address)
        for address in (*SHARED_HOSTS, "1.0.0.254", "2.0.0.254", "192.168.1.1", "10.0.5.1"):
            assert not pings(before, "manager", address)


class TestAfter:
    def test_plan(self, after):
        _, report = after
        assert report.ok
        assert report.plan.total_load == 295
        assert {e.gateway: (e.upstream, e.load) for e in report.plan.exits} == {
            "GW1": ("UP1", 145),
            "GW2": ("UP2", 150),
        }
        assert report.plan.gateway_of == PLANNED

    @pytest.mark.parametrize("edge", CUSTOMER_HOPS)
    def test_edge(self, after, edge):
        table = rib(after[0], edge)
        assert sorted(table.routes) == sorted(CUSTOMER + UPSTREAM)
        check_customers_at(table, edge)
        for prefix in UPSTREAM:
            best, rest = best_and_rest(table, prefix)
            assert (best.next_hop, best.local_pref, rest) == (LAN[PLANNED[prefix]], 200, [])

    def test_customer_router(self, after):
        check_two_equal_paths(rib(after[0], "CE1"))

    def test_gateway(self, after):
        table = rib(after[0], "GW1")
        best = {prefix: table.best(prefix) for prefix in UPSTREAM}
        assert {p: (b.next_hop, b.local_pref) for p, b in best.items() if b} == {
            prefix: ("10.0.5.1" if gateway == "GW1" else "172.16.0.4", 200)
            for prefix, gateway in PLANNED.items()
        }

    @pytest.mark.parametrize(("upstream", "gateway"), [("UP1", "10.0.5.0"), ("UP2", "10.0.6.0")])
    def test_upstream(self, after, upstream, gateway):
        check_upstream(rib(after[0], upstream), gateway)

    def test_gateways_advertise_customers_only(self, after):
        check_advertised(after[0])

    def test_data_paths(self, after):
        check_paths(after[0], PLANNED)

    def test_customers_ping_every_shared_network(self, after):
        check_pings(after[0])

    def test_upstream_fails_and_returns(self, after):
        """All prefixes go by GW1 with no action of ours, and back to the plan."""
        lab, _ = after

        def hops() -> dict[str, str]:
            table = parse_json(lab.vtysh("PE1", "show bgp ipv4 unicast json"))
            return {p: b.next_hop if (b := table.best(p)) else "" for p in UPSTREAM}

        plan = {prefix: LAN[gateway] for prefix, gateway in PLANNED.items()}
        assert hops() == plan
        lab.set_link("GW2", "UP2", up=False)
        try:
            down = dict.fromkeys(UPSTREAM, LAN["GW1"])
            assert wait_for(hops, lambda found: found == down, seconds=15) == down
            check_paths(lab, dict.fromkeys(UPSTREAM, "GW1"))
        finally:
            lab.set_link("GW2", "UP2", up=True)
        assert wait_for(hops, lambda found: found == plan, seconds=60) == plan
        check_paths(lab, PLANNED)


def check_customers_at(table: Rib, edge: str) -> None:
    for prefix, (next_hop, as_path) in CUSTOMER_HOPS[edge].items():
        best, rest = best_and_rest(table, prefix)
        assert (best.next_hop, best.as_path) == (next_hop, as_path)
        assert [p.next_hop for p in rest] == [OTHER_EDGE[edge]]


def check_two_equal_paths(table: Rib) -> None:
    for prefix in ("2.0.0.0/24", *UPSTREAM):
        best, rest = best_and_rest(table, prefix)
        assert [p.multipath for p in rest] == [True]
        assert {best.next_hop, rest[0].next_hop} == {"10.0.1.0", "10.0.2.0"}
    assert [p.next_hop for p in table.routes["1.0.0.0/24"]] == ["0.0.0.0"]


def check_upstream(table: Rib, gateway: str) -> None:
    assert sorted(table.routes) == sorted(CUSTOMER + UPSTREAM)
    for prefix, paths in table.routes.items():
        assert [p.next_hop for p in paths] == [gateway if prefix in CUSTOMER else "0.0.0.0"]


def check_advertised(lab: Lab) -> None:
    for gateway, neighbor in (("GW1", "10.0.5.1"), ("GW2", "10.0.6.1")):
        command = f"show bgp ipv4 unicast neighbors {neighbor} advertised-routes json"
        assert sorted(parse_advertised_json(lab.vtysh(gateway, command))) == sorted(CUSTOMER)


def check_paths(lab: Lab, gateway_of: dict[str, str]) -> None:
    for customer, own, edges in (
        ("Customer1", "1.0.0.1", {"10.0.1.0", "10.0.2.0"}),
        ("Customer2", "2.0.0.1", {"10.0.3.0", "10.0.4.0"}),
    ):
        for prefix, gateway in gateway_of.items():
            destination = f"{prefix.rpartition('.')[0]}.1"
            hops = traceroute(lab, customer, destination)
            assert len(hops) == 4, hops
            assert hops[0] == own
            assert hops[1] in edges
            assert hops[2:] == [LAN[gateway], destination]


def traceroute(lab: Lab, node: str, destination: str) -> list[str]:
    argv = ["traceroute", "-n", "-q", "1", "-w", "2", "-m", "8", destination]
    lines = lab.run(node, argv, timeout=30).stdout.splitlines()[1:]
    return [line.split()[1] for line in lines]


def check_pings(lab: Lab) -> None:
    for customer in ("Customer1", "Customer2"):
        for address in SHARED_HOSTS:
            assert pings(lab, customer, address), f"{customer} does not reach {address}"


def pings(lab: Lab, node: str, address: str) -> bool:
    argv = ["ping", "-n", "-c", "1", "-W", "1", address]
    return lab.run(node, argv, timeout=10).returncode == 0
