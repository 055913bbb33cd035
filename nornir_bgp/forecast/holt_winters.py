"""Holt-Winters' method, by statsmodels."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from types import ModuleType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.exceptions import InputError
from nornir_bgp.forecast.forecasters import ExponentiallyWeighted, Fitted
from nornir_bgp.forecast.history import History, Loads
from nornir_bgp.models.forecast import Method

_LEAST = 10
"""Slots from which statsmodels' start values are estimated."""

_PARAMETERS = ("smoothing_level", "smoothing_trend", "smoothing_seasonal", "damping_trend")


class _Results(Protocol):
    """What statsmodels makes of a series."""

    params: Mapping[str, float]

    def forecast(self, steps: int) -> NDArray[np.float64]: ...


class _Model(Protocol):
    """What is used of statsmodels' ``ExponentialSmoothing``."""

    def fit(self, *, optimized: bool = True, **parameters: float) -> _Results: ...


@dataclass(frozen=True, slots=True)
class HoltWinters:
    """Level, damped trend and time of day, each smoothed exponentially.

    Fitting a series takes a good part of a second, and small ones are mostly noise. So it is done
    for the series that carry most of the load; the others are exponentially weighted. The time of
    day takes part where the history has two whole days.

    Attributes:
        coverage: the share of the load that is to be forecast so.
        most: of how many series at most.
    """

    coverage: float = 0.95
    most: int = 200
    name: Method = "holt-winters"

    def needs(self, history: History) -> int:
        """Ten slots."""
        del history
        return _LEAST

    def fit(self, history: History) -> Fitted:
        """Find the parameters of each series.

        Raises:
            InputError: statsmodels is not installed.
        """
        library = _library()
        season = _season(history)
        loads = history.filled
        totals = loads.sum(axis=0)
        order = np.argsort(-totals, kind="stable")
        enough = np.searchsorted(np.cumsum(totals[order]), self.coverage * totals.sum()) + 1
        heavy = order[: min(int(enough), self.most)]
        heavy = heavy[totals[heavy] > 0]
        return _FittedHoltWinters(
            rest=ExponentiallyWeighted().fit(history),
            season=season,
            parameters={
                series: _parameters(library, loads[:, series], season) for series in heavy.tolist()
            },
        )


@dataclass(frozen=True, slots=True)
class _FittedHoltWinters:
    """The parameters of the large series, and a forecaster of all others."""

    rest: Fitted
    season: int | None
    parameters: Mapping[int, Mapping[str, float]]

    def forecast(self, history: History, horizon: int) -> Loads:
        """See :class:`Fitted`."""
        library = _library()
        expected = self.rest.forecast(history, horizon)
        for series, parameters in self.parameters.items():
            model = _model(library, history.filled[:, series], self.season)
            expected[:, series] = model.fit(optimized=False, **parameters).forecast(horizon)
        return expected


def is_installed() -> bool:
    """Tell whether statsmodels is there."""
    return find_spec("statsmodels") is not None


def _season(history: History) -> int | None:
    """The slots of a day, where there are enough days to learn from."""
    season = history.season
    enough = max(2 * season, _LEAST + 2 * (season // 2))  # what statsmodels' start values ask for
    return season if season > 1 and history.slots >= enough else None


def _model(library: ModuleType, loads: NDArray[np.float64], season: int | None) -> "_Model":
    made: _Model = library.ExponentialSmoothing(
        loads,
        trend="add",
        damped_trend=True,
        seasonal=None if season is None else "add",
        seasonal_periods=season,
        initialization_method="heuristic",
    )
    return made


def _parameters(
    library: ModuleType, loads: NDArray[np.float64], season: int | None
) -> Mapping[str, float]:
    """Fit one series; where the search stops early its parameters are as good as it found."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = _model(library, loads, season).fit().params
    return {name: float(found[name]) for name in _PARAMETERS if math.isfinite(found[name])}


def _library() -> ModuleType:
    try:
        from statsmodels.tsa import holtwinters  # noqa: PLC0415 - a second, and not always there
    except ImportError as error:
        raise InputError(
            "holt-winters stands on statsmodels, which is not installed; install "
            "nornir-bgp[forecast], or choose another method"
        ) from error
    found: ModuleType = holtwinters
    return found
