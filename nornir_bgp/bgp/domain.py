"""A network to compute: its routers, the neighbours beyond them, and what has failed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from nornir_bgp.bgp.failures import (
    Resource,
    Wire,
    find_resource,
    find_resources,
    find_wires,
)
from nornir_bgp.bgp.igp import Igp
from nornir_bgp.bgp.route import Route
from nornir_bgp.bgp.segments import find_segments
from nornir_bgp.bgp.sessions import End, find_ends, problems
from nornir_bgp.models.routing import Router

__all__ = ["Announcement", "Domain", "Event", "ExternalPeer", "Reconfigured", "Resource"]


class ExternalPeer(NamedTuple):
    """A neighbour of a modelled router that is not modelled itself.

    Attributes:
        router: the router that has the session.
        address: the peer's address on it.
        as_number: its AS.
        router_id: its BGP identifier; its address where that is not known.
        name: what people call it, as the upstream's name.
    """

    router: str
    address: str
    as_number: int
    router_id: str
    name: str


class Announcement(NamedTuple):
    """A route that an external peer sends to a router.

    Attributes:
        router: the router that hears it.
        peer: the peer's address.
        prefix: the prefix in canonical text.
        route: as the peer sends it, before the router's inbound policy.
        time: what has a lower time is announced, and has settled, before; equal times at once.
    """

    router: str
    peer: str
    prefix: str
    route: Route
    time: int = 0


class Event(NamedTuple):
    """A failure or its end; the network settles after it."""

    resources: frozenset[Resource]
    fails: bool = True


class Reconfigured(NamedTuple):
    """These routers have another configuration from now on; the network settles after it.

    Their policies, networks and options may differ, their sessions and addresses may not. Every
    route passes the new policies; one that is replaced keeps its place in the table.
    """

    routers: tuple[Router, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """A network.

    Attributes:
        routers: name -> router.
        peers: the external peers.
        costs: given IGP costs, which hold instead of computed ones: (router, next hop) -> cost;
            ``None``: unreachable.
    """

    routers: Mapping[str, Router]
    peers: tuple[ExternalPeer, ...] = ()
    costs: Mapping[tuple[str, str], int | None] = field(default_factory=dict)

    def resources(self) -> tuple[Resource, ...]:
        """Everything that can fail by itself: nodes, links, sessions, in inventory order."""
        return find_resources(self.routers, self._wires(), self._ends())

    def resource(self, text: str) -> Resource:
        """Understand ``NODE``, ``A:B`` or ``NODE:INTERFACE``, with or without the kind before it.

        ``A:B`` is the link of two nodes, or their session where they have no link; an external
        peer's name is all that the peer has here.

        Raises:
            InputError: nothing is called so; the message says what there is.
        """
        outside = {peer.name for peer in self.peers} - set(self.routers)
        return find_resource(text, self.resources(), self._wires(), outside)

    def announcing(self, prefixes: Collection[str]) -> "Domain":
        """The network whose routers have, of their own networks, these alone."""
        return replace(
            self,
            routers={
                name: replace(
                    router, networks=tuple(n for n in router.networks if n.prefix in prefixes)
                )
                if any(network.prefix not in prefixes for network in router.networks)
                else router
                for name, router in self.routers.items()
            },
        )

    def problems(self) -> tuple[str, ...]:
        """Say which configured sessions cannot come up, and why."""
        return tuple(problems(self.routers, self.peers, self._igp()))

    def _wires(self) -> tuple[Wire, ...]:
        return find_wires(find_segments(self.routers), self.peers)

    def _igp(self) -> Igp:
        return Igp(self.routers, find_segments(self.routers), costs=self.costs)

    def _ends(self) -> dict[str, tuple[End, ...]]:
        return find_ends(self.routers, self.peers, self._igp())
