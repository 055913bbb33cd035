"""A running lab: start it, end it, look into any node, break things and mend them."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from nornir_bgp.exceptions import InputError, LabError
from nornir_bgp.lab import convergence
from nornir_bgp.lab.dial import ask
from nornir_bgp.lab.launch import Progress
from nornir_bgp.lab.lifecycle import Start, Started, bring_up, processes_of, take_down
from nornir_bgp.lab.needs import Machine
from nornir_bgp.lab.neighbours import crowded
from nornir_bgp.lab.spec import LabSpec, make_spec
from nornir_bgp.lab.state import DIRECT, LabState
from nornir_bgp.lab.status import LabStatus, NodeStatus
from nornir_bgp.lab.topology import Topology

_NAMESPACES = ("--net", "--mount", "--uts")


class Lab:
    """A lab that runs.

    Attributes:
        state: its folder, with its keys and logs.
        spec: what it was built from.
        started: what ``up`` did; a lab that was only found is unchanged.
    """

    def __init__(self, state: LabState, started: Started | None = None) -> None:
        self.state = state
        self.started = started or Started(Start.UNCHANGED)
        self._record = state.running()
        self.spec = LabSpec.model_validate_json(state.spec_file.read_text("utf-8"))
        self._machine = Machine.here()

    @classmethod
    def up(
        cls,
        topology: Topology,
        configs: Mapping[str, str],
        state: Path,
        *,
        progress: Progress | None = None,
        deadline: float = 60.0,
    ) -> Self:
        """Start a lab, or find it running.

        A complete running lab is left as it is; one that has lost a process is replaced.

        Args:
            topology: the network.
            configs: router -> FRR startup configuration.
            state: the folder of all labs' states.
            progress: is told of every step.
            deadline: the longest time it may take, in seconds.

        Raises:
            InputError: the routers of topology and configurations differ.
            LabError: the machine lacks something, or the lab did not come up; nothing is left.
        """
        spec = make_spec(topology, configs)
        folder = LabState.at(state, topology.name)
        return cls(folder, bring_up(spec, folder, progress=progress, deadline=deadline))

    @property
    def name(self) -> str:
        """Its name."""
        return self.state.name

    @property
    def routers(self) -> tuple[str, ...]:
        """The routers' names."""
        return self.spec.routers

    def down(self) -> None:
        """End the lab, all of it, and remove its folder."""
        take_down(self.state)

    def command(self, node: str, argv: Sequence[str], *, folder: Path | None = None) -> list[str]:
        """Return the command line that runs a program inside a node.

        Args:
            node: the node.
            argv: the program and its arguments.
            folder: the working directory; by default the root.

        Raises:
            InputError: there is no such node.
            LabError: the node's process has been killed.
        """
        anchor = self.processes(node)["namespace"]
        if anchor is None:
            raise LabError(f"lab {self.name}: {node} is damaged; mend it with `nornir-bgp lab up`")
        nsenter = self._machine.find("nsenter")
        user = ["--user", "--preserve-credentials"] if self._record.user_namespace else []
        lab = [nsenter, f"--target={self._record.holder.pid}", *user, *_NAMESPACES]
        # The node's process has its id in the lab's own PID namespace: enter that one first.
        enter = [*lab, "--ipc", "--pid", nsenter, f"--target={anchor}", *_NAMESPACES]
        settings = [f"{DIRECT}=1"] if node == self.spec.manager else []
        return [*enter, "env", f"--chdir={folder or '/'}", *settings, *argv]

    def run(
        self,
        node: str,
        argv: Sequence[str],
        *,
        timeout: float = 60.0,
        input: str | None = None,  # noqa: A002 - as subprocess.run calls it
        check: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program inside a node and return its output and exit status.

        Args:
            node: the node.
            argv: the program and its arguments.
            timeout: the longest time it may take, in seconds; then it is ended.
            input: what it reads.
            check: whether a status other than 0 is an error.

        Raises:
            LabError: the program took too long, or failed where ``check`` is set.
        """
        limited = ["timeout", "--kill-after=1", str(timeout), *argv]
        result = subprocess.run(
            self.command(node, limited),
            input=input or "",
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode == 124:
            raise LabError(f"{node}: {' '.join(argv)}: not done within {timeout} s")
        if check and result.returncode != 0:
            answer = " ".join((result.stdout + result.stderr).split())
            raise LabError(f"{node}: {' '.join(argv)}: {answer[-500:]}")
        return result

    def vtysh(self, node: str, command: str) -> str:
        """Run one vtysh command on a router and return what it prints.

        Raises:
            LabError: FRR refused it.
        """
        return self.run(node, ["vtysh", "-c", command], check=True).stdout

    def processes(self, node: str) -> dict[str, int | None]:
        """Return a node's processes: name -> id inside the lab, ``None`` where it has ended.

        ``namespace`` is the process that keeps the node's namespaces.
        """
        self.spec.node(node)
        nodes: dict[str, dict[str, int | None]] = processes_of(self.state)["nodes"]
        return nodes[node]

    def stop_daemon(self, node: str, name: str) -> None:
        """End a daemon of a router as an administrator does (``SIGTERM``)."""
        ask(self.state.folder, {"do": "stop", "node": node, "daemon": name})

    def start_daemon(self, node: str, name: str) -> None:
        """Start a daemon of a router again; it reads the configuration it saved."""
        ask(self.state.folder, {"do": "start", "node": node, "daemon": name})

    def set_link(self, a: str, b: str, *, up: bool, interface: str | None = None) -> None:
        """Pull or plug the cable between two nodes.

        Args:
            a: a node, whose end is set; the other end loses its carrier.
            b: the node at the other end.
            up: whether it carries.
            interface: the end's interface on ``a``, where there are several links.

        Raises:
            InputError: there is no such link, or more than one.
        """
        ends = [
            near[1]
            for link in self.spec.links
            for near, far in ((link.a, link.b), (link.b, link.a))
            if near[0] == a and far[0] == b and interface in (None, near[1])
        ]
        if len(ends) != 1:
            raise InputError(f"{len(ends)} links between {a} and {b}; name the interface of one")
        self.run(a, ["ip", "link", "set", ends[0], "up" if up else "down"], check=True)

    def sessions(self, router: str) -> tuple[int, int]:
        """Return how many BGP sessions of a router are established, and configured."""
        return convergence.sessions(self, router)

    def wait_established(self, *, seconds: float = 60.0) -> None:
        """Wait until every BGP session of every router is established.

        Raises:
            LabError: one is not when the time is up; the message names its router.
        """
        try:
            convergence.wait_established(self, seconds=seconds)
        except LabError as error:
            raise LabError(f"{error}{crowded(self.spec)}") from error

    def wait_settled(self, *, quiet: float = 2.0, seconds: float = 60.0) -> None:
        """Wait for every table; see :func:`nornir_bgp.lab.convergence.wait_settled`."""
        convergence.wait_settled(self, quiet=quiet, seconds=seconds)

    def status(self) -> LabStatus:
        """Look at every node."""
        nodes = processes_of(self.state)["nodes"]
        with ThreadPoolExecutor(8) as pool:
            seen = pool.map(lambda n: self._node_status(n, nodes[n]), nodes)
            return LabStatus(name=self.name, up=True, nodes=tuple(seen))

    def _node_status(self, name: str, processes: Mapping[str, int | None]) -> NodeStatus:
        node = self.spec.node(name)
        daemons = {d: pid is not None for d, pid in processes.items() if d != "namespace"}
        namespace = processes["namespace"] is not None
        status = NodeStatus(name=name, role=node.role, namespace=namespace, daemons=daemons)
        if node.router is None or node.management is None:
            return status
        try:
            established, configured = self.sessions(name)
        except (LabError, json.JSONDecodeError):
            established, configured = 0, None  # no bgpd to ask
        ssh = self._greets(str(node.management.ip))
        return status.model_copy(
            update={"established": established, "configured": configured, "ssh": ssh}
        )

    def _greets(self, address: str) -> bool:
        try:
            with self.state.dial(address, 22, timeout=2.0) as connection:
                connection.settimeout(5.0)
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False
