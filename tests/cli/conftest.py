"""The command line, run in this process in an empty folder."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from nornir_bgp.cli.main import main


class Outcome(NamedTuple):
    code: int
    stdout: str
    stderr: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")

    def call(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr("sys.argv", ["nornir-bgp", *map(str, arguments)])
        with pytest.raises(SystemExit) as exited:
            main()
        captured = capsys.readouterr()
        return Outcome(int(exited.value.code or 0), captured.out, captured.err)

    return call
