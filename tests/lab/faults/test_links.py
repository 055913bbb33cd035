"""A gateway's link goes down: before, during and after the push."""

import re

import pytest

from nornir_bgp.deadline import wait_for
from tests.lab.conftest import EDGES, GATEWAYS
from tests.lab.faults.ear import Heard
from tests.lab.faults.fault import AS_BEFORE, AS_PLANNED, AT_FIRST, PLANNED, Fault
from tests.lab.faults.state import PREFIXES, Way, tables_of

pytestmark = [pytest.mark.lab, pytest.mark.long]

GROUP = "Links"
DETECTED = 2.0
"""Seconds that carrier, BFD and BGP may take to find the other way, on a machine that is busy."""
WHY = "the link's own packets, until BGP has found the other way"


def pull(fault: Fault, gateway: str, far: str) -> None:
    """Pull a cable of a gateway, until the test ends."""
    fault.lab.set_link(gateway, far, up=False)
    fault.mends.callback(fault.lab.set_link, gateway, far, up=True)


def without(gateway: str, plan: dict[str, str]) -> dict[str, dict[str, Way]]:
    """The edge tables of a plan when a gateway has lost its upstream."""
    other = next(name for name in GATEWAYS if name != gateway)
    ways: dict[str, Way] = {p: (other, 200 if plan[p] == other else 100) for p in PREFIXES}
    return dict.fromkeys(EDGES, ways)


def wait_for_tables(fault: Fault, name: str) -> None:
    wanted = fault.tables[name]
    found = wait_for(lambda: tables_of(fault.lab), lambda found: found == wanted, seconds=20)
    assert found == wanted


def test_before_the_push(fault: Fault):
    """The plan is made without it, and with it once it is back."""
    fault.tables["all by GW1"] = without("GW2", AT_FIRST)
    pull(fault, "GW2", "UP2")
    wait_for_tables(fault, "all by GW1")
    fault.plans(dict.fromkeys(PREFIXES, "GW1"))
    outcome = fault.distribute()
    assert outcome.code == 0, outcome
    fault.settles(AS_PLANNED, AS_PLANNED, told=outcome)
    fault.lab.set_link("GW2", "UP2", up=True)
    fault.lab.wait_established()
    fault.lab.wait_settled()
    fault.plans(PLANNED)
    again = fault.distribute()
    assert again.code == 0, again
    fault.ends(
        outcome,
        (GROUP, 1, "GW2's link to its upstream is down before the run"),
        code=0,
        lists=AS_PLANNED,
        tables=AS_PLANNED,
        says=r"GW2: eth1 to UP2 is down: nothing is planned on it",
        then="once it was back, `distribute`: 0",
        gap=DETECTED,
        why=WHY,
    )


def test_during_the_push(fault: Fault):
    fault.tables["all by GW1"] = without("GW2", AT_FIRST)
    steps = [("GW2", "ip prefix-list .*")] * 2
    outcome = fault.strikes(steps, lambda _: pull(fault, "GW2", "UP2"))
    assert all(fault.held(p, "GW1") for p, gateway in AT_FIRST.items() if gateway == "GW1")
    fault.ends(
        outcome,
        (GROUP, 2, "GW2's link to its upstream goes down after its first line"),
        code=3,
        lists=AS_BEFORE,
        tables="all by GW1",
        says=r"GW2: \S+ no longer sends [^)]*\)",
        gap=DETECTED,
        why=WHY,
    )


def test_after_the_push(fault: Fault):
    fault.tables["all by GW1"] = without("GW2", PLANNED)
    outcome = fault.distribute()
    assert outcome.code == 0, outcome
    pull(fault, "GW2", "UP2")
    wait_for_tables(fault, "all by GW1")
    verified = fault.manager.run("verify", "--deadline", "2")
    assert verified.code == 3, verified
    assert re.search(r"PE1.*131\.114\.0\.0/16.*leaves by GW1, planned is GW2", verified.said)
    fault.ends(
        outcome,
        (GROUP, 3, "GW2's link to its upstream goes down after the run"),
        code=0,
        lists=AS_PLANNED,
        tables="all by GW1",
        says=r"As planned: 8 lines sent, \d+ checks passed",
        then="`verify`: 3",
        gap=DETECTED,
        why=WHY,
    )


def test_the_gateway_is_cut_off_from_the_lan(fault: Fault):
    """Nobody can put GW2 back while it is away, and its list stands; `recover` does it later."""

    def unplug(_: Heard) -> None:
        fault.lab.set_link("br-core", "GW2", up=False)

    fault.mends.callback(fault.lab.set_link, "br-core", "GW2", up=True)
    outcome = fault.strikes([("GW2", "ip prefix-list .*")] * 2, unplug)
    assert outcome.seconds < 180
    assert "NOT PUT BACK" in outcome.said
    fault.lab.set_link("br-core", "GW2", up=True)
    fault.lab.wait_established()
    recovered = fault.manager.run("recover")
    assert recovered.code == 0, recovered
    fault.ends(
        outcome,
        (GROUP, 4, "GW2's link to the LAN goes down after its first line, and stays down"),
        code=3,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=r"FAILED, and NOT PUT BACK on GW2: .*?(no answer in time|No route to host)",
        then="once it was back, `recover`: 0",
        gap=240.0,
        why="no BFD on the LAN's sessions: the edge routers hold GW2's routes for BGP's hold time",
    )
