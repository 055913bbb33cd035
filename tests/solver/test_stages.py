"""Every list of objectives, under any constraints, against trying every assignment."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nornir_bgp.exceptions import InfeasibleError, SolverLimitError
from nornir_bgp.solver import Objective, Price, Problem, Solution, cpsat, knapsack
from nornir_bgp.solver.counting import counting_of
from nornir_bgp.solver.measures import measure
from tests.solver.exhaustion import Exhaustion, problems


def assert_sound(problem: Problem, solution: Solution, tried: Exhaustion) -> None:
    """What holds of any solver's answer."""
    assignment = tuple(solution.assignment.tolist())
    assert assignment in tried.feasible
    assert solution.loads.tolist() == tried.carried(assignment)
    assert solution.value == tried.value("balance", assignment)
    assert solution.bound <= min(tried.value("balance", a) for a in tried.feasible)
    assert solution.optimal == (solution.value == solution.bound)
    assert [a.objective for a in solution.achieved] == list(problem.weighed)
    for achieved in solution.achieved:
        at_hand = measure(problem, achieved.objective, solution.assignment, solution.backup)
        assert achieved.value == at_hand
        assert achieved.value >= tried.value(achieved.objective, assignment)
        assert achieved.words
    assert (solution.backup is not None) == problem.backups
    if solution.backup is not None:
        for prefix, (first, second) in enumerate(zip(assignment, solution.backup, strict=True)):
            others = set(problem.reach[prefix]) - {first}
            assert int(second) in (others or {-1})


def assert_as_exhaustion(problem: Problem, solve: Callable[[Problem], Solution]) -> None:
    tried = Exhaustion(problem)
    if not tried.feasible:
        with pytest.raises(InfeasibleError, match="no assignment is within the limits"):
            solve(problem)
        return
    solution = solve(problem)
    assert_sound(problem, solution, tried)
    for achieved in solution.achieved:
        assert achieved.bound == tried.values[achieved.objective]
        assert achieved.value <= tried.allowed[achieved.objective]
    if solution.achieved:
        last = solution.achieved[-1]
        assert last.value == tried.values[last.objective]


@settings(deadline=None, max_examples=100)
@given(problems())
def test_cpsat_as_exhaustion(problem: Problem) -> None:
    assert_as_exhaustion(problem, cpsat.solve)


@settings(deadline=None, max_examples=60)
@given(problems(simple=True))
def test_the_knapsack_as_exhaustion(problem: Problem) -> None:
    assume(knapsack.limit(problem) is None)
    assert_as_exhaustion(problem, knapsack.solve)


@pytest.mark.long
@pytest.mark.timeout(1800)
@settings(deadline=None, max_examples=3000)
@given(problems())
def test_cpsat_as_exhaustion_at_length(problem: Problem) -> None:
    assert_as_exhaustion(problem, cpsat.solve)


PRIMES = (999_999_999_989, 999_999_999_961, 999_999_999_937, 1_000_000_000_039)
"""Their least common multiple is far beyond 64 bits."""


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(10**11, 6 * 10**11), min_size=3, max_size=5),
    st.permutations(PRIMES).map(lambda primes: primes[:3]),
    st.permutations(("balance", "survive")).map(lambda both: both[: 1 + (both[0] == "survive")]),
    st.sampled_from((Fraction(0), Fraction(1, 10**15), Fraction(1, 10_000))),
)
def test_capacities_without_a_common_multiple(
    loads: list[int], capacities: list[int], objectives: list[Objective], tolerance: Fraction
) -> None:
    problem = Problem.of(
        loads,
        3,
        capacities=capacities,
        backups=True,
        objectives=objectives,
        tolerance=tolerance,
    )
    assert not counting_of(problem).exact
    assert_as_exhaustion(problem, cpsat.solve)


def test_moves_of_many_slots_with_sums_beyond_64_bits() -> None:
    problem = Problem.of([[2**58, 2**58 + 1, 2**57]] * 20, 3, today=(0, 0, 0))
    assert_as_exhaustion(problem, cpsat.solve)
    assert cpsat.solve(problem).assignment.tolist().count(0) == 1


def test_prices_beyond_64_bits_are_refused() -> None:
    prices = [Price(Fraction(1, 1 + e)) for e in range(64)]
    with pytest.raises(SolverLimitError, match="larger unit"):
        cpsat.solve(Problem.of((2**57, 2**57 + 1), 64, prices=prices, objectives=("cost",)))


def test_where_the_balance_comes_second_its_bound_is_that_of_counting() -> None:
    prices = (Price(Fraction(1)), Price(Fraction(2)))
    problem = Problem.of((30, 20, 10), 2, prices=prices, objectives=("cost", "balance"))
    solution = cpsat.solve(problem)
    assert solution.loads.tolist() == [[60, 0]]
    assert (solution.value, solution.bound, solution.optimal) == (60, 30, False)
    assert solution.achieved[1].value == solution.achieved[1].bound == 60


@pytest.mark.parametrize("solver", [knapsack.solve, cpsat.solve])
def test_the_mirrored_answer_moves_fewer(solver: Callable[[Problem], Solution]) -> None:
    """150 against 75 + 20 + 50: as they stand, or the other way about."""
    loads = (150, 75, 20, 50)
    for today, expected in (
        ((0, 0, 0, 0), (1, 0, 0, 0)),
        ((0, 1, 1, 0), (0, 1, 1, 1)),
        ((-1, -1, -1, -1), (1, 0, 0, 0)),
    ):
        solution = solver(Problem.of(loads, 2, today=today))
        assert tuple(solution.assignment.tolist()) == expected
        assert (solution.largest, solution.optimal) == (150, True)


def test_the_knapsack_keeps_its_answer_where_as_few_move() -> None:
    """Of two assignments that move one prefix each, the one that gives the first exit less."""
    loads, today = (40, 30), (0, 0)
    alone = knapsack.solve(Problem.of(loads, 2))
    kept = knapsack.solve(Problem.of(loads, 2, today=today))
    assert kept.assignment.tolist() == alone.assignment.tolist() == [1, 0]
    # The least load would move with the lighter one, as cpsat does it.
    assert cpsat.solve(Problem.of(loads, 2, today=today)).assignment.tolist() == [0, 1]


def test_a_failure_that_is_not_borne_is_named() -> None:
    problem = Problem.of(
        (6, 5, 4),
        3,
        capacities=(10, 10, 10),
        backups=True,
        objectives=("survive", "balance"),
        exit_names=("GW1", "GW2", "GW3"),
    )
    solution = cpsat.solve(problem)
    survive = solution.achieved[0]
    assert survive.value == 0
    assert survive.words.startswith("any single exit may fail; at worst, when GW")
    tight = cpsat.solve(replace(problem, capacities=(7, 7, 7)))
    assert tight.achieved[0].value == Fraction(3, 7)  # 6 and 4 share one exit
    assert "hurts most" in tight.achieved[0].words


def test_the_95th_percentile_is_billed() -> None:
    """One slot of twenty is free: the burst may go where it would cost most."""
    slots = [[5, 1]] * 19 + [[500, 1]]
    prices = (Price(Fraction(1)), Price(Fraction(3), commit=1))
    problem = Problem.of(slots, 2, prices=prices, objectives=("cost", "lines"), natural=(1, 1))
    solution = cpsat.solve(problem)
    assert solution.achieved[0].value == 5
    assert solution.assignment.tolist() == [0, 1]
