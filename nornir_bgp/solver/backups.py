"""Where the prefixes of a failed exit go by plan.

What one failure does depends on the backups of that exit's prefixes alone. So each failure is a
problem of its own: its prefixes are put on the other exits, on top of what these carry already.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from nornir_bgp.solver.measures import after_failures
from nornir_bgp.solver.placement import longest_first
from nornir_bgp.solver.problem import Exits, Problem

NO_CEILING = Fraction(1 << 62)
"""A ceiling is a goal, and no limit, after a failure."""


def quick_backups(problem: Problem, assignment: Exits) -> Exits:
    """Plan the backup of each prefix by longest-first placement; -1 where no other exit is."""
    return _planned(problem, assignment, lambda failure: np.array(longest_first(failure)))


def best_backups(
    problem: Problem,
    assignment: Exits,
    standing: Exits | None,
    solve: Callable[[Problem], Exits],
) -> Exits:
    """Plan backups so that each failure is borne as well as it can be.

    Args:
        problem: the loads and exits.
        assignment: the exit of each prefix.
        standing: backups that are kept where those found are not better for the same failure.
        solve: puts the prefixes of one failed exit on the others.
    """
    planned = _planned(problem, assignment, solve)
    if standing is None:
        return planned
    found, before = (
        [problem.balance(carried) for carried in after_failures(problem, assignment, backup)]
        for backup in (planned, standing)
    )
    for failed, (worst, worst_before) in enumerate(zip(found, before, strict=True)):
        if worst_before <= worst:
            mine = assignment == failed
            planned[mine] = standing[mine]
    return planned


def _planned(problem: Problem, assignment: Exits, solve: Callable[[Problem], Exits]) -> Exits:
    backup = np.full(problem.count, -1, dtype=np.int16)
    carried = problem.carried(assignment)
    for failed in range(problem.exits):
        others = problem.masks & ~(np.uint64(1) << np.uint64(failed))
        mine = np.flatnonzero((assignment == failed) & (others != 0))
        if mine.size:
            left = carried.copy()
            left[:, failed] = 0
            backup[mine] = solve(
                replace(
                    problem,
                    loads=problem.loads[:, mine],
                    masks=others[mine],
                    ceiling=NO_CEILING,
                    base=left,
                    today=None,
                    natural=None,
                    fallback=None,
                    backups=False,
                    prices=None,
                    max_moves=None,
                    objectives=("balance",),
                    prefix_names=(),
                )
            )
    return backup
