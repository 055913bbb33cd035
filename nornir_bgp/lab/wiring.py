"""The lab's cables and addresses, as batches for ``ip``."""

import subprocess
from collections.abc import Iterable, Mapping, Sequence

from nornir_bgp.exceptions import LabError
from nornir_bgp.lab.needs import Machine
from nornir_bgp.lab.spec import LabSpec, NodeSpec
from nornir_bgp.lab.topology import MANAGEMENT_INTERFACE, Role

MANAGEMENT_TABLE = 100
"""The routers' routing table for the management interface."""

MANAGEMENT_BRIDGE = "mgmt"


def cable_lines(spec: LabSpec, anchors: Mapping[str, int], management: int) -> list[str]:
    """Lay every cable: veth pairs between the network namespaces of two processes.

    Args:
        spec: the lab.
        anchors: node -> its anchor's process id.
        management: the process id of the management bridge's anchor.
    """
    lines = []
    for link in spec.links:
        (a, a_interface), (b, b_interface) = link.a, link.b
        lines.append(_veth(a_interface, anchors[a], b_interface, anchors[b]))
    for number, node in enumerate(spec.nodes):
        if node.management is not None:
            lines.append(_veth(MANAGEMENT_INTERFACE, anchors[node.name], f"m{number}", management))
    return lines


def _veth(a: str, a_pid: int, b: str, b_pid: int) -> str:
    return f"link add name {a} netns {a_pid} type veth peer name {b} netns {b_pid}"


def node_lines(spec: LabSpec, node: NodeSpec, *, loopback_kind: str) -> list[str]:
    """Bring up one node's interfaces; runs inside its network namespace.

    Args:
        spec: the lab.
        node: the node.
        loopback_kind: what stands for a loopback interface with a name of its own: ``dummy``, or
            ``bridge`` (one without members) on a kernel that has no dummy.
    """
    interfaces = [end[1] for link in spec.links for end in (link.a, link.b) if end[0] == node.name]
    if node.role is Role.BRIDGE:
        return bridge_lines(node.name, interfaces)
    lines = ["link set lo up"]
    lines += [f"link set {interface} up" for interface in interfaces]
    for name in node.router.loopbacks if node.router else ():
        lines += [f"link add {name} type {loopback_kind}", f"link set {name} up"]
    return lines + _management_lines(node)


def bridge_lines(name: str, members: Iterable[str]) -> list[str]:
    """Make a bridge and join its members; runs inside its network namespace."""
    lines = [f"link add {name} type bridge", f"link set {name} up"]
    return lines + [f"link set {member} master {name} up" for member in members]


def management_bridge_lines(spec: LabSpec) -> list[str]:
    """Make the bridge of the management network."""
    members = [f"m{number}" for number, node in enumerate(spec.nodes) if node.management]
    return bridge_lines(MANAGEMENT_BRIDGE, members)


def _management_lines(node: NodeSpec) -> list[str]:
    """Set up ``eth0``: on routers in a routing table of its own, so that no traffic passes it."""
    address, eth0 = node.management, MANAGEMENT_INTERFACE
    if address is None:
        return []
    if node.router is None:
        return [f"address add {address} dev {eth0}", f"link set {eth0} up"]
    return [
        f"address add {address} dev {eth0} noprefixroute",
        f"link set {eth0} up",
        f"route add {address.network} dev {eth0} table {MANAGEMENT_TABLE}",
        f"route add unreachable default table {MANAGEMENT_TABLE}",
        f"rule add from {address.ip} lookup {MANAGEMENT_TABLE}",
        f"rule add iif {eth0} lookup {MANAGEMENT_TABLE}",
    ]


def run_batch(machine: Machine, lines: Sequence[str], *, inside: int | None = None) -> None:
    """Give lines to one ``ip -batch``.

    Args:
        machine: where ``ip`` is.
        lines: the commands, without ``ip``.
        inside: the process whose network namespace is meant; by default our own.

    Raises:
        LabError: one of them failed; the message holds ``ip``'s own.
    """
    enter = [machine.find("nsenter"), f"--net=/proc/{inside}/ns/net"] if inside else []
    result = subprocess.run(
        [*enter, machine.find("ip"), "-batch", "-"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise LabError(f"ip: {' '.join(result.stderr.split())}")


def find_loopback_kind(machine: Machine) -> str:
    """Return what this kernel has for a loopback interface with a name of its own."""
    try:
        run_batch(machine, ["link add probe type dummy", "link delete probe"])
    except LabError:
        return "bridge"
    return "dummy"
