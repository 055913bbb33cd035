"""One table against a plan: what only a rare network would show."""

from dataclasses import replace

import pytest

from nornir_bgp.models.rib import Path, Rib
from nornir_bgp.models.status import Status
from nornir_bgp.tasks.verify import Expectation, compare

PREFIX = "198.51.100.0/24"
EXPECTED = Expectation(
    gateway_of={PREFIX: "GW1"},
    gateway_at={"172.16.0.3": "GW1", "172.16.0.4": "GW2"},
    local_preference=200,
    overrides={"GW1": (PREFIX,)},
)
MINIMAL = replace(EXPECTED, overrides={"GW1": ()})

PREFIX_IPV6 = "2001:db8:a::/48"
DUAL_STACK = Expectation(
    gateway_of={PREFIX_IPV6: "GW1", PREFIX: "GW2"},
    gateway_at={"172.16.0.4": "GW2", "2001:db8:16::3": "GW1", "2001:db8:ff:5::2": "GW1"},
    local_preference=200,
    overrides={"GW1": (PREFIX_IPV6,), "GW2": (PREFIX,)},
)


def table(**routes: tuple[Path, ...]) -> Rib:
    return Rib("192.0.2.1", 65020, 7, 100, routes)


def path(next_hop: str, local_pref: int | None, *, best=False, multipath=False, valid=True) -> Path:
    return Path(valid, best, multipath, True, next_hop, 0, local_pref, 0, "65004", "i")


def check(*paths: Path, expected: Expectation = EXPECTED):
    (found,) = compare("PE1", {4: table(**{PREFIX: paths})}, expected)
    return found.status, found.detail


def test_pass():
    assert check(path("172.16.0.3", 200, best=True)) == (Status.PASS, "")
    assert check(path("172.16.0.3", 200, best=True), path("172.16.0.4", 100))[0] is Status.PASS


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ([path("172.16.0.4", 200, best=True)], "leaves by GW2, planned is GW1"),
        ([path("10.9.9.9", 200, best=True)], "leaves by 10.9.9.9"),
        ([path("172.16.0.3", 100, best=True)], "LOCAL_PREF 100, planned is 200"),
        ([path("172.16.0.3", None, best=True)], "LOCAL_PREF 100, planned is 200"),
        (
            [path("172.16.0.3", 200, best=True), path("172.16.0.4", 200, multipath=True)],
            "also raised or selected by GW2, planned is GW1 alone",
        ),
        (
            [path("172.16.0.3", 200, best=True), path("172.16.0.4", 200)],
            "also raised or selected by GW2",
        ),
    ],
)
def test_fail(paths, said):
    status, detail = check(*paths)
    assert status is Status.FAIL
    assert said in detail


def test_missing():
    assert check(path("172.16.0.3", 200, valid=False)) == (Status.MISSING, "no selected route")
    (found,) = compare("PE1", {4: Rib(None, None, None, 100)}, EXPECTED)
    assert (found.status, found.detail) == (Status.MISSING, "no route")


def test_a_prefix_that_no_plan_raises_is_named():
    raised = table(**{"192.0.2.0/24": (path("172.16.0.4", 200, best=True),)})
    _, stray = compare("PE1", {4: raised}, EXPECTED)
    assert (stray.prefix, stray.expected_gateway, stray.actual_gateway, stray.status) == (
        "192.0.2.0/24",
        None,
        "GW2",
        Status.FAIL,
    )


def test_another_use_of_the_preference_is_not_ours():
    """Real networks raise other routes to 200 too: a customer's, whose next hop is no gateway."""
    theirs = table(**{"1.0.0.0/24": (path("172.16.0.1", 200, best=True),)})
    assert [c.prefix for c in compare("PE1", {4: theirs}, EXPECTED)] == [PREFIX]


def test_a_prefix_that_no_gateway_raises_needs_its_gateway_alone():
    assert check(path("172.16.0.3", None, best=True), expected=MINIMAL) == (Status.PASS, "")
    status, detail = check(path("172.16.0.4", None, best=True), expected=MINIMAL)
    assert (status, detail) == (Status.FAIL, "leaves by GW2, planned is GW1")
    shared = [path("172.16.0.3", None, best=True), path("172.16.0.4", None, multipath=True)]
    assert check(*shared, expected=MINIMAL)[0] is Status.FAIL


def test_each_family_has_its_table():
    tables = {
        4: table(**{PREFIX: (path("172.16.0.4", 200, best=True),)}),
        6: table(**{PREFIX_IPV6: (path("2001:db8:16::3", 200, best=True),)}),
    }
    found = compare("PE1", tables, DUAL_STACK)
    assert [(c.prefix, c.actual_gateway, c.status) for c in found] == [
        (PREFIX_IPV6, "GW1", Status.PASS),
        (PREFIX, "GW2", Status.PASS),
    ]


def test_a_router_is_not_compared_in_a_family_that_it_does_not_speak():
    (only,) = compare("PE1", {4: table()}, DUAL_STACK)
    assert (only.prefix, only.status) == (PREFIX, Status.MISSING)


def test_a_link_local_next_hop_is_the_neighbours():
    """An edge router that is a gateway: only the JSON says whose the link-local address is."""
    own = path("fe80::5cf9:f5ff:fe47:2d52", 200, best=True)
    for peer, gateway, status in (
        ("2001:db8:ff:5::2", "GW1", Status.PASS),
        ("2001:db8:ff:9::2", None, Status.FAIL),
        (None, None, Status.FAIL),
    ):
        routes = table(**{PREFIX_IPV6: (own._replace(peer=peer),)})
        found, _ = compare("GW1", {4: table(), 6: routes}, DUAL_STACK)
        assert (found.actual_gateway, found.status) == (gateway, status)
