"""Even out an assignment by repartitioning two exits at a time.

Two exits exchange the prefixes that both of them reach, split anew by the differencing method
of Karmarkar and Karp (1982, *The differencing method of set partitioning*), which leaves a
difference that falls like n**(-c log n) where greedy leaves one of the order of the lightest load.
Repartitioning pairs until none gains carries it over to more exits, as in Babel, Kellerer and
Kotov (1998, *The k-partitioning problem*), and respects which exits reach a prefix.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heapreplace
from itertools import combinations

from nornir_bgp.solver.problem import Problem


def even_out(problem: Problem, assignment: Sequence[int]) -> tuple[int, ...]:
    """Return an assignment whose exit loads are as even as those given, or more so.

    The largest load never grows. Each step makes two loads differ less while their sum
    stays, so the sum of squared loads falls and the steps end.
    """
    current = list(assignment)
    loads = list(problem.exit_loads(tuple(current)))
    stale = set(combinations(range(problem.exits), 2))
    while stale:
        # The pair that differs most; ties go to the first pair.
        high, low = min(stale, key=lambda pair: (-abs(loads[pair[0]] - loads[pair[1]]), pair))
        stale.discard((high, low))
        if not _repartition(problem, current, loads, high, low):
            continue
        stale |= {
            (a, b)
            for a, b in combinations(range(problem.exits), 2)
            if len({a, b} & {high, low}) == 1
        }
    return tuple(current)


def _repartition(problem: Problem, current: list[int], loads: list[int], a: int, b: int) -> bool:
    """Split the prefixes of two exits anew; keep it and return true where it is more even."""
    free = [
        prefix
        for prefix, chosen in enumerate(current)
        if chosen in (a, b)
        and problem.loads[prefix]
        and (problem.reach is None or {a, b} <= problem.reach[prefix])
    ]
    free_on_a = sum(problem.loads[prefix] for prefix in free if current[prefix] == a)
    free_load = sum(problem.loads[prefix] for prefix in free)
    bound_to_a = loads[a] - free_on_a
    bound_to_b = loads[b] - (free_load - free_on_a)
    # What is bound to the two exits acts as one more item, as heavy as the difference.
    heavier, lighter = (a, b) if bound_to_a >= bound_to_b else (b, a)
    together = _with_the_last(
        [*(problem.loads[prefix] for prefix in free), abs(bound_to_a - bound_to_b)]
    )
    load_of_a = bound_to_a + sum(
        problem.loads[prefix]
        for prefix, with_bound in zip(free, together, strict=True)
        if with_bound == (heavier == a)
    )
    load_of_b = loads[a] + loads[b] - load_of_a
    if abs(load_of_a - load_of_b) >= abs(loads[a] - loads[b]):
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
