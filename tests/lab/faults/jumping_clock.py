"""``nornir-bgp`` with a clock that jumps; the machine's own clock, and the monotonic one, do not.

The first argument is by how many days the clock is off from the start, the second by how many from
``SIGUSR1`` on; the rest is the program's.
"""

import signal
import sys
import time
from types import FrameType

import time_machine

from nornir_bgp.cli.main import main as program

DAY = 86400.0


def turn(days: float) -> None:
    """Set the clock, and say so."""
    time_machine.travel(time.time() + days * DAY, tick=True).start()
    print(f"the clock is {days:+g} days off", file=sys.stderr)


def main() -> None:
    first, later = map(float, sys.argv[1:3])

    def jump(number: int, frame: FrameType | None) -> None:
        turn(later)

    signal.signal(signal.SIGUSR1, jump)
    if first:
        turn(first)
    sys.argv[:3] = ["nornir-bgp"]
    program()


if __name__ == "__main__":
    main()
