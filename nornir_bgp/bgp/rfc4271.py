"""The decision process as RFC 4271, section 9.1.2, has it, in the order of C-BGP.

Each rule removes what it does not prefer from all that is left, so that the order of the candidates
does not count, and MEDs cannot hide a route from another. C-BGP's rules are these, without AIGP: it
keeps a route of its own whatever comes, then LOCAL_PREF, the length of the AS path, ORIGIN, MED,
eBGP, the IGP's cost, the router id, the length of CLUSTER_LIST, the neighbour's address.
"""

import math
from collections.abc import Callable, Iterable, Sequence

from nornir_bgp.bgp.route import Candidate, Learned
from nornir_bgp.bgp.rules import Reason, address_value

Key = Callable[[Candidate], float]


def _own(candidate: Candidate) -> float:
    """A route of the router's own is not overridden (C-BGP; RFC 4271 does not compare it)."""
    return candidate.learned is not Learned.LOCAL


def _aigp(candidate: Candidate) -> float:
    """AIGP and the cost to the next hop; routes without it go where one has it (RFC 7311, 4.1)."""
    value = candidate.route.aigp
    return math.inf if value is None else value + (candidate.igp_metric or 0)


def _as_path_length(candidate: Candidate) -> float:
    """The number of ASes, a set counting 1 (9.1.2.2 a; RFC 5065, section 5.3)."""
    return candidate.route.as_path.hops


def _origin(candidate: Candidate) -> float:
    """ORIGIN (9.1.2.2 b)."""
    return candidate.route.origin


def _peer_type(candidate: Candidate) -> float:
    """EBGP; what other members of the confederation send counts as internal (9.1.2.2 d)."""
    return candidate.learned is not Learned.EBGP


def _igp_metric(candidate: Candidate) -> float:
    """The interior cost of the next hop (9.1.2.2 e)."""
    return candidate.igp_metric or 0


def _router_id(candidate: Candidate) -> float:
    """The speaker's identifier, or ORIGINATOR_ID (9.1.2.2 f; RFC 4456, section 9)."""
    return address_value(candidate.route.originator_id or candidate.peer_id)


def _cluster_length(candidate: Candidate) -> float:
    """The length of CLUSTER_LIST, between f and g (RFC 4456, section 9)."""
    return len(candidate.route.cluster_list)


def _peer_address(candidate: Candidate) -> float:
    """The neighbour's address (9.1.2.2 g)."""
    return address_value(candidate.peer)


_BEFORE_MED: tuple[tuple[Reason, Key], ...] = (
    (Reason.AIGP, _aigp),
    (Reason.AS_PATH, _as_path_length),
    (Reason.ORIGIN, _origin),
)
_AFTER_MED: tuple[tuple[Reason, Key], ...] = (
    (Reason.PEER_TYPE, _peer_type),
    (Reason.IGP_METRIC, _igp_metric),
    (Reason.ROUTER_ID, _router_id),
    (Reason.CLUSTER_LENGTH, _cluster_length),
    (Reason.NEIGHBOR_ADDRESS, _peer_address),
)


def select(candidates: Sequence[Candidate], default_local_pref: int) -> tuple[int, Reason]:
    """Select one of several candidates, all of which take part.

    Returns:
        Its place, and the last rule that removed one; of those that no rule tells apart, the first.
    """

    def local_pref(candidate: Candidate) -> float:
        """The degree of preference (9.1.1)."""
        value = candidate.route.local_pref
        return -(default_local_pref if value is None else value)

    reason = Reason.DEFAULT
    left = list(range(len(candidates)))
    first = ((Reason.LOCAL_ROUTE, _own), (Reason.LOCAL_PREF, local_pref))
    for why, key in (*first, *_BEFORE_MED, (Reason.MED, None), *_AFTER_MED):
        kept = _lowest_meds(candidates, left) if key is None else _lowest(candidates, left, key)
        if len(kept) < len(left):
            left, reason = kept, why
        if len(left) == 1:
            break
    return left[0], reason


def _lowest(candidates: Sequence[Candidate], places: Iterable[int], key: Key) -> list[int]:
    values = {place: key(candidates[place]) for place in places}
    lowest = min(values.values())
    return [place for place, value in values.items() if value == lowest]


def _lowest_meds(candidates: Sequence[Candidate], places: Sequence[int]) -> list[int]:
    """Keep the lowest MED of each neighbouring AS; a missing one is the lowest (9.1.2.2 c)."""
    lowest: dict[int | None, int] = {}
    for place in places:
        candidate = candidates[place]
        neighbour, med = _neighbour(candidate), candidate.route.med or 0
        lowest[neighbour] = min(med, lowest.get(neighbour, med))
    return [
        place
        for place in places
        if (candidates[place].route.med or 0) == lowest[_neighbour(candidates[place])]
    ]


def _neighbour(candidate: Candidate) -> int | None:
    """The AS that a route came from; ``None``: this one."""
    neighbour = candidate.route.as_path.neighbour
    if neighbour is None and candidate.learned is Learned.EBGP:
        return candidate.peer_as
    return neighbour
