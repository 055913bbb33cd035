"""A dual-stack network, made from the reference one: its files, and what must be true of it.

Every link of the reference network gets IPv6 addresses and a second session, and there are
prefixes of every length that a table prints differently. CE2 stays without IPv6, and a ninth
router, CE3, has nothing but IPv6.
"""

import copy
import shutil
from pathlib import Path
from typing import Any

import yaml

from tests.lab.people import REPOSITORY, write_config

Data = dict[str, Any]

INTERNET = (
    "2001:db8:a::/48",  # fits its column
    "2001:db8:a1::/48",  # 16 characters, the last that fit
    "2001:db8:a11::/48",  # 17, the first that wrap
    "2001:db8:beef:cafe::/64",
    "fd12:3456:789a:bcde:f012:3456:789a:bc00/120",  # the longest there are
)
"""What both upstreams announce in IPv6."""

INTERNET_HOSTS = ("2001:db8:a::1", "fd12:3456:789a:bcde:f012:3456:789a:bc01")
"""A host in the first and in the last of them."""

INTERNET_IPV4 = ("198.51.100.64/26", "198.51.100.128/25")
"""What both upstreams announce in IPv4 beside the reference networks: 16 and 17 characters."""

CUSTOMERS = ("2001:db8:1::/48", "2001:db8:1:ffff:eeee::/80", "2001:db8:3::/48")
"""The customers' IPv6 prefixes that upstreams may hear of: CE1's two and CE3's."""

INTERNAL = "2001:db8:1:dead::/64"
"""CE1 announces it, and no upstream may hear of it."""

INTERNAL_IPV4 = "100.64.100.192/26"
"""Likewise in IPv4."""

CUSTOMERS_IPV4 = ("1.0.0.0/24", "2.0.0.0/24")

NOT_OURS = frozenset({*INTERNET, INTERNAL})
NOT_OURS_IPV4 = frozenset({*INTERNET_IPV4, INTERNAL_IPV4})

ROUTERS = ("CE1", "CE2", "PE1", "PE2", "GW1", "GW2", "UP1", "UP2", "CE3")
ONLY_IPV4, ONLY_IPV6 = "CE2", "CE3"

UPSTREAM_OF = {
    "GW1": ("UP1", "10.0.5.1", "2001:db8:ff:5::2"),
    "GW2": ("UP2", "10.0.6.1", "2001:db8:ff:6::2"),
}
"""Gateway -> its upstream, with the IPv4 and the IPv6 address of the session."""

CUSTOMER_HOST = "2001:db8:1::fe"
"""Customer1's IPv6 address."""

_LAN = {"PE1": 1, "PE2": 2, "GW1": 3, "GW2": 4}
_LINKS = (  # our end, our interface, the other end, its interface: as in the topology file
    ("PE1", "eth1", "CE1", "eth1"),
    ("PE2", "eth1", "CE1", "eth2"),
    ("PE1", "eth4", "CE3", "eth1"),
    ("PE2", "eth4", "CE3", "eth2"),
    ("GW1", "eth1", "UP1", "eth1"),
    ("GW2", "eth1", "UP2", "eth1"),
)


def write_network(folder: Path, only_ipv4: str | None = None) -> Path:
    """Write the network's inventory, topology and ``config.yaml``; return the last.

    Args:
        folder: where to.
        only_ipv4: one of the edge routers, which then does not speak IPv6.
    """
    for part in ("inventory", "lab", "templates"):
        shutil.copytree(REPOSITORY / part, folder / part)
    topology = folder / "lab" / "network.clab.yaml"
    hosts = folder / "inventory" / "hosts.yaml"
    topology.write_text(_dumped(_topology(yaml.safe_load(topology.read_text("utf-8")))), "utf-8")
    described = _hosts(yaml.safe_load(hosts.read_text("utf-8")))
    if only_ipv4 is not None:
        _silence({name: host["data"] for name, host in described.items()}, only_ipv4)
    hosts.write_text(_dumped(described), "utf-8")
    return write_config(folder, folder)


def _dumped(content: Data) -> str:
    return yaml.safe_dump(content, sort_keys=False)


def _topology(reference: Data) -> Data:
    content = copy.deepcopy(reference)
    content["name"] = "dual-stack"
    network = content["topology"]
    network["nodes"]["CE3"] = {"kind": "linux", "group": "router", "mgmt-ipv4": "172.20.20.13"}
    network["nodes"]["Customer1"]["exec"] += [
        f"ip address add {CUSTOMER_HOST}/64 dev eth1 nodad",
        "ip route replace default via 2001:db8:1::1",
    ]
    network["links"] += [
        {"endpoints": [f"{ours}:{interface}", f"CE3:{far}"]}
        for ours, interface, end, far in _LINKS
        if end == "CE3"
    ]
    return content


