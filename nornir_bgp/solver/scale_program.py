"""The later objectives as a linear program: moves, lines, survival and cost, within limits.

Prefixes that are alike (mask, exit of today, natural exit, fallbacks, about the same load) are one
row. What a row has at its special exits, today's and the natural one, is a variable each; the rest
goes into the pool of its mask, which is divided over the exits. So a thousand rows stay a few
thousand variables. The program speaks of one time slot, the heaviest.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nornir_bgp.solver.problem import Exits, Objective, Price, Problem
from nornir_bgp.solver.scale_allowance import Allowance
from nornir_bgp.solver.scale_bound import INTEGRAL
from nornir_bgp.solver.scale_fit import NO_LIMIT
from nornir_bgp.solver.scale_lp import Answer, LinearProgram
from nornir_bgp.solver.scale_round import divided
from nornir_bgp.solver.scale_rows import Kinds, usable_exits, weight_of

NODES = 20
"""How many nodes the search that settles the heaviest prefixes may take."""

ROOM = 5e-4
"""How far below the ceiling the program stays after failures: what rounding may take back."""

ROW_LIMIT = 30_000
"""With more kinds of prefixes than this there is no program."""


@dataclass(frozen=True, slots=True, eq=False)
class Guided:
    """What the program says.

    Attributes:
        assignment: (prefixes,), rounded: it may be a little beyond what is allowed.
        objective: the optimum of the program, in floats: no proof.
        slots: the time slots that it speaks of.
        prices: (slots of the program, exits), the duals of the load limits, per unit of load.
        marginal: the same, the duals of the loads above commit.
    """

    assignment: Exits
    objective: float
    slots: NDArray[np.int64]
    prices: NDArray[np.float64]
    marginal: NDArray[np.float64]


def guide(problem: Problem, objective: Objective, allowed: Allowance) -> Guided | None:
    """Minimise an objective within what is allowed, as far as a linear program can say it.

    The heaviest prefixes are settled first, and then the light ones anew around them.

    Returns:
        ``None`` where there is no solution, or there are too many kinds of prefixes.
    """
    used: set[Objective] = {objective}
    used |= {o for o in ("survive", "cost", "moves", "lines") if getattr(allowed, o) is not None}
    kinds = Kinds(problem, frozenset(used))
    if kinds.count > ROW_LIMIT or len(kinds.pool_first) > ROW_LIMIT // problem.exits:
        return None
    program = _Program(problem, kinds, objective, allowed, frozenset(used))
    answer = program.program.solve()
    if answer is None:
        return None
    guided = program.guided(answer)
    hard = problem.slots > 1 or not used.isdisjoint({"survive", "cost", "balance"})
    if not hard or not program.torn(answer):  # what is a little too much, a search mends alone
        return guided
    program = _Program(problem, kinds, objective, allowed, frozenset(used), settle=True)
    answer = program.program.solve(NODES)
    if answer is None:
        return guided
    return replace(guided, assignment=program.guided(answer).assignment)


class _Program:
    """The program of one objective, and its way back to an assignment."""

    def __init__(
        self,
        problem: Problem,
        kinds: Kinds,
        objective: Objective,
        allowed: Allowance,
        used: frozenset[Objective],
        *,
        settle: bool = False,
    ) -> None:
        self._settle = settle
        self._problem, self._kinds, self._objective = problem, kinds, objective
        self._unit = max(float(kinds.loads.max(axis=0).sum()) / problem.exits, 1.0)
        self._loads = kinds.loads / self._unit
        base = np.zeros((problem.slots, problem.exits)) if problem.base is None else problem.base
        self._base = base[kinds.slots] / self._unit
        self._weights = np.ones(problem.exits)
        if problem.by_utilisation and problem.capacities is not None:
            self._weights = np.array(problem.capacities, dtype=np.float64)
        self._weights /= self._unit
        self.program = LinearProgram()
        self._places()
        limits = allowed.loads[kinds.slots]
        self._limits = self._tops(np.where(limits < NO_LIMIT, limits / self._unit, np.inf))
        self._dearest = 1.0
        self._above_commit: list[NDArray[np.int64]] = []
        if "balance" in used:
            largest = self.program.variables(1, cost=1.0)
            self.program.coefficients(self._tops(0.0), largest, -self._weights)
        if "survive" in used and not problem.backups:
            self._survive(allowed.survive)
        if "cost" in used:
            self._cost(allowed.cost)
        if kinds.today is not None:
            self._count(kinds.today, allowed.moves, wanted=objective == "moves")
        if kinds.natural is not None:
            most = allowed.lines
            if most is not None:  # a prefix whose natural exit is unknown is a line anyway
                most -= int((kinds.natural < 0).sum())
            self._count(kinds.natural, most, wanted=objective == "lines")

    def _places(self) -> None:
        """Make the variables: each row at its special exits, and each pool at each exit."""
        kinds, problem = self._kinds, self._problem
        usable = usable_exits(problem.masks[kinds.first], problem.exits)
        special = np.zeros_like(usable)
        for home in (kinds.today, kinds.natural):
            if home is not None:
                at = home[kinds.first]
                special[np.flatnonzero(at >= 0), at[at >= 0]] = True
        special[: len(kinds.singles) if problem.slots == 1 else kinds.count] = True
        special &= usable
        self._row, self._exit = np.nonzero(special)
        pools = usable_exits(problem.masks[kinds.pool_first], problem.exits)
        self._pool, self._pool_exit = np.nonzero(pools)
        whole_row = self._row < len(kinds.singles)
        self._at = self.program.variables(
            len(self._row), upper=1.0, integer=whole_row if self._settle else False
        )
        elsewhere = (usable & ~special).any(axis=1)
        self._rest = self.program.variables(kinds.count, upper=elsewhere)
        self._pooled = self.program.variables(len(self._pool))
        whole = self.program.constraints(kinds.count, at_least=1.0, at_most=1.0)
        self.program.coefficients(whole[self._row], self._at, 1.0)
        self.program.coefficients(whole, self._rest, 1.0)
        balance = self.program.constraints(len(kinds.pool_first), at_least=0.0, at_most=0.0)
        self.program.coefficients(balance[kinds.pool[kinds.first]], self._rest, -self._loads[0])
        self.program.coefficients(balance[self._pool], self._pooled, 1.0)

    def _tops(self, most: ArrayLike) -> NDArray[np.int64]:
        """Add for each slot and exit: what it carries is at most this; return the constraints."""
        room = np.broadcast_to(np.asarray(most, dtype=np.float64), self._base.shape) - self._base
        tops = self.program.constraints(room.size, at_most=room.ravel()).reshape(room.shape)
        self._carry(tops, self._exit >= 0, self._pool_exit >= 0, None)
        return tops

    def _carry(
        self,
        tops: NDArray[np.int64],
        rows: NDArray[np.bool_],
        pools: NDArray[np.bool_],
        target: Exits | None,
    ) -> None:
        """Add loads to constraints (slots, exits): of the chosen places, at their exit or target.

        Args:
            tops: the constraints; -1 where there is none.
            rows: which places of rows count.
            pools: which places of pools count.
            target: (prefixes,), the exit that carries a prefix; ``None``: its own place.
        """
        kinds = self._kinds
        exits: NDArray[np.integer] = self._exit
        pool_exits: NDArray[np.integer] = self._pool_exit
        if target is not None:
            exits = target[kinds.first[self._row]]
            pool_exits = target[kinds.pool_first[self._pool]]
        for of_slot, loads in zip(tops, self._loads, strict=True):
            self.program.coefficients(of_slot[exits[rows]], self._at[rows], loads[self._row[rows]])
            self.program.coefficients(of_slot[pool_exits[pools]], self._pooled[pools], 1.0)

    def _survive(self, most: Fraction | None) -> None:
        """Keep what exits carry after each failure below a variable, or below what is allowed."""
        problem = self._problem
        ceiling = float(problem.ceiling) if problem.by_utilisation else 0.0
        wanted = self._objective == "survive"
        lowest = -2 * ROOM * ceiling if wanted else -np.inf
        highest = _upper(most) - (0.0 if wanted else ROOM * ceiling)
        above = self.program.variables(1, cost=float(wanted), lower=lowest, upper=highest)
        for failed in range(problem.exits):
            others = np.arange(problem.exits) != failed
            room = (ceiling * self._weights - self._base)[:, others]
            tops = np.full(self._base.shape, -1)
            constraints = self.program.constraints(room.size, at_most=room.ravel())
            tops[:, others] = constraints.reshape(room.shape)
            self.program.coefficients(tops[:, others], above, -self._weights[others])
            self._carry(tops, self._exit != failed, self._pool_exit != failed, None)
            if problem.fallback is not None:
                target = problem.fallback[failed]
                known = (target >= 0) & (target != failed)
                self._carry(
                    tops,
                    (self._exit == failed) & known[self._kinds.first[self._row]],
                    (self._pool_exit == failed) & known[self._kinds.pool_first[self._pool]],
                    target,
                )

    def _cost(self, most: Fraction | None) -> None:
        """Let a variable of each exit be at least its load above commit, in every slot."""
        problem = self._problem
        prices = [Price(Fraction(0)) if price is None else price for price in problem.prices or ()]
        rates = np.array([float(price.rate) for price in prices])
        self._dearest = max(float(rates.max()), 1e-300)
        rates /= self._dearest
        commits = np.array([price.commit for price in prices]) / self._unit
        wanted = self._objective == "cost"
        above = self.program.variables(problem.exits, cost=rates if wanted else 0.0)
        tops = self._tops(commits)
        self.program.coefficients(tops, above, -1.0)
        self._above_commit.append(tops)
        if most is not None:
            room = 1 - float(problem.tolerance) / 2
            most_above = float(most) * room / self._dearest / self._unit
            total = self.program.constraints(1, at_most=most_above)
            self.program.coefficients(total, above, rates)

    def _count(self, home: Exits, most: int | None, *, wanted: bool) -> None:
        """Count the prefixes away from home: those of their rows less what is there."""
        home = home[self._kinds.first]
        counts = np.where(home >= 0, self._kinds.counts, 0)
        there = self._exit == home[self._row]
        away = self.program.variables(1, cost=float(wanted), upper=_upper(most))
        total = self.program.constraints(1, at_least=float(counts.sum()))
        self.program.coefficients(total, away, 1.0)
        self.program.coefficients(total, self._at[there], counts[self._row[there]])

    def torn(self, answer: Answer) -> bool:
        """Whether the answer divides a prefix that is a row of its own."""
        shares = answer.values[self._at[self._row < len(self._kinds.singles)]]
        return bool((np.minimum(shares, 1 - shares) > INTEGRAL).any())

    def guided(self, answer: Answer) -> Guided:
        """Round the answer: rows to their special exits, and the rest by pools."""
        problem, kinds = self._problem, self._kinds
        loads = weight_of(problem)
        shares = np.zeros((kinds.count, problem.exits + 1))
        shares[self._row, self._exit] = answer.values[self._at]
        shares[:, problem.exits] = answer.values[self._rest]
        assignment = divided(loads, kinds.row, np.maximum(shares, 0.0))
        left = np.flatnonzero(assignment == problem.exits)
        amounts = np.zeros((len(kinds.pool_first), problem.exits))
        amounts[self._pool, self._pool_exit] = np.maximum(answer.values[self._pooled], 0.0)
        nothing = amounts.max(axis=1, initial=0.0) <= 0
        amounts[self._pool, self._pool_exit] += nothing[self._pool]
        assignment[left] = divided(loads[left], kinds.pool[left], amounts)
        marginal = np.zeros(self._base.shape)
        for tops in self._above_commit:
            marginal = np.maximum(-answer.duals[tops], 0.0)
        # Duals are per unit of the objective; that of the cost is its dearest rate and its load.
        each = self._dearest if self._objective == "cost" else 1 / self._unit
        return Guided(
            assignment=assignment,
            objective=answer.objective,
            slots=kinds.slots,
            prices=np.maximum(-answer.duals[self._limits], 0.0) * each,
            marginal=marginal * each,
        )


def _upper(most: Fraction | int | None) -> float:
    return np.inf if most is None else float(most)
