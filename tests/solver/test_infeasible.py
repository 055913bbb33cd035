"""What is said where nothing is within the limits, and whether it is true."""

import re
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nornir_bgp.exceptions import InfeasibleError
from nornir_bgp.solver import Choice, Problem, cpsat, solve
from nornir_bgp.solver.infeasible import explain, least_extra_capacity
from tests.solver.exhaustion import Exhaustion, problems


def message(problem: Problem, solver: Choice = "auto") -> str:
    with pytest.raises(InfeasibleError) as caught:
        solve(problem, solver)
    assert caught.value.exit_code == 6
    return str(caught.value)


NAMES = ("GW1", "GW2", "GW3")


@pytest.mark.parametrize("solver", ["dp", "cpsat"])
def test_too_much_for_all(solver: Choice) -> None:
    problem = Problem.of((60, 50), 2, capacities=(50, 50), exit_names=NAMES[:2])
    text = message(replace(problem, prefix_names=("192.0.2.0/24", "198.51.100.0/24")), solver)
    assert re.sub("GW[12]", "one of them", text) == (
        "no assignment is within the limits: "
        "too heavy for every exit that reaches it: 192.0.2.0/24 (60); "
        "all prefixes bring 110 and may have 100: that is 10 too much; "
        "a ceiling of 120.00 % would be enough, and no lower one; "
        "so would be 10 more at one of them, the least capacity on the fewest exits"
    )


def test_too_much_for_those_that_reach_it() -> None:
    problem = Problem.of(
        (30, 30, 30, 1),
        3,
        ({0, 1}, {0, 1}, {0, 1}, {0, 1, 2}),
        capacities=(40, 40, 100),
        exit_names=NAMES,
    )
    text = message(problem)
    assert "the prefixes that only GW1 and GW2 reach bring 90 and may have 80" in text
    assert "a ceiling of 150.00 % would be enough, and no lower one" in text
    assert "so would be 20 more at GW" in text


def test_what_is_there_anyway() -> None:
    problem = Problem.of((1,), 2, capacities=(10, 10), base=[[12, 0]], exit_names=NAMES[:2])
    assert "GW1 carries 12 anyway and may carry 10" in message(problem)


def test_too_few_moves() -> None:
    problem = Problem.of(
        (5, 5, 5, 5), 2, capacities=(10, 10), today=(0, 0, 0, 0), max_moves=1, exit_names=NAMES[:2]
    )
    assert message(problem) == (
        "no assignment is within the limits: "
        "2 prefixes must leave the exit of today, and at most 1 may"
    )


def test_one_move_too_few() -> None:
    problem = Problem.of((5, 5), 2, capacities=(5, 5), today=(0, 0), max_moves=0)
    assert message(problem).endswith(": 1 prefix must leave the exit of today, and at most 0 may")


def test_a_relief_beyond_64_bits_is_left_out() -> None:
    """A ceiling so low that an exit without a limit would need more than any capacity."""
    problem = Problem.of(
        (2**55, 2**55), 2, ({0}, {1}), capacities=(2**40, None), ceiling=Fraction(1, 10**6)
    )
    assert "too heavy for every exit that reaches it: prefix 0" in message(problem)


def test_many_prefixes_are_not_all_named() -> None:
    text = message(Problem.of((9, 8, 7, 6, 5), 2, capacities=(4, 4)))
    assert "prefix 0 (9), prefix 1 (8), prefix 2 (7), 2 more" in text


@settings(deadline=None, max_examples=30)
@given(problems(), st.integers(1, 4))
def test_the_relief_is_the_smallest(problem: Problem, shrink: int) -> None:
    assume(problem.by_utilisation and problem.capacities)
    capacities = tuple(max(1, (c or 0) // shrink) for c in problem.capacities or ())
    problem = replace(problem, capacities=capacities, backups=False, objectives=())
    tried = Exhaustion(problem)
    assume(not tried.feasible)
    text = explain(problem, cpsat.solve)
    moves = re.search(r"(\d+) prefix\S* must leave", text)
    if moves:
        needed = int(moves[1])
        assert Exhaustion(replace(problem, max_moves=needed)).feasible
        assert not Exhaustion(replace(problem, max_moves=needed - 1)).feasible
        return
    free = replace(problem, max_moves=None)
    assert not Exhaustion(free).feasible
    assert_least_ceiling(free, text)
    assert_least_capacity(free)


def assert_least_ceiling(problem: Problem, text: str) -> None:
    ceiling = re.search(r"a ceiling of (\S+) % would be enough, and no lower one", text)
    assert ceiling
    share = Fraction(ceiling[1]) / 100
    assert Exhaustion(replace(problem, ceiling=share)).feasible
    assert not Exhaustion(replace(problem, ceiling=share - Fraction(1, 10_000))).feasible


def assert_least_capacity(problem: Problem) -> None:
    extra = least_extra_capacity(problem)
    assert extra is not None
    assert extra.least
    capacities = [c or 0 for c in problem.capacities or ()]
    grown = tuple(c + extra.of.get(e, 0) for e, c in enumerate(capacities))
    assert Exhaustion(replace(problem, capacities=grown)).feasible
    every = Exhaustion(replace(problem, ceiling=Fraction(10**9)))
    needed = [
        [
            max(0, -int(-Fraction(max(slot[e] for slot in carried)) // problem.ceiling) - capacity)
            for e, capacity in enumerate(capacities)
        ]
        for carried in map(every.carried, every.feasible)
    ]
    best = min((sum(n > 0 for n in amounts), sum(amounts)) for amounts in needed)
    assert best == (len(extra.of), sum(extra.of.values()))
