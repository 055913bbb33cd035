"""Where packets go: hop by hop, by each router's own table.

A router sends a prefix to the next hops of its best path and of those that share the load with it,
in equal parts; to a next hop that is not connected, by the IGP's ways to it, again in equal parts.
The next router looks into its own table. So the traffic of a prefix may end at a router that has
no route, or go round among routers whose tables do not agree.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from graphlib import TopologicalSorter
from ipaddress import IPv4Network
from typing import NamedTuple

from nornir_bgp.bgp.domain import Domain, Event, Reconfigured
from nornir_bgp.bgp.propagation import Outcome
from nornir_bgp.bgp.route import OWN_NEXT_HOP


class Hop(NamedTuple):
    """A part of a router's traffic to a prefix.

    Attributes:
        share: how much of it.
        address: the neighbour's address that it is sent to.
        receiver: the router that has that address, or the peer beyond the network.
        inside: the receiver is one of the network's routers.
    """

    share: Fraction
    address: str
    receiver: str
    inside: bool


class End(NamedTuple):
    """Where traffic leaves the network, or arrives in it.

    Attributes:
        router: the last router but one.
        receiver: the last one, or the peer beyond the network; where the router at which traffic
            enters announces the prefix, that router twice.
    """

    router: str
    receiver: str


@dataclass(frozen=True)
class Forwarding:
    """How all routers forward one prefix.

    Attributes:
        hops: router -> the parts of its traffic; none where it has no route, or announces the
            prefix itself.
        arrives: the routers that announce the prefix themselves.
    """

    hops: Mapping[str, tuple[Hop, ...]]
    arrives: frozenset[str]

    @cached_property
    def loops(self) -> Mapping[str, tuple[str, ...]]:
        """The routers some of whose traffic comes back to them, each with those of its loop.

        All that comes to such a router counts as lost, although a part of it may get out.
        """
        return {
            router: tuple(sorted(r for r in beyond if router in self._beyond[r]))
            for router, beyond in self._beyond.items()
            if router in beyond
        }

    @cached_property
    def _beyond(self) -> Mapping[str, frozenset[str]]:
        """The routers that some of a router's traffic comes to."""
        return {router: self._reached(router) for router in self.hops}

    def _reached(self, router: str) -> frozenset[str]:
        found: set[str] = set()
        rest = [router]
        while rest:
            for hop in self.hops[rest.pop()]:
                if hop.inside and hop.receiver not in found:
                    found.add(hop.receiver)
                    rest.append(hop.receiver)
        return frozenset(found)

    def ends(self, entry: str) -> frozenset[End | None]:
        """Where the traffic that enters at a router ends; ``None``: some of it gets lost."""
        found: set[End | None] = {End(entry, entry)} if entry in self.arrives else set()
        for router in {entry} | self._beyond[entry]:
            if router in self.loops or (not self.hops[router] and router not in self.arrives):
                found.add(None)
            found |= {
                End(router, hop.receiver)
                for hop in self.hops[router]
                if not hop.inside or hop.receiver in self.arrives
            }
        return frozenset(found)

    def carried(self, entering: Mapping[str, Fraction]) -> "Carried":
        """Follow traffic to its ends.

        Args:
            entering: router -> the load that enters there.
        """
        amounts: defaultdict[str, Fraction] = defaultdict(Fraction, entering)
        links: dict[tuple[str, Hop], Fraction] = {}
        lost: dict[str, Fraction] = {}
        before: dict[str, set[str]] = {router: set() for router in self.hops}
        for router, hops in self.hops.items():
            for hop in hops:
                if hop.inside and router not in self.loops:
                    before[hop.receiver].add(router)
        for router in TopologicalSorter(before).static_order():
            amount = amounts[router]
            if not amount or router in self.arrives:
                continue
            if router in self.loops or not self.hops[router]:
                lost[router] = amount
                continue
            for hop in self.hops[router]:
                links[router, hop] = amount * hop.share
                if hop.inside:
                    amounts[hop.receiver] += amount * hop.share
        return Carried(links, lost)


