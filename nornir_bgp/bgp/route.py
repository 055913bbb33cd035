"""A route: what BGP tells about one prefix, without the prefix.

Routes are many and compared often, so they are small, frozen, and shared between the prefixes that
have the same one.
"""

from dataclasses import dataclass
from enum import IntEnum

from nornir_bgp.bgp.as_path import EMPTY_PATH, AsPath

OWN_NEXT_HOP = "0.0.0.0"  # noqa: S104 - FRR's next hop of a router's own routes


class Origin(IntEnum):
    """ORIGIN (RFC 4271, section 5.1.1); the lower is preferred."""

    IGP = 0
    EGP = 1
    INCOMPLETE = 2


@dataclass(frozen=True, slots=True)
class Route:
    """The attributes of a route.

    Attributes:
        next_hop: an address; ``0.0.0.0`` of a router's own route.
        as_path: AS_PATH.
        origin: ORIGIN.
        local_pref: LOCAL_PREF; ``None``: it has none, which counts as the router's default.
        med: MULTI_EXIT_DISC; ``None``: it has none.
        weight: FRR's own weight, which never leaves the router.
        communities: standard communities as FRR writes them (``65020:100``, ``no-export``).
        originator_id: ORIGINATOR_ID, of a reflected route.
        cluster_list: CLUSTER_LIST, the nearest reflector first.
        aigp: the AIGP metric (RFC 7311), where the software has it.
    """

    next_hop: str
    as_path: AsPath = EMPTY_PATH
    origin: Origin = Origin.IGP
    local_pref: int | None = None
    med: int | None = None
    weight: int = 0
    communities: frozenset[str] = frozenset()
    originator_id: str | None = None
    cluster_list: tuple[str, ...] = ()
    aigp: int | None = None


class Learned(IntEnum):
    """How a router came to a route."""

    LOCAL = 0
    EBGP = 1
    CONFED = 2
    IBGP = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A route in a router's table, with what the decision process needs beside the attributes.

    Attributes:
        route: the attributes, after the policy of the session.
        learned: how the router came to it.
        peer: the neighbour's address; ``None`` of a router's own route.
        peer_as: the neighbour's AS; ``None`` likewise.
        peer_id: the neighbour's BGP identifier; ``None`` likewise.
        igp_metric: the cost of the way to the next hop, 0 where it is connected; ``None``: there
            is no way, and the route does not take part.
    """

    route: Route
    learned: Learned
    peer: str | None = None
    peer_as: int | None = None
    peer_id: str | None = None
    igp_metric: int | None = 0
