"""What an interrupted run leaves: how to put back what it may have changed.

A run writes its journal, synced to the disk, before the first line is sent, and closes it when
the network is as planned or as it was. A journal that is still there belongs to a run that was
killed.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.overrides import ListKey, OverrideClause, Overrides
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import Family, Hostname, PolicyName
from nornir_bgp.models.settings import Clause, Preference
from nornir_bgp.runbooks.evidence import run_folders
from nornir_bgp.runbooks.files import read_text, sync_folder, write_whole
from nornir_bgp.tasks.push import AllOverrides

_FILE = "journal.json"


_NETWORK = r"[0-9.]+/[0-9]+|[0-9a-f:.]+/[0-9]+"
_RULE = re.compile(rf"(permit|deny) (any|{_NETWORK})( ge [0-9]+)?( le [0-9]+)?", re.ASCII)
"""All that FRR writes behind an entry's number; what goes back to a router is nothing else."""


def _as_frr_writes_it(entry: Entry) -> Entry:
    if not _RULE.fullmatch(entry.rule):
        raise ValueError(f"{entry.rule!r} is no rule of a prefix-list")
    return entry


_Entry = Annotated[Entry, AfterValidator(_as_frr_writes_it)]


class _Clause(Model):
    """An override clause; see :class:`OverrideClause`."""

    number: Clause
    family: Family
    list_name: PolicyName
    preference: Preference


class _List(Model):
    """A prefix-list with its entries."""

    family: Family
    name: PolicyName
    entries: tuple[_Entry, ...]


class _Overrides(Model):
    """The overrides of a gateway; see :class:`Overrides`."""

    clauses: tuple[_Clause, ...]
    lists: tuple[_List, ...]
    unfinished: tuple[Clause, ...] = ()
    taken: tuple[Clause, ...] = ()

    @classmethod
    def of(cls, overrides: Overrides) -> Self:
        return cls(
            clauses=tuple(_Clause(**clause._asdict()) for clause in overrides.clauses),
            lists=tuple(
                _List(family=key.family, name=key.name, entries=entries)
                for key, entries in overrides.lists.items()
            ),
            unfinished=overrides.unfinished,
            taken=overrides.taken,
        )

    def overrides(self) -> Overrides:
        """Return them as they travel."""
        return Overrides(
            clauses=tuple(
                OverrideClause(c.number, c.family, c.list_name, c.preference) for c in self.clauses
            ),
            lists={ListKey(some.family, some.name): some.entries for some in self.lists},
            unfinished=self.unfinished,
            taken=self.taken,
        )


class _Content(Model):
    """The file's content: the overrides of each gateway.

    Attributes:
        before: what they were.
        planned: what they were to be.
    """

    before: dict[Hostname, _Overrides]
    planned: dict[Hostname, _Overrides]


class _EarlierContent(Model):
    """What older versions wrote: the entries of each gateway's one list."""

    before: dict[Hostname, tuple[_Entry, ...]]
    planned: dict[Hostname, tuple[_Entry, ...]]


class Journal:
    """The open journal of a run.

    Attributes:
        folder: the run's folder.
        before: the overrides that each gateway had.
        planned: what it was to have.
    """

    def __init__(self, folder: Path, before: AllOverrides, planned: AllOverrides) -> None:
        self.folder = folder
        self.before = before
        self.planned = planned

    def open(self) -> None:
        """Write the journal to the disk.

        Raises:
            InputError: it cannot be written.
        """
        content = _Content(
            before={name: _Overrides.of(some) for name, some in self.before.items()},
            planned={name: _Overrides.of(some) for name, some in self.planned.items()},
        )
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
        InputError: one is damaged, or an older version's.
    """
    for path in (folder / _FILE for folder in reversed(run_folders(runs))):
        if not path.exists():
            continue
        try:
            content = _Content.model_validate_json(read_text(path))
        except ValidationError as error:
            raise _refusal(path, error) from error
        yield Journal(
            path.parent,
            {name: some.overrides() for name, some in content.before.items()},
            {name: some.overrides() for name, some in content.planned.items()},
        )


def _refusal(path: Path, error: ValidationError) -> InputError:
    """Say what is wrong with a journal."""
    try:
        _EarlierContent.model_validate_json(read_text(path))
    except ValidationError:
        return InputError(f"{path}: is not a journal of this program: {error}")
    return InputError(
        f"{path}: was left by an older version, which alone can put its run back; run "
        "nornir-bgp recover of that version first"
    )
