"""Exits of equal capacity and one slot: the balance, and then the spread.

Longest-first placement, evened out by differencing, usually meets the bound by counting where
prefixes are many, and nothing is left to search. Otherwise CP-SAT minimises the largest load, and
then, without giving that up, the spread.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from ortools.sat.python import cp_model

from nornir_bgp.solver.bounds import balance_bound, smallest_load_bound
from nornir_bgp.solver.counting import common_divisor, counting_of
from nornir_bgp.solver.differencing import even_out
from nornir_bgp.solver.placement import interchangeable_exits, longest_first
from nornir_bgp.solver.problem import Problem
from nornir_bgp.solver.search import Found, gap_for, search


def is_even(problem: Problem) -> bool:
    """Tell whether the balance of a problem is one of equal exits in one slot, and nothing else."""
    return (
        problem.slots == 1
        and problem.base is None
        and problem.max_moves is None
        and len(set(problem.capacities or ())) <= 1
        and problem.weighed[:1] == ("balance",)
    )


@dataclass(frozen=True, slots=True)
class _Model:
    """A model and its variables.

    Attributes:
        model: assignment constraints, symmetry breaking and a hint, without an objective.
        takes: for each prefix, exit -> whether it takes the prefix; empty without a load.
        largest: at least the load of each exit.
        smallest: at most the load of each exit.
    """

    model: cp_model.CpModel
    takes: tuple[dict[int, cp_model.IntVar], ...]
    largest: cp_model.IntVar
    smallest: cp_model.IntVar

    def assignment(self, found: Found) -> tuple[int, ...]:
        """Return the assignment that a search has found."""
        return tuple(
            next((exit_ for exit_, taken in exits.items() if found.holds(taken)), 0)
            for exits in self.takes
        )


def scaled(problem: Problem) -> Problem:
    """Return the problem without capacities, in its largest unit."""
    return replace(problem, loads=problem.loads // common_divisor(problem), capacities=None)


def minimise_largest(problem: Problem, limit: float) -> tuple[tuple[int, ...], int]:
    """Return an assignment with a small largest load, and a proven bound of that.

    Args:
        problem: :func:`scaled`.
        limit: of the search, in deterministic time.
    """
    start = even_out(problem, longest_first(problem))
    bound = int(balance_bound(problem, counting_of(problem)))
    gap = _gap(problem)
    if _largest(problem, start) <= bound * (1 + Fraction(gap)):
        return start, bound
    built = _build(problem, start, bound)
    built.model.minimize(built.largest)
    found = search(built.model, limit, gap=gap)
    best = built.assignment(found) if found.verdict == "found" else start
    return best, max(bound, found.bound)


def minimise_spread(
    problem: Problem, start: tuple[int, ...], bound: int, limit: float
) -> tuple[tuple[int, ...], bool]:
    """Return an assignment with the least spread found, and whether no better one exists.

    Args:
        problem: :func:`scaled`.
        start: its largest load is kept.
        bound: a proven bound of the largest load.
        limit: of the search, in deterministic time.
    """
    spread = _spread(problem, start)
    if spread <= bound - smallest_load_bound(problem, bound):
        return start, True
    if problem.exits == 2:  # the spread is twice the largest load less the total
        return start, _largest(problem, start) == bound
    if spread <= bound * _gap(problem):
        return start, False
    built = _build(problem, start, bound)
    built.model.minimize(built.largest - built.smallest)
    found = search(built.model, limit)
    best = built.assignment(found) if found.verdict == "found" else start
    return best, _spread(problem, best) == found.bound


def _build(problem: Problem, start: tuple[int, ...], bound: int) -> _Model:
    """Build the model in which no exit carries more than under ``start``."""
    limit = _largest(problem, start)
    loads, reach = problem.loads[0].tolist(), problem.reach
    heaviest_first = sorted(
        (prefix for prefix, load in enumerate(loads) if load),
        key=lambda prefix: (-loads[prefix], prefix),
    )
    hint = _relabelled(problem, start, heaviest_first)
    model = cp_model.CpModel()
    takes: tuple[dict[int, cp_model.IntVar], ...] = tuple({} for _ in loads)
    terms: list[list[cp_model.LinearExprT]] = [[] for _ in range(problem.exits)]
    for prefix in heaviest_first:
        for exit_ in reach[prefix]:
            variable = model.new_bool_var(f"prefix {prefix} by exit {exit_}")
            model.add_hint(variable, hint[prefix] == exit_)
            takes[prefix][exit_] = variable
            terms[exit_].append(loads[prefix] * variable)
        model.add_exactly_one(takes[prefix].values())
    largest = model.new_int_var(bound, limit, "largest")
    smallest = model.new_int_var(0, smallest_load_bound(problem, bound), "smallest")
    for carried in terms:
        model.add(cp_model.LinearExpr.sum(carried) <= largest)
        model.add(cp_model.LinearExpr.sum(carried) >= smallest)
    _break_symmetry(problem, model, takes, heaviest_first)
    return _Model(model, takes, largest, smallest)


def _break_symmetry(
    problem: Problem,
    model: cp_model.CpModel,
    takes: tuple[dict[int, cp_model.IntVar], ...],
    heaviest_first: Sequence[int],
) -> None:
    """Number interchangeable exits by the heaviest prefix each carries.

    Then the k-th heaviest of the prefixes that reach them is on one of the first k.
    """
    for exits in interchangeable_exits(problem):
        reaching = (prefix for prefix in heaviest_first if exits[0] in takes[prefix])
        for place, prefix in zip(range(1, len(exits)), reaching, strict=False):
            for exit_ in exits[place:]:
                model.add(takes[prefix][exit_] == 0)


def _relabelled(
    problem: Problem, assignment: tuple[int, ...], heaviest_first: Sequence[int]
) -> tuple[int, ...]:
    """Return the assignment in the numbering of :func:`_break_symmetry`."""
    seen = list(dict.fromkeys(assignment[prefix] for prefix in heaviest_first))
    seen += [exit_ for exit_ in range(problem.exits) if exit_ not in seen]
    label = dict.fromkeys(range(problem.exits), 0)
    for exits in interchangeable_exits(problem):
        in_order_of_sight = (exit_ for exit_ in seen if exit_ in exits)
        label.update(zip(in_order_of_sight, exits, strict=True))
    return tuple(label[exit_] for exit_ in assignment)


def _gap(problem: Problem) -> float:
    return gap_for(int(np.bitwise_count(problem.masks).sum()))


def _largest(problem: Problem, assignment: tuple[int, ...]) -> int:
    return int(problem.carried(assignment).max())


def _spread(problem: Problem, assignment: tuple[int, ...]) -> int:
    loads = problem.carried(assignment)
    return int(loads.max() - loads.min())
