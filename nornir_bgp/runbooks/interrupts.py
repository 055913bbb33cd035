"""Interrupts wait while routers are being changed."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held_interrupts() -> Iterator[Callable[[], None]]:
    """Hold Ctrl-C and SIGTERM back, so that no router is left in the middle of its lines.

    Python would raise KeyboardInterrupt in the main thread while the sessions' threads go on.

    Yields:
        A function that raises KeyboardInterrupt if an interrupt has come. The end of the block
        does so too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None  # signals are the main thread's
        return
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    def raise_if_interrupted() -> None:
        if came:
            raise KeyboardInterrupt(signal.Signals(came[0]).name)

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield raise_if_interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    raise_if_interrupted()
