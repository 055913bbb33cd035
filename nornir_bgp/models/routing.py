"""How one router routes IPv4: what its configuration says, without FRR's spelling.

It is read from a configuration, rendered or running, by :mod:`nornir_bgp.frr.routing_config`, or
from a TOTEM domain, and it is all that :mod:`nornir_bgp.bgp` knows of a router.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Interface
from typing import Literal, NamedTuple

from nornir_bgp.models.quirks import FRR_8_4, FrrQuirks

MULTIPATH_NUM = 256
"""The paths that FRR uses side by side where ``maximum-paths`` is not set (Debian's build)."""


@dataclass(frozen=True, slots=True)
class DecisionOptions:
    """What changes a router's decision process.

    Attributes:
        default_local_pref: what a route without LOCAL_PREF counts as.
        as_path_ignore: ``bgp bestpath as-path ignore``.
        as_path_confed: ``bgp bestpath as-path confed``: confederation segments count, too.
        always_compare_med: ``bgp always-compare-med``.
        deterministic_med: ``bgp deterministic-med``.
        med_missing_as_worst: ``bgp bestpath med missing-as-worst``.
        med_confed: ``bgp bestpath med confed``.
        compare_router_id: ``bgp bestpath compare-routerid``.
        multipath_relax: ``bgp bestpath as-path multipath-relax``.
        maximum_paths: ``maximum-paths``, of routes that were learned by eBGP.
        maximum_paths_ibgp: ``maximum-paths ibgp``.
        equal_cluster_length: ``maximum-paths ibgp N equal-cluster-length``.
        aigp: ``bgp bestpath aigp`` (FRR 8.5 and later).
    """

    default_local_pref: int = 100
    as_path_ignore: bool = False
    as_path_confed: bool = False
    always_compare_med: bool = False
    deterministic_med: bool = False
    med_missing_as_worst: bool = False
    med_confed: bool = False
    compare_router_id: bool = False
    multipath_relax: bool = False
    maximum_paths: int = MULTIPATH_NUM
    maximum_paths_ibgp: int = MULTIPATH_NUM
    equal_cluster_length: bool = False
    aigp: bool = False


class PrefixRule(NamedTuple):
    """One entry of a prefix-list, in the order of the list; the first that matches decides.

    Attributes:
        permits: it permits, or denies.
        network: canonical text; ``any`` is ``0.0.0.0/0`` with ``longest`` 32.
        shortest: the shortest prefix length that it matches.
        longest: the longest.
    """

    permits: bool
    network: str
    shortest: int
    longest: int


class TextRule(NamedTuple):
    """One entry of an AS path list or a community list.

    Attributes:
        permits: it permits, or denies.
        pattern: FRR's regular expression (``_`` stands for a border); of a standard community
            list, communities separated by blanks, all of which a route must carry.
        standard: the pattern is of a standard community list.
    """

    permits: bool
    pattern: str
    standard: bool = False


MatchKind = Literal[
    "prefix-list",
    "as-path",
    "community",
    "community exact",
    "metric",
    "local-preference",
    "origin",
    "never",  # a condition that no IPv4 route meets, or that the model does not know
]
SetKind = Literal[
    "local-preference",  # N, +N or -N
    "metric",  # N, +N or -N
    "weight",
    "origin",
    "as-path prepend",  # AS numbers separated by blanks
    "as-path prepend last-as",  # how often
    "community",  # communities separated by blanks, or "none"
    "community additive",
    "community delete",  # the community list whose communities go
    "next-hop",  # an address, "peer-address" or "unchanged"
]


class Match(NamedTuple):
    """One condition of a clause: the name of a list, or a value."""

    kind: MatchKind
    value: str


class SetAction(NamedTuple):
    """One change that a permit clause makes, as FRR's ``set`` words it."""

    kind: SetKind
    value: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a route-map.

    Attributes:
        number: its sequence number; clauses are tried in this order.
        permits: what matches is let pass, or dropped.
        matches: all must hold; none: every route matches.
        sets: the changes, for a route that is let pass.
        goto: go on with the first clause from this number on (``on-match next`` is the number
            after its own); ``None``: the clause decides.
    """

    number: int
    permits: bool
    matches: tuple[Match, ...] = ()
    sets: tuple[SetAction, ...] = ()
    goto: int | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What applies to a session in one direction, by name; a route must pass all of it.

    Attributes:
        prefix_list: ``neighbor X prefix-list``.
        as_path_list: ``neighbor X filter-list``.
        route_map: ``neighbor X route-map``.
    """

    prefix_list: str | None = None
    as_path_list: str | None = None
    route_map: str | None = None


@dataclass(frozen=True, slots=True)
class RouterSession:
    """One BGP session, as one of its two ends describes it.

    Attributes:
        peer: the peer's address.
        remote_as: the peer's AS number.
        inbound: what applies to routes from it.
        outbound: what applies to routes to it.
        next_hop_self: ``neighbor X next-hop-self``.
        next_hop_self_force: likewise with ``force``: also for reflected routes.
        reflector_client: ``neighbor X route-reflector-client``.
        weight: ``neighbor X weight``; a route-map may overwrite it.
        update_source: the address or interface that the session starts from.
        multihop: the peer of an eBGP session need not be on a connected network.
        sends_communities: standard communities are sent (FRR does so by default).
        allow_own_as: how often our own AS number may stand in a route's AS path.
        shut_down: the session is held down.
    """

    peer: str
    remote_as: int
    inbound: Filters = Filters()
    outbound: Filters = Filters()
    next_hop_self: bool = False
    next_hop_self_force: bool = False
    reflector_client: bool = False
    weight: int = 0
    update_source: str | None = None
    multihop: bool = False
    sends_communities: bool = True
    allow_own_as: int = 0
    shut_down: bool = False


class RouterInterface(NamedTuple):
    """An interface with an address.

    Attributes:
        name: as the kernel calls it.
        address: with the length of its network.
        ospf_cost: what OSPF counts for sending by it; ``None``: OSPF does not run there.
        passive: OSPF announces its network, and has no neighbour there.
    """

    name: str
    address: IPv4Interface
    ospf_cost: int | None = None
    passive: bool = False


class StaticRoute(NamedTuple):
    """``ip route PREFIX NEXT_HOP``; the next hop is an address or the name of an interface."""

    prefix: str
    next_hop: str


class Aggregate(NamedTuple):
    """``aggregate-address``."""

    prefix: str
    summary_only: bool = False
    as_set: bool = False


class OwnNetwork(NamedTuple):
    """``network PREFIX``, which a router announces itself."""

    prefix: str
    route_map: str | None = None


class Confederation(NamedTuple):
    """``bgp confederation``: the AS number that others see, and the member AS numbers."""

    identifier: int
    members: frozenset[int]


@dataclass(frozen=True, slots=True)
class Router:
    """One router.

    Attributes:
        name: its name.
        as_number: its AS; in a confederation, its member AS.
        router_id: the BGP identifier.
        interfaces: the interfaces that carry IPv4 addresses.
        static_routes: the static routes.
        sessions: the BGP sessions that carry IPv4, in the order of the peers' addresses.
        networks: what it announces itself.
        aggregates: its aggregates.
        options: its decision process.
        cluster_id: as a route reflector; ``None``: the router id.
        confederation: the confederation that it is a member of.
        ebgp_requires_policy: routes of an eBGP session without a policy are neither taken nor
            sent (RFC 8212).
        import_check: a network is announced only where the router has a route to it.
        reflected_changed: ``bgp route-reflector allow-outbound-policy``: an outbound route-map
            also changes reflected routes; without it, it only drops some.
        route_maps: name -> clauses in their order.
        prefix_lists: name -> entries in their order; FRR permits all by a list that has none.
        as_path_lists: likewise.
        community_lists: likewise.
        quirks: the faults of its FRR; a configuration that names no version has those of 8.4.
        not_modelled: lines that may change how it routes and that the model does not know.
    """

    name: str
    as_number: int
    router_id: str
    interfaces: tuple[RouterInterface, ...] = ()
    static_routes: tuple[StaticRoute, ...] = ()
    sessions: tuple[RouterSession, ...] = ()
    networks: tuple[OwnNetwork, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    options: DecisionOptions = DecisionOptions()
    cluster_id: str | None = None
    confederation: Confederation | None = None
    ebgp_requires_policy: bool = False
    import_check: bool = False
    reflected_changed: bool = False
    route_maps: Mapping[str, tuple[Clause, ...]] = field(default_factory=dict)
    prefix_lists: Mapping[str, tuple[PrefixRule, ...]] = field(default_factory=dict)
    as_path_lists: Mapping[str, tuple[TextRule, ...]] = field(default_factory=dict)
    community_lists: Mapping[str, tuple[TextRule, ...]] = field(default_factory=dict)
    quirks: FrrQuirks = FRR_8_4
    not_modelled: tuple[str, ...] = ()
