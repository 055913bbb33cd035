"""One router's table of one prefix, in FRR's order."""

from typing import NamedTuple

from nornir_bgp.bgp.decision import Decision
from nornir_bgp.bgp.route import Candidate, Route

NETWORK = -1
"""The slot of the route of a ``network`` statement."""

AGGREGATE = -2
"""The slot of an aggregate."""

NOTHING = Decision(None, (), None)


class Held(NamedTuple):
    """What a router holds of a prefix.

    Attributes:
        slots: where each candidate was learned, in FRR's order.
        candidates: the candidates.
        decision: what it decided.
    """

    slots: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    decision: Decision

    @property
    def best_slot(self) -> int | None:
        """Where the selected candidate was learned."""
        return None if self.decision.best is None else self.slots[self.decision.best]


EMPTY = Held((), (), NOTHING)


class Table:
    """One router's part in the exchange.

    Attributes:
        slots: where each candidate was learned, in FRR's order.
        candidates: the candidates.
        received: slot -> the route as it arrived, before policy.
        next_hop_set: the slots whose route has its next hop from the inbound policy.
        selected: the slot of the selected candidate.
        decision: what was decided.
        sent: slot -> what the neighbour there has of this router.
    """

    __slots__ = (
        "candidates",
        "decision",
        "next_hop_set",
        "received",
        "selected",
        "sent",
        "slots",
    )

    def __init__(self) -> None:
        self.slots: list[int] = []
        self.candidates: list[Candidate] = []
        self.received: dict[int, Route] = {}
        self.next_hop_set: set[int] = set()
        self.selected: int | None = None
        self.decision = NOTHING
        self.sent: dict[int, Route] = {}

    def at(self, slot: int) -> Candidate | None:
        """The candidate of a slot."""
        return self.candidates[self.slots.index(slot)] if slot in self.slots else None

    def put(self, slot: int, candidate: Candidate | None) -> None:
        """Replace the candidate of a slot in its place, put it at the head, or take it away."""
        if slot in self.slots:
            place = self.slots.index(slot)
            if candidate is None:
                del self.slots[place], self.candidates[place]
            else:
                self.candidates[place] = candidate
        elif candidate is not None:
            self.slots.insert(0, slot)
            self.candidates.insert(0, candidate)

    def makes_way(self, aggregate: Route, *, by_head: bool) -> bool:
        """Make room at the head for an aggregate that is made anew; say whether it is put there.

        It is not where it is there already: an aggregate, or with ``by_head`` whatever heads the
        list, of the same origin, AS path and communities (``bgp_aggregate_info_same``).
        """
        known = self.at(AGGREGATE)
        if by_head:
            known = self.candidates[0] if self.candidates else None
        if known is not None and known.igp_metric is not None:
            route = known.route
            if (route.origin, route.as_path, route.communities) == (
                aggregate.origin,
                aggregate.as_path,
                aggregate.communities,
            ):
                return False
        self.put(AGGREGATE, None)
        return True

    def copy(self) -> "Table":
        """The table as it is, to be changed by itself."""
        other = Table()
        other.slots, other.candidates = list(self.slots), list(self.candidates)
        other.received, other.sent = dict(self.received), dict(self.sent)
        other.next_hop_set = set(self.next_hop_set)
        other.selected, other.decision = self.selected, self.decision
        return other

    def held(self) -> Held:
        """The table as it is now."""
        return Held(tuple(self.slots), tuple(self.candidates), self.decision)
