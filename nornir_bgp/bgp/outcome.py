"""The network after it has settled: every router's table, made when it is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from nornir_bgp.bgp.as_path import AsPath, Segment
from nornir_bgp.bgp.classes import PrefixClass, is_plain
from nornir_bgp.bgp.decision import Decision
from nornir_bgp.bgp.domain import Domain
from nornir_bgp.bgp.doubts import next_hop_doubts
from nornir_bgp.bgp.history import History, Settled
from nornir_bgp.bgp.route import Candidate, Learned, Origin, Route
from nornir_bgp.bgp.table import AGGREGATE, EMPTY, NOTHING, Held
from nornir_bgp.exceptions import InputError, ProgramFaultError
from nornir_bgp.models.quirks import FrrQuirks
from nornir_bgp.models.rib import Path, Rib

_ORIGINS = {Origin.IGP: "i", Origin.EGP: "e", Origin.INCOMPLETE: "?"}


@dataclass(frozen=True, slots=True)
class Cycle:
    """Why a network does not converge.

    Attributes:
        prefixes: the prefixes that it happens to.
        routers: the routers that change for ever, in the order of their changes.
        states: what each of them changes to, step by step, in one round.
    """

    prefixes: tuple[str, ...]
    routers: tuple[str, ...]
    states: tuple[str, ...]


class Solution(NamedTuple):
    """A class of prefixes and how it ended."""

    prefixes: PrefixClass
    settled: Settled
    silent: frozenset[int] = frozenset()


class _Origin(NamedTuple):
    """Where a candidate comes from, so that another prefix's own route is put in its place.

    Attributes:
        announcement: the place of the announcement in its class; ``None``: no peer announced it.
        lead: the segments that routers have put before the announced path, the last one to be
            joined to it; ``None``: the whole class has this path.
    """

    announcement: int | None
    lead: tuple[Segment, ...] | None = None


@dataclass(frozen=True)
class Outcome:
    """The network after it has settled (or, where it does not, when that was found out).

    Attributes:
        domain: the network.
        prefixes: all prefixes that some router has a route to, in order.
        classes: how many classes of prefixes were computed.
        cycles: what does not converge; empty: the state is stable.
    """

    domain: Domain
    prefixes: tuple[str, ...]
    classes: int
    cycles: tuple[Cycle, ...]
    _history: History = field(repr=False, compare=False)
    _solutions: Mapping[str, Solution] = field(repr=False, compare=False)
    _origins: dict[tuple[int, str], tuple[_Origin, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _alone: dict[str, Settled] = field(default_factory=dict, repr=False, compare=False)

    @property
    def converged(self) -> bool:
        """Every router has settled."""
        return not self.cycles

    def alike(self) -> Iterator[tuple[str, ...]]:
        """The prefixes that some router has a route to, class by class.

        All routers forward the prefixes of one class in the same way, and for the same reasons,
        where the class comes to rest.
        """
        met: set[int] = set()
        for solution in self._solutions.values():
            if id(solution) not in met:
                met.add(id(solution))
                yield tuple(solution.prefixes.members)

    def rib(self, router: str) -> Rib:
        """The table of a router, paths in FRR's order; as :func:`parse_json` reads it."""
        place = self._place(router)
        last = self._history.moments[-1].routers[router]
        routes: dict[str, tuple[Path, ...]] = {}
        printed: dict[int, tuple[Path, ...]] = {}
        for prefix in self.prefixes:
            held, origins = self._held(place, prefix)
            if not held.slots:
                continue
            key = id(held)
            paths = printed.get(key)
            if paths is None:
                paths = printed[key] = tuple(_paths(held, last.quirks))
            solution = self._solutions[prefix]
            if prefix != solution.prefixes.first:
                routed = solution.prefixes.members[prefix]
                paths = tuple(
                    [
                        path
                        if origin.lead is None
                        else path._replace(as_path=str(_as_path(origin, routed)))
                        for path, origin in zip(paths, origins, strict=True)
                    ]
                )
            routes[prefix] = paths
        return Rib(last.router_id, last.as_number, None, last.options.default_local_pref, routes)

    def table(self, router: str, prefix: str) -> tuple[tuple[Candidate, ...], Decision]:
        """The candidates of one prefix at a router, in FRR's order, and what it decides."""
        held, origins = self._held(self._place(router), prefix)
        if not held.slots:
            return (), NOTHING
        solution = self._solutions[prefix]
        if prefix == solution.prefixes.first:
            return held.candidates, held.decision
        routes = solution.prefixes.members[prefix]
        candidates = tuple(
            _of_member(candidate, origin, solution, routes)
            for candidate, origin in zip(held.candidates, origins, strict=True)
        )
        return candidates, held.decision

    def forwarding(self, router: str, prefix: str) -> tuple[str, ...]:
        """The next hops that a router uses side by side for a prefix; empty: it has no route.

        ``0.0.0.0`` stands for the router itself.
        """
        held, _ = self._held(self._place(router), prefix)
        best = held.decision.best
        if best is None:
            return ()
        used = (best, *held.decision.multipath)
        return tuple(dict.fromkeys(held.candidates[place].route.next_hop for place in used))

    def doubts(self) -> tuple[str, ...]:
        """Sentences about what FRR may do otherwise: next hops that routes of BGP lead to."""
        tables = {prefix: one.settled.held for prefix, one in self._solutions.items()}
        return tuple(next_hop_doubts(self._history.moments[-1], tables))

    def way(self, router: str, address: str) -> tuple[str, ...]:
        """The neighbours that a router sends to, side by side, what goes to an address.

        The address itself where the router is connected to it; empty: there is no way.
        """
        self._place(router)
        way = self._history.moments[-1].igp.way(router, address)
        if way is None or way.discarded:
            return ()
        return way.hops or (address,)

    def _place(self, router: str) -> int:
        for place, name in enumerate(self.domain.routers):
            if name == router:
                return place
        raise InputError(f"there is no router {router!r} in the network")

    def _held(self, place: int, prefix: str) -> tuple[Held, tuple[_Origin, ...]]:
        solution = self._solutions.get(prefix)
        if solution is None:
            return EMPTY, ()
        first = solution.prefixes.first
        if prefix == first:
            return solution.settled.held[place], ()
        if solution.settled.cycle is not None:
            # While messages are under way, a route's origin may have changed behind it.
            return self._computed_alone(prefix, solution).held[place], ()
        key = (place, first)
        if key not in self._origins:
            self._origins[key] = tuple(_find_origins(solution, self._history, place))
        return solution.settled.held[place], self._origins[key]

    def _computed_alone(self, prefix: str, solution: Solution) -> Settled:
        if prefix not in self._alone:
            routes = solution.prefixes.members[prefix]
            told = [
                one._replace(route=route)
                for one, route in zip(solution.prefixes.told, routes, strict=True)
            ]
            self._alone[prefix] = self._history.run(prefix, told, silent=solution.silent)
        return self._alone[prefix]


