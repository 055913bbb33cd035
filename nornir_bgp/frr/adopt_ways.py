"""From the interfaces, OSPF and static routes of a running configuration to the device model.

OSPF is taken as a whole or not at all: in another area, or by ``network`` statements, it stays its
owner's. So are the routes to a prefix.
"""

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Interface, IPv6Interface

from pydantic import TypeAdapter

from nornir_bgp.frr.adopt_sessions import taken
from nornir_bgp.frr.running_config import Sections, first
from nornir_bgp.models.device_interfaces import BLACKHOLES, Interface, Ospf, StaticRoute
from nornir_bgp.models.fields import InterfaceIPv4, InterfaceIPv6, InterfaceName

_INTERFACE = re.compile(r"interface (.+)")
_IPV4 = re.compile(r"ip address (\S+)")
_IPV6 = re.compile(r"ipv6 address (\S+)")
_OSPF_LINE = re.compile(r"ip ospf (area|cost|dead-interval|hello-interval|network) (\S+)")
_STATIC = re.compile(r"(?:ip|ipv6) route (\S+) (.+)")

_INTERFACE_NAME: TypeAdapter[str] = TypeAdapter(InterfaceName)
_INTERFACE_IPV4: TypeAdapter[IPv4Interface] = TypeAdapter(InterfaceIPv4)
_INTERFACE_IPV6: TypeAdapter[IPv6Interface] = TypeAdapter(InterfaceIPv6)
_OSPF = TypeAdapter(Ospf)
_ROUTE = TypeAdapter(StaticRoute)


def interfaces_of(config: Sections, router_id: str) -> tuple[Interface, ...]:
    """Take the interfaces that carry addresses; of several of one family, the first.

    Args:
        config: a running configuration.
        router_id: BGP's, which OSPF has, too, where it is taken.
    """
    found = {header: taken_ for header in config[""] if (taken_ := _interface(config, header))}
    ospf = _ospf(config, router_id, found.keys())
    return tuple(i.model_copy(update={"ospf": ospf.get(header)}) for header, i in found.items())


def _interface(config: Sections, header: str) -> Interface | None:
    match = _INTERFACE.fullmatch(header)
    name = taken(_INTERFACE_NAME, match[1]) if match else None
    if name is None:
        return None
    ipv4 = [taken(_INTERFACE_IPV4, m[1]) for line in config[header] if (m := _IPV4.match(line))]
    ipv6 = [taken(_INTERFACE_IPV6, m[1]) for line in config[header] if (m := _IPV6.match(line))]
    interface = Interface(
        name=name,
        ipv4_address=next(filter(None, ipv4), None),
        ipv6_address=next(filter(None, ipv6), None),
    )
    return interface if interface.addresses else None


def _ospf(config: Sections, router_id: str, addressed: Iterable[str]) -> dict[str, Ospf]:
    """Return what OSPF does on each interface; nothing, where the model cannot say it all."""
    process = config.get("router ospf", ())
    if f"ospf router-id {router_id}" not in process or first(re.compile("network (.+)"), process):
        return {}
    found: dict[str, Ospf] = {}
    for header in config[""]:
        lines = (_OSPF_LINE.fullmatch(line) for line in config.get(header, ()))
        said = {m[1]: m[2] for m in lines if m}
        if header.startswith("interface ") and said:
            ospf = _on_interface(said)
            if ospf is None or header not in addressed or not _has_ipv4(config, header):
                return {}
            found[header] = ospf
    return found


def _has_ipv4(config: Sections, header: str) -> bool:
    return first(_IPV4, config[header]) is not None


def _on_interface(said: dict[str, str]) -> Ospf | None:
    hello, dead = said.get("hello-interval"), said.get("dead-interval")
    kind = said.get("network", "point-to-point")
    paired = (hello is None) == (dead is None)
    if said.get("area") != "0" or kind != "point-to-point" or not paired:
        return None
    numbers = [n for n in (said.get("cost"), hello, dead) if n is not None]
    if not all(map(str.isdecimal, numbers)):
        return None
    if hello is not None and dead is not None and int(dead) != 4 * int(hello):
        return None
    return taken(
        _OSPF,
        {
            "cost": None if "cost" not in said else int(said["cost"]),
            "point_to_point": "network" in said,
            "hello_interval": None if hello is None else int(hello),
        },
    )


def static_routes_of(config: Sections) -> tuple[StaticRoute, ...]:
    """Take the static routes to the prefixes that the model can say all routes to."""
    by_prefix: dict[str, list[StaticRoute | None]] = {}
    for line in config[""]:
        if match := _STATIC.fullmatch(line):
            route = taken(_ROUTE, {"prefix": match[1], "next_hop": match[2]})
            by_prefix.setdefault(match[1], []).append(route)
    return tuple(_whole(by_prefix.values()))


def _whole(routes: Iterable[list[StaticRoute | None]]) -> Iterator[StaticRoute]:
    for ways in routes:
        known = [way for way in ways if way is not None]
        nowhere = {way.next_hop in BLACKHOLES for way in known}
        if len(known) == len(ways) and len(nowhere) == 1:
            yield from known
