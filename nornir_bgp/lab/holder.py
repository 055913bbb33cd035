"""The process that holds a lab: everything of the lab is inside it and ends with it.

``up`` starts this module as the first process of new namespaces. It talks with ``up`` over its
standard input, a Unix socket: it gets the order, tells its progress, and says that it is ready;
until ``up`` answers that the lab is to be kept, the end of ``up`` is also the end of the lab.

Two processes: the namespace's first only waits for orphans and for its child, the server, which
builds the lab, is the daemons' parent and answers requests.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import LabError
from nornir_bgp.lab import wiring
from nornir_bgp.lab.keys import host_key_file, public_key
from nornir_bgp.lab.needs import Machine
from nornir_bgp.lab.node import RouterKeys, await_anchor, furnish, start_anchor
from nornir_bgp.lab.router import Router
from nornir_bgp.lab.server import Server, answers_ssh
from nornir_bgp.lab.spec import LabSpec, NodeSpec
from nornir_bgp.lab.state import LabState

HELLO = b"hello\n"
KEEP = b"keep\n"

_SSH_SECONDS = 20.0

_AT_ONCE = 16
"""How many nodes start at the same time: with a hundred at once, each would wait for the others
beyond its own deadline."""


class Builder:
    """Builds a lab and tells of each step."""

    def __init__(self, spec: LabSpec, state: LabState, tell: Callable[[str], None]) -> None:
        self.spec = spec
        self.state = state
        self.tell = tell
        self.machine = Machine.here()
        self.anchors: dict[str, int] = {}
        self.management = 0
        self.routers: dict[str, Router] = {}

    def make_nodes(self) -> None:
        """Start every node's anchor; before any thread, since a fork copies only one."""
        started = {
            node.name: start_anchor(node.name, partial(furnish, node, self._keys(node)))
            for node in self.spec.nodes
        }
        self.management, pipe = start_anchor(wiring.MANAGEMENT_BRIDGE, lambda: None)
        self.anchors = {name: pid for name, (pid, _) in started.items()}
        for each in (*(pipe for _, pipe in started.values()), pipe):
            await_anchor(each)
        self.tell("nodes")

    def wire(self) -> None:
        """Lay the cables and bring up the interfaces."""
        cables = wiring.cable_lines(self.spec, self.anchors, self.management)
        wiring.run_batch(self.machine, cables)
        bridge = wiring.management_bridge_lines(self.spec)
        wiring.run_batch(self.machine, bridge, inside=self.management)
        kind = wiring.find_loopback_kind(self.machine)
        for node in self.spec.nodes:
            lines = wiring.node_lines(self.spec, node, loopback_kind=kind)
            wiring.run_batch(self.machine, lines, inside=self.anchors[node.name])
        self.tell("links")

    def boot(self) -> None:
        """Start the routers and set up the hosts, many at once.

        Raises:
            LabError: one of them failed; the first failure is told.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            jobs = {pool.submit(self._boot_node, node): node.name for node in self.spec.nodes}
            for job in as_completed(jobs):
                job.result()
                self.tell(jobs[job])

    def _boot_node(self, node: NodeSpec) -> None:
        anchor = self.anchors[node.name]
        for line in node.exec_lines:
            self._execute(node.name, anchor, line)
        if node.router is None:
            return
        router = Router(node.name, node.router, anchor, self.state.logs, self.machine)
        self.routers[node.name] = router
        router.boot()
        if node.management is None:
            raise LabError(f"{node.name} has no address on the management network")
        address = str(node.management.ip)
        manager = self.anchors[self.spec.manager]
        if not wait_for(
            lambda: answers_ssh(manager, address), bool, seconds=_SSH_SECONDS, interval=0.02
        ):
            raise LabError(f"{node.name}: sshd does not answer at {address}")

    def _execute(self, name: str, anchor: int, line: tuple[str, ...]) -> None:
        enter = [self.machine.find("nsenter"), f"--target={anchor}", "--net", "--mount", "--uts"]
        result = subprocess.run(
            [*enter, *line], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            answer = " ".join((result.stdout + result.stderr).split())
            raise LabError(f"{name}: {' '.join(line)}: {answer}")

    def _keys(self, node: NodeSpec) -> RouterKeys | None:
        if node.router is None:
            return None
        return RouterKeys(
            host_key=host_key_file(self.state, node.name).read_text("ascii"),
            authorized_key=public_key(self.state.key_file),
        )


class Starter:
    """The program that runs ``up``, at the other end of a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.lines = connection.makefile("rb")
        self.kept = threading.Event()

    def order(self) -> tuple[LabSpec, LabState]:
        """Receive what to build, and the folder of its state."""
        order = json.loads(self.lines.readline())
        return LabSpec.model_validate(order["spec"]), LabState(Path(order["folder"]))

    def tell(self, what: str, value: str) -> None:
        """Say ``step``, ``error`` or ``ready``."""
        self.connection.sendall(json.dumps({what: value}).encode() + b"\n")

    def follow(self) -> None:
        """Wait for the word to keep the lab; end everything when the starter ends before it."""
        if self.lines.readline() != KEEP:
            os._exit(1)
        self.kept.set()


def serve(connection: socket.socket) -> None:
    """Build the lab that the starter orders, and answer requests until the end."""
    starter = Starter(connection)
    spec, state = starter.order()
    builder = Builder(spec, state, partial(starter.tell, "step"))
    try:
        builder.make_nodes()
        threading.Thread(target=starter.follow, daemon=True).start()
        builder.wire()
        builder.boot()
        server = Server(spec, builder.anchors, builder.management, builder.routers)
        server.listen(state.folder)
    except (LabError, OSError) as error:
        starter.tell("error", str(error))
        return
    starter.tell("ready", "")
    starter.kept.wait()
    connection.close()
    server.serve()


def main() -> None:
    """Run as the first process of a PID namespace."""
    connection = socket.socket(fileno=os.dup(0))
    connection.sendall(HELLO)
    child = os.fork()
    if child == 0:
        serve(connection)
        sys.exit(0)
    connection.close()
    os.closerange(0, 3)
    while os.wait()[0] != child:
        pass  # an orphan: sshd's sessions and what they started
    os._exit(0)


if __name__ == "__main__":
    main()
