"""The folder that a run leaves behind."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.runbooks.files import read_text, write_whole

REPORT = "report.json"


class Evidence:
    """One run's folder, private to its owner.

    Attributes:
        run: the run's id: when it began, and four characters that keep two apart.
        folder: where its files are.
    """

    def __init__(self, runs: Path, started: datetime) -> None:
        """Create the folder.

        Args:
            runs: the folder of all runs; made where it is missing.
            started: when the run began.

        Raises:
            InputError: the folder cannot be made.
        """
        self.run = f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self.folder = runs / self.run
        try:
            self.folder.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise InputError(
                f"{self.folder}: cannot be written: {error.strerror}; set runs in config.yaml"
            ) from error

    def write(self, name: str, text: str) -> None:
        """Write one file, whole or not at all.

        Args:
            name: its path inside the folder.
            text: its content.

        Raises:
            InputError: it cannot be written.
        """
        path = self.folder / name
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_whole(path, text)
        except OSError as error:
            raise InputError(f"{path}: cannot be written: {error.strerror}") from error


def load_report(runs: Path, run: str | None = None) -> DistributeReport:
    """Read the report of a run.

    Args:
        runs: the folder of all runs.
        run: the run's id; ``None``: the latest.

    Raises:
        InputError: there is no such run, or its report is damaged.
    """
    if run is None:
        return next(load_reports(runs))
    path = runs / run / REPORT
    if Path(run).name != run or not path.is_file():
        raise InputError(f"{runs}: holds no run {run!r}; its folders are the runs' ids")
    return _read(path)


def load_standing_report(runs: Path, *, before: str | None = None) -> DistributeReport:
    """Read the report of the latest run whose plan was left on the routers.

    Args:
        runs: the folder of all runs.
        before: leave out this run and later ones.

    Raises:
        InputError: there is none, or a report is damaged.
    """
    report = latest_standing_report(runs, before=before)
    if report is None:
        word = "earlier run" if before else "run"
        raise InputError(f"{runs}: holds no {word} whose plan was left on the routers")
    return report


def latest_standing_report(runs: Path, *, before: str | None = None) -> DistributeReport | None:
    """Likewise, or ``None`` where there is none."""
    for path in _paths(runs):
        report = _read(path)
        if report.stands and (before is None or str(report.run) < before):
            return report
    return None


def load_reports(runs: Path) -> Iterator[DistributeReport]:
    """Read the reports of all runs, the latest first.

    Raises:
        InputError: there is none, or a report is damaged.
    """
    paths = _paths(runs)
    if not paths:
        raise InputError(f"{runs}: holds no run yet; make one with distribute")
    yield from map(_read, paths)


def _paths(runs: Path) -> list[Path]:
    """The report files of all runs, the latest first."""
    return sorted(runs.glob(f"*/{REPORT}"), reverse=True)


def _read(path: Path) -> DistributeReport:
    try:
        return DistributeReport.model_validate_json(read_text(path))
    except ValidationError as error:
        raise InputError(f"{path}: is not a report of this program: {error}") from error
