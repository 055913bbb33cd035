"""The solver for size: time, memory, and the distance from the best that is proven.

    python benchmarks/scale.py [--seeds N] [--short]

Loads are Pareto of shape 1.1 in bit/s and add up to half of the capacity; capacities are 10 to 400
Gbit/s. Half of the instances have any masks of 60 (four exits: all 15), in which a few exits, or
one prefix, may be what the balance hangs on; the other half have masks of at least half of the
exits, where all have to be even. Each size runs in a process of its own, for its peak of memory.
Time is that of the processor (other work on the machine does not count), with the clock beside it;
each figure is the worst of all seeds.

Every bound is checked by a second solver: HiGHS (scipy) on the same instance with the heaviest
prefixes whole and the light ones of a mask divisible, whose optimum no bound may exceed.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import prtpy
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

from nornir_bgp.solver import Problem, Solution, cpsat, knapsack, scale

GIGABIT = 10**9
WHOLE = 400
"""So many of the heaviest prefixes are whole in the second solver's model."""

SIZES = ((4, 10_000, 2.0), (16, 100_000, 10.0), (16, 1_000_000, 10.0))
"""Exits, prefixes, and the seconds that it shall take at most."""


@dataclass(frozen=True)
class Measured:
    """One instance."""

    seed: int
    processor: float
    clock: float
    gap: float
    alone: bool
    checked: float  # the second solver's optimum over the bound
    memory: float  # MiB, of the process so far


