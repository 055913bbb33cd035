"""Time and memory of the solvers, beside named alternatives on the same instances.

    python benchmarks/solvers.py

Every instance has 3,600 loads, by default with a sum of 2*10**7. Each figure is the worst of
several seeds, for each seed the best of three runs, since other work on the machine only adds.
Peaks are tracemalloc's, from a run of their own. Every alternative notes, as ours does, the first
load that reached a sum, without which there is no assignment.
"""

import time
import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
import prtpy

from nornir_bgp.solver import Problem, cpsat, knapsack
from nornir_bgp.solver.subset_sums import subset_sums

COUNT = 3600
TOTAL = 2 * 10**7
SEEDS = range(5)
Loads = tuple[int, ...]


def heavy_tailed(seed: int, total: int = TOTAL, count: int = COUNT) -> Loads:
    """Pareto with exponent 1.2, scaled to the total."""
    shares = np.random.default_rng(seed).pareto(1.2, count) + 1
    loads = [int(share) for share in shares / shares.sum() * (total - count)]
    loads = [load + 1 for load in loads]
    loads[-1] += total - sum(loads)
    return tuple(loads)


def out_of_reach(seed: int) -> Loads:
    """Similar loads, all divisible by 3 but for a single 1: the middle, 3k + 2, is no sum."""
    middle = TOTAL // 2 - TOTAL // 2 % 3 + 2
    shares = np.random.default_rng(seed).uniform(1, 3, COUNT - 2)
    loads = [3 * max(1, int(share)) for share in shares / shares.sum() * (TOTAL / 3)]
    loads.append(2 * middle - 1 - sum(loads))
    assert all(load > 0 and load % 3 == 0 for load in loads)
    return (1, *loads)


def boolean_rows(loads: Loads) -> int:
    """The textbook: a numpy row of booleans, one byte per sum."""
    capacity = sum(loads) // 2
    row = np.zeros(capacity + 1, dtype=bool)
    row[0] = True
    first = np.full(capacity + 1, -1, dtype=np.int32)
    for index, load in enumerate(loads):
        if load <= capacity:
            opened = row[:-load] & ~row[load:]
            first[load:][opened] = index
            row[load:] |= opened
    return sum(loads) - int(np.flatnonzero(row)[-1])


def integer_rows(loads: Loads) -> int:
    """A Python integer as a bit set; what a row opens goes through bytes into numpy."""
    capacity = sum(loads) // 2
    row, mask = 1, (2 << capacity) - 1
    first = np.full((capacity // 8 + 1, 8), -1, dtype=np.int32)
    for index, load in enumerate(loads):
        shifted = row << load & mask
        opened = (row | shifted) ^ row
        if opened:
            row |= shifted
            text = np.frombuffer(opened.to_bytes(len(first), "little"), dtype=np.uint8)
            touched = np.flatnonzero(text)
            rows, bits = np.nonzero(np.unpackbits(text[touched, None], axis=1, bitorder="little"))
            first[touched[rows], bits] = index
    return sum(loads) - (row.bit_length() - 1)


def every_row(loads: Loads) -> int:
    """Our programme, going on after the target is reached."""
    weights = sorted(loads, reverse=True)
    capacity = sum(loads) // 2
    sums = subset_sums(weights, target=capacity, capacity=capacity, stop_early=False)
    return sum(loads) - sums.below


def knapsack_largest(loads: Loads) -> int:
    return knapsack.solve(Problem.of(loads, 2)).largest


def peer_largest(loads: Loads) -> int:
    return int(
        prtpy.partition(
            algorithm=prtpy.partitioning.dp,
            numbins=2,
            items=list(loads),
            objective=prtpy.obj.MinimizeLargestSum,
            outputtype=prtpy.out.LargestSum,
        )
    )


def measure(solver: Callable[[Loads], int], loads: Loads) -> tuple[int, float, float]:
    """Return the largest load, seconds and the peak in MB."""
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        solver(loads)
        seconds.append(time.perf_counter() - begin)
    tracemalloc.start()
    largest = solver(loads)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return largest, min(seconds), peak / 1e6


def knapsack_rows() -> Iterator[str]:
    """Compare ours (all seeds) with the alternatives (the seed on which ours is slowest)."""
    yield "| instance | solver | seconds | ratio | peak MB |"
    yield "|---|---|---:|---:|---:|"
    small = [tuple(load % 97 + 1 for load in heavy_tailed(seed, count=60)) for seed in SEEDS]
    cases: list[tuple[str, list[Loads], dict[str, Callable[[Loads], int]]]] = [
        (
            "heavy-tailed",
            [heavy_tailed(seed) for seed in SEEDS],
            {"numpy boolean rows": boolean_rows, "Python integer rows": integer_rows},
        ),
        (
            "middle out of reach",
            [out_of_reach(seed) for seed in SEEDS],
            {"numpy boolean rows": boolean_rows, "Python integer rows": integer_rows},
        ),
        ("60 loads below 98", small, {"prtpy dp": peer_largest}),
    ]
    for name, instances, alternatives in cases:
        ours = {loads: measure(knapsack_largest, loads) for loads in instances}
        slowest = max(ours, key=lambda loads: ours[loads][1])
        largest, base, peak = ours[slowest]
        yield f"| {name} | **knapsack.py** | {base:.3f} | 1 | {peak:.1f} |"
        for label, solver in {"the same, no early stop": every_row, **alternatives}.items():
            found, seconds, peak = measure(solver, slowest)
            assert found == largest, (name, label)
            yield f"| {name} | {label} | {seconds:.3f} | {seconds / base:.1f} | {peak:.1f} |"


def cpsat_rows() -> Iterator[str]:
    """Try 2 to 8 exits with many prefixes in bit/s, and with few, where there is a search."""
    yield "| prefixes | total | exits | seconds | status | gap |"
    yield "|---:|---:|---:|---:|---|---:|"
    for count, total in ((COUNT, TOTAL), (COUNT, 10**12), (20, 10**4)):
        for exits in range(2, 9):
            shares = np.random.default_rng(exits).pareto(2, count) + 1
            loads = tuple(int(share) for share in np.ceil(shares / shares.sum() * total))
            begin = time.perf_counter()
            solution = cpsat.solve(Problem.of(loads, exits))
            seconds = time.perf_counter() - begin
            yield (
                f"| {count:,} | {total:.0e} | {exits} | {seconds:.2f} | {solution.status} "
                f"| {solution.gap:.1e} |"
            )


if __name__ == "__main__":
    for line in (*knapsack_rows(), "", *cpsat_rows()):
        print(line)
