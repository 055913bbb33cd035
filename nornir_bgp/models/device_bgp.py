"""The BGP process of a device."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from nornir_bgp.models.base import Model
from nornir_bgp.models.device_sessions import AnyNeighbor
from nornir_bgp.models.fields import AsNumber, Flag, PolicyName, Prefix, RouterId
from nornir_bgp.models.validation import misplaced

PathCount = Annotated[int, Field(strict=True, ge=1, le=255)]


class BestPath(Model):
    """What changes the decision process.

    Attributes:
        always_compare_med: compare the MED of routes from different ASes, too.
        deterministic_med: compare the routes of one AS with one another first.
        med_missing_as_worst: a route without MED has the worst one.
        med_confed: compare the MED of routes from within the confederation, too.
        as_path_ignore: pass over the length of the AS path.
        as_path_confed: the ASes of the confederation count in that length.
        compare_router_id: the lowest router id decides, and not the route that was there first.
        multipath_relax: use routes of different ASes side by side.
    """

    always_compare_med: Flag = False
    deterministic_med: Flag = False
    med_missing_as_worst: Flag = False
    med_confed: Flag = False
    as_path_ignore: Flag = False
    as_path_confed: Flag = False
    compare_router_id: Flag = False
    multipath_relax: Flag = False


class Confederation(Model):
    """The confederation of ASes that a router's AS is a member of.

    Attributes:
        identifier: the AS number that others see.
        members: the AS numbers of the other members.
    """

    identifier: AsNumber
    members: tuple[AsNumber, ...] = ()


class Aggregate(Model):
    """A prefix that is announced while a more specific route is in the table.

    Attributes:
        prefix: the prefix.
        summary_only: do not announce the more specific routes.
        as_set: name their ASes in the AS path.
    """

    prefix: Prefix
    summary_only: Flag = False
    as_set: Flag = False


class OwnNetwork(Model):
    """A prefix that the router announces itself.

    Attributes:
        prefix: the prefix.
        route_map: the route-map that gives it its attributes.
    """

    prefix: Prefix
    route_map: PolicyName | None = None


AnyNetwork = Annotated[
    Annotated[Prefix, Tag("prefix")] | Annotated[OwnNetwork, Tag("network")],
    Discriminator(lambda value: "network" if isinstance(value, dict | OwnNetwork) else "prefix"),
]


def _listed(value: object) -> object:
    """Read a list that is written as one text."""
    return value.split() if isinstance(value, str) else value


AnyNetworks = Annotated[
    tuple[AnyNetwork, ...],
    BeforeValidator(_listed, json_schema_input_type=tuple[AnyNetwork, ...] | str),
]


class Bgp(Model):
    """A router's BGP process.

    Attributes:
        as_number: its AS; in a confederation, its member AS.
        router_id: its BGP identifier.
        disable_ebgp_requires_policy: exchange routes with external peers without a policy, too.
        disable_import_check: announce networks that the router itself has no route to.
        neighbors: the sessions, alone and in groups.
        networks: what the router announces itself: prefixes, or mappings of ``prefix`` and
            ``route_map``. Thousands of prefixes may be one text with blanks between them: as a
            list they would cost every command seconds.
        aggregates: what it announces while it has a part of it.
        cluster_id: who a route reflector is to others; ``None``: its router id.
        confederation: the confederation that its AS is a member of.
        default_local_preference: the LOCAL_PREF of a route without one; ``None``: FRR's 100.
        bestpath: what changes the decision process.
        maximum_paths: how many external routes are used side by side; ``None``: as many as FRR
            can.
        maximum_paths_ibgp: likewise of internal routes.
        equal_cluster_length: internal routes side by side have been reflected equally often.
    """

    as_number: AsNumber
    router_id: RouterId
    disable_ebgp_requires_policy: Flag = True
    disable_import_check: Flag = True
    neighbors: tuple[AnyNeighbor, ...] = ()
    networks: AnyNetworks = ()
    aggregates: tuple[Aggregate, ...] = ()
    cluster_id: RouterId | None = None
    confederation: Confederation | None = None
    default_local_preference: Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)] | None = None
    bestpath: BestPath = BestPath()
    maximum_paths: PathCount | None = None
    maximum_paths_ibgp: PathCount | None = None
    equal_cluster_length: Flag = False

    @model_validator(mode="after")
    def _options_are_consistent(self) -> Self:
        if self.equal_cluster_length and self.maximum_paths_ibgp is None:
            raise misplaced(
                ("equal_cluster_length",),
                "it belongs to maximum_paths_ibgp, which is missing; add that",
            )
        if self.confederation is not None and self.as_number in self.confederation.members:
            raise misplaced(
                ("confederation", "members", self.confederation.members.index(self.as_number)),
                f"{self.as_number} is this router's own AS, and FRR wants the others; remove it",
            )
        return self

    @property
    def own_networks(self) -> tuple[OwnNetwork, ...]:
        """What the router announces itself, in one form."""
        return tuple(
            OwnNetwork(prefix=network) if isinstance(network, str) else network
            for network in self.networks
        )

    @property
    def families(self) -> tuple[int, ...]:
        """The address families, 4 and 6, that are in use."""
        prefixes = [n.prefix for n in self.own_networks] + [a.prefix for a in self.aggregates]
        peers = [peer for neighbor in self.neighbors for peer in neighbor.peers]
        uses_ipv6 = any(":" in p for p in prefixes) or any(peer.version == 6 for peer in peers)
        return (4, 6) if uses_ipv6 else (4,)
