"""The topology file, the inventory and the predictions of a generated network.

    loopbacks       192.168.1.n customers, .2.n upstreams, .3.n edge routers, .4.n gateways
    links           10.0.0.0/31 and on, in the order of the topology file; fd00:ff:<link>::/64
    core LAN        172.16.0.n edge routers, 172.16.1.n gateways, 172.16.3.254 the manager, /22;
                    fd00:16::n edge routers, fd00:16::1:n gateways, /64
    customers       100.64.n.0/24, fd01:n::/48
    destinations    in 10.128.0.0/9 and fd80::/16

Every address is private or shared, and exists in the lab only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from nornir_bgp.lab.generated import LONGEST, Drawn, Size
from nornir_bgp.models.fields import family_of

Data = dict[str, object]
"""A mapping of a YAML file."""

_OUR_AS = 65020
_FAR_AS = 64512
_FAR = "FAR"
_FAR_CLAUSES = ((10, 4, "prefix_list"), (11, 6, "ipv6_prefix_list"))
_TO_CUSTOMER = "TO_CUSTOMER"
_MANAGEMENT = IPv4Address("172.20.20.0")
_LINKS = IPv4Address("10.0.0.0")
_TIMERS: Mapping[str, int] = {"keepalive": 10, "hold": 30, "connect": 5}


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of router: its group in the inventory, its ASes, its loopbacks, its LAN."""

    group: str
    loopbacks: int
    as_numbers: int | None = None
    lan: int | None = None


_KINDS: Mapping[str, _Kind] = {
    "CE": _Kind("customer", 1, as_numbers=65100),
    "PE": _Kind("edge", 3, lan=0),
    "GW": _Kind("gateway", 4, lan=1),
    "UP": _Kind("upstream", 2, as_numbers=64600),
}


@dataclass(frozen=True, slots=True)
class Documents:
    """What is written down of a network, each as the content of its YAML or JSON file.

    Attributes:
        topology: ``lab/network.clab.yaml``.
        hosts: ``inventory/hosts.yaml``.
        groups: ``inventory/groups.yaml``.
        predictions: customer -> prefix -> load.
    """

    topology: Data
    hosts: Data
    groups: Data
    predictions: Mapping[str, Mapping[str, int]]


def documents(drawn: Drawn, *, name: str, node_groups: Mapping[str, object]) -> Documents:
    """Write down a network.

    Args:
        drawn: the network.
        name: the lab's.
        node_groups: the groups of the topology file: the images of a router, a host and the
            manager, and the files that a router binds.
    """
    size = drawn.size
    network = _Network(size)
    for customer in range(1, size.customers + 1):
        for edge in range(1, size.edges + 1):
            network.cable(network[f"PE{edge}"], network[f"CE{customer}"])
    for number in range(1, size.gateways + 1):
        says: Data = {"use_localpref_map": True}
        if size.capacities:
            says["capacity"] = size.capacities[(number - 1) % len(size.capacities)]
        network.cable(network[f"GW{number}"], network[f"UP{number}"], exit_says=says)
    network.join_lan()
    for number in range(1, size.customers + 1):
        network.host(number)
    _announce(network, drawn)
    return Documents(
        topology=network.topology(name, node_groups),
        hosts={router.name: router.host() for router in network.routers.values()},
        groups=_groups(size),
        predictions=drawn.predictions,
    )


