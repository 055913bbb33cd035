"""The rules of FRR's decision process, one by one, in FRR's order.

Most rules give each candidate a rank, and the lowest rank is preferred; two look at a pair. The
numbers of the steps are those that bgpd of FRR 8.4 gives them where it compares two paths; its
documentation ("BGP, route selection") leaves out two of them. Only IPv4 unicast is modelled, and
nothing of graceful restart, labels or link bandwidth.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from nornir_bgp.bgp.route import Candidate, Learned
from nornir_bgp.models.routing import DecisionOptions

_LARGEST_MED = 2**32 - 1
"""What ``bgp bestpath med missing-as-worst`` takes a missing MED for."""


class Reason(StrEnum):
    """Why a route was selected, in the words of FRR's ``selectionReason``."""

    FIRST = "First path received"
    WEIGHT = "Weight"
    LOCAL_PREF = "Local Pref"
    LOCAL_ROUTE = "Local Route"
    AIGP = "AIGP"
    CONFED_AS_PATH = "Confederation based AS Path"
    AS_PATH = "AS Path"
    ORIGIN = "Origin"
    MED = "MED"
    PEER_TYPE = "Peer Type"
    CONFED_PEER_TYPE = "Confed Peer Type"
    IGP_METRIC = "IGP Metric"
    OLDER = "Older Path"
    ROUTER_ID = "Router ID"
    CLUSTER_LENGTH = "Cluster length"
    STALENESS = "Path Staleness"  # of graceful restart, which is not modelled
    LOCALLY_CONFIGURED = "Locally configured route"
    NEIGHBOR_ADDRESS = "Neighbor IP"
    DEFAULT = "Nothing left to compare"


STALE = "llgr-stale"

Rank = Callable[[Candidate, DecisionOptions], int]


def is_stale(candidate: Candidate) -> bool:
    """Say whether a route is marked as long-lived stale, and loses to any other (RFC 9494)."""
    return STALE in candidate.route.communities


