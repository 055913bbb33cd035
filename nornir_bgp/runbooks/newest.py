"""The newest matrix of a folder of predictions, and how old it may be."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nornir_bgp.exceptions import InputError, RefusedError

CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far in the future a matrix may seem to be written: two machines' clocks differ a little."""


def is_folder(predictions: object) -> bool:
    """Say whether predictions are a folder of matrices."""
    return isinstance(predictions, str | Path) and Path(predictions).is_dir()


def newest_matrix(folder: Path) -> Path:
    """Find the file of a folder that was written last.

    Newest is by modification time, which every program that writes files sets, and not by name,
    whose order is up to its writer; the later name decides between two of the same time. What
    does not end in ``.json`` or begins with a dot is passed over: so may a writer name its draft
    before it renames it. A file that is still being written is not passed over, or an older
    matrix would be taken for the newest: no part of a matrix is a matrix, so that reading it says
    what is wrong, and nothing is touched.

    Raises:
        InputError: the folder cannot be read, or holds no matrix.
    """
    try:
        found = [
            (written, path)
            for path in folder.iterdir()
            if path.suffix == ".json"
            and not path.name.startswith(".")
            and (written := _written_ns(path)) is not None
        ]
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror}; give a folder") from error
    if not found:
        raise InputError(
            f"{folder}: holds no prediction matrix; write one there, its name ending in .json"
        )
    return max(found)[1]


def refuse_stale(file: Path, max_age: timedelta | None, now: datetime | None = None) -> None:
    """Refuse a matrix that is too old to act on, or of a time that has not come yet.

    Args:
        file: the matrix.
        max_age: how long ago it may have been written; ``None``: any time.
        now: the time; ``None``: the machine's.

    Raises:
        RefusedError: it is older; or it comes from the future, which means that a clock was put
            back, that no age can be told and that it would stay the newest for too long.
        InputError: it cannot be read.
    """
    try:
        written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}; give a file") from error
    age = (now or datetime.now(UTC)) - written
    if age < -CLOCK_TOLERANCE:
        raise RefusedError(
            f"{file} was written at {written:%Y-%m-%d %H:%M:%S} UTC, which is "
            f"{_spoken(-age)} in the future: a clock is wrong, here or where it was written; "
            "correct the clock, then write the file again"
        )
    if max_age is not None and age > max_age:
        raise RefusedError(
            f"{file} was written {_spoken(age)} ago, at {written:%Y-%m-%d %H:%M:%S} UTC; "
            f"max_age is {_spoken(max_age)}: see why there is no newer one"
        )


def _written_ns(path: Path) -> int | None:
    """When a file was last written, in nanoseconds; ``None``: no file, or no longer there."""
    try:
        status = path.stat()
    except FileNotFoundError:  # renamed or removed since the folder was listed, or a dead link
        return None
    return status.st_mtime_ns if stat.S_ISREG(status.st_mode) else None


def _spoken(span: timedelta) -> str:
    """Write a span of time in the two largest units that it fills: ``2 h 5 min``."""
    seconds = int(span.total_seconds())
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
