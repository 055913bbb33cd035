"""Interrupts wait while routers are being changed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """The interrupts that have come and wait."""

    def __init__(self) -> None:
        self._came: list[int] = []

    @property
    def came(self) -> str | None:
        """The name of the first signal that has come, if one has."""
        return signal.Signals(self._came[0]).name if self._came else None

    def note(self, number: int, frame: FrameType | None) -> None:
        """Take down a signal; a handler of :mod:`signal`."""
        self._came.append(number)


@contextmanager
def held_interrupts() -> Iterator[Interrupts]:
    """Hold Ctrl-C, SIGTERM and SIGHUP back, so that no router is left in the middle of its lines.

    Python would raise KeyboardInterrupt in the main thread while the sessions' threads go on. A
    signal that is ignored, as SIGHUP under ``nohup``, stays so. Signals are the main thread's: in
    another thread nothing is held.

    Yields:
        What has come; the block says what becomes of it.
    """
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, interrupts.note) for number in heard}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
