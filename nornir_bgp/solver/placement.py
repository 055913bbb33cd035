"""Placement rules that do not depend on the solver."""

from collections import defaultdict
from collections.abc import Sequence

from nornir_bgp.solver.problem import Problem


def longest_first(problem: Problem) -> tuple[int, ...]:
    """Give each prefix, the heaviest first, to the exit that carries least so far.

    This is the LPT rule (Graham 1969, *Bounds on multiprocessing timing anomalies*): without reach
    the largest load is at most 4/3 - 1/(3 exits) times the best. Ties go to the first prefix
    and the first exit. Prefixes without load are placed by :func:`place_zero_loads`.
    """
    carried = [0] * problem.exits
    assignment = [0] * len(problem.loads)
    for prefix in sorted(range(len(problem.loads)), key=lambda p: (-problem.loads[p], p)):
        chosen = min(problem.exits_of(prefix), key=lambda e: (carried[e], e))
        carried[chosen] += problem.loads[prefix]
        assignment[prefix] = chosen
    return place_zero_loads(problem, assignment)


def ascending(problem: Problem, assignment: Sequence[int]) -> tuple[int, ...]:
    """Exchange the roles of interchangeable exits so that their loads ascend."""
    loads = problem.exit_loads(tuple(assignment))
    role = list(range(problem.exits))
    for exits in interchangeable_exits(problem):
        by_load = sorted(exits, key=lambda e: (loads[e], e))
        for exit_, taken_from in zip(exits, by_load, strict=True):
            role[taken_from] = exit_
    return place_zero_loads(problem, [role[e] for e in assignment])


def interchangeable_exits(problem: Problem) -> tuple[tuple[int, ...], ...]:
    """Group the exits that reach the same prefixes; a prefix without load does not count."""
    reached: list[list[int]] = [[] for _ in range(problem.exits)]
    for prefix, load in enumerate(problem.loads):
        if load and problem.reach is not None:
            for exit_ in problem.reach[prefix]:
                reached[exit_].append(prefix)
    groups: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for exit_, prefixes in enumerate(reached):
        groups[tuple(prefixes)].append(exit_)
    return tuple(tuple(exits) for exits in groups.values())


def place_zero_loads(problem: Problem, assignment: Sequence[int]) -> tuple[int, ...]:
    """Put each prefix without load on the exit with the fewest prefixes that reaches it.

    A prediction of zero is seldom quite true; so the surprise, and the length of the override
    lists, is spread evenly. Ties go to the first exit.
    """
    count = [0] * problem.exits
    for load, chosen in zip(problem.loads, assignment, strict=True):
        count[chosen] += load > 0
    placed = list(assignment)
    for prefix, load in enumerate(problem.loads):
        if load == 0:
            placed[prefix] = min(problem.exits_of(prefix), key=lambda e: (count[e], e))
            count[placed[prefix]] += 1
    return tuple(placed)
