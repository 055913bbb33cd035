"""Starting the holder: the only moment at which the lab depends on the program that starts it."""

import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from nornir_bgp.exceptions import LabError
from nornir_bgp.lab.holder import HELLO, KEEP
from nornir_bgp.lab.keys import make_keys
from nornir_bgp.lab.needs import Machine, check
from nornir_bgp.lab.neighbours import crowded
from nornir_bgp.lab.process import Process
from nornir_bgp.lab.spec import LabSpec
from nornir_bgp.lab.state import LabState, Record

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and the step just done."""

_CREDENTIALS = struct.Struct("iii")  # unix(7): struct ucred: pid, uid, gid
_NAMESPACES = ("--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child")
_END_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class _Clock:
    end: float

    def left(self) -> float:
        seconds = self.end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


def launch(spec: LabSpec, state: LabState, *, progress: Progress | None, deadline: float) -> None:
    """Start a lab and return when its daemons and SSH servers answer.

    Args:
        spec: what to build.
        state: its folder; what is in it is replaced.
        progress: is told of every step.
        deadline: the longest time it may take, in seconds.

    Raises:
        LabError: the machine lacks something, or the lab could not be built; nothing is left.
    """
    machine = Machine.here()
    check(machine, {d for node in spec.nodes if node.router for d in node.router.daemons})
    clock = _Clock(time.monotonic() + deadline)
    state.create()
    try:
        state.spec_file.write_text(spec.model_dump_json(), "utf-8")
        make_keys(state, spec, machine)
        _start(spec, state, machine, progress, clock)
    except BaseException:
        state.remove()
        raise


def _start(
    spec: LabSpec, state: LabState, machine: Machine, progress: Progress | None, clock: _Clock
) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    holder: Process | None = None
    with ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        with theirs:
            _spawn(state, machine, theirs)
        try:
            ours.settimeout(clock.left())
            holder = _hello(ours, state)
            order = {"spec": spec.model_dump(mode="json"), "folder": str(state.folder)}
            ours.sendall(json.dumps(order).encode() + b"\n")
            _follow(ours, spec, state, progress, clock)
            state.write_record(Record(holder, user_namespace=os.geteuid() != 0))
            ours.sendall(KEEP)
        except BaseException as error:
            ours.close()  # the holder ends when it loses us
            if holder is not None:
                holder.kill(wait=_END_SECONDS)
            if isinstance(error, TimeoutError):
                raise LabError(
                    f"lab {spec.name} did not come up in time; give it more, or a quieter machine"
                ) from None
            raise


def _spawn(state: LabState, machine: Machine, channel: socket.socket) -> None:
    """Start the holder as nobody's child: it must neither wait for us nor be waited for."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user", "--map-auto"]
    command = [machine.find("setsid"), "--fork", machine.find("unshare"), *user, *_NAMESPACES]
    with (state.folder / "holder.log").open("wb") as log:
        subprocess.run(
            [*command, "--mount-proc", sys.executable, "-P", "-m", "nornir_bgp.lab.holder"],
            stdin=channel.fileno(),
            stdout=log,
            stderr=log,
            cwd="/",
            check=True,
        )


def _hello(channel: socket.socket, state: LabState) -> Process:
    """Learn the holder's process id: the kernel translates a sender's into our PID namespace."""
    message, ancillary, _, _ = channel.recvmsg(len(HELLO), socket.CMSG_SPACE(_CREDENTIALS.size))
    if message != HELLO:
        raise LabError(f"the lab's holder did not start: {_log(state)}")
    return Process.of(_CREDENTIALS.unpack(ancillary[0][2])[0])


def _follow(
    channel: socket.socket, spec: LabSpec, state: LabState, progress: Progress | None, clock: _Clock
) -> None:
    """Read the holder's steps until it is ready."""
    total = len(spec.nodes) + 2
    done = 0
    buffer = b""
    while True:
        line, newline, rest = buffer.partition(b"\n")
        if not newline:
            channel.settimeout(clock.left())
            more = channel.recv(65536)
            if not more:
                raise LabError(f"lab {spec.name}: the holder ended: {_log(state)}")
            buffer += more
            continue
        buffer = rest
        message = json.loads(line)
        if "error" in message:
            raise LabError(f"lab {spec.name}: {message['error']}{crowded(spec)}")
        if "ready" in message:
            return
        done += 1
        if progress is not None:
            progress(done, total, message["step"])


def _log(state: LabState) -> str:
    text = (state.folder / "holder.log").read_text("utf-8", "replace")
    return " ".join(text.split())[-500:]
