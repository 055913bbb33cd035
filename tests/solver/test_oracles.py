"""Both solvers against exhaustion, against each other and against prtpy."""

import prtpy
import pytest

from nornir_bgp.solver import Problem, cpsat, knapsack
from tests.solver.instances import adversarial, best_by_exhaustion, heavy_tailed, random_reach

KINDS = list(adversarial(2, 0))
SEEDS = range(3)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("masked", [False, True], ids=["free", "masked"])
@pytest.mark.parametrize("kind", KINDS)
def test_two_exits_as_exhaustion(kind: str, masked: bool, seed: int) -> None:
    loads = adversarial(12 + seed, seed)[kind]
    problem = Problem.of(loads, 2, random_reach(len(loads), 2, seed) if masked else None)
    expected = best_by_exhaustion(problem)
    solved = [cpsat.solve(problem)]
    if kind != "bit/s":  # beyond the knapsack's table, see test_choose
        solved.append(knapsack.solve(problem))
    for solution in solved:
        assert (solution.largest, solution.spread) == expected
        assert (solution.optimal, solution.status) == (True, "optimal")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("masked", [False, True], ids=["free", "masked"])
@pytest.mark.parametrize("kind", KINDS)
def test_three_exits_as_exhaustion(kind: str, masked: bool, seed: int) -> None:
    loads = adversarial(8, seed)[kind]
    problem = Problem.of(loads, 3, random_reach(len(loads), 3, seed) if masked else None)
    solution = cpsat.solve(problem)
    assert (solution.largest, solution.spread) == best_by_exhaustion(problem)
    assert solution.status == "optimal"


@pytest.mark.parametrize("seed", range(4))
def test_sixteen_prefixes_as_exhaustion(seed: int) -> None:
    loads = heavy_tailed(16, 2000, seed, tail=3)
    for reach in (None, random_reach(16, 2, seed)):
        problem = Problem.of(loads, 2, reach)
        assert knapsack.solve(problem).largest == best_by_exhaustion(problem)[0]


@pytest.mark.parametrize("exits", [2, 3, 4])
@pytest.mark.parametrize("kind", ["powers of two", "one odd", "heavy-tailed", "uniform"])
def test_cpsat_as_prtpy(kind: str, exits: int) -> None:
    loads = adversarial(13, exits)[kind]
    peer = prtpy.partition(
        algorithm=prtpy.partitioning.complete_greedy,
        numbins=exits,
        items=list(loads),
        objective=prtpy.obj.MinimizeLargestSum,
        outputtype=prtpy.out.LargestSum,
    )
    assert cpsat.solve(Problem.of(loads, exits)).largest == peer


@pytest.mark.parametrize("seed", range(6))
def test_knapsack_as_prtpy(seed: int) -> None:
    """The peer's own dynamic programme over sets of sums, another algorithm than ours."""
    loads = heavy_tailed(25, 3000, seed, tail=2)
    peer = prtpy.partition(
        algorithm=prtpy.partitioning.dp,
        numbins=2,
        items=list(loads),
        objective=prtpy.obj.MinimizeLargestSum,
        outputtype=prtpy.out.LargestSum,
    )
    assert knapsack.solve(Problem.of(loads, 2)).largest == peer


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("masked", [False, True], ids=["free", "masked"])
def test_solvers_agree_on_hundreds_of_prefixes(masked: bool, seed: int) -> None:
    count = 40 * (seed + 1)
    loads = heavy_tailed(count, 10**5, seed, tail=1 + seed / 4)
    problem = Problem.of(loads, 2, random_reach(count, 2, seed) if masked else None)
    exact, searched = knapsack.solve(problem), cpsat.solve(problem)
    assert searched.bound <= exact.largest <= searched.largest
    if searched.optimal:
        assert searched.largest == exact.largest


@pytest.mark.parametrize("seed", [38, 152, 161])
def test_where_the_presolve_of_cpsat_went_wrong(seed: int) -> None:
    """OR-Tools 9.15 with all its presolve calls a worse assignment of these optimal."""
    loads = adversarial(8, seed)["bit/s"]
    for reach in (None, random_reach(8, 4, seed)):
        problem = Problem.of(loads, 4, reach)
        solution = cpsat.solve(problem)
        assert (solution.largest, solution.spread) == best_by_exhaustion(problem)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200))
def test_many_small_problems(seed: int) -> None:
    exits = 2 + seed % 3
    for kind, loads in adversarial(8, seed).items():
        for reach in (None, random_reach(len(loads), exits, seed)):
            problem = Problem.of(loads, exits, reach)
            expected = best_by_exhaustion(problem)
            solution = cpsat.solve(problem)
            assert (solution.largest, solution.spread) == expected, kind
            if exits == 2 and kind != "bit/s":
                assert knapsack.solve(problem).largest == expected[0], kind
