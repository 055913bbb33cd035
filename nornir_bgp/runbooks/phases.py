"""How long the phases of a run take."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)


class Phases:
    """The phases of one run.

    Attributes:
        seconds: how long each phase took, in the order in which they began.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase, also one that fails; a name that comes twice adds up."""
        _log.info("%s", name, extra={"event": "phase started", "phase": name})
        began = time.monotonic()
        try:
            yield
        finally:
            took = round(time.monotonic() - began, 3)
            self.seconds[name] = round(self.seconds.get(name, 0.0) + took, 3)
            _log.info(
                "%s took %.3f s",
                name,
                took,
                extra={"event": "phase ended", "phase": name, "seconds": took},
            )
