"""What upstreams do while a change is under way."""

import pytest

from tests.lab.conftest import EDGES, configure
from tests.lab.faults.ear import Heard, Step
from tests.lab.faults.fault import AS_BEFORE, AS_PLANNED, AT_FIRST, PLANNED, Fault
from tests.lab.faults.state import tables_for

pytestmark = [pytest.mark.lab, pytest.mark.long]

GROUP = "Upstreams"
MOVED = "131.114.0.0/16"
UP2 = ("router bgp 65005", "address-family ipv4 unicast")
CONFIRM: list[Step] = [
    ("GW2", "ip prefix-list .*"),
    ("GW2", "show bgp ipv4 unicast prefix-list .*"),
]
PLANNING: list[Step] = [("PE1", "show bgp ipv4 unicast json"), ("GW2", "show .*")]
"""Before the preview's reading: the set of prefixes that the plan was made for has changed."""
WITHDRAWN_WHY = "the withdrawn route's own packets, until BGP has found the other way"
FLAP_WHY = "the session's own packets, until BGP has found the other way"


def withdraw(fault: Fault) -> None:
    """UP2 no longer sends a prefix that was planned at GW2."""
    configure(fault.lab, "UP2", *UP2, f"no network {MOVED}")
    fault.mends.callback(configure, fault.lab, "UP2", *UP2, f"network {MOVED}")


def test_the_session_flaps_during_the_wait(fault: Fault):
    def flap(_: Heard) -> None:
        for _turn in range(3):
            fault.lab.vtysh("UP2", "clear bgp 10.0.6.0")
            fault.lab.wait_established()

    fault.ends(
        fault.strikes(CONFIRM, flap),
        (GROUP, 1, "GW2's upstream session flaps three times while the new entries take effect"),
        code=0,
        lists=AS_PLANNED,
        tables=AS_PLANNED,
        says=r"As planned: 8 lines sent, \d+ checks passed",
        gap=2.0,
        why=FLAP_WHY,
    )


@pytest.mark.parametrize(
    ("order", "steps", "when", "code", "says"),
    [
        (2, CONFIRM, "during the push", 3, rf"GW2: \S+ no longer sends {MOVED}[^)]*\)"),
        (
            3,
            PLANNING,
            "between plan and push",
            6,
            rf"error: the network was changed by somebody else.*GW2: UP2 no longer sends {MOVED}",
        ),
    ],
    ids=["during the push", "before the push"],
)
def test_a_planned_prefix_is_withdrawn(
    fault: Fault, order: int, steps: list[Step], when: str, code: int, says: str
):
    outcome = fault.strikes(steps, lambda _: withdraw(fault))
    assert fault.held(MOVED, "GW1"), f"GW1 let go of it:\n{fault.transcript()}"
    fault.ends(
        outcome,
        (GROUP, order, f"UP2 withdraws {MOVED}, planned at GW2, {when}"),
        code=code,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=says,
        gap=2.0,
        why=WITHDRAWN_WHY,
    )


def test_a_prefix_is_withdrawn_after_the_run(fault: Fault):
    elsewhere = {edge: dict(ways) for edge, ways in tables_for(PLANNED).items()}
    for edge in EDGES:
        elsewhere[edge][MOVED] = (AT_FIRST[MOVED], 100)
    fault.tables[f"as planned, {MOVED} by GW1 at 100"] = elsewhere
    outcome = fault.distribute()
    withdraw(fault)
    fault.settles(AS_PLANNED, f"as planned, {MOVED} by GW1 at 100", told=outcome)
    verified = fault.manager.run("verify", "--deadline", "2")
    assert verified.code == 3, verified
    fault.ends(
        outcome,
        (GROUP, 4, f"UP2 withdraws {MOVED} after the run"),
        code=0,
        lists=AS_PLANNED,
        tables=f"as planned, {MOVED} by GW1 at 100",
        says=r"As planned: 8 lines sent, \d+ checks passed",
        then="`verify`: 3",
        gap=2.0,
        why=WITHDRAWN_WHY,
    )
