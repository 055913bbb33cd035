"""Forecasters against figures worked out by hand, and against statsmodels itself."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from nornir_bgp.exceptions import InputError
from nornir_bgp.forecast.forecasters import (
    CANDIDATES,
    ExponentiallyWeighted,
    LastValue,
    SameSlotYesterday,
)
from nornir_bgp.forecast.history import History, history_of
from nornir_bgp.forecast.holt_winters import HoltWinters

SIX_HOURS = 21_600
"""Seconds of a slot by which a day has four."""


def history(*series: list[float | None], window: int = SIX_HOURS) -> History:
    """A history of series; None is a gap."""
    loads = np.array(series, dtype=np.float64).T
    names = tuple((f"C{n}", f"10.0.{n}.0/24") for n in range(len(series)))
    return History(0, window, names, loads)


def test_the_last_value_is_that_before_a_gap():
    known = history([1, 2, None], [10, 20, None])
    assert LastValue().forecast(known, 2).tolist() == [[2, 20], [2, 20]]


def test_the_same_slot_yesterday():
    known = history([1, 2, 3, 4, 5, 6, None, 8, 9])
    # Slot 9 is slot 5 of the day before; slot 6 was a gap and has what slot 5 had.
    forecast = SameSlotYesterday().forecast(known, 5)
    assert forecast[:, 0].tolist() == [6, 6, 8, 9, 6]


def test_the_exponentially_weighted_mean():
    known = history([10, 20, None, 40])
    half = ExponentiallyWeighted(0.5)
    assert half.forecast(known.until(1), 1).tolist() == [[10]]
    assert half.forecast(known.until(2), 1).tolist() == [[15]]
    assert half.forecast(known.until(3), 1).tolist() == [[15]]
    assert half.forecast(known, 2).tolist() == [[27.5], [27.5]]
    assert half.error(known) == (20 - 10) + (40 - 15)


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=12))
def test_the_weight_that_is_chosen_is_the_best_of_the_candidates(loads):
    known = history(loads)
    chosen = ExponentiallyWeighted().fit(known)
    errors = []
    for weight in CANDIDATES:
        mean, error = float(loads[0]), 0.0
        for load in loads[1:]:
            error += abs(load - mean)
            mean = weight * load + (1 - weight) * mean
        errors.append(error)
    assert chosen.error(known) == pytest.approx(min(errors), abs=1e-6)


def test_holt_winters_is_statsmodels():
    rng = np.random.default_rng(5)
    day = np.sin(np.arange(24 * 4) * 2 * np.pi / 24)
    loads = 1e6 * (3 + day) + rng.normal(0, 1e5, day.size)
    known = history(loads.tolist(), window=3600)
    ours = HoltWinters(coverage=1).fit(known).forecast(known, 3)
    theirs = ExponentialSmoothing(
        loads,
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=24,
        initialization_method="heuristic",
    )
    assert ours[:, 0] == pytest.approx(theirs.fit().forecast(3), rel=1e-6)
    truth = 1e6 * (3 + np.sin(np.arange(day.size, day.size + 3) * 2 * np.pi / 24))
    assert np.abs(ours[:, 0] - truth).max() < 3e5  # three times the noise; the day swings by 2e6


def test_holt_winters_leaves_small_series_to_the_weighted_mean():
    rng = np.random.default_rng(6)
    large, small = rng.uniform(9e8, 1e9, 30), rng.uniform(1, 2, 30)
    known = history(large.tolist(), small.tolist(), [0.0] * 30)
    fitted = HoltWinters(coverage=0.95).fit(known)
    forecast = fitted.forecast(known, 1)[0]
    weighted = ExponentiallyWeighted().fit(known).forecast(known, 1)[0]
    assert forecast[1:].tolist() == weighted[1:].tolist()
    assert forecast[0] != weighted[0]


def test_holt_winters_without_statsmodels_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    monkeypatch.setitem(sys.modules, "statsmodels.tsa", None)
    with pytest.raises(InputError, match=r"install nornir-bgp\[forecast\]"):
        HoltWinters().fit(history([1.0] * 20))


def test_what_is_not_there_is_nothing_and_a_slot_without_anything_is_a_gap():
    found = history_of(
        [(12, {"C1": {"10.0.0.0/8": 5}}), (10, {"C1": {"10.0.0.0/8": 3}, "C2": {"::/0": 4}})], 300
    )
    assert found.series == (("C1", "10.0.0.0/8"), ("C2", "::/0"))
    assert found.gaps.tolist() == [False, True, False]
    assert found.filled.tolist() == [[3, 4], [3, 4], [5, 0]]
    assert found.loads[2].tolist() == [5, 0]


def test_a_time_that_is_far_off_is_refused_and_not_filled_up():
    everything = {"C1": {f"10.0.{n}.0/24": 1 for n in range(100)}}
    with pytest.raises(InputError, match="correct a time that is wrong"):
        history_of([(0, everything), (10**7, everything)], 300)
