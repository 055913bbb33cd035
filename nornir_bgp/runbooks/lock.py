"""One run at a time per network."""

import getpass
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from nornir_bgp.exceptions import InputError, LockedError


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
        told = holder.read_text("utf-8").strip() if holder.exists() else "an unknown program"
        raise LockedError(f"another run is under way: {told}; wait for it to end") from None
    except OSError as error:
        raise InputError(f"{runs}: cannot be written: {error.strerror}") from error
    try:
        since = datetime.now(UTC)
        holder.write_text(
            f"process {os.getpid()} of {getpass.getuser()} on {socket.gethostname()}, "
            f"since {since:%Y-%m-%d %H:%M:%S} UTC\n",
            "utf-8",
        )
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
