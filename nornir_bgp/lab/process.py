"""A process by its id and start time, so that a recycled id is never taken for it."""

import os
import select
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Process:
    """One process of this machine.

    Attributes:
        pid: its id.
        start: its start time in clock ticks since boot (proc(5), ``stat`` field 22).
        boot: the id of the boot that ``start`` counts from.
    """

    pid: int
    start: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> Self:
        """Identify a process that is running now.

        Raises:
            ProcessLookupError: there is none.
        """
        return cls(pid=pid, start=int(_stat(pid)[19]), boot=_boot())

    @property
    def parent(self) -> "Process":
        """The process that started this one, or adopted it."""
        return Process.of(int(_stat(self.pid)[1]))

    def alive(self) -> bool:
        """Whether exactly this process runs (a zombie does not)."""
        try:
            stat = _stat(self.pid)
        except ProcessLookupError:
            return False
        return self.boot == _boot() and self.start == int(stat[19]) and stat[0] not in "ZX"

    def kill(self, *, wait: float) -> bool:
        """End this process, if it still runs, and wait until it has ended.

        Args:
            wait: the longest wait, in seconds.

        Returns:
            Whether it has ended. The end of a PID namespace's first process is reported only
            when the namespace's other processes have ended.
        """
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            if not self.alive():  # asked after the handle exists: it cannot be recycled any more
                return True
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            return _ended(handle, wait)
        finally:
            os.close(handle)

    def wait(self, seconds: float) -> bool:
        """Wait until this process has ended; return whether it has."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            return not self.alive() or _ended(handle, seconds)
        finally:
            os.close(handle)


def _ended(handle: int, seconds: float) -> bool:
    poller = select.poll()
    poller.register(handle, select.POLLIN)
    return bool(poller.poll(seconds * 1000))


def _stat(pid: int) -> list[str]:
    """Fields 3 and on of ``/proc/PID/stat``: after the command, which may hold blanks."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except FileNotFoundError:
        raise ProcessLookupError(f"no process {pid}") from None
    return text.rpartition(")")[2].split()


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
