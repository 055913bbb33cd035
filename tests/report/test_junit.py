"""JUnit XML, held against a schema."""

from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.status import Status
from nornir_bgp.report.junit import to_junit
from nornir_bgp.report.markdown import verdict
from tests.report.runs import ENDINGS, NOT_AS_PLANNED, hostile, run

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))

every_ending = pytest.mark.parametrize("report", ENDINGS.values(), ids=ENDINGS)


def suite(report: DistributeReport) -> Element:
    resource = xmlschema.XMLResource(to_junit(report))
    SCHEMA.validate(resource)
    return resource.root[0]


def cases(report: DistributeReport) -> list[Element]:
    return suite(report).findall("testcase")


def kind(case: Element) -> tuple[str, str | None] | None:
    """The trouble of a case and its type, or ``None`` where it passed."""
    return next(((trouble.tag, trouble.get("type")) for trouble in case), None)


@every_ending
def test_a_case_for_each_check_with_a_name_of_its_own(report: DistributeReport):
    found, (of_run, *of_checks) = [case.get("name") for case in cases(report)], cases(report)
    assert len(set(found)) == len(found) == len(report.checks) + 1
    run_id = report.run or "dry run"
    for case, check in zip(of_checks, report.checks, strict=True):
        assert str(case.get("name")).startswith(f"{check.router} {check.prefix} {run_id}")
    assert str(of_run.get("name")).endswith(run_id)


@every_ending
def test_it_is_green_only_where_the_run_is(report: DistributeReport):
    troubles = [kind(case) for case in cases(report)]
    assert (troubles[0] is None) == report.ok
    assert report.ok == (not any(troubles))
    counted = {"failures": "failure", "errors": "error"}
    for attribute, tag in counted.items():
        assert int(suite(report).get(attribute, "")) == sum(
            t is not None and t[0] == tag for t in troubles
        )
    if not report.ok:
        assert cases(report)[0][0].get("message") == verdict(report)


def test_error_is_not_failure():
    (_, *found) = cases(run(ok=False, checks=NOT_AS_PLANNED))
    expected = {
        Status.PASS: None,
        Status.FAIL: ("failure", "fail"),
        Status.MISSING: ("failure", "missing"),
        Status.ERROR: ("error", "error"),
    }
    assert [kind(case) for case in found] == [expected[c.status] for c in NOT_AS_PLANNED]


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_no_text_breaks_it(text: str):
    assert {case.find("failure") is not None for case in cases(hostile(text))} == {True}
