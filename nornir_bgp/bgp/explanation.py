"""Why a route was selected, in words: what stood against each other path, and whose policy did it.

The paths are compared by the rules of :func:`nornir_bgp.bgp.decision.compare`; a router compares
them in the order of its table, which comes to the same unless MED makes the order count.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from nornir_bgp.bgp.decision import Decision, Reason, compare
from nornir_bgp.bgp.policy import filtered
from nornir_bgp.bgp.route import Candidate, Learned
from nornir_bgp.models.routing import Clause, DecisionOptions, Filters, Router


class SetBy(NamedTuple):
    """The clause that gave a route its LOCAL_PREF.

    Attributes:
        route_map: the route-map.
        clause: its clause.
    """

    route_map: str
    clause: Clause

    def __str__(self) -> str:
        conditions = [f"{match.kind} {match.value}" for match in self.clause.matches]
        matching = f", which matches {' and '.join(conditions)}" if conditions else ""
        return f"{self.route_map} permit {self.clause.number}{matching}"


def verdicts(
    candidates: Sequence[Candidate], decision: Decision, options: DecisionOptions
) -> tuple[str, ...]:
    """Say of each path why it is, or is not, selected."""
    return tuple(_verdict(place, candidates, decision, options) for place in range(len(candidates)))


def _verdict(
    place: int, candidates: Sequence[Candidate], decision: Decision, options: DecisionOptions
) -> str:
    candidate = candidates[place]
    if candidate.igp_metric is None or decision.best is None:
        return "takes no part, since its next hop cannot be reached"
    if place == decision.best:
        return "selected"
    best = candidates[decision.best]
    if place in decision.multipath:
        _, reason = compare(best, candidate, options, selected=best)
        return f"shares the load; the selected one {_because(reason, best, candidate, options)}"
    return _lost(candidate, best, candidates, options)


def _lost(
    candidate: Candidate, best: Candidate, candidates: Sequence[Candidate], options: DecisionOptions
) -> str:
    """Say why a path that takes part is not selected."""
    wins, reason = compare(best, candidate, options, selected=best)
    if wins:
        return f"the selected one {_because(reason, best, candidate, options)}"
    for other in candidates:
        if other not in (best, candidate) and other.igp_metric is not None:
            wins, why = compare(other, candidate, options, selected=best)
            if wins:
                return (
                    f"better than the selected one by {reason}, but that from {other.peer} "
                    f"{_because(why, other, candidate, options)}, and then lost to the selected one"
                )
    return f"better than the selected one by {reason}, which the order of the table decides"


def _because(reason: Reason, winner: Candidate, loser: Candidate, options: DecisionOptions) -> str:
    """Say what the winner has and the loser has not."""
    words, value = _WORDS.get(reason, (f"is better by {reason}", _nothing))
    return words.format(value(winner, options), value(loser, options))


def _local_pref(candidate: Candidate, options: DecisionOptions) -> str:
    value = candidate.route.local_pref
    return str(options.default_local_pref if value is None else value)


def _med(candidate: Candidate, _: DecisionOptions) -> str:
    return "none" if candidate.route.med is None else str(candidate.route.med)


def _nothing(*_: object) -> str:
    return ""


_SESSIONS = {
    Learned.LOCAL: "nobody",
    Learned.EBGP: "eBGP",
    Learned.CONFED: "eBGP in the confederation",
    Learned.IBGP: "iBGP",
}

_WORDS: Mapping[Reason, tuple[str, Callable[[Candidate, DecisionOptions], str]]] = {
    Reason.WEIGHT: ("has weight {}, not {}", lambda c, _: str(c.route.weight)),
    Reason.LOCAL_PREF: ("has LOCAL_PREF {}, not {}", _local_pref),
    Reason.LOCAL_ROUTE: ("is the router's own", _nothing),
    Reason.AS_PATH: (
        "has an AS path of length {}, not {}",
        lambda c, _: str(c.route.as_path.hops),
    ),
    Reason.ORIGIN: ("has origin {}, not {}", lambda c, _: c.route.origin.name),
    Reason.MED: ("has MED {}, not {}", _med),
    Reason.PEER_TYPE: ("was learned by {}, not by {}", lambda c, _: _SESSIONS[c.learned]),
    Reason.IGP_METRIC: (
        "has a next hop at IGP cost {}, not {}",
        lambda c, _: str(c.igp_metric),
    ),
    Reason.OLDER: ("was there before", _nothing),
    Reason.ROUTER_ID: (
        "has the lower router id, {}, not {}",
        lambda c, _: c.route.originator_id or c.peer_id or "none",
    ),
    Reason.CLUSTER_LENGTH: (
        "has a CLUSTER_LIST of length {}, not {}",
        lambda c, _: str(len(c.route.cluster_list)),
    ),
    Reason.NEIGHBOR_ADDRESS: (
        "has the lower neighbour address, {}, not {}",
        lambda c, _: c.peer or "none",
    ),
}


def setter_of(router: Router, filters: Filters, prefix: str, candidate: Candidate) -> SetBy | None:
    """Find the clause of a session's route-map that gives a route its LOCAL_PREF.

    Args:
        router: whose route-map it is.
        filters: the session's, in one direction.
        prefix: the route's prefix.
        candidate: the route after the policy; what it had before is taken to have been the same
            but for LOCAL_PREF.
    """
    name = filters.route_map
    clauses = router.route_maps.get(name or "", ())
    if name is None:
        return None
    before = replace(candidate.route, local_pref=None, weight=0)
    for place, clause in enumerate(clauses):
        shorter = replace(router, route_maps={**router.route_maps, name: clauses[: place + 1]})
        after = filtered(shorter, Filters(route_map=name), prefix, before, peer=candidate.peer)
        sets = any(action.kind == "local-preference" for action in clause.sets)
        if after is not None and after.local_pref is not None and sets:
            return SetBy(name, clause)
        if after is not None and clause.goto is None:
            return None
    return None
