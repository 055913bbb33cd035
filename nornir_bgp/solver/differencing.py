"""Even out an assignment by repartitioning two exits at a time.

Two exits exchange the prefixes that both of them reach, split anew by the differencing method
of Karmarkar and Karp (1982, *The differencing method of set partitioning*), which leaves a
difference that falls like n**(-c log n) where greedy leaves one of the order of the lightest load.
Repartitioning pairs until none gains carries it over to more exits, as in Babel, Kellerer and
Kotov (1998, *The k-partitioning problem*), and respects which exits reach a prefix.

Where capacities differ, the larger exit is to get more by a certain amount. That amount acts as one
more item, bound to the smaller exit, and what is halved then is even in utilisation.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heapreplace
from itertools import combinations
from typing import NamedTuple

from nornir_bgp.solver.counting import counting_of
from nornir_bgp.solver.problem import Problem


class _Items(NamedTuple):
    """The numbers of a problem, as the integers of Python.

    Attributes:
        loads: of each prefix.
        masks: of each prefix.
        capacities: of each exit, for their ratios.
        factors: of each exit: load times factor is its utilisation, in some measure.
    """

    loads: list[int]
    masks: list[int]
    capacities: list[int]
    factors: tuple[int, ...]


def even_out(problem: Problem, assignment: Sequence[int]) -> tuple[int, ...]:
    """Return an assignment whose utilisations (or loads) are as even as those given, or more so.

    Each step makes the larger utilisation of two exits smaller, and leaves the others alone; so the
    largest never grows, and the steps end.

    Args:
        problem: of one slot.
        assignment: what to begin with.
    """
    current = list(assignment)
    known = problem.by_utilisation and problem.capacities
    items = _Items(
        problem.loads[0].tolist(),
        problem.masks.tolist(),
        [capacity or 1 for capacity in known or (1,) * problem.exits],
        counting_of(problem).factors,
    )
    loads = problem.carried(current)[0].tolist()
    used = [load * factor for load, factor in zip(loads, items.factors, strict=True)]
    stale = set(combinations(range(problem.exits), 2))
    while stale:
        # The pair that differs most; ties go to the first pair.
        high, low = min(stale, key=lambda pair: (-abs(used[pair[0]] - used[pair[1]]), pair))
        stale.discard((high, low))
        if not _repartition(items, current, loads, high, low):
            continue
        used = [load * factor for load, factor in zip(loads, items.factors, strict=True)]
        stale |= {
            (a, b)
            for a, b in combinations(range(problem.exits), 2)
            if len({a, b} & {high, low}) == 1
        }
    return tuple(current)


def _repartition(items: _Items, current: list[int], loads: list[int], a: int, b: int) -> bool:
    """Split the prefixes of two exits anew; keep it and return true where it is more even."""
    both = 1 << a | 1 << b
    free = [
        prefix
        for prefix, chosen in enumerate(current)
        if chosen in (a, b) and items.loads[prefix] and items.masks[prefix] & both == both
    ]
    free_on_a = sum(items.loads[prefix] for prefix in free if current[prefix] == a)
    free_load = sum(items.loads[prefix] for prefix in free)
    bound_to_a = loads[a] - free_on_a
    bound_to_b = loads[b] - (free_load - free_on_a)
    capacity_of_a, capacity_of_b = items.capacities[a], items.capacities[b]
    more_for_a = (loads[a] + loads[b]) * (capacity_of_a - capacity_of_b)
    more_for_a //= capacity_of_a + capacity_of_b
    # What is bound to the two exits acts as one more item, as heavy as the difference.
    bound_more_to_a = bound_to_a - more_for_a - bound_to_b
    heavier, lighter = (a, b) if bound_more_to_a >= 0 else (b, a)
    together = _with_the_last([*(items.loads[prefix] for prefix in free), abs(bound_more_to_a)])
    load_of_a = bound_to_a + sum(
        items.loads[prefix]
        for prefix, with_bound in zip(free, together, strict=True)
        if with_bound == (heavier == a)
    )
    load_of_b = loads[a] + loads[b] - load_of_a
    before = max(loads[a] * items.factors[a], loads[b] * items.factors[b])
    if max(load_of_a * items.factors[a], load_of_b * items.factors[b]) >= before:
        return False
    loads[a], loads[b] = load_of_a, load_of_b
    for prefix, with_bound in zip(free, together, strict=True):
        current[prefix] = heavier if with_bound else lighter
    return True


def _with_the_last(weights: list[int]) -> list[bool]:
    """Halve the weights by differencing; say which of the others share the last one's half.

    The two heaviest weights are replaced by their difference again and again: they go to
    different halves. The pairs form a tree, and its two colours are the halves.
    """
    heap = [(-weight, index) for index, weight in enumerate(weights)]
    heapify(heap)
    apart: list[tuple[int, int]] = []
    while len(heap) > 1:
        heaviest, kept = heappop(heap)
        second, merged = heap[0]
        heapreplace(heap, (heaviest - second, kept))
        apart.append((kept, merged))
    side = [False] * len(weights)
    for kept, merged in reversed(apart):
        side[merged] = not side[kept]
    return [colour == side[-1] for colour in side[:-1]]
