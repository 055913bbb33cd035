"""A router's daemons: FRR's and sshd, children of the holder inside the node's namespaces."""

import re
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import LabError
from nornir_bgp.lab.needs import Machine
from nornir_bgp.lab.node import PRIVATE, STARTUP
from nornir_bgp.lab.spec import RouterSpec

SSHD = "sshd"

_START_SECONDS = 20.0
_STOP_SECONDS = 10.0


@dataclass
class Router:
    """A running router.

    Attributes:
        name: its name.
        spec: what makes it one.
        anchor: the process that keeps its namespaces, by its id in the lab.
        logs: the folder of the logs.
        machine: where the programs are.
        daemons: daemon -> its process; the holder is its parent, so the id is never recycled.
    """

    name: str
    spec: RouterSpec
    anchor: int
    logs: Path
    machine: Machine
    daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def boot(self) -> None:
        """Start every daemon, load the startup configuration and save it.

        It is loaded line by line through vtysh, as an engineer would, so that a line which FRR
        refuses is an error here; saving it lets a daemon that is restarted find it again.

        Raises:
            LabError: a daemon did not start, or FRR refused a line.
        """
        for daemon in (*self.spec.daemons, SSHD):
            self.start(daemon)
        delayed = re.search(r"^route-map ", self.spec.config, re.MULTILINE)
        if delayed:
            self._configure("bgp route-map delay-timer 0")
        self._vtysh("-f", str(STARTUP))
        if delayed:
            self._configure(_delay_timer_line(self.spec.config))
        self._vtysh("-c", "write memory")

    def start(self, daemon: str) -> None:
        """Start one daemon and wait until it can be talked to.

        Raises:
            LabError: it is no daemon of this router, or it did not start.
        """
        if self.alive(daemon):
            return
        command = self._command(daemon)
        with (self.logs / f"{self.name}.{daemon}.log").open("ab") as log:
            process = subprocess.Popen(  # the holder's threads never wait for it: see reap()
                self._enter(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.daemons[daemon] = process
        if daemon != SSHD:
            wait_for(
                lambda: process.poll() is not None or self._answers(daemon),
                bool,
                seconds=_START_SECONDS,
                interval=0.01,
            )
        if process.poll() is not None or (daemon != SSHD and not self._answers(daemon)):
            log_tail = (self.logs / f"{self.name}.{daemon}.log").read_text("utf-8", "replace")
            raise LabError(f"{self.name}: {daemon} did not start: {log_tail.strip()[-500:]}")

    def stop(self, daemon: str) -> None:
        """End one daemon as an administrator does, and wait until it has ended.

        Raises:
            LabError: it is no daemon of this router, or it did not end.
        """
        self._command(daemon)
        process = self.daemons[daemon]
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise LabError(f"{self.name}: {daemon} did not end within {_STOP_SECONDS} s") from None

    def alive(self, daemon: str) -> bool:
        """Whether a daemon runs."""
        process = self.daemons.get(daemon)
        return process is not None and process.poll() is None

    def _command(self, daemon: str) -> list[str]:
        if daemon == SSHD:
            # Absolute: sshd runs itself again for each session.
            sshd = [self.machine.find("sshd"), "-D", "-e", "-f", f"{PRIVATE}/sshd_config"]
            keys = ["-h", f"{PRIVATE}/host_key", "-o", "PidFile=none", "-o", "StrictModes=no"]
            return [*sshd, *keys, "-o", f"AuthorizedKeysFile={PRIVATE}/authorized_keys"]
        if daemon not in self.spec.daemons:
            names = ", ".join((*self.spec.daemons, SSHD))
            raise LabError(f"{self.name} has no daemon {daemon}; it has {names}")
        return [self.machine.frr_daemon(daemon), *self.spec.daemons[daemon], "--log", "stdout"]

    def _enter(self, command: Sequence[str]) -> list[str]:
        target = f"--target={self.anchor}"
        return [self.machine.find("nsenter"), target, "--net", "--mount", "--uts", *command]

    def _answers(self, daemon: str) -> bool:
        runtime = Path(f"/proc/{self.anchor}/root/run/frr")
        if daemon == "zebra" and not (runtime / "zserv.api").exists():
            return False  # the other daemons would try again only after seconds
        with socket.socket(socket.AF_UNIX) as vty:
            return vty.connect_ex(str(runtime / f"{daemon}.vty")) == 0

    def _configure(self, line: str) -> None:
        self._vtysh("-c", "configure terminal", "-c", line)

    def _vtysh(self, *arguments: str) -> None:
        result = subprocess.run(
            self._enter([self.machine.find("vtysh"), *arguments]),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            answer = " ".join((result.stdout + result.stderr).split())
            raise LabError(f"{self.name}: vtysh {' '.join(arguments)}: {answer[-500:]}")


def _delay_timer_line(config: str) -> str:
    """Return the line that gives the route-map delay timer the value of a configuration.

    bgpd starts its sessions only when a route-map change that is pending has been worked off, so
    a router with route-maps would start some five seconds after the others. While it loads its
    configuration it therefore works without that delay.
    """
    line = re.search(r"^bgp route-map delay-timer \d+", config, re.MULTILINE)
    return line.group() if line else "no bgp route-map delay-timer"
