"""The ways inside a network: connected networks, static routes and OSPF, as FRR's zebra has them.

For the next hop of a BGP route zebra looks for the longest matching network, prefers connected
to static to OSPF routes, and does not follow a default route. A connected or static way has the
metric 0, an OSPF way the sum of the costs on the way out of each router, the last one's interface
on the destination's network included (RFC 2328, section 16). Routes that BGP itself has installed
are not followed, which zebra does; see :mod:`nornir_bgp.bgp.doubts`.
"""

from collections.abc import Collection, Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from nornir_bgp.bgp.ospf import Ospf
from nornir_bgp.bgp.segments import Attachment, Segment, ipv4
from nornir_bgp.models.routing import Router

DISCARDING = frozenset({"Null0", "blackhole", "reject"})
"""What a static route names in place of an interface in order to drop packets."""


class Way(NamedTuple):
    """How a router reaches an address.

    Attributes:
        metric: its cost, as BGP counts it.
        direct: it is a connected network or a static route, which is what FRR wants for the next
            hop of a neighbour that is directly connected.
        hops: the neighbours' addresses that packets are sent to, side by side; empty where the
            address itself is on a connected network, or where the packets are dropped.
        discarded: the packets are dropped.
    """

    metric: int
    direct: bool
    hops: tuple[str, ...] = ()
    discarded: bool = False


