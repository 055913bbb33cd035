"""The manager's own machine: a full disk, and a clock that jumps."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.lab.faults.ear import Heard, Step
from tests.lab.faults.fault import AS_BEFORE, AS_PLANNED, Fault
from tests.lab.faults.manager import Outcome

pytestmark = pytest.mark.lab

GROUP = "The manager's machine"

IN_SMALL_DISK = """
mount -t tmpfs -o size=4m,mode=0700 tmpfs "$1"; cp -a "$2/." "$1"; shift 2; exec "$@"
"""
"""The program in a mount namespace of its own, where the folder of the runs is a disk of 4 MiB."""

CLOCK = Path(__file__).with_name("jumping_clock.py")


def fill(fault: Fault) -> None:
    """Fill the disk on which the program sees its runs, to the last byte."""
    folder = Path(f"/proc/{fault.manager.process.pid}/root{fault.runs}")
    with (folder / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))
    assert os.statvfs(folder).f_bavail == 0


def distribute_on_a_small_disk(fault: Fault, steps: list[Step] | None) -> Outcome:
    """Run the change where runs are kept on a small disk that is full from a line on.

    Afterwards what lies on that disk is where the runs always are.
    """
    kept = fault.runs.with_name("kept")
    fault.runs.rename(kept)
    fault.runs.mkdir()
    script = IN_SMALL_DISK
    before = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", script, "sh"]
    if steps is None:
        before[-2] = script.replace("exec", 'head -c 5m /dev/zero > "$0" || true; exec')
        before[-1] = str(fault.runs / "filler")
    before += [str(fault.runs), str(kept)]
    struck = fault.ear.when(steps, lambda _: fill(fault)) if steps else None
    fault.manager.start("distribute", str(fault.matrix), before=before)
    outcome = fault.manager.end()
    assert struck is None or struck.is_set(), f"{outcome}\n{fault.transcript()}"
    fault.runs.rmdir()
    kept.rename(fault.runs)
    return outcome


def test_a_disk_that_is_full(fault: Fault):
    outcome = distribute_on_a_small_disk(fault, None)
    fault.ends(
        outcome,
        (GROUP, 1, "the disk under `runs/` is full"),
        code=2,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=r"cannot be written: No space left on device",
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("order", "steps", "when"),
    [
        (2, [("GW2", "ip prefix-list .*")], "from the first line on"),
        (3, [("GW1", "no ip prefix-list .*"), ("PE1", "show ip bgp")], "during the proof"),
    ],
)
def test_a_disk_that_fills_up(fault: Fault, order: int, steps: list[Step], when: str):
    outcome = distribute_on_a_small_disk(fault, steps)
    fault.ends(
        outcome,
        (GROUP, order, f"the disk under `runs/` is full {when}"),
        code=0,
        lists=AS_PLANNED,
        tables=AS_PLANNED,
        says=r"As planned: 8 lines sent, \d+ checks passed",
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("order", "days", "name"),
    [
        (4, ("0", "10"), "jumps ten days forward after GW2's first line"),
        (5, ("0", "-10"), "jumps ten days back after GW2's first line"),
        (6, ("-10", "0"), "is ten days behind that of the run before"),
    ],
)
def test_a_clock_that_jumps(fault: Fault, order: int, days: tuple[str, str], name: str):
    """Waits end in time, and the last run is the one that was made last, as the clock may say."""

    def jump(_: Heard) -> None:
        fault.manager.strike(signal.SIGUSR1)

    if days[1] != "0":
        fault.ear.when([("GW2", "ip prefix-list .*")] * 2, jump)
    program = [sys.executable, str(CLOCK), *days]
    fault.manager.start("distribute", str(fault.matrix), program=program)
    outcome = fault.manager.end()
    assert outcome.code == 0, f"{outcome}\n{fault.transcript()}"
    assert "days off" in outcome.said, "the clock did not jump"
    fault.settles(AS_PLANNED, AS_PLANNED, told=outcome)
    verified = fault.manager.run("verify", "--deadline", "2", "--json")
    assert verified.code == 0, f"verify compares with another run: {verified}"
    fault.ends(
        outcome,
        (GROUP, order, f"the program's clock {name}"),
        code=0,
        lists=AS_PLANNED,
        tables=AS_PLANNED,
        says=r"As planned: 8 lines sent, \d+ checks passed",
        then="`verify`: 0",
    )
