"""A gateway's own daemons: bgpd dies and comes back, zebra hangs, FRR refuses a line."""

import threading

import pytest

from tests.lab.conftest import LIST
from tests.lab.faults.conftest import delay_timer
from tests.lab.faults.ear import Heard, Step
from tests.lab.faults.fault import AS_BEFORE, AS_PLANNED, Fault

pytestmark = pytest.mark.lab

GROUP = "A gateway's daemons"
ADDED = ("GW2", "ip prefix-list .*")
LOST_WITH_BGPD = 8.0
"""Seconds without a gateway's bgpd, and until the sessions of the one that came back stand."""
WHY = (
    "bgpd's own packets: what its gateway carried, until BGP has found the other way or it is back"
)
BOUNDED = 150.0
"""Seconds within which a run ends although a gateway hangs."""


def kill_bgpd(fault: Fault, router: str) -> None:
    fault.mends.callback(revive_bgpd, fault, router)
    fault.signal(router, "bgpd", "KILL")


def revive_bgpd(fault: Fault, router: str) -> None:
    """Start bgpd by hand, as an administrator does; it reads the configuration it saved."""
    fault.lab.start_daemon(router, "bgpd")
    delay_timer(fault.lab, router)
    fault.lab.wait_established()


def save_another_list(fault: Fault, router: str) -> None:
    """Let the configuration that bgpd reads as it starts hold another entry under a number in use.

    As where a plan was saved, and later ones were not.
    """
    file, line = "/etc/frr/bgpd.conf", f"ip prefix-list {LIST} seq 5 permit 192.0.2.0/24"
    fault.lab.run(router, ["cp", "-p", file, f"{file}.kept"], check=True)
    fault.mends.callback(fault.lab.run, router, ["mv", f"{file}.kept", file])
    fault.lab.run(router, ["sh", "-c", f"echo '{line}' >>{file}"], check=True)


@pytest.mark.long
@pytest.mark.parametrize(
    ("order", "steps", "fault_is", "says"),
    [
        (
            1,
            [ADDED] * 2,
            "FRR refuses GW2's second line: bgpd was killed and restarted by hand, and has left "
            "configuration mode",
            r"Failed and put back: GW2: Invalid input detected .*?% \[BGP\] Unknown command",
        ),
        (
            2,
            [*[ADDED] * 3, ("GW2", "show bgp .*")],
            "bgpd is killed while GW2's new entries take effect, and restarted by hand",
            r"Failed and put back: GW2: .*?Warning: closing connection to bgpd",
        ),
    ],
    ids=["between two lines", "after the last"],
)
def test_bgpd_is_killed_and_restarted(
    fault: Fault, order: int, steps: list[Step], fault_is: str, says: str
):
    """bgpd comes back with the list that was saved, zebra still has the one that was not."""

    def restart(heard: Heard) -> None:
        save_another_list(fault, heard.router)
        kill_bgpd(fault, heard.router)
        revive_bgpd(fault, heard.router)

    fault.ends(
        fault.strikes(steps, restart),
        (GROUP, order, fault_is),
        code=4,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=says,
        gap=LOST_WITH_BGPD,
        why=WHY,
    )


@pytest.mark.long
def test_bgpd_dies_and_vtysh_accepts_the_lines(fault: Fault):
    """vtysh only warns, zebra takes the line, and the configuration would show it."""
    revive = threading.Timer(5.0, revive_bgpd, (fault, "GW2"))
    fault.mends.callback(revive.join)

    def kill(heard: Heard) -> None:
        kill_bgpd(fault, heard.router)
        revive.start()

    fault.ends(
        fault.strikes([ADDED] * 2, kill),
        (GROUP, 3, "bgpd is killed after GW2's first line, and restarted by hand after 5 s"),
        code=4,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=r"Failed and put back: GW2: .*?Warning: closing connection to bgpd",
        gap=5.0 + LOST_WITH_BGPD,
        why=WHY,
    )


@pytest.mark.long
def test_vtysh_hangs_and_goes_on(fault: Fault):
    """A daemon is stopped for ten seconds: slow is not broken."""

    def pause(heard: Heard) -> None:
        fault.signal(heard.router, "zebra", "STOP")
        threading.Timer(10.0, fault.signal, (heard.router, "zebra", "CONT")).start()

    fault.ends(
        fault.strikes([ADDED] * 2, pause),
        (GROUP, 4, "vtysh hangs for 10 s after GW2's first line (zebra stopped by SIGSTOP)"),
        code=0,
        lists=AS_PLANNED,
        tables=AS_PLANNED,
        says=r"As planned: 8 lines sent, \d+ checks passed",
    )


@pytest.mark.long
def test_vtysh_hangs_for_good(fault: Fault):
    def stop(heard: Heard) -> None:
        fault.signal(heard.router, "zebra", "STOP")
        fault.mends.callback(fault.signal, heard.router, "zebra", "CONT")

    outcome = fault.strikes([ADDED] * 2, stop)
    assert outcome.seconds < BOUNDED, outcome
    assert "NOT PUT BACK" in outcome.said, outcome
    fault.mends.close()
    recovered = fault.manager.run("recover")
    assert recovered.code == 0, recovered
    fault.ends(
        outcome,
        (GROUP, 5, "vtysh hangs after GW2's first line until the run has ended"),
        code=3,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=r"FAILED, and NOT PUT BACK on GW2: .*?silent for 20 s after '[^']*'",
        then="once zebra went on, `recover`: 0",
    )


@pytest.mark.long
def test_vtysh_hangs_before_anything_is_sent(fault: Fault):
    def stop(heard: Heard) -> None:
        fault.signal(heard.router, "zebra", "STOP")
        fault.mends.callback(fault.signal, heard.router, "zebra", "CONT")

    outcome = fault.strikes([("GW2", "show running-config")], stop)
    assert outcome.seconds < BOUNDED, outcome
    fault.mends.close()
    fault.ends(
        outcome,
        (GROUP, 6, "vtysh hangs while GW2 is read (zebra stopped by SIGSTOP)"),
        code=4,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=r"error: GW2: the session was lost: silent for 20 s after '[^']*'",
    )
