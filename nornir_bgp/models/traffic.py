"""What the upstream links carry: the measured share of each exit beside the planned one."""

from dataclasses import dataclass
from datetime import datetime

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import Hostname, InterfaceName, IPAddress, Label, Load
from nornir_bgp.models.status import Status, exit_code_of_statuses


@dataclass(frozen=True, slots=True)
class Measurement:
    """How to measure.

    Attributes:
        interval: seconds between the two readings of the counters, over 0 and at most an hour.
        tolerance: how far measured and planned share may be apart, as a share of the total: 0.02
            is two points of a hundred.

    Raises:
        InputError: a value is out of its range.
    """

    interval: float = 10.0
    tolerance: float = 0.02

    def __post_init__(self) -> None:
        if not 0 < self.interval <= 3600:
            raise InputError(
                f"an interval of {self.interval} s is none; give seconds over 0 and up to 3600"
            )
        if not 0 <= self.tolerance <= 1:
            raise InputError(
                f"a tolerance of {self.tolerance} is none; give a share from 0 to 1, as in 0.02"
            )


class ExitTraffic(Model):
    """One exit: what it was to carry, and what its interface sent.

    Attributes:
        gateway: the border router.
        neighbor: the upstream's address on the session.
        upstream: the provider's name.
        interface: the gateway's interface towards it.
        load: the planned load, in the unit of the predictions.
        planned: its share of the planned load of all exits.
        rate: what the interface sent, in bit/s, link-layer headers included; ``None``: not known.
        measured: its share of what all exits sent; ``None``: not known.
        status: ``pass``; ``fail``: the shares are further apart than the tolerance;
            ``inconclusive``: there is nothing to compare; ``error``: a gateway could not be asked.
        detail: why it is not ``pass``.
    """

    gateway: Hostname
    neighbor: IPAddress
    upstream: Label
    interface: InterfaceName
    load: Load
    planned: float
    rate: float | None = None
    measured: float | None = None
    status: Status
    detail: str = ""


class TrafficReport(Model):
    """The counters of all exits over one interval, compared with a plan.

    Attributes:
        ok: every exit passes.
        started: when the counters were first read (UTC).
        seconds: the interval between the two readings.
        tolerance: how far measured and planned share may be apart, as a share of the total.
        exits: the exits of the inventory, in its order.
    """

    ok: bool
    started: datetime
    seconds: float
    tolerance: float
    exits: tuple[ExitTraffic, ...]

    @property
    def exit_code(self) -> int:
        """0 as planned; 3 not as planned, or nothing to compare; 4 a gateway could not be asked."""
        return exit_code_of_statuses(exit_.status for exit_ in self.exits)
