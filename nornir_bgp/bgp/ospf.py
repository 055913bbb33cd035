"""OSPF in one area: the cost of each network from each router, and the first hops to it.

RFC 2328, section 16.1, on routers and networks: a router reaches a network at its interface's
cost, a network its routers at no cost.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from nornir_bgp.bgp.segments import Segment


class Reached(NamedTuple):
    """How OSPF reaches a vertex: at which cost, and by which of the root's neighbours."""

    cost: int
    hops: frozenset[str]


class Ospf:
    """OSPF on the interfaces that have a cost.

    Args:
        segments: the networks, with the interfaces that are up.
    """

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._of_router: dict[str, list[int]] = {}
        for place, segment in enumerate(segments):
            for attachment in segment.attachments:
                self._of_router.setdefault(attachment.router, []).append(place)

    def reached(self, root: str) -> dict[int, Reached]:
        """The networks that a router reaches: the segment's place -> how.

        Its own networks are there without first hops. By Dijkstra's algorithm; of vertices of equal
        cost, networks are looked at first, so that all first hops of that cost are known when a
        router is left.
        """
        networks: dict[int, Reached] = {}
        routers = {root: Reached(0, frozenset({_DIRECT}))}
        heap: list[tuple[int, bool, str, int]] = [(0, True, root, 0)]
        while heap:
            cost, is_router, name, place = heapq.heappop(heap)
            if is_router and cost == routers[name].cost:
                for network, step in self._networks(name):
                    way = Reached(cost + step, routers[name].hops)
                    if _improve(networks, network, way):
                        heapq.heappush(heap, (way.cost, False, "", network))
            elif not is_router and cost == networks[place].cost:
                for router, address in self._routers(place):
                    hops = networks[place].hops
                    if _DIRECT in hops:
                        hops = hops - {_DIRECT} | {address}
                    if _improve(routers, router, Reached(cost, hops)):
                        heapq.heappush(heap, (cost, True, router, 0))
        self._announced_passively(routers, networks)
        return {
            place: Reached(cost, frozenset() if _DIRECT in hops else hops)
            for place, (cost, hops) in networks.items()
        }

    def _networks(self, router: str, *, passive: bool = False) -> Iterator[tuple[int, int]]:
        """The networks on which a router speaks OSPF, or only announces them: (place, cost)."""
        for place in self._of_router.get(router, ()):
            for one in self._segments[place].attachments:
                if one.router == router and one.cost is not None and one.passive == passive:
                    yield place, one.cost

    def _routers(self, place: int) -> Iterator[tuple[str, str]]:
        """The routers that speak OSPF on a network: (router, address)."""
        for one in self._segments[place].attachments:
            if one.cost is not None and not one.passive:
                yield one.router, one.address

    def _announced_passively(
        self, routers: Mapping[str, Reached], networks: dict[int, Reached]
    ) -> None:
        """Add the networks that lead nowhere."""
        for name, (cost, hops) in routers.items():
            for place, step in self._networks(name, passive=True):
                _improve(networks, place, Reached(cost + step, hops))


_DIRECT = ""
"""In place of a first hop: the root itself is on the network."""

_Vertex = TypeVar("_Vertex", int, str)


def _improve(best: dict[_Vertex, Reached], vertex: _Vertex, way: Reached) -> bool:
    """Note a way to a vertex if it is better, or add its first hops if it is as good."""
    known = best.get(vertex)
    if known is None or way.cost < known.cost:
        best[vertex] = way
        return True
    if way.cost == known.cost:
        best[vertex] = Reached(way.cost, known.hops | way.hops)
    return False
