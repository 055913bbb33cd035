"""Reading what a user gives, and writing what a user gets."""

import os
import secrets
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path

from nornir_bgp.exceptions import InputError

PRIVATE, PUBLIC = 0o600, 0o666
"""Modes of a file: for its owner alone, or for whomever the umask lets in."""


def read_text(path: Path) -> str:
    """Read a text file.

    Raises:
        InputError: it is missing, a folder, not readable or not UTF-8.
    """
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 text at byte {error.start}; save it as UTF-8"
        ) from error
    except (OSError, ValueError) as error:
        raise _no_file(path, error) from error


def open_bytes(path: Path) -> BufferedReader:
    """Open a file whose content is looked at piece by piece.

    Raises:
        InputError: it is missing, a folder or not readable.
    """
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise _no_file(path, error) from error


def _no_file(path: Path, error: OSError | ValueError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(f"{path}: no such file; correct the name or make it")
    if isinstance(error, OSError):
        return InputError(f"{path}: cannot be read: {error.strerror}; give a file")
    return InputError(f"{str(path)!r} is no file's name; correct it")  # a NUL, half a surrogate


def write_configurations(configurations: Mapping[str, str], folder: Path) -> tuple[Path, ...]:
    """Write ``<hostname>.conf`` per router, each file whole or not at all.

    Args:
        configurations: hostname -> text.
        folder: made where it is missing.

    Returns:
        The files, in the order given.

    Raises:
        InputError: the folder or a file in it cannot be written.
    """
    paths: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for hostname, text in configurations.items():
            path = folder / f"{hostname}.conf"
            write_whole(path, text, mode=PUBLIC)
            paths.append(path)
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written: {error.strerror}; name a folder that can"
        ) from error
    return tuple(paths)


def write_text(path: Path, text: str) -> None:
    """Write a file that a user named, whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    try:
        write_whole(path, text, mode=PUBLIC)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}; name another") from error


def write_whole(path: Path, text: str, *, mode: int = PRIVATE) -> None:
    """Write beside the file and rename, so that a reader sees the old file or the new one.

    It is on the disk, and not only on its way there, when this returns. A program that is killed
    leaves the old file and, beside it, a draft with a dot before its name.

    Args:
        path: the file.
        text: all of its content.
        mode: its permissions, whatever the old file's were.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
