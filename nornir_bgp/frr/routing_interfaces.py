"""Interfaces, OSPF's costs, and static routes of a configuration (IPv4, default VRF).

Only what the configuration says is read. An address that the kernel was given by other means does
not stand in it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Interface, IPv4Network

from nornir_bgp.frr.identifier import parse_identifier
from nornir_bgp.frr.running_config import Sections
from nornir_bgp.models.prefix_rules import without_host_bits
from nornir_bgp.models.routing import RouterInterface, StaticRoute

_REFERENCE_BANDWIDTH = 100_000
"""Mbit/s; OSPF's cost is this by the interface's (``auto-cost reference-bandwidth``)."""
_DEFAULT_BANDWIDTH = 10_000
"""Mbit/s; what OSPF takes an interface for that has neither ``bandwidth`` nor a speed. The kernel
gives a veth this same speed, so its cost is 10. A bridge without members, of which the kernel knows
no speed, costs 1; its configuration does not show that, and here it is 10: say ``ip ospf cost``."""
_LARGEST_COST = 65535

LOOPBACK = "lo"
"""The kernel's loopback interface, which OSPF counts as 0; others are so by name only."""

_INTERFACE = re.compile(r"interface (\S+)")
_ADDRESS = re.compile(r"ip address (\d+\.\d+\.\d+\.\d+/\d+)(?: label \S+)?")
_COST = re.compile(r"ip ospf cost (\d+)(?: \d+\.\d+\.\d+\.\d+)?")
_AREA = re.compile(r"ip ospf area (\S+)(?: \d+\.\d+\.\d+\.\d+)?")
_PASSIVE = re.compile(r"(no )?ip ospf passive(?: \d+\.\d+\.\d+\.\d+)?")
_BANDWIDTH = re.compile(r"bandwidth (\d+)")
_NO_CHANGE = re.compile(
    r"ip ospf (?:hello-interval|dead-interval|authentication|authentication-key|priority|network|"
    r"message-digest-key|retransmit-interval|transmit-delay|bfd|mtu-ignore)(?: .*)?|"
    r"ip ospf mtu-ignore|ip (?:pim|igmp|mroute).*"
)


_OSPF = "router ospf"
_NETWORK = re.compile(r"network (\d+\.\d+\.\d+\.\d+/\d+) area (\S+)")
_REFERENCE = re.compile(r"auto-cost reference-bandwidth (\d+)")
_PASSIVE_INTERFACE = re.compile(r"(no )?passive-interface (\S+)(?: \d+\.\d+\.\d+\.\d+)?")
_OSPF_NO_CHANGE = re.compile(
    r"ospf (?:router-id|write-multiplier|opaque-lsa).*|capability opaque|"
    r"(?:no )?log-adjacency-changes.*|(?:timers|refresh) .*|compatible rfc1583|"
    r"area \S+ authentication.*|(?:no )?proactive-arp|(?:no )?ospf send-extra-data zebra"
)

_STATIC = re.compile(r"ip route (\S+) (\S+)((?: .+)?)")
_STATIC_NO_CHANGE = re.compile(r"(?: tag \d+| onlink| label \S+| color \d+| [A-Za-z]\S*)*")
_OTHER_TABLE = re.compile(r".* (?:vrf|nexthop-vrf|table|segments) .*")


@dataclass
class Forwarding:
    """How a router reaches what is near to it.

    Attributes:
        interfaces: the interfaces that have an address and are up.
        static_routes: the static routes; a distance of their own is not modelled.
        not_modelled: the lines that the model does not know, with their section.
    """

    interfaces: tuple[RouterInterface, ...] = ()
    static_routes: tuple[StaticRoute, ...] = ()
    not_modelled: list[str] = field(default_factory=list)


def forwarding_of(config: Sections) -> Forwarding:
    """Read interfaces, OSPF and static routes.

    Args:
        config: the configuration, taken apart.
    """
    found = Forwarding()
    ospf = _Ospf.of(config.get(_OSPF), found.not_modelled)
    found.interfaces = tuple(
        sorted(_interfaces(config, ospf, found.not_modelled), key=lambda i: (i.name, i.address))
    )
    found.static_routes = tuple(sorted(_static_routes(config.get("", ()), found.not_modelled)))
    areas = sorted(ospf.areas)
    if len(areas) > 1:
        found.not_modelled.append(f"{_OSPF}: areas {', '.join(areas)}")
    return found


