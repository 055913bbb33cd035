"""Measured traffic as series of numbers, one for each customer and prefix."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.exceptions import InputError

Loads = NDArray[np.float64]
"""(slots, series): the load of each series in each slot."""

Customers = Mapping[str, Mapping[str, int]]
"""Customer -> prefix -> load."""

DAY = 86400
"""Seconds."""

_MOST = 2**28
"""The largest number of loads, which are 2 GiB."""


@dataclass(frozen=True, eq=False)
class History:
    """What was measured, slot by slot without a break.

    A slot in which nothing at all was measured is a *gap*, a row of NaN: the collector was down,
    and nothing is known of it. In any other slot a series that is not there carried nothing: 0.

    Attributes:
        first: the number of the first slot since 1970; it is no gap.
        window: seconds of a slot.
        series: customer and prefix of each column.
        loads: (slots, series), the mean load of a slot.
    """

    first: int
    window: int
    series: tuple[tuple[str, str], ...]
    loads: Loads

    @property
    def slots(self) -> int:
        """How many slots there are, gaps included."""
        return len(self.loads)

    @property
    def season(self) -> int:
        """How many slots a day has."""
        return DAY // self.window

    @cached_property
    def gaps(self) -> NDArray[np.bool_]:
        """(slots,): which slots are gaps."""
        return np.array([bool(np.isnan(row).any()) for row in self.loads], dtype=np.bool_)

    @cached_property
    def filled(self) -> Loads:
        """The loads, a gap having those of the slot before it."""
        known = np.where(self.gaps, 0, np.arange(self.slots))
        return self.loads[np.maximum.accumulate(known)]

    @cached_property
    def prefixes(self) -> tuple[str, ...]:
        """The prefixes, in order of first appearance."""
        return tuple(dict.fromkeys(prefix for _, prefix in self.series))

    @cached_property
    def _prefix_of(self) -> NDArray[np.intp]:
        place = {prefix: n for n, prefix in enumerate(self.prefixes)}
        return np.array([place[prefix] for _, prefix in self.series], dtype=np.intp)

    def until(self, slot: int) -> "History":
        """Return what was known when a slot, counted from the first one, began."""
        return replace(self, loads=self.loads[:slot])

    def by_prefix(self, loads: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up the customers: (series,) -> (prefixes,)."""
        totals = np.zeros(len(self.prefixes))
        np.add.at(totals, self._prefix_of, loads)
        return totals

    def customers(self, loads: NDArray[np.float64]) -> dict[str, dict[str, int]]:
        """Write one slot's loads as a matrix; what rounds to nothing is left out."""
        matrix: dict[str, dict[str, int]] = {}
        for (customer, prefix), load in zip(self.series, rounded(loads).tolist(), strict=True):
            if load:
                matrix.setdefault(customer, {})[prefix] = load
        return matrix


def rounded(loads: NDArray[np.float64]) -> NDArray[np.int64]:
    """Make whole loads from 0 of any numbers."""
    whole: NDArray[np.int64] = np.rint(np.maximum(loads, 0)).astype(np.int64)
    return whole


def history_of(slots: Iterable[tuple[int, Customers]], window: int) -> History:
    """Make a history of matrices.

    Args:
        slots: number of the slot since 1970, and what was measured in it; in any order, each slot
            once, at least one that is not empty.
        window: seconds of a slot; a day is a whole number of them.

    Raises:
        InputError: so many slots lie between the first and the last one that a time must be wrong.
    """
    measured = {slot: customers for slot, customers in slots if any(customers.values())}
    first, last = min(measured), max(measured)
    series = {
        (customer, prefix): None
        for slot in sorted(measured)
        for customer, row in measured[slot].items()
        for prefix in row
    }
    place = {key: n for n, key in enumerate(series)}
    if (last - first + 1) * len(place) > _MOST:
        spans = [datetime.fromtimestamp(slot * window, UTC).isoformat() for slot in (first, last)]
        raise InputError(
            f"from {spans[0]} to {spans[1]} there are {last - first + 1:,} slots, too many for "
            f"{len(place):,} series; give a shorter time, or correct a time that is wrong"
        )
    loads = np.full((last - first + 1, len(place)), np.nan)
    for slot, customers in measured.items():
        loads[slot - first] = 0
        for customer, row in customers.items():
            for prefix, load in row.items():
                loads[slot - first, place[customer, prefix]] = load
    return History(first, window, tuple(series), loads)
