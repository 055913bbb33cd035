"""The folder that a run leaves behind."""

import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.report.printable import json_printable, printable
from nornir_bgp.runbooks.files import read_text, write_whole

_log = logging.getLogger(__name__)

REPORT = "report.json"

RUN_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}", re.ASCII)
"""A run's id, and so the name of its folder."""

_TIME = "%Y%m%dT%H%M%SZ"
_CONFIRMED = "confirmed"
_RESERVE = ".reserve"


class Evidence:
    """One run's folder, private to its owner.

    Attributes:
        run: the run's id: when it began, and four characters that nobody guesses. Ids are in the
            order of the runs also where a clock was put back.
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
        self.run = f"{_after_others(runs, started):{_TIME}}-{secrets.token_hex(2)}"
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
            text: its content; what would command the terminal that shows it is made harmless.

        Raises:
            InputError: it cannot be written.
        """
        _write(self.folder / name, text)

    def reserve(self, size: int) -> None:
        """Keep room on the disk for the report, so that a disk that fills up does not cut it off.

        Args:
            size: in bytes.

        Raises:
            InputError: there is no room.
        """
        path = self.folder / _RESERVE
        try:
            with path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise InputError(
                f"{self.folder}: has no room for the run's evidence: {error.strerror}; free some"
            ) from error

    def release(self) -> None:
        """Give the room back, if any is kept."""
        (self.folder / _RESERVE).unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove the folder: the run has touched nothing."""
        shutil.rmtree(self.folder)


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
    if not RUN_ID.fullmatch(run) or not path.is_file():
        raise InputError(f"{runs}: holds no run {run!r}; its folders are the runs' ids")
    return _read(path)


def update_report(runs: Path, report: DistributeReport) -> None:
    """Write the report of a run anew.

    Raises:
        InputError: it cannot be written.
    """
    _write(runs / str(report.run) / REPORT, report.model_dump_json(indent=2))


def confirm_plan(runs: Path, report: DistributeReport, now: datetime) -> None:
    """Take down that the plan of a run was made again and still holds."""
    path = runs / str(report.run) / _CONFIRMED
    try:
        _write(path, now.isoformat())
    except InputError as error:
        _log.warning("the plan counts as old as it was: %s", error)


def plan_made(runs: Path, report: DistributeReport) -> datetime:
    """Say when the plan of a run was made, the last time that it was.

    Raises:
        InputError: the run's folder is damaged.
    """
    path = runs / str(report.run) / _CONFIRMED
    if not path.exists():
        return report.plan_made or report.started
    try:
        return datetime.fromisoformat(read_text(path))
    except ValueError as error:
        raise InputError(f"{path}: is no time: {error}; remove the file") from error


def load_standing_report(runs: Path, *, before: str | None = None) -> DistributeReport:
    """Read the report of the latest run whose plan was left on the routers.

    Args:
        runs: the folder of all runs.
        before: leave out this run and later ones.

    Raises:
        InputError: there is none.
    """
    report = latest_standing_report(runs, before=before)
    if report is None:
        word = "earlier run" if before else "run"
        raise InputError(f"{runs}: holds no {word} whose plan was left on the routers")
    return report


def latest_standing_report(runs: Path, *, before: str | None = None) -> DistributeReport | None:
    """Likewise, or ``None`` where there is none; a damaged report is passed over with a warning."""
    for path in _paths(runs):
        if before is None or path.parent.name < before:
            try:
                report = _read(path)
            except InputError as error:
                _log.warning("passed over: %s", error)
                continue
            if report.stands:
                return report
    return None


def standing_reports(runs: Path) -> Iterator[DistributeReport]:
    """Read the reports of the runs whose plan was left on the routers, the latest first.

    Raises:
        InputError: a report is damaged.
    """
    return (report for report in map(_read, _paths(runs)) if report.stands)


def load_reports(runs: Path) -> Iterator[DistributeReport]:
    """Read the reports of all runs, the latest first.

    Raises:
        InputError: there is none, or a report is damaged.
    """
    paths = _paths(runs)
    if not paths:
        raise InputError(f"{runs}: holds no run yet; make one with distribute")
    yield from map(_read, paths)


def run_folders(runs: Path) -> list[Path]:
    """The folders of all runs, the oldest first; what is no run's folder is left out."""
    found = runs.iterdir() if runs.is_dir() else ()
    return sorted(
        path
        for path in found
        if RUN_ID.fullmatch(path.name) and path.is_dir() and not path.is_symlink()
    )


def _paths(runs: Path) -> list[Path]:
    """The report files of all runs, the latest first."""
    paths = (folder / REPORT for folder in reversed(run_folders(runs)))
    return [path for path in paths if path.is_file()]


def _after_others(runs: Path, started: datetime) -> datetime:
    """The time that a run's id tells: when it began, and after every run that is there."""
    folders = run_folders(runs)
    if not folders:
        return started
    latest = datetime.strptime(folders[-1].name[:-5], _TIME).replace(tzinfo=started.tzinfo)
    return max(started, latest + timedelta(seconds=1))


def _write(path: Path, text: str) -> None:
    """Write a file of a run, whole or not at all, harmless to a terminal that shows it."""
    harmless = json_printable if path.suffix == ".json" else printable
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(path, harmless(text))
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error


def _read(path: Path) -> DistributeReport:
    try:
        return DistributeReport.model_validate_json(read_text(path))
    except ValidationError as error:
        raise InputError(f"{path}: is not a report of this program: {error}") from error
