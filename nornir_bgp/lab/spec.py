"""What the holder is told to build: the topology, resolved, with the routers' configurations."""

import re
import shlex
from collections.abc import Mapping
from ipaddress import IPv4Interface
from pathlib import Path

from nornir_bgp.exceptions import InputError
from nornir_bgp.lab.topology import MANAGEMENT_INTERFACE, Node, Role, Topology
from nornir_bgp.models.base import Model

DAEMONS_FILE = "/etc/frr/daemons"
VTYSH_FILE = "/etc/frr/vtysh.conf"
SSHD_FILE = "/etc/ssh/sshd_config"


class RouterSpec(Model):
    """What makes a node a router.

    Attributes:
        config: FRR's startup configuration.
        daemons: FRR daemon -> its options, ``zebra`` first.
        vtysh_conf: the content of ``vtysh.conf``.
        sshd_config: the content of ``sshd_config``.
        loopbacks: interfaces that the configuration names and no link provides.
        addresses: every address at which the router may be called, without prefix length.
    """

    config: str
    daemons: Mapping[str, tuple[str, ...]]
    vtysh_conf: str
    sshd_config: str
    loopbacks: tuple[str, ...]
    addresses: tuple[str, ...]


class NodeSpec(Model):
    """One node, resolved.

    Attributes:
        name: its name.
        role: what it is.
        management: its address on the management network; bridges have none.
        exec_lines: the commands that set it up.
        router: only for a router.
    """

    name: str
    role: Role
    management: IPv4Interface | None
    exec_lines: tuple[tuple[str, ...], ...]
    router: RouterSpec | None


class LinkSpec(Model):
    """A cable: (node, interface) at both ends."""

    a: tuple[str, str]
    b: tuple[str, str]


class LabSpec(Model):
    """A whole lab."""

    name: str
    manager: str
    nodes: tuple[NodeSpec, ...]
    links: tuple[LinkSpec, ...]

    @property
    def routers(self) -> tuple[str, ...]:
        """The routers' names."""
        return tuple(node.name for node in self.nodes if node.router is not None)

    def node(self, name: str) -> NodeSpec:
        """Return a node by its name.

        Raises:
            InputError: there is none.
        """
        for node in self.nodes:
            if node.name == name:
                return node
        names = ", ".join(node.name for node in self.nodes)
        raise InputError(f"the lab {self.name} has no node {name}; it has {names}")


def make_spec(topology: Topology, configs: Mapping[str, str]) -> LabSpec:
    """Resolve a topology and its routers' configurations.

    Args:
        topology: the network.
        configs: router -> FRR startup configuration.

    Raises:
        InputError: a router has no configuration, a configuration no router, or a file that the
            topology binds is missing.
    """
    routers = {node.name for node in topology.with_role(Role.ROUTER)}
    for name in sorted(routers - configs.keys()):
        raise InputError(
            f"router {name} of the topology {topology.name} is not in the inventory; "
            f"add it to inventory/hosts.yaml, or give it another group"
        )
    for name in sorted(configs.keys() - routers):
        raise InputError(
            f"device {name} of the inventory is no router of the topology {topology.name}; "
            "add it under topology.nodes with 'group: router'"
        )
    interfaces: dict[str, set[str]] = {name: set() for name in topology.nodes}
    for link in topology.links:
        interfaces[link.a.node].add(link.a.interface)
        interfaces[link.b.node].add(link.b.interface)
    return LabSpec(
        name=topology.name,
        manager=topology.manager.name,
        nodes=tuple(
            _node(node, topology, configs.get(node.name), interfaces[node.name])
            for node in topology.nodes.values()
        ),
        links=tuple(
            LinkSpec(a=(k.a.node, k.a.interface), b=(k.b.node, k.b.interface))
            for k in topology.links
        ),
    )


def _node(node: Node, topology: Topology, config: str | None, interfaces: set[str]) -> NodeSpec:
    management = (
        IPv4Interface((node.mgmt_ipv4, topology.management.prefixlen)) if node.mgmt_ipv4 else None
    )
    return NodeSpec(
        name=node.name,
        role=node.role,
        management=management,
        exec_lines=node.exec_lines,
        router=None if config is None else _router(node, config, interfaces),
    )


def _router(node: Node, config: str, interfaces: set[str]) -> RouterSpec:
    provided = interfaces | {"lo", MANAGEMENT_INTERFACE}
    named = re.findall(r"^interface (\S+)", config, re.MULTILINE)
    addresses = re.findall(r"^ *ip(?:v6)? address (\S+)/\d+", config, re.MULTILINE)
    return RouterSpec(
        config=config,
        daemons=_daemons(_bound(node, DAEMONS_FILE)),
        vtysh_conf=_bound(node, VTYSH_FILE),
        sshd_config=_bound(node, SSHD_FILE),
        loopbacks=tuple(name for name in dict.fromkeys(named) if name not in provided),
        addresses=tuple(dict.fromkeys((str(node.mgmt_ipv4), *addresses))),
    )


def _bound(node: Node, target: str) -> str:
    source = node.binds.get(target)
    if source is None:
        raise InputError(f"router {node.name} of the topology binds no file to {target}; add one")
    try:
        return Path(source).read_text("utf-8")
    except OSError as error:
        raise InputError(f"{source}: {error.strerror}; router {node.name} binds it") from None


def _daemons(text: str) -> dict[str, tuple[str, ...]]:
    """Read FRR's ``daemons`` file: which daemons run, and their options."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        for word in shlex.split(line, comments=True):
            key, equals, value = word.partition("=")
            if equals:
                values[key] = value
    enabled = [key for key, value in values.items() if value == "yes" and key != "vtysh_enable"]
    return {
        daemon: tuple(shlex.split(values.get(f"{daemon}_options", "")))
        for daemon in dict.fromkeys(["zebra", *enabled])
    }
