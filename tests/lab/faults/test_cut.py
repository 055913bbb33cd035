"""The SSH session is cut after line k, and sshd with it, or not."""

import threading

import pytest

from tests.lab.faults.ear import Heard
from tests.lab.faults.fault import AS_BEFORE, Fault

pytestmark = pytest.mark.lab

GROUP = "A session that is cut"
ADDED = ("GW2", "ip prefix-list .*")
"""One line of GW2's three in the phase that adds."""
REMOVED = ("GW1", "no ip prefix-list .*")
"""One line of GW1's three in the phase that removes."""

LOST = r"the session was lost: the router closed it after '[^']*'"


def after(line: tuple[str, str], k: int) -> list[tuple[str, str]]:
    """The moment after line k of three was answered: the next one comes, or the end of all."""
    return [line] * (k + 1) if k < 3 else [line] * 3 + [(line[0], "end|exit|show .*")]


@pytest.mark.parametrize(
    ("k", "name"),
    [
        pytest.param(1, "first", marks=pytest.mark.long),
        (2, "middle"),
        pytest.param(3, "last", marks=pytest.mark.long),
    ],
)
def test_cut_while_adding(fault: Fault, k: int, name: str):
    fault.ends(
        fault.strikes(after(ADDED, k), fault.cut),
        (GROUP, k, f"GW2's session is killed after its {name} line of the phase that adds"),
        code=4,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=rf"Failed and put back: GW2: {LOST}",
    )


@pytest.mark.long
@pytest.mark.parametrize(("k", "name"), [(1, "first"), (2, "middle"), (3, "last")])
def test_cut_while_removing(fault: Fault, k: int, name: str):
    fault.ends(
        fault.strikes(after(REMOVED, k), fault.cut),
        (GROUP, 3 + k, f"GW1's session is killed after its {name} line of the phase that removes"),
        code=4,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=rf"Failed and put back: GW1: {LOST}",
    )


def kill_sshd(fault: Fault, heard: Heard) -> bool:
    """End the session and the server too, so that no other session is accepted."""
    fault.signal(heard.router, "sshd", "KILL")
    return fault.cut(heard)


@pytest.mark.long
@pytest.mark.parametrize(("k", "name"), [(1, "first"), (2, "middle"), (3, "last")])
def test_sshd_is_killed_and_comes_back(fault: Fault, k: int, name: str):
    back = threading.Timer(2.0, fault.lab.start_daemon, ("GW2", "sshd"))
    fault.mends.callback(back.join)

    def deed(heard: Heard) -> bool:
        back.start()
        return kill_sshd(fault, heard)

    fault.ends(
        fault.strikes(after(ADDED, k), deed),
        (GROUP, 6 + k, f"GW2's sshd is killed after its {name} line, and comes back after 2 s"),
        code=4,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=rf"Failed and put back: GW2: {LOST}",
    )


@pytest.mark.long
def test_sshd_is_killed_for_good(fault: Fault):
    fault.mends.callback(fault.lab.start_daemon, "GW2", "sshd")
    outcome = fault.strikes(after(ADDED, 2), lambda heard: kill_sshd(fault, heard))
    assert "NOT PUT BACK" in outcome.said, outcome
    assert "no ip prefix-list LOCAL_PREF_PREFIX_LIST seq" in outcome.said, "the commands to do"
    fault.lab.start_daemon("GW2", "sshd")
    recovered = fault.manager.run("recover")
    assert recovered.code == 0, recovered
    fault.ends(
        outcome,
        (GROUP, 10, "GW2's sshd is killed after its middle line, and stays dead until the end"),
        code=3,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=r"FAILED, and NOT PUT BACK on GW2: .*?Connection refused",
        then="once sshd was back, `recover`: 0",
    )
