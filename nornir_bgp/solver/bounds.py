"""What no assignment can beat, by counting alone."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.counting import Counting
from nornir_bgp.solver.problem import Exits, Problem
from nornir_bgp.solver.problem_checks import exact_sum


def balance_bound(problem: Problem, counting: Counting | None = None) -> Fraction:
    """Return a lower bound of the balance: the largest utilisation, or load.

    It is the largest of, over the slots: what the heaviest prefix makes of the best of its exits;
    the mean over all exits, and over the exits of each reach for the prefixes that reach no other;
    and, since two of the ``exits + 1`` heaviest prefixes share an exit, the sum of the last two of
    them on the largest exit. Where utilisations are whole multiples of a step, it is rounded up.

    Args:
        problem: the loads and exits.
        counting: what knows of that step; ``None``: no rounding.
    """
    weights = [1] * problem.exits
    if problem.by_utilisation:
        weights = [capacity or 1 for capacity in problem.capacities or ()]
    bound = max(_slot_bound(problem, slot, weights) for slot in range(problem.slots))
    return bound if counting is None else max(bound, counting.least_count(bound) * counting.step)


def _slot_bound(problem: Problem, slot: int, weights: list[int]) -> Fraction:
    loads = problem.loads[slot]
    base = [0] * problem.exits if problem.base is None else problem.base[slot].tolist()
    order = np.argsort(problem.masks, kind="stable")
    masks, first = np.unique(problem.masks[order], return_index=True)
    bound = max(Fraction(load, weight) for load, weight in zip(base, weights, strict=True))
    if masks.size:
        heaviest = np.maximum.reduceat(loads[order], first).tolist()
        carried = np.add.reduceat(loads[order], first)
        for mask, heavy in zip(masks.tolist(), heaviest, strict=True):
            bound = max(bound, min(Fraction(base[e] + heavy, weights[e]) for e in _bits(mask)))
        for mask in {*masks.tolist(), (1 << problem.exits) - 1}:
            inner = carried[masks & ~np.uint64(mask) == 0]
            exits = _bits(mask)
            load = exact_sum(inner) + sum(base[e] for e in exits)
            bound = max(bound, Fraction(load, sum(weights[e] for e in exits)))
    if problem.count > problem.exits:
        heavy = np.sort(loads)[::-1][problem.exits - 1 : problem.exits + 1]
        bound = max(bound, Fraction(exact_sum(heavy), max(weights)))
    return bound


def _bits(mask: int) -> list[int]:
    return [exit_ for exit_ in range(mask.bit_length()) if mask >> exit_ & 1]


def banished(problem: Problem, home: Exits) -> NDArray[np.bool_]:
    """Return (prefixes,): whether the exit that is a prefix's home does not reach it.

    A prefix without a home (-1) is not banished.
    """
    bits = np.uint64(1) << np.maximum(home, 0).astype(np.uint64)
    away: NDArray[np.bool_] = (problem.masks & bits == 0) & (home >= 0)
    return away


def smallest_load_bound(problem: Problem, largest_load: int) -> int:
    """Return an upper bound of the smallest exit load where some exit carries ``largest_load``.

    The other exits share what is left. And ``k`` prefixes are on at most ``k`` exits, so that the
    remaining ones share at most what the ``k`` heaviest leave.

    Args:
        problem: the loads and exits.
        largest_load: a lower bound of the largest exit load.
    """
    left = problem.total
    if problem.exits == 1:
        return left
    bounds = [left // problem.exits, (left - largest_load) // (problem.exits - 1)]
    heaviest = sorted(problem.loads[0].tolist(), reverse=True)[: problem.exits - 1]
    for taken, load in enumerate(heaviest, start=1):
        left -= load
        bounds.append(left // (problem.exits - taken))
    return min(bounds)
