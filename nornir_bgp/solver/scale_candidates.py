"""Assignments that may be better in one objective and keep the earlier ones, or nearly."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.measures import load_of
from nornir_bgp.solver.problem import Exits, Objective, Problem
from nornir_bgp.solver.problem_checks import exact_sum
from nornir_bgp.solver.scale_allowance import Allowance
from nornir_bgp.solver.scale_balance import Balance, limits_at, weights_of
from nornir_bgp.solver.scale_fit import LocalSearch
from nornir_bgp.solver.scale_program import Guided
from nornir_bgp.solver.scale_rows import weight_of

STEPS = 3_000
"""How many changes a search makes at most; a tenth of it where there are several slots."""

FEW = 500
"""Where more prefixes than this have to move, a search one by one is not the way."""

MUCH = Fraction(1, 20)
"""A plan that moves more than this share of the traffic is taken only if none moves less."""

HEAVY = 1 / 200
"""To that end prefixes with more than this share of the traffic are held where they are."""

LADDER = tuple(Fraction(1, 10**power) for power in (5, 4, 3, 2, 1))
"""How far above the promised balance a search tries to stay, where moves are few."""


def candidates(
    problem: Problem,
    objective: Objective,
    allowed: Allowance,
    standing: Exits,
    balance: Balance,
    guided: Guided | None,
) -> Iterator[Exits]:
    """Yield assignments that are worth a look for an objective.

    Args:
        problem: the problem.
        objective: the one that shall become better.
        allowed: what the earlier ones allow.
        standing: the best so far.
        balance: the best balance, whatever else is asked.
        guided: what the linear program of the objective says.
    """
    match objective:
        case "balance" if not allowed.others:
            yield balance.assignment
        case "balance":
            yield from _rungs(problem, allowed, standing, balance, guided)
        case "moves" if problem.today is not None:
            yield from near_home(problem, problem.today, allowed, balance.assignment, guided)
        case "lines" if problem.natural is not None:
            yield from near_home(problem, problem.natural, allowed, balance.assignment, guided)
        case _ if guided is not None:
            yield _searched(problem, guided.assignment, allowed.loads)


def near_home(
    problem: Problem, home: Exits, allowed: Allowance, elsewhere: Exits, guided: Guided | None
) -> Iterator[Exits]:
    """Yield assignments that leave most prefixes at home.

    The first starts at home and makes only the changes that the limits ask for; where that moves
    much of the traffic, the next holds the heaviest prefixes; the others start from where the
    linear program points.

    Args:
        problem: the problem.
        home: (prefixes,); -1: anywhere.
        allowed: what is allowed.
        elsewhere: where prefixes are that cannot be at home.
        guided: what the linear program says.
    """
    if guided is None or guided.objective < FEW:
        bits = np.uint64(1) << np.maximum(home, 0).astype(np.uint64)
        at_home = (home >= 0) & (problem.masks & bits != 0)
        start = np.where(at_home, home, elsewhere).astype(np.int16)
        found = _searched(problem, start, allowed.loads, home)
        yield found
        if moves_much(problem, found, home):
            weight = weight_of(problem)
            held = at_home & (weight > HEAVY * weight.sum(dtype=np.float64))
            masks = np.where(held, bits, problem.masks)
            yield _searched(replace(problem, masks=masks), start, allowed.loads, home)
    if guided is not None:
        yield _searched(problem, guided.assignment, allowed.loads, home)
        if allowed.others:
            yield _searched(problem, guided.assignment, allowed.loads)


def moves_much(problem: Problem, assignment: Exits, home: Exits) -> bool:
    """Whether more than a twentieth of the traffic, over all slots, is away from home."""
    away = (home >= 0) & (home != assignment)
    return load_of(problem, away) > MUCH * sum(exact_sum(slot) for slot in problem.loads)


def _rungs(
    problem: Problem,
    allowed: Allowance,
    standing: Exits,
    balance: Balance,
    guided: Guided | None,
) -> Iterator[Exits]:
    """Yield assignments ever further from the best balance, until one keeps to what is allowed."""
    home = problem.today if allowed.moves is not None else None
    promised, starts = balance.bound, [standing]
    if guided is not None:
        promised = max(promised, Fraction(guided.objective))
        starts.insert(0, guided.assignment)
    for rung in LADDER:
        limits = limits_at(problem, weights_of(problem), promised * (1 + rung))
        for start in starts:
            found = _searched(problem, start, limits, home)
            yield found
            within = bool((problem.carried(found) <= limits).all())
            if within and not problem.backups and allowed.keeps(problem, found, None):
                return


def _searched(
    problem: Problem, start: Exits, limits: NDArray[np.int64], home: Exits | None = None
) -> Exits:
    search = LocalSearch(problem, start, limits, home)
    search.fit(STEPS if problem.slots == 1 else STEPS // 10)
    search.go_home()
    return search.assignment
