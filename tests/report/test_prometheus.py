"""The metrics, read by the parser of Prometheus' own library."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from nornir_bgp.models.report import DistributeReport
from nornir_bgp.report.prometheus import to_prometheus
from tests.report.runs import ENDINGS


def samples(report: DistributeReport) -> dict[tuple[str, ...], float]:
    """Name and label values -> value; every metric has a help text and a type."""
    families = list(text_string_to_metric_families(to_prometheus(report)))
    assert all(family.documentation and family.type == "gauge" for family in families)
    found = [
        ((s.name.removeprefix("nornir_bgp_"), *s.labels.values()), s.value)
        for family in families
        for s in family.samples
    ]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_what_a_good_run_says():
    assert samples(ENDINGS["as planned"]) == {
        ("last_run_timestamp_seconds",): 1767225600,
        ("last_run_ok",): 1,
        ("last_run_exit_code",): 0,
        ("load", "GW1", "before"): 295,
        ("load", "GW1", "planned"): 145,
        ("load", "GW1", "after"): 145,
        ("load", "GW2", "before"): 0,
        ("load", "GW2", "planned"): 150,
        ("load", "GW2", "after"): 150,
        ("capacity", "GW1"): 200,
        ("capacity", "GW2"): 400,
        ("lines_changed", "GW1"): 3,
        ("lines_changed", "GW2"): 1,
        ("checks", "pass"): 8,
        ("checks", "fail"): 0,
        ("checks", "missing"): 0,
        ("checks", "inconclusive"): 0,
        ("checks", "error"): 0,
        ("phase_seconds", "collect"): 1.5,
        ("phase_seconds", "plan"): 0.001,
        ("phase_seconds", "push"): 5.25,
    }


@pytest.mark.parametrize("report", ENDINGS.values(), ids=ENDINGS)
def test_the_verdict_is_the_reports(report: DistributeReport):
    found = samples(report)
    assert found["last_run_ok",] == report.ok
    assert found["last_run_exit_code",] == report.exit_code
    lost = sum(v for key, v in found.items() if key[0] == "load" and key[1] == "")
    assert (lost > 0) == any(not c.actual_gateway for c in report.checks if report.stands)
