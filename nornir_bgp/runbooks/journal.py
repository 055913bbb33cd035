"""What an interrupted run leaves: how to put back what it may have changed.

A run writes its journal, synced to the disk, before the first line is sent, and closes it when
the network is as planned or as it was. A journal that is still there belongs to a run that was
killed.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.runbooks.files import read_text, sync_folder, write_whole

_FILE = "journal.json"
_LISTS = TypeAdapter(dict[str, tuple[Entry, ...]])


class Journal:
    """The open journal of a run.

    Attributes:
        folder: the run's folder.
        lists: the entries that each gateway's override list had.
    """

    def __init__(self, folder: Path, lists: Mapping[str, Sequence[Entry]]) -> None:
        self.folder = folder
        self.lists = lists

    def open(self) -> None:
        """Write the journal to the disk.

        Raises:
            InputError: it cannot be written.
        """
        try:
            text = _LISTS.dump_json({name: tuple(e) for name, e in self.lists.items()}, indent=2)
            write_whole(self.folder / _FILE, text.decode())
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
    for path in sorted(runs.glob(f"*/{_FILE}"), reverse=True):
        try:
            yield Journal(path.parent, _LISTS.validate_json(read_text(path)))
        except ValidationError as error:
            raise InputError(f"{path}: is not a journal of this program: {error}") from error
