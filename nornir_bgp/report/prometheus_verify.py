"""A proof as metrics for Prometheus; their names are apart from those of a run.

So each may have a file of its own in the folder of node_exporter's textfile collector.
"""

from collections import Counter
from datetime import datetime

from prometheus_client import generate_latest

from nornir_bgp.models.report import VerifyReport
from nornir_bgp.models.status import Status
from nornir_bgp.report.prometheus import GaugeMaker, gauges
from nornir_bgp.report.prometheus_traffic import traffic_gauges

LAST_VERIFY = "nornir_bgp_verify_timestamp_seconds"

_DRIFT = {Status.FAIL, Status.MISSING, Status.INCONCLUSIVE}


def verify_to_prometheus(report: VerifyReport, began: datetime) -> str:
    """Write the metrics of a proof in the text format.

    Drift is 1 where a router is not as planned, and has no sample where that is unknown: nothing
    that was seen is wrong, but a router could not be asked. So has the plan's age where the proof
    was against predictions, whose plan was made for it.

    Args:
        report: the proof.
        began: when it began.
    """
    registry, gauge = gauges()
    _outcome(gauge, began, report.exit_code)
    gauge("verify_seconds", "How long the tables were watched.").set(report.seconds)
    checks = gauge("verify_checks", "Checks of the last proof by status.", "status")
    found = Counter(check.status for check in report.checks)
    for status in Status:
        checks.labels(status.value).set(found[status])
    wrong = "Routes that the run foretold otherwise than they are."
    gauge("verify_mispredicted", wrong).set(len(report.mispredicted))
    if found.keys() & _DRIFT or not found[Status.ERROR]:
        gauge("drift", "1: the network is not as planned; 0: it is.").set(
            bool(found.keys() & _DRIFT)
        )
    if report.planned is not None:
        age = (began - report.planned).total_seconds()
        gauge("plan_age_seconds", "How old the plan is that the network runs on.").set(age)
        gauge("plan_expired", "1: it is older than plan_max_age.").set(report.expired)
    if report.traffic is not None:
        traffic_gauges(gauge, report.traffic)
    return generate_latest(registry).decode()


def verify_without_report(began: datetime, exit_code: int) -> str:
    """Write the metrics of a proof that could not be made: when, and what it ended with."""
    registry, gauge = gauges()
    _outcome(gauge, began, exit_code)
    return generate_latest(registry).decode()


def _outcome(gauge: GaugeMaker, began: datetime, exit_code: int) -> None:
    gauge("verify_timestamp_seconds", "When the last proof began, Unix time.").set(
        int(began.timestamp())
    )
    gauge("verify_exit_code", "The exit code of the last proof.").set(exit_code)
