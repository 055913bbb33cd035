"""Predictions for several slots of time."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.prediction import PredictionMatrix, parse_predictions
from nornir_bgp.models.series import (
    FORMAT,
    PredictionSeries,
    PredictionSlot,
    joined,
    parse_series,
)
from tests.models.test_prediction import matrices

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ROW = {"C1": {"10.0.0.0/8": 5}}


def document(*slots: object, **more: object) -> str:
    return json.dumps({"format": FORMAT, **more, "slots": slots})


def timed(number: int) -> dict[str, object]:
    start = (BEGAN + timedelta(minutes=5 * number)).isoformat()
    return {"start": start, "customers": {"C1": {"10.0.0.0/8": number}}}


series_ = st.builds(
    lambda rows, unit, window, error, told: PredictionSeries(
        slots=tuple(
            PredictionSlot(
                start=BEGAN + timedelta(minutes=n) if told else None,
                matrix=PredictionMatrix(customers=row),
            )
            for n, row in enumerate(rows)
        ),
        unit=unit,
        window_seconds=window,
        error=error,
    ),
    st.lists(matrices, min_size=1, max_size=3),
    st.none() | st.sampled_from(["bit/s", "Mbit/s"]),
    st.none() | st.integers(1, 3600),
    st.none() | st.floats(0, 2),
    st.booleans(),
)


@given(series_)
def test_its_json_is_read_back(series):
    assert parse_series(series.model_dump_json(), "s.json") == series


@given(matrices)
def test_a_matrix_is_a_series_of_one_slot_and_is_written_as_before(rows):
    matrix = parse_predictions(json.dumps(rows), "p.json")
    series = parse_series(json.dumps(rows), "p.json")
    assert [slot.matrix for slot in series.slots] == [matrix]
    assert series.model_dump_json(indent=2) == matrix.model_dump_json(indent=2)


CASES = {
    "another format": ('{"format": "x", "slots": []}', "1:2: format: 'x' is not allowed"),
    "no slot": (document(), "slots: is empty"),
    "an unknown key": (document({"customers": ROW, "begin": 1}), "slots[0].begin: unknown key"),
    "no customers": (document({"start": "2026-01-01T00:00:00Z"}), "slots[0].customers: is missing"),
    "a time without zone": (document({**timed(0), "start": "2026-01-01"}), "no time with its zone"),
    "a time as a number": (document({**timed(0), "start": 5}), "no time with its zone"),
    "slots out of order": (document(timed(1), timed(0)), "slots[1].start: 2026-01-01T00:00:00+00"),
    "a slot twice": (document(timed(1), timed(1)), "is not after the slot before"),
    "a prefix": (
        document({"customers": {"C1": {"10.0.0.1/8": 1}}}),
        "slots[0].customers.C1[\"10.0.0.1/8\"]: '10.0.0.1/8' has host bits",
    ),
    "a list for a matrix": (document({"customers": []}), "slots[0].customers: not a prediction"),
    "an empty slot": (document({"customers": {}}), "slots[0].customers: the matrix is empty"),
    "a unit": (document(timed(0), unit="bps"), "unit: 'bps' is not allowed"),
    "an error below 0": (document(timed(0), error=-0.1), "error: -0.1 is not allowed"),
    "a window of nothing": (document(timed(0), window_seconds=0), "window_seconds: 0 is not"),
}


@pytest.mark.parametrize(("text", "said"), CASES.values(), ids=CASES)
def test_bad_input_is_refused_with_its_place(text, said):
    with pytest.raises(InputError) as caught:
        parse_series(text, "s.json")
    assert str(caught.value).startswith("s.json:1:")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("wanted", "load"),
    [
        ("0", 0),
        ("2", 2),
        ("2026-01-01T00:05:00Z", 1),
        ("2026-01-01T01:09:59+01:00", 1),
        ("2026-01-01T00:14:59Z", 2),
    ],
)
def test_a_slot_by_its_number_or_a_time_in_it(wanted, load):
    series = parse_series(document(*map(timed, range(3)), window_seconds=300), "s.json")
    (slot,) = series.only(wanted).slots
    assert slot.matrix.total == load


@pytest.mark.parametrize(
    "wanted", ["3", "-1", "now", "2025-12-31T23:59:59Z", "2026-01-01T00:15:00Z", "2026-01-01"]
)
def test_a_slot_that_is_none(wanted):
    series = parse_series(document(*map(timed, range(3)), window_seconds=300), "s.json")
    with pytest.raises(InputError, match="slot"):
        series.only(wanted)


def test_files_are_joined_in_one_unit():
    one, two = (parse_series(document(timed(n), unit="bit/s", error=n / 10), "x") for n in (1, 2))
    both = joined((one, two), ("1.json", "2.json"))
    assert [slot.matrix.total for slot in both.slots] == [1, 2]
    assert (both.unit, both.error, both.largest.total) == ("bit/s", 0.2, 2)
    with pytest.raises(InputError, match=r"2\.json in an unknown unit; write them in one"):
        joined((one, parse_series(json.dumps(ROW), "x")), ("1.json", "2.json"))
