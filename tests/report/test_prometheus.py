"""The metrics, read by the parser of Prometheus' own library."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from nornir_bgp.models.report import Check, DistributeReport, VerifyReport
from nornir_bgp.models.status import Status
from nornir_bgp.report.prometheus import run_without_report, to_prometheus
from nornir_bgp.report.prometheus_verify import verify_to_prometheus, verify_without_report
from tests.report.runs import CHECKS, ENDINGS

BEGAN = datetime(2026, 1, 2, tzinfo=UTC)


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Name and label values -> value; every metric has a help text and a type."""
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation and family.type == "gauge" for family in families)
    found = [
        ((s.name.removeprefix("nornir_bgp_"), *s.labels.values()), s.value)
        for family in families
        for s in family.samples
    ]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_what_a_good_run_says():
    assert samples(to_prometheus(ENDINGS["as planned"])) == {
        ("last_run_timestamp_seconds",): 1767225600,
        ("last_success_timestamp_seconds",): 1767225600,
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
        ("utilisation", "GW1", "UP1"): 0.725,
        ("utilisation", "GW2", "UP2"): 0.375,
        ("prefixes_left",): 0,
        ("prefixes_unrouted",): 1,
        ("plan_warnings",): 0,
        ("drained", "GW1"): 0,
        ("drained", "GW2"): 0,
        ("lines_changed", "GW1"): 3,
        ("lines_changed", "GW2"): 1,
        ("checks", "pass"): 8,
        ("checks", "fail"): 0,
        ("checks", "missing"): 0,
        ("checks", "inconclusive"): 0,
        ("checks", "error"): 0,
        ("phase_seconds", "collect"): 1.5,
        ("mispredicted",): 0,
        ("phase_seconds", "plan"): 0.001,
        ("phase_seconds", "push"): 5.25,
    }


@pytest.mark.parametrize("report", ENDINGS.values(), ids=ENDINGS)
def test_the_verdict_is_the_reports(report: DistributeReport):
    found = samples(to_prometheus(report))
    assert found["last_run_ok",] == report.ok
    assert found["last_run_exit_code",] == report.exit_code
    lost = sum(v for key, v in found.items() if key[0] == "load" and key[1] == "")
    assert (lost > 0) == any(not c.actual_gateway for c in report.checks if report.stands)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_last_success_is_this_run_or_the_one_known_before(ending):
    report = ENDINGS[ending]
    done = report.ok and not report.dry_run
    name = ("last_success_timestamp_seconds",)
    assert samples(to_prometheus(report, 1000.0))[name] == (1767225600 if done else 1000)
    assert (name in samples(to_prometheus(report))) == done


def test_a_run_without_report_says_how_it_ended_and_no_more():
    known = {
        ("last_run_timestamp_seconds",): BEGAN.timestamp(),
        ("last_run_ok",): 0,
        ("last_run_exit_code",): 6,
    }
    assert samples(run_without_report(BEGAN, 6, None)) == known
    success = {("last_success_timestamp_seconds",): 1000}
    assert samples(run_without_report(BEGAN, 6, 1000.0)) == known | success


def proof(*statuses: Status, **changes) -> VerifyReport:
    checks: tuple[Check, ...] = tuple(
        check.model_copy(update={"status": status})
        for check, status in zip(CHECKS, statuses, strict=False)
    )
    ok = set(statuses) == {Status.PASS}
    return VerifyReport(ok=ok, checks=checks, seconds=1.5, **changes)


def test_what_a_good_proof_says():
    planned = BEGAN - timedelta(hours=3)
    report = proof(Status.PASS, Status.PASS, planned=planned, expired=True)
    assert samples(verify_to_prometheus(report, BEGAN)) == {
        ("verify_timestamp_seconds",): BEGAN.timestamp(),
        ("verify_exit_code",): 0,
        ("verify_seconds",): 1.5,
        ("verify_mispredicted",): 0,
        ("verify_checks", "pass"): 2,
        ("verify_checks", "fail"): 0,
        ("verify_checks", "missing"): 0,
        ("verify_checks", "inconclusive"): 0,
        ("verify_checks", "error"): 0,
        ("drift",): 0,
        ("plan_age_seconds",): 3 * 3600,
        ("plan_expired",): 1,
    }


@pytest.mark.parametrize(
    ("statuses", "drift"),
    [
        ([Status.PASS, Status.FAIL], 1),
        ([Status.PASS, Status.MISSING], 1),
        ([Status.INCONCLUSIVE], 1),
        ([Status.ERROR, Status.FAIL], 1),
        ([Status.ERROR, Status.PASS], None),
        ([Status.ERROR], None),
    ],
)
def test_drift_is_unknown_where_only_a_router_was_silent(statuses, drift):
    found = samples(verify_to_prometheus(proof(*statuses), BEGAN))
    assert found.get(("drift",)) == drift
    assert ("plan_age_seconds",) not in found
    assert found["verify_exit_code",] == proof(*statuses).exit_code


def test_the_two_kinds_of_file_share_no_metric():
    """A collector that finds one metric in two files drops both."""
    run = {key[0] for key in samples(to_prometheus(ENDINGS["as planned"]))}
    verify = {
        key[0]
        for text in (
            verify_to_prometheus(proof(Status.PASS, planned=BEGAN), BEGAN),
            verify_without_report(BEGAN, 4),
        )
        for key in samples(text)
    }
    assert run.isdisjoint(verify)
