"""The topology file: the part of Containerlab's language that the built-in lab runs.

Everything else in the file is Containerlab's alone and is ignored here.
"""

import shlex
from collections.abc import Iterator, Mapping
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.base import Model
from nornir_bgp.models.documents import Fault, KeyPath, input_error
from nornir_bgp.models.fields import Hostname, InterfaceName
from nornir_bgp.models.validation import validated
from nornir_bgp.models.yaml_text import YamlDocument, read_yaml

MANAGEMENT_INTERFACE = "eth0"
"""Containerlab connects every node's first interface to the management network."""


class Role(StrEnum):
    """What a node is: its ``group`` in the topology file, or a node of kind ``bridge``."""

    ROUTER = "router"
    HOST = "host"
    MANAGER = "manager"
    BRIDGE = "bridge"


class Node(Model):
    """One node.

    Attributes:
        name: its name, in the inventory too.
        role: what it is.
        mgmt_ipv4: its address in the management network, if the file gives one.
        exec_lines: the commands that set it up, as argument lists.
        binds: path inside the node -> file on the machine.
    """

    name: Hostname
    role: Role
    mgmt_ipv4: IPv4Address | None = None
    exec_lines: tuple[tuple[str, ...], ...] = ()
    binds: Mapping[str, Path] = {}


class Endpoint(Model):
    """One end of a link."""

    node: Hostname
    interface: InterfaceName

    def __str__(self) -> str:
        return f"{self.node}:{self.interface}"


class Link(Model):
    """A cable between two nodes."""

    a: Endpoint
    b: Endpoint


class Topology(Model):
    """A network of nodes and links.

    Attributes:
        name: the lab's name.
        management: the management network.
        nodes: name -> node, in the file's order.
        links: the cables, in the file's order.
    """

    name: Hostname
    management: IPv4Network
    nodes: Mapping[Hostname, Node]
    links: tuple[Link, ...]

    def with_role(self, role: Role) -> tuple[Node, ...]:
        """The nodes of one role, in the file's order."""
        return tuple(node for node in self.nodes.values() if node.role is role)

    @property
    def manager(self) -> Node:
        """The node from which connections to the routers start."""
        return self.with_role(Role.MANAGER)[0]


