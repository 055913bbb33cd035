"""Planned beside measured, in every face of a report."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from nornir_bgp.models.report import VerifyReport
from nornir_bgp.models.traffic import TrafficReport
from nornir_bgp.report.html import to_html
from nornir_bgp.report.junit import to_junit
from nornir_bgp.report.markdown import to_markdown
from nornir_bgp.report.measured import rate_words, share_chart, share_words
from nornir_bgp.report.prometheus_verify import verify_to_prometheus
from tests.report.runs import CHECKS, ENDINGS, MEASURED, traffic
from tests.report.test_html import parsed, rows, said
from tests.report.test_junit import cases, kind

AS_PLANNED = MEASURED["measured as planned"]
OTHERWISE = MEASURED["measured otherwise"]
UNKNOWN = MEASURED["not measured"]


def test_the_page_has_planned_beside_measured():
    root = parsed(to_html(AS_PLANNED))
    name = "GW1 \N{RIGHTWARDS ARROW} UP1"
    assert rows(root, "measured") == [
        [name, "eth1", "49.2%", "49.2%", "4.1 Mbit/s", "pass", ""],
        [name.replace("1", "2"), "eth1", "50.8%", "50.8%", "4.24 Mbit/s", "pass", ""],
    ]
    (caption,) = root.findall(".//table[@id='measured']/caption")
    assert "in the 10.0 s from 2026-01-01 12:00:00 UTC" in said(caption)
    assert rows(parsed(to_html(OTHERWISE)), "measured")[0][-2:] == [
        "fail",
        "+20.8 points, 2 are allowed",
    ]
    assert rows(parsed(to_html(UNKNOWN)), "measured")[1][3:6] == ["not known", "not known", "error"]
    assert "Measured traffic" not in to_html(ENDINGS["as planned"])


@given(st.floats(0, 1))
def test_the_bars_are_as_long_as_the_shares(share: float):
    chart = share_chart(traffic(share, 1 - share))
    longest = max(share, 1 - share, 150 / 295)
    for group, measured, planned in zip(
        chart.groups, (share, 1 - share), (145 / 295, 150 / 295), strict=True
    ):
        assert [bar.moment for bar in group.bars] == ["planned", "measured"]
        assert [bar.width / 56 for bar in group.bars] == pytest.approx(
            [planned / longest, measured / longest], abs=1e-4
        )


def test_a_share_that_is_not_as_planned_is_marked():
    assert OTHERWISE.traffic is not None
    (gw1, gw2) = share_chart(OTHERWISE.traffic).groups
    assert [bar.bad for bar in (*gw1.bars, *gw2.bars)] == [False, True, False, True]


def test_markdown_has_it_and_only_where_it_was_measured():
    text = to_markdown(OTHERWISE)
    assert "over 10.0 s from 2026-01-01 12:00:00 UTC" in text
    row = "| GW2 | UP2 | eth1 | 50.8% | 30.0% | 2.5 Mbit/s | fail | +20.8 points, 2 are allowed |"
    assert row in text
    assert "Measured" not in to_markdown(ENDINGS["as planned"])


def test_junit_has_a_case_for_each_exit():
    for report, trouble in (
        (AS_PLANNED, None),
        (OTHERWISE, ("failure", "fail")),
        (UNKNOWN, ("error", "error")),
    ):
        found = cases(report)[-2:]
        assert [case.get("name") for case in found] == [
            f"traffic GW1 10.0.5.1 {report.run}",
            f"traffic GW2 10.0.6.1 {report.run}",
        ]
        assert [kind(case) for case in found] == [trouble] * 2
    assert "traffic" not in to_junit(ENDINGS["as planned"])


def test_the_metrics_of_a_proof_have_it():
    def samples(measured: TrafficReport | None) -> dict[tuple[str, ...], float]:
        proof = VerifyReport(ok=False, checks=CHECKS, seconds=1, traffic=measured)
        text = verify_to_prometheus(proof, datetime(2026, 1, 1, tzinfo=UTC))
        return {
            (s.name.removeprefix("nornir_bgp_traffic_"), *s.labels.values()): s.value
            for family in text_string_to_metric_families(text)
            for s in family.samples
            if s.name.startswith("nornir_bgp_traffic_")
        }

    assert samples(AS_PLANNED.traffic) == {
        ("ok",): 1,
        ("timestamp_seconds",): datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp(),
        ("share", "GW1", "planned", "10.0.5.1", "UP1"): pytest.approx(145 / 295),
        ("share", "GW1", "measured", "10.0.5.1", "UP1"): 0.4921,
        ("share", "GW2", "planned", "10.0.6.1", "UP2"): pytest.approx(150 / 295),
        ("share", "GW2", "measured", "10.0.6.1", "UP2"): 0.5079,
        ("bits_per_second", "GW1", "10.0.5.1", "UP1"): pytest.approx(8.34e6 * 0.4921),
        ("bits_per_second", "GW2", "10.0.6.1", "UP2"): pytest.approx(8.34e6 * 0.5079),
    }
    unknown = samples(UNKNOWN.traffic)
    assert unknown["ok",] == 0
    assert {key[0] for key in unknown} == {"ok", "timestamp_seconds", "share"}
    assert not [key for key in unknown if "measured" in key]
    assert samples(None) == {}

    assert AS_PLANNED.traffic is not None
    first, second = AS_PLANNED.traffic.exits
    same = second.model_copy(update={"gateway": first.gateway, "upstream": first.upstream})
    twice = samples(AS_PLANNED.traffic.model_copy(update={"exits": (first, same)}))
    assert twice["share", "GW1", "measured", "10.0.5.1", "UP1"] == 0.4921
    assert twice["share", "GW1", "measured", "10.0.6.1", "UP1"] == 0.5079


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (None, "not known"),
        (0, "0 bit/s"),
        (999, "999 bit/s"),
        (999.6, "1 kbit/s"),
        (4321, "4.32 kbit/s"),
        (999_400, "999 kbit/s"),
        (999_600, "1 Mbit/s"),
        (4.1e6, "4.1 Mbit/s"),
        (9.87e9, "9.87 Gbit/s"),
        (4e11, "400 Gbit/s"),
    ],
)
def test_a_rate_in_words(rate: float | None, words: str):
    assert rate_words(rate) == words


@given(st.floats(1, 9.99e11))
def test_a_rate_in_words_is_the_rate(rate: float):
    number, unit = rate_words(rate).split(" ")
    scale = {"bit/s": 1, "kbit/s": 1e3, "Mbit/s": 1e6, "Gbit/s": 1e9}[unit]
    assert float(number.replace(",", "")) * scale == pytest.approx(rate, rel=0.006)
    assert "e" not in number


def test_a_share_in_words():
    assert share_words(145 / 295) == "49.2%"
    assert share_words(None) == "not known"
