"""One table against a plan: what only a rare network would show."""

import pytest

from nornir_bgp.models.rib import Path, Rib
from nornir_bgp.models.status import Status
from nornir_bgp.tasks.verify import Expectation, compare

PREFIX = "198.51.100.0/24"
EXPECTED = Expectation(
    gateway_of={PREFIX: "GW1"},
    gateway_at={"172.16.0.3": "GW1", "172.16.0.4": "GW2"},
    local_preference=200,
)


def path(next_hop: str, local_pref: int | None, *, best=False, multipath=False, valid=True) -> Path:
    return Path(valid, best, multipath, True, next_hop, 0, local_pref, 0, "65004", "i")


def check(*paths: Path):
    (found,) = compare("PE1", Rib("192.0.2.1", 65020, 7, 100, {PREFIX: paths}), EXPECTED)
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
    (found,) = compare("PE1", Rib(None, None, None, 100), EXPECTED)
    assert (found.status, found.detail) == (Status.MISSING, "no route")


def test_a_prefix_that_no_plan_raises_is_named():
    table = Rib(None, None, None, 100, {"192.0.2.0/24": (path("172.16.0.4", 200, best=True),)})
    _, stray = compare("PE1", table, EXPECTED)
    assert (stray.prefix, stray.expected_gateway, stray.actual_gateway, stray.status) == (
        "192.0.2.0/24",
        None,
        "GW2",
        Status.FAIL,
    )


def test_another_use_of_the_preference_is_not_ours():
    """Real networks raise other routes to 200 too: a customer's, whose next hop is no gateway."""
    table = Rib(None, None, None, 100, {"1.0.0.0/24": (path("172.16.0.1", 200, best=True),)})
    assert [c.prefix for c in compare("PE1", table, EXPECTED)] == [PREFIX]