def _paths(held: Held, quirks: FrrQuirks) -> Iterator[Path]:
    decision = held.decision
    for place, (slot, candidate) in enumerate(zip(held.slots, held.candidates, strict=True)):
        route = candidate.route
        is_best = place == decision.best
        shown_as_ipv6 = slot == AGGREGATE and quirks.aggregate_next_hop_is_ipv6
        yield Path(
            candidate.igp_metric is not None,
            is_best,
            place in decision.multipath,
            candidate.learned is Learned.IBGP,
            "::" if shown_as_ipv6 else route.next_hop,
            route.med,
            route.local_pref,
            route.weight,
            str(route.as_path),
            _ORIGINS[route.origin],
            candidate.peer,
            str(decision.reason) if is_best else None,
        )


def _find_origins(solution: Solution, history: History, place: int) -> Iterator[_Origin]:
    """Follow each candidate of a router back to the announcement that it comes from."""
    told, held = solution.prefixes.told, solution.settled.held
    numbers = {(one.router, one.slot): number for number, one in enumerate(told)}
    speakers = history.moments[-1].speakers
    places = {name: number for number, name in enumerate(history.ends)}
    for slot, candidate in zip(held[place].slots, held[place].candidates, strict=True):
        router, at = place, slot
        while at >= 0 and (far := speakers[router].ends[at].far) is not None:
            router = places[far.router]
            at = _sent_from(held[router])
        number = numbers.get((router, at))
        lead = None
        if number is not None and is_plain(told[number].route.as_path):
            lead = _lead(candidate.route.as_path, told[number].route.as_path)
        yield _Origin(number, lead)


def _sent_from(held: Held) -> int:
    """The slot of what a router passes on; it has something, since a neighbour holds it."""
    if held.best_slot is None:
        raise ProgramFaultError("a route is held that nobody sends, and the network has settled")
    return held.best_slot


def _lead(path: AsPath, announced: AsPath) -> tuple[Segment, ...]:
    """What stands before an announced path, a plain sequence, in a path that it has become."""
    *before, (kind, numbers) = path.segments
    more = len(numbers) - len(announced.segments[0].numbers)
    return (*before, Segment(kind, numbers[:more])) if more else tuple(before)


def _as_path(origin: _Origin, routes: Sequence[Route]) -> AsPath:
    """What one of these announced paths has become, as the first prefix's one has."""
    path = routes[origin.announcement or 0].as_path
    for kind, numbers in reversed(origin.lead or ()):
        path = path.prepended(numbers, kind)
    return path


def _of_member(
    candidate: Candidate, origin: _Origin, solution: Solution, routes: Sequence[Route]
) -> Candidate:
    """Put another prefix's own route into the place of the first one's."""
    number = origin.announcement
    if number is None:
        return candidate
    route, mine, firsts = candidate.route, routes[number], solution.prefixes.told[number].route
    communities = route.communities
    if communities == firsts.communities:
        communities = mine.communities
    as_path = route.as_path if origin.lead is None else _as_path(origin, routes)
    return replace(candidate, route=replace(route, as_path=as_path, communities=communities))
