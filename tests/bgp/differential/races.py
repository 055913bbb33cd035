"""The order of a table's paths, as far as the order of messages tells.

FRR puts a new path before the older ones and leaves a replaced one where it is. One announcement
at a time makes that order certain, except where it reaches a router in two ways, or where several
routers answer it at the same moment: then FRR's race decides, which nobody can predict. So two
paths are compared in their order where that is certain, and where it is not the decision that
follows from FRR's order must be the model's for that order.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

from nornir_bgp.bgp.decision import decide
from nornir_bgp.bgp.route import Candidate
from nornir_bgp.models.rib import Path, Rib
from nornir_bgp.models.routing import DecisionOptions, Router

Source = tuple[str | None, str]
"""Where a path comes from: the peer, or of a router's own path the kind of its next hop."""


class _Came(NamedTuple):
    """The first and the last step in which a path may have come to the place that it has."""

    first: int
    last: int


def source(path: Path) -> Source:
    """Say where a path comes from."""
    return path.peer, path.next_hop if path.peer is None else ""


class Arrivals:
    """In which steps FRR's paths came."""

    def __init__(self, routers: Mapping[str, Router]) -> None:
        self._owners = {
            str(interface.address.ip): name
            for name, router in routers.items()
            for interface in router.interfaces
        }
        self._came: dict[tuple[str, str], dict[Source, _Came]] = {}
        self._tables: Mapping[str, Rib] = {}

    def see(self, tables: Mapping[str, Rib], step: int) -> None:
        """Note what the routers have after a step."""
        came: dict[tuple[str, str], dict[Source, _Came]] = {}
        for prefix in {prefix for table in tables.values() for prefix in table.routes}:
            unsure = self._unsure(tables, prefix)
            for router, table in tables.items():
                before = self._came.get((router, prefix), {})
                came[router, prefix] = {
                    source(path): _Came(
                        before[source(path)].first if source(path) in before else step,
                        before[source(path)].last
                        if source(path) in before
                        and self._owners.get(path.peer or "") not in unsure
                        else step,
                    )
                    for path in table.routes.get(prefix, ())
                }
        self._came, self._tables = came, tables

    def _unsure(self, tables: Mapping[str, Rib], prefix: str) -> set[str]:
        """The routers that may have changed their mind more than once in a step.

        A router that several messages have reached is one; so is one that another such router
        sends to.
        """
        unsure = {
            router
            for router, table in tables.items()
            if len(self._changed(router, table, prefix)) > 1
        }
        while True:
            more = {
                router
                for router, table in tables.items()
                for path in table.routes.get(prefix, ())
                if self._owners.get(path.peer or "") in unsure
            }
            if more <= unsure:
                return unsure
            unsure |= more

    def _changed(self, router: str, table: Rib, prefix: str) -> set[Source]:
        before = self._tables[router].routes.get(prefix, ()) if self._tables else ()
        then, now = set(_messages(before)), set(_messages(table.routes.get(prefix, ())))
        return {source(path) for path in then ^ now}

    def raced(
        self,
        place: tuple[str, str],
        live: Sequence[Path],
        predicted: Sequence[Path],
        candidates: Sequence[Candidate],
        options: DecisionOptions,
    ) -> bool:
        """Whether the tables differ by an order alone that is not certain, and what follows.

        Args:
            place: router and prefix.
            live: FRR's paths.
            predicted: the model's.
            candidates: likewise, as the decision sees them.
            options: the router's.
        """
        came = self._came[place]
        order = {source(path): n for n, path in enumerate(predicted)}
        shown = [source(path) for path in live]
        if len(order) != len(predicted) or set(shown) != order.keys():
            return False
        for one, other in permutations(came, 2):
            certain = came[one].first > came[other].last
            if certain and not (
                order[one] < order[other] and shown.index(one) < shown.index(other)
            ):
                return False
        there = [order[each] for each in shown]
        for selected in range(len(live)):
            decision = decide([candidates[n] for n in there], options, selected=selected)
            as_decided = tuple(
                predicted[n]._replace(
                    best=place == decision.best,
                    multipath=place in decision.multipath,
                    reason=decision.reason if place == decision.best else None,
                )
                for place, n in enumerate(there)
            )
            if as_decided == tuple(live):
                return True
        return False


def _messages(paths: Sequence[Path]) -> Iterator[Path]:
    """Paths as they arrived, whatever the router made of them."""
    for path in paths:
        yield path._replace(valid=True, best=False, multipath=False, reason=None)
