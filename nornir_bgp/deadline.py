"""Waiting for something to become true, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def never() -> bool:
    """Never stop early."""
    return False


def wait_for(
    probe: Callable[[], T],
    done: Callable[[T], bool],
    *,
    seconds: float,
    interval: float = 0.2,
    stop: Callable[[], bool] = never,
) -> T:
    """Probe again and again until the answer is as wanted or the time is up.

    Args:
        probe: reads the state.
        done: says whether that state is the wanted one.
        seconds: the deadline, counted from now; the last probe begins no earlier.
        interval: pause between two probes, in seconds.
        stop: says whether waiting has no purpose any more.

    Returns:
        The last state read; the caller asks ``done`` of it where that matters.
    """
    end = time.monotonic() + seconds
    while True:
        left = end - time.monotonic()
        state = probe()
        if done(state) or left <= 0 or stop():
            return state
        time.sleep(max(0.0, min(interval, end - time.monotonic())))
