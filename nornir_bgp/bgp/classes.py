"""Prefixes that the network cannot tell apart, so that one of them is computed for all.

Two prefixes are of one class where the same routers and peers announce them in the same order,
every prefix-list that is in use says the same of both, and their routes differ in nothing that a
router looks at. Of an AS path that is its length, the neighbouring AS, whether it equals another
path of the same prefix or may come to equal it on its way, and how often the modelled networks' own
AS numbers stand in it. Where AS path lists are in use, the whole path counts; where communities are
matched or changed, they do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

from nornir_bgp.bgp.as_path import AsPath, Kind
from nornir_bgp.bgp.domain import Announcement
from nornir_bgp.bgp.policy import policy_of
from nornir_bgp.bgp.route import Route
from nornir_bgp.bgp.sending import KNOWN_COMMUNITIES
from nornir_bgp.models.routing import Filters, Router


class Told(NamedTuple):
    """An announcement as the exchange takes it: at which stage, to which end.

    Attributes:
        time: what has a lower one settles before.
        router: the router's place.
        slot: the end's slot there.
        route: the route.
    """

    time: int
    router: int
    slot: int
    route: Route


class Made(NamedTuple):
    """A change of what a router itself makes of other prefixes: an aggregate.

    Attributes:
        time: what has a lower one settles before.
        router: the router's place.
        route: the aggregate; ``None``: it is taken back.
    """

    time: int
    router: int
    route: Route | None


class PrefixClass(NamedTuple):
    """Prefixes that are computed at once, the first of them for all.

    Attributes:
        told: what is announced of the first one.
        members: prefix -> the routes of its announcements, in the order of ``told``.
    """

    told: tuple[Told, ...]
    members: dict[str, tuple[Route, ...]]

    @property
    def first(self) -> str:
        """The prefix that is computed."""
        return next(iter(self.members))


class Classifier:
    """Sorts prefixes into classes.

    Args:
        configurations: all configurations that the routers have, one after another.
    """

    def __init__(self, configurations: Iterable[Router]) -> None:
        routers = tuple(configurations)
        self._views = tuple(
            policy_of(router, filters)
            for router in routers
            for filters in _looking_at_prefixes(router)
        )
        self._paths_count = any(_looks_at_paths(router) for router in routers)
        self._communities_count = any(_looks_at_communities(router) for router in routers)
        self._numbers = tuple(sorted(set().union(*map(_as_numbers, routers))))
        prepended = {number for router in routers for number in _prepended(router)}
        self._written = frozenset({*self._numbers, *prepended} - {None})
        self._repeats_first = None in prepended
        # Paths grow inside the network only where policies or several ASes let them.
        self._paths_grow = bool(prepended) or len(self._numbers) > 1
        self._seen: dict[int, tuple[Route, int]] = {}
        self._kinds: dict[object, int] = {}
        self._profiles: dict[AsPath, object] = {}

    def key(self, prefix: str, told: Sequence[Told]) -> tuple[object, ...]:
        """What the network can tell of a prefix: equal keys, one class.

        The announcements are in order of their times; only that order counts.
        """
        routes: list[object] = []
        paths: dict[AsPath, int] = {}
        communities: dict[frozenset[str], int] = {}
        now = None
        for time, router, slot, route in told:
            path = paths.setdefault(route.as_path, len(paths))
            label = communities.setdefault(route.communities, len(communities))
            routes.append((time != now, router, slot, path, label, self._kind(route)))
            now = time
        views = tuple([view.decisions(prefix) for view in self._views])
        related = tuple(self._related(paths)) if self._paths_grow and len(paths) > 1 else ()
        # A next hop may be the very address that such a prefix is of.
        return (tuple(routes), related, views, prefix if prefix.endswith("/32") else None)

    def _related(self, paths: Mapping[AsPath, int]) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """Say which paths become others if routers write AS numbers before them, and which ones."""
        plain = [
            (number, inner.segments[0].numbers)
            for path, number in paths.items()
            if is_plain(inner := path.without_confederation())
        ]
        for (one, longer), (other, shorter) in permutations(plain, 2):
            lead = longer[: len(longer) - len(shorter)]
            if lead + shorter == longer:
                repeated = shorter[:1] if self._repeats_first else ()
                if self._written.issuperset(set(lead).difference(repeated)):
                    yield one, other, lead

    def _kind(self, route: Route) -> int:
        """What the network can tell of a route, whatever the other routes are, as a number."""
        known = self._seen.get(id(route))
        if known is not None:
            return known[1]
        path = route.as_path
        profile = self._profiles.get(path)
        if profile is None:
            profile = self._profiles[path] = self._path(path)
        communities: object = bool(route.communities)
        if self._communities_count or route.communities & KNOWN_COMMUNITIES:
            communities = route.communities
        seen = (
            profile,
            route.next_hop,
            route.origin,
            route.local_pref,
            route.med,
            communities,
            route.originator_id,
            route.cluster_list,
            route.aigp,
        )
        kind = self._kinds.setdefault(seen, len(self._kinds))
        # The route is kept, so that its identity stays its own.
        self._seen[id(route)] = (route, kind)
        return kind

    def _path(self, path: AsPath) -> object:
        if self._paths_count or not is_plain(path):
            return path
        numbers = path.segments[0].numbers
        if self._paths_grow and self._written.issuperset(numbers):
            return path  # a router's own network may come to have this path
        own = tuple([numbers.count(number) for number in self._numbers if number in numbers])
        which = tuple([number for number in self._numbers if number in numbers])
        return (len(numbers), numbers[0], own, which)


def is_plain(path: AsPath) -> bool:
    """Whether a path is one sequence: of prefixes of one class only such paths may differ."""
    return len(path.segments) == 1 and path.segments[0].kind is Kind.SEQUENCE


def classify(
    classifier: Classifier, told: Mapping[str, Sequence[Told]], apart: Mapping[str, object]
) -> list[PrefixClass]:
    """Sort prefixes into classes, in the order of their first ones.

    Args:
        classifier: what tells prefixes apart.
        told: prefix -> its announcements in order of their times.
        apart: prefix -> what else tells it apart, such as who has it as a network of its own.
    """
    found: dict[object, PrefixClass] = {}
    for prefix, announcements in told.items():
        key = (classifier.key(prefix, announcements), apart.get(prefix))
        known = found.get(key)
        if known is None:
            known = found[key] = PrefixClass(tuple(announcements), {})
        known.members[prefix] = tuple([one.route for one in announcements])
    return list(found.values())


def in_order(
    announcements: Iterable[Announcement],
    slots: Mapping[tuple[str, str], tuple[int, int]],
    ranks: Mapping[int, int],
) -> dict[str, list[Told]]:
    """Collect the announcements of each prefix, by time and then as they were given.

    Args:
        announcements: what the peers send; that of a peer without a session is left out.
        slots: (router, peer) -> the router's place and the slot of its end there.
        ranks: the times, numbered.
    """
    found: dict[str, list[Told]] = {}
    for router, peer, prefix, route, time in announcements:
        at = slots.get((router, peer))
        if at is not None:
            found.setdefault(prefix, []).append(Told(ranks[time], *at, route))
    for told in found.values():
        if len(told) > 1:
            told.sort(key=_time)
    return found


def _time(told: Told) -> int:
    return told.time


def _filters(router: Router) -> set[Filters]:
    return {
        filters for session in router.sessions for filters in (session.inbound, session.outbound)
    } | {Filters(route_map=network.route_map) for network in router.networks}


def _looking_at_prefixes(router: Router) -> list[Filters]:
    """The filters of a router that ask a prefix-list."""
    return sorted(
        (
            filters
            for filters in _filters(router)
            if filters.prefix_list is not None or "prefix-list" in _asked(router, filters)
        ),
        key=str,
    )


def _asked(router: Router, filters: Filters) -> set[str]:
    clauses = router.route_maps.get(filters.route_map or "", ())
    asked: set[str] = {match.kind for clause in clauses for match in clause.matches}
    return asked | {action.kind for clause in clauses for action in clause.sets}


def _looks_at_paths(router: Router) -> bool:
    return any(
        filters.as_path_list is not None or "as-path" in _asked(router, filters)
        for filters in _filters(router)
    )


def _looks_at_communities(router: Router) -> bool:
    return any(
        kind.startswith("community")
        for filters in _filters(router)
        for kind in _asked(router, filters)
    )


def _prepended(router: Router) -> Iterator[int | None]:
    """The AS numbers that the maps in use prepend; ``None``: a path's own first one."""
    for filters in _filters(router):
        for clause in router.route_maps.get(filters.route_map or "", ()):
            for action in clause.sets:
                if action.kind == "as-path prepend":
                    yield from map(int, action.value.split())
                elif action.kind == "as-path prepend last-as":
                    yield None


def _as_numbers(router: Router) -> set[int]:
    """The AS numbers that a loop check of this router may look for."""
    numbers = {router.as_number}
    if router.confederation is not None:
        numbers |= {router.confederation.identifier}
    return numbers
