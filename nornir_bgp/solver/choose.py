"""Which solver for which problem."""

from dataclasses import replace
from typing import Literal

from nornir_bgp.exceptions import InputError
from nornir_bgp.solver import cpsat, knapsack
from nornir_bgp.solver.problem import Problem, Solution

Choice = Literal["auto", "dp", "cpsat"]


def solve(problem: Problem, solver: Choice = "auto") -> Solution:
    """Assign prefixes to exits with the named solver, or with the one that fits best.

    Args:
        problem: the loads, exits and reach.
        solver: ``dp`` (the exact knapsack, at most two exits), ``cpsat`` (any number), or ``auto``:
            ``dp`` where it can, else ``cpsat``.

    Returns:
        The solution; its ``reason`` says in a sentence why that solver was used.

    Raises:
        SolverLimitError: the problem is outside what the named solver can do.
        InputError: there is no such solver.
    """
    match solver:
        case "dp":
            return replace(knapsack.solve(problem), reason="dp, as asked")
        case "cpsat":
            return replace(cpsat.solve(problem), reason="cpsat, as asked")
        case "auto":
            return _solve_by_the_fitting(problem)
        case _:
            raise InputError(f"there is no solver {solver!r}; choose auto, dp or cpsat")


def _solve_by_the_fitting(problem: Problem) -> Solution:
    obstacle = knapsack.limit(problem)
    if obstacle is not None:
        reason = f"cpsat, because the knapsack (dp) does not fit: {obstacle}"
        return replace(cpsat.solve(problem), reason=reason)
    exits = "one exit" if problem.exits == 1 else "two exits"
    reason = f"dp, because the knapsack is exact for {exits} and a total of {problem.total:,}"
    return replace(knapsack.solve(problem), reason=reason)
