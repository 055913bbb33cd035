"""Other people: a second manager, and somebody at the router's keyboard."""

import pytest

from nornir_bgp.frr.prefix_list import Entry
from tests.lab.conftest import LIST, configure
from tests.lab.faults.ear import Heard, Step
from tests.lab.faults.fault import AS_BEFORE, AS_PLANNED, Fault
from tests.lab.faults.manager import Manager, Outcome

pytestmark = pytest.mark.lab

GROUP = "Other people"
EDIT = f"ip prefix-list {LIST} seq 900 permit 10.9.0.0/16"
PLANNING: list[Step] = [("PE1", "show bgp ipv4 unicast json"), ("GW1", "show running-config")]
"""The preview reads GW1, after all was collected."""
PUSHING: list[Step] = [*PLANNING, ("GW1", "show running-config")]
"""GW1's last reading before its first line finds it; GW2, which has its lines, is put back."""


@pytest.mark.long
def test_two_managers_at_once(fault: Fault):
    second: list[Outcome] = []

    def another(_: Heard) -> None:
        other = Manager(fault.manager.config)
        second.append(other.run("distribute", str(fault.first)))

    first = fault.strikes([("GW2", "ip prefix-list .*")] * 2, another)
    assert first.code == 0, first
    fault.ends(
        second[0],
        (GROUP, 1, "another manager distributes at the same time"),
        code=5,
        lists=AS_PLANNED,
        tables=AS_PLANNED,
        says=r"another run is under way: process",
        then="the first manager: 0",
    )


def edit(fault: Fault, gateway: str = "GW1") -> None:
    """Somebody changes the override list of a gateway by hand, and takes it back afterwards."""
    configure(fault.lab, gateway, EDIT)
    fault.before = {
        name: entries | ({Entry(900, EDIT.partition(" 900 ")[2])} if name == gateway else set())
        for name, entries in fault.before.items()
    }
    fault.mends.callback(configure, fault.lab, gateway, f"no {EDIT}")


@pytest.mark.parametrize(
    ("order", "steps", "when", "code", "says"),
    [
        (
            2,
            PLANNING,
            "between plan and push",
            6,
            r"error: the network was changed by somebody else.*GW1: \+ip prefix-list .*",
        ),
        pytest.param(
            3,
            PUSHING,
            "after the preview, before the first line",
            4,
            r"GW1: its \S+ was changed by somebody else; nothing was sent",
            marks=pytest.mark.long,
        ),
    ],
    ids=["before the preview", "after the preview"],
)
def test_a_hand_edit(fault: Fault, order: int, steps: list[Step], when: str, code: int, says: str):
    fault.ends(
        fault.strikes(steps, lambda _: edit(fault)),
        (GROUP, order, f"GW1's list is edited by hand {when}"),
        code=code,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=says,
    )
