"""The networks that connect routers, as their interfaces' addresses tell them."""

from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import NamedTuple

from nornir_bgp.models.routing import Router


class Attachment(NamedTuple):
    """An interface on a network.

    Attributes:
        router: the router's name.
        interface: the interface's name.
        address: its address.
        cost: OSPF's; ``None``: it does not run there.
        passive: OSPF announces the network, and has no neighbour on it.
    """

    router: str
    interface: str
    address: str
    cost: int | None
    passive: bool = False


class Segment(NamedTuple):
    """A network and the interfaces on it: a link, a LAN, or a loopback."""

    network: IPv4Network
    attachments: tuple[Attachment, ...]


def ipv4(address: str) -> IPv4Address | None:
    """Read an address; ``None``: it is none of IPv4, and on no network that is modelled."""
    try:
        return IPv4Address(address)
    except AddressValueError:
        return None


def find_segments(routers: Mapping[str, Router]) -> tuple[Segment, ...]:
    """Find the networks that connect routers, in inventory order.

    Interfaces whose networks are equal are on one network, unless they have the same address: then
    they are copies of each other (an anycast address), each on a network of its own.
    """
    found: dict[IPv4Network, list[Attachment]] = {}
    for router in routers.values():
        for interface in router.interfaces:
            address = interface.address
            found.setdefault(address.network, []).append(
                Attachment(
                    router.name,
                    interface.name,
                    str(address.ip),
                    interface.ospf_cost,
                    interface.passive,
                )
            )
    segments = []
    for network, attachments in found.items():
        addresses = [attachment.address for attachment in attachments]
        shared = tuple(one for one in attachments if addresses.count(one.address) == 1)
        if shared:
            segments.append(Segment(network, shared))
        copies = (one for one in attachments if addresses.count(one.address) > 1)
        segments.extend(Segment(network, (one,)) for one in copies)
    return tuple(segments)
