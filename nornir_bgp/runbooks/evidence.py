"""The folder that a run leaves behind."""

import secrets
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
        """
        path = self.folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(path, text)


def load_report(runs: Path, run: str | None = None) -> DistributeReport:
    """Read the report of a run.

    Args:
        runs: the folder of all runs.
        run: the run's id; ``None``: the latest.

    Raises:
        InputError: there is no such run, or its report is damaged.
    """
    if run is None:
        reports = sorted(runs.glob(f"*/{REPORT}"))
        if not reports:
            raise InputError(f"{runs}: holds no run yet; make one with distribute")
        path = reports[-1]
    else:
        path = runs / run / REPORT
        if Path(run).name != run or not path.is_file():
            raise InputError(f"{runs}: holds no run {run!r}; its folders are the runs' ids")
    try:
        return DistributeReport.model_validate_json(read_text(path))
    except ValidationError as error:
        raise InputError(f"{path}: is not a report of this program: {error}") from error
