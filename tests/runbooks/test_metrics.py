"""The file of metrics after every ending of a job, and what it may not overwrite."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from nornir_bgp.exceptions import (
    DeviceUnreachableError,
    InputError,
    LockedError,
    RefusedError,
)
from nornir_bgp.runbooks.metrics import recorded_run, recorded_verify
from tests.report.runs import ENDINGS
from tests.report.test_prometheus import proof

GOOD, BAD = ENDINGS["as planned"], ENDINGS["failed and put back"]


def samples(file: Path) -> dict[str, float]:
    families = text_string_to_metric_families(file.read_text("utf-8"))
    return {
        sample.name.removeprefix("nornir_bgp_"): sample.value
        for family in families
        for sample in family.samples
        if not sample.labels
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "nornir_bgp.prom"


def run(file: Path, ending) -> dict[str, float]:
    if isinstance(ending, BaseException):
        with pytest.raises(type(ending)), recorded_run(file):
            raise ending
    else:
        with recorded_run(file) as record:
            record(ending)
    return samples(file)


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (BAD, 4),
        (RefusedError("too old"), 6),
        (InputError("no such file"), 2),
        (LockedError("another run"), 5),
        (DeviceUnreachableError("GW1"), 4),
        (ZeroDivisionError(), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_alerting_sees_every_ending_and_still_knows_the_last_success(file: Path, ending, code):
    success = GOOD.started.timestamp()
    first = run(file, ending)
    assert (first["last_run_ok"], first["last_run_exit_code"]) == (0, code)
    assert "last_success_timestamp_seconds" not in first
    good = run(file, GOOD)
    assert (good["last_run_ok"], good["last_success_timestamp_seconds"]) == (1, success)
    for _ in range(2):
        before = int(datetime.now(UTC).timestamp())
        again = run(file, ending)
        assert (again["last_run_exit_code"], again["last_success_timestamp_seconds"]) == (
            code,
            success,
        )
        if ending is not BAD:
            assert before <= again["last_run_timestamp_seconds"] <= before + 5
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.stat().st_mode & 0o444 == 0o444, "the collector is another user"


def test_a_proof_likewise(tmp_path: Path):
    file = tmp_path / "verify.prom"
    with recorded_verify(file) as record:
        record(proof(*(check.status for check in GOOD.checks)))
    assert (samples(file)["verify_exit_code"], samples(file)["drift"]) == (0, 0)
    with pytest.raises(DeviceUnreachableError), recorded_verify(file):
        raise DeviceUnreachableError("GW1")
    assert samples(file)["verify_exit_code"] == 4
    assert "drift" not in samples(file)


def test_no_file_no_metrics(tmp_path: Path):
    with recorded_run(None) as record:
        record(GOOD)
    with recorded_verify(None) as record_proof:
        record_proof(proof(GOOD.checks[0].status))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("metrics.txt", None, "names that end in .prom"),
        ("missing/x.prom", None, "cannot be written"),
        ("folder.prom", ..., "cannot be written"),
        ("other.prom", "# HELP up Up.\n# TYPE up gauge\nup 1\n", "something else"),
        ("config.prom", "inventory:\n  plugin: x\n", "something else"),
        ("empty.prom", "", "something else"),
    ],
)
def test_what_is_not_ours_is_not_overwritten(tmp_path: Path, name, content, said):
    file = tmp_path / name
    if content is ...:
        file.mkdir()
    elif content is not None:
        file.write_text(content)
    for recorded in (recorded_run, recorded_verify):
        with pytest.raises(InputError, match=said), recorded(file):
            pytest.fail("the job was begun")
    if isinstance(content, str):
        assert file.read_text() == content


def test_a_run_and_a_proof_need_a_file_each(file: Path):
    run(file, GOOD)
    with pytest.raises(InputError, match="one for each command"), recorded_verify(file):
        pytest.fail("the proof was begun")
    assert samples(file)["last_run_ok"] == 1


def test_a_folder_that_is_gone_when_the_run_ends_is_a_warning(tmp_path: Path, caplog):
    """The network has been changed: the exit code tells of that."""
    folder = tmp_path / "gone"
    folder.mkdir()
    with recorded_run(folder / "x.prom") as record:
        record(GOOD)
        folder.rmdir()
    assert "the metrics cannot be written: No such file or directory" in caplog.text