@dataclass
class _Router:
    """A router, while it is being made."""

    name: str
    kind: _Kind
    number: int
    management: IPv4Address
    interfaces: list[Data] = field(default_factory=list)
    neighbors: list[Data] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)
    policies: Data = field(default_factory=dict)

    @property
    def as_number(self) -> int:
        """Its AS."""
        return _OUR_AS if self.kind.as_numbers is None else self.kind.as_numbers + self.number

    @property
    def router_id(self) -> str:
        """Its loopback."""
        return f"192.168.{self.kind.loopbacks}.{self.number}"

    @property
    def lan_address(self) -> str:
        """Its address on the core LAN."""
        return f"172.16.{self.kind.lan}.{self.number}"

    @property
    def lan_address_ipv6(self) -> str:
        """Likewise in IPv6."""
        return f"fd00:16::1:{self.number:x}" if self.kind.lan else f"fd00:16::{self.number:x}"

    def interface(self, ipv4: str, ipv6: str | None) -> str:
        """Give it one more interface, and return the name."""
        name = f"eth{len(self.interfaces) + 1}"
        own: Data = {"name": name, "ipv4_address": ipv4}
        self.interfaces.append(own if ipv6 is None else {**own, "ipv6_address": ipv6})
        return name

    def host(self) -> Data:
        """Its entry in the inventory."""
        loopback: Data = {"name": "lo0", "ipv4_address": f"{self.router_id}/32"}
        return {
            "hostname": str(self.management) if self.kind.lan is None else self.lan_address,
            "groups": [self.kind.group],
            "data": {
                "interfaces": [loopback, *self.interfaces],
                **self.policies,
                "bgp": {
                    "as_number": self.as_number,
                    "router_id": self.router_id,
                    "neighbors": self.neighbors,
                    **({"networks": " ".join(self.networks)} if self.networks else {}),
                },
            },
        }


class _Network:
    """All routers and cables, while they are being made."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.routers: dict[str, _Router] = {}
        self.links: list[tuple[str, str]] = []
        self.nodes: Data = {}
        counts = {"CE": size.customers, "PE": size.edges, "GW": size.gateways, "UP": size.gateways}
        for short, count in counts.items():
            for number in range(1, count + 1):
                name = f"{short}{number}"
                management = self._node(name, "router")
                self.routers[name] = _Router(name, _KINDS[short], number, management)

    def __getitem__(self, name: str) -> _Router:
        return self.routers[name]

    def _node(self, name: str, group: str, exec_lines: Iterable[str] = ()) -> IPv4Address:
        address = _MANAGEMENT + len(self.nodes) + 11
        node: Data = {"kind": "linux", "group": group, "mgmt-ipv4": str(address)}
        lines = list(exec_lines)
        self.nodes[name] = {**node, "exec": lines} if lines else node
        return address

    def cable(self, ours: _Router, other: _Router, *, exit_says: Data | None = None) -> None:
        """Lay a link of our AS to another, with a session for each family.

        Args:
            ours: our router.
            other: the other.
            exit_says: what our sessions say beyond their peer; the capacity stands at one.
        """
        number = len(self.links) + 1
        pairs = [(str(_LINKS + 2 * number - 2), str(_LINKS + 2 * number - 1))]
        if self.size.ipv6:
            pairs.append((f"fd00:ff:{number:x}::1", f"fd00:ff:{number:x}::2"))
        ends = [
            router.interface(f"{pairs[0][end]}/31", f"{pairs[1][end]}/64" if pairs[1:] else None)
            for end, router in enumerate((ours, other))
        ]
        self.links.append((f"{ours.name}:{ends[0]}", f"{other.name}:{ends[1]}"))
        says = dict(exit_says or {})
        for here, there in pairs:
            for router, peer, as_number, more in (
                (ours, there, other.as_number, says),
                (other, here, ours.as_number, {}),
            ):
                timers = dict(_TIMERS)
                own: Data = {"ip": peer, "remote_as": as_number, **more, "timers": timers}
                router.neighbors.append(own)
            says.pop("capacity", None)

    def join_lan(self) -> None:
        """Put our routers and the manager on the core LAN, and our routers into a full mesh."""
        members = [router for router in self.routers.values() if router.kind.lan is not None]
        for router in members:
            ipv6 = f"{router.lan_address_ipv6}/64" if self.size.ipv6 else None
            interface = router.interface(f"{router.lan_address}/22", ipv6)
            self.links.append((f"{router.name}:{interface}", f"br-core:{router.name.lower()}"))
            others = [other for other in members if other is not router]
            meshes = {"IBGP": [other.lan_address for other in others]}
            if self.size.ipv6:
                meshes["IBGP6"] = [other.lan_address_ipv6 for other in others]
            router.neighbors.extend(
                {
                    "is_group": True,
                    "group_name": group,
                    "remote_as": _OUR_AS,
                    "next_hop_self": True,
                    "group_members": addresses,
                }
                for group, addresses in meshes.items()
            )
        lines = (
            "ip address add 172.16.3.254/22 dev eth1",
            "ip route replace default via 172.16.1.1",
        )
        self._node("manager", "manager", lines)
        self.nodes["br-core"] = {"kind": "bridge"}
        self.links.append(("manager:eth1", "br-core:manager"))

    def host(self, number: int) -> None:
        """Put a host behind a customer, which announces the host's network."""
        customer = self.routers[f"CE{number}"]
        networks = _customer_networks(number, ipv6=self.size.ipv6)
        firsts = [f"{_first(network)}/{length}" for network, length in networks]
        interface = customer.interface(firsts[0], firsts[1] if firsts[1:] else None)
        customer.networks.extend(f"{network}/{length}" for network, length in networks)
        lines = [f"ip address add 100.64.{number}.254/24 dev eth1"]
        lines.append(f"ip route replace default via 100.64.{number}.1")
        if self.size.ipv6:
            lines.append(f"ip address add fd01:{number:x}::fe/48 dev eth1 nodad")
            lines.append(f"ip route replace default via fd01:{number:x}::1")
        self._node(f"Customer{number}", "host", lines)
        self.links.append((f"CE{number}:{interface}", f"Customer{number}:eth1"))

    def topology(self, name: str, node_groups: Mapping[str, object]) -> Data:
        """The topology file."""
        return {
            "name": name,
            "mgmt": {"network": f"{name}-mgmt", "ipv4-subnet": f"{_MANAGEMENT}/24"},
            "topology": {
                "groups": dict(node_groups),
                "nodes": self.nodes,
                "links": [{"endpoints": list(ends)} for ends in self.links],
            },
        }


