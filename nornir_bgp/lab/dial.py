"""TCP connections from inside a lab, for any program on the machine.

A socket belongs to the network namespace in which it was made. So the lab makes the connection
inside its manager's namespace, and hands the connected socket over a Unix socket (SCM_RIGHTS):
the machine's own network is never used, neither root nor another namespace is needed.
"""

import json
import os
import socket
from pathlib import Path
from typing import Any

from nornir_bgp.exceptions import DeviceUnreachableError, LabError

SOCKET = "control.sock"
"""The socket's name in the lab's folder."""

NO_ANSWER = "no answer in time"
"""What is told of a host that neither accepts nor refuses a connection."""

_MARGIN = 5.0
"""How much longer than its own deadline the lab may take to answer, in seconds."""


def dial(folder: Path, host: str, port: int, *, timeout: float) -> socket.socket:
    """Connect to a host from inside the lab manager's network namespace.

    Args:
        folder: the lab's folder; its name is the lab's.
        host: an address as the manager knows it.
        port: a TCP port.
        timeout: the longest wait for the connection, in seconds.

    Raises:
        LabError: the lab is not up.
        DeviceUnreachableError: nobody answers there in time.
    """
    request = {"do": "dial", "host": host, "port": port, "timeout": timeout}
    try:
        reply, descriptors = _exchange(folder, request, timeout + _MARGIN)
    except TimeoutError:
        reply, descriptors = {"error": NO_ANSWER}, []
    if not descriptors:
        raise DeviceUnreachableError(f"{host}:{port} in lab {folder.name}: {reply['error']}")
    return socket.socket(fileno=descriptors[0])


def ask(folder: Path, request: dict[str, Any], *, timeout: float = 30.0) -> dict[str, Any]:
    """Ask the lab's holder to do something other than a connection.

    Raises:
        LabError: the lab is not up, or the holder could not do it, or not in time.
    """
    try:
        reply, _ = _exchange(folder, request, timeout)
    except TimeoutError:
        reply = {"error": f"{NO_ANSWER} ({timeout:g} s)"}
    if "error" in reply:
        raise LabError(f"lab {folder.name}: {reply['error']}")
    return reply


def _exchange(
    folder: Path, request: dict[str, Any], timeout: float
) -> tuple[dict[str, Any], list[int]]:
    """Send a request and receive the answer.

    Raises:
        LabError: the lab is not up.
        TimeoutError: it is up, and did not answer in time.
    """
    line = json.dumps(request).encode() + b"\n"
    try:
        with _connect(folder, timeout) as control:
            control.sendall(line)
            return _receive(control)
    except TimeoutError:
        raise
    except OSError as error:
        raise LabError(f"lab {folder.name} is not up; start it with `nornir-bgp lab up`") from error


def _connect(folder: Path, timeout: float) -> socket.socket:
    """Connect by the open folder: a Unix socket's path may have 107 bytes only."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        control = socket.socket(socket.AF_UNIX)
        control.settimeout(timeout)
        try:
            control.connect(f"/proc/self/fd/{descriptor}/{SOCKET}")
        except OSError:
            control.close()
            raise
        return control
    finally:
        os.close(descriptor)


def _receive(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Read one line of JSON and the descriptors that came with it."""
    answer, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
    while not answer.endswith(b"\n"):
        more = control.recv(65536)
        if not more:
            raise ConnectionResetError("the lab hung up")
        answer += more
    return json.loads(answer), descriptors
