"""What no assignment can beat: a linear program, its certificate, and a small search tree.

The program divides the light prefixes of a row freely and the heavy ones too. Its duals ``y`` (for
each exit, and each slot) are rounded to whole numbers, and the bound is their Lagrangian (Fisher
1981, *The Lagrangian relaxation method for solving integer programming problems*), computed in
whole numbers:

    value >= (sum over prefixes of min over its exits of y_e load + sum of y_e base_e)
             / sum of y_e weight_e            for every y >= 0

It holds for any ``y``, so no rounding in the LP solver can make it claim too much.

Where a heavy prefix would alone exceed a value at an exit, a better assignment does not use that
exit (Lenstra, Shmoys and Tardos 1990, *Approximation algorithms for scheduling unrelated parallel
machines*, section 2); and where that does not settle it, each heavy prefix is on one exit or
not there: a tree over these choices, the least bound first.
"""

import heapq
from dataclasses import dataclass
from fractions import Fraction
from itertools import count

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.problem import Problem
from nornir_bgp.solver.scale_certificate import WORD, cheapest_sum
from nornir_bgp.solver.scale_lp import LinearProgram
from nornir_bgp.solver.scale_rows import Rows, heaviest_slots, usable_exits

DUAL_BITS = 40
"""How finely duals are rounded: to 2**-40 of the largest one."""

TREE_LIMIT = 120
"""How many linear programs a tree may take."""

TREE_WORK = 400_000
"""How many variables all of them may have together."""

