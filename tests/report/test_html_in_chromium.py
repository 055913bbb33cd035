"""The HTML report as a browser shows it.

`make test-all` installs Debian's Chromium; without it these tests fail.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nornir_bgp.report.html import to_html
from tests.report.runs import ENDINGS, MEASURED

if TYPE_CHECKING:  # only the long tests need it
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.long

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

CONTRAST = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (channels(colour)[3] !== 0) return colour;
    }
  };
  const found = [];
  for (const e of document.querySelectorAll("body *:not(script, svg *)")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), e.tagName + ": " + e.textContent.trim().slice(0, 40)]);
  }
  return found;
}"""
"""The contrast of each text with its ground by WCAG 2.2, with the text's beginning."""


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only the long tests need it

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(params=list(ENDINGS | MEASURED))
def ending(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def shown(browser: "Browser", folder: Path, ending: str, scheme: str, width: int) -> "Page":
    """Show a report; any word on the console, fault or request but for the file fails the test."""
    file = folder / "report.html"
    file.write_text(to_html((ENDINGS | MEASURED)[ending]), "utf-8")
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url))
    page.goto(file.as_uri())
    assert said == [file.as_uri()]
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1080, 375])
def test_it_can_be_read(browser, tmp_path: Path, ending: str, scheme: str, width: int):
    page = shown(browser, tmp_path, ending, scheme, width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 19, 26)"
    assert dark == (scheme == "dark")
    faint = [text for contrast, text in page.evaluate(CONTRAST) if contrast < 4.5]
    assert faint == []
    page.close()


def test_the_drawings_are_drawn(browser, tmp_path: Path, ending: str):
    page = shown(browser, tmp_path, ending, "light", 1080)
    report = (ENDINGS | MEASURED)[ending]
    for drawing in page.locator("svg.chart, svg.network").all():
        box = drawing.bounding_box()
        assert box["width"] > 300
        assert box["height"] > 100
    for names in (report.plan.gateways, [e.upstream for e in report.plan.exits]):
        for name in names:
            assert page.locator("svg.network").get_by_text(name, exact=True).is_visible()
    # No word of a drawing lies outside it or on another one's.
    for drawing in page.locator("svg.chart, svg.network").all():
        frame = drawing.bounding_box()
        words = [t.bounding_box() for t in drawing.locator("text").all() if t.text_content()]
        for word in words:
            assert frame["x"] <= word["x"]
            assert word["x"] + word["width"] <= frame["x"] + frame["width"]
        assert not [(a, b) for i, a in enumerate(words) for b in words[:i] if overlap(a, b)]
    page.close()


def overlap(a: dict[str, float], b: dict[str, float]) -> bool:
    """Two boxes have more than a rounding error in common."""
    across = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    down = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    return across > 1 and down > 2


def test_the_bars_are_in_proportion(browser, tmp_path: Path):
    page = shown(browser, tmp_path, "as planned", "light", 1080)
    bars = [bar.bounding_box()["width"] for bar in page.locator("svg.chart rect.bar").all()]
    assert bars[0] > 300
    # Before, then after, of each gateway; a bar of no length has no box's width.
    assert bars == pytest.approx([bars[0] * load / 295 for load in (295, 145, 0, 150)], abs=1)
    page.close()


def test_the_search_finds(browser, tmp_path: Path):
    page = shown(browser, tmp_path, "as planned", "light", 1080)
    rows = page.locator("#assignment tbody tr")
    search = page.get_by_label("Search prefixes and gateways")
    search.fill("198.51")
    assert [row.is_visible() for row in rows.all()] == [True, False, False, False]
    assert page.locator("#assignment-found").text_content() == "1 of 4 rows"
    search.fill("gw2 MOVED")
    assert rows.filter(visible=True).count() == 1
    search.fill("no such thing")
    assert rows.filter(visible=True).count() == 0
    search.fill("")
    assert rows.filter(visible=True).count() == 4
    proof = page.locator("#proof tbody tr")
    page.get_by_label("Search checks").fill("PE2")
    assert (proof.filter(visible=True).count(), rows.filter(visible=True).count()) == (4, 4)
    page.close()


def test_tables_unfold(browser, tmp_path: Path):
    page = shown(browser, tmp_path, "as planned", "light", 1080)
    table = page.get_by_text("PE1 then", exact=True)
    assert not table.is_visible()
    page.get_by_text("PE1: show ip bgp before and after").click()
    assert table.is_visible()
    page.close()


def test_print_is_dark_on_white_and_without_search(browser, tmp_path: Path):
    page = shown(browser, tmp_path, "as planned", "dark", 1080)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.get_by_label("Search checks").is_visible()
    assert page.locator("svg.chart").is_visible()
    assert len(page.pdf()) > 10_000
    page.close()
