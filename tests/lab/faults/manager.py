"""The manager's program, run as its user runs it, and struck from outside."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LONGEST = 300.0
"""Seconds after which a run counts as hanging; every fault must end well within."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        code: the exit code; the negative signal where one killed it.
        said: standard output, then standard error, as one line.
        seconds: how long it took.
    """

    code: int
    said: str
    seconds: float


class Manager:
    """Starts ``nornir-bgp`` with one configuration; keeps the run that was started last."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self._began = 0.0
        self._process: subprocess.Popen[str] | None = None

    @property
    def process(self) -> subprocess.Popen[str]:
        """The run that was started last."""
        if self._process is None:
            raise RuntimeError("no run was started")
        return self._process

    def start(
        self,
        *arguments: str,
        before: Sequence[str] = (),
        program: Sequence[str] | None = None,
    ) -> None:
        """Start a run.

        Args:
            *arguments: the verb and its arguments.
            before: a command that runs it, as ``unshare``.
            program: what is run in the place of ``nornir-bgp``.
        """
        program = program or [str(Path(sys.executable).with_name("nornir-bgp"))]
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            [*before, *program, "--config", str(self.config), *arguments],
            cwd=self.config.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self) -> Outcome:
        """Wait for the end of the run."""
        process = self.process
        try:
            stdout, stderr = process.communicate(timeout=LONGEST)
        except BaseException:
            process.kill()
            process.communicate()
            raise
        said = " ".join(f"{stdout} {stderr}".split())
        return Outcome(process.returncode, said, round(time.monotonic() - self._began, 1))

    def run(self, *arguments: str) -> Outcome:
        """Run to the end."""
        self.start(*arguments)
        return self.end()

    def strike(self, how: signal.Signals) -> None:
        """Send the run a signal, as a person or an administrator does, and let it arrive."""
        self.process.send_signal(how)

    def close(self) -> None:
        """End a run that a failed test has left."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
