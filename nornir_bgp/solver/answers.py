"""From an assignment with what is proven of it to a solution, in numbers and in sentences."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.backups import best_backups
from nornir_bgp.solver.bounds import balance_bound
from nornir_bgp.solver.measures import after_failures, load_of, measure, moved_load
from nornir_bgp.solver.placement import longest_first
from nornir_bgp.solver.problem import Exits, Objective, Problem
from nornir_bgp.solver.solution import Achieved, Solution, SolverName
from nornir_bgp.solver.stages import refine
from nornir_bgp.solver.standing import Standing

BACKUP_LIMIT = 1.0
"""How much work the plans for all failures may take, in CP-SAT's deterministic time."""


def answer(
    problem: Problem,
    standing: Standing,
    solver: SolverName,
    *,
    spread_proven: bool = True,
    after_failure: Callable[[Problem], Exits] | None = None,
) -> Solution:
    """Return the solution that a standing amounts to; backups are planned where they are wanted.

    Args:
        problem: the loads, exits and facts.
        standing: the assignment, and what is proven of each stage.
        solver: what found it.
        spread_proven: no assignment that is as good has a smaller spread.
        after_failure: puts the prefixes of a failed exit on the others; ``None``: by CP-SAT.
    """
    backup = None
    if problem.backups:
        plan = after_failure or _after_one_failure
        backup = best_backups(problem, standing.assignment, standing.backup, plan)
    carried = problem.carried(standing.assignment)
    value = problem.balance(carried)
    first = problem.weighed[:1] == ("balance",)
    bound = standing.bounds["balance"] if first else balance_bound(problem)
    return Solution(
        assignment=standing.assignment,
        loads=carried,
        value=value,
        bound=bound,
        optimal=value == bound,
        status=_status(value, bound, problem.tolerance, spread_proven=spread_proven),
        solver=solver,
        backup=backup,
        achieved=tuple(
            _achieved(problem, objective, standing, backup) for objective in problem.weighed
        ),
    )


def _after_one_failure(failure: Problem) -> Exits:
    start = np.array(longest_first(failure), dtype=np.int16)
    return refine(failure, Standing(start), BACKUP_LIMIT / failure.exits).assignment


def _status(value: Fraction, bound: Fraction, tolerance: Fraction, *, spread_proven: bool) -> str:
    if value == bound:
        return "optimal" if spread_proven else "optimal, spread not proven"
    if value <= bound * (1 + tolerance):
        return f"within {_percent(tolerance)} of optimal"
    return "feasible"


def _achieved(
    problem: Problem, objective: Objective, standing: Standing, backup: Exits | None
) -> Achieved:
    value = measure(problem, objective, standing.assignment, backup)
    bound = standing.bounds.get(objective)
    words = {
        "balance": _balance_words,
        "survive": _survive_words,
        "cost": _cost_words,
        "moves": _moves_words,
        "lines": _lines_words,
    }[objective](problem, standing.assignment, backup, value)
    proof = _proof(problem, objective, value, bound)
    return Achieved(objective, value, bound, f"{words}; {proof}")


def _proof(problem: Problem, objective: Objective, value: Fraction, bound: Fraction | None) -> str:
    if bound is None or 0 == bound < value:
        return "how much less is possible is not known"
    if value <= bound:
        return "that is proven to be the least"
    if value <= bound * (1 + problem.tolerance):
        return f"that is proven to be within {_percent(problem.tolerance)} of the least"
    if objective in ("moves", "lines"):
        return f"{ceil(bound):,} or more are proven to be needed"
    return f"that is proven to be at most {_percent((value - bound) / bound)} above the least"


def _balance_words(
    problem: Problem, assignment: Exits, backup: Exits | None, value: Fraction
) -> str:
    carried = problem.carried(assignment)
    if not problem.by_utilisation:
        return f"the largest load is {_amount(value)}, at {_where_largest(problem, carried)}"
    return f"the largest utilisation is {_percent(value)}, at {_where_largest(problem, carried)}"


def _survive_words(
    problem: Problem, assignment: Exits, backup: Exits | None, value: Fraction
) -> str:
    if problem.exits == 1:
        return "there is no other exit to fall back to"
    failures = after_failures(problem, assignment, backup)
    worst = max(range(problem.exits), key=lambda failed: problem.balance(failures[failed]))
    reached = problem.balance(failures[worst])
    hit = _where_largest(problem, failures[worst])
    failed = problem.exit_name(worst)
    if not problem.by_utilisation:
        return f"the failure of {failed} is the worst: {hit} carries {_amount(reached)} then"
    if value == 0:
        return (
            f"any single exit may fail; at worst, when {failed} does, {hit} is at "
            f"{_percent(reached)}"
        )
    return (
        f"not every failure is borne: the one of {failed} hurts most, {hit} would be at "
        f"{_percent(reached)}, which is {_percent(value)} of its capacity above the ceiling"
    )


def _cost_words(problem: Problem, assignment: Exits, backup: Exits | None, value: Fraction) -> str:
    return f"the price is {float(value):,.2f}"


def _moves_words(problem: Problem, assignment: Exits, backup: Exits | None, value: Fraction) -> str:
    total = load_of(problem, np.ones(problem.count, dtype=np.bool_))
    share = Fraction(moved_load(problem, assignment), total or 1)
    leave = "1 prefix leaves its" if value == 1 else f"{int(value):,} prefixes leave their"
    return f"{leave} exit of today, with {_percent(share)} of the load"


def _lines_words(problem: Problem, assignment: Exits, backup: Exits | None, value: Fraction) -> str:
    return (
        "1 prefix needs an override" if value == 1 else f"{int(value):,} prefixes need an override"
    )


def _where_largest(problem: Problem, carried: NDArray[np.int64]) -> str:
    """Return the name of the exit with the largest utilisation (or load)."""
    alone = [np.where(np.arange(problem.exits) == e, carried, 0) for e in range(problem.exits)]
    return problem.exit_name(max(range(problem.exits), key=lambda e: problem.balance(alone[e])))


def _amount(value: Fraction) -> str:
    return f"{int(value):,}"


def _percent(share: Fraction) -> str:
    """Return a share with the digits that matter: 0.01 %, 7.25 %, 95 %."""
    return f"{float(share * 100):.4g} %"
