"""The code blocks of the documentation, and what their pages say about them.

In ``console`` blocks a line that begins with ``$ `` is a command, ``> `` continues it, and what
follows is what it prints; ``python`` blocks are programs. A comment before a block, which no
reader sees, says what else there is to know, as ``<!-- exits: 3 -->``:

    exits: N        the exit code of the block's last command, where it is not 0
    file: PATH      the block is the content of this file
    append: PATH    the block is added at its end
    patch           the block is a change to files of the project
    schema: NAME    the block is valid by this JSON Schema of ours
    not run: WHY    the block is not run
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

REPOSITORY = Path(__file__).parents[2]
PAGES = (
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    REPOSITORY / "contrib" / "README.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
)

_COMMENT = re.compile(r"<!-- (.*?) -->")
_NOTES = re.compile(r"exits|file|append|patch|schema|not run")
_SEVERAL = re.compile(rf", (?={_NOTES.pattern}: )")


@dataclass(frozen=True)
class Block:
    """One code block: where it stands, its language, its text and its notes."""

    page: Path
    line: int
    language: str
    text: str
    notes: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(REPOSITORY)}:{self.line}"

    @property
    def runs(self) -> bool:
        return self.language in ("console", "python") and not {"not run", "file", "append"} & set(
            self.notes
        )


@dataclass(frozen=True)
class Command:
    """One command, and what it is said to print; nothing: what it prints is not shown."""

    text: str
    shown: str


def blocks_of(page: Path) -> Iterator[Block]:
    """The code blocks of a page, indented ones too, whose language is none."""
    notes: dict[str, str] = {}
    for token in MarkdownIt("commonmark").parse(page.read_text("utf-8")):
        if token.type == "html_block" and (comment := _COMMENT.match(token.content.strip())):
            notes = dict(map(_note, _SEVERAL.split(comment[1]))) if _NOTES.match(comment[1]) else {}
        elif token.type in ("fence", "code_block"):
            yield Block(page, token.map[0] + 1, token.info.strip(), token.content, notes)
            notes = {}
        elif token.nesting >= 0:
            notes = {}


def commands_of(block: Block) -> list[Command]:
    """The commands of a console block."""
    commands: list[Command] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            commands.append(Command(line[2:], ""))
        else:
            last = commands.pop()
            if line.startswith("> ") and not last.shown:
                commands.append(Command(f"{last.text}\n{line[2:]}", ""))
            else:
                commands.append(Command(last.text, f"{last.shown}{line}\n"))
    return commands


def _note(text: str) -> tuple[str, str]:
    name, _, value = text.partition(": ")
    return name, value
