"""By which gateways the traffic of a network leaves.

What enters at several routers may leave by several gateways: each of them sends it where its own
table says, and so on hop by hop. The exit of a prefix is the gateway by which most of it leaves,
where equal parts enter at the edge routers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from nornir_bgp.bgp.decision import Reason, compare
from nornir_bgp.bgp.forwarding import Forwarding, Ways
from nornir_bgp.bgp.propagation import Outcome
from nornir_bgp.bgp.route import Learned
from nornir_bgp.models.plan import Exit


@dataclass(frozen=True, slots=True)
class Leaving:
    """How the prefixes of one class leave.

    Attributes:
        shares: gateway -> its share of what enters in equal parts at the edge routers; what leaves
            by no exit, or gets lost, stands under ``None``.
        gateways: the gateways that the tables of the entries name, and those that what enters
            there leaves by in fact; ``None`` among them: some of it leaves by no exit, or is lost.
        senders: the gateways that send by their own exit what comes to them.
        by_age: what some router selects is decided by nothing but which route came first, or it
            is never decided.
    """

    shares: Mapping[str | None, Fraction]
    gateways: frozenset[str | None]
    senders: frozenset[str]
    by_age: bool

    def gateway(self, exits: Sequence[Exit]) -> str | None:
        """The gateway by which most leaves, the first of equals; ``None``: most by none of them."""
        order = [*dict.fromkeys(exit_.gateway for exit_ in exits), None]
        return max(order, key=lambda gateway: self.shares.get(gateway, Fraction()))


NO_WAY = Leaving({None: Fraction(1)}, frozenset({None}), frozenset(), by_age=False)
"""How a prefix leaves that no router has a route to."""


@dataclass(frozen=True, slots=True)
class Border:
    """Where traffic enters a network and where it leaves it.

    Attributes:
        exits: the exits.
        edges: the routers at which traffic enters.
        routers: all routers of ours, those that are neither edge nor gateway among them.
        gateway_at: the gateway behind each next hop.
    """

    exits: tuple[Exit, ...]
    edges: tuple[str, ...]
    routers: tuple[str, ...]
    gateway_at: Mapping[str, str]

    @property
    def entries(self) -> tuple[str, ...]:
        """The routers whose choice counts: a gateway, unless it is an edge, sends by itself."""
        gateways = {exit_.gateway for exit_ in self.exits}
        return tuple(r for r in self.routers if r in self.edges or r not in gateways)


def leaving(outcome: Outcome, border: Border) -> dict[str, Leaving]:
    """Say how every prefix leaves that some router has a route to.

    Args:
        outcome: the network; no router of ours has failed in it.
        border: where traffic enters it and leaves it.

    Returns:
        prefix -> how it leaves; prefixes of one class share it.
    """
    by_class = _ByClass(outcome, border)
    unsettled = {prefix for cycle in outcome.cycles for prefix in cycle.prefixes}
    found: dict[str, Leaving] = {}
    for prefixes in outcome.alike():
        if unsettled.isdisjoint(prefixes):
            found |= dict.fromkeys(prefixes, by_class.of(prefixes[0]))
        else:  # while messages are under way, each is on its own
            found |= {prefix: by_class.of(prefix, is_settled=False) for prefix in prefixes}
    return found


class _ByClass:
    """Answers for one prefix of each class."""

    def __init__(self, outcome: Outcome, border: Border) -> None:
        self._outcome = outcome
        self._border = border
        self._ways = Ways(outcome)
        self._exits = {(e.gateway, str(address)) for e in border.exits for address in e.sessions}
        self._shares: dict[int, Mapping[str | None, Fraction]] = {}

    def of(self, prefix: str, *, is_settled: bool = True) -> Leaving:
        forwarding = self._ways.of(prefix)
        shares = self._shares.get(id(forwarding))
        if shares is None:  # the ways keep what they have answered
            shares = self._shares[id(forwarding)] = self._shares_of(forwarding)
        pointed = {
            self._border.gateway_at.get(next_hop)
            for router in self._border.entries
            for next_hop in self._outcome.forwarding(router, prefix)
        }
        return Leaving(
            shares=shares,
            gateways=frozenset(pointed.union(self._ends(forwarding))),
            senders=frozenset(
                router
                for router, hops in forwarding.hops.items()
                if any((router, hop.address) in self._exits for hop in hops)
            ),
            by_age=not is_settled or any(self._is_by_age(r, prefix) for r in self._border.routers),
        )

    def _is_by_age(self, router: str, prefix: str) -> bool:
        """Whether a router holds a route that is as good as the selected one, and only younger."""
        candidates, decision = self._outcome.table(router, prefix)
        if decision.best is None:
            return False
        best, options = candidates[decision.best], self._outcome.domain.routers[router].options
        if best.learned is not Learned.EBGP:
            return False
        return any(
            other is not best
            and other.learned is Learned.EBGP
            and other.igp_metric is not None
            and compare(best, other, options, selected=best)[1] is Reason.OLDER
            for other in candidates
        )

    def _shares_of(self, forwarding: Forwarding) -> Mapping[str | None, Fraction]:
        shares: dict[str | None, Fraction] = {}
        entering = {edge: Fraction(1, len(self._border.edges)) for edge in self._border.edges}
        for (router, hop), share in forwarding.carried(entering).links.items():
            if (router, hop.address) in self._exits:
                shares[router] = shares.get(router, Fraction()) + share
        rest = 1 - sum(shares.values(), Fraction())
        return {**shares, None: rest} if rest else shares

    def _ends(self, forwarding: Forwarding) -> Iterator[str | None]:
        """The gateways by whose exit something leaves that enters anywhere, or ``None``."""
        for end in {end for entry in self._border.entries for end in forwarding.ends(entry)}:
            is_exit = end is not None and any(
                hop.receiver == end.receiver and (end.router, hop.address) in self._exits
                for hop in forwarding.hops[end.router]
            )
            yield end.router if end is not None and is_exit else None
