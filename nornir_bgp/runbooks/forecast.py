"""From measured traffic to predictions, and how good these are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import InputError
from nornir_bgp.forecast.backtest import backtest as tried
from nornir_bgp.forecast.forecasters import (
    ExponentiallyWeighted,
    Forecaster,
    LastValue,
    SameSlotYesterday,
)
from nornir_bgp.forecast.history import History
from nornir_bgp.forecast.holt_winters import HoltWinters, is_installed
from nornir_bgp.models.forecast import BacktestReport, Method, best_of
from nornir_bgp.models.series import PredictionSeries
from nornir_bgp.runbooks.flow_files import measure_flows
from nornir_bgp.runbooks.flow_options import FlowOptions
from nornir_bgp.runbooks.measured import Measured, series_of
from nornir_bgp.runbooks.ways import Ways, exits_of_ways, ways_of

METHODS: Mapping[Method, Callable[[], Forecaster]] = {
    "last": LastValue,
    "yesterday": SameSlotYesterday,
    "ewma": ExponentiallyWeighted,
    "holt-winters": HoltWinters,
}
"""The forecasters, the simplest first: of equals it is taken."""

AS_IT_COMES = FlowOptions()
"""Files read as they are."""

DEFAULT_ORIGINS = 24
"""How many forecasts a back-test makes with each method."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected, and how that came about.

    Attributes:
        series: the document that plans are made of, its ``error`` from the back-test.
        method: how it was forecast.
        reason: why so.
        tested: the back-test.
        measured: what it stands on.
    """

    series: PredictionSeries
    method: Method
    reason: str
    tested: BacktestReport
    measured: Measured

    @property
    def end(self) -> datetime:
        """When the last of its slots is over."""
        starts = [slot.start for slot in self.series.slots if slot.start is not None]
        return max(starts) + timedelta(seconds=self.measured.window)


def measure(
    files: Sequence[Path],
    options: FlowOptions = AS_IT_COMES,
    *,
    nr: Nornir | None = None,
    gateways: Path | None = None,
) -> Measured:
    """Add up what was measured, slot by slot.

    Args:
        files: exports of flows, or documents that were made of some.
        options: how they are read.
        nr: the Nornir object, where routes are to be collected.
        gateways: a file of gateways; where it says what each of them reaches, destinations are
            matched with that.

    Raises:
        InputError: a file is wrong.
        DeviceError: a gateway could not be asked.
    """
    asked = options.collect or gateways is not None
    return measure_flows(
        files, options, ways_of(nr, gateways, collect=options.collect) if asked else None
    )


def predict(
    files: Sequence[Path],
    options: FlowOptions = AS_IT_COMES,
    *,
    nr: Nornir | None = None,
    gateways: Path | None = None,
    method: Method | None = None,
    horizon: int = 1,
    origins: int = DEFAULT_ORIGINS,
) -> Forecast:
    """Forecast the slots after what was measured.

    Args:
        files: exports of flows, or documents that were made of some.
        options: how they are read.
        nr: the Nornir object, whose exits the forecast is tried on.
        gateways: a file of gateways, in place of the inventory.
        method: how to forecast; ``None``: by the method that was best in a back-test.
        horizon: how many slots.
        origins: how many forecasts the back-test makes with each method.

    Raises:
        InputError: a file is wrong, or the history is too short for the method.
        DeviceError: a gateway could not be asked.
    """
    ways = ways_of(nr, gateways, collect=options.collect)
    measured = measure_flows(files, options, ways)
    history = measured.history()
    asked = None if method is None else (method,)
    tested = _tested(measured, history, ways, asked, horizon=horizon, origins=origins)
    if method is not None:
        chosen, reason = method, "as asked"
    elif tested.best is not None:
        chosen, reason = tested.best, "the best of the back-test"
    else:
        chosen, reason = "last", "the history is too short to compare methods on it"
    forecaster = METHODS[chosen]()
    needed = forecaster.needs(history)
    if needed > history.slots:
        raise InputError(
            f"{chosen} needs {needed} slots, and {history.slots} are measured; give a longer "
            "history, or choose another method"
        )
    expected = forecaster.fit(history).forecast(history, horizon)
    following = history.first + history.slots
    slots = {following + n: history.customers(loads) for n, loads in enumerate(expected)}
    if not all(slots.values()):
        raise InputError(
            f"{chosen} expects no traffic at all; look at the last slots of the history, or choose "
            "another method"
        )
    error = tested.score_of(chosen).loss
    series = series_of(slots, measured.window, measured.unit, error)
    return Forecast(series, chosen, reason, tested, measured)


def backtest(
    files: Sequence[Path],
    options: FlowOptions = AS_IT_COMES,
    *,
    nr: Nornir | None = None,
    gateways: Path | None = None,
    methods: Sequence[Method] | None = None,
    horizon: int = 1,
    origins: int = DEFAULT_ORIGINS,
) -> BacktestReport:
    """Compare methods of forecasting on what was measured.

    The arguments are those of :func:`predict`; the slot that is compared is the last of the
    horizon.

    Raises:
        InputError: a file is wrong.
        DeviceError: a gateway could not be asked.
    """
    ways = ways_of(nr, gateways, collect=options.collect)
    measured = measure_flows(files, options, ways)
    return _tested(measured, measured.history(), ways, methods, horizon=horizon, origins=origins)


def _tested(
    measured: Measured,
    history: History,
    ways: Ways | None,
    methods: Sequence[Method] | None,
    *,
    horizon: int,
    origins: int,
) -> BacktestReport:
    if horizon < 1 or origins < 1:
        raise InputError("the number of slots and of origins is 1 or more; correct it")
    remarks = list(measured.warnings)
    chosen = list(METHODS if methods is None else methods)
    if methods is None and not is_installed():
        chosen.remove("holt-winters")
        remarks.append("holt-winters took no part; it needs nornir-bgp[forecast]")
    found = tried(
        history,
        [METHODS[method]() for method in chosen],
        None if ways is None else exits_of_ways(ways, history.prefixes),
        horizon=horizon,
        most=origins,
    )
    return BacktestReport(
        window_seconds=history.window,
        slots=history.slots,
        gaps=int(history.gaps.sum()),
        customers=len({customer for customer, _ in history.series}),
        prefixes=len(history.prefixes),
        exits=None if ways is None else len(ways.exits),
        learned=found.learned,
        origins=found.origins,
        horizon=horizon,
        scores=found.scores,
        best=best_of(found.scores),
        remarks=tuple(remarks),
    )
