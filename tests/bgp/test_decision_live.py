"""FRR itself judges the decision process: one router, hundreds of prefixes, options on and off.

Neighbours of all kinds send random routes. Then one option after another is changed, each of which
makes FRR decide anew about every prefix, and what it selects, what shares the load, and the reason
that it gives, must be what ``decide`` says about the candidates that FRR shows.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.decision import Reason, decide
from nornir_bgp.bgp.route import Route
from nornir_bgp.models.routing import DecisionOptions
from tests.bgp.random_routes import RandomRoutes
from tests.bgp.router_under_test import (
    DEFAULT_LOCAL_PREF,
    TWICE_LOCAL,
    RouterUnderTest,
    running_router,
)
from tests.bgp.shown import IBGP

pytestmark = pytest.mark.lab

SEED = 20261120
LOCAL, LIGHT, OTHERS = 10, 40, 600

NEVER = {Reason.AIGP, Reason.STALENESS, Reason.DEFAULT}
"""What FRR 8.4 cannot show here: that takes another version, or what is not modelled."""

OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("bgp bestpath compare-routerid", {"compare_router_id": True}),
    ("no bgp bestpath compare-routerid", {"compare_router_id": False}),
    ("bgp deterministic-med", {"deterministic_med": True}),
    ("bgp bestpath as-path multipath-relax", {"multipath_relax": True}),
    ("bgp always-compare-med", {"always_compare_med": True}),
    ("no bgp deterministic-med", {"deterministic_med": False}),
    ("bgp bestpath med missing-as-worst", {"med_missing_as_worst": True}),
    ("no bgp always-compare-med", {"always_compare_med": False}),
    ("bgp bestpath as-path confed", {"as_path_confed": True}),
    ("bgp bestpath med confed", {"med_confed": True}),
    ("bgp bestpath as-path ignore", {"as_path_ignore": True}),
    ("bgp bestpath compare-routerid", {"compare_router_id": True}),
    ("no bgp bestpath med missing-as-worst", {"med_missing_as_worst": False}),
    ("no bgp bestpath as-path ignore", {"as_path_ignore": False}),
    ("maximum-paths 2", {"maximum_paths": 2}),
    (
        "maximum-paths ibgp 2 equal-cluster-length",
        {"maximum_paths_ibgp": 2, "equal_cluster_length": True},
    ),
    ("no bgp bestpath as-path confed", {"as_path_confed": False}),
    ("maximum-paths 1", {"maximum_paths": 1}),
    (
        "maximum-paths ibgp 1",
        {"maximum_paths_ibgp": 1, "equal_cluster_length": False},
    ),
    ("bgp deterministic-med", {"deterministic_med": True}),
)


def prefix_of(number: int) -> str:
    return f"172.{16 + number // 256}.{number % 256}.0/24"


@pytest.fixture(scope="module")
def router() -> Iterator[RouterUnderTest]:
    """The router, with all routes in its table."""
    networks = [prefix_of(number) for number in range(LOCAL)]
    light = [prefix_of(number) for number in range(LOCAL, LOCAL + LIGHT)]
    random = Random(SEED)  # noqa: S311
    routes = [
        (prefix_of(number), peer, route)
        for number in range(LOCAL + LIGHT + OTHERS)
        for peer, route in RandomRoutes(random).routes()
    ]
    random.shuffle(routes)
    with running_router(networks, light) as found:
        found.announce_all(routes)
        yield found


def test_frr_decides_as_we_do(router: RouterUnderTest) -> None:
    options = DecisionOptions(default_local_pref=DEFAULT_LOCAL_PREF)
    before = router.table()
    reasons: Counter[Reason] = Counter()
    shared = 0
    wrong = []
    for line, change in OPTIONS:
        options = replace(options, **change)
        family = ["address-family ipv4 unicast"] if "maximum-paths" in line else []
        router.configure("router bgp", *family, line)
        now = router.table()
        for prefix, (candidates, decision) in now.items():
            assert candidates == before[prefix].candidates
            ours = decide(candidates, options, selected=before[prefix].decision.best)
            if ours != decision:
                wrong.append(f"{line}: {prefix}: {decision}, not {ours}: {candidates}")
            if decision.reason is not None:
                reasons[decision.reason] += 1
            shared += bool(decision.multipath)
        before = now
    print(reasons, shared, "decisions with routes that share the load")
    assert wrong == []
    assert before[TWICE_LOCAL].decision.reason is Reason.LOCALLY_CONFIGURED
    assert {reason for reason in Reason if reasons[reason] < 20} == NEVER
    assert shared > 1000


PATHS = ("", "65101 7", "65101 {7,8}", "(64513) 65101", "(64513 64514) [64515,64516] 7 {8}")
PREPENDED = (65300, 65301)


def test_frr_prepends_as_we_do() -> None:
    """And it reads, writes and counts AS paths of all kinds as we do."""
    sent = {prefix_of(number): AsPath.parse(text) for number, text in enumerate(PATHS)}
    with running_router() as router:
        numbers = " ".join(map(str, PREPENDED))
        router.configure("route-map IN permit 99", f"set as-path prepend {numbers}")
        peer = IBGP[0]
        table = router.announce_all(
            [
                (prefix, peer, Route(peer.address, path, local_pref=100))
                for prefix, path in sent.items()
            ]
        )
    for prefix, path in sent.items():
        (candidate,) = table[prefix].candidates
        assert candidate.route.as_path == path.prepended(PREPENDED)
