"""Two exits, exactly: the 0-1 knapsack by dynamic programming.

Weight and value of an item are its prefix's load, and the capacity is half of the total: the
fullest knapsack is what one exit carries, the rest is the other's. Time is O(prefixes x capacity)
in word-parallel steps and memory is O(capacity), see :mod:`nornir_bgp.solver.subset_sums`.

Prefixes that only one exit reaches are constants. They move the target away from half of the free
loads, and then the best sum may lie on either side of it.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import gcd

import numpy as np

from nornir_bgp.exceptions import InfeasibleError, SolverLimitError
from nornir_bgp.solver.answers import answer
from nornir_bgp.solver.measures import measure, moved_load, within_limits
from nornir_bgp.solver.placement import place_zero_loads
from nornir_bgp.solver.problem import Problem
from nornir_bgp.solver.solution import Solution
from nornir_bgp.solver.stages import NONE_THERE, refine
from nornir_bgp.solver.standing import Standing
from nornir_bgp.solver.subset_sums import SubsetSums, subset_sums

CAPACITY_LIMIT = 1 << 27
"""The largest capacity, after the common divisor is taken out: 134,217,728.

The table takes 4.2 bytes per sum, so this is 560 MB: what a manager node can spare. A total of
2**28 is 268 Gbit/s counted in kbit/s, or 268 Tbit/s in Mbit/s.
"""

REFINEMENT_LIMIT = 2.0
"""How much work the later objectives may take together, in CP-SAT's deterministic time."""


@dataclass(frozen=True, slots=True)
class _Knapsack:
    """The free loads of a problem, divided by their greatest common divisor.

    Attributes:
        prefixes: the free prefixes with a load.
        constant: the load of each of the two exits that has no other place.
        unit: the common divisor of the free loads.
        size: the sum of the free loads, in units.
        collector: the exit that the knapsack stands for: the one with the smaller share.
        target: the best share of the free loads for it, in units; at most half of ``size``.
        capacity: no larger share than this one is of interest, in units.
    """

    prefixes: tuple[int, ...]
    constant: tuple[int, int]
    unit: int
    size: int
    collector: int
    target: int
    capacity: int


def solve(problem: Problem) -> Solution:
    """Assign prefixes to one or two exits so that the largest load is proven to be the smallest.

    Of two assignments that are equally good the one that gives the first exit less is taken.
    Objectives after the balance are refined by CP-SAT; where nothing is better in them, that
    assignment stays.

    Raises:
        SolverLimitError: there are more than two exits, or the capacity is too large.
        InfeasibleError: the smallest largest load is beyond the ceiling.
    """
    obstacle = limit(problem)
    if obstacle is not None:
        raise SolverLimitError(f"the knapsack (dp) cannot solve this: {obstacle}; use cpsat")
    chosen = _assign(problem) if problem.exits == 2 else (0,) * problem.count
    assignment = np.array(chosen, dtype=np.int16)
    if not within_limits(problem, assignment):
        raise InfeasibleError(NONE_THERE)
    value = problem.balance(problem.carried(assignment))
    standing = Standing(assignment).done("balance", value, value)
    return answer(
        problem, _kept(problem, standing, refine(problem, standing, REFINEMENT_LIMIT)), "dp"
    )


def _kept(problem: Problem, own: Standing, refined: Standing) -> Standing:
    """Return the knapsack's own assignment where a refined one is as good in every objective.

    How much load moves does not decide between as many moves: the first exit's smaller share does.
    """
    if refined.backup is not None or any(
        measure(problem, objective, own.assignment)
        != measure(problem, objective, refined.assignment)
        for objective in problem.weighed
    ):
        return refined
    kept = replace(refined, assignment=own.assignment)
    if "moved load" not in refined.values:
        return kept
    return kept.done(
        "moved load",
        Fraction(moved_load(problem, own.assignment)),
        refined.bounds.get("moved load", Fraction(0)),
    )


def limit(problem: Problem) -> str | None:
    """Say what stands against the knapsack, or ``None``."""
    obstacles = {
        f"there are {problem.exits} exits and it knows two": problem.exits > 2,
        f"there are {problem.slots} slots and it knows one": problem.slots > 1,
        "the capacities differ": len(set(problem.capacities or ())) > 1,
        "the balance does not come first": problem.weighed[:1] != ("balance",),
        "the moves are limited": problem.max_moves is not None,
    }
    found = next((words for words, there in obstacles.items() if there), None)
    if found is None and problem.exits == 2:
        capacity = _knapsack(problem).capacity
        if capacity > CAPACITY_LIMIT:
            return (
                f"a capacity of {capacity:,} is beyond {CAPACITY_LIMIT:,}, "
                f"which already takes {CAPACITY_LIMIT * 4.2 / 1e6:,.0f} MB"
            )
    return found


