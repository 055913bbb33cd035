"""One run at a time per network."""

import getpass
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from nornir_bgp.exceptions import InputError, LockedError
from nornir_bgp.runbooks.files import write_whole

_log = logging.getLogger(__name__)


@contextmanager
def locked(runs: Path) -> Iterator[None]:
    """Hold the network's lock, which lies in the folder of its runs.

    The operating system lets go of it when its holder ends, however that happens.

    Args:
        runs: the folder of the network's runs; made where it is missing.

    Raises:
        LockedError: another run holds it.
        InputError: the folder cannot be written.
    """
    holder = runs / "lock.holder"
    lock = FileLock(runs / "lock", mode=0o600)
    try:
        runs.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        raise LockedError(
            f"another run is under way: {_told_holder(holder)}; wait for it to end"
        ) from None
    except OSError as error:
        raise InputError(f"{runs}: cannot be written: {error.strerror}") from error
    try:
        _tell_holder(holder)
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _told_holder(holder: Path) -> str:
    try:
        return holder.read_text("utf-8").strip()
    except OSError:  # it has just begun, or ended
        return "an unknown program"


def _tell_holder(holder: Path) -> None:
    """Say who holds the lock. On a full disk nobody is told, and a recovery still runs."""
    since = datetime.now(UTC)
    try:
        holder.unlink(missing_ok=True)
        write_whole(
            holder,
            f"process {os.getpid()} of {getpass.getuser()} on {socket.gethostname()}, "
            f"since {since:%Y-%m-%d %H:%M:%S} UTC\n",
        )
    except OSError as error:
        _log.warning("%s: cannot be written: %s", holder, error.strerror)
