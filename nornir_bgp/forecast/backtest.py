"""How good forecasts are, and what their errors cost: both on history, from a rolling origin.

At an origin a forecaster knows the slots before it and no other, and what it forecasts is compared
with what came (Tashman 2000, "Out-of-sample tests of forecasting accuracy": rolling origin with
fixed coefficients).

- *Error*: the sum of ``|forecast - truth|`` over all prefixes and origins, as a share of the sum
  of the truth (weighted absolute percentage error). A mean of each prefix's own percentages would
  count a prefix of a few packets as much as the largest, and there is none of a silent prefix.
- *Loss in balance*: a plan is made on the forecast, and one on the truth; then both carry the
  truth. With the largest loads ``a`` and ``b`` of these two (utilisations, where all capacities
  are known), the loss is ``(a - b) / a``: the share of the largest load that is there only because
  the forecast erred. The error alone does not tell it: what is wrong alike at all exits costs
  nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.forecast.forecasters import Fitted, Forecaster
from nornir_bgp.forecast.history import History, rounded
from nornir_bgp.models.forecast import Method, MethodScore


@dataclass(frozen=True, slots=True, eq=False)
class Exits:
    """Where the prefixes of a history can go, and what decides between two assignments.

    Attributes:
        count: how many exits there are.
        capacities: (exits,), what each carries, in any one unit; ``None``: the largest load counts.
        assign: (prefixes,) loads -> (prefixes,) the exit of each prefix, or -1 where none carries
            it; as good a balance as a plan has, or nearly so.
    """

    count: int
    capacities: NDArray[np.float64] | None
    assign: Callable[[NDArray[np.int64]], NDArray[np.int16]]

    def largest(self, assignment: NDArray[np.int16], loads: NDArray[np.int64]) -> float:
        """Return the largest load of an exit, or the largest utilisation."""
        routed = assignment >= 0
        carried = np.bincount(assignment[routed], weights=loads[routed], minlength=self.count)
        return float((carried if self.capacities is None else carried / self.capacities).max())


@dataclass(frozen=True, slots=True)
class Backtest:
    """The forecasters on one history.

    Attributes:
        learned: the slots before the first origin: what forecasters have learned from.
        origins: at how many origins they were asked.
        horizon: how many slots ahead the compared slot is.
        scores: in the order of the forecasters.
    """

    learned: int
    origins: int
    horizon: int
    scores: tuple[MethodScore, ...]


def origins_of(history: History, horizon: int, most: int) -> tuple[int, ...]:
    """Choose origins: evenly over the second half of a history, where the slot to come is known.

    Args:
        history: the history; its first half is for learning.
        horizon: how many slots ahead is forecast.
        most: how many origins at most.

    Returns:
        The slots, counted from the first one, before which is forecast; none in a short history.
    """
    first = max(1, history.slots // 2)
    possible = [
        slot
        for slot in range(first, history.slots - horizon + 1)
        if not history.gaps[slot + horizon - 1]
    ]
    if len(possible) <= most:
        return tuple(possible)
    return tuple(possible[len(possible) * n // most] for n in range(most))


def backtest(
    history: History,
    forecasters: Sequence[Forecaster],
    exits: Exits | None,
    *,
    horizon: int = 1,
    most: int = 24,
) -> Backtest:
    """Ask forecasters at origins in the past, and compare with what came.

    Args:
        history: what was measured.
        forecasters: those that are to be compared.
        exits: what plans are made for; ``None``: not known, and no loss is worked out.
        horizon: the slot that is compared is so many ahead, from 1.
        most: at how many origins at most.

    Raises:
        InputError: a library that a forecaster stands on is not installed.
    """
    origins = origins_of(history, horizon, most)
    truths = [rounded(history.by_prefix(history.loads[origin + horizon - 1])) for origin in origins]
    best = [0.0 if exits is None else exits.largest(exits.assign(t), t) for t in truths]
    learned = origins[0] if origins else history.slots
    known = history.until(learned)
    scores: list[MethodScore] = []
    for forecaster in forecasters:
        needed = forecaster.needs(history)
        if not origins or needed > learned:
            why = _why_not(needed, history, horizon)
            scores.append(MethodScore(method=forecaster.name, why_not=why))
            continue
        fitted = forecaster.fit(known)
        forecasts = [_forecast(fitted, history, origin, horizon) for origin in origins]
        scores.append(_score(forecaster.name, forecasts, truths, best, exits))
    return Backtest(learned, len(origins), horizon, tuple(scores))


def _why_not(needed: int, history: History, horizon: int) -> str:
    """Say what a history lacks: slots to learn from, slots to forecast, or anything in these."""
    least = max(2 * needed, 2 * horizon - 1)
    if history.slots < least:
        return f"needs {least} slots, half of them to learn from; there are {history.slots}"
    return "nothing was measured in the slots that were to be forecast"


def _forecast(fitted: Fitted, history: History, origin: int, horizon: int) -> NDArray[np.int64]:
    """Forecast the prefixes' loads of the last slot of a horizon."""
    expected = fitted.forecast(history.until(origin), horizon)[-1]
    return rounded(history.by_prefix(np.maximum(expected, 0)))


def _score(
    method: Method,
    forecasts: Sequence[NDArray[np.int64]],
    truths: Sequence[NDArray[np.int64]],
    best: Sequence[float],
    exits: Exits | None,
) -> MethodScore:
    total = sum(int(truth.sum()) for truth in truths)
    if not total:
        return MethodScore(method=method, why_not="there was no traffic to forecast")
    wrong = sum(int(np.abs(f - t).sum()) for f, t in zip(forecasts, truths, strict=True))
    if exits is None or not any(best):  # no exit, or none that carries any of it
        return MethodScore(method=method, error=wrong / total)
    losses = [
        _loss(exits.largest(exits.assign(forecast), truth), smallest)
        for forecast, truth, smallest in zip(forecasts, truths, best, strict=True)
    ]
    return MethodScore(
        method=method,
        error=wrong / total,
        loss=sum(losses) / len(losses),
        worst_loss=max(losses),
    )


def _loss(largest: float, smallest: float) -> float:
    """The share of a largest load that is there only because the forecast erred.

    Plans that are not proven optimal are as good as their solver: that on the truth may even be the
    worse one by a hair.
    """
    return max(0.0, (largest - smallest) / largest) if largest else 0.0