def instance(seed: int, exits: int, prefixes: int) -> Problem:
    """Return the problem of a seed; odd seeds have wide masks."""
    rng = np.random.default_rng(seed)
    capacities = rng.choice([10, 20, 40, 100, 200, 400], exits) * GIGABIT
    capacities[0], capacities[-1] = 10 * GIGABIT, 400 * GIGABIT
    least = max(exits // 2, 1) if seed % 2 else 1
    everything = range(1, 1 << exits)
    if exits <= 6:
        pool = [mask for mask in everything if mask.bit_count() >= least]
    else:
        masks: set[int] = set()
        while len(masks) < 60:
            some = rng.choice(exits, rng.integers(least, exits + 1), replace=False)
            masks.add(sum(1 << int(exit_) for exit_ in some))
        pool = sorted(masks)
    shares = rng.pareto(1.1, prefixes) + 1
    loads = np.maximum(1, shares / shares.sum() * 0.5 * capacities.sum()).astype(np.int64)
    return Problem(
        loads=loads[None],
        masks=rng.choice(np.array(pool, dtype=np.uint64), prefixes),
        exits=exits,
        capacities=tuple(int(capacity) for capacity in capacities),
        ceiling=Fraction(1000),  # what matters here is the balance, whatever it is
    )


def measured(exits: int, prefixes: int, seed: int) -> Measured:
    """Solve one instance."""
    problem = instance(seed, exits, prefixes)
    processor, clock = time.process_time(), time.perf_counter()
    solution = scale.solve(problem)
    processor, clock = time.process_time() - processor, time.perf_counter() - clock
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(
        seed=seed,
        processor=processor,
        clock=clock,
        gap=solution.gap,
        alone="alone sets" in solution.achieved[0].words,
        checked=second_opinion(problem) / float(solution.bound),
        memory=memory,
    )


def second_opinion(problem: Problem) -> float:
    """Return HiGHS's optimum: the heaviest prefixes whole, the light ones of a mask divisible."""
    loads, masks = problem.loads[0], problem.masks
    order = np.argsort(-loads, kind="stable")
    heavy, light = order[:WHOLE], order[WHOLE:]
    light_masks, of_mask = np.unique(masks[light], return_inverse=True)
    amounts = np.concatenate([loads[heavy], np.bincount(of_mask, weights=loads[light])])
    reach = [int(mask) for mask in np.concatenate([masks[heavy], light_masks])]
    places = [
        (row, e) for row, mask in enumerate(reach) for e in range(problem.exits) if mask >> e & 1
    ]
    carried = lil_matrix((problem.exits, len(places) + 1))
    whole = lil_matrix((len(reach), len(places) + 1))
    for column, (row, exit_) in enumerate(places):
        carried[exit_, column] = amounts[row] / GIGABIT
        whole[row, column] = 1
    carried[:, len(places)] = -np.array(problem.capacities)[:, None] / GIGABIT
    integer = np.array([row < len(heavy) for row, _ in places] + [False])
    found = milp(
        c=np.eye(len(places) + 1)[-1],
        constraints=[
            LinearConstraint(carried.tocsr(), ub=0),
            LinearConstraint(whole.tocsr(), 1, 1),
        ],
        bounds=Bounds(0, np.append(np.ones(len(places)), np.inf)),
        integrality=integer,
        options={"time_limit": 60, "mip_rel_gap": 1e-7},
    )
    return float(found.fun)


def size_rows(seeds: int) -> Iterator[str]:
    yield (
        "| exits x prefixes | processor | clock | aim | gap | one prefix alone sets the bound "
        "| bound confirmed by HiGHS | peak MiB |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for exits, prefixes, aim in SIZES:
        each = [child("measured", exits, prefixes, seed) for seed in range(seeds)]
        yield (
            f"| {exits} x {prefixes:,} | {max(m['processor'] for m in each):.2f} s "
            f"| {max(m['clock'] for m in each):.2f} s | {aim:.0f} s "
            f"| {max(m['gap'] for m in each):.2e} "
            f"| {sum(m['alone'] for m in each)} of {seeds} "
            f"| {sum(m['checked'] >= 1 - 1e-6 for m in each)} of {seeds} "
            f"| {max(m['memory'] for m in each):,.0f} |"
        )


def child(what: str, exits: int, prefixes: int, seed: int) -> dict[str, float]:
    """Run one measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", what, str(exits), str(prefixes), str(seed)],
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def replanned(exits: int, prefixes: int, seed: int) -> dict[str, float]:
    """Plan, change each load by up to 5 %, and plan again."""
    problem = instance(seed, exits, prefixes)
    before = scale.solve(problem)
    change = np.random.default_rng(seed + 1000).uniform(0.95, 1.05, prefixes)
    loads = (problem.loads * change).astype(np.int64)
    details = {
        "loads": loads,
        "masks": problem.masks,
        "exits": exits,
        "capacities": problem.capacities,
        "ceiling": problem.ceiling,
    }
    fresh = scale.solve(Problem(**details))
    begin = time.process_time()
    after = scale.solve(Problem(**details, today=before.assignment))
    moved = after.assignment != before.assignment
    blind = fresh.assignment != before.assignment
    return {
        "processor": time.process_time() - begin,
        "prefixes": int(moved.sum()),
        "traffic": loads[0, moved].sum() / loads.sum(),
        "worse": float(after.value / fresh.value) - 1,
        "gap": after.gap,
        "blind": loads[0, blind].sum() / loads.sum(),
    }


def replan_rows(seeds: int) -> Iterator[str]:
    yield (
        "| exits x prefixes | traffic moved | prefixes moved | gap | worse than a fresh plan "
        "| traffic moved by a fresh plan | processor |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for exits, prefixes, _ in SIZES:
        each = [child("replanned", exits, prefixes, seed) for seed in range(seeds)]
        yield (
            f"| {exits} x {prefixes:,} | {max(m['traffic'] for m in each):.3%} "
            f"| {max(m['prefixes'] for m in each):,} | {max(m['gap'] for m in each):.2e} "
            f"| {max(m['worse'] for m in each):.2e} | {max(m['blind'] for m in each):.1%} "
            f"| {max(m['processor'] for m in each):.2f} s |"
        )


def longest_first(problem: Problem) -> NDArray[np.int16]:
    """Greedy: the heaviest first, each where the utilisation is lowest afterwards."""
    capacities = [float(capacity) for capacity in problem.capacities or (1,) * problem.exits]
    reach = {
        mask: [e for e in range(problem.exits) if mask >> e & 1]
        for mask in set(problem.masks.tolist())
    }
    carried = [0.0] * problem.exits
    assignment = np.zeros(problem.count, dtype=np.int16)
    loads, masks = problem.loads[0].tolist(), problem.masks.tolist()
    for prefix in np.argsort(-problem.loads[0], kind="stable").tolist():
        load = loads[prefix]
        chosen = min(reach[masks[prefix]], key=lambda e: (carried[e] + load) / capacities[e])
        carried[chosen] += load
        assignment[prefix] = chosen
    return assignment


def peer_rows(seeds: int, sizes: tuple[tuple[int, int, float], ...]) -> Iterator[str]:
    """Compare with greedy LPT and CP-SAT alone on the same instances: the worst of the seeds."""
    yield "| exits x prefixes | solver | processor | above the bound | seeds without a plan |"
    yield "|---|---|---:|---:|---:|"
    for exits, prefixes, limit in sizes:
        solvers: dict[str, Callable[[Problem], NDArray[np.int16] | None]] = {
            "**scale**": lambda problem: scale.solve(problem).assignment,
            "greedy LPT": longest_first,
        }
        if prefixes <= 100_000:
            solvers[f"CP-SAT alone, {limit:.0f} s of search"] = lambda p, t=limit: cp_sat_alone(
                p, t
            )
        bounds = {seed: scale.solve(instance(seed, exits, prefixes)).bound for seed in range(seeds)}
        for name, solve in solvers.items():
            seconds, above, without = 0.0, 0.0, 0
            for seed, bound in bounds.items():
                problem = instance(seed, exits, prefixes)
                begin = time.process_time()
                assignment = solve(problem)
                seconds = max(seconds, time.process_time() - begin)
                if assignment is None:
                    without += 1
                    continue
                value = problem.balance(problem.carried(assignment))
                above = max(above, float(value / bound) - 1)
            said = "no plan" if without == seeds else f"{above:.2e}"
            yield f"| {exits} x {prefixes:,} | {name} | {seconds:.2f} s | {said} | {without} |"


def cp_sat_alone(problem: Problem, limit: float) -> NDArray[np.int16] | None:
    """The plain model: one Boolean for each prefix and exit, the utilisation in 10**-9."""
    from ortools.sat.python import cp_model  # noqa: PLC0415

    model = cp_model.CpModel()
    unit = 1_000_000  # Mbit/s: with bit/s its sums of products pass 2**63
    capacities = problem.capacities or ()
    loads = (-(-problem.loads[0] // unit)).tolist()
    takes = [{e: model.new_bool_var("") for e in exits} for exits in problem.reach]
    for exits in takes:
        model.add_exactly_one(exits.values())
    top = model.new_int_var(0, 10**12, "")
    for exit_ in range(problem.exits):
        terms = [load * t[exit_] for load, t in zip(loads, takes, strict=True) if exit_ in t]
        capacity = capacities[exit_] or 1
        model.add(cp_model.LinearExpr.sum(terms) * 10**6 <= top * (capacity // unit))
    model.minimize(top)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = limit
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return np.array(
        [next(e for e, taken in t.items() if solver.boolean_value(taken)) for t in takes],
        dtype=np.int16,
    )


def equal_rows(short: bool) -> Iterator[str]:
    """Equal exits that reach everything: what the textbook DP and prtpy's methods know."""
    yield "| equal exits x prefixes | solver | seconds | above the bound |"
    yield "|---|---|---:|---:|"
    methods = {
        "prtpy greedy (LPT)": prtpy.partitioning.greedy,
        "prtpy multifit": prtpy.partitioning.multifit,
        "prtpy kk (Karmarkar-Karp)": prtpy.partitioning.kk,
    }
    for exits, prefixes in ((2, 3_600), (4, 10_000), (16, 10_000 if short else 100_000)):
        shares = np.random.default_rng(exits).pareto(1.1, prefixes) + 1
        total = 2 * 10**7 if exits == 2 else exits * 50 * GIGABIT
        loads = np.ceil(shares / shares.sum() * total).astype(np.int64)
        problem = Problem.of(loads.tolist(), exits)
        bound = float(scale.solve(problem).bound)
        solvers: dict[str, Callable[[], float]] = {
            "**scale**": lambda p=problem: largest(scale.solve(p))
        }
        if exits == 2:
            solvers["textbook DP (knapsack.py)"] = lambda p=problem: largest(knapsack.solve(p))
        if prefixes <= 10_000:
            solvers["cpsat.py"] = lambda p=problem: largest(cpsat.solve(p))
        items = loads.tolist()
        for name, method in methods.items():
            solvers[name] = lambda m=method, n=exits, i=items: float(
                prtpy.partition(algorithm=m, numbins=n, items=i, outputtype=prtpy.out.LargestSum)
            )
        for name, solve in solvers.items():
            begin = time.process_time()
            found = solve()
            seconds = time.process_time() - begin
            yield f"| {exits} x {prefixes:,} | {name} | {seconds:.2f} | {found / bound - 1:.2e} |"


def largest(solution: Solution) -> float:
    return float(solution.value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--short", action="store_true", help="two seeds, no peers on large sizes")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        what, *numbers = asked.child
        done = {"measured": lambda *n: vars(measured(*n)), "replanned": replanned}[what](
            *map(int, numbers)
        )
        json.dump(done, sys.stdout, default=float)
        return
    seeds = 2 if asked.short else asked.seeds
    peers = SIZES[:1] if asked.short else SIZES
    for rows in (
        size_rows(seeds),
        replan_rows(seeds),
        peer_rows(min(seeds, 3), peers),
        equal_rows(asked.short),
    ):
        for line in rows:
            print(line, flush=True)
        print(flush=True)


if __name__ == "__main__":
    main()
