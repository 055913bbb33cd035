"""What MkDocs runs while it builds the pages.

A page holds ``<!-- generated: WHAT -->`` where a part of it is made of the program itself. Pages
that are files of the repository (the README, the measured figures) are taken from where they
stand.
"""

import re
from pathlib import Path

import orjson
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from tables import made  # MkDocs finds it beside this file

from nornir_bgp.models.schema_names import PURPOSES
from nornir_bgp.models.schemas import schema_of

REPOSITORY = Path(__file__).parent.parent

ELSEWHERE = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "how-to/services.md": "contrib/README.md",
    "reference/measured.md": "benchmarks/RESULTS.md",
    "LICENSE": "LICENSE",
}
"""Pages that are files of the repository: their place on the site -> in the repository."""

WIDE = {"faults.md"}
"""Pages whose tables need the room beside them."""

_HOLE = re.compile(r"<!-- generated: ([\w-]+)(?: (\w+))? -->")
_ROLE = re.compile(r":\w+:<code>~?(?:[\w.]+\.)?(\w+)</code>")
_LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages from elsewhere, and the schemas as files."""
    for page, source in ELSEWHERE.items():
        text = (REPOSITORY / source).read_text("utf-8")
        files.append(File.generated(config, page, content=_relinked(text, page, source)))
    for name in PURPOSES:
        text = orjson.dumps(schema_of(name), option=orjson.OPT_INDENT_2).decode()
        files.append(File.generated(config, f"reference/schemas/{name}.json", content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill the holes of a page."""
    del config, files
    if page.file.src_uri in WIDE:
        page.meta["hide"] = ["navigation", "toc"]
    return _HOLE.sub(lambda hole: made(hole[1], hole[2]), markdown)


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Write names as names: docstrings have Sphinx's roles, which Markdown does not know."""
    del page, config, files
    return _ROLE.sub(r"<code>\1</code>", html)


def _relinked(text: str, page: str, source: str) -> str:
    """Let the links of a file of the repository lead to the pages of the site."""
    pages = {origin: place for place, origin in ELSEWHERE.items()}

    def place_of(link: str) -> str:
        target = (REPOSITORY / source).parent.joinpath(link).resolve()
        inside = target.relative_to(REPOSITORY).as_posix()
        return "../" * page.count("/") + pages.get(inside, inside.removeprefix("docs/"))

    return _LINK.sub(lambda link: f"]({place_of(link[1])}", text)
