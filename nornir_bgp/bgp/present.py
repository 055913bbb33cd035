"""From the tables that routers have to what their neighbours must have told them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import NamedTuple

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.decision import Reason, compare
from nornir_bgp.bgp.domain import Announcement
from nornir_bgp.bgp.route import Candidate, Learned, Origin, Route
from nornir_bgp.models.rib import Path, Rib
from nornir_bgp.models.routing import DecisionOptions, Router

ORIGINS = {"i": Origin.IGP, "e": Origin.EGP, "?": Origin.INCOMPLETE}


class Order(Enum):
    """For which prefixes it is worked out in which order their routes came."""

    ALL = "all"
    DECIDING = "those where it may decide what a router selects"
    NONE = "none"


class _Source(NamedTuple):
    """A session on which a route came into the network."""

    router: str
    peer: str


def announcements_of(
    routers: Mapping[str, Router],
    tables: Mapping[str, Rib],
    prefixes: Collection[str] | None = None,
    order: Order = Order.ALL,
) -> tuple[Announcement, ...]:
    """Say what external peers have sent, and in which order.

    An eBGP route carries no LOCAL_PREF and no weight: where a table shows them, the router's own
    policy has set them, and will again. What a policy has prepended or counted up already cannot
    be told from what was sent; see :func:`doubts`. A table does not show communities.

    Args:
        routers: the routers of the network.
        tables: their tables, with peers.
        prefixes: only these; ``None``: all.
        order: for which of them the order counts; the announcements of the others are made at
            once, in the order of routers and peers.

    Returns:
        The announcements, prefix by prefix. Their times put those first that the tables show to
        be older: a table has its newest path first, and among paths that nothing else decides
        between, the one that is selected is the oldest.
    """
    owners = {
        str(interface.address.ip): name
        for name, router in routers.items()
        for interface in router.interfaces
    }
    may_decide = _order_may_decide(routers, order)
    found: list[Announcement] = []
    wanted = {p: None for rib in tables.values() for p in rib.routes}
    for prefix in wanted if prefixes is None else (p for p in wanted if p in prefixes):
        paths = {
            _Source(router, path.peer): path
            for router, rib in tables.items()
            for path in rib.routes.get(prefix, ())
            if path.peer is not None and not path.internal and path.peer not in owners
        }
        came = (
            _in_order(prefix, routers, tables, owners, list(paths))
            if may_decide(paths)
            else [(source, 0) for source in sorted(paths)]
        )
        found.extend(
            Announcement(source.router, source.peer, prefix, route_of(paths[source]), time)
            for source, time in came
        )
    return tuple(found)


def _order_may_decide(
    routers: Mapping[str, Router], order: Order
) -> Callable[[Mapping[_Source, Path]], bool]:
    """Say how to tell whether the order may decide in which the routes of a prefix came.

    Within one AS it does between two routes that one router has from outside, and where routes
    with other MEDs are compared in the order of the table. What else hangs on it, which of several
    stable states the network came to, shows in the tables.
    """
    if order is not Order.DECIDING:
        return lambda _: order is Order.ALL
    one_as = len({router.as_number for router in routers.values()}) == 1
    if not one_as or any(router.confederation is not None for router in routers.values()):
        return lambda _: True
    meds_by_order = not all(router.options.deterministic_med for router in routers.values())

    def may_decide(paths: Mapping[_Source, Path]) -> bool:
        if len({source.router for source in paths}) < len(paths):
            return True
        if not meds_by_order or len({path.metric for path in paths.values()}) < 2:
            return False
        meds = {(AsPath.parse(p.as_path).neighbour, p.metric) for p in paths.values()}
        return len(meds) > len({neighbour for neighbour, _ in meds})

    return may_decide


def route_of(path: Path) -> Route:
    """The route that an eBGP peer has sent, from a path of a table."""
    return Route(
        next_hop=path.next_hop,
        as_path=AsPath.parse(path.as_path),
        origin=ORIGINS[path.origin],
        med=path.metric,
    )


def _in_order(
    prefix: str,
    routers: Mapping[str, Router],
    tables: Mapping[str, Rib],
    owners: Mapping[str, str],
    sources: list[_Source],
) -> list[tuple[_Source, int]]:
    """Put the announcements of a prefix into the order in which they came, with their times.

    Where routers tell different orders, the announcements crossed on their way: then they count
    as made at once, in the order that most of the other routers saw, but for those that cannot
    have come before the selected one.
    """
    if len(sources) == 1:
        return [(sources[0], 0)]
    before: dict[_Source, set[_Source]] = {source: set() for source in sources}
    votes = dict.fromkeys(sources, 0)
    late: set[_Source] = set()
    for router in tables:
        order, younger = _newest_first(prefix, routers[router], tables, owners)
        order = [source for source in order if source in before]
        late |= younger
        for newer, older in pairwise(order):
            if newer != older:
                before[newer].add(older)
        if all(source.router != router for source in order):
            for place, source in enumerate(reversed(order)):
                votes[source] += place
    try:
        oldest_first = TopologicalSorter(before).static_order()
        return [(source, time) for time, source in enumerate(oldest_first)]
    except CycleError:
        in_order = sorted(sources, key=lambda source: (source in late, votes[source]))
        return [(source, int(source in late)) for source in in_order]


def _newest_first(
    prefix: str, router: Router, tables: Mapping[str, Rib], owners: Mapping[str, str]
) -> tuple[list[_Source], set[_Source]]:
    """The sources of a router's paths, and those that cannot have come before the selected one.

    Of two eBGP paths that nothing else decides between, the one that is selected was there first,
    whatever their places in the table are now.
    """
    found = [
        (source, path)
        for path in tables[router.name].routes.get(prefix, ())
        if (source := _source(prefix, router.name, path, tables, owners)) is not None
    ]
    order = [source for source, _ in found]
    chosen = next(((source, path) for source, path in found if path.best), None)
    if chosen is None or chosen[1].internal:
        return order, set()
    younger = {
        source
        for source, path in found
        if source != chosen[0] and _is_only_younger(chosen[1], path, router.options)
    }
    last = max((order.index(source) for source in younger), default=0)
    if last > order.index(chosen[0]):
        order.insert(last + 1, chosen[0])
        order.remove(chosen[0])
    return order, younger


def is_by_age(paths: Sequence[Path], options: DecisionOptions) -> bool:
    """Say whether the selected one of a router's paths is so only since it is older than another.

    Args:
        paths: the paths of one prefix, with peers.
        options: the router's decision process.
    """
    best = next((path for path in paths if path.best), None)
    return (
        best is not None
        and not options.compare_router_id
        and best.peer is not None
        and not best.internal
        and any(path is not best and _is_only_younger(best, path, options) for path in paths)
    )


def _is_only_younger(best: Path, path: Path, options: DecisionOptions) -> bool:
    """Whether a path is as good as an eBGP path that is selected, and came after it."""
    if not path.valid or path.internal or path.peer is None:
        return False
    selected = _candidate(best)
    return compare(selected, _candidate(path), options, selected=selected)[1] is Reason.OLDER


def _candidate(path: Path) -> Candidate:
    """An eBGP path as the decision process sees it, as far as a table tells it."""
    route = replace(route_of(path), local_pref=path.local_pref, weight=path.weight)
    return Candidate(route, Learned.EBGP, path.peer, peer_id=path.peer, igp_metric=0)


def _source(
    prefix: str, router: str, path: Path, tables: Mapping[str, Rib], owners: Mapping[str, str]
) -> _Source | None:
    """The session on which the route of a path came into the network, as far as tables tell."""
    at = router
    seen: set[str] = set()
    while path.peer is not None and at not in seen:
        if path.peer not in owners:
            return _Source(at, path.peer)
        seen.add(at)
        at = owners[path.peer]
        best = tables[at].best(prefix) if at in tables else None
        if best is None:
            return None
        path = best
    return None
