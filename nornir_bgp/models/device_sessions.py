"""The BGP sessions of a device."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, WithJsonSchema, model_validator

from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import (
    AsNumber,
    Flag,
    IPAddress,
    Label,
    Load,
    PeerAddress,
    PolicyName,
)
from nornir_bgp.models.policy_text import AddressOrInterface

BFD_DEFAULT = 300
"""Milliseconds from one BFD packet to the next, in FRR without a profile."""


HopCount = Annotated[int, Field(strict=True, ge=2, le=255)]
Weight = Annotated[int, Field(strict=True, ge=1, le=65535)]


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


class Session(Liveness):
    """What a neighbor or a peer group may say of its routes and its way.

    Attributes:
        remote_as: the peer's AS number.
        next_hop_self: advertise our own address as next hop; ``force``: also for routes that are
            reflected.
        route_reflector_client: this router reflects the internal routes of others to the peer.
        update_source: the address or interface of ours that the session starts from.
        ebgp_multihop: how many hops an external peer may be away.
        weight: the weight of all routes from the peer.
        route_map_in: the route-map for what the peer sends.
        route_map_out: the route-map for what the peer is sent.
        prefix_list_in: the prefix-list for what the peer sends.
        prefix_list_out: the prefix-list for what the peer is sent.
    """

    remote_as: AsNumber
    next_hop_self: Annotated[
        Flag | Literal["force"],
        WithJsonSchema({"anyOf": [{"type": "boolean"}, {"const": "force"}]}),
    ] = False
    route_reflector_client: Flag = False
    update_source: AddressOrInterface | None = None
    ebgp_multihop: HopCount | None = None
    weight: Weight | None = None
    route_map_in: PolicyName | None = None
    route_map_out: PolicyName | None = None
    prefix_list_in: PolicyName | None = None
    prefix_list_out: PolicyName | None = None


class Neighbor(Session):
    """One BGP session.

    Attributes:
        ip: the peer's address.
        use_localpref_map: this session is an exit: the LOCAL_PREF map applies inbound, and the
            export policy, where the device has one, outbound.
        description: shown by FRR and in reports.
        upstream: the provider's name; by default the inventory's router with address ``ip``,
            else ``AS<remote_as>``.
        capacity: what the link carries, in the unit of the predictions.
        cost: what the upstream asks for each unit of load above ``commit``.
        commit: the load that is paid for in any case, in the unit of the predictions.

    An IPv4 and an IPv6 session that are exits to one AS are one link: what is said of it
    (``upstream``, ``capacity``, ``cost``, ``commit``) may stand at either.
    """

    ip: PeerAddress
    is_group: Literal[False] = False
    use_localpref_map: Flag = False
    description: Label | None = None
    upstream: Label | None = None
    capacity: Annotated[int, Field(strict=True, gt=0)] | None = None
    cost: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] | None = None
    commit: Load | None = None

    @property
    def name(self) -> str:
        """What FRR calls it by."""
        return str(self.ip)

    @property
    def peers(self) -> tuple[IPAddress, ...]:
        """The addresses that it is about."""
        return (self.ip,)


class PeerGroup(Session):
    """Several sessions that share their settings (FRR: ``neighbor NAME peer-group``).

    Attributes:
        is_group: true.
        group_name: its name.
        group_members: the peers' addresses.
    """

    is_group: Literal[True]
    group_name: PolicyName
    group_members: Annotated[tuple[PeerAddress, ...], Field(min_length=1)]

    @property
    def name(self) -> str:
        """What FRR calls it by."""
        return self.group_name

    @property
    def peers(self) -> tuple[IPAddress, ...]:
        """The addresses that it is about."""
        return self.group_members


def _neighbor_kind(value: object) -> str:
    is_group = (
        value.get("is_group") if isinstance(value, dict) else getattr(value, "is_group", None)
    )
    return "peer group" if is_group is True else "neighbor"


AnyNeighbor = Annotated[
    Annotated[Neighbor, Tag("neighbor")] | Annotated[PeerGroup, Tag("peer group")],
    Discriminator(_neighbor_kind),
]
