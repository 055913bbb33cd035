"""Placement rules that do not depend on the solver."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.counting import counting_of
from nornir_bgp.solver.problem import Problem
from nornir_bgp.solver.search import TOTAL_LIMIT


def longest_first(problem: Problem, kept: NDArray[np.int16] | None = None) -> tuple[int, ...]:
    """Give each prefix, the heaviest first, to the exit whose utilisation is least with it.

    This is the LPT rule (Graham 1969, *Bounds on multiprocessing timing anomalies*): without reach
    and capacities the largest load is at most 4/3 - 1/(3 exits) times the best. Exits whose limit
    would be broken come last. Ties go to the first prefix and the first exit. Prefixes without
    load are placed by :func:`place_zero_loads`.

    Args:
        problem: the loads and exits.
        kept: the exit of prefixes that stay where they are, if they reach it; -1: of others.
    """
    factors = counting_of(problem).factors
    limits = [TOTAL_LIMIT if limit is None else limit for limit in problem.limits]
    reach = problem.reach
    assignment = [-1] * problem.count if kept is None else kept.tolist()
    carried = [[0] * problem.slots for _ in factors]
    if problem.base is not None:
        carried = problem.base.T.tolist()
    loads: list[list[int]] = problem.loads.T.tolist()
    for prefix, exit_ in enumerate(assignment):
        if exit_ in reach[prefix]:
            carried[exit_] = [a + b for a, b in zip(carried[exit_], loads[prefix], strict=True)]
    for prefix in sorted(range(problem.count), key=lambda p: (-max(loads[p]), p)):
        if assignment[prefix] not in reach[prefix]:
            best: tuple[bool, int, int] | None = None
            for e in reach[prefix]:
                most = max(a + b for a, b in zip(carried[e], loads[prefix], strict=True))
                key = (most > limits[e], most * factors[e], e)
                best = key if best is None or key < best else best
            chosen = reach[prefix][0] if best is None else best[2]
            carried[chosen] = [a + b for a, b in zip(carried[chosen], loads[prefix], strict=True)]
            assignment[prefix] = chosen
    return place_zero_loads(problem, assignment) if kept is None else tuple(assignment)


def ascending(problem: Problem, assignment: Sequence[int]) -> tuple[int, ...]:
    """Exchange the roles of interchangeable exits so that their loads ascend."""
    loads = problem.carried(assignment)[0].tolist()
    role = list(range(problem.exits))
    for exits in interchangeable_exits(problem):
        by_load = sorted(exits, key=lambda e: (loads[e], e))
        for exit_, taken_from in zip(exits, by_load, strict=True):
            role[taken_from] = exit_
    return place_zero_loads(problem, [role[e] for e in assignment])


def interchangeable_exits(problem: Problem) -> tuple[tuple[int, ...], ...]:
    """Group the exits that reach the same prefixes; a prefix without load does not count."""
    masks = np.unique(problem.masks[problem.loads.any(axis=0)])
    groups: defaultdict[bytes, list[int]] = defaultdict(list)
    for exit_ in range(problem.exits):
        groups[(masks >> np.uint64(exit_) & np.uint64(1)).tobytes()].append(exit_)
    return tuple(tuple(exits) for exits in groups.values())


def place_zero_loads(problem: Problem, assignment: Sequence[int]) -> tuple[int, ...]:
    """Put each prefix without load on the exit with the fewest prefixes that reaches it.

    A prediction of zero is seldom quite true; so the surprise, and the length of the override
    lists, is spread evenly. Ties go to the first exit.
    """
    loaded = problem.loads.any(axis=0)
    if loaded.all():
        return tuple(assignment)
    placed = np.array(assignment, dtype=np.int64)
    count = np.bincount(placed[loaded], minlength=problem.exits).tolist()
    reach = problem.reach
    for prefix in np.flatnonzero(~loaded).tolist():
        placed[prefix] = min(reach[prefix], key=lambda e: (count[e], e))
        count[placed[prefix]] += 1
    return tuple(placed.tolist())
