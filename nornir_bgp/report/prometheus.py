"""The report of a run as metrics for Prometheus, for node_exporter's textfile collector."""

from collections import Counter
from datetime import datetime
from typing import Protocol, get_args

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.status import Status
from nornir_bgp.report.loads import Moment, gateway_loads

LAST_RUN = "nornir_bgp_last_run_timestamp_seconds"
LAST_SUCCESS = "nornir_bgp_last_success_timestamp_seconds"


class GaugeMaker(Protocol):
    """Makes a gauge of ours."""

    def __call__(self, name: str, meaning: str, *labels: str) -> Gauge:
        """Make it from its name without the namespace, what it says, and its labels."""


def gauges() -> tuple[CollectorRegistry, GaugeMaker]:
    """Return a page of metrics, and what puts gauges on it."""
    registry = CollectorRegistry()

    def gauge(name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, namespace="nornir_bgp", registry=registry)

    return registry, gauge


def to_prometheus(report: DistributeReport, last_success: float | None = None) -> str:
    """Write the metrics of a run in the text format; loads are in the unit of the predictions.

    What is not known (a capacity, the loads before) has no sample. A load that leaves by no
    gateway, or whose way is not known, has an empty ``gateway``.

    Args:
        report: the run.
        last_success: when the last run before it began that ended well, Unix time, if known.
    """
    registry, gauge = gauges()
    if report.ok and not report.dry_run:
        last_success = report.started.timestamp()
    _outcome(gauge, report.started, report.exit_code, last_success)
    loads = gauge("load", "Load of a gateway before, as planned, after.", "gateway", "moment")
    capacities = gauge("capacity", "What the links of a gateway carry together.", "gateway")
    for row in gateway_loads(report):
        gateway = row.gateway or ""
        for moment in get_args(Moment):
            if (load := row.at(moment)) is not None:
                loads.labels(gateway, moment).set(load)
        if row.capacity is not None:
            capacities.labels(gateway).set(row.capacity)
    _planned(gauge, report.plan)
    lines = gauge("lines_changed", "Configuration lines sent to a gateway.", "gateway")
    for change in report.changes:
        lines.labels(change.gateway).set(len(change.lines))
    checks = gauge("checks", "Checks of the last run by status.", "status")
    found = Counter(check.status for check in report.checks)
    for status in Status:
        checks.labels(status.value).set(found[status])
    wrong = gauge("mispredicted", "Routes that the model foretold otherwise than they are.")
    wrong.set(len(report.mispredicted))
    phases = gauge("phase_seconds", "How long a phase took.", "phase")
    for phase, seconds in report.seconds.items():
        phases.labels(phase).set(seconds)
    return generate_latest(registry).decode()


def _planned(gauge: GaugeMaker, plan: Plan) -> None:
    used = gauge("utilisation", "Planned share of an exit's capacity.", "gateway", "upstream")
    for exit_ in plan.exits:
        if exit_.utilisation is not None:
            used.labels(exit_.gateway, exit_.upstream).set(exit_.utilisation)
    if plan.moved is not None:
        gauge("prefixes_moved", "Planned prefixes that leave their gateway.").set(plan.moved)
    gauge("prefixes_left", "Predicted prefixes that are left to BGP.").set(plan.left)
    unrouted = gauge("prefixes_unrouted", "Predicted prefixes that no gateway has a route to.")
    unrouted.set(len(plan.unrouted))
    warnings = gauge("plan_warnings", "Warnings of the plan; a link that is down is one.")
    warnings.set(len(plan.warnings))
    drained = gauge("drained", "1: the gateway is kept free of traffic.", "gateway")
    for gateway in plan.gateways:
        drained.labels(gateway).set(gateway in plan.drained)


def run_without_report(began: datetime, exit_code: int, last_success: float | None) -> str:
    """Write the metrics of a run that was refused or could not be made: how it ended, no more.

    Args:
        began: when the run began.
        exit_code: what it ended with.
        last_success: when the last run began that ended well, Unix time, if known.
    """
    registry, gauge = gauges()
    _outcome(gauge, began, exit_code, last_success)
    return generate_latest(registry).decode()


def _outcome(
    gauge: GaugeMaker, began: datetime, exit_code: int, last_success: float | None
) -> None:
    gauge("last_run_timestamp_seconds", "When the last run began, Unix time.").set(
        int(began.timestamp())
    )
    gauge("last_run_ok", "1: the last run ended well; 0: it did not.").set(exit_code == 0)
    gauge("last_run_exit_code", "The exit code of the last run.").set(exit_code)
    if last_success is not None:
        gauge(
            "last_success_timestamp_seconds", "When the last run began that ended well, Unix time."
        ).set(int(last_success))
