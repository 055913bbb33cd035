"""``nornir-bgp report``: one run, many faces."""

import json
from pathlib import Path

import pytest

from nornir_bgp.report.html import to_html
from nornir_bgp.report.junit import to_junit
from nornir_bgp.report.markdown import to_markdown
from nornir_bgp.report.prometheus import to_prometheus
from tests.cli.conftest import Run
from tests.report.runs import ENDINGS
from tests.report.runs import run as run_of

FACES = {"md": to_markdown, "html": to_html, "junit": to_junit, "prometheus": to_prometheus}
EARLIER, LATER = "20260101T000000Z-0000", "20260102T000000Z-0000"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for name in (EARLIER, LATER):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "report.json").write_text(run_of(run=name).model_dump_json(), "utf-8")
    return tmp_path / "runs"


@pytest.mark.parametrize("name", FACES)
def test_each_face(run: Run, runs: Path, name: str):
    assert run("report", "--format", name).stdout == FACES[name](run_of(run=LATER))
    assert run("report", EARLIER, "--format", name).stdout == FACES[name](run_of(run=EARLIER))
    silent = run("report", "--format", name, "-o", runs / "face")
    assert (silent.code, silent.stdout, silent.stderr) == (0, "", "")
    assert (runs / "face").read_text("utf-8") == FACES[name](run_of(run=LATER))


def test_json_is_the_source_of_all(run: Run, runs: Path):
    document = json.loads(run("report", "--format", "json").stdout)
    assert document == json.loads((runs / LATER / "report.json").read_text())


def test_markdown_is_the_default_and_the_code_is_not_the_runs(run: Run, runs: Path):
    failed = ENDINGS["failed and put back"]
    (runs / LATER / "report.json").write_text(failed.model_dump_json(), "utf-8")
    done = run("report")
    assert (done.code, done.stdout) == (0, to_markdown(failed))


def test_an_unknown_face_or_run_is_refused(run: Run, runs: Path):
    assert run("report", "--format", "pdf").code == 2
    gone = run("report", "20200101T000000Z-0000", "--format", "html")
    assert (gone.code, gone.stdout) == (2, "")
    assert "20200101T000000Z-0000" in gone.stderr