INTEGRAL = 1e-6
"""A share so close to 0 or 1 is 0 or 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """A division of the rows, and what it proves.

    Attributes:
        shares: (rows, exits): the share of each row at each exit.
        bound: no assignment within the allowed choices has a smaller value.
    """

    shares: NDArray[np.float64]
    bound: Fraction


class Relaxation:
    """The balance of a problem as a linear program over its rows."""

    def __init__(self, problem: Problem, rows: Rows, weights: tuple[int | None, ...]) -> None:
        """Prepare the program.

        Args:
            problem: the problem.
            rows: its rows.
            weights: what the load of each exit is divided by; ``None``: it does not count.
        """
        self._problem = problem
        self._rows = rows
        self._weights = weights
        self._counting = [e for e, weight in enumerate(weights) if weight is not None]
        self._unit = float(max((w for w in weights if w is not None), default=1))
        totals = rows.loads.sum(axis=1)
        self._slots = heaviest_slots(problem)
        self._scale = max(float(totals.max(initial=0)) / problem.exits, 1.0)
        self._base = (
            np.zeros((len(problem.loads), problem.exits), dtype=np.int64)
            if problem.base is None
            else problem.base
        )

    def fits(self, value: Fraction) -> NDArray[np.bool_]:
        """Return (heavy rows, exits): the choices that an assignment better than ``value`` has."""
        usable = self._rows.usable[: len(self._rows.heavy)].copy()
        heavy = self._rows.loads[:, : len(self._rows.heavy)]
        for exit_ in self._counting:
            room = -(-value.numerator * self._weight(exit_) // value.denominator) - 1
            within = [room - int(base) for base in self._base[:, exit_]]
            for slot, most in enumerate(within):
                usable[:, exit_] &= heavy[slot] <= most
        return usable

    def relax(self, choices: NDArray[np.bool_]) -> Relaxed | None:
        """Divide the rows so that the value is smallest; ``None``: a row has no choice left.

        Args:
            choices: (heavy rows, exits): where each heavy prefix may be.
        """
        usable = self._rows.usable.copy()
        usable[: len(choices)] = choices
        if not usable.any(axis=1).all():
            return None
        program, shares = self._program(usable, integer=False)
        answer = program.solve()
        if answer is None:  # the solver gave up on its numerics: that proves nothing
            return Relaxed(usable / usable.sum(axis=1, keepdims=True), Fraction(0))
        tops = len(self._slots) * len(self._counting)
        duals = np.maximum(-answer.duals[:tops], 0.0).reshape(len(self._slots), -1)
        return Relaxed(
            shares=_spread_out(answer.values, shares, usable), bound=self._certified(duals, usable)
        )

    def settle(self, choices: NDArray[np.bool_]) -> NDArray[np.float64] | None:
        """Divide the light rows and settle each heavy one at one exit, as well as a search can."""
        usable = self._rows.usable.copy()
        usable[: len(choices)] = choices
        if not usable.any(axis=1).all():
            return None
        program, shares = self._program(usable, integer=True)
        answer = program.solve()
        return None if answer is None else _spread_out(answer.values, shares, usable)

    def value(self, shares: NDArray[np.float64]) -> Fraction:
        """Return about what the largest load over weight is where rows are divided like this."""
        loads = self._rows.loads @ shares + self._base
        weights = np.array([self._weight(e) for e in self._counting], dtype=np.float64)
        return Fraction(float((loads[:, self._counting] / weights).max(initial=0.0)))

    @property
    def variables(self) -> int:
        """How many variables the program has."""
        return int(self._rows.usable.sum())

    def _weight(self, exit_: int) -> int:
        weight = self._weights[exit_]
        assert weight is not None  # noqa: S101 (only exits that count are asked)
        return weight

    def _program(
        self, usable: NDArray[np.bool_], *, integer: bool
    ) -> tuple[LinearProgram, NDArray[np.int64]]:
        """Return the program and the variables of the usable places, row by row."""
        program = LinearProgram()
        value = program.variables(1, cost=1.0)
        row, exit_ = np.nonzero(usable)
        whole = integer & (row < len(self._rows.heavy)) & (usable.sum(axis=1)[row] > 1)
        shares = program.variables(len(row), upper=1.0, integer=whole)
        place = np.full(self._problem.exits, -1)
        place[self._counting] = np.arange(len(self._counting))
        counts = place[exit_] >= 0
        weights = np.array([self._weight(e) for e in self._counting]) / self._unit
        for slot in self._slots:
            base = self._base[slot, self._counting] / self._scale
            tops = program.constraints(len(self._counting), at_most=-base)
            program.coefficients(tops, value, -weights)
            program.coefficients(
                tops[place[exit_[counts]]],
                shares[counts],
                self._rows.loads[slot, row[counts]] / self._scale,
            )
        whole_rows = program.constraints(len(usable), at_least=1.0, at_most=1.0)
        program.coefficients(whole_rows[row], shares, 1.0)
        return program, shares

    def _certified(self, duals: NDArray[np.float64], usable: NDArray[np.bool_]) -> Fraction:
        """Evaluate the Lagrangian of rounded duals in whole numbers."""
        largest = float(duals.max(initial=0.0))
        if largest <= 0:
            return Fraction(0)
        by_rows = self._problem.slots == 1 and self._rows.whole
        heaviest = int(self._problem.loads.max(initial=1)) * self._problem.slots
        bits = DUAL_BITS if by_rows else min(DUAL_BITS, WORD - heaviest.bit_length())
        if bits < 1:
            return Fraction(0)
        prices = np.zeros((len(self._problem.loads), self._problem.exits), dtype=np.int64)
        rounded = np.rint(duals / largest * ((1 << bits) - 1)).astype(np.int64)
        prices[self._slots[:, None], np.array(self._counting)] = rounded
        denominator = sum(int(prices[:, e].sum()) * self._weight(e) for e in self._counting)
        if by_rows:
            carried = _cheapest_rows(prices[0], self._rows.loads[0], usable)
        else:  # of each prefix by itself: in its own slots, and with all of its exits
            everywhere = usable_exits(self._problem.masks, self._problem.exits)
            everywhere[self._rows.heavy] = usable[: len(self._rows.heavy)]
            carried = cheapest_sum(self._problem.loads, everywhere, prices)
        standing = sum(
            int(price) * int(base)
            for price, base in zip(prices.ravel(), self._base.ravel(), strict=True)
        )
        return Fraction(carried + standing, denominator) if denominator else Fraction(0)


def improve_bound(
    relaxation: Relaxation, value: Fraction, bound: Fraction, *, goal: Fraction
) -> Fraction:
    """Raise a bound by a tree over the heavy prefixes.

    Args:
        relaxation: the program.
        value: of an assignment that is known; only better ones are looked for.
        bound: what is proven.
        goal: it is enough to prove this.

    Returns:
        The bound; at most ``value``.
    """
    root = relaxation.fits(value)
    number = count()
    budget = min(TREE_LIMIT, TREE_WORK // relaxation.variables)
    relaxed = relaxation.relax(root)
    if relaxed is None:
        return value
    nodes = [(min(max(bound, relaxed.bound), value), next(number), root, relaxed)]
    while nodes and nodes[0][0] < goal and budget > 0:
        least, _, choices, relaxed = heapq.heappop(nodes)
        branch = _fractional(relaxed.shares[: len(choices)])
        if branch is None:  # the light rows alone divide: the tree has nothing left to say
            heapq.heappush(nodes, (least, next(number), choices, relaxed))
            break
        row, exit_ = branch
        for there in (True, False):
            child = choices.copy()
            child[row] = child[row] & (np.arange(child.shape[1]) != exit_)
            if there:
                child[row] = False
                child[row, exit_] = True
            budget -= 1
            below = relaxation.relax(child)
            if below is not None:
                proven = min(max(least, below.bound), value)
                heapq.heappush(nodes, (proven, next(number), child, below))
    return nodes[0][0] if nodes else value


def _fractional(shares: NDArray[np.float64]) -> tuple[int, int] | None:
    """Return the heaviest divided row and the exit that has most of it."""
    divided = np.flatnonzero(shares.max(axis=1, initial=0.0) < 1 - INTEGRAL)
    if not len(divided):
        return None
    return int(divided[0]), int(shares[divided[0]].argmax())


def _spread_out(
    values: NDArray[np.float64], shares: NDArray[np.int64], usable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    spread = np.zeros(usable.shape)
    spread[usable] = np.clip(values[shares], 0.0, 1.0)
    return spread


def _cheapest_rows(
    prices: NDArray[np.int64], loads: NDArray[np.int64], usable: NDArray[np.bool_]
) -> int:
    """Sum each row's smallest price over its exits: exact for one slot, whatever it holds."""
    cheapest = np.where(usable, prices, np.iinfo(np.int64).max).min(axis=1)
    return sum(int(price) * int(load) for price, load in zip(cheapest, loads, strict=True))