class Carried(NamedTuple):
    """What became of traffic.

    Attributes:
        links: the load of each hop that carries any.
        lost: the load that is lost at each router: it has no route, or is in a loop.
    """

    links: Mapping[tuple[str, Hop], Fraction]
    lost: Mapping[str, Fraction]


class Ways:
    """How a network forwards its prefixes; those that go alike share one :class:`Forwarding`."""

    def __init__(self, outcome: Outcome, events: Iterable[Event | Reconfigured] = ()) -> None:
        """Start from a network at rest.

        Args:
            outcome: the network.
            events: what has happened to it.
        """
        self._outcome = outcome
        down: set[str] = set()
        for event in events:
            if isinstance(event, Event):
                nodes = {r.node for r in event.resources if r.kind == "node"}
                down = down | nodes if event.fails else down - nodes
        self._down = frozenset(down)
        self._receivers = _Receivers(outcome.domain)
        self._known: dict[tuple[tuple[str, ...], ...], Forwarding] = {}

    @property
    def routers(self) -> tuple[str, ...]:
        """The routers that have not failed."""
        return tuple(r for r in self._outcome.domain.routers if r not in self._down)

    @property
    def converged(self) -> bool:
        """The network has come to rest."""
        return self._outcome.converged

    def of(self, prefix: str) -> Forwarding:
        """Say how all routers forward a prefix."""
        next_hops = tuple(
            () if router in self._down else self._outcome.forwarding(router, prefix)
            for router in self._outcome.domain.routers
        )
        known = self._known.get(next_hops)
        if known is None:
            known = self._known[next_hops] = self._forwarding(next_hops)
        return known

    def _forwarding(self, next_hops: Iterable[tuple[str, ...]]) -> Forwarding:
        by_router = dict(zip(self._outcome.domain.routers, next_hops, strict=True))
        return Forwarding(
            hops={
                router: tuple(self._hops(router, addresses))
                for router, addresses in by_router.items()
            },
            arrives=frozenset(r for r, addresses in by_router.items() if OWN_NEXT_HOP in addresses),
        )

    def _hops(self, router: str, next_hops: tuple[str, ...]) -> Iterable[Hop]:
        if OWN_NEXT_HOP in next_hops:
            return
        reached = [ways for next_hop in next_hops if (ways := self._outcome.way(router, next_hop))]
        shares: defaultdict[str, Fraction] = defaultdict(Fraction)
        for ways in reached:
            for address in ways:
                shares[address] += Fraction(1, len(reached) * len(ways))
        for address, share in shares.items():
            owner = self._receivers.router_at(router, address)
            receiver = owner or self._receivers.peer_at(router, address)
            yield Hop(share, address, receiver, inside=owner is not None)


class _Receivers:
    """Who has an address, as a router sees it."""

    def __init__(self, domain: Domain) -> None:
        self._owners: defaultdict[str, list[tuple[str, IPv4Network]]] = defaultdict(list)
        self._networks: dict[str, set[IPv4Network]] = {}
        for name, router in domain.routers.items():
            self._networks[name] = {i.address.network for i in router.interfaces}
            for interface in router.interfaces:
                self._owners[str(interface.address.ip)].append((name, interface.address.network))
        self._peers = {(peer.router, peer.address): peer.name for peer in domain.peers}

    def router_at(self, router: str, address: str) -> str | None:
        """The router that has an address; where several have it, the one on a network in common."""
        owners = [(name, net) for name, net in self._owners.get(address, ()) if name != router]
        shared = [name for name, network in owners if network in self._networks[router]]
        return next(iter(shared), None) or next((name for name, _ in owners), None)

    def peer_at(self, router: str, address: str) -> str:
        """The name of the peer beyond the network that a router has at an address."""
        return self._peers.get((router, address), address)
