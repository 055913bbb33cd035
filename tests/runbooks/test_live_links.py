"""What a plan may count on: links that are up, and the smaller of capacity and speed."""

from ipaddress import ip_address

import pytest

from nornir_bgp.models.plan import Exit
from nornir_bgp.models.planning import Planning
from nornir_bgp.models.rib import Path, Rib
from nornir_bgp.models.state import GatewayState, Link
from nornir_bgp.runbooks.circumstances import on_paper
from nornir_bgp.runbooks.live_links import down, live_exits

IPV4, IPV6 = "10.0.5.1", "2001:db8:ff:5::2"
EXIT = Exit(
    gateway="GW1", neighbor=ip_address(IPV4), upstream="UP1", neighbor_ipv6=ip_address(IPV6)
)


def rib(prefix: str, peer: str, *, valid: bool = True) -> Rib:
    path = Path(valid, True, False, False, peer, 0, None, 0, "65004", "i", peer)
    return Rib("192.168.3.3", 65020, 1, 100, {prefix: (path,)})


def seen(link: Link | None, *established: str) -> GatewayState:
    return GatewayState(
        text="",
        rib=rib("198.51.100.0/24", IPV4),
        advertised={},
        running_config="",
        established=frozenset(established),
        young={},
        rib_ipv6=rib("2001:db8:a::/48", IPV6),
        link=link,
    )


UP, DOWN = Link("eth1", up=True, speed=10_000), Link("eth1", up=False, speed=10_000)


@pytest.mark.parametrize(
    ("state", "reached"),
    [
        (seen(UP, IPV4, IPV6), {"198.51.100.0/24", "2001:db8:a::/48"}),
        (seen(None, IPV4, IPV6), {"198.51.100.0/24", "2001:db8:a::/48"}),
        (seen(UP, IPV4), {"198.51.100.0/24"}),
        (seen(UP, IPV6), {"2001:db8:a::/48"}),
        (seen(UP), set()),
        (seen(DOWN, IPV4, IPV6), set()),
    ],
)
def test_an_exit_reaches_what_its_sessions_that_are_up_have_sent(
    state: GatewayState, reached: set[str]
):
    assert state.reached(EXIT) == reached


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (seen(UP, IPV4, IPV6), ()),
        (
            seen(UP, IPV4),
            (f"the session to UP1 ({IPV6}) is not established: no IPv6 prefix is planned on it",),
        ),
        (
            seen(UP),
            tuple(
                f"the session to UP1 ({session}) is not established: nothing is planned on it"
                for session in (IPV4, IPV6)
            ),
        ),
        (seen(DOWN, IPV4, IPV6), ("eth1 to UP1 is down: nothing is planned on it",)),
    ],
)
def test_what_is_down_is_said(state: GatewayState, told: tuple[str, ...]):
    sentences = tuple(f"GW1: {sentence}" for sentence in told)
    assert live_exits([EXIT], {"GW1": state}, None) == ((EXIT,), sentences)
    assert tuple(down([EXIT], {"GW1": state})) == sentences


@pytest.mark.parametrize(
    ("capacity", "unit", "counts", "told"),
    [
        (None, "Mbit/s", None, None),
        (10_000, "Mbit/s", 10_000, None),
        (10, "Gbit/s", 10, None),
        (10_000_000_000, "bit/s", 10_000_000_000, None),
        (40, "Gbit/s", 10, "less than its capacity of 40 Gbit/s: the plan counts on 10 Gbit/s"),
        (8_000, "Mbit/s", 8_000, "more than its capacity of 8,000 Mbit/s, which the plan counts"),
        (10_000_000, "kbit/s", 10_000_000, None),
        (10_000_001, "kbit/s", 10_000_000, "less than its capacity of 10,000,001 kbit/s"),
        (10, None, 10, None),
        (10_000_000, None, 10_000_000, None),
        (40, None, 40, "10,000 Mbit/s, which is in no unit its capacity of 40"),
    ],
)
def test_the_smaller_of_capacity_and_speed_counts(capacity, unit, counts, told):
    exit_ = EXIT.model_copy(update={"capacity": capacity})
    (counted,), found = live_exits([exit_], {"GW1": seen(UP, IPV4, IPV6)}, unit)
    assert counted == exit_.model_copy(update={"capacity": counts})
    assert len(found) == (told is not None)
    assert all(told in sentence for sentence in found)


def test_a_link_slower_than_one_of_the_unit_carries_one():
    slow = seen(Link("eth1", up=True, speed=100), IPV4, IPV6)
    exit_ = EXIT.model_copy(update={"capacity": 5})
    (counted,), (said,) = live_exits([exit_], {"GW1": slow}, "Gbit/s")
    assert counted.capacity == 1
    assert said.endswith("the plan counts on 1 Gbit/s")


def test_a_speed_that_is_not_told_changes_nothing():
    exit_ = EXIT.model_copy(update={"capacity": 5})
    silent = seen(Link("eth1", up=True, speed=None), IPV4, IPV6)
    assert live_exits([exit_], {"GW1": silent}, "Gbit/s") == ((exit_,), ())


def test_nobody_asked_an_exit_reaches_the_families_of_its_sessions():
    only_ipv4 = Exit(gateway="GW2", neighbor=ip_address("10.0.6.1"), upstream="UP2")
    only_ipv6 = Exit(gateway="GW3", neighbor=ip_address("2001:db8:7::1"), upstream="UP3")
    exits, prefixes = (EXIT, only_ipv4, only_ipv6), ("198.51.100.0/24", "2001:db8:a::/48")
    assert on_paper(exits, Planning(), prefixes).reach == [
        set(prefixes),
        {"198.51.100.0/24"},
        {"2001:db8:a::/48"},
    ]
    assert on_paper((EXIT, only_ipv4), Planning(), prefixes[:1]).reach is None
