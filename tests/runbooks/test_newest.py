"""Which matrix of a folder is taken, and when none is."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError, RefusedError
from nornir_bgp.models.prediction import parse_predictions
from nornir_bgp.models.settings import Settings
from nornir_bgp.runbooks.newest import CLOCK_TOLERANCE, newest_matrix, refuse_stale
from nornir_bgp.runbooks.predictions import locate

NOW = datetime(2020, 3, 1, 12, tzinfo=UTC)
MATRIX = json.dumps({"C1": {"198.51.100.0/24": 150, "203.0.113.0/24": 35}, "C2": {"0.0.0.0/0": 1}})


def write(folder: Path, name: str, age: timedelta = timedelta(0), text: str = MATRIX) -> Path:
    path = folder / name
    path.write_text(text)
    written = int((NOW - age).timestamp())
    os.utime(path, (written, written))
    return path


@given(
    ages=st.dictionaries(
        st.text("abz0159-", min_size=1, max_size=6), st.integers(0, 3), min_size=1, max_size=6
    )
)
def test_the_last_written_is_taken_and_the_later_name_of_two(ages, tmp_path_factory):
    folder = tmp_path_factory.mktemp("predictions")
    for name, age in ages.items():
        write(folder, f"{name}.json", timedelta(hours=age))
    youngest = min(ages.values())
    last = sorted(f"{name}.json" for name, age in ages.items() if age == youngest)[-1]
    assert newest_matrix(folder).name == last


def test_what_is_no_matrix_is_passed_over(tmp_path: Path):
    hour = timedelta(hours=1)
    taken = write(tmp_path, "a.json", 3 * hour)
    for name in (".a.json", ".json", "b.json~", "c.json.tmp", "d.txt", "e.JSON.gz", "json"):
        write(tmp_path, name, hour)
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "dead.json").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.json")
    assert newest_matrix(tmp_path) == taken
    elsewhere = write(tmp_path / "folder.json", "f.json", hour)
    (tmp_path / "latest.json").symlink_to(elsewhere)
    assert newest_matrix(tmp_path).name == "latest.json", "a link has the age of its file"


def test_a_folder_without_a_matrix(tmp_path: Path):
    write(tmp_path, ".draft.json")
    with pytest.raises(InputError, match=r"holds no prediction matrix; write one there"):
        newest_matrix(tmp_path)


@given(cut=st.integers(0, len(MATRIX) - 1))
def test_no_part_of_a_matrix_is_a_matrix(cut):
    """So that a file which is still being written is never taken for the whole of it."""
    with pytest.raises(InputError):
        parse_predictions(MATRIX[:cut], "half.json")


@pytest.mark.parametrize(
    ("age", "max_age", "said"),
    [
        (timedelta(minutes=59), timedelta(hours=1), None),
        (timedelta(hours=1), timedelta(hours=1), None),
        (timedelta(hours=1, seconds=1), timedelta(hours=1), r"written 1 h 1 s ago.*max_age is 1 h"),
        (timedelta(days=400), None, None),
        (timedelta(days=400, hours=3, minutes=9), timedelta(days=7), "written 400 d 3 h ago"),
        (-CLOCK_TOLERANCE, timedelta(hours=1), None),
        (-CLOCK_TOLERANCE - timedelta(seconds=1), None, "2 min 1 s in the future: a clock is"),
        (-timedelta(days=3650), timedelta(hours=1), "3650 d in the future: a clock is wrong"),
    ],
)
def test_how_old_it_may_be(tmp_path: Path, age, max_age, said):
    file = write(tmp_path, "m.json", age)
    if said is None:
        refuse_stale(file, max_age, NOW)
        return
    with pytest.raises(RefusedError, match=said) as refused:
        refuse_stale(file, max_age, NOW)
    assert str(file) in str(refused.value)
    assert f"{NOW - age:%Y-%m-%d %H:%M:%S} UTC" in str(refused.value)


def test_whose_age_counts(tmp_path: Path):
    file = write(tmp_path, "m.json")  # NOW is years ago
    setting, hour = Settings(max_age="1h"), timedelta(hours=1)
    assert locate(tmp_path, Settings()) == (file,)
    assert locate(file, setting) == (file,), "the setting is for folders"
    for predictions, settings, option in ((tmp_path, setting, None), (file, Settings(), hour)):
        with pytest.raises(RefusedError, match="max_age is 1 h"):
            locate(predictions, settings, option)
    assert locate(tmp_path, setting, timedelta(days=99_999)) == (file,), "the option goes over it"
    with pytest.raises(InputError, match=r"gone\.json"):
        locate(tmp_path / "gone.json", Settings(), hour)
    with pytest.raises(InputError, match="no file has no age"):
        locate(parse_predictions(MATRIX, "x"), Settings(), hour)
