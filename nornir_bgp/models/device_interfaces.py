"""The interfaces of a device, and how it finds its way inside the network."""

from ipaddress import ip_address, ip_network
from typing import Annotated, Self

from pydantic import Field, model_validator

from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import (
    Flag,
    InterfaceIPv4,
    InterfaceIPv6,
    InterfaceName,
    IPInterface,
    Prefix,
)
from nornir_bgp.models.policy_text import AddressOrInterface
from nornir_bgp.models.validation import misplaced

HELLO_DEFAULT = 10
"""Seconds from one hello of OSPF to the next, in FRR."""


class Ospf(Model):
    """OSPF on an interface, in area 0.

    Attributes:
        cost: what OSPF counts for sending by it; ``None``: FRR's own, from the bandwidth.
        point_to_point: there is one neighbour, and no router is elected to speak for the others.
        hello_interval: seconds from one hello to the next, the same at the other end; a neighbour
            is dead after four.
    """

    cost: Annotated[int, Field(strict=True, ge=1, le=65535)] | None = None
    point_to_point: Flag = False
    hello_interval: Annotated[int, Field(strict=True, ge=1, le=16383)] | None = None

    @property
    def spoken_hello(self) -> int | None:
        """The interval that FRR prints: one that is not its own."""
        return None if self.hello_interval == HELLO_DEFAULT else self.hello_interval


class Interface(Model):
    """One interface and its addresses with their prefix lengths.

    Attributes:
        name: as the kernel calls it.
        ipv4_address: with the length of its network.
        ipv6_address: likewise.
        ospf: OSPF runs on it; ``None``: it does not.
    """

    name: InterfaceName
    ipv4_address: InterfaceIPv4 | None = None
    ipv6_address: InterfaceIPv6 | None = None
    ospf: Ospf | None = None

    @model_validator(mode="after")
    def _ospf_has_an_address(self) -> Self:
        if self.ospf is not None and self.ipv4_address is None:
            raise misplaced(
                ("ospf",), "OSPF needs an IPv4 address; give ipv4_address, or remove it"
            )
        return self

    @property
    def addresses(self) -> tuple[IPInterface, ...]:
        """The addresses that are set, IPv4 first."""
        return tuple(a for a in (self.ipv4_address, self.ipv6_address) if a is not None)


BLACKHOLES = frozenset({"blackhole", "Null0", "reject"})
"""The words of FRR for a route that leads nowhere; no other next hop may stand beside one."""


class StaticRoute(Model):
    """A static route.

    Attributes:
        prefix: where it leads.
        next_hop: the address of the next router, an interface, or ``blackhole``.
    """

    prefix: Prefix
    next_hop: AddressOrInterface

    @model_validator(mode="after")
    def _is_of_one_family(self) -> Self:
        version = version_of(self.next_hop)
        if version not in (None, ip_network(self.prefix).version):
            raise misplaced(
                ("next_hop",), f"{self.next_hop} is not of the family of {self.prefix}; correct it"
            )
        return self


def version_of(text: str | None) -> int | None:
    """Return the family of an address; ``None``: it is an interface's name, or nothing."""
    try:
        return None if text is None else ip_address(text).version
    except ValueError:
        return None
