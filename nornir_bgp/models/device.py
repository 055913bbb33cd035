"""What a router is meant to be: the validated form of its inventory data.

The plain data (a ``devices:`` file, or host data of a Nornir inventory) becomes a
:class:`Device` before anything else looks at it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Self, TypeVar

from pydantic import model_validator

from nornir_bgp.models.device_bgp import Bgp
from nornir_bgp.models.device_interfaces import BLACKHOLES, Interface, StaticRoute, version_of
from nornir_bgp.models.device_policy import Policies, refuse_unknown
from nornir_bgp.models.device_sessions import Neighbor, PeerGroup
from nornir_bgp.models.documents import KeyPath
from nornir_bgp.models.fields import (
    Flag,
    Hostname,
    IPAddress,
    Prefix,
)
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.validation import misplaced

T = TypeVar("T")

LINK_FIELDS = ("upstream", "capacity", "cost", "commit")
"""What is said of a link, whichever of its sessions it stands at."""


class Device(Policies):
    """One router.

    Attributes:
        hostname: its name, in the inventory and on its prompt.
        interfaces: the interfaces that carry addresses.
        setup_bgp_localpref_map: write the LOCAL_PREF route-map; every exit needs it.
        export_prefixes: our own and our customers' prefixes, the only ones that the exits may
            advertise. ``None``: no outbound policy is written, and a plan makes us a transit
            network.
        static_routes: the static routes.
        bgp: the BGP process.
    """

    hostname: Hostname
    interfaces: tuple[Interface, ...]
    static_routes: tuple[StaticRoute, ...] = ()
    setup_bgp_localpref_map: Flag = False
    export_prefixes: tuple[Prefix, ...] | None = None
    bgp: Bgp

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        _refuse_repeats(
            "interface",
            ((("interfaces", n, "name"), i.name) for n, i in enumerate(self.interfaces)),
        )
        _refuse_repeats(
            "export prefix",
            ((("export_prefixes", n), p) for n, p in enumerate(self.export_prefixes or ())),
        )
        _refuse_repeats(
            "static route",
            (
                (("static_routes", n), f"{route.prefix} {route.next_hop}")
                for n, route in enumerate(self.static_routes)
            ),
        )
        _refuse_repeats(
            "network",
            ((("bgp", "networks", n), own.prefix) for n, own in enumerate(self.bgp.own_networks)),
        )
        _refuse_repeats(
            "aggregate",
            ((("bgp", "aggregates", n), a.prefix) for n, a in enumerate(self.bgp.aggregates)),
        )
        _refuse_repeats(
            "peer group",
            (
                (("bgp", "neighbors", n, "group_name"), group.group_name)
                for n, group in enumerate(self.bgp.neighbors)
                if isinstance(group, PeerGroup)
            ),
        )
        _refuse_repeats("neighbor", ((path, str(ip)) for path, ip in self._session_paths))
        for path, ip in self._session_paths:
            if ip in self.addresses:
                raise misplaced(path, f"neighbor {ip} is this router's own address; correct it")
        if self.exit_neighbors and not self.setup_bgp_localpref_map:
            raise ValueError(
                f"neighbor {self.exit_neighbors[0].ip} has use_localpref_map, but the device has "
                "no map: FRR would drop every route of it; set setup_bgp_localpref_map: true"
            )
        nowhere = {r.prefix for r in self.static_routes if r.next_hop in BLACKHOLES}
        for n, route in enumerate(self.static_routes):
            if route.prefix in nowhere and route.next_hop not in BLACKHOLES:
                raise misplaced(
                    ("static_routes", n, "next_hop"),
                    f"{route.prefix} leads nowhere by another entry; remove one of the two",
                )
        for n, own in enumerate(self.bgp.own_networks):
            path = ("bgp", "networks", n, "route_map")
            refuse_unknown(path, own.route_map, self.route_maps, "route_maps")
        for n, neighbor in enumerate(self.bgp.neighbors):
            for field, fault in self._faults_of(neighbor):
                raise misplaced(("bgp", "neighbors", n, field), fault)
            self._check_references_of(neighbor, ("bgp", "neighbors", n))
        for link in self.exit_links:
            self._check_link(link)
        return self

    def _faults_of(self, session: Neighbor | PeerGroup) -> Iterator[tuple[str, str]]:
        """Yield the fields of a session that do not fit the rest, and why."""
        is_internal = session.remote_as == self.bgp.as_number
        if session.route_reflector_client and not is_internal:
            yield (
                "route_reflector_client",
                f"AS {session.remote_as} is external, and a reflector's clients are internal; "
                "remove it",
            )
        if session.ebgp_multihop is not None and is_internal:
            yield "ebgp_multihop", "the session is internal, where any distance is right; remove it"
        version = version_of(session.update_source)
        if version is not None and any(peer.version != version for peer in session.peers):
            yield (
                "update_source",
                f"{session.update_source} is of another family than the peer; correct it",
            )
        if not (isinstance(session, Neighbor) and session.use_localpref_map):
            return
        if session.route_map_in is not None:
            yield (
                "route_map_in",
                "the session is an exit, where the LOCAL_PREF map applies inbound; remove this "
                "or use_localpref_map",
            )
        if session.route_map_out is not None and self.export_prefixes is not None:
            yield (
                "route_map_out",
                "the session is an exit, where the policy of export_prefixes applies outbound; "
                "remove one of the two",
            )

    def _check_references_of(self, session: Neighbor | PeerGroup, path: KeyPath) -> None:
        for direction in ("in", "out"):
            field = f"route_map_{direction}"
            refuse_unknown((*path, field), getattr(session, field), self.route_maps, "route_maps")
            field = f"prefix_list_{direction}"
            for version in sorted({peer.version for peer in session.peers}):
                known = self.prefix_lists if version == 4 else self.ipv6_prefix_lists
                kept_in = "prefix_lists" if version == 4 else "ipv6_prefix_lists"
                refuse_unknown((*path, field), getattr(session, field), known, kept_in)

    def _check_link(self, link: tuple[Neighbor, ...]) -> None:
        """Refuse sessions of one link that tell different things of it."""
        first, *others = link
        for other in others:
            for field in LINK_FIELDS:
                said, also = getattr(first, field), getattr(other, field)
                if None not in (said, also) and said != also:
                    raise misplaced(
                        ("bgp", "neighbors", self.bgp.neighbors.index(other), field),
                        f"{first.ip} is a session of the same link and has {field} {said}, not "
                        f"{also}; give it at one of the two",
                    )

    @property
    def sessions(self) -> tuple[tuple[IPAddress, Neighbor | PeerGroup], ...]:
        """Every session: the peer's address, and the neighbor or peer group that defines it."""
        return tuple((ip, neighbor) for neighbor in self.bgp.neighbors for ip in neighbor.peers)

    @property
    def _session_paths(self) -> tuple[tuple[KeyPath, IPAddress], ...]:
        """Where in the device each peer's address stands."""
        return tuple(
            pair
            for n, neighbor in enumerate(self.bgp.neighbors)
            for pair in (
                [
                    (("bgp", "neighbors", n, "group_members", m), member)
                    for m, member in enumerate(neighbor.group_members)
                ]
                if isinstance(neighbor, PeerGroup)
                else [(("bgp", "neighbors", n, "ip"), neighbor.ip)]
            )
        )

    @property
    def exit_neighbors(self) -> tuple[Neighbor, ...]:
        """The sessions that carry load to an upstream."""
        return tuple(
            n for n in self.bgp.neighbors if isinstance(n, Neighbor) and n.use_localpref_map
        )

    @property
    def exit_links(self) -> tuple[tuple[Neighbor, ...], ...]:
        """The sessions that carry load, by link: an IPv4 and an IPv6 one to one AS share theirs.

        The IPv4 session comes first. Where there are several of one family, which belong together
        is not known, and each stands alone.
        """
        exits = sorted(self.exit_neighbors, key=lambda n: n.ip.version)
        if [n.ip.version for n in exits] == [4, 6] and len({n.remote_as for n in exits}) == 1:
            return (tuple(exits),)
        return tuple((neighbor,) for neighbor in self.exit_neighbors)

    @property
    def runs_ospf(self) -> bool:
        """OSPF runs on some interface."""
        return any(i.ospf is not None for i in self.interfaces)

    @property
    def bfd_intervals(self) -> tuple[int, ...]:
        """The intervals that need a profile of BFD in FRR, the shortest first."""
        intervals = {n.bfd_interval for n in self.bgp.neighbors if n.bfd_profile is not None}
        return tuple(sorted(i for i in intervals if i is not None))

    @property
    def addresses(self) -> frozenset[IPAddress]:
        """The router's own addresses."""
        return frozenset(a.ip for i in self.interfaces for a in i.addresses)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed but unlikely to be meant."""
        networks = [a.network for i in self.interfaces for a in i.addresses]
        return tuple(
            f"{self.hostname}: neighbor {ip} is in no connected network"
            for ip, _ in self.sessions
            if not any(ip in network for network in networks)
        )


def _refuse_repeats(kind: str, named: Iterable[tuple[KeyPath, str]]) -> None:
    seen: set[str] = set()
    for path, name in named:
        if name in seen:
            raise misplaced(path, f"{kind} {name} is given twice; remove one")
        seen.add(name)


def exits_of(devices: tuple[Device, ...]) -> tuple[Exit, ...]:
    """List the exits of the network in inventory order, each with its upstream's name."""
    owners = {address: d.hostname for d in devices for address in d.addresses}
    return tuple(_exit_of(d.hostname, link, owners) for d in devices for link in d.exit_links)


def _exit_of(gateway: str, link: tuple[Neighbor, ...], owners: Mapping[IPAddress, str]) -> Exit:
    """The exit of one link: what stands at either of its sessions holds."""
    names = (*(n.upstream for n in link), *(owners.get(n.ip) for n in link))
    return Exit(
        gateway=gateway,
        neighbor=link[0].ip,
        upstream=_first(names) or f"AS{link[0].remote_as}",
        capacity=_first(n.capacity for n in link),
        neighbor_ipv6=link[1].ip if len(link) > 1 else None,
        cost=_first(n.cost for n in link),
        commit=_first(n.commit for n in link) or 0,
    )


def _first(values: Iterable[T | None]) -> T | None:
    """The first value that is given."""
    return next((value for value in values if value is not None), None)
