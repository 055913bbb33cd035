"""Forecasters: what the next slots will carry, from what the last ones have carried.

All of them forecast each series, a customer and a prefix, by itself, and treat a gap as unknown.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nornir_bgp.forecast.history import History, Loads
from nornir_bgp.models.forecast import Method


class Fitted(Protocol):
    """A forecaster that has learned what it can from some history."""

    def forecast(self, history: History, horizon: int) -> Loads:
        """Forecast the slots after a history.

        Args:
            history: it may be longer than that which was learned from, of the same series.
            horizon: how many slots, from 1.

        Returns:
            (horizon, series); a load may be negative where a trend says so.
        """


class Forecaster(Protocol):
    """A method of forecasting."""

    @property
    def name(self) -> Method:
        """What it is called, on the command line too."""

    def needs(self, history: History) -> int:
        """Say how many slots it must have seen before it can forecast a history's series."""

    def fit(self, history: History) -> Fitted:
        """Learn from a history that has the slots needed.

        Raises:
            InputError: a library that it stands on is not installed.
        """


@dataclass(frozen=True, slots=True)
class LastValue:
    """The next slots will be as the last one: the forecast that every other one must beat."""

    name: Method = "last"

    def needs(self, history: History) -> int:
        """One slot."""
        del history
        return 1

    def fit(self, history: History) -> Fitted:
        """Nothing is to be learned."""
        del history
        return self

    def forecast(self, history: History, horizon: int) -> Loads:
        """See :class:`Fitted`."""
        return np.repeat(history.filled[-1:], horizon, axis=0)


@dataclass(frozen=True, slots=True)
class SameSlotYesterday:
    """A slot will be as the one of the same time of day, one day before."""

    name: Method = "yesterday"

    def needs(self, history: History) -> int:
        """One day."""
        return history.season

    def fit(self, history: History) -> Fitted:
        """Nothing is to be learned."""
        del history
        return self

    def forecast(self, history: History, horizon: int) -> Loads:
        """See :class:`Fitted`."""
        day = history.filled[-history.season :]
        return np.resize(day, (horizon, day.shape[1]))


@dataclass(frozen=True, slots=True)
class ExponentiallyWeighted:
    """The next slots will be as the mean of all before, the weights falling by a constant factor.

    Simple exponential smoothing: ``mean = weight * load + (1 - weight) * mean``, from the first
    load on; a gap leaves the mean as it is.

    Attributes:
        weight: that of the last slot, over 0 and at most 1; ``None``: the one of ``CANDIDATES``
            whose forecasts of the next slot have been closest, in the sum of absolute errors.
    """

    weight: float | None = None
    name: Method = "ewma"

    def needs(self, history: History) -> int:
        """One slot."""
        del history
        return 1

    def fit(self, history: History) -> Fitted:
        """Choose the weight."""
        if self.weight is not None:
            return self
        return min(
            (ExponentiallyWeighted(weight) for weight in CANDIDATES),
            key=lambda candidate: candidate.error(history),
        )

    def forecast(self, history: History, horizon: int) -> Loads:
        """See :class:`Fitted`."""
        return np.repeat(self._means(history)[-1:], horizon, axis=0)

    def error(self, history: History) -> float:
        """Add up the absolute errors of its forecasts of each slot from those before it."""
        return float(np.nansum(np.abs(history.loads[1:] - self._means(history)[:-1])))

    def _means(self, history: History) -> Loads:
        weight = CANDIDATES[-1] if self.weight is None else self.weight
        means = history.filled.copy()
        for slot in range(1, history.slots):
            if history.gaps[slot]:
                means[slot] = means[slot - 1]
            else:
                means[slot] = weight * history.loads[slot] + (1 - weight) * means[slot - 1]
        return means


CANDIDATES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""The weights to choose from; that of 1 is the last value."""
