"""Any number of exits, any reach: the OR-Tools CP-SAT model.

It starts from longest-first placement, evened out by differencing, and a lower bound by counting.
With many prefixes these usually meet, and nothing is left to search. Otherwise CP-SAT minimises
the largest load, and then, without giving that up, the spread.

One worker, a fixed seed and a limit in deterministic time (CP-SAT's own count of work, about
a second each) make the result a function of the input alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from ortools.sat.python import cp_model

from nornir_bgp.exceptions import NornirBgpError, SolverLimitError
from nornir_bgp.solver.bounds import largest_load_bound, smallest_load_bound
from nornir_bgp.solver.differencing import even_out
from nornir_bgp.solver.placement import ascending, interchangeable_exits, longest_first
from nornir_bgp.solver.problem import Problem, Solution, Status

DETERMINISTIC_LIMIT = 10.0
"""How much work the search for the largest load may take; that for the spread takes half of it."""

TOTAL_LIMIT = 1 << 60
"""The largest total, after the common divisor is taken out.

CP-SAT computes in 64 bits and refuses a model whose constraints could overflow.
"""


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


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one search found, with a proven lower bound of its objective."""

    assignment: tuple[int, ...]
    bound: int


def solve(problem: Problem, *, deterministic_limit: float = DETERMINISTIC_LIMIT) -> Solution:
    """Assign prefixes to exits so that the largest load, and then the spread, is small.

    The result is never worse than longest-first placement. Where the limit ends the search,
    ``optimal`` is false and ``bound`` is what has been proven. Interchangeable exits get their
    loads in ascending order.

    Args:
        problem: the loads, exits and reach.
        deterministic_limit: the limit of the search for the largest load, in CP-SAT's deterministic
            time; the search for the spread gets half of it.

    Raises:
        SolverLimitError: the total is beyond 64-bit arithmetic.
    """
    unit = gcd(*problem.loads) or 1
    scaled = Problem(tuple(load // unit for load in problem.loads), problem.exits, problem.reach)
    if scaled.total > TOTAL_LIMIT:
        raise SolverLimitError(
            f"cpsat cannot solve this: the total of {scaled.total} is beyond {TOTAL_LIMIT}; give "
            "the loads in a larger unit"
        )
    best = even_out(scaled, longest_first(scaled))
    bound = largest_load_bound(scaled)
    if _largest(scaled, best) > bound:
        best, bound = _minimise_largest(scaled, best, bound, deterministic_limit)
    best, spread_proven = _minimise_spread(scaled, best, bound, deterministic_limit / 2)

    assignment = ascending(problem, best)
    loads = problem.exit_loads(assignment)
    optimal = max(loads) == bound * unit
    return Solution(
        assignment=assignment,
        loads=loads,
        bound=bound * unit,
        optimal=optimal,
        status=_status(optimal=optimal, spread_proven=spread_proven),
        solver="cpsat",
    )


def _status(*, optimal: bool, spread_proven: bool) -> Status:
    if not optimal:
        return "feasible"
    return "optimal" if spread_proven else "optimal, spread not proven"


def _minimise_largest(
    problem: Problem, start: tuple[int, ...], bound: int, limit: float
) -> tuple[tuple[int, ...], int]:
    built = _build(problem, start, bound)
    built.model.minimize(built.largest)
    answer = _search(problem, built, start, limit)
    return answer.assignment, max(bound, answer.bound)


def _minimise_spread(
    problem: Problem, start: tuple[int, ...], bound: int, limit: float
) -> tuple[tuple[int, ...], bool]:
    """Return an assignment with the least spread found, and whether no better one exists."""
    spread = _spread(problem, start)
    if spread <= bound - smallest_load_bound(problem, bound):
        return start, True
    if problem.exits == 2:  # the spread is twice the largest load less the total
        return start, _largest(problem, start) == bound
    built = _build(problem, start, bound)
    built.model.minimize(built.largest - built.smallest)
    answer = _search(problem, built, start, limit)
    return answer.assignment, _spread(problem, answer.assignment) == answer.bound


def _build(problem: Problem, start: tuple[int, ...], bound: int) -> _Model:
    """Build the model in which no exit carries more than under ``start``."""
    limit = _largest(problem, start)
    heaviest_first = sorted(
        (prefix for prefix, load in enumerate(problem.loads) if load),
        key=lambda prefix: (-problem.loads[prefix], prefix),
    )
    hint = _relabelled(problem, start, heaviest_first)
    model = cp_model.CpModel()
    takes: tuple[dict[int, cp_model.IntVar], ...] = tuple({} for _ in problem.loads)
    terms: list[list[cp_model.LinearExprT]] = [[] for _ in range(problem.exits)]
    for prefix in heaviest_first:
        for exit_ in problem.exits_of(prefix):
            variable = model.new_bool_var(f"prefix {prefix} by exit {exit_}")
            model.add_hint(variable, hint[prefix] == exit_)
            takes[prefix][exit_] = variable
            terms[exit_].append(problem.loads[prefix] * variable)
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


def _search(problem: Problem, built: _Model, start: tuple[int, ...], limit: float) -> _Answer:
    """Run CP-SAT; where it finds nothing within the limit the answer is ``start``."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = limit
    # A presolve step of OR-Tools 9.15 (at-most-one inside linear constraints) cuts off the best
    # assignments of about 1 in 300 small problems with loads in bit/s, and CP-SAT then "proves" a
    # worse one optimal (google/or-tools issue 5293). This switches that step off.
    solver.parameters.presolve_inclusion_work_limit = 0
    status = solver.solve(built.model)
    # The objective as an integer: the documented attribute is a double, exact only up to 2**53.
    bound = solver.response_proto.inner_objective_lower_bound
    if status == cp_model.UNKNOWN:
        return _Answer(start, bound)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise NornirBgpError(f"CP-SAT calls a feasible model {solver.status_name(status)}")
    found = tuple(
        next((exit_ for exit_, taken in exits.items() if solver.boolean_value(taken)), 0)
        for exits in built.takes
    )
    return _Answer(found, bound)


def _largest(problem: Problem, assignment: tuple[int, ...]) -> int:
    return max(problem.exit_loads(assignment))


def _spread(problem: Problem, assignment: tuple[int, ...]) -> int:
    loads = problem.exit_loads(assignment)
    return max(loads) - min(loads)
