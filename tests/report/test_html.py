"""The HTML report, read by a parser that is strict about the standard."""

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_bgp.models.report import DistributeReport
from nornir_bgp.report.html import to_html
from nornir_bgp.report.markdown import verdict
from nornir_bgp.report.printable import printable
from tests.report.runs import ENDINGS, HOSTILE, LOADS, MEASURED, OBSERVED, hostile, run

every_ending = pytest.mark.parametrize(
    "report", (ENDINGS | MEASURED).values(), ids=ENDINGS | MEASURED
)


def parsed(page: str) -> Element:
    """The document; an error of syntax raises."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def named(root: Element, tag: str) -> list[Element]:
    """All elements of a name, those of drawings included."""
    return [e for e in root.iter() if isinstance(e.tag, str) and e.tag.endswith(tag)]


def said(element: Element) -> str:
    return "".join(element.itertext())


def rows(root: Element, table: str) -> list[list[str]]:
    (found,) = root.findall(f".//table[@id='{table}']")
    return [[said(cell) for cell in row] for row in found.findall("./tbody/tr")]


@every_ending
def test_it_is_well_formed_and_the_verdict_comes_first(report: DistributeReport):
    root = parsed(to_html(report))
    (headline,) = root.findall(".//h1")
    summary = root.find(".//p[@class='summary']")
    assert summary is not None
    assert f"{said(headline)}: {said(summary)}" == verdict(report)
    body = root.find("body")
    assert body is not None
    assert headline in body[0].iter()


@every_ending
def test_every_prefix_and_every_check_is_in_it(report: DistributeReport):
    root = parsed(to_html(report))
    assignment = rows(root, "assignment")
    assert {(row[0], row[3]) for row in assignment} == set(report.plan.gateway_of.items())
    if report.plan.loads:
        assert [row[1] for row in assignment] == ["150", "75", "50", "20"]
    if report.checks:
        found = [(r[0], r[1], r[2], r[5], r[6]) for r in rows(root, "proof")]
        assert sorted(found) == sorted(
            (c.router, c.prefix, c.expected_gateway, c.status.value, c.detail)
            for c in report.checks
        )
        statuses = [row[3] for row in found]
        assert statuses == sorted(statuses, key="pass".__eq__)


def test_it_says_what_moved_and_the_tables_and_the_versions():
    root = parsed(to_html(run()))
    moved = {row[0] for row in rows(root, "assignment") if row[5] == "moved"}
    assert moved == {p for p, gateway in run().plan.gateway_of.items() if gateway != "GW1"}
    for text in ("PE1 then", "PE1 now", "PE2 then", "PE2 now"):
        assert text in [said(pre) for pre in named(root, "pre")]
    assert [said(dd) for dd in root.findall(".//dl[@class='environment']//dd")] == list(
        OBSERVED.versions.values()
    )


def test_where_edge_routers_differ_each_way_is_named():
    before = {"PE1": dict.fromkeys(LOADS, ("GW1", "GW2")), "PE2": dict.fromkeys(LOADS, ())}
    root = parsed(to_html(run(observed=OBSERVED.model_copy(update={"before": before}))))
    assert {row[2] for row in rows(root, "assignment")} == {"GW1 + GW2 (PE1), none (PE2)"}


@every_ending
def test_it_asks_nothing_of_the_network_and_runs_its_own_script_alone(report: DistributeReport):
    root = parsed(to_html(report))
    (policy,) = root.findall(".//meta[@http-equiv='Content-Security-Policy']")
    (script,), (style,) = named(root, "script"), named(root, "style")
    assert policy.get("content") == (
        f"default-src 'none'; style-src '{hash_of(style)}'; script-src '{hash_of(script)}'"
    )
    outside = {"src", "href", "srcset", "data", "action", "style"}
    for element in root.iter():
        assert not outside & set(element.attrib), element.attrib
        assert not [name for name in element.attrib if name.startswith("on")]
    assert not re.search(r"url\(|@import", said(style))


def hash_of(element: Element) -> str:
    return f"sha256-{b64encode(sha256(said(element).encode()).digest()).decode()}"


@every_ending
def test_a_screen_reader_finds_its_way(report: DistributeReport):
    root = parsed(to_html(report))
    assert root.get("lang") == "en"
    levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch(r"h\d", str(e.tag))]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    for table in named(root, "table"):
        assert said(next(iter(table))).strip()
        assert next(iter(table)).tag == "caption"
    assert {th.get("scope") for th in named(root, "th")} == {"col", "row"}
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    for e in root.iter():
        assert all(e.get(ref, ids[0]) in ids for ref in ("for", "aria-labelledby"))
    drawings = [svg for svg in named(root, "svg") if svg.get("x") is None]
    assert all(svg.get("aria-label") or svg.get("aria-hidden") == "true" for svg in drawings)


def tags(root: Element) -> list[str]:
    return [str(element.tag) for element in root.iter()]


def test_what_a_router_says_stays_text():
    page = to_html(hostile(HOSTILE))
    root = parsed(page)
    assert tags(root) == tags(parsed(to_html(hostile("harmless"))))
    assert len(named(root, "script")) == 1
    shown = said(root)
    assert shown.count(printable(HOSTILE)) >= 10
    assert [c for c in page if not c.isprintable() and c != "\n"] == []


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        st.characters(exclude_characters="\n\x0b\x0c\r\x1c\x1d\x1e\x85\u2028\u2029"), min_size=1
    )
)
def test_no_text_changes_the_page(text: str):
    root = parsed(to_html(hostile(text)))
    assert tags(root) == tags(parsed(to_html(hostile("harmless"))))
    (finding,) = root.findall(".//section[@class='alert']//li")
    assert said(finding) == printable(text)


@every_ending
def test_the_same_report_gives_the_same_bytes(report: DistributeReport):
    read_back = DistributeReport.model_validate_json(report.model_dump_json())
    assert to_html(read_back) == to_html(report)


def bars(root: Element) -> Iterator[tuple[str, float]]:
    """What each bar of the chart says, and its length."""
    chart = next(svg for svg in named(root, "svg") if svg.get("class") == "chart")
    lengths = [
        float(str(rect.get("width")).rstrip("%"))
        for rect in named(chart, "rect")
        if "bar" in str(rect.get("class"))
    ]
    words = [said(text) for text in named(chart, "text") if text.get("class") == "value"]
    yield from zip(words, lengths, strict=True)


def test_the_bars_are_as_long_as_the_loads():
    found = dict(bars(parsed(to_html(run()))))
    loads = {words: float(words.split(" ")[0]) for words in found}
    assert loads == {
        "295 (148%) before": 295,
        "145 (72%) after": 145,
        "0 (0%) before": 0,
        "150 (38%) after": 150,
    }
    scale = found["295 (148%) before"] / 295
    assert found == pytest.approx({w: load * scale for w, load in loads.items()}, abs=0.001)
