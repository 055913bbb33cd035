"""Why there is no assignment within the limits, and what would be the smallest relief."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from ortools.sat.python import cp_model

from nornir_bgp.exceptions import InfeasibleError
from nornir_bgp.solver.assignment_model import AssignmentModel
from nornir_bgp.solver.backups import NO_CEILING
from nornir_bgp.solver.counting import largest_total
from nornir_bgp.solver.measures import measure
from nornir_bgp.solver.placement import longest_first
from nornir_bgp.solver.problem import Problem
from nornir_bgp.solver.problem_checks import exact_sum
from nornir_bgp.solver.search import TOTAL_LIMIT, search
from nornir_bgp.solver.solution import Solution

NAMED = 3
"""So many prefixes are named, and how many more there are."""

GROUPS = 1_000
"""So many groups of prefixes, by the exits that reach them, are looked at; the heaviest."""

SMALL = 4_000
"""Prefixes times exits up to which the least extra capacity is searched for."""

RELIEF_LIMIT = 0.5
"""How much work that may take, in CP-SAT's deterministic time, twice."""

LARGEST = np.iinfo(np.int64).max
"""No load is larger; so a limit beyond is none."""

Solve = Callable[[Problem], Solution]


class CeilingError(InfeasibleError):
    """The ceiling is too low, and the solver that says so knows which one is not."""

    def __init__(self, message: str, *, enough: Fraction, least: Fraction) -> None:
        """Say what is known.

        Args:
            message: what is proven.
            enough: with this ceiling there is an assignment.
            least: with a lower one than this there is none.
        """
        super().__init__(message)
        self.enough = enough
        self.least = least


def explain(problem: Problem, solve: Solve, error: InfeasibleError | None = None) -> str:
    """Say in sentences why a problem has no assignment within its limits, and what would help.

    Args:
        problem: one that was found to have none.
        solve: answers problems of the same size.
        error: what the solver said of it.
    """
    sentences = [*_stuck(problem), *_crowded(problem)]
    free = replace(problem, max_moves=None)
    if isinstance(error, CeilingError):  # so nothing need be solved to find that out
        relief = _ceiling_words(free, error.enough, error.least)
        return "; ".join([*sentences, relief, *_capacity_relief(free)])
    if problem.max_moves is not None:
        moves = _fewest_moves(free, problem.max_moves, solve)
        if moves is not None:
            return "; ".join([*sentences, moves])
    return "; ".join([*sentences, *_ceiling_relief(free, solve), *_capacity_relief(free)])


def _stuck(problem: Problem) -> list[str]:
    """Name what is too much for every exit that it may use."""
    limits, sentences = problem.limits, []
    none = np.zeros((problem.slots, problem.exits), dtype=np.int64)
    base = none if problem.base is None else problem.base
    anyway = base.max(axis=0).tolist()
    for exit_, (load, limit) in enumerate(zip(anyway, limits, strict=True)):
        if limit is not None and load > limit:
            sentences.append(
                f"{problem.exit_name(exit_)} carries {load:,} anyway and may carry {limit:,}"
            )
    fits = np.zeros(problem.count, dtype=np.bool_)
    for exit_, limit in enumerate(limits):
        reached = (problem.masks >> np.uint64(exit_) & np.uint64(1)).astype(np.bool_)
        if limit is not None:
            room = min(limit, LARGEST) - base[:, exit_, None]
            reached &= (problem.loads <= room).all(axis=0)
        fits |= reached
    stuck = np.flatnonzero(~fits)
    if stuck.size:
        most = problem.loads.max(axis=0)
        heaviest = sorted(stuck.tolist(), key=lambda prefix: (-most[prefix], prefix))
        named = [f"{problem.prefix_name(p)} ({most[p]:,})" for p in heaviest[:NAMED]]
        if len(heaviest) > NAMED:
            named.append(f"{len(heaviest) - NAMED:,} more")
        sentences.append(f"too heavy for every exit that reaches it: {', '.join(named)}")
    return sentences


def _crowded(problem: Problem) -> list[str]:
    """Name the exits that are asked to carry most beyond what they may, by counting."""
    limits = problem.limits
    worst: tuple[int, int, list[int]] | None = None
    order = np.argsort(problem.masks, kind="stable")
    masks, first = np.unique(problem.masks[order], return_index=True)
    for slot, loads in enumerate(problem.loads):
        base = [0] * problem.exits if problem.base is None else problem.base[slot].tolist()
        carried = np.add.reduceat(loads[order], first) if masks.size else loads
        heaviest = masks[np.argsort(-carried, kind="stable")][:GROUPS]
        for mask in sorted({*heaviest.tolist(), (1 << problem.exits) - 1}):
            exits = [e for e in range(problem.exits) if mask >> e & 1]
            room = [limit for e in exits if (limit := limits[e]) is not None]
            if len(room) == len(exits):
                inner = exact_sum(carried[masks & ~np.uint64(mask) == 0])
                load = inner + sum(base[e] for e in exits)
                if worst is None or load - sum(room) > worst[0] - worst[1]:
                    worst = load, sum(room), exits
    if worst is None or worst[0] <= worst[1]:
        return []
    load, room_there, exits = worst
    if len(exits) == problem.exits:
        who = "all prefixes"
    elif len(exits) == 1:
        who = f"the prefixes that only {problem.exit_name(exits[0])} reaches"
    else:
        names = [problem.exit_name(e) for e in exits]
        who = f"the prefixes that only {', '.join(names[:-1])} and {names[-1]} reach"
    return [
        f"{who} bring {load:,} and may have {room_there:,}: that is {load - room_there:,} too much"
    ]


