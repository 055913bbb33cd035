"""What a lab could leave behind on the machine, looked for in ``/proc``, ``/etc`` and ``/run``."""

import math
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from nornir_bgp.lab.process import Process

_KINDS = ("mnt", "net", "pid", "uts", "ipc", "user")


@dataclass(frozen=True)
class Traces:
    """The processes of a lab, and the namespaces that are its own.

    Attributes:
        processes: process id inside the lab -> the process, as the machine knows it.
        namespaces: ``net:[4026532179]`` and the like.
        ticks: when they were looked at, in clock ticks since boot.
    """

    processes: dict[int, Process]
    namespaces: frozenset[str]
    ticks: int = field(compare=False)


def traces_of(holder: int) -> Traces:
    """Find everything of a running lab: the processes of its PID namespace."""
    inside = _namespace(holder, "pid")
    pids = [pid for pid in _all_pids() if _namespace(pid, "pid") == inside]
    ours = {_namespace(os.getpid(), kind) for kind in _KINDS}
    used = {_namespace(pid, kind) for pid in pids for kind in _KINDS}
    return Traces(
        processes={_inner(pid): Process.of(pid) for pid in pids},
        namespaces=frozenset(n for n in used - ours if n is not None),
        ticks=int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK")),
    )


def inhabitants(traces: Traces) -> dict[int, str]:
    """The processes that are left in a lab's namespaces, with their command lines.

    The kernel gives a namespace's number again soon after its end: a process that began later is
    another lab's.
    """
    return {
        pid: _read(pid, "cmdline").replace(b"\0", b" ").decode()
        for pid in _all_pids()
        if any(_namespace(pid, kind) in traces.namespaces for kind in _KINDS)
        and _began(pid) <= traces.ticks
    }


def marked(mark: str) -> list[int]:
    """The processes that have ``MARK=mark`` in their environment."""
    wanted = f"MARK={mark}".encode()
    return [pid for pid in _all_pids() if wanted in _read(pid, "environ").split(b"\0")]


def files_and_users() -> dict[str, object]:
    """The mounts, the user database, and the names under ``/etc`` and ``/run``."""
    return {
        "mounts": Path("/proc/self/mounts").read_text(),
        "passwd": Path("/etc/passwd").read_text(),
        "group": Path("/etc/group").read_text(),
        "etc": _names(Path("/etc")),
        "run": _names(Path("/run")),
        "log": _names(Path("/var/log")),
        "tmp": _names(Path("/var/tmp")),  # noqa: S108 - FRR writes there
    }


def _names(folder: Path) -> frozenset[str]:
    return frozenset(f"{at}/{n}" for at, ds, fs in os.walk(folder) for n in (*ds, *fs))


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _namespace(pid: int, kind: str) -> str | None:
    try:
        return str(Path(f"/proc/{pid}/ns/{kind}").readlink())
    except OSError:
        return None  # it ended, or is somebody else's


def _began(pid: int) -> float:
    try:
        return Process.of(pid).start
    except ProcessLookupError:
        return math.inf  # it has ended


def _inner(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[-1]) for line in lines if line.startswith("NSpid:"))


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""  # it ended, or is somebody else's
