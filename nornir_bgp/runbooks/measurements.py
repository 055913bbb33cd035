"""The last measurement of the traffic of a run, kept beside its report."""

from pathlib import Path

from pydantic import ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.traffic import TrafficReport
from nornir_bgp.report.html import to_html
from nornir_bgp.runbooks.files import read_text, write_whole

TRAFFIC = "traffic.json"


def keep_traffic(runs: Path, report: DistributeReport, traffic: TrafficReport) -> None:
    """Put a measurement into the folder of the run whose plan it was compared with.

    It takes the place of an earlier one; the run's HTML page is written anew with it.

    Args:
        runs: the folder of all runs.
        report: the run.
        traffic: the measurement.

    Raises:
        InputError: it cannot be written.
    """
    folder = runs / str(report.run)
    page = to_html(report.model_copy(update={"traffic": traffic}))
    try:
        write_whole(folder / TRAFFIC, traffic.model_dump_json(indent=2))
        write_whole(folder / "report.html", page)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from error


def with_traffic(runs: Path, report: DistributeReport) -> DistributeReport:
    """Return the report of a run with the last measurement of its traffic, if there is one.

    Raises:
        InputError: the measurement is damaged.
    """
    path = runs / str(report.run) / TRAFFIC
    if not path.exists():
        return report
    try:
        traffic = TrafficReport.model_validate_json(read_text(path))
    except ValidationError as error:
        raise InputError(
            f"{path}: is not a measurement of this program: {error}; remove it, or measure again"
        ) from error
    return report.model_copy(update={"traffic": traffic})
