"""What holds for every solution of every problem."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_bgp.solver import Problem, Solution, cpsat, knapsack
from nornir_bgp.solver.bounds import balance_bound
from nornir_bgp.solver.counting import counting_of
from nornir_bgp.solver.differencing import even_out
from nornir_bgp.solver.placement import interchangeable_exits, longest_first
from tests.solver.fresh_process import outputs
from tests.solver.instances import same


@st.composite
def problems(draw: st.DrawFn, *, most_exits: int = 5) -> Problem:
    exits = draw(st.integers(1, most_exits))
    loads = draw(st.lists(st.integers(0, draw(st.sampled_from((3, 60, 10**5)))), max_size=14))
    reach = st.frozensets(st.integers(0, exits - 1), min_size=1)
    masks = st.none() | st.tuples(*(reach for _ in loads))
    return Problem.of(tuple(loads), exits, draw(masks))


def assert_sound(problem: Problem, solution: Solution) -> None:
    assert len(solution.assignment) == problem.count
    carried = Counter[int]()
    loads, reach = problem.loads[0].tolist(), problem.reach
    for load, exits, chosen in zip(loads, reach, solution.assignment.tolist(), strict=True):
        assert chosen in exits
        carried[chosen] += load
    assert solution.loads.tolist() == [[carried[e] for e in range(problem.exits)]]
    assert solution.value == solution.largest
    assert solution.bound <= solution.largest
    assert solution.optimal == (solution.bound == solution.largest)
    assert 0 <= solution.gap < 1
    for group in interchangeable_exits(problem):
        assert all(solution.loads[0, a] <= solution.loads[0, b] for a, b in pairwise(group))


@settings(deadline=None, max_examples=60)
@given(problems())
def test_cpsat(problem: Problem) -> None:
    solution = cpsat.solve(problem, deterministic_limit=0.5)
    assert_sound(problem, solution)
    assert solution.largest <= problem.carried(longest_first(problem)).max()
    assert same(cpsat.solve(problem, deterministic_limit=0.5), solution)


@settings(deadline=None)
@given(problems(most_exits=2))
def test_knapsack(problem: Problem) -> None:
    solution = knapsack.solve(problem)
    assert_sound(problem, solution)
    assert solution.optimal
    assert same(knapsack.solve(problem), solution)


@settings(deadline=None)
@given(problems())
def test_differencing_never_makes_it_worse(problem: Problem) -> None:
    before = longest_first(problem)
    after = even_out(problem, before)
    loads, loads_before = problem.carried(after), problem.carried(before)
    assert balance_bound(problem, counting_of(problem)) <= loads.max() <= loads_before.max()
    assert (loads**2).sum() <= (loads_before**2).sum()
    assert all(e in reach for e, reach in zip(after, problem.reach, strict=True))


@settings(deadline=None)
@given(problems(), st.lists(st.integers(1, 400), min_size=5, max_size=5))
def test_differencing_evens_out_unequal_exits(problem: Problem, capacities: list[int]) -> None:
    problem = replace(problem, capacities=tuple(capacities[: problem.exits]))
    before = longest_first(problem)
    after = even_out(problem, before)
    value = problem.balance(problem.carried(after))
    assert balance_bound(problem, counting_of(problem)) <= value
    assert value <= problem.balance(problem.carried(before))
    assert all(e in reach for e, reach in zip(after, problem.reach, strict=True))


@settings(deadline=None, max_examples=40)
@given(problems(most_exits=4))
def test_the_names_of_exits_do_not_matter(problem: Problem) -> None:
    """Exits in reverse order: the same largest load, and the same spread."""
    reversed_reach = [{problem.exits - 1 - e for e in exits} for exits in problem.reach]
    mirrored = cpsat.solve(Problem.of(problem.loads.tolist(), problem.exits, reversed_reach))
    solution = cpsat.solve(problem)
    assert solution.status == mirrored.status == "optimal"
    assert (solution.largest, solution.spread) == (mirrored.largest, mirrored.spread)


PROGRAM = """
from random import Random
from nornir_bgp.solver import Problem, cpsat, solve
rng = Random(4)
loads = tuple(rng.randint(10**6, 10**9) for _ in range(24))
reach = tuple(frozenset(rng.sample(range(4), rng.randint(1, 4))) for _ in loads)
print(cpsat.solve(Problem.of(loads, 4, reach), deterministic_limit=0.1))
print(cpsat.solve(Problem.of(loads, 5), deterministic_limit=0.1))  # the limit ends this one
print(solve(Problem.of(tuple(load % 1000 for load in loads), 2)))
"""


def test_a_fresh_process_gives_the_same_bytes() -> None:
    (output,) = outputs(PROGRAM)
    assert b"status='feasible'" in output
