"""Problems of every kind the solvers are tried on, and the exhaustive answer to the small ones."""

from itertools import product
from random import Random

import numpy as np

from nornir_bgp.solver import Problem, Solution

Loads = tuple[int, ...]


def heavy_tailed(count: int, total: int, seed: int, tail: float = 1.2) -> Loads:
    """Pareto loads, as traffic per prefix is, that add up to ``total`` exactly."""
    shares = np.random.default_rng(seed).pareto(tail, count) + 1
    loads = [max(1, int(share)) for share in shares / shares.sum() * total]
    loads[loads.index(max(loads))] += total - sum(loads)
    return tuple(loads)


def adversarial(count: int, seed: int) -> dict[str, Loads]:
    """Instances that break a careless solver, of at most ``count`` prefixes."""
    rng = Random(seed)  # noqa: S311
    return {
        "one giant": (10**6, *(rng.randint(1, 9) for _ in range(count - 1))),
        "all equal": (7,) * count,
        "powers of two": tuple(2**i for i in range(count)),
        "zeros": tuple(rng.choice((0, 0, rng.randint(1, 50))) for _ in range(count)),
        "all zero": (0,) * count,
        "one odd": (1, *(3 * rng.randint(1, 99) for _ in range(count - 1))),
        "heavy-tailed": heavy_tailed(count, 10**4, seed),
        "uniform": tuple(rng.randint(1, 10**4) for _ in range(count)),
        "bit/s": tuple(rng.randint(10**8, 10**10) for _ in range(count)),
        "one prefix": (5,),
        "none": (),
    }


def random_reach(count: int, exits: int, seed: int) -> tuple[frozenset[int], ...]:
    """For each prefix a random, non-empty set of exits."""
    rng = Random(seed)  # noqa: S311
    return tuple(frozenset(rng.sample(range(exits), rng.randint(1, exits))) for _ in range(count))


def best_by_exhaustion(problem: Problem) -> tuple[int, int]:
    """The smallest largest load and, with it, the smallest spread, over all assignments."""
    best = {(0,) * problem.exits}
    for load, exits in zip(problem.loads[0].tolist(), problem.reach, strict=True):
        best = {(*loads[:e], loads[e] + load, *loads[e + 1 :]) for loads, e in product(best, exits)}
    return min((max(loads), max(loads) - min(loads)) for loads in best)


def same(a: Solution, b: Solution) -> bool:
    """Whether two solutions are equal but for the reason of the choice."""
    return (
        np.array_equal(a.assignment, b.assignment)
        and np.array_equal(a.loads, b.loads)
        and (a.value, a.bound, a.status, a.achieved) == (b.value, b.bound, b.status, b.achieved)
    )