def _customer_networks(number: int, *, ipv6: bool) -> list[tuple[str, int]]:
    """The networks of a customer: address and length."""
    found = [(f"100.64.{number}.0", 24)]
    return [*found, (f"fd01:{number:x}::", 48)] if ipv6 else found


def _first(network: str) -> str:
    """The first host's address."""
    return f"{network}1" if ":" in network else f"{network[:-1]}1"


def _announce(network: _Network, drawn: Drawn) -> None:
    """Let each upstream announce what its gateway reaches, some of it as from one AS further."""
    for number, far in enumerate(drawn.far):
        upstream = network[f"UP{number + 1}"]
        upstream.networks.extend(p for p, reach in drawn.reach.items() if number in reach)
        clauses: list[Data] = []
        for number_of_clause, version, kind in _FAR_CLAUSES:
            regions = [region for region in far if family_of(region) == version]
            if regions:
                rules = [{"permit": region, "le": LONGEST[version]} for region in regions]
                upstream.policies[f"{kind}s"] = {_FAR: rules}
                changes = {"prepend": [_FAR_AS]}
                clauses.append({"permit": number_of_clause, "match": {kind: _FAR}, "set": changes})
        upstream.policies["route_maps"] = {_TO_CUSTOMER: [*clauses, {"permit": 999}]}
        for session in upstream.neighbors:
            session["route_map_out"] = _TO_CUSTOMER


def _groups(size: Size) -> Data:
    exported = [
        f"{network}/{length}"
        for number in range(1, size.customers + 1)
        for network, length in _customer_networks(number, ipv6=size.ipv6)
    ]
    gateway = {"setup_bgp_localpref_map": True, "export_prefixes": exported}
    groups: Data = {kind.group: {} for kind in _KINDS.values()}
    return {**groups, "gateway": {"data": gateway}}