class Igp:
    """The ways between routers while some interfaces are down.

    Args:
        routers: name -> router.
        segments: their networks.
        down: the interfaces that are down, as (router, interface).
        costs: given costs, which hold instead of computed ones: (router, address) -> cost, or
            ``None`` where there is no way.
    """

    def __init__(
        self,
        routers: Mapping[str, Router],
        segments: Iterable[Segment],
        down: Collection[tuple[str, str]] = (),
        costs: Mapping[tuple[str, str], int | None] | None = None,
    ) -> None:
        self._routers = routers
        self._costs = costs or {}
        self._segments = tuple(
            Segment(segment.network, up)
            for segment in segments
            if (up := tuple(one for one in segment.attachments if one[:2] not in down))
        )
        self._of_router: dict[str, list[int]] = {name: [] for name in routers}
        for place, segment in enumerate(self._segments):
            for attachment in segment.attachments:
                self._of_router[attachment.router].append(place)
        self._speaks_ospf = Ospf(self._segments)
        self._tables: dict[str, dict[int, dict[int, Way]]] = {}
        self._ways: dict[tuple[str, str], Way | None] = {}

    def way(self, router: str, address: str) -> Way | None:
        """How a router reaches an address; ``None``: it does not."""
        key = (router, address)
        try:
            return self._ways[key]
        except KeyError:
            way = self._computed(router, address)
            if key in self._costs:
                cost = self._costs[key]
                if cost is None:
                    way = None
                else:
                    way = Way(cost, way.direct if way else cost == 0, way.hops if way else ())
            self._ways[key] = way
            return way

    def matched(self, router: str, address: str) -> int | None:
        """The length of the network that the way to an address is found by.

        ``None``: there is no way. A given cost stands for the longest: nothing is looked up.
        """
        if (router, address) in self._costs:
            return 32
        found = self._longest(router, address)
        return None if found is None else found[0]

    def has_route(self, router: str, prefix: str) -> bool:
        """Whether a router has a route to exactly this prefix, beside those of BGP."""
        network = IPv4Network(prefix)
        table = self._table(router)
        return int(network.network_address) in table.get(network.prefixlen, {})

    def shares_network(self, router: str, one: str, other: str) -> bool:
        """Whether two addresses are on one network that the router is connected to."""
        network = self._connected_network(router, one)
        return network is not None and network == self._connected_network(router, other)

    def is_connected(self, router: str, address: str) -> bool:
        """Whether an address is on a network that the router is connected to."""
        return self._connected_network(router, address) is not None

    def source(self, router: str, address: str) -> str | None:
        """The address that a router's own packets to an address carry."""
        way = self.way(router, address)
        if way is None:
            return None
        towards = way.hops[0] if way.hops else address
        network = self._connected_network(router, towards)
        for attachment in self._attachments(router):
            if attachment[0] == network:
                return attachment[1].address
        return None

    def _computed(self, router: str, address: str) -> Way | None:
        found = self._longest(router, address)
        return None if found is None else found[1]

    def _longest(self, router: str, address: str) -> tuple[int, Way] | None:
        """The longest match but a default route: its length and the way."""
        known = ipv4(address)
        if known is None:
            return None
        number, table = int(known), self._table(router)
        for length in sorted(table, reverse=True):
            way = table[length].get(number >> (32 - length) << (32 - length))
            if way is not None:
                return (length, way) if length else None
        return None

    def _attachments(self, router: str) -> list[tuple[IPv4Network, Attachment]]:
        return [
            (self._segments[place].network, attachment)
            for place in self._of_router[router]
            for attachment in self._segments[place].attachments
            if attachment.router == router
        ]

    def _connected_network(self, router: str, address: str) -> IPv4Network | None:
        known = ipv4(address)
        if known is None:
            return None
        networks = (network for network, _ in self._attachments(router) if known in network)
        return max(networks, key=lambda network: network.prefixlen, default=None)

    def _table(self, router: str) -> dict[int, dict[int, Way]]:
        """The routing table: prefix length -> network -> way."""
        if router in self._tables:
            return self._tables[router]
        table: dict[int, dict[int, Way]] = {}

        def add(network: IPv4Network, way: Way) -> None:
            table.setdefault(network.prefixlen, {})[int(network.network_address)] = way

        for network, way in self._ospf(router).items():
            add(network, way)
        for network, way in self._standing_statics(router):
            add(network, way)
        for network, _ in self._attachments(router):
            add(network, Way(0, direct=True))
        self._tables[router] = table
        return table

    def _standing_statics(self, router: str) -> list[tuple[IPv4Network, Way]]:
        """The static routes whose next hops are connected networks or interfaces that are up.

        A next hop that only OSPF or another static route reaches is followed, too.
        """
        interfaces = {attachment.interface for _, attachment in self._attachments(router)}
        standing: list[tuple[IPv4Network, Way]] = []
        by_address: list[tuple[IPv4Network, str]] = []
        for route in self._routers[router].static_routes:
            network = IPv4Network(route.prefix)
            if route.next_hop in DISCARDING:
                standing.append((network, Way(0, direct=True, discarded=True)))
            elif route.next_hop in interfaces:
                standing.append((network, Way(0, direct=True)))
            elif route.next_hop[0].isdigit():
                by_address.append((network, route.next_hop))
        ospf = self._ospf(router)
        side_by_side: dict[IPv4Network, list[str]] = {}
        for _ in range(len(by_address) + 1):
            reachable: dict[IPv4Network, list[str]] = {}
            for network, next_hop in by_address:
                hops = self._static_hops(router, network, next_hop, ospf, side_by_side)
                reachable.setdefault(network, []).extend(hops)
            reachable = {network: hops for network, hops in reachable.items() if hops}
            if reachable == side_by_side:
                break
            side_by_side = reachable
        standing += [
            (network, Way(0, direct=True, hops=tuple(dict.fromkeys(hops))))
            for network, hops in side_by_side.items()
        ]
        return standing

    def _static_hops(
        self,
        router: str,
        network: IPv4Network,
        next_hop: str,
        ospf: Mapping[IPv4Network, Way],
        statics: Mapping[IPv4Network, list[str]],
    ) -> tuple[str, ...]:
        if self.is_connected(router, next_hop):
            return (next_hop,)
        number = IPv4Address(next_hop)
        known = {one: way.hops for one, way in ospf.items()}
        known |= {one: tuple(hops) for one, hops in statics.items()}
        matching = [one for one in known if number in one and one.prefixlen and one != network]
        return known[max(matching, key=lambda one: one.prefixlen)] if matching else ()

    def _ospf(self, router: str) -> dict[IPv4Network, Way]:
        """What OSPF finds: networks by their cost, without the router's own ones."""
        ways: dict[IPv4Network, Way] = {}
        for place, (cost, hops) in self._speaks_ospf.reached(router).items():
            network = self._segments[place].network
            if hops and (network not in ways or cost < ways[network].metric):
                ways[network] = Way(cost, direct=False, hops=tuple(sorted(hops)))
        return ways
