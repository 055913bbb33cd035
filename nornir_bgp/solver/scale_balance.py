"""The best balance at any size: divide, round, search, and prove how good it is.

A linear program says how much of each row of prefixes belongs to each exit, and what no assignment
can beat (:mod:`nornir_bgp.solver.scale_bound`). The rows are divided among their exits by these
shares, heavy members first (:mod:`nornir_bgp.solver.scale_round`), and a local search brings the
exits to within 0.001 % of what the program promises (:mod:`nornir_bgp.solver.scale_fit`). Where it
does not get there, an integer program settles the heavy prefixes first. Where the proof is not
near enough to what was found, a small tree over the heavy prefixes makes it better. A few changes
more bring what was found towards the proof.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.problem import Exits, Problem
from nornir_bgp.solver.scale_bound import INTEGRAL, Relaxation, improve_bound
from nornir_bgp.solver.scale_fit import NO_LIMIT, LocalSearch
from nornir_bgp.solver.scale_round import rounded
from nornir_bgp.solver.scale_rows import Rows, rows_of

NEAR = Fraction(1, 100_000)
"""The search ends so near to what the division of the rows promises."""

NEARER = Fraction(1, 10_000_000)
"""What was found is brought so near to the bound, where a few more changes do that."""

PROVEN = Fraction(1, 20_000)
"""How near the bound shall come to the value before the tree rests: half of the tolerance."""

STEPS = 3_000
"""How many changes the search makes at most."""

QUICK = 40
"""How many of them it makes before the heavy prefixes are settled by a costlier search."""


Weights = tuple[int | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """An assignment, with the proof of its balance.

    Attributes:
        assignment: (prefixes,).
        value: the largest load of an exit in units of its weight.
        bound: no assignment has a smaller value.
        alone: the prefix that proves the bound by itself, if one does.
    """

    assignment: Exits
    value: Fraction
    bound: Fraction
    alone: int | None


def weights_of(problem: Problem) -> Weights:
    """Return what the loads of exits are divided by: their capacities, if all have one; or 1."""
    if problem.by_utilisation and problem.capacities is not None:
        return problem.capacities
    return (1,) * problem.exits


def best_balance(
    problem: Problem,
    weights: Weights,
    ceiling: Fraction | None = None,
    *,
    rest: bool = False,
    prove: bool = True,
) -> Balance:
    """Put each prefix on an exit so that the largest load over weight is small.

    Args:
        problem: the problem; its limits are kept where that is possible, its objectives do not
            matter.
        weights: what the load of each exit is divided by; ``None``: it does not count.
        ceiling: a value that shall not be exceeded if that can be. Where it is proven that it
            cannot, the value is made small without it.
        rest: the search may rest at the ceiling.
        prove: whether the bound is worth a tree.
    """
    rows = rows_of(problem, np.array([weight or 0 for weight in weights], dtype=np.float64))
    relaxation = Relaxation(problem, rows, weights)
    anywhere = rows.usable[: len(rows.heavy)]
    alone, bound = alone_bound(problem, rows, weights)
    relaxed = relaxation.relax(anywhere)
    shares = rows.usable / rows.usable.sum(axis=1, keepdims=True)
    if relaxed is not None:
        shares = relaxed.shares
        if relaxed.bound > bound:
            alone, bound = None, relaxed.bound
    impossible = ceiling is not None and bound > ceiling

    def searched(start: NDArray[np.float64], steps: int) -> tuple[Exits, bool]:
        """Round shares, search near what they promise, and say whether that was reached."""
        goal = max(relaxation.value(start), bound) * (1 + NEAR)
        if ceiling is not None and not impossible:
            goal = ceiling if rest else min(goal, ceiling)
        limits = limits_at(problem, weights, goal)
        search = LocalSearch(problem, rounded(problem, rows, start), limits)
        within = search.fit(steps)
        return search.assignment, within

    assignment, within = searched(shares, QUICK)
    if not within:
        settled = relaxation.settle(anywhere) if _is_divided(shares, rows) else None
        start = shares if settled is None else settled
        found, _ = searched(start, STEPS)
        assignment = min((found, assignment), key=lambda a: _rank(problem, a, weights))
    value = share(problem.carried(assignment), weights)
    rests = impossible or (rest and ceiling is not None and value <= ceiling)
    if prove and not rests and value - bound > value * PROVEN:
        proven = improve_bound(relaxation, value, bound, goal=value * (1 - PROVEN))
        if proven > bound:
            alone, bound = None, proven
    bound = min(next_attainable(bound, weights), value)
    if not rests and value > bound:
        nearer = LocalSearch(problem, assignment, limits_at(problem, weights, bound * (1 + NEARER)))
        nearer.fit(QUICK)
        assignment = min((nearer.assignment, assignment), key=lambda a: _rank(problem, a, weights))
        value = share(problem.carried(assignment), weights)
    return Balance(assignment, value, bound, alone)


def alone_bound(problem: Problem, rows: Rows, weights: Weights) -> tuple[int | None, Fraction]:
    """Return the prefix that needs most by itself, on the exit that suits it best, and how much."""
    alone, bound = None, Fraction(0)
    base = problem.base if problem.base is not None else np.zeros((1, problem.exits), dtype=int)
    for row, prefix in enumerate(rows.heavy):
        exits = np.flatnonzero(rows.usable[row])
        needs = Fraction(0)
        if all(weights[e] is not None for e in exits):
            needs = min(
                Fraction(int((problem.loads[:, prefix] + base[:, e]).max()), weights[e] or 1)
                for e in exits
            )
        if needs > bound:
            alone, bound = int(prefix), needs
    return alone, bound


def limits_at(problem: Problem, weights: Weights, value: Fraction) -> NDArray[np.int64]:
    """Return (slots, exits): what exits may carry for a value, within the problem's own limits."""
    most = [
        min(
            NO_LIMIT if weight is None else int(value * weight),
            NO_LIMIT if limit is None else limit,
            NO_LIMIT,
        )
        for weight, limit in zip(weights, problem.limits, strict=True)
    ]
    return np.tile(np.array(most, dtype=np.int64), (problem.slots, 1))


def share(carried: NDArray[np.int64], weights: Weights) -> Fraction:
    """Return the largest load of an exit in units of its weight, exactly."""
    return max(
        (
            Fraction(int(load), weight)
            for load, weight in zip(carried.max(axis=0), weights, strict=True)
            if weight is not None
        ),
        default=Fraction(0),
    )


def next_attainable(bound: Fraction, weights: Weights) -> Fraction:
    """Raise a bound to the next value that whole loads can have."""
    return min(
        (
            Fraction(-(-bound.numerator * weight // bound.denominator), weight)
            for weight in weights
            if weight is not None
        ),
        default=bound,
    )


def _rank(problem: Problem, assignment: Exits, weights: Weights) -> tuple[int, Fraction]:
    """Order assignments: by how much they are beyond the problem's limits, and then by value."""
    carried = problem.carried(assignment)
    limits = limits_at(problem, (None,) * problem.exits, Fraction(0))
    beyond = np.maximum(carried - limits, 0).astype(object).sum()
    return int(beyond), share(carried, weights)


def _is_divided(shares: NDArray[np.float64], rows: Rows) -> bool:
    heavy = shares[: len(rows.heavy)]
    return bool((heavy.max(axis=1, initial=0.0) < 1 - INTEGRAL).any())
