"""The reference network: its published tables, before, after, and when something fails."""

from dataclasses import replace
from pathlib import Path

import pytest

from nornir_bgp.bgp.domain import Domain, Event, Reconfigured
from nornir_bgp.bgp.propagation import Outcome, propagate
from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.routing_config import parse_router
from nornir_bgp.models.routing import (
    PrefixRule,
)
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import load_nornir

REPOSITORY = Path(__file__).parents[2]
UPSTREAM = ("131.114.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
CUSTOMERS = {"1.0.0.0/24": 65001, "2.0.0.0/24": 65002}


def lines(outcome: Outcome, router: str, prefix: str) -> list[tuple[object, ...]]:
    """A router's paths: marker, next hop, LOCAL_PREF, AS path; the best one first."""
    paths = sorted(outcome.rib(router).routes.get(prefix, ()), key=lambda path: not path.best)
    return [
        (
            ">" if path.best else "=" if path.multipath else "*" if path.valid else " ",
            path.next_hop,
            path.local_pref,
            path.as_path,
        )
        for path in paths
    ]


@pytest.fixture(scope="module")
def network() -> Domain:
    configurations = render(load_nornir(REPOSITORY / "config.yaml"))
    return Domain({name: parse_router(text, name) for name, text in configurations.items()})


@pytest.fixture(scope="module")
def before(network: Domain) -> Outcome:
    return propagate(network, [])


@pytest.fixture(scope="module")
def after(network: Domain) -> Outcome:
    """The same network with the lists that predictions/test.json leads to."""
    overridden = {"GW1": ("203.0.113.0/24", "131.114.0.0/16", "192.0.2.0/24")}
    overridden["GW2"] = ("198.51.100.0/24",)
    changed = []
    for name, prefixes in overridden.items():
        rules = tuple(PrefixRule(True, one, int(one[-2:]), int(one[-2:])) for one in prefixes)
        lists = {**network.routers[name].prefix_lists, "LOCAL_PREF_PREFIX_LIST": rules}
        changed.append(replace(network.routers[name], prefix_lists=lists))
    return propagate(network, [], [Reconfigured(tuple(changed))])


class TestReferenceNetwork:
    """The results that the reference document publishes."""

    def test_every_session_has_two_ends(self, network: Domain) -> None:
        assert network.problems() == ()

    def test_pe1_before(self, before: Outcome) -> None:
        assert before.converged
        assert before.prefixes == ("1.0.0.0/24", "2.0.0.0/24", *UPSTREAM)
        for prefix, customer, link in (("1.0.0.0/24", 65001, 1), ("2.0.0.0/24", 65002, 3)):
            assert lines(before, "PE1", prefix) == [
                (">", f"10.0.{link}.1", None, str(customer)),
                ("*", "172.16.0.2", 100, str(customer)),
            ]
        for prefix in UPSTREAM:
            assert lines(before, "PE1", prefix) == [
                (">", "172.16.0.3", 100, "65004"),
                ("*", "172.16.0.4", 100, "65005"),
            ]

    def test_customers_share_the_load(self, before: Outcome, after: Outcome) -> None:
        for prefix in UPSTREAM:
            assert lines(before, "CE1", prefix) == [
                (">", "10.0.1.0", None, "65020 65004"),
                ("=", "10.0.2.0", None, "65020 65004"),
            ]
            last = "65005" if prefix == "198.51.100.0/24" else "65004"
            assert [line[0] for line in lines(after, "CE1", prefix)] == [">", "="]
            assert {line[3] for line in lines(after, "CE1", prefix)} == {f"65020 {last}"}

    def test_gateways_before(self, before: Outcome) -> None:
        for prefix in UPSTREAM:
            assert lines(before, "GW1", prefix) == [
                (">", "10.0.5.1", None, "65004"),
                ("*", "172.16.0.4", 100, "65005"),
            ]
        for prefix, customer in CUSTOMERS.items():
            assert lines(before, "GW1", prefix) == [
                (">", "172.16.0.1", 100, str(customer)),
                ("=", "172.16.0.2", 100, str(customer)),
            ]

    def test_after_the_change(self, after: Outcome) -> None:
        for prefix in UPSTREAM:
            is_moved = prefix == "198.51.100.0/24"
            expected = ("172.16.0.4", 200, "65005") if is_moved else ("172.16.0.3", 200, "65004")
            for router in ("PE1", "PE2"):
                assert lines(after, router, prefix) == [(">", *expected)]
            own = lines(after, "GW2" if is_moved else "GW1", prefix)
            assert own == [(">", "10.0.6.1" if is_moved else "10.0.5.1", 200, expected[2])]
        assert lines(after, "GW1", "198.51.100.0/24")[0] == (">", "172.16.0.4", 200, "65005")

    def test_upstreams_hold_their_own_and_the_customers(self, before: Outcome) -> None:
        for prefix in UPSTREAM:
            assert lines(before, "UP1", prefix) == [(">", "0.0.0.0", None, "")]
        for prefix, customer in CUSTOMERS.items():
            assert lines(before, "UP1", prefix) == [(">", "10.0.5.0", None, f"65020 {customer}")]

    def test_a_dead_upstream_hands_over(self, network: Domain, before: Outcome) -> None:
        fails = Event(frozenset({network.resource("GW1:UP1")}))
        failed = propagate(network, [], [fails])
        for prefix in UPSTREAM:
            assert lines(failed, "PE1", prefix) == [(">", "172.16.0.4", 100, "65005")]
            assert failed.forwarding("GW1", prefix) == ("172.16.0.4",)
        back = propagate(network, [], [fails, fails._replace(fails=False)])
        for router in network.routers:
            assert {p: set(lines(back, router, p)) for p in back.prefixes} == {
                p: set(lines(before, router, p)) for p in before.prefixes
            }

    def test_without_next_hop_self_the_route_is_there_and_takes_no_part(
        self, network: Domain
    ) -> None:
        routers = dict(network.routers)
        for name in ("GW1", "GW2"):
            sessions = tuple(replace(one, next_hop_self=False) for one in routers[name].sessions)
            routers[name] = replace(routers[name], sessions=sessions)
        outcome = propagate(Domain(routers), [])
        for prefix in UPSTREAM:
            assert sorted(lines(outcome, "PE1", prefix)) == [
                (" ", "10.0.5.1", 100, "65004"),
                (" ", "10.0.6.1", 100, "65005"),
            ]
            assert outcome.forwarding("PE1", prefix) == ()
            assert lines(outcome, "CE1", prefix) == []

    def test_resources(self, network: Domain) -> None:
        names = [str(resource) for resource in network.resources()]
        assert names[:8] == [f"node {name}" for name in network.routers]
        assert "link GW1:UP1" in names
        assert "link PE1:eth3" in names
        assert "session PE1:GW1" in names
        assert str(network.resource("UP1:GW1")) == "link GW1:UP1"
        assert str(network.resource("GW1:eth1")) == "link GW1:UP1"
        assert str(network.resource("GW1:eth2")) == "link GW1:eth2"
        assert str(network.resource("PE1:PE2")) == "session PE1:PE2"
        assert str(network.resource("session UP1:GW1")) == "session GW1:UP1"
        with pytest.raises(InputError, match=r"'GW9' is no node or link .*GW1, GW1:UP1"):
            network.resource("GW9")

    @pytest.mark.parametrize(
        ("resource", "lost"),
        [("GW1", {"GW1"}), ("PE1:eth3", {"PE1"}), ("session PE1:GW1", set())],
    )
    def test_what_a_failure_takes_along(
        self, network: Domain, resource: str, lost: set[str]
    ) -> None:
        outcome = propagate(network, [], [Event(frozenset({network.resource(resource)}))])
        without = {
            name
            for name in network.routers
            if name not in ("UP1", "UP2") and not outcome.forwarding(name, UPSTREAM[0])
        }
        assert without == lost
        if resource == "session PE1:GW1":
            assert lines(outcome, "PE1", UPSTREAM[0]) == [(">", "172.16.0.4", 100, "65005")]
