"""Local search: bring the exits within limits by single moves and exchanges.

Where an exit carries too much, the cheapest change that mends it is made: the fewest prefixes
away from where they are wanted, then the least load in motion. Where no single change does, two
exits are evened out, so that what is too much goes on to the neighbours of the neighbour.

All candidates of a step are looked up at once: the loads on an exit are kept in order, so the
partner whose load differs by just so much is found by bisection.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.problem import Exits, Problem
from nornir_bgp.solver.scale_rows import weight_of

POOL = 40_000
"""At most so many prefixes take part: the heaviest, and the others at even distances."""

SAMPLE = 384
"""How many prefixes of an exit look for a partner in one step."""

WIDE = 8
"""With several slots so many partners on either side are tried before giving up."""

NO_LIMIT = 2**63 - 1
"""The limit of an exit that has none: no total of loads is beyond it."""

NEARLY = 0.1
"""What gains all but this share of the most that is possible is as good."""

PATIENCE = 1e-9
"""A step that evens out two exits by a smaller share than this is not worth it."""


@dataclass(frozen=True, slots=True)
class _Change:
    """One prefix from ``origin`` to ``target``, and perhaps one back.

    Attributes:
        mends: afterwards both exits are within their limits.
        away: how many more prefixes are away from home.
        traffic: the load that changes its exit.
        top: the larger of the two exits' shares of their limits, afterwards.
    """

    mends: bool
    away: int
    traffic: int
    top: float
    origin: int
    target: int
    moved: int
    back: int  # -1: none

    @property
    def rank(self) -> tuple[int, float, float, int, int, int]:
        """The order of preference; the last three make it unique."""
        if self.mends:
            return (0, self.away, self.traffic, self.target, self.moved, self.back)
        return (1, self.top, self.traffic, self.target, self.moved, self.back)


class LocalSearch:
    """An assignment that is changed step by step, with the loads of its exits."""

    def __init__(
        self,
        problem: Problem,
        assignment: Exits,
        limits: NDArray[np.int64],
        home: Exits | None = None,
    ) -> None:
        """Start from an assignment.

        Args:
            problem: the problem.
            assignment: where the prefixes are.
            limits: (slots, exits): the most that an exit shall carry; :data:`NO_LIMIT`: anything.
            home: where prefixes are wanted; -1: anywhere.
        """
        self.assignment = assignment.copy()
        self.carried = problem.carried(assignment)
        self._problem = problem
        self._limits = limits
        self._scale = np.where(limits < NO_LIMIT, np.maximum(limits, 1), np.inf)
        self._home = home
        self._weight = weight_of(problem)
        free = np.flatnonzero(
            (problem.masks & (problem.masks - np.uint64(1)) != 0) & (self._weight > 0)
        )
        order = free[np.argsort(self._weight[free], kind="stable")]
        if len(order) > POOL:
            light, heavy = np.split(order, [len(order) - POOL // 4])
            even = np.linspace(0, len(light) - 1, POOL - len(heavy)).astype(np.int64)
            order = np.concatenate([light[even], heavy])
        at = self.assignment[order]
        self._members = [order[at == exit_] for exit_ in range(problem.exits)]
        """For each exit its prefixes in the pool, by weight."""

    @property
    def within(self) -> bool:
        """Whether every exit is within its limits."""
        return bool((self.carried <= self._limits).all())

    def fit(self, steps: int) -> bool:
        """Make changes until every exit is within its limits; say whether they are.

        Args:
            steps: how many changes at most.
        """
        for _ in range(steps):
            over = np.flatnonzero((self.carried > self._limits).any(axis=0))
            shares = self._shares().max(axis=0)
            for origin in over[np.argsort(-shares[over], kind="stable")]:
                change = self._best(int(origin), shares, near=1)
                if change is None and self._problem.slots > 1:
                    change = self._best(int(origin), shares, near=WIDE)
                if change is not None:
                    self._make(change)
                    break
            else:
                return not len(over)
        return self.within

    def go_home(self) -> None:
        """Move prefixes back to where they are wanted, the heaviest first, where there is room."""
        if self._home is None:
            return
        home = np.maximum(self._home, 0)
        usable = (self._problem.masks >> home.astype(np.uint64) & np.uint64(1)).astype(np.bool_)
        away = np.flatnonzero((self._home >= 0) & (self._home != self.assignment) & usable)
        for prefix in away[np.lexsort((away, -self._weight[away]))]:
            load = self._problem.loads[:, prefix]
            target, origin = int(home[prefix]), int(self.assignment[prefix])
            if (self.carried[:, target] + load <= self._limits[:, target]).all():
                self.assignment[prefix] = target
                self.carried[:, target] += load
                self.carried[:, origin] -= load

    def _shares(self) -> NDArray[np.float64]:
        return self.carried / self._scale

    def _best(self, origin: int, shares: NDArray[np.float64], near: int) -> _Change | None:
        """Return the best change that takes load off an exit; ``near``: of so many partners."""
        slot = int(self._shares()[:, origin].argmax())
        loads = self._problem.loads[slot]
        on_origin = self._members[origin]
        masks = self._problem.masks
        best: _Change | None = None
        for target in range(self._problem.exits):
            if target == origin or shares[target] >= shares[origin]:
                continue
            there = on_origin[masks[on_origin] >> np.uint64(target) & np.uint64(1) != 0]
            if not len(there):
                continue
            on_target = self._members[target]
            back = on_target[masks[on_target] >> np.uint64(origin) & np.uint64(1) != 0]
            if len(self._problem.loads) > 1:
                there = there[np.argsort(loads[there], kind="stable")]
                back = back[np.argsort(loads[back], kind="stable")]
            for moved, returned in self._candidates(slot, origin, target, there, back, near):
                change = self._weighed(origin, target, moved, returned, float(shares[origin]))
                if change is not None and (best is None or change.rank < best.rank):
                    best = change
        return best

    def _candidates(
        self,
        slot: int,
        origin: int,
        target: int,
        there: NDArray[np.int64],
        back: NDArray[np.int64],
        partners: int,
    ) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Pairs worth a look: the least that mends, and what evens the two exits out best."""
        loads = self._problem.loads[slot]
        going = loads[there]
        high, low = float(self.carried[slot, origin]), float(self.carried[slot, target])
        limit, other = float(self._scale[slot, origin]), float(self._scale[slot, target])
        too_much = high - limit
        even = high - low if np.isinf(other) else (high * other - low * limit) / (limit + other)
        found = []
        none = np.full(1, -1)
        for wanted in (too_much, even):
            at = int(np.searchsorted(going, wanted))
            near = there[max(at - 2, 0) : at + 2]
            found.append((near, np.broadcast_to(none, len(near))))
        if self._home is not None:
            returning = there[self._home[there] == target]
            at = int(np.searchsorted(loads[returning], too_much))
            near = returning[max(at - 2, 0) : at + 2]
            found.append((near, np.broadcast_to(none, len(near))))
        if not len(back):
            return found
        for wanted in (too_much, even):
            first = int(np.searchsorted(going, wanted, side="right"))
            upper = there[first:]
            some = (
                upper
                if len(upper) <= SAMPLE
                else np.concatenate(
                    [
                        upper[: SAMPLE // 2],
                        upper[np.linspace(SAMPLE // 2, len(upper) - 1, SAMPLE // 2).astype(int)],
                    ]
                )
            )
            partner = np.searchsorted(loads[back], loads[some] - wanted, side="right") - 1
            for shift in range(1 - partners, 1 + partners):
                index = partner + shift
                valid = (index >= 0) & (index < len(back))
                found.append((some[valid], back[index[valid]]))
        return found

    def _weighed(
        self,
        origin: int,
        target: int,
        moved: NDArray[np.int64],
        returned: NDArray[np.int64],
        before: float,
    ) -> _Change | None:
        """Return the best of some pairs, or ``None`` where none is an improvement."""
        if not len(moved):
            return None
        loads = self._problem.loads
        coming = np.where(returned >= 0, loads[:, np.maximum(returned, 0)], 0)
        delta = loads[:, moved] - coming
        left = self.carried[:, origin, None] - delta
        taken = self.carried[:, target, None] + delta
        high = (left / self._scale[:, origin, None]).max(axis=0)
        low = (taken / self._scale[:, target, None]).max(axis=0)
        top = np.maximum(high, low)
        mends: NDArray[np.bool_] = np.all(
            (left <= self._limits[:, origin, None]) & (taken <= self._limits[:, target, None]),
            axis=0,
        )
        better = mends | (top < before * (1 - PATIENCE))
        if not better.any():
            return None
        away = self._away(moved, origin, target) + np.where(
            returned >= 0, self._away(returned, target, origin), 0
        )
        traffic = self._weight[moved] + np.where(
            returned >= 0, self._weight[np.maximum(returned, 0)], 0
        )
        if mends.any():
            index = np.flatnonzero(mends)
        else:  # nearly the most even, so that no heavy pair is exchanged for the last digit
            most = float(top.min())
            index = np.flatnonzero(better & (top <= most + NEARLY * (before - most)))
        order = np.lexsort((returned[index], moved[index], traffic[index], away[index]))
        best = int(index[order[0]])
        return _Change(
            mends=bool(mends[best]),
            away=int(away[best]),
            traffic=int(traffic[best]),
            top=float(top[best]),
            origin=origin,
            target=target,
            moved=int(moved[best]),
            back=int(returned[best]),
        )

    def _away(self, prefixes: NDArray[np.int64], origin: int, target: int) -> NDArray[np.int64]:
        """Return how many more of each prefix is away from home by a move: -1, 0 or 1."""
        if self._home is None:
            return np.zeros(len(prefixes), dtype=np.int64)
        home = self._home[prefixes]
        away: NDArray[np.int64] = (home == origin).astype(np.int64) - (home == target)
        return away

    def _make(self, change: _Change) -> None:
        self._move(change.moved, change.origin, change.target)
        if change.back >= 0:
            self._move(change.back, change.target, change.origin)

    def _move(self, prefix: int, origin: int, target: int) -> None:
        load = self._problem.loads[:, prefix]
        self.assignment[prefix] = target
        self.carried[:, origin] -= load
        self.carried[:, target] += load
        weight = self._weight[prefix]
        members = self._members[origin]
        first = int(np.searchsorted(self._weight[members], weight))
        place = first + int(np.flatnonzero(members[first:] == prefix)[0])
        self._members[origin] = np.delete(members, place)
        members = self._members[target]
        place = int(np.searchsorted(self._weight[members], weight))
        self._members[target] = np.insert(members, place, prefix)
