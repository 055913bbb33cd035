"""What a router is meant to be: the validated form of its inventory data.

The plain data (a ``devices:`` file, or host data of a Nornir inventory) becomes a
:class:`Device` before anything else looks at it.
"""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from nornir_bgp.models.base import Model
from nornir_bgp.models.documents import KeyPath
from nornir_bgp.models.fields import (
    AsNumber,
    Flag,
    Hostname,
    InterfaceIPv4,
    InterfaceIPv6,
    InterfaceName,
    IPAddress,
    IPInterface,
    Label,
    PeerAddress,
    PolicyName,
    Prefix,
    RouterId,
)
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.validation import misplaced

BFD_DEFAULT = 300
"""Milliseconds from one BFD packet to the next, in FRR without a profile."""


class Interface(Model):
    """One interface and its addresses with their prefix lengths."""

    name: InterfaceName
    ipv4_address: InterfaceIPv4 | None = None
    ipv6_address: InterfaceIPv6 | None = None

    @property
    def addresses(self) -> tuple[IPInterface, ...]:
        """The addresses that are set, IPv4 first."""
        return tuple(a for a in (self.ipv4_address, self.ipv6_address) if a is not None)


class Timers(Model):
    """BGP timers of one session, in seconds (FRR: ``neighbor X timers``)."""

    keepalive: Annotated[int, Field(strict=True, ge=1, le=65535)]
    hold: Annotated[int, Field(strict=True, ge=3, le=65535)]
    connect: Annotated[int, Field(strict=True, ge=1, le=65535)] | None = None

    @model_validator(mode="after")
    def _hold_covers_keepalive(self) -> Self:
        if self.hold < 3 * self.keepalive:
            raise ValueError(
                f"hold time {self.hold} s is less than three keepalives of {self.keepalive} s"
            )
        return self


class Liveness(Model):
    """How soon a peer that says nothing any more counts as dead.

    Attributes:
        timers: keepalive, hold and connect times of BGP.
        bfd: watch the peer by BFD, which FRR gives up after three packets.
        bfd_interval: milliseconds from one packet to the next, both ways; ``None``: FRR's 300.
    """

    timers: Timers | None = None
    bfd: Flag = False
    bfd_interval: Annotated[int, Field(strict=True, ge=10, le=60000)] | None = None

    @model_validator(mode="after")
    def _interval_is_of_bfd(self) -> Self:
        if self.bfd_interval is not None and not self.bfd:
            raise ValueError("bfd_interval is given without BFD; add bfd: true")
        return self

    @property
    def bfd_profile(self) -> str | None:
        """The name of FRR's profile with this interval; ``None``: FRR's own default serves."""
        if self.bfd_interval in (None, BFD_DEFAULT):
            return None
        return f"BFD-{self.bfd_interval}"


class Neighbor(Liveness):
    """One BGP session.

    Attributes:
        ip: the peer's address.
        remote_as: the peer's AS number.
        next_hop_self: advertise our own address as next hop on this session.
        use_localpref_map: this session is an exit: the LOCAL_PREF map applies inbound, and the
            export policy, where the device has one, outbound.
        description: shown by FRR and in reports.
        upstream: the provider's name; by default the inventory's router with address ``ip``,
            else ``AS<remote_as>``.
        capacity: what the link carries, in the unit of the predictions.
        timers: see :class:`Liveness`, as for ``bfd`` and ``bfd_interval``.
    """

    ip: PeerAddress
    remote_as: AsNumber
    is_group: Literal[False] = False
    next_hop_self: Flag = False
    use_localpref_map: Flag = False
    description: Label | None = None
    upstream: Label | None = None
    capacity: Annotated[int, Field(strict=True, gt=0)] | None = None


class PeerGroup(Liveness):
    """Several sessions that share their settings (FRR: ``neighbor NAME peer-group``)."""

    is_group: Literal[True]
    group_name: PolicyName
    remote_as: AsNumber
    next_hop_self: Flag = False
    group_members: Annotated[tuple[PeerAddress, ...], Field(min_length=1)]


def _neighbor_kind(value: object) -> str:
    is_group = (
        value.get("is_group") if isinstance(value, dict) else getattr(value, "is_group", None)
    )
    return "peer group" if is_group is True else "neighbor"


AnyNeighbor = Annotated[
    Annotated[Neighbor, Tag("neighbor")] | Annotated[PeerGroup, Tag("peer group")],
    Discriminator(_neighbor_kind),
]


class Bgp(Model):
    """A router's BGP process."""

    as_number: AsNumber
    router_id: RouterId
    disable_ebgp_requires_policy: Flag = True
    disable_import_check: Flag = True
    neighbors: tuple[AnyNeighbor, ...] = ()
    networks: tuple[Prefix, ...] = ()


class Device(Model):
    """One router.

    Attributes:
        hostname: its name, in the inventory and on its prompt.
        interfaces: the interfaces that carry addresses.
        setup_bgp_localpref_map: write the LOCAL_PREF route-map; every exit needs it.
        export_prefixes: our own and our customers' prefixes, the only ones that the exits may
            advertise. ``None``: no outbound policy is written, and a plan makes us a transit
            network.
        bgp: the BGP process.
    """

    hostname: Hostname
    interfaces: tuple[Interface, ...]
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
            "network", ((("bgp", "networks", n), p) for n, p in enumerate(self.bgp.networks))
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
        return self

    @property
    def sessions(self) -> tuple[tuple[IPAddress, Neighbor | PeerGroup], ...]:
        """Every session: the peer's address, and the neighbor or peer group that defines it."""
        return tuple(
            (ip, neighbor)
            for neighbor in self.bgp.neighbors
            for ip in (
                neighbor.group_members if isinstance(neighbor, PeerGroup) else (neighbor.ip,)
            )
        )

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
    return tuple(
        Exit(
            gateway=device.hostname,
            neighbor=neighbor.ip,
            upstream=neighbor.upstream or owners.get(neighbor.ip) or f"AS{neighbor.remote_as}",
            capacity=neighbor.capacity,
        )
        for device in devices
        for neighbor in device.exit_neighbors
    )
