"""The page of faults is whole, or it is not written; other tests have no say in it."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab.faults.table import GROUPS, Row, missing

REPOSITORY = Path(__file__).parents[3]
TEST = "tests/lab/faults/test_faults.py::test_fault"

FAULTS = """
import json, pytest
from tests.lab.faults.table import GROUPS, PROPERTY

PLACES = [(group, n + 1) for group, number in GROUPS.items() for n in range(number)]

@pytest.mark.parametrize("place", PLACES, ids="{0[0]} {0[1]}".format)
def test_fault(place, record_property):
    row = dict.fromkeys(("fault", "exit", "gateways", "edges", "lost", "says"), "")
    row |= {"group": place[0], "order": place[1], "fault": f"place {place[1]}"}
    record_property(PROPERTY, json.dumps(row))
    assert place != BAD
"""
"""Tests that leave the rows that the real ones leave, without a lab."""

OTHERS = """
def test_fails(record_property):
    record_property("fault", "none of ours")
    assert False
"""


def run(folder: Path, *options: str, bad: object = None) -> subprocess.CompletedProcess[str]:
    """Run the tests of a tree like ours; ``bad`` is the place of a fault whose test fails."""
    faults = folder / "tests" / "lab" / "faults" / "test_faults.py"
    faults.parent.mkdir(parents=True)
    faults.write_text(f"BAD = {bad!r}\n{FAULTS}")
    (folder / "tests" / "test_others.py").write_text(OTHERS)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.lab.faults.recorder"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "--fault-table", "page.md", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("options", [(), ("-n", "2", "--dist", "loadfile")], ids=["1", "2"])
def test_all_faults_make_the_same_page_in_one_process_and_in_two(tmp_path: Path, options):
    done = run(tmp_path, *options)
    assert done.returncode == 1, "the other test's failure stays one"
    assert "page.md is written: 62 faults" in done.stdout, done.stdout
    lines = (tmp_path / "page.md").read_text().splitlines()
    places = [line.split("|")[1].strip() for line in lines if line.startswith("| place")]
    sizes = (1, 5, 10, 6, 4, 4, 23, 3, 6)
    assert places == [f"place {n + 1}" for size in sizes for n in range(size)]


@pytest.mark.parametrize(
    ("options", "bad", "told"),
    [
        ((), ("Links", 2), "test_fault[Links 2]: failed"),
        ((f"{TEST}[Links 1]", "-n", "2"), None, "Links, place 4: 0 rows, 1 expected"),
    ],
    ids=["failed", "one"],
)
def test_a_page_that_lacks_a_fault_is_not_written(tmp_path: Path, options, bad, told: str):
    (tmp_path / "page.md").write_text("measured before")
    done = run(tmp_path, *options, bad=bad)
    assert done.returncode == 1, done.stdout
    assert "page.md is not written:" in done.stdout
    assert told in done.stdout, done.stdout
    assert (tmp_path / "page.md").read_text() == "measured before"


def test_each_place_has_one_row():
    rows = [
        Row(group, n + 1, "", "", "", "", "", "")
        for group, size in GROUPS.items()
        for n in range(size)
    ]
    assert missing(reversed(rows)) == []
    assert missing(rows[1:]) == ["No fault, place 1: 0 rows, 1 expected"]
    assert missing([*rows, rows[0]]) == ["No fault, place 1: 2 rows, 1 expected"]
    unforeseen = replace(rows[0], order=2)
    assert missing([*rows, unforeseen]) == ["No fault, place 2: 1 rows, 0 expected"]