def weight(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer the higher weight (step 1; FRR's own, it never leaves the router)."""
    return -candidate.route.weight


def local_pref(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer the higher LOCAL_PREF (step 2; RFC 4271, section 9.1.1).

    A route without one counts as ``bgp default local-preference``.
    """
    value = candidate.route.local_pref
    return -(options.default_local_pref if value is None else value)


def local_route(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer what the router originates itself: networks and aggregates (step 3)."""
    return candidate.learned is not Learned.LOCAL


def aigp(one: Candidate, other: Candidate) -> int:
    """Prefer the lower AIGP metric with the cost to the next hop added, where both have one.

    RFC 7311, section 4.1, as FRR applies it from 8.5 on with ``bgp bestpath aigp``: between steps 3
    and 4, to a pair. FRR 8.4 knows neither the attribute nor the option.

    Returns:
        Below 0: the first is preferred; above 0: the other; 0: this rule cannot tell.
    """
    mine, its = one.route.aigp, other.route.aigp
    if mine is None or its is None:
        return 0
    return mine + (one.igp_metric or 0) - its - (other.igp_metric or 0)


def as_path_length(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer the shorter AS path (step 4; RFC 4271, section 9.1.2.2 a)."""
    return candidate.route.as_path.hops


def as_path_confed_length(candidate: Candidate, options: DecisionOptions) -> int:
    """Likewise with the confederation's segments (``bgp bestpath as-path confed``)."""
    path = candidate.route.as_path
    return path.hops + path.confed_hops


def origin(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer the lower ORIGIN: IGP, EGP, incomplete (step 5; RFC 4271, section 9.1.2.2 b)."""
    return candidate.route.origin


def med(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer the lower MED (step 6; RFC 4271, section 9.1.2.2 c), of a pair that is comparable."""
    value = candidate.route.med
    if value is None:
        return _LARGEST_MED if options.med_missing_as_worst else 0
    return value


def meds_are_comparable(one: Candidate, other: Candidate, options: DecisionOptions) -> bool:
    """Say whether the MEDs of two routes are compared: they came from the same neighbouring AS.

    ``bgp always-compare-med`` compares all. Two paths without any AS but a confederation's are
    compared always, so ``bgp bestpath med confed``, which asks for a part of that, changes nothing.
    """
    if options.always_compare_med:
        return True
    mine, its = one.route.as_path, other.route.as_path
    return mine.same_neighbour(its) or (mine.hops == 0 and its.hops == 0)


def peer_type(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer eBGP to iBGP and to the confederation's eBGP (step 7; section 9.1.2.2 d)."""
    return candidate.learned is not Learned.EBGP


def confed_peer_type(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer another member of the confederation to the own one.

    FRR counts it as step 10, but it decides before the IGP's metric does.
    """
    return candidate.learned is not Learned.CONFED


def igp_metric(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer the lower cost of the way to the next hop (step 8; section 9.1.2.2 e)."""
    return candidate.igp_metric or 0


def cluster_length_as_metric(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer the shorter CLUSTER_LIST of iBGP routes (step 9), and call it the IGP's metric.

    bgpd does so only with ``maximum-paths ibgp N equal-cluster-length``.
    """
    return len(candidate.route.cluster_list) if candidate.learned is Learned.IBGP else 0


def router_id(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer the lower BGP identifier (step 13; RFC 4271, section 9.1.2.2 f).

    ORIGINATOR_ID stands for it where there is one (RFC 4456, section 9); the router's own routes
    have none, which counts as 0.0.0.0.
    """
    return address_value(candidate.route.originator_id or candidate.peer_id)


def cluster_length(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer the shorter CLUSTER_LIST (step 14; RFC 4456, section 9)."""
    return len(candidate.route.cluster_list)


def neighbor_address(candidate: Candidate, options: DecisionOptions) -> int:
    """Prefer the lower address of the neighbour (step 15; RFC 4271, section 9.1.2.2 g)."""
    return address_value(candidate.peer)


@lru_cache(maxsize=1 << 16)
def address_value(text: str | None) -> int:
    """Return an address as a number that orders it as FRR does: IPv4 first; no address is 0."""
    if text is None:
        return 0
    address = ip_address(text)
    return int(address) if address.version == 4 else int(address) + (1 << 128)


class Stage(NamedTuple):
    """Rules that follow one another, and the reason that each is called by."""

    ranks: tuple[Rank, ...]
    reasons: tuple[Reason, ...]


class Steps(NamedTuple):
    """The rules that a router applies.

    Attributes:
        before_med: steps 1 to 5.
        before_aigp: how many of these come before AIGP.
        after_med: steps 7 to 10. Routes that are equal up to here may share the load (step 11).
        keeps_selected: of two routes that were learned by eBGP, the selected one stays (step 12,
            without ``bgp bestpath compare-routerid``).
        tie_breakers: steps 13 to 15.
    """

    before_med: Stage
    before_aigp: int
    after_med: Stage
    keeps_selected: bool
    tie_breakers: Stage


@lru_cache(maxsize=1024)
def steps_of(options: DecisionOptions) -> Steps:
    """Return the rules that these options ask for."""
    first = [
        (weight, Reason.WEIGHT),
        (local_pref, Reason.LOCAL_PREF),
        (local_route, Reason.LOCAL_ROUTE),
    ]
    length = [(as_path_length, Reason.AS_PATH)]
    if options.as_path_confed:
        length = [(as_path_confed_length, Reason.CONFED_AS_PATH)]
    if options.as_path_ignore:
        length = []
    metric = [
        (peer_type, Reason.PEER_TYPE),
        (confed_peer_type, Reason.CONFED_PEER_TYPE),
        (igp_metric, Reason.IGP_METRIC),
    ]
    if options.equal_cluster_length:
        metric.append((cluster_length_as_metric, Reason.IGP_METRIC))
    last = [
        (router_id, Reason.ROUTER_ID),
        (cluster_length, Reason.CLUSTER_LENGTH),
        (neighbor_address, Reason.NEIGHBOR_ADDRESS),
    ]
    return Steps(
        before_med=_stage([*first, *length, (origin, Reason.ORIGIN)]),
        before_aigp=len(first),
        after_med=_stage(metric),
        keeps_selected=not options.compare_router_id,
        tie_breakers=_stage(last),
    )


def _stage(rules: Sequence[tuple[Rank, Reason]]) -> Stage:
    return Stage(tuple(rank for rank, _ in rules), tuple(reason for _, reason in rules))
