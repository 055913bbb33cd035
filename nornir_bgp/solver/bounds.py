"""What no assignment can beat, by counting alone."""

from collections import Counter

from nornir_bgp.solver.problem import Problem


def largest_load_bound(problem: Problem) -> int:
    """Return a lower bound of the largest exit load.

    It is the largest of: the heaviest load; the mean over the exits, rounded up; the same mean over
    the exits of each reach, for the prefixes that reach no other exit; and, since two of the
    ``exits + 1`` heaviest prefixes share an exit, the sum of the last two of them.
    """
    if not problem.loads:
        return 0
    by_reach: Counter[int] = Counter()
    for prefix, load in enumerate(problem.loads):
        by_reach[sum(1 << e for e in problem.exits_of(prefix))] += load
    by_reach[(1 << problem.exits) - 1] += 0
    means = (
        -(-sum(load for inner, load in by_reach.items() if not inner & ~reach) // reach.bit_count())
        for reach in by_reach
    )
    heaviest = sorted(problem.loads, reverse=True)
    sharing = sum(heaviest[problem.exits - 1 : problem.exits + 1])
    shared = sharing if len(heaviest) > problem.exits else 0
    return max(heaviest[0], shared, *means)


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
    heaviest = sorted(problem.loads, reverse=True)[: problem.exits - 1]
    for taken, load in enumerate(heaviest, start=1):
        left -= load
        bounds.append(left // (problem.exits - taken))
    return min(bounds)
