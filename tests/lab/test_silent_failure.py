"""An upstream that dies without a word: its interfaces stay up, so that no carrier is lost."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.lab.lab import Lab
from tests.lab.conftest import EDGES, configure
from tests.lab.watch import CUSTOMERS, watched

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[2]
PREFIX, HOST = "198.51.100.0/24", "198.51.100.1"
"""Planned at GW2 by test.json, so that it leaves by UP2."""

OTHER_GATEWAY = "172.16.0.3"
CUSTOMER_PREFIXES = ("1.0.0.0/24", "2.0.0.0/24")
PER_SECOND = 100
ROUNDS = 3
ROUTERS = ("GW2", *EDGES)

SESSIONS = {"GW2": (65020, "10.0.6.1"), "UP2": (65005, "10.0.6.0")}
"""Both ends of the session between GW2 and UP2: their own AS numbers, and the peers."""


@contextmanager
def frozen(lab: Lab, router: str) -> Iterator[float]:
    """Stop all daemons of a router, with its interfaces up, and give the time of it.

    Its kernel would go on forwarding by the routes that it has, which a router whose hardware
    hangs does not: it drops what goes to the customers, so that their pings feel the failure.
    """
    daemons = [str(pid) for name, pid in lab.processes(router).items() if name != "namespace"]

    def send(signal: str, verb: str) -> None:
        routes = "; ".join(f"ip route {verb} blackhole {prefix}" for prefix in CUSTOMER_PREFIXES)
        kill = f"kill -{signal} {' '.join(daemons)}"
        lab.run(router, ["sh", "-ec", f"{kill}; {routes}"], check=True)

    began = time.time()
    send("STOP", "add")
    try:
        yield began
    finally:
        send("CONT", "del")
        lab.wait_established()
        lab.wait_settled()


@pytest.fixture
def planned(clean_lab: Lab, nr: Nornir) -> None:
    report = runbooks.distribute(nr, ROOT / "predictions/test.json", force=True)
    assert report.ok, report


@pytest.fixture
def without_bfd(clean_lab: Lab) -> Iterator[None]:
    for router, (number, peer) in SESSIONS.items():
        configure(clean_lab, router, f"router bgp {number}", f"no neighbor {peer} bfd")
    yield
    for router, (number, peer) in SESSIONS.items():
        session = (f"neighbor {peer} bfd", f"neighbor {peer} bfd profile BFD-200")
        configure(clean_lab, router, f"router bgp {number}", *session)
    assert wait_for(lambda: bfd_is_up(clean_lab), bool, seconds=20)


def bfd_is_up(lab: Lab) -> bool:
    return '"status":"up"' in lab.vtysh("GW2", "show bfd peers json")


def uses_upstream(lab: Lab) -> bool:
    """Whether GW2 sends to UP2, and both edge routers to GW2."""
    vias = {"GW2": SESSIONS["GW2"][1], **dict.fromkeys(EDGES, "172.16.0.4")}
    return all(
        f"via {next_hop} " in lab.run(router, ["ip", "route", "get", HOST]).stdout
        for router, next_hop in vias.items()
    )


def moved_away(lab: Lab) -> bool:
    """Whether the kernels of both edge routers send to the other gateway.

    For a moment they have no route at all: GW1, which preferred GW2's route to its own, tells them
    of its own only when GW2's is withdrawn.
    """
    found = [lab.run(edge, ["ip", "route", "get", HOST]).stdout for edge in EDGES]
    return all(f"via {OTHER_GATEWAY} " in route for route in found)


def fail_silently(lab: Lab, folder: Path, *, seconds: float) -> tuple[float, float]:
    """Freeze UP2 once.

    Returns:
        Seconds from the failure until the kernels of GW2, PE1 and PE2 have all moved the prefix,
        and the longest silence of the customers' pings.
    """
    with watched(lab, folder, seconds=seconds) as watch:
        for router in ROUTERS:
            watch.monitor_routes(router)
        for customer in CUSTOMERS:
            watch.ping(customer, HOST, per_second=PER_SECOND)
        watch.await_answers(PER_SECOND // 2)
        assert wait_for(lambda: uses_upstream(lab), bool, seconds=30)
        with frozen(lab, "UP2") as began:
            assert wait_for(lambda: moved_away(lab), bool, seconds=seconds, interval=0.1)
            watch.await_answers(PER_SECOND // 2)
            watch.end()
    moved = [
        min(
            change.at
            for change in watch.kernel_changes(router)
            if change.what == PREFIX and change.next_hops == (OTHER_GATEWAY,)
        )
        - began
        for router in ROUTERS
    ]
    return max(moved), max(pings.longest_silence for pings in watch.echoes().values())


def rounds(
    lab: Lab, folder: Path, count: int, *, seconds: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Fail some times, tell the medians and the worst, and return each round's two figures."""
    found = [fail_silently(lab, folder / str(n), seconds=seconds) for n in range(count)]
    moved, silent = zip(*found, strict=True)
    for what, figures in (("all kernels moved", moved), ("longest silence", silent)):
        told = f"median {median(figures):.2f} s, worst {max(figures):.2f} s"
        print(f"{count} rounds: {what}: {told}")
    return moved, silent


def test_traffic_leaves_a_frozen_upstream_within_a_second(
    clean_lab: Lab, planned: None, tmp_path: Path
):
    moved, silent = rounds(clean_lab, tmp_path, ROUNDS, seconds=20)
    assert max(moved) < 1
    assert max(silent) < 1


@pytest.mark.long
def test_without_bfd_it_takes_the_hold_time(
    clean_lab: Lab, planned: None, without_bfd: None, tmp_path: Path
):
    """The hold time of the inventory is 9 s, counted from the last keepalive, one every 3 s."""
    moved, silent = rounds(clean_lab, tmp_path, ROUNDS, seconds=40)
    assert 5 < median(moved) < 12
    assert 5 < median(silent) < 12
