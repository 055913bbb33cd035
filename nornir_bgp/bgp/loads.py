"""What exits and links carry, once it is known where packets go.

Traffic enters at the router that has its customer's name, if the network has one; else in equal
parts at the edge routers, as far as they are up.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from nornir_bgp.bgp.forwarding import Forwarding, Ways
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.simulation import ExitLoad, LinkLoad, LoadReport, Undelivered


class Demand(NamedTuple):
    """Traffic that enters the network.

    Attributes:
        source: the customer.
        prefix: its destination.
        load: in the unit of the predictions.
    """

    source: str
    prefix: str
    load: int


class Entries:
    """Where traffic enters."""

    def __init__(self, routers: Iterable[str], edges: Iterable[str], ways: Ways) -> None:
        """Know the network.

        Args:
            routers: all its routers.
            edges: its edge routers.
            ways: knows which of them are up.
        """
        self._all = frozenset(routers)
        self._up = frozenset(ways.routers)
        self._edges = tuple(edge for edge in edges if edge in self._up)

    def of(self, source: str) -> tuple[str, ...]:
        """The routers at which a customer's traffic enters; none where they are down."""
        if source in self._all:
            return (source,) if source in self._up else ()
        return self._edges


def loads_of(
    ways: Ways, demands: Iterable[Demand], entries: Entries, exits: Sequence[Exit]
) -> LoadReport:
    """Follow all demands, and sum what exits and links carry.

    Args:
        ways: how the network forwards.
        demands: the traffic.
        entries: where it enters.
        exits: the exits to report, in their order; one that carries nothing is there, too.
    """
    entering: dict[str, dict[str, Fraction]] = {}
    lost: list[Undelivered] = []
    for demand in demands:
        routers = entries.of(demand.source)
        if not routers:
            lost.append(
                Undelivered(
                    prefix=demand.prefix, router=demand.source, load=demand.load, reason="no entry"
                )
            )
        at = entering.setdefault(demand.prefix, {})
        for router in routers:
            at[router] = at.get(router, Fraction()) + Fraction(demand.load, len(routers))
    alike: dict[int, tuple[Forwarding, defaultdict[str, Fraction]]] = {}
    for prefix, amounts in entering.items():
        forwarding = ways.of(prefix)
        _, sums = alike.setdefault(id(forwarding), (forwarding, defaultdict(Fraction)))
        for router, amount in amounts.items():
            sums[router] += amount
        if any(None in forwarding.ends(router) for router in amounts):
            lost.extend(_lost(prefix, forwarding, amounts))
    by_link: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    by_address: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for forwarding, sums in alike.values():
        for (router, hop), load in forwarding.carried(sums).links.items():
            by_link[router, hop.receiver] += load
            by_address[router, hop.address] += load
    return LoadReport(
        exits=tuple(
            ExitLoad(
                gateway=exit_.gateway,
                neighbor=str(exit_.neighbor),
                upstream=exit_.upstream,
                load=float(by_address[exit_.gateway, str(exit_.neighbor)]),
                capacity=exit_.capacity,
            )
            for exit_ in exits
        ),
        links=tuple(
            LinkLoad(sender=sender, receiver=receiver, load=float(load))
            for (sender, receiver), load in sorted(by_link.items())
        ),
        undelivered=tuple(lost),
    )


def _lost(
    prefix: str, forwarding: Forwarding, amounts: dict[str, Fraction]
) -> Iterable[Undelivered]:
    for router, load in forwarding.carried(amounts).lost.items():
        loop = forwarding.loops.get(router, ())
        yield Undelivered(
            prefix=prefix,
            router=router,
            load=float(load),
            reason="loop" if loop else "no route",
            loop=loop,
        )