def _fewest_moves(free: Problem, most: int, solve: Solve) -> str | None:
    """Say how many moves are needed; ``None``: moves are not the reason."""
    try:
        solution = solve(replace(free, objectives=("moves",)))
    except InfeasibleError:
        return None
    value = measure(free, "moves", solution.assignment)
    if value <= most:
        return None
    prefixes = "1 prefix" if value == 1 else f"{int(value):,} prefixes"
    allowed = f"exit of today, and at most {most:,} may"
    if solution.achieved[0].bound == value:
        return f"{prefixes} must leave the {allowed}"
    return f"an assignment was found in which {prefixes} leave the {allowed}"


def _ceiling_relief(free: Problem, solve: Solve) -> list[str]:
    """Say with which ceiling there is an assignment."""
    known = [capacity for capacity in free.capacities or () if capacity is not None]
    if not known:
        return []
    # An exit without a capacity has no limit: one so large that it is never the fullest.
    times = -int(-largest_total(free) // (free.ceiling * max(known)))
    endless = max(known) * max(times, 1)
    if endless > LARGEST and len(known) < free.exits:
        return []
    try:
        solution = solve(
            replace(
                free,
                capacities=tuple(c or endless for c in free.capacities or ()),
                ceiling=NO_CEILING,
                objectives=("balance",),
                backups=False,
            )
        )
    except InfeasibleError:
        return []
    return [_ceiling_words(free, solution.value, solution.bound)]


def _ceiling_words(free: Problem, enough: Fraction, least: Fraction) -> str:
    words = f"a ceiling of {_rounded_up(enough)} would be enough"
    if enough == least:
        return f"{words}, and no lower one"
    lower = max(least, free.ceiling)
    return f"{words}, and one below {_rounded_down(lower)} is proven not to be"


def _capacity_relief(free: Problem) -> list[str]:
    """Say which exits would need how much more capacity: as few as can be, and then as little."""
    extra = least_extra_capacity(free) if free.count * free.exits <= SMALL else None
    if extra is None or not extra.of:
        return []
    more = " and ".join(f"{amount:,} more at {free.exit_name(e)}" for e, amount in extra.of.items())
    least = ", the least capacity on the fewest exits" if extra.least else ""
    return [f"so would be {more}{least}"]


@dataclass(frozen=True, slots=True)
class Extra:
    """More capacity, with which there is an assignment.

    Attributes:
        of: exit -> how much more.
        least: no fewer exits would do, and on so many no smaller sum.
    """

    of: dict[int, int]
    least: bool


def least_extra_capacity(problem: Problem) -> Extra | None:
    """Return the least capacity, on the fewest exits, that has to be added.

    ``max_moves`` does not count.

    Returns:
        ``None`` where nothing is found, or numbers are too large.
    """
    start = np.array(longest_first(problem), dtype=np.int16)
    share, whole = problem.ceiling.numerator, problem.ceiling.denominator
    if largest_total(problem) * max(share, whole) * problem.exits > TOTAL_LIMIT:
        return None
    best: Extra | None = None
    for _ in range(2):
        built = AssignmentModel(problem, start)
        most = -int(-largest_total(problem) // problem.ceiling)
        more: dict[int, tuple[cp_model.IntVar, cp_model.IntVar]] = {}
        for exit_, capacity in enumerate(problem.capacities or ()):
            if capacity is not None:
                amount = built.model.new_int_var(0, most, f"more at {exit_}")
                grows = built.model.new_bool_var(f"{exit_} grows")
                built.model.add(amount <= most * grows)
                for loads in built.carried:
                    load = loads[exit_] * (whole * built.unit)
                    # beyond `most` no capacity is filled, which keeps the numbers in bounds
                    built.model.add(load <= share * (amount + min(capacity, most)))
                more[exit_] = amount, grows
        if best is None:
            built.minimise(cp_model.LinearExpr.sum([grows for _, grows in more.values()]))
        else:
            built.model.add(sum(grows for _, grows in more.values()) <= len(best.of))
            built.minimise(cp_model.LinearExpr.sum([amount for amount, _ in more.values()]))
        found = search(built.model, RELIEF_LIMIT)
        if found.verdict != "found":
            break
        of = {e: value for e, (amount, _) in more.items() if (value := found.value(amount))}
        if best is None:
            best = Extra(of, least=found.bound == len(of))
        else:
            best = Extra(of, least=best.least and found.bound == sum(of.values()))
    else:
        return best
    return None if best is None else replace(best, least=False)


def _rounded_up(share: Fraction) -> str:
    """Return a share in percent, with two decimals, that is not below it."""
    return f"{float(Fraction(-int(-share * 10_000 // 1), 100)):.2f} %"


def _rounded_down(share: Fraction) -> str:
    """Return a share in percent, with two decimals, that is not above it."""
    return f"{float(Fraction(int(share * 10_000), 100)):.2f} %"
