"""Aggregates: a route that a router makes while it has any route inside of it.

As FRR's ``bgp_aggregate_route``: it is there while a valid route to a longer prefix is, its origin
is the worst of theirs, and with ``as-set`` its path and communities are made of theirs. With
``summary-only`` the router keeps the longer prefixes to itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from ipaddress import IPv4Network
from itertools import chain, takewhile
from typing import NamedTuple

from nornir_bgp.bgp.as_path import EMPTY_PATH, AsPath, Kind, Segment
from nornir_bgp.bgp.classes import Made
from nornir_bgp.bgp.route import OWN_NEXT_HOP, Candidate, Origin, Route
from nornir_bgp.bgp.sending import OWN_WEIGHT
from nornir_bgp.bgp.table import AGGREGATE, Held
from nornir_bgp.models.routing import Aggregate, Router

Steps = Sequence[tuple[int, Sequence[Held]]]
"""What every router held of a prefix after each thing that happened: (time, held)."""


class _Aggregated(NamedTuple):
    """An aggregate that the router at a place makes."""

    place: int
    aggregate: Aggregate
    network: IPv4Network


class Aggregation:
    """The aggregates of a network.

    Args:
        routers: the routers, in order.
    """

    def __init__(self, routers: Iterable[Router]) -> None:
        self._made = [
            _Aggregated(place, aggregate, IPv4Network(aggregate.prefix))
            for place, router in enumerate(routers)
            for aggregate in router.aggregates
        ]
        self._inside: dict[str, list[Steps]] = {}

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The aggregates, the longest first: what is inside another one comes before it."""
        made = sorted(self._made, key=lambda one: (-one.network.prefixlen, one.network))
        return tuple(dict.fromkeys(one.aggregate.prefix for one in made))

    def apart(self, prefix: str, times: Sequence[int]) -> tuple[object, ...]:
        """What tells a prefix from others: the aggregates that it is inside of, and since when.

        Args:
            prefix: the prefix.
            times: when it is announced, which is when its aggregates are made.
        """
        covering = self._covering(prefix)
        if any(one.aggregate.as_set for one in covering):
            return (prefix,)
        return (*times, *((one.place, one.aggregate) for one in covering)) if covering else ()

    def silent(self, prefix: str) -> frozenset[int]:
        """The places of the routers that keep a prefix to themselves."""
        return frozenset(one.place for one in self._covering(prefix) if one.aggregate.summary_only)

    def covers(self, prefix: str) -> bool:
        """Whether a prefix is inside of any aggregate."""
        return bool(self._covering(prefix))

    def note(self, prefix: str, steps: Steps) -> None:
        """Note what the routers held of a prefix that is inside of aggregates."""
        for covering in {one.aggregate.prefix for one in self._covering(prefix)}:
            self._inside.setdefault(covering, []).append(steps)

    def made(self, prefix: str) -> list[Made]:
        """When which router makes this aggregate anew, and takes it back.

        It is made anew with every change of a route inside of it, if only at the same value.
        """
        inside = self._inside.get(prefix, [])
        times = sorted({time for steps in inside for time, _ in steps})
        found = []
        for one in self._made:
            if one.aggregate.prefix != prefix:
                continue
            before: list[tuple[Candidate, ...]] = []
            for time in times:
                parts = [tuple(_valid(_at(steps, time), one.place)) for steps in inside]
                if parts != before and (any(parts) or any(before)):
                    route = _summary(one.aggregate, list(chain.from_iterable(parts)))
                    found.append(Made(time, one.place, route))
                before = parts
        return sorted(found, key=lambda made: made.time)

    def _covering(self, prefix: str) -> list[_Aggregated]:
        if not self._made:
            return []
        network = IPv4Network(prefix)
        return [
            one
            for one in self._made
            if one.network.prefixlen < network.prefixlen and network.subnet_of(one.network)
        ]


def _at(steps: Steps, time: int) -> Sequence[Held]:
    """What the routers held at a time: after the last thing until then."""
    until = list(takewhile(lambda step: step[0] <= time, steps))
    return until[-1][1] if until else ()


def _valid(held: Sequence[Held], place: int) -> Iterator[Candidate]:
    if held:
        for slot, candidate in zip(held[place].slots, held[place].candidates, strict=True):
            if slot != AGGREGATE and candidate.igp_metric is not None:
                yield candidate


def _summary(aggregate: Aggregate, candidates: Sequence[Candidate]) -> Route | None:
    """The aggregate of some routes; ``None``: there are none."""
    if not candidates:
        return None
    routes = [candidate.route for candidate in candidates]
    origin = max((route.origin for route in routes), default=Origin.IGP)
    path = EMPTY_PATH
    communities: frozenset[str] = frozenset()
    if aggregate.as_set:
        path = merged(dict.fromkeys(route.as_path for route in routes))
        communities = frozenset().union(*(route.communities for route in routes))
    return Route(OWN_NEXT_HOP, path, origin, med=0, weight=OWN_WEIGHT, communities=communities)


def merged(paths: Iterable[AsPath]) -> AsPath:
    """Make one path of several: what they begin with alike, and a set of all other AS numbers.

    Segments of a confederation that all begin with stay what they are (``aspath_aggregate``).
    """
    return reduce(_merged_two, paths)


def _merged_two(one: AsPath, other: AsPath) -> AsPath:
    alike: list[Segment] = []
    left, right = list(one.segments), list(other.segments)
    while left and right and left[0].kind is right[0].kind:
        kind, mine, its = left[0].kind, left[0].numbers, right[0].numbers
        pairs = takewhile(lambda pair: pair[0] == pair[1], zip(mine, its, strict=False))
        common = tuple(number for number, _ in pairs)
        if common:
            alike.append(Segment(kind, common))
        if mine == its:
            del left[0], right[0]
            continue
        left[0], right[0] = Segment(kind, mine[len(common) :]), Segment(kind, its[len(common) :])
        break
    rest = {number for _, numbers in (*left, *right) for number in numbers}
    if rest and alike and alike[-1].kind is Kind.SET:
        rest |= set(alike.pop().numbers)
    if rest:
        alike.append(Segment(Kind.SET, tuple(sorted(rest))))
    return AsPath(tuple(alike))