def _knapsack(problem: Problem) -> _Knapsack:
    constant = [0, 0] if problem.base is None else problem.base[0].tolist()
    free: list[int] = []
    loads = problem.loads[0].tolist()
    for prefix, (load, exits) in enumerate(zip(loads, problem.reach, strict=True)):
        if len(exits) == 1:
            constant[exits[0]] += load
        elif load:
            free.append(prefix)
    free_load = sum(loads[prefix] for prefix in free)
    unit = gcd(*(loads[prefix] for prefix in free)) or 1
    size = free_load // unit
    total = sum(constant) + free_load

    def quality(share: int) -> tuple[int, int]:
        first = constant[0] + share * unit
        return max(first, total - first), first

    middle = (total // 2 - constant[0]) // unit
    best = min((min(max(share, 0), size) for share in (middle, middle + 1)), key=quality)
    collector, target = (0, best) if 2 * best <= size else (1, size - best)
    return _Knapsack(
        prefixes=tuple(free),
        constant=(constant[0], constant[1]),
        unit=unit,
        size=size,
        collector=collector,
        target=target,
        # The empty knapsack is `target` away (and a half, for rounding), so nothing beyond twice
        # the target is better; and a share beyond half of the size is the other exit's rest.
        capacity=min(size // 2, 2 * target + 1),
    )


def _assign(problem: Problem) -> tuple[int, ...]:
    knapsack = _knapsack(problem)
    loads = problem.loads[0].tolist()
    bundles = _bundles({p: loads[p] // knapsack.unit for p in knapsack.prefixes})
    sums = subset_sums(
        [weight for weight, _ in bundles], target=knapsack.target, capacity=knapsack.capacity
    )
    reached, complement = _best_sum(knapsack, sums)
    other = 1 - knapsack.collector
    chosen, rest = (other, knapsack.collector) if complement else (knapsack.collector, other)
    assignment = [rest if len(exits) == 2 else exits[0] for exits in problem.reach]
    for index in sums.members(reached):
        for prefix in bundles[index][1]:
            assignment[prefix] = chosen
    return place_zero_loads(problem, assignment)


def _best_sum(knapsack: _Knapsack, sums: SubsetSums) -> tuple[int, bool]:
    """Return the reached sum to take, and whether it is the rest that the collector gets."""
    candidates = [(sums.below, False), (sums.top, True)]
    if sums.above is not None:
        candidates.append((sums.above, False))

    def quality(candidate: tuple[int, bool]) -> tuple[int, int]:
        reached, complement = candidate
        share = (knapsack.size - reached if complement else reached) * knapsack.unit
        loads = list(knapsack.constant)
        loads[knapsack.collector] += share
        loads[1 - knapsack.collector] += knapsack.size * knapsack.unit - share
        return max(loads), loads[0]

    return min(candidates, key=quality)


def _bundles(weights: dict[int, int]) -> list[tuple[int, tuple[int, ...]]]:
    """Tie equal weights together, so that no weight is left more than twice.

    Two of three or more equal weights become one of double weight: the sums that can be reached
    stay the same (one or two single ones and the doubles give each multiple), and there are at
    most 2 sqrt(2 x capacity) rows, however many prefixes there are.

    Args:
        weights: prefix -> weight, positive.

    Returns:
        ``(weight, prefixes)``, the heaviest first.
    """
    by_weight: defaultdict[int, list[tuple[int, ...]]] = defaultdict(list)
    for prefix, weight in weights.items():
        by_weight[weight].append((prefix,))
    ahead = list(by_weight)
    heapify(ahead)
    while ahead:
        weight = heappop(ahead)
        bundles = by_weight[weight]
        while len(bundles) > 2:
            if 2 * weight not in by_weight:
                heappush(ahead, 2 * weight)
            by_weight[2 * weight].append(bundles.pop() + bundles.pop())
    return [
        (weight, bundle)
        for weight in sorted(by_weight, reverse=True)
        for bundle in by_weight[weight]
    ]
