"""The report of a run as metrics for Prometheus, for node_exporter's textfile collector."""

from collections import Counter
from typing import get_args

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from nornir_bgp.models.report import DistributeReport, Status
from nornir_bgp.report.loads import Moment, gateway_loads


def to_prometheus(report: DistributeReport) -> str:
    """Write the metrics of a run in the text format; loads are in the unit of the predictions.

    What is not known (a capacity, the loads before) has no sample. A load that leaves by no
    gateway, or whose way is not known, has an empty ``gateway``.
    """
    registry = CollectorRegistry()

    def gauge(name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, namespace="nornir_bgp", registry=registry)

    gauge("last_run_timestamp_seconds", "When the last run began, Unix time.").set(
        int(report.started.timestamp())
    )
    gauge("last_run_ok", "1: the network is as planned; 0: it is not.").set(report.ok)
    gauge("last_run_exit_code", "The exit code of the last run.").set(report.exit_code)
    loads = gauge("load", "Load of a gateway before, as planned, after.", "gateway", "moment")
    capacities = gauge("capacity", "What the links of a gateway carry together.", "gateway")
    for row in gateway_loads(report):
        gateway = row.gateway or ""
        for moment in get_args(Moment):
            if (load := row.at(moment)) is not None:
                loads.labels(gateway, moment).set(load)
        if row.capacity is not None:
            capacities.labels(gateway).set(row.capacity)
    lines = gauge("lines_changed", "Configuration lines sent to a gateway.", "gateway")
    for change in report.changes:
        lines.labels(change.gateway).set(len(change.lines))
    checks = gauge("checks", "Checks of the last run by status.", "status")
    found = Counter(check.status for check in report.checks)
    for status in Status:
        checks.labels(status.value).set(found[status])
    phases = gauge("phase_seconds", "How long a phase took.", "phase")
    for phase, seconds in report.seconds.items():
        phases.labels(phase).set(seconds)
    return generate_latest(registry).decode()
