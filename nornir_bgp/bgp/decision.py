"""The decision process of a router: which of its routes to a prefix it selects, and why.

FRR's process walks the list of a prefix's routes and compares each with the best so far, so that
the order of the list counts. What is reproduced is bgpd of FRR 8.4, its habits included: the reason
that it shows is that of the last comparison it made, and the search for routes that share the load
compares, too.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import cache
from typing import NamedTuple

from nornir_bgp.bgp.rfc4271 import select
from nornir_bgp.bgp.route import Candidate, Learned
from nornir_bgp.bgp.rules import (
    Reason,
    Stage,
    address_value,
    aigp,
    is_stale,
    med,
    meds_are_comparable,
    steps_of,
)
from nornir_bgp.models.routing import DecisionOptions

__all__ = ["Decision", "Profile", "Reason", "compare", "decide"]


class Profile(Enum):
    """Whose decision process it is."""

    FRR = "frr"
    RFC4271 = "rfc4271"


class Decision(NamedTuple):
    """What a router decides about one prefix.

    Attributes:
        best: the place of the selected candidate; ``None``: none takes part.
        multipath: the places of those that share the load with it, without its own.
        reason: FRR's ``selectionReason``; ``None`` where nothing is selected.
    """

    best: int | None
    multipath: tuple[int, ...]
    reason: Reason | None


_NOTHING = Decision(None, (), None)


def decide(
    candidates: Sequence[Candidate],
    options: DecisionOptions,
    *,
    selected: int | None = None,
    profile: Profile = Profile.FRR,
) -> Decision:
    """Select among the candidates of one prefix.

    Args:
        candidates: in the order of FRR's table, the newest first; pairwise comparison is not
            transitive without ``deterministic-med``, so the order counts. One without an IGP
            metric does not take part.
        options: the router's options; of these RFC 4271 has the default LOCAL_PREF alone.
        selected: the place of the candidate that is selected now, which the rule of the oldest
            path prefers.
        profile: FRR's process, or that of RFC 4271, section 9.1.2.
    """
    places = [place for place, item in enumerate(candidates) if item.igp_metric is not None]
    if not places:
        return _NOTHING
    if len(places) == 1:
        return Decision(places[0], (), Reason.FIRST)
    if profile is Profile.RFC4271:
        best, reason = select([candidates[place] for place in places], options.default_local_pref)
        return Decision(places[best], (), reason)
    return _Process(candidates, options, selected).decide(places)


def compare(
    one: Candidate,
    other: Candidate,
    options: DecisionOptions,
    *,
    selected: Candidate | None = None,
    profile: Profile = Profile.FRR,
) -> tuple[bool, Reason]:
    """Say whether ``one`` is preferred to ``other``, and which rule decides.

    Both must take part. Where no rule can tell them apart, ``one`` is; of two that the router
    originated itself, or that are both stale, ``other``. FRR has no word for the rule of stale
    routes: its reason is ``FIRST``.
    """
    if profile is Profile.RFC4271:
        best, reason = select((one, other), options.default_local_pref)
        return best == 0, reason
    kept = 0 if one == selected else 1 if other == selected else None
    process = _Process((one, other), options, kept)
    return process.wins(0, 1), process.reason()


_Ranks = tuple[int, ...]
_Why = tuple[tuple[Reason, ...], _Ranks, _Ranks]
"""What decides: the ranks of two, and the reason for each place where they differ."""

_FIRST: _Why = ((), (), ())


@cache
def _decided_by(reason: Reason) -> _Why:
    return (reason,), (0,), (1,)


class _Process:
    """One run of FRR's process over the candidates of a prefix.

    Attributes:
        shares: the two that were compared last may share the load.
    """

    __slots__ = (
        "_after",
        "_before",
        "_candidates",
        "_options",
        "_selected",
        "_stale",
        "_steps",
        "_ties",
        "_why",
        "shares",
    )

    def __init__(
        self, candidates: Sequence[Candidate], options: DecisionOptions, selected: int | None
    ) -> None:
        self._candidates = candidates
        self._options = options
        self._selected = selected
        self._steps = steps_of(options)
        # The ranks of each candidate; the later ones are worked out where they are needed.
        ranks = self._steps.before_med.ranks
        self._before = [tuple([rank(item, options) for rank in ranks]) for item in candidates]
        self._stale = {place for place, item in enumerate(candidates) if is_stale(item)}
        self._after: dict[int, _Ranks] = {}
        self._ties: dict[int, _Ranks] = {}
        self._why = _FIRST
        self.shares = False

    def decide(self, places: Sequence[int]) -> Decision:
        """Select among the candidates at these places."""
        options = self._options
        best = self._best(self._best_of_each_as(places) if options.deterministic_med else places)
        sharing: tuple[int, ...] = ()
        if options.maximum_paths > 1 or options.maximum_paths_ibgp > 1:
            sharing = self._sharing(places, best)
        return Decision(best, sharing, self.reason())

    def wins(self, place: int, best: int) -> bool:
        """Compare a candidate with the best so far: is it preferred?"""
        self.shares = False
        mine, its = self._before[place], self._before[best]
        one, other = self._candidates[place], self._candidates[best]
        if self._stale and not self._stale.isdisjoint((place, best)):
            return place not in self._stale  # FRR has no word for it: the reason stays as it was
        if self._options.aigp and one.route.aigp is not None:
            order = aigp(one, other)
            common = self._steps.before_aigp
            if order and mine[:common] == its[:common]:
                self._why = _decided_by(Reason.AIGP)
                return order < 0
        if mine != its:
            self._why = self._steps.before_med.reasons, mine, its
            return mine < its
        if one.route.med != other.route.med and meds_are_comparable(one, other, self._options):
            order = med(one, self._options) - med(other, self._options)
            if order:
                self._why = _decided_by(Reason.MED)
                return order < 0
        stage = self._steps.after_med
        mine, its = self._ranks(self._after, stage, place), self._ranks(self._after, stage, best)
        if mine != its:
            self._why = stage.reasons, mine, its
            return mine < its
        self.shares = one.learned is not Learned.LOCAL and self._may_share(one, other)
        return self._breaks_tie(place, best)

    def _breaks_tie(self, place: int, best: int) -> bool:
        one = self._candidates[place]
        if (
            self._steps.keeps_selected
            and self._selected in (place, best)
            and one.learned is Learned.EBGP  # and so is the other, after step 7
        ):
            self._why = _decided_by(Reason.OLDER)
            return self._selected == place
        stage = self._steps.tie_breakers
        mine, its = self._ranks(self._ties, stage, place), self._ranks(self._ties, stage, best)
        if mine != its:
            self._why = stage.reasons, mine, its
            return mine < its
        if one.learned is Learned.LOCAL:  # step 15: two of the router's own; the first stays
            self._why = _decided_by(Reason.LOCALLY_CONFIGURED)
            return False
        self._why = _decided_by(Reason.DEFAULT)
        return True

    def reason(self) -> Reason:
        """Return the rule that decided the last comparison."""
        reasons, mine, its = self._why
        for reason, one, other in zip(reasons, mine, its, strict=True):
            if one != other:
                return reason
        return Reason.FIRST

    def _ranks(self, known: dict[int, _Ranks], stage: Stage, place: int) -> _Ranks:
        ranks = known.get(place)
        if ranks is None:
            candidate, options = self._candidates[place], self._options
            ranks = known[place] = tuple([rank(candidate, options) for rank in stage.ranks])
        return ranks

    def _may_share(self, one: Candidate, other: Candidate) -> bool:
        """Step 11: by iBGP, equal AS paths share the load; else those of one neighbouring AS.

        ``bgp bestpath as-path multipath-relax`` asks for neither.
        """
        if self._options.multipath_relax:
            return True
        if one.learned is Learned.IBGP:
            return one.route.as_path == other.route.as_path
        return one.peer_as == other.peer_as

    def _best(self, places: Iterable[int]) -> int:
        rest = iter(places)
        best = next(rest)
        for place in rest:
            if self.wins(place, best):
                best = place
        return best

    def _best_of_each_as(self, places: Sequence[int]) -> Sequence[int]:
        """``bgp deterministic-med``: the best of each neighbouring AS, in the order of the list."""
        best = []
        left = list(places)
        while left:
            first = self._candidates[left[0]].route.as_path
            group, others = [left[0]], list[int]()
            for place in left[1:]:
                same = first.same_neighbour(self._candidates[place].route.as_path)
                (group if same else others).append(place)
            best.append(self._best(group))
            left = others
        return sorted(best)

    def _sharing(self, places: Sequence[int], best: int) -> tuple[int, ...]:
        """Return those that share the load with the best one.

        Each has a next hop of its own; where there are more than ``maximum-paths``, the lowest next
        hops share it.
        """
        chosen = self._candidates[best]
        equal = []
        for place in places:
            if self._candidates[place].route.next_hop != chosen.route.next_hop:
                self.wins(place, best)
                if self.shares:
                    equal.append(place)
        if not equal:
            return ()
        internal = chosen.learned is Learned.IBGP
        limit = self._options.maximum_paths_ibgp if internal else self._options.maximum_paths
        by_next_hop: dict[str, int] = {}
        for place in sorted(equal, key=self._multipath_order):
            by_next_hop.setdefault(self._candidates[place].route.next_hop, place)
        return tuple(sorted(list(by_next_hop.values())[: limit - 1]))

    def _multipath_order(self, place: int) -> tuple[int, bool, int]:
        candidate = self._candidates[place]
        next_hop = address_value(candidate.route.next_hop)
        return next_hop, candidate.peer is None, address_value(candidate.peer)
