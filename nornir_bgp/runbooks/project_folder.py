"""A new folder, with all of its files or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nornir_bgp.exceptions import InputError, NornirBgpError
from nornir_bgp.runbooks.files import sync_folder


def refuse_used(folder: Path) -> None:
    """Refuse a folder that could not take a new project.

    Raises:
        InputError: it holds something, is a file, or the folder above it is missing.
    """
    if folder.is_symlink() and not folder.exists():
        raise InputError(f"{folder}: a link to nothing; remove it, or name another folder")
    if not folder.exists():
        if not folder.absolute().parent.is_dir():
            raise InputError(f"{folder}: there is no folder {folder.parent}; make it first")
        return
    if not folder.is_dir():
        raise InputError(f"{folder}: a file; name a new or an empty folder")
    try:
        held = next(folder.iterdir(), None)
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror}; name another") from error
    if held is not None:
        raise InputError(
            f"{folder}: not empty, it holds {held.name}; nothing was written: name a new or an "
            "empty folder"
        )


@contextmanager
def new_project(folder: Path) -> Iterator[Path]:
    """Give a draft folder that becomes the named one when the block ends without an error.

    A new folder appears in one step. One that is there and empty stays the same folder, since it
    may be somebody's working directory or a mount point: the draft's files move into it, and
    ``config.yaml``, without which nothing runs, comes last.

    Raises:
        InputError: the folder is in use, or cannot be written.
    """
    refuse_used(folder)
    exists = folder.exists()
    place = folder if exists else folder.absolute().parent
    try:
        draft = Path(tempfile.mkdtemp(dir=place, prefix=".nornir-bgp-init."))
    except OSError as error:
        raise InputError(f"{place}: cannot be written: {error.strerror}; name another") from error
    try:
        yield draft
        if exists:
            _move_into(folder, draft)
        else:
            draft.chmod(0o755)
            draft.rename(folder)
        sync_folder(place)
    except NornirBgpError:
        raise  # also those that are an OSError
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}; name another") from error
    finally:
        if draft.exists():
            shutil.rmtree(draft)


def _move_into(folder: Path, draft: Path) -> None:
    """Move the files of a draft into its parent, all or none."""
    moved: list[Path] = []
    entries = sorted(draft.iterdir(), key=lambda entry: entry.name == "config.yaml")
    try:
        for entry in entries:
            target = folder / entry.name
            if target.exists():  # somebody was quicker
                raise FileExistsError(0, f"{entry.name} is there already", str(target))
            moved.append(entry.rename(target))
    except OSError:
        for target in reversed(moved):
            target.rename(draft / target.name)
        raise
