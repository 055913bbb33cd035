"""Which solver for which problem."""

from dataclasses import replace

import numpy as np

from nornir_bgp.exceptions import InfeasibleError, InputError
from nornir_bgp.solver import cpsat, knapsack, scale
from nornir_bgp.solver.even import is_even
from nornir_bgp.solver.infeasible import explain
from nornir_bgp.solver.problem import Choice, Problem
from nornir_bgp.solver.solution import Solution

__all__ = ["Choice", "solve"]

SEARCHED = 700
"""So many choices (prefixes times exits, in each slot) CP-SAT searches well in a few seconds."""

EVENED = 100_000
"""The same where only the balance of equal exits counts: differencing seldom leaves a search."""

REFINED = 10_000
"""So many prefixes are refined after the knapsack."""


def solve(problem: Problem, solver: Choice = "auto") -> Solution:
    """Assign prefixes to exits with the named solver, or with the one that fits best.

    Args:
        problem: the loads, exits and facts.
        solver: ``dp`` (the exact knapsack, two equal exits), ``cpsat`` (any number), ``scale``
            (any size), or ``auto``: ``dp`` where it can, ``cpsat`` where that is small enough, else
            ``scale``.

    Returns:
        The solution; its ``reason`` says in a sentence why that solver was used.

    Raises:
        SolverLimitError: the problem is outside what the named solver can do.
        InputError: there is no such solver.
        InfeasibleError: nothing is within the limits, or nothing was found; the message explains
            why, and names the smallest relief.
    """
    try:
        return _solve(problem, solver)
    except InfeasibleError as error:
        reasons = explain(problem, _solve, error)
        raise InfeasibleError(f"{error}: {reasons}" if reasons else str(error)) from None


def _solve(problem: Problem, solver: Choice = "auto") -> Solution:
    match solver:
        case "dp":
            return replace(knapsack.solve(problem), reason="dp, as asked")
        case "cpsat":
            return replace(cpsat.solve(problem), reason="cpsat, as asked")
        case "scale":
            return replace(scale.solve(problem), reason="scale, as asked")
        case "auto":
            return _solve_by_the_fitting(problem)
        case _:
            raise InputError(f"there is no solver {solver!r}; choose auto, dp, cpsat or scale")


def _solve_by_the_fitting(problem: Problem) -> Solution:
    obstacle = knapsack.limit(problem)
    if obstacle is None and len(problem.weighed) > 1 and problem.count > REFINED:
        obstacle = f"{problem.count:,} prefixes are too many for the objectives after the balance"
    if obstacle is None:
        exits = "one exit" if problem.exits == 1 else "two exits"
        reason = f"dp, because the knapsack is exact for {exits} and a total of {problem.total:,}"
        return replace(knapsack.solve(problem), reason=reason)
    size = choices(problem)
    alone = is_even(problem) and problem.weighed == ("balance",)
    if size <= (EVENED if alone else SEARCHED):
        reason = f"cpsat, because the knapsack (dp) does not fit: {obstacle}"
        return replace(cpsat.solve(problem), reason=reason)
    reason = f"scale, because {size:,} choices are too many for cpsat, and for dp {obstacle}"
    return replace(scale.solve(problem), reason=reason)


def choices(problem: Problem) -> int:
    """Return how many choices there are: exits of each prefix, pairs with backups, in each slot."""
    exits = np.bitwise_count(problem.masks).astype(np.int64)
    if problem.backups and "survive" in problem.objectives:
        exits = exits * np.maximum(exits - 1, 1)
    return int(exits.sum()) * problem.slots
