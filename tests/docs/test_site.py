"""The built site: no link is broken, and nothing is fetched from elsewhere."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nornir_bgp.models.schema_names import PURPOSES
from tests.docs.markdown import REPOSITORY

if TYPE_CHECKING:  # only the long tests need it
    from playwright.sync_api import Page

LOADS = re.compile(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"?([^\" >]+)")
STYLES = re.compile(r"<link\b(?=[^>]*rel=\"?(?:stylesheet|preconnect|icon))[^>]*href=\"?([^\" >]+)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [Path(sys.executable).with_name("mkdocs"), "build", "--strict", "--site-dir", folder],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_link_and_anchor_leads_somewhere(site: Path):
    """``--strict`` refuses what does not; these pages must have been looked at."""
    names = {page.relative_to(site).as_posix() for page in pages(site)}
    assert {"index.html", "tutorial.html", "reference/python.html"} <= names
    assert len(names) > 20


def test_no_page_loads_anything_from_elsewhere(site: Path):
    loaded = {
        (page.name, link)
        for page in pages(site)
        for pattern in (LOADS, STYLES)
        for link in pattern.findall(page.read_text("utf-8"))
    }
    assert loaded
    assert [found for found in loaded if re.match(r"(\w+:)?//", found[1])] == []


def test_no_hole_is_left(site: Path):
    assert [page for page in pages(site) if "<!-- generated" in page.read_text("utf-8")] == []


def test_the_program_tells_its_own_reference(site: Path):
    """Each verb, setting and runbook stands on its page."""
    commands = (site / "reference/commands.html").read_text("utf-8")
    listed = subprocess.run(
        [Path(sys.executable).with_name("nornir-bgp"), "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    verbs = re.findall(r"^│ ([a-z]+) +\S", listed, re.M)
    assert "distribute" in verbs
    assert [verb for verb in verbs if f"nornir-bgp {verb}</code>" not in commands] == []
    assert "max_shift" in (site / "reference/settings.html").read_text("utf-8")
    assert "runbooks.distribute" in (site / "reference/python.html").read_text("utf-8")
    for name in PURPOSES:
        assert (site / f"reference/schemas/{name}.json").is_file()


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The site on a port of the loopback interface."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def page() -> Iterator["Page"]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only the long tests need it

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--disable-gpu", "--no-first-run"]
        )
        yield chromium.new_page(viewport={"width": 1200, "height": 900})
        chromium.close()


@pytest.mark.long
def test_pages_open_from_the_disk(page: "Page", site: Path):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asked: said.append(asked.url) if "file:" not in asked.url else None)
    for name in ("index.html", "tutorial.html", "reference/commands.html", "reference/python.html"):
        page.goto((site / name).as_uri())
        assert page.locator("h1").is_visible()
    assert said == []


@pytest.mark.long
def test_the_search_finds(page: "Page", site: Path, served: str):
    page.goto(f"{served}?q=max_shrink")
    links = page.locator(".md-search-result__link")
    links.first.wait_for()
    assert any("/reference/settings" in str(link.get_attribute("href")) for link in links.all())
