"""Measured traffic by slots, and the document that is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from nornir_bgp.forecast.history import Customers, History, history_of
from nornir_bgp.forecast.slots import Traffic
from nornir_bgp.models.planning import BITS, Unit
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.series import PredictionSeries, PredictionSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured.

    Attributes:
        slots: number of the slot since 1970 -> customer -> prefix -> mean load.
        window: seconds of a slot.
        unit: of the loads.
        remarks: what was read, in words.
        warnings: what was not, in words.
    """

    slots: Mapping[int, Customers]
    window: int
    unit: Unit
    remarks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def history(self) -> History:
        """Return it as series of numbers."""
        return history_of(self.slots.items(), self.window)

    def series(self) -> PredictionSeries:
        """Return it as the document that plans are made of."""
        return series_of(self.slots, self.window, self.unit)


def series_of(
    slots: Mapping[int, Customers], window: int, unit: Unit, error: float | None = None
) -> PredictionSeries:
    """Make a document of slots.

    Args:
        slots: number of the slot since 1970 -> customer -> prefix -> load.
        window: seconds of a slot.
        unit: of the loads.
        error: see :class:`PredictionSeries`.
    """
    return PredictionSeries(
        slots=tuple(
            PredictionSlot(
                start=datetime.fromtimestamp(slot * window, UTC),
                # Read or made by this program: a million loads are not checked again.
                matrix=PredictionMatrix.model_construct(customers=customers),
            )
            for slot, customers in sorted(slots.items())
        ),
        unit=unit,
        window_seconds=window,
        error=error,
    )


def lost_octets(traffic: Traffic, window: int, unit: Unit) -> int:
    """Add up the bytes of those loads that :func:`loads_of` rounds to nothing."""
    least = window * BITS[unit]
    return sum(octets for octets in traffic.octets.values() if 2 * 8 * octets < least)


def loads_of(traffic: Traffic, window: int, unit: Unit) -> dict[int, dict[str, dict[str, int]]]:
    """Make mean loads of bytes, rounded to whole ones.

    Returns:
        Number of the slot since 1970 -> customer -> prefix -> load; slots, customers and prefixes
        in their order.
    """
    whole = window * BITS[unit]
    slots: dict[int, dict[str, dict[str, int]]] = {}
    for (slot, customer, prefix), octets in sorted(traffic.octets.items()):
        row = slots.setdefault(slot, {}).setdefault(customer, {})
        row[prefix] = (2 * 8 * octets + whole) // (2 * whole)
    return slots
