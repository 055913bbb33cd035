"""What a router was seen to be at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from nornir_bgp.models.fields import IPAddress, family_of
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.rib import Path, Rib


class Announced(NamedTuple):
    """A route as a router advertises it: its AS path without the router's own AS, its origin."""

    as_path: str
    origin: str


class Link(NamedTuple):
    """The interface of a gateway towards its upstream.

    Attributes:
        interface: its name.
        up: it is up, by administration and in fact.
        speed: in Mbit/s; ``None``: it has none, or does not tell it.
    """

    interface: str
    up: bool
    speed: int | None


@dataclass(frozen=True, slots=True)
class RouterState:
    """A router of ours, and what it tells others.

    Attributes:
        text: ``show ip bgp`` as it was printed, for people.
        rib: the same table from FRR's JSON.
        rib_ipv6: its IPv6 table; ``None``: it has no session of IPv6.
        advertised: what it advertises to its external neighbours whose session is established,
            of both families: neighbour -> prefix -> route.
        running_config: ``show running-config`` as it was printed; of a router that is no gateway
            it is empty where nobody asked for it.
        peer_ids: the BGP identifier of each neighbour whose session is established; likewise.
        text_ipv6: ``show bgp ipv6 unicast`` as it was printed; empty where there is none.
    """

    text: str
    rib: Rib
    advertised: Mapping[str, Mapping[str, Announced]]
    running_config: str
    peer_ids: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    rib_ipv6: Rib | None = field(default=None, kw_only=True)
    text_ipv6: str = field(default="", kw_only=True)

    @property
    def texts(self) -> str:
        """All its tables as they were printed."""
        return f"{self.text}\n\n{self.text_ipv6}" if self.text_ipv6 else self.text

    @property
    def ribs(self) -> tuple[Rib, ...]:
        """Its tables, IPv4 first."""
        return (self.rib,) if self.rib_ipv6 is None else (self.rib, self.rib_ipv6)

    def rib_of(self, text: str) -> Rib | None:
        """Return the table of the family of a prefix or an address; ``None``: it has none."""
        return self.rib_ipv6 if family_of(text) == 6 else self.rib

    def routes(self, prefix: str) -> tuple[Path, ...]:
        """Return the paths of a prefix of either family; none where it has no route."""
        rib = self.rib_of(prefix)
        return () if rib is None else tuple(rib.routes.get(prefix, ()))


@dataclass(frozen=True, slots=True)
class GatewayState(RouterState):
    """A gateway before or after a change.

    Attributes:
        established: the neighbours whose session is established, by address.
        young: the exits whose session has come up so lately that routes may still be missing:
            neighbour -> seconds since it came up. One that has sent End-of-RIB (RFC 4724, section
            2) is not among them.
        link: the interface towards its upstream; ``None``: the inventory does not say which it
            is, or the router does not have it.
    """

    established: frozenset[str]
    young: Mapping[str, float]
    link: Link | None = field(default=None, kw_only=True)

    def reached(self, exit_: Exit) -> frozenset[str]:
        """Return the prefixes that an exit of this gateway can carry.

        That are those for which its session of the prefix's family has sent a usable route. One
        that is down carries none, even where its routes are still in the table.
        """
        found: set[str] = set()
        for peer in map(str, self.sessions_up(exit_)):
            rib = self.rib_of(peer)
            if rib is not None:
                found.update(
                    prefix
                    for prefix, paths in rib.routes.items()
                    if any(path.valid and path.peer == peer for path in paths)
                )
        return frozenset(found)

    def sessions_up(self, exit_: Exit) -> tuple[IPAddress, ...]:
        """Return the sessions of an exit of this gateway that can carry load.

        They are established; where the link is down, none can.
        """
        if self.link is not None and not self.link.up:
            return ()
        return tuple(s for s in exit_.sessions if str(s) in self.established)
