"""What the holder answers over its Unix socket: one request, one reply, both a line of JSON."""

import json
import os
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nornir_bgp.exceptions import LabError
from nornir_bgp.lab import kernel
from nornir_bgp.lab.dial import NO_ANSWER, SOCKET
from nornir_bgp.lab.router import SSHD, Router
from nornir_bgp.lab.spec import LabSpec

_LOOK_SECONDS = 1.0
"""How often the holder looks whether its folder is still there."""


class Server:
    """Answers ``dial``, ``processes``, ``stop`` and ``start``."""

    def __init__(
        self,
        spec: LabSpec,
        anchors: Mapping[str, int],
        management: int,
        routers: Mapping[str, Router],
    ) -> None:
        self.spec = spec
        self.anchors = anchors
        self.management = management
        self.routers = routers
        self.listener = socket.socket(socket.AF_UNIX)
        self.folder = Path()
        self.identity: tuple[int, int] | None = None

    def listen(self, folder: Path) -> None:
        """Open the socket in the lab's folder, for its owner alone."""
        self.folder = folder
        self.identity = _identity(folder)
        descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        previous = os.umask(0o177)
        try:
            self.listener.bind(f"/proc/self/fd/{descriptor}/{SOCKET}")
        finally:
            os.umask(previous)
            os.close(descriptor)
        self.listener.listen(256)
        self.listener.settimeout(_LOOK_SECONDS)

    def serve(self) -> None:
        """Answer until the lab's folder is gone, each client in a thread of its own.

        Whoever deletes the folder (``git clean`` does) leaves nobody who could find the lab and
        end it: it ends itself.
        """
        while _identity(self.folder) == self.identity:
            try:
                connection, _ = self.listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            try:
                request = json.loads(lines.readline())
                if request["do"] == "dial":
                    self._dial(connection, request)
                    return
                reply = self._do(request)
            except (LabError, KeyError, ValueError) as error:
                reply = {"error": str(error)}
            _send(connection, reply)

    def _do(self, request: Mapping[str, Any]) -> dict[str, Any]:
        match request["do"]:
            case "processes":
                return self._processes()
            case "stop":
                self._router(request["node"]).stop(request["daemon"])
            case "start":
                self._router(request["node"]).start(request["daemon"])
            case unknown:
                raise LabError(f"no such request: {unknown}")
        return {}

    def _router(self, name: str) -> Router:
        if name not in self.routers:
            raise LabError(f"no router {name}; the routers are {', '.join(self.routers)}")
        return self.routers[name]

    def _processes(self) -> dict[str, Any]:
        """Tell every process: ``{node: {process: id, or null where it has ended}}``."""
        nodes: dict[str, dict[str, int | None]] = {
            name: {"namespace": pid if _runs(pid) else None} for name, pid in self.anchors.items()
        }
        for name, router in self.routers.items():
            for daemon in (*router.spec.daemons, SSHD):
                alive = router.alive(daemon)
                nodes[name][daemon] = router.daemons[daemon].pid if alive else None
        management = self.management if _runs(self.management) else None
        return {"nodes": nodes, "management": management, "server": os.getpid()}

    def _dial(self, connection: socket.socket, request: Mapping[str, Any]) -> None:
        """Connect from the manager's namespace and hand the socket over.

        This thread moves into that namespace and ends after the reply.
        """
        try:
            address = (request["host"], request["port"])
            dialled = connect_inside(self.anchors[self.spec.manager], address, request["timeout"])
        except OSError as error:
            reason = NO_ANSWER if isinstance(error, TimeoutError) else error.strerror
            _send(connection, {"error": reason or str(error)})
            return
        with dialled:
            socket.send_fds(connection, [b"{}\n"], [dialled.fileno()])


def connect_inside(pid: int, address: tuple[str, int], timeout: float) -> socket.socket:
    """Move this thread into a process's network namespace and open a TCP connection there."""
    kernel.enter_network_of(pid)
    connection = socket.create_connection(address, timeout)
    connection.settimeout(None)
    return connection


def answers_ssh(pid: int, host: str) -> bool:
    """Whether an SSH server greets at port 22; moves this thread into a network namespace."""
    try:
        with connect_inside(pid, (host, 22), 2.0) as connection:
            connection.settimeout(2.0)
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def _identity(folder: Path) -> tuple[int, int] | None:
    """Which folder is at a path, by device and inode; ``None`` where there is none."""
    try:
        status = folder.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _send(connection: socket.socket, reply: Mapping[str, Any]) -> None:
    connection.sendall(json.dumps(reply).encode() + b"\n")


def _runs(pid: int) -> bool:
    """Whether a child of the holder's server runs; collects it if it has ended."""
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False