@dataclass
class _Ospf:
    """What stands under ``router ospf``, and the areas that stand under interfaces."""

    runs: bool = False
    reference: int = _REFERENCE_BANDWIDTH
    networks: list[IPv4Network] = field(default_factory=list)
    areas: set[str] = field(default_factory=set)
    passive: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[str] | None, not_modelled: list[str]) -> "_Ospf":
        ospf = cls(runs=lines is not None)
        for line in lines or ():
            network = _NETWORK.fullmatch(line)
            block = network and _block(network[1])
            if network and block:
                ospf.networks.append(block.network)
                ospf.areas.add(_area(network[2]))
            elif reference := _REFERENCE.fullmatch(line):
                ospf.reference = int(reference[1])
            elif passive := _PASSIVE_INTERFACE.fullmatch(line):
                ospf.passive[passive[2]] = passive[1] is None
            elif not _OSPF_NO_CHANGE.fullmatch(line):
                not_modelled.append(f"{_OSPF}: {line}")
        return ospf

    def is_passive(self, name: str) -> bool:
        return self.passive.get(name, self.passive.get("default", False))


def _block(text: str) -> IPv4Interface | None:
    try:
        return IPv4Interface(text)
    except ValueError:
        return None


def _area(text: str) -> str:
    """Return an area as FRR shows it, or what stands for one."""
    try:
        return parse_identifier(text)
    except ValueError:
        return text


def _interfaces(
    config: Sections, ospf: _Ospf, not_modelled: list[str]
) -> Iterator[RouterInterface]:
    for header, lines in config.items():
        match = _INTERFACE.fullmatch(header)
        if match is not None and "shutdown" not in lines:
            not_modelled.extend(f"{header}: {line}" for line in lines if not _is_known(line))
            yield from _addresses(match[1], lines, ospf)


def _addresses(name: str, lines: Iterable[str], ospf: _Ospf) -> Iterator[RouterInterface]:
    addresses: list[IPv4Interface] = []
    bandwidth, in_area, passive = _DEFAULT_BANDWIDTH, False, ospf.is_passive(name)
    said: int | None = None
    for line in lines:
        if (found := _ADDRESS.fullmatch(line)) and (address := _block(found[1])):
            addresses.append(address)
        elif expense := _COST.fullmatch(line):
            said = int(expense[1])
        elif area := _AREA.fullmatch(line):
            in_area = True
            ospf.areas.add(_area(area[1]))
        elif silent := _PASSIVE.fullmatch(line):
            passive = silent[1] is None
        elif width := _BANDWIDTH.fullmatch(line):
            bandwidth = int(width[1]) or _DEFAULT_BANDWIDTH
    by_default = max(1, min(_LARGEST_COST, int(ospf.reference / bandwidth + 0.5)))
    if name == LOOPBACK:
        by_default = 0
    for address in addresses:
        runs = ospf.runs and (in_area or any(address in network for network in ospf.networks))
        cost = (by_default if said is None else said) if runs else None
        yield RouterInterface(name, address, cost, passive=runs and passive)


def _is_known(line: str) -> bool:
    known = (_ADDRESS, _COST, _AREA, _PASSIVE, _NO_CHANGE)
    text = line.removeprefix("no ")
    return not text.startswith(("ip ", "pbr-policy ")) or any(p.fullmatch(line) for p in known)


def _static_routes(lines: Iterable[str], not_modelled: list[str]) -> Iterator[StaticRoute]:
    for line in lines:
        match = _STATIC.fullmatch(line)
        if match is None:
            if line.startswith("ip route "):
                not_modelled.append(line)
            continue
        prefix, next_hop, rest = match.groups()
        if not _STATIC_NO_CHANGE.fullmatch(rest) or _OTHER_TABLE.fullmatch(f"{rest} "):
            not_modelled.append(line)
        if _OTHER_TABLE.fullmatch(f"{rest} "):
            continue
        try:
            yield StaticRoute(without_host_bits(prefix), next_hop)
        except ValueError:
            not_modelled.append(line)
