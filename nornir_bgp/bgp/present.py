"""From the tables that routers have to what their neighbours must have told them."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import NamedTuple

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.decision import Reason, compare
from nornir_bgp.bgp.domain import Announcement
from nornir_bgp.bgp.route import Candidate, Learned, Origin, Route
from nornir_bgp.models.rib import Path, Rib
from nornir_bgp.models.routing import Router

ORIGINS = {"i": Origin.IGP, "e": Origin.EGP, "?": Origin.INCOMPLETE}


class _Source(NamedTuple):
    """A session on which a route came into the network."""

    router: str
    peer: str


def announcements_of(
    routers: Mapping[str, Router],
    tables: Mapping[str, Rib],
    prefixes: Collection[str] | None = None,
) -> tuple[Announcement, ...]:
    """Say what external peers have sent, and in which order.

    An eBGP route carries no LOCAL_PREF and no weight: where a table shows them, the router's own
    policy has set them, and will again. What a policy has prepended or counted up already cannot
    be told from what was sent; see :func:`doubts`. A table does not show communities.

    Args:
        routers: the routers of the network.
        tables: their tables, with peers.
        prefixes: only these; ``None``: all.

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
    found: list[Announcement] = []
    wanted = {p: None for rib in tables.values() for p in rib.routes}
    for prefix in wanted if prefixes is None else (p for p in wanted if p in prefixes):
        paths = {
            _Source(router, path.peer): path
            for router, rib in tables.items()
            for path in rib.routes.get(prefix, ())
            if path.peer is not None and not path.internal and path.peer not in owners
        }
        found.extend(
            Announcement(source.router, source.peer, prefix, route_of(paths[source]), time)
            for source, time in _in_order(prefix, routers, tables, owners, list(paths))
        )
    return tuple(found)


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
    best = _candidate(chosen[1])
    younger = {
        source
        for source, path in found
        if source != chosen[0]
        and path.valid
        and not path.internal
        and compare(best, _candidate(path), router.options, selected=best)[1] is Reason.OLDER
    }
    last = max((order.index(source) for source in younger), default=0)
    if last > order.index(chosen[0]):
        order.insert(last + 1, chosen[0])
        order.remove(chosen[0])
    return order, younger


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
