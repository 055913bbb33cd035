"""What an assignment is worth in each objective, in exact numbers."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.problem import Objective, Problem
from nornir_bgp.solver.problem_checks import exact_sum

PERCENTILE_SLOTS = 20
"""With so many slots the 95th percentile is billed: one slot in twenty is free."""


def measure(
    problem: Problem,
    objective: Objective,
    assignment: NDArray[np.int16],
    backup: NDArray[np.int16] | None = None,
) -> Fraction:
    """Return the value of an assignment in an objective, as :class:`Problem` defines it.

    Args:
        problem: the problem; it has the facts that the objective needs.
        objective: what is measured.
        assignment: (prefixes,), the exit of each prefix.
        backup: (prefixes,), the planned backup of each prefix, -1: none; ``None``: prefixes of a
            failed exit go where ``problem.fallback`` says.
    """
    match objective:
        case "balance":
            return problem.balance(problem.carried(assignment))
        case "survive":
            failures = after_failures(problem, assignment, backup)
            worst = max((problem.balance(loads) for loads in failures), default=Fraction(0))
            return max(worst - problem.ceiling, Fraction(0)) if problem.by_utilisation else worst
        case "cost":
            return total_price(problem, problem.carried(assignment))
        case "moves":
            return Fraction(int(moved(problem, assignment).sum()))
        case "lines":
            return Fraction(int(overridden(problem, assignment).sum()))


def after_failures(
    problem: Problem, assignment: NDArray[np.int16], backup: NDArray[np.int16] | None = None
) -> NDArray[np.int64]:
    """Return what each exit carries after each single failure: (failed exits, slots, exits).

    The failed exit itself has 0. Of one exit alone there is nothing left: (0, slots, 1).
    """
    if problem.exits == 1:
        return np.zeros((0, problem.slots, 1), dtype=np.int64)
    failures = np.repeat(problem.carried(assignment)[None], problem.exits, axis=0)
    for failed in range(problem.exits):
        failures[failed, :, failed] = 0
        moved_on = np.flatnonzero(assignment == failed)
        if backup is not None:
            target = backup[moved_on]
        elif problem.fallback is not None:
            target = problem.fallback[failed, moved_on]
        else:
            continue
        known = (target >= 0) & (target != failed)
        for slot in range(problem.slots):
            np.add.at(
                failures[failed, slot],
                target[known].astype(np.int64),
                problem.loads[slot, moved_on[known]],
            )
    return failures


def total_price(problem: Problem, carried: NDArray[np.int64]) -> Fraction:
    """Return what the providers ask for (slots, exits) loads."""
    if problem.prices is None:
        return Fraction(0)
    return sum(
        (
            price.rate * max(load - price.commit, 0)
            for load, price in zip(billed(carried), problem.prices, strict=True)
            if price is not None
        ),
        Fraction(0),
    )


def billed(carried: NDArray[np.int64]) -> list[int]:
    """Return the load of each exit that is billed: of the worst slot, or the 95th percentile.

    The percentile is that of the nearest rank: the smallest load that at least 95 % of the slots
    do not exceed.
    """
    worst_billed = len(carried) - 1 - free_slots(len(carried))
    return [int(load) for load in np.sort(carried, axis=0)[worst_billed]]


def free_slots(slots: int) -> int:
    """Return how many of the worst slots are not billed."""
    return slots - -(-95 * slots // 100) if slots >= PERCENTILE_SLOTS else 0


def moved(problem: Problem, assignment: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Return (prefixes,): whether each leaves its exit of today."""
    if problem.today is None:
        return np.zeros(problem.count, dtype=np.bool_)
    leaving: NDArray[np.bool_] = (problem.today >= 0) & (problem.today != assignment)
    return leaving


def moved_load(problem: Problem, assignment: NDArray[np.int16]) -> int:
    """Return the load of the prefixes that leave their exit of today, over all slots."""
    return load_of(problem, moved(problem, assignment))


def load_of(problem: Problem, chosen: NDArray[np.bool_]) -> int:
    """Return the load of some prefixes, over all slots."""
    return sum(exact_sum(slot[chosen]) for slot in problem.loads)


def overridden(problem: Problem, assignment: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Return (prefixes,): whether each needs an override, not being where BGP sends it anyway."""
    if problem.natural is None:
        return np.zeros(problem.count, dtype=np.bool_)
    elsewhere: NDArray[np.bool_] = problem.natural != assignment
    return elsewhere


def within_limits(problem: Problem, assignment: NDArray[np.int16]) -> bool:
    """Tell whether an assignment is feasible: the exits' limits, and ``max_moves``."""
    most = problem.carried(assignment).max(axis=0).tolist()
    fits = all(
        limit is None or load <= limit for load, limit in zip(most, problem.limits, strict=True)
    )
    few = problem.max_moves is None or moved(problem, assignment).sum() <= problem.max_moves
    return bool(fits and few)
