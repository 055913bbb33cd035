from fractions import Fraction
from typing import Any

import pytest

from nornir_bgp.exceptions import InputError, SolverLimitError
from nornir_bgp.solver import Choice, Price, Problem, cpsat, knapsack, solve
from nornir_bgp.solver.search import TOTAL_LIMIT
from tests.solver.instances import heavy_tailed, same

TEST = (150, 75, 20, 50)
EXAMPLE = (120, 25, 50, 40)
SOLVERS: list[Choice] = ["auto", "dp", "cpsat"]


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("loads", "expected"), [(TEST, (145, 150)), (EXAMPLE, (115, 120))])
def test_reference(loads: tuple[int, ...], expected: tuple[int, int], solver: Choice) -> None:
    solution = solve(Problem.of(loads, 2), solver)
    assert tuple(solution.loads[0]) == expected
    assert solution.assignment.tolist() == [1, 0, 0, 0]
    assert solution.optimal
    assert solution.gap == 0


def test_auto_says_what_it_picked_and_why() -> None:
    small = solve(Problem.of(TEST, 2))
    assert (small.solver, small.reason) == (
        "dp",
        "dp, because the knapsack is exact for two exits and a total of 295",
    )
    three = solve(Problem.of(TEST, 3))
    assert (three.solver, three.reason) == (
        "cpsat",
        "cpsat, because the knapsack (dp) does not fit: there are 3 exits and it knows two",
    )


def test_many_choices_go_to_scale() -> None:
    loads = heavy_tailed(300, 10**12, 1, tail=2)
    unequal = solve(Problem.of(loads, 4, capacities=(10**12, 10**12, 10**12, 4 * 10**12)))
    assert (unequal.solver, unequal.reason) == (
        "scale",
        "scale, because 1,200 choices are too many for cpsat, and for dp there are 4 exits and it "
        "knows two",
    )
    equal = solve(Problem.of(loads, 4))
    assert equal.solver == "cpsat"
    assert equal.gap < 1e-6


def test_loads_in_bit_per_second_go_to_cpsat() -> None:
    problem = Problem.of(heavy_tailed(2000, 2 * 10**12, 1, tail=2), 2)
    with pytest.raises(SolverLimitError, match=r"capacity of 1,000,000,000,000 .*use cpsat"):
        solve(problem, "dp")
    solution = solve(problem)
    assert solution.solver == "cpsat"
    assert solution.loads.tolist() == [[10**12, 10**12]]
    assert solution.optimal


def test_a_common_divisor_makes_large_loads_small() -> None:
    problem = Problem.of(tuple(load * 10**12 for load in TEST), 2)
    assert solve(problem).solver == "dp"
    assert solve(problem).loads.tolist() == [[145 * 10**12, 150 * 10**12]]


def test_the_knapsack_names_cpsat_for_a_third_exit() -> None:
    with pytest.raises(SolverLimitError, match=r"there are 3 exits .*use cpsat"):
        knapsack.solve(Problem.of(TEST, 3))


def test_cpsat_refuses_what_overflows() -> None:
    with pytest.raises(SolverLimitError, match="larger unit"):
        cpsat.solve(Problem.of((2**62, 2**61 + 1, 3), 2))


