"""Whose is a section of a running configuration: the rendered device's, the automation's, or not.

*Managed* is what a rendered configuration speaks about: the interfaces that it names, BGP, OSPF
where it has that, the route-maps and lists that it or the policy names, and the static routes to
the prefixes that it names. Those policies and routes become exactly as rendered; of the lines
inside interfaces, BGP and OSPF, :mod:`nornir_bgp.frr.managed_lines` says whose they are.

*The automation's* are the override lists, and the clauses of the LOCAL_PREF map within its range
that are not the template's. A deploy never touches them.

Everything else is *unmanaged*, and a replacing deploy removes it, with two exceptions that are
*kept*: the router's own basics, and what may carry the manager's SSH session. The latter are the
interface that holds the address which the manager connects to, default routes, and static routes
by that interface or by a next hop in its networks. Where that address is not known, is a
loopback's, or no interface of FRR holds it, any interface and any static route may carry the
session, and all of them are kept.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface

from nornir_bgp.frr.driver import CLAUSE
from nornir_bgp.models.fields import IPAddress, IPInterface
from nornir_bgp.models.settings import Policy

_BASICS = re.compile(
    r"^(no )?(frr|log|service|hostname|domainname|ip forwarding|ipv6 forwarding|password|enable|"
    r"line|banner|vrf|agentx)\b"
)
OSPF = "router ospf"
_BGP = re.compile(r"^router bgp \d+$")
_LIST = re.compile(
    r"^((?:ip|ipv6) prefix-list|bgp as-path access-list|bgp community-list) "
    r"(?:(?:standard|expanded) )?(\S+) "
)
_PREFIX_LIST = re.compile(r"^(?:ip|ipv6) prefix-list (\S+) ")
_INTERFACE = re.compile(r"^interface (\S+)")
_ADDRESS = re.compile(r"^(?:ip|ipv6) address (\S+)")
_STATIC = re.compile(r"^(?:ip|ipv6) route (\S+) (\S+)")
IPV6_OFFSET = 1
"""The template writes the first clause for IPv4 and the one that many numbers later for IPv6; both
go when it no longer writes them."""

_DEFAULT_ROUTES = frozenset({"0.0.0.0/0", "::/0"})


class Owner(Enum):
    """Who decides about a section that the rendered configuration does not hold."""

    MANAGED = auto()
    AUTOMATION = auto()
    UNMANAGED = auto()
    KEPT = auto()


def is_override(header: str, policy: Policy) -> bool:
    """Say whether a line belongs to a list whose name is the automation's."""
    found = _PREFIX_LIST.match(header)
    return found is not None and found[1].startswith(policy.prefix_list)


def address_of(line: str) -> IPInterface | None:
    """Return the address that an interface's line gives it, if it does."""
    found = _ADDRESS.match(line)
    return ip_interface(found[1]) if found else None


@dataclass(frozen=True)
class Session:
    """What the running configuration says about the manager's way to the router.

    Attributes:
        interface: the header of the interface that holds the session's address in a network
            that it shares with others; ``None``: there is no such interface.
        addresses: the addresses of that interface.
    """

    interface: str | None
    addresses: tuple[IPv4Interface | IPv6Interface, ...]

    @classmethod
    def of(
        cls, interfaces: Iterable[tuple[str, Iterable[str]]], address: IPAddress | None
    ) -> "Session":
        """Find the interface of an address.

        Args:
            interfaces: the header and the lines of each interface.
            address: what the manager connects to; ``None``: not known.
        """
        for header, lines in interfaces:
            found = tuple(a for line in lines if (a := address_of(line)) is not None)
            if any(a.ip == address and a.network.num_addresses > 1 for a in found):
                return cls(header, found)
        return cls(None, ())

    def may_need(self, header: str) -> bool:
        """Say whether removing a section might cut the session."""
        route = _STATIC.match(header)
        if _INTERFACE.match(header):
            return self.interface is None or header == self.interface
        if route is None:
            return False
        if self.interface is None or route[1] in _DEFAULT_ROUTES:
            return True
        name = self.interface.removeprefix("interface ")
        return name in header.split()[3:] or self._reaches(route[2])

    def _reaches(self, next_hop: str) -> bool:
        try:
            address = ip_address(next_hop)
        except ValueError:  # an interface, blackhole, Null0
            return False
        return any(address in a.network for a in self.addresses)


@dataclass(frozen=True)
class Ownership:
    """Decides about the sections at the top of a running configuration.

    Attributes:
        rendered: the headers of the rendered configuration.
        policy: the names of the policy objects.
        session: the manager's way to the router.
    """

    rendered: Collection[str]
    policy: Policy
    session: Session

    @cached_property
    def maps(self) -> frozenset[str]:
        """The names of the managed route-maps."""
        named = {found[1] for line in self.rendered if (found := CLAUSE.match(line))}
        return frozenset(named | {self.policy.route_map, self.policy.export_map})

    @cached_property
    def lists(self) -> frozenset[tuple[str, str]]:
        """The managed lists: kind (``ip prefix-list`` …) and name."""
        named = {(m[1], m[2]) for line in self.rendered if (m := _LIST.match(line))}
        exported = {(f"{ip} prefix-list", self.policy.export_list) for ip in ("ip", "ipv6")}
        return frozenset(named | exported)

    @cached_property
    def runs_ospf(self) -> bool:
        """The rendered configuration has OSPF."""
        return OSPF in self.rendered

    @cached_property
    def _destinations(self) -> frozenset[str]:
        return frozenset(m[1] for line in self.rendered if (m := _STATIC.match(line)))

    def owner(self, header: str) -> Owner:
        """Return who decides about a section that is not among the rendered ones."""
        if is_override(header, self.policy) or self._is_automation_clause(header):
            return Owner.AUTOMATION
        if self._is_managed(header):
            return Owner.MANAGED
        if _BASICS.match(header) or self.session.may_need(header):
            return Owner.KEPT
        return Owner.UNMANAGED

    def _is_automation_clause(self, header: str) -> bool:
        clause = CLAUSE.match(header)
        if clause is None or clause[1] != self.policy.route_map:
            return False
        number = int(clause[3])
        own = {self.policy.first_clause, self.policy.first_clause + IPV6_OFFSET}
        own |= {
            int(c[3]) for line in self.rendered if (c := CLAUSE.match(line)) and c[1] == clause[1]
        }
        return self.policy.first_clause <= number < self.policy.last_clause and number not in own

    def _is_managed(self, header: str) -> bool:
        if _BGP.match(header):
            return True
        if clause := CLAUSE.match(header):
            return clause[1] in self.maps
        if found := _LIST.match(header):
            return (found[1], found[2]) in self.lists
        route = _STATIC.match(header)
        return route is not None and route[1] in self._destinations
