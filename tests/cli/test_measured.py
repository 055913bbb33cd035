"""``verify --traffic`` and ``report``: the options, and a measurement beside a run."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.report.runs import MEASURED
from tests.report.runs import run as run_of

MEASUREMENT = MEASURED["measured otherwise"].traffic
RUN = "20260102T000000Z-0000"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--interval", "5"], "--interval is how to measure the traffic; add --traffic"),
        (["--tolerance", "0.1"], "--tolerance is how to measure the traffic; add --traffic"),
        (["--traffic", "--interval", "0"], "give seconds over 0 and up to 3600"),
        (["--traffic", "--interval", "nan"], "give seconds over 0 and up to 3600"),
        (["--traffic", "--tolerance", "2"], "give a share from 0 to 1"),
    ],
)
def test_how_to_measure_is_checked_before_anything_is_asked(
    run: Run, options: list[str], said: str
):
    done = run("verify", *options)
    assert done.code == 2
    assert said in done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / RUN
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(run_of(run=RUN).model_dump_json(), "utf-8")
    return folder


def test_a_report_has_the_measurement_that_lies_beside_it(run: Run, folder: Path):
    assert json.loads(run("report", "--format", "json").stdout)["traffic"] is None
    assert MEASUREMENT is not None
    (folder / "traffic.json").write_text(MEASUREMENT.model_dump_json(), "utf-8")
    told = json.loads(run("report", "--format", "json").stdout)
    assert told["traffic"] == MEASUREMENT.model_dump(mode="json")
    assert "70.0%" in run("report").stdout


def test_a_damaged_measurement_is_named_with_its_mend(run: Run, folder: Path):
    (folder / "traffic.json").write_text("{}", "utf-8")
    done = run("report")
    assert (done.code, done.stdout) == (2, "")
    assert "traffic.json" in done.stderr
    assert "remove it, or measure again" in done.stderr
