"""Plans for gateways from a file, over several slots of time."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError, RefusedError
from nornir_bgp.models.planning import Planning
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.series import PredictionSeries, PredictionSlot
from nornir_bgp.runbooks.plan import plan_by_file

PREFIXES = tuple(f"10.0.{n}.0/24" for n in range(6))


def write(folder: Path, name: str, document: object) -> Path:
    file = folder / name
    file.write_text(json.dumps(document), "utf-8")
    return file


@pytest.fixture
def gateways(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        "gateways.json",
        {
            "gateways": {
                "GW1": {"upstream": "UP1", "capacity": 100},
                "GW2": {"upstream": "UP2", "capacity": 400},
            },
            "reach": {"GW2": list(PREFIXES[:3])},
        },
    )


def series_of(*rows: dict[str, int]) -> PredictionSeries:
    return PredictionSeries(
        slots=tuple(PredictionSlot(matrix=PredictionMatrix(customers={"C": row})) for row in rows)
    )


def test_capacity_and_reach_count(gateways: Path):
    (made,) = plan_by_file(series_of(dict.fromkeys(PREFIXES, 20)), gateways)
    assert made.max_utilisation == 0.6
    assert made.gateways["GW2"].prefixes == PREFIXES[:3]
    assert (made.moved, made.lines) == (None, 6)


def test_files_are_slots_and_the_worst_counts(gateways: Path, tmp_path: Path):
    files = [
        write(tmp_path, f"{n}.json", {"C": {PREFIXES[0]: 80 * n, PREFIXES[1]: 160 - 80 * n}})
        for n in range(3)
    ]
    (made,) = plan_by_file(files, gateways)
    assert made.gateways["GW2"].prefixes == PREFIXES[:2]
    assert [e.slots for e in made.exits] == [(0, 0, 0), (160, 160, 160)]
    (one,) = plan_by_file(files, gateways, slot="1")
    assert one.max_utilisation == 0.4
    assert one.slot is None


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.dictionaries(st.sampled_from(PREFIXES), st.integers(0, 15), min_size=1),
        min_size=1,
        max_size=4,
    ),
    most=st.integers(0, 2),
)
def test_few_prefixes_move_from_slot_to_slot(gateways: Path, rows, most):
    plans = plan_by_file(series_of(*rows), gateways, per_slot=True, slot_moves=most)
    assert [made.slot for made in plans] == list(range(len(rows)))
    for one, made, row in zip((None, *plans), plans, rows, strict=False):
        assert set(made.gateway_of) == set(row)
        if one is not None:
            before = one.gateway_of
            moved = sum(before.get(p, g) != g for p, g in made.gateway_of.items())
            assert moved == made.moved
            assert moved <= most


def test_a_slot_without_a_plan_is_named(gateways: Path):
    series = series_of({PREFIXES[5]: 100}, {PREFIXES[5]: 101})
    with pytest.raises(RefusedError, match="slot 1: "):
        plan_by_file(series, gateways, per_slot=True)
    with pytest.raises(RefusedError):
        plan_by_file(series, gateways)


def test_communities_are_not_known_offline(gateways: Path):
    planning = Planning(pins={"65004:100": "GW1"})
    with pytest.raises(InputError, match="65004:100: only gateways say"):
        plan_by_file(series_of({PREFIXES[0]: 1}), gateways, planning=planning)
