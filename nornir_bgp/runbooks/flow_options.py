"""How files of measured traffic are read."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nornir_bgp.exceptions import InputError
from nornir_bgp.forecast.clock import Clock
from nornir_bgp.forecast.history import DAY
from nornir_bgp.models.planning import Unit

DEFAULT_WINDOW = 300
"""Seconds of a slot: what collectors rotate their files by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowOptions:
    """How files of flows are read.

    Attributes:
        window: seconds of a slot; ``None``: that of the documents, or ``DEFAULT_WINDOW``.
        unit: of the loads; ``None``: that of the documents, or bit/s.
        ribs: files of routes whose prefixes destinations are matched with, the longest first.
        collect: ask the gateways of the inventory, and match with what they have routes to, too.
        customers: a file that says who sends from which prefix.
        customer: the column that names the customer; ``None``: the format's own, if it has one.
        sampling: what every count is multiplied by; ``None``: the rate that the export carries.
        zone: the time zone of times that do not say theirs.
        skip_bad: pass over lines that cannot be read, and say how many.
        trim: leave out the first and the last slot of all, which exports seldom have whole.

    Raises:
        InputError: a day is no whole number of windows, the rate is none, or there is no such zone.
    """

    window: int | None = None
    unit: Unit | None = None
    ribs: tuple[Path, ...] = ()
    collect: bool = False
    customers: Path | None = None
    customer: str | None = None
    sampling: int | None = None
    zone: str = "UTC"
    skip_bad: bool = False
    trim: bool = False

    def __post_init__(self) -> None:
        if self.window is not None:
            check_window(self.window)
        if self.sampling is not None and self.sampling < 1:
            raise InputError(
                f"a sampling rate of {self.sampling} is none; give 1000 for one packet of 1,000"
            )
        self.clock()

    def clock(self) -> Clock:
        """Make what reads times."""
        try:
            return Clock(ZoneInfo(self.zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise InputError(
                f"there is no time zone {self.zone!r}; give a name as Europe/Rome, or UTC"
            ) from None


def check_window(window: int) -> None:
    """Refuse a window by which slots would not begin at the same times every day.

    Raises:
        InputError: it is such a one.
    """
    if window < 1 or DAY % window:
        raise InputError(
            f"a window of {window} s does not fit into a day a whole number of times; give one "
            "that does, as 300, 900 or 3600"
        )
