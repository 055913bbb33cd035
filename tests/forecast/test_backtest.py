"""The back-test against brute force, and that it knows nothing of the future."""

import re
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.forecast.backtest import Exits, backtest, origins_of
from nornir_bgp.forecast.forecasters import ExponentiallyWeighted, LastValue, SameSlotYesterday
from nornir_bgp.forecast.history import History
from nornir_bgp.models.forecast import Method, MethodScore, best_of
from tests.forecast.test_forecasters import history

CAPACITIES = np.array([3.0, 1.0])


def best_assignment(loads: np.ndarray) -> np.ndarray:
    """The assignment to two exits with the smallest largest utilisation, of all there are."""
    return np.array(
        min(
            product((0, 1), repeat=len(loads)),
            key=lambda places: max(
                sum(load for load, at in zip(loads, places, strict=True) if at == exit_) / capacity
                for exit_, capacity in enumerate(CAPACITIES)
            ),
        ),
        dtype=np.int16,
    )


EXITS = Exits(2, CAPACITIES, best_assignment)


@dataclass
class Spy:
    """Forecasts the last value, and writes down what it was shown."""

    name: Method = "last"
    seen: list[int] = field(default_factory=list)
    learned: list[int] = field(default_factory=list)

    def needs(self, known: History) -> int:
        return 1

    def fit(self, known: History) -> "Spy":
        self.learned.append(known.slots)
        return self

    def forecast(self, known: History, horizon: int) -> np.ndarray:
        self.seen.append(known.slots)
        return LastValue().forecast(known, horizon)


@pytest.mark.parametrize("horizon", [1, 3])
def test_a_forecaster_sees_nothing_of_the_slots_it_forecasts(horizon):
    known = history([float(n) for n in range(20)])
    spy = Spy()
    found = backtest(known, [spy], None, horizon=horizon, most=100)
    assert spy.learned == [10] == [found.learned]
    assert spy.seen == list(range(10, 20 - horizon + 1))
    assert found.origins == len(spy.seen)
    # Each forecast is the slot before the origin, so it is `horizon` less than what came.
    truths = [slot + horizon - 1 for slot in spy.seen]
    assert found.scores[0].error == pytest.approx(horizon * len(truths) / sum(truths))


@given(
    st.lists(st.lists(st.integers(0, 50), min_size=4, max_size=4), min_size=2, max_size=8).filter(
        lambda rows: any(map(any, rows[len(rows) // 2 :]))
    )
)
def test_error_and_loss_are_those_of_brute_force(rows):
    known = history(*map(list, zip(*rows, strict=True)))
    score = backtest(known, [LastValue()], EXITS, most=100).scores[0]
    assert score.loss is not None
    origins = range(max(1, len(rows) // 2), len(rows))
    wrong = sum(abs(a - b) for t in origins for a, b in zip(rows[t - 1], rows[t], strict=True))
    assert score.error == pytest.approx(wrong / sum(sum(rows[t]) for t in origins))
    losses = []
    for t in origins:
        truth = np.array(rows[t])
        planned = EXITS.largest(best_assignment(np.array(rows[t - 1])), truth)
        smallest = EXITS.largest(best_assignment(truth), truth)
        losses.append((planned - smallest) / planned if planned else 0)
    assert score.loss == pytest.approx(sum(losses) / len(losses))
    assert score.worst_loss == pytest.approx(max(losses))
    assert 0 <= score.loss <= score.worst_loss < 1


def test_what_never_changes_is_forecast_without_error_or_loss():
    known = history(*([float(load)] * 16 for load in (5, 7, 11)))
    found = backtest(known, [LastValue(), SameSlotYesterday(), ExponentiallyWeighted()], EXITS)
    assert [(s.error, s.loss, s.worst_loss) for s in found.scores] == [(0, 0, 0)] * 3


def test_a_forecaster_that_needs_more_says_so_and_the_others_are_compared():
    found = backtest(history([1.0, 2, 3, 4, 5]), [LastValue(), SameSlotYesterday()], None)
    assert found.scores[0].error is not None
    assert found.scores[1].error is None
    assert "needs 8 slots" in found.scores[1].why_not


@pytest.mark.parametrize("horizon", [1, 2, 5])
@pytest.mark.parametrize("forecaster", [LastValue(), SameSlotYesterday()])
def test_as_many_slots_as_are_asked_for_are_enough_and_one_less_is_not(forecaster, horizon):
    def tried(slots: int) -> MethodScore:
        known = history([1.0] * slots)
        return backtest(known, [forecaster], None, horizon=horizon).scores[0]

    asked = re.match("needs ([0-9]+) slots", tried(1).why_not)
    assert asked
    enough = int(asked[1])
    assert tried(enough).error == 0
    assert tried(enough - 1).why_not.startswith(f"needs {enough} slots")


def test_gaps_where_everything_would_be_forecast_are_told():
    found = backtest(history([1.0, 1, None, None]), [LastValue()], None)
    assert found.scores[0].why_not == "nothing was measured in the slots that were to be forecast"


def test_gaps_are_not_forecast():
    known = history([1.0, 1, 1, None, 1, None])
    assert origins_of(known, 1, 10) == (4,)
    assert backtest(known, [LastValue()], None).scores[0].error == 0


def test_prefixes_that_no_exit_carries_are_left_out_of_the_balance():
    assert EXITS.largest(np.array([0, -1], dtype=np.int16), np.array([6, 100])) == 2


def test_there_is_no_loss_where_no_exit_carries_anything():
    nowhere = Exits(2, None, lambda loads: np.full(len(loads), -1, dtype=np.int16))
    score = backtest(history([1.0, 2, 3, 4]), [LastValue()], nowhere).scores[0]
    assert (score.error, score.loss, score.worst_loss) == (pytest.approx(2 / 7), None, None)


def test_the_best_loses_least_then_errs_least():
    scores = (
        MethodScore(method="last", error=0.1, loss=0.2, worst_loss=0.3),
        MethodScore(method="ewma", error=0.3, loss=0.1, worst_loss=0.3),
        MethodScore(method="yesterday", why_not="needs more"),
    )
    assert best_of(scores) == "ewma"
    assert best_of(tuple(s.model_copy(update={"loss": None}) for s in scores)) == "last"
    assert best_of(scores[2:]) is None
