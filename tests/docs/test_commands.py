"""Every command of the documentation does what the page says, on the live lab.

Each page has a copy of the project to itself. A page that says ``lab down`` brings up a lab of its
own; the others share one, with no overrides at their start.
"""

import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from nornir_bgp.lab.lab import Lab
from nornir_bgp.runbooks.lab import lab_down, lab_up
from nornir_bgp.runbooks.session import load_nornir, load_settings
from tests.docs.markdown import PAGES, REPOSITORY, Block, blocks_of, commands_of
from tests.lab.conftest import clear_overrides, quicken

PROJECT = ("config.yaml", "inventory", "lab", "predictions", "templates")
QUICK = ("README.md", "docs/tutorial.md")
"""What ``make test`` runs; the other pages take their time in ``make test-all``."""

SAME = (
    (re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}"), "RUN"),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?"), "TIME"),
    (re.compile(r"\d+\.\d+ s\b"), "SECONDS"),
    (re.compile(r"table version is \d+"), "table version is N"),
    (re.compile(r"10\.0\.(1|2)\.0\b"), "PE"),  # customers share their load between PE1 and PE2
    (re.compile(r"10\.0\.(3|4)\.0\b"), "PE"),
)
"""What differs from run to run."""


def pages() -> Iterator[object]:
    for page in PAGES:
        if any(block.runs for block in blocks_of(page)):
            name = page.relative_to(REPOSITORY).as_posix()
            yield pytest.param(page, id=name, marks=() if name in QUICK else pytest.mark.long)


def copy_of_the_project(folder: Path) -> Path:
    for name in PROJECT:
        source = REPOSITORY / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return folder / "config.yaml"


@pytest.fixture(scope="module")
def shared_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, str]]:
    """A lab for the pages that do not bring up their own, and the folder of its state."""
    config = copy_of_the_project(tmp_path_factory.mktemp("shared"))
    try:
        lab = lab_up(load_nornir(config))
        quicken(lab)
        yield lab, str(config.parent / ".lab")
    finally:
        lab_down(load_settings(config))


@pytest.fixture
def project(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A copy of the project for one page; its lab is the shared one, or the page's own."""
    config = copy_of_the_project(tmp_path)
    if "nornir-bgp lab down" in page.read_text("utf-8"):
        yield tmp_path
        run("nornir-bgp lab down", tmp_path)
        return
    lab, state = request.getfixturevalue("shared_lab")
    clear_overrides(lab)
    content = yaml.safe_load(config.read_text("utf-8"))
    content["user_defined"]["lab"]["state"] = state
    config.write_text(yaml.safe_dump(content), "utf-8")
    yield tmp_path


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a reader's shell would."""
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={"HOME": str(folder), "LOGNAME": "ana", "PATH": programs, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )


def told_apart(text: str) -> str:
    for pattern, word in SAME:
        text = pattern.sub(word, text)
    return text


@pytest.mark.lab
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", list(pages()))
def test_the_page_is_true(page: Path, project: Path):
    folder = project
    for block in blocks_of(page):
        if "file" in block.notes:
            file = folder / block.notes["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")
        elif "append" in block.notes:
            with (folder / block.notes["append"]).open("a", encoding="utf-8") as file:
                file.write(f"\n{block.text}")
        elif "patch" in block.notes:
            subprocess.run(
                ["patch", "--strip=0", "--quiet"],
                cwd=folder,
                input=block.text,
                text=True,
                check=True,
            )
        elif block.runs:
            folder = follow(block, folder)


def follow(block: Block, folder: Path) -> Path:
    """Run a block and check what it says; return the folder in which it leaves the reader."""
    if block.language == "python":
        done = run(f"{sys.executable} - <<'END OF PROGRAM'\n{block.text}END OF PROGRAM\n", folder)
        assert done.returncode == int(block.notes.get("exits", 0)), f"{block.place}\n{done.stdout}"
        return folder
    commands = commands_of(block)
    for command in commands:
        if command.text.startswith("cd "):
            folder = folder / command.text.removeprefix("cd ")
            continue
        done = run(command.text, folder)
        code = int(block.notes.get("exits", 0)) if command is commands[-1] else 0
        as_shown = not command.shown or doctest.OutputChecker().check_output(
            told_apart(command.shown),
            told_apart(done.stdout),
            doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
        )
        if done.returncode != code or not as_shown:
            pytest.fail(
                f"{block.place}: {command.text}\n"
                f"exit code {done.returncode}, printed:\n{done.stdout}",
                pytrace=False,
            )
        if command.text == "nornir-bgp lab up":
            nr = load_nornir(folder / "config.yaml")
            quicken(lab_up(nr))
    return folder
