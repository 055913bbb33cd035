"""What goes to standard error: lines for a person or objects for a machine, and how much."""

import json
import logging
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nornir_bgp.cli.logs import configure_logs
from tests.cli.conftest import Run

HOSTILE = "a\x1b[31m\udc80\u202e\nb"


def records(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["plan"], 2, "PREDICTIONS"),
        (["--bogus", "plan"], 2, "--bogus"),
        (["nonsense"], 2, "nonsense"),
        (["plan", "x.json"], 2, "config.yaml: no such file"),
        (["--config", "\x1b[31m.yaml", "plan", "x.json"], 2, "no such file"),
        (["distribute", "x", "--max-age", "36"], 2, "write a whole number and s, m, h or d"),
        (["distribute", "x", "--dry-run", "--metrics", "x.prom"], 2, "leave one out"),
    ],
)
@pytest.mark.parametrize("given", [["--log-format", "json"], ["--log-format=json"]])
def test_every_error_is_one_object(run: Run, given, arguments, code, said):
    before = datetime.now(UTC)
    done = run(*given, *arguments)
    assert (done.code, done.stdout) == (code, "")
    (record,) = records(done.stderr)
    assert said in record["message"]
    assert (record["level"], record["event"], record["exit_code"]) == ("error", "error", code)
    assert before <= datetime.fromisoformat(record["time"]) <= datetime.now(UTC)
    assert set(record) == {"time", "level", "logger", "pid", "event", "message", "exit_code"}
    # The same error for a person.
    told = run(*arguments)
    assert (told.code, told.stdout) == (code, "")
    assert "{" not in told.stderr.replace("{PREDICTIONS}", "")
    assert "rror" in told.stderr


def test_a_fault_of_ours_is_an_object_too_and_shows_where_if_asked(run: Run, monkeypatch):
    def broken(*arguments, **options):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("nornir_bgp.cli.main.app", broken)
    (record,) = records(run("--log-format", "json", "plan").stderr)
    assert record["message"].startswith("a fault of nornir-bgp: ZeroDivisionError: by zero")
    assert "exc_info" not in record
    (record,) = records(run("--log-format", "json", "-v", "plan").stderr)
    assert "in broken" in record["exc_info"]
    done = run("-v", "plan")
    assert done.code == 1
    assert done.stderr.startswith("error: a fault of nornir-bgp")
    assert "in broken" in done.stderr


def speak() -> None:
    """Log what this program logs, on every level."""
    logging.getLogger("nornir_bgp.cli.context").info("for a person")
    logging.getLogger("nornir_bgp.runbooks.phases").info("push", extra={"event": "phase ended"})
    logging.getLogger("nornir_bgp.cli.narrator").debug("GW1: push", extra={"event": "task"})
    logging.getLogger("nornir_bgp.runbooks.retention").warning("full")
    logging.getLogger("nornir_bgp.cli.main").error("failed")
    logging.getLogger("paramiko.transport").error("a traceback")
    logging.getLogger("nornir.core").error("a traceback")
    logging.getLogger("another.library").info("chatter")
    logging.getLogger("another.library").warning("odd")


PERSON, PHASE, TASK = "for a person", "push", "GW1: push"


@pytest.mark.parametrize(
    ("log_format", "quiet", "verbose", "said"),
    [
        ("text", False, False, {PERSON, "full", "failed", "odd"}),
        ("text", False, True, {PERSON, PHASE, TASK, "full", "failed", "odd"}),
        ("json", False, False, {PERSON, PHASE, "full", "failed", "odd"}),
        ("json", False, True, {PERSON, PHASE, TASK, "full", "failed", "odd"}),
        ("text", True, False, {"failed"}),
        ("json", True, False, {"failed"}),
        ("json", True, True, {"failed"}),
    ],
)
def test_how_much_is_said(capsys, log_format, quiet, verbose, said):
    configure_logs(log_format, quiet=quiet, verbose=verbose)
    speak()
    text = capsys.readouterr().err
    if log_format == "json":
        assert {record["message"] for record in records(text)} == said
    else:
        assert {line.rpartition("warning: ")[2].rpartition("error: ")[2] for line in
                text.splitlines()} == said  # fmt: skip


def test_a_record_is_one_line_and_harmless(capsys):
    configure_logs("json", quiet=False, verbose=False)
    logging.getLogger("nornir_bgp.x").warning("%s", HOSTILE, extra={"host": HOSTILE, "seconds": 1})
    text = capsys.readouterr().err
    assert text.isascii()
    (record,) = records(text)
    assert record["message"] == record["host"] == "a\ufffd[31m\ufffd\ufffd\nb"
    assert (record["seconds"], record["event"], record["logger"]) == (1, "message", "nornir_bgp.x")
    configure_logs("text", quiet=False, verbose=False)
    logging.getLogger("nornir_bgp.x").warning("%s", HOSTILE)
    assert capsys.readouterr().err == "warning: a\ufffd[31m\ufffd\ufffd\nb\n"


def test_what_python_warns_of_is_an_object_too(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configure_logs("json", quiet=False, verbose=False)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    (record,) = records(capsys.readouterr().err)
    assert (record["level"], record["logger"]) == ("warning", "py.warnings")
    assert "DeprecationWarning: old" in record["message"]


def test_called_twice_it_says_once(capsys, tmp_path: Path):
    for _ in range(3):
        configure_logs("text", quiet=False, verbose=False)
    logging.getLogger("nornir_bgp").warning("once")
    assert capsys.readouterr().err == "warning: once\n"
