"""What was foretold stands in every kind of report, and fails no run."""

import pytest
import xmlschema

from nornir_bgp.models.report import DistributeReport
from nornir_bgp.report.html import to_html
from nornir_bgp.report.junit import to_junit
from nornir_bgp.report.markdown import to_markdown
from nornir_bgp.report.prometheus import to_prometheus
from tests.report.runs import ENDINGS

OTHERWISE = (
    "PE2: 192.0.2.0/24: predicted GW1 at LOCAL_PREF 200, actual GW2 at LOCAL_PREF 300: a fault of "
    "the model or a network not as described"
)


@pytest.mark.parametrize("name", ["predicted", "predicted otherwise"])
def test_markdown_and_html_show_the_preview(name: str):
    markdown, html = to_markdown(ENDINGS[name]), to_html(ENDINGS[name])
    assert "| failure | GW1 | GW2 | moved | lost | exceeded |" in markdown
    assert "| none | 145 | 150 | 0 | 0 | no |" in markdown
    row = "| link GW1:UP1 | 0 | 295 | 2 | 192.0.2.0/24 | GW2 to UP2: 295 of 250 |"
    assert row in markdown
    for text in (markdown, html):
        assert "the table of PE1" in text
        assert "7 other failures of a link, session or router change nothing." in text
        assert "PE1: not modelled: neighbor 10.0.1.1 addpath-tx-all-paths" in text
    assert '<th scope="row">link GW1:UP1</th><td class="n">0</td><td class="n">295</td>' in html


def test_a_wrong_prediction_is_a_finding_of_its_own():
    report = ENDINGS["predicted otherwise"]
    assert (report.ok, report.exit_code) == (True, 0)
    assert f"- {OTHERWISE}" in to_markdown(report).replace("\\", "").splitlines()
    assert f"<li>{OTHERWISE}</li>" in to_html(report)
    suite = xmlschema.XMLResource(to_junit(report)).root.find("testsuite")
    assert suite is not None
    assert suite.get("failures") == "0"
    assert suite.findtext("system-out") == OTHERWISE
    assert "nornir_bgp_mispredicted 1.0" in to_prometheus(report)
    assert DistributeReport.model_validate_json(report.model_dump_json()) == report


@pytest.mark.parametrize("name", ["as planned", "predicted"])
def test_a_right_prediction_is_none(name: str):
    report = ENDINGS[name]
    for text in (to_markdown(report), to_html(report), to_junit(report)):
        assert "redicted otherwise" not in text
        assert "a fault of the model" not in text
    assert "nornir_bgp_mispredicted 0.0" in to_prometheus(report)


def test_a_missing_prediction_says_why():
    for text in (to_markdown(ENDINGS["not predicted"]), to_html(ENDINGS["not predicted"])):
        assert "no preview: the model failed" in text