@pytest.mark.parametrize("exits", [2, 3, 4])
def test_cpsat_is_exact_up_to_its_limit(exits: int) -> None:
    """Sums far beyond 2**53, where doubles would lose units."""
    base = TOTAL_LIMIT // 8
    loads = (base + 12345, base + 777, base - 9999, base // 2 + 1, base // 3, base // 7 + 5, 3, 1)
    exact = cpsat.solve(Problem.of(loads, exits))
    assert exact.status == "optimal"
    assert exact.bound == exact.largest


def test_when_the_limit_ends_the_search_the_bound_is_proven_and_the_rest_is_said() -> None:
    loads = heavy_tailed(20, 10**9, 20, tail=2)
    solution = cpsat.solve(Problem.of(loads, 6), deterministic_limit=1e-6)
    assert solution.status == "feasible"
    assert not solution.optimal
    assert max(*loads, -(-sum(loads) // 6)) <= solution.bound < solution.largest
    assert 0 < solution.gap < 1
    best = cpsat.solve(Problem.of(loads, 6), deterministic_limit=0.1)
    assert solution.bound <= best.largest <= solution.largest


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("exits", [1, 2])
def test_nothing_to_assign(exits: int, solver: Choice) -> None:
    solution = solve(Problem.of((), exits), solver)
    assert (solution.assignment.tolist(), solution.loads.tolist()) == ([], [[0] * exits])
    assert (solution.optimal, solution.gap) == (True, 0)


@pytest.mark.parametrize("solver", SOLVERS)
def test_one_exit_takes_everything(solver: Choice) -> None:
    assert solve(Problem.of(TEST, 1), solver).loads.tolist() == [[295]]


@pytest.mark.parametrize("solver", SOLVERS)
def test_zero_loads_are_spread_where_they_can_go(solver: Choice) -> None:
    both, second = frozenset({0, 1}), frozenset({1})
    assert solve(Problem.of((0, 0, 0, 0), 2), solver).assignment.tolist() == [0, 1, 0, 1]
    assert solve(Problem.of((0, 0, 9), 2, (second, both, second)), solver).assignment.tolist() == [
        1,
        0,
        1,
    ]


@pytest.mark.parametrize("solver", SOLVERS)
def test_full_masks_are_no_masks(solver: Choice) -> None:
    full = (frozenset({0, 1}),) * 4
    assert same(solve(Problem.of(TEST, 2, full), solver), solve(Problem.of(TEST, 2), solver))


def test_many_equal_loads_are_quick_and_exact() -> None:
    loads = (9999, *(7,) * 30_000, *(11,) * 30_000)
    solution = solve(Problem.of(loads, 2))
    assert solution.solver == "dp"
    assert solution.spread == sum(loads) % 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((1,), 0), "at least one"),
        (((-1,), 2), "load -1 of prefix 0"),
        (((1, True), 2), "load True of prefix 1"),
        (((1.5,), 2), "load 1.5"),
        (((1,), 2, ()), "0 of 1 prefixes"),
        (((1,), 2, (frozenset(),)), "no exit reaches prefix 0"),
        (((1,), 2, (frozenset({2}),)), "only exits 0 to 1"),
        (((1,), 65), "at most 64"),
    ],
)
def test_bad_problems_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Problem.of(*arguments)


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({"today": (2, 0)}, "today names more than exits 0 to 1, and -1"),
        ({"natural": (65_536, 0)}, "natural names more than exits"),  # 0 in 16 bits
        ({"today": (0,)}, "of 2 prefixes"),
        ({"fallback": ((0, 1), (0, 0))}, "prefix 0 goes to exit 0 when that has failed"),
        ({"capacities": (1, 0)}, "capacity 0 of exit 1"),
        ({"capacities": (1,)}, "given for 1 of 2"),
        ({"base": ((2**63 - 1, 0),)}, "beyond 2"),
        ({"prices": (None, Price(Fraction(-1)))}, "price of exit 1 must not be negative"),
        ({"ceiling": Fraction(0)}, "not above 0"),
        ({"objectives": ("moves", "moves")}, "named twice"),
        ({"objectives": ("speed",)}, "no objective 'speed'"),
        ({"max_moves": -1}, "below 0"),
        ({"tolerance": Fraction(2)}, "not from 0 to 1"),
    ],
)
def test_facts_that_do_not_fit_are_refused(details: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Problem.of((1, 2), 2, **details)


def test_sixty_four_exits() -> None:
    """The last bit of a mask is an exit like any other."""
    reach = [{63}, {62, 63}, {0, 63}, {62}]
    solution = cpsat.solve(Problem.of((7, 5, 3, 1), 64, reach, today=(63, 63, 63, 62)))
    assert solution.assignment.tolist() == [63, 62, 0, 62]
    assert (solution.optimal, solution.achieved[1].value) == (True, 2)


def test_an_unknown_solver_is_refused() -> None:
    unknown: Any = "simplex"
    with pytest.raises(InputError, match="choose auto, dp, cpsat or scale"):
        solve(Problem.of(TEST, 2), unknown)
