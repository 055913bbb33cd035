"""The Linux calls that Python 3.11 does not offer: unshare, setns and mount."""

import ctypes
import os
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 1 << 18

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Give the calling process new namespaces (unshare(2))."""
    _check(_libc.unshare(flags), "unshare")


def enter_network_of(pid: int) -> None:
    """Move the calling thread, and no other, into a process's network namespace (setns(2)).

    A socket stays in the namespace in which it was made, whatever thread or process uses it.
    """
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        _check(_libc.setns(descriptor, CLONE_NEWNET), "setns")
    finally:
        os.close(descriptor)


def mount(
    source: str | Path, target: Path, *, kind: str = "", flags: int = 0, options: str = ""
) -> None:
    """Mount a file system, or bind one place over another (mount(2))."""
    _check(
        _libc.mount(
            os.fsencode(source),
            os.fsencode(target),
            kind.encode() or None,
            ctypes.c_ulong(flags),
            options.encode() or None,
        ),
        f"mount {source} at {target}",
    )


def make_mounts_private() -> None:
    """Keep what is mounted from now on inside this mount namespace."""
    mount("none", Path("/"), flags=MS_REC | MS_PRIVATE)