def _hosts(reference: Data) -> Data:
    hosts = copy.deepcopy(reference)
    hosts["CE3"] = {
        "hostname": "172.20.20.13",
        "groups": ["customer"],
        "data": {
            "interfaces": [{"name": "lo0", "ipv6_address": "2001:db8:3::1/64"}],
            "bgp": {"as_number": 65003, "router_id": "192.168.6.1", "neighbors": []},
        },
    }
    data = {name: host["data"] for name, host in hosts.items()}
    for number, link in enumerate(_LINKS, start=1):
        _connect(data, number, *link)
    for router, number in _LAN.items():
        _join_lan(data[router], number)
    _announce(data)
    for gateway in UPSTREAM_OF:
        data[gateway]["export_prefixes"] = [*CUSTOMERS_IPV4, *CUSTOMERS]
    return hosts


def _connect(
    data: dict[str, Data], number: int, ours: str, interface: str, end: str, far: str
) -> None:
    """Give a link IPv6 addresses and a session, with all that its IPv4 session has."""
    addresses = [f"2001:db8:ff:{number}::{host}" for host in (1, 2)]
    as_numbers = [data[end]["bgp"]["as_number"], data[ours]["bgp"]["as_number"]]
    ends = ((ours, interface), (end, far))
    for (router, name), address, peer, remote_as in zip(
        ends, addresses, reversed(addresses), as_numbers, strict=True
    ):
        neighbors = data[router]["bgp"]["neighbors"]
        ipv4 = next((n for n in neighbors if n["remote_as"] == remote_as), {})
        neighbors.append({**copy.deepcopy(ipv4), "ip": peer, "remote_as": remote_as})
        _interface(data[router], name)["ipv6_address"] = f"{address}/64"


def _join_lan(router: Data, number: int) -> None:
    """Add the LAN's IPv6 sessions: on PE1 in the group of the IPv4 ones, else in their own."""
    group = next(n for n in router["bgp"]["neighbors"] if n.get("is_group"))
    name = next(i["name"] for i in router["interfaces"] if "172.16.0" in i.get("ipv4_address", ""))
    _interface(router, name)["ipv6_address"] = f"2001:db8:16::{number}/64"
    members = [f"2001:db8:16::{other}" for other in _LAN.values() if other != number]
    if number == _LAN["PE1"]:
        group["group_members"] += members
    else:
        router["bgp"]["neighbors"].append(
            {**group, "group_name": "IBGP6", "group_members": members}
        )


def _announce(data: dict[str, Data]) -> None:
    _interface(data["CE1"], "eth3")["ipv6_address"] = "2001:db8:1::1/64"
    data["CE1"]["bgp"]["networks"] += [*CUSTOMERS[:2], INTERNAL, INTERNAL_IPV4]
    data["CE3"]["bgp"]["networks"] = [CUSTOMERS[2]]
    for upstream in ("UP1", "UP2"):
        data[upstream]["bgp"]["networks"] += [*INTERNET_IPV4, *INTERNET]
        for name, host, network in zip(
            ("lo1", "lo2"), INTERNET_HOSTS, (INTERNET[0], INTERNET[-1]), strict=True
        ):
            length = network.partition("/")[2]
            _interface(data[upstream], name)["ipv6_address"] = f"{host}/{length}"


def _silence(data: dict[str, Data], router: str) -> None:
    """Take IPv6 from a router, and its IPv6 sessions from the others."""
    own = {
        str(interface.pop("ipv6_address")).partition("/")[0]
        for interface in data[router]["interfaces"]
        if "ipv6_address" in interface
    }
    for name, other in data.items():
        kept = []
        for neighbor in other["bgp"]["neighbors"]:
            peers = neighbor.get("group_members") or [neighbor["ip"]]
            left = [p for p in peers if p not in own and not (name == router and ":" in p)]
            if left:
                kept.append({**neighbor, "group_members": left} if len(peers) > 1 else neighbor)
        other["bgp"]["neighbors"] = kept


def _interface(router: Data, name: str) -> Data:
    """The interface of a name, made where there is none."""
    interfaces: list[Data] = router["interfaces"]
    for interface in interfaces:
        if interface["name"] == name:
            return interface
    interfaces.append({"name": name})
    return interfaces[-1]
