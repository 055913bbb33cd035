"""What an interrupted run leaves: how to put back what it may have changed.

A run writes its journal, synced to the disk, before the first line is sent, and closes it when
the network is as planned or as it was. A journal that is still there belongs to a run that was
killed.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import Hostname
from nornir_bgp.runbooks.evidence import run_folders
from nornir_bgp.runbooks.files import read_text, sync_folder, write_whole
from nornir_bgp.tasks.push import Lists

_FILE = "journal.json"


_RULE = re.compile(r"(permit|deny) (any|[0-9.]+/[0-9]+)( ge [0-9]+)?( le [0-9]+)?")
"""All that FRR writes behind an entry's number; what goes back to a router is nothing else."""


def _as_frr_writes_it(entry: Entry) -> Entry:
    if not _RULE.fullmatch(entry.rule):
        raise ValueError(f"{entry.rule!r} is no rule of a prefix-list")
    return entry


_Entry = Annotated[Entry, AfterValidator(_as_frr_writes_it)]


class _Content(Model):
    """The file's content: the entries of each gateway's override list.

    Attributes:
        before: what they were.
        planned: what they were to be.
    """

    before: dict[Hostname, tuple[_Entry, ...]]
    planned: dict[Hostname, tuple[_Entry, ...]]


class Journal:
    """The open journal of a run.

    Attributes:
        folder: the run's folder.
        before: the entries that each gateway's override list had.
        planned: what it was to have.
    """

    def __init__(self, folder: Path, before: Lists, planned: Lists) -> None:
        self.folder = folder
        self.before = before
        self.planned = planned

    def open(self) -> None:
        """Write the journal to the disk.

        Raises:
            InputError: it cannot be written.
        """
        content = _Content.model_validate({"before": self.before, "planned": self.planned})
        try:
            write_whole(self.folder / _FILE, content.model_dump_json(indent=2))
        except OSError as error:
            raise InputError(f"{self.folder}: cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Remove the journal: the network is as planned, or as it was."""
        (self.folder / _FILE).unlink()
        sync_folder(self.folder)


def open_journals(runs: Path) -> Iterator[Journal]:
    """Find the journals that killed runs left, the latest first.

    Raises:
        InputError: one is damaged.
    """
    for path in (folder / _FILE for folder in reversed(run_folders(runs))):
        if not path.exists():
            continue
        try:
            content = _Content.model_validate_json(read_text(path))
        except ValidationError as error:
            raise InputError(f"{path}: is not a journal of this program: {error}") from error
        yield Journal(path.parent, content.before, content.planned)
