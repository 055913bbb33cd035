"""Any number of exits, any constraints: the OR-Tools CP-SAT models.

Exits of equal capacity in one slot have a method of their own for the balance, see
:mod:`nornir_bgp.solver.even`. Everything else is done one objective after another, see
:mod:`nornir_bgp.solver.stages`.
"""

import numpy as np

from nornir_bgp.exceptions import InfeasibleError
from nornir_bgp.solver import even
from nornir_bgp.solver.answers import answer
from nornir_bgp.solver.counting import counting_of
from nornir_bgp.solver.differencing import even_out
from nornir_bgp.solver.measures import within_limits
from nornir_bgp.solver.nearby import nearby
from nornir_bgp.solver.placement import ascending, longest_first
from nornir_bgp.solver.problem import Exits, Problem
from nornir_bgp.solver.solution import Solution
from nornir_bgp.solver.stages import NONE_THERE, find_feasible, refine
from nornir_bgp.solver.standing import Standing

DETERMINISTIC_LIMIT = 2.0
"""How much work the searches may take, in CP-SAT's deterministic time.

One for an assignment within the limits, where none is at hand, may take so much, and those for the
objectives together as much again. The balance of equal exits takes it alone, and what comes after
it half of it.
"""


def solve(problem: Problem, *, deterministic_limit: float = DETERMINISTIC_LIMIT) -> Solution:
    """Assign prefixes to exits, one objective after another.

    The result is never worse than longest-first placement. Where the limit ends a search,
    ``optimal`` is false and ``bound`` is what has been proven. Where only the balance of equal
    exits counts, the spread comes next, and interchangeable exits get their loads in ascending
    order.

    Args:
        problem: the loads, exits and facts.
        deterministic_limit: see :data:`DETERMINISTIC_LIMIT`.

    Raises:
        SolverLimitError: the total is beyond 64-bit arithmetic.
        InfeasibleError: there is no assignment within the limits, or none was found.
    """
    counting_of(problem)  # refuses what is too large
    if even.is_even(problem):
        return _solve_even(problem, deterministic_limit)
    start = find_feasible(problem, _start(problem), deterministic_limit)
    standing = refine(problem, Standing(start), deterministic_limit)
    return answer(problem, standing, "cpsat")


def _start(problem: Problem) -> Exits:
    """Return what to begin with: near to today where moves are limited, else an even one."""
    if problem.max_moves is not None and problem.today is not None:
        near = nearby(problem, problem.today, problem.limits)
        if near is not None:
            return near
        return np.array(longest_first(problem, problem.today), dtype=np.int16)
    placed = longest_first(problem)
    if problem.slots == 1:
        evened = np.array(even_out(problem, placed), dtype=np.int16)
        if within_limits(problem, evened):
            return evened
    return np.array(placed, dtype=np.int16)


def _solve_even(problem: Problem, limit: float) -> Solution:
    scaled = even.scaled(problem)
    best, bound = even.minimise_largest(scaled, limit)
    spread_proven = True
    if problem.weighed == ("balance",):
        best, spread_proven = even.minimise_spread(scaled, best, bound, limit / 2)
        best = ascending(scaled, best)
    assignment = np.array(best, dtype=np.int16)
    least = bound * counting_of(problem).step
    if problem.by_utilisation and least > problem.ceiling:
        raise InfeasibleError(NONE_THERE)
    assignment = find_feasible(problem, assignment, limit)
    value = problem.balance(problem.carried(assignment))
    standing = Standing(assignment).done("balance", value, least)
    return answer(
        problem, refine(problem, standing, limit / 2), "cpsat", spread_proven=spread_proven
    )