class _Foreign(BaseModel):
    """A part of the file in which Containerlab knows more fields than we do."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Settings(_Foreign):
    kind: str | None = None
    group: str | None = None
    mgmt_ipv4: Annotated[IPv4Address | None, Field(alias="mgmt-ipv4")] = None
    exec_lines: Annotated[tuple[str, ...], Field(alias="exec")] = ()
    binds: tuple[str, ...] = ()

    def over(self, base: "_Settings") -> "_Settings":
        """These settings on top of inherited ones: values replace, lists are joined."""
        return _Settings.model_validate(
            {
                "kind": self.kind or base.kind,
                "group": self.group or base.group,
                "mgmt-ipv4": self.mgmt_ipv4 or base.mgmt_ipv4,
                "exec": base.exec_lines + self.exec_lines,
                "binds": base.binds + self.binds,
            }
        )


_EndpointText = Annotated[str, StringConstraints(pattern=r"^[^:\s]+:[A-Za-z][A-Za-z0-9_.-]{0,14}$")]


class _Link(_Foreign):
    endpoints: tuple[_EndpointText, _EndpointText]
    type: Literal["veth"] = "veth"


class _Nodes(_Foreign):
    nodes: dict[Hostname, _Settings | None]
    links: tuple[_Link, ...] = ()
    groups: dict[str, _Settings] = {}
    kinds: dict[str, _Settings] = {}
    defaults: _Settings = _Settings()


class _Management(_Foreign):
    ipv4_subnet: Annotated[IPv4Network, Field(alias="ipv4-subnet")] = IPv4Network("172.20.20.0/24")


class _File(_Foreign):
    name: Hostname
    mgmt: _Management = _Management()
    topology: _Nodes


def read_topology(path: Path) -> Topology:
    """Read a topology file.

    Raises:
        InputError: the file is missing, is not YAML, or is not a network that this lab can run;
            the message gives line and column.
    """
    try:
        document = read_yaml(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InputError(
            f"{path}: {reason}; `lab.topology` in the configuration names this file"
        ) from error
    return _Reader(document, validated(_File, document.value, document), path.parent).topology()


class _Reader:
    """From the file's content to a topology."""

    def __init__(self, document: YamlDocument, file: _File, folder: Path) -> None:
        self.document = document
        self.file = file
        self.folder = folder

    def topology(self) -> Topology:
        nodes = {name: self._node(name) for name in self.file.topology.nodes}
        managers = [node.name for node in nodes.values() if node.role is Role.MANAGER]
        if len(managers) != 1:
            raise self._fault(
                ("topology", "nodes"),
                f"{len(managers)} nodes have `group: manager`; exactly one must, since "
                "connections to the routers start there",
            )
        return Topology(
            name=self.file.name,
            management=self.file.mgmt.ipv4_subnet,
            nodes=self._with_management_addresses(nodes),
            links=self._links(),
        )

    def _fault(self, path: KeyPath, message: str) -> InputError:
        return input_error(self.document, [Fault(path, message)])

    def _node(self, name: str) -> Node:
        here: KeyPath = ("topology", "nodes", name)
        topology = self.file.topology
        own = topology.nodes[name] or _Settings()
        nothing = _Settings()
        group = topology.groups.get(own.group or topology.defaults.group or "", nothing)
        kind = own.kind or group.kind or topology.defaults.kind or ""
        settings = own.over(group.over(topology.kinds.get(kind, nothing).over(topology.defaults)))
        return Node(
            name=name,
            role=self._role(here, settings),
            mgmt_ipv4=settings.mgmt_ipv4,
            exec_lines=tuple(self._words(here, line) for line in settings.exec_lines),
            binds=dict(self._bind(bind, name) for bind in settings.binds),
        )

    def _role(self, here: KeyPath, settings: _Settings) -> Role:
        if settings.kind == "bridge":
            return Role.BRIDGE
        if settings.kind != "linux":
            raise self._fault(
                here, f"kind {settings.kind}: the built-in lab runs `linux` and `bridge`"
            )
        if settings.group not in (Role.ROUTER, Role.HOST, Role.MANAGER):
            raise self._fault(here, f"group {settings.group}: write `router`, `host` or `manager`")
        return Role(settings.group)

    def _words(self, here: KeyPath, line: str) -> tuple[str, ...]:
        try:
            return tuple(shlex.split(line))
        except ValueError as error:
            raise self._fault((*here, "exec"), f"{line!r}: {error}; mend the quotes") from None

    def _bind(self, bind: str, node: str) -> tuple[str, Path]:
        """Split ``source:target[:options]``; a relative source starts at the file's folder."""
        source, _, rest = bind.replace("__clabNodeName__", node).partition(":")
        return rest.partition(":")[0], (self.folder / source).resolve()

    def _links(self) -> tuple[Link, ...]:
        links: list[Link] = []
        used: set[Endpoint] = set()
        for number, link in enumerate(self.file.topology.links):
            here: KeyPath = ("topology", "links", number)
            a, b = (self._endpoint(here, text) for text in link.endpoints)
            for end in (a, b):
                if end in used:
                    raise self._fault(
                        here, f"another link ends at {end}; give one another interface"
                    )
                used.add(end)
            links.append(Link(a=a, b=b))
        return tuple(links)

    def _endpoint(self, here: KeyPath, text: str) -> Endpoint:
        node, _, interface = text.partition(":")
        if node not in self.file.topology.nodes:
            raise self._fault(here, f"{text}: there is no node {node}; add it under topology.nodes")
        if interface == MANAGEMENT_INTERFACE:
            raise self._fault(here, f"{text}: eth0 is the management interface; use another")
        return Endpoint(node=node, interface=interface)

    def _with_management_addresses(self, nodes: Mapping[str, Node]) -> dict[str, Node]:
        """Give each node without a management address the next free one, as Containerlab does.

        The subnet's first address is the bridge's own.
        """
        subnet = self.file.mgmt.ipv4_subnet
        given: dict[IPv4Address, str] = {}
        for name, node in nodes.items():
            address = node.mgmt_ipv4
            if address is None:
                continue
            here: KeyPath = ("topology", "nodes", name, "mgmt-ipv4")
            if address not in subnet:
                raise self._fault(here, f"{address} is not in the management network {subnet}")
            if address in given:
                raise self._fault(here, f"{address} is {given[address]}'s too; change one")
            given[address] = name
        free = (address for address in islice(subnet.hosts(), 1, None) if address not in given)
        return {name: self._addressed(node, free) for name, node in nodes.items()}

    def _addressed(self, node: Node, free: Iterator[IPv4Address]) -> Node:
        if node.mgmt_ipv4 is not None or node.role is Role.BRIDGE:
            return node
        address = next(free, None)
        if address is None:
            raise self._fault(("mgmt", "ipv4-subnet"), f"no address left for {node.name}")
        return node.model_copy(update={"mgmt_ipv4": address})
