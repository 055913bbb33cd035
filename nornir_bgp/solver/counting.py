"""Loads of unequal exits, compared in integers.

With capacities ``c_e`` an exit's utilisation is ``load_e / c_e``. Times the least common multiple
of the capacities it is a whole number, and the largest of them can be minimised exactly. Where that
multiple is too large for 64 bits, the factors are rounded down: what is proven of the rounded
utilisation then holds for the true one, with a small loss.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

import numpy as np

from nornir_bgp.exceptions import SolverLimitError
from nornir_bgp.solver.problem import Problem
from nornir_bgp.solver.problem_checks import exact_sum
from nornir_bgp.solver.search import TOTAL_LIMIT


@dataclass(frozen=True, slots=True)
class Counting:
    """How loads become whole numbers that can be compared.

    Attributes:
        unit: the common divisor of all loads; a model counts in it.
        factors: for each exit what one unit of load counts.
        step: the value, in the measure of the problem, of the count 1.
        exact: the count is the value; else it may be less.
    """

    unit: int
    factors: tuple[int, ...]
    step: Fraction
    exact: bool

    def count_of(self, value: Fraction) -> int:
        """Return the largest count that does not exceed a value."""
        return int(value / self.step)

    def least_count(self, bound: Fraction) -> int:
        """Return the smallest count whose value is not below ``bound``; 0 where that is inexact."""
        return -int(-bound // self.step) if self.exact else 0


def common_divisor(problem: Problem) -> int:
    """Return the common divisor of loads, base and commits; 1 where there are none."""
    unit = gcd(*(gcd(*slot.tolist()) for slot in problem.loads))
    unit = gcd(unit, *(price.commit for price in problem.prices or () if price is not None))
    if problem.base is not None:
        unit = gcd(unit, *problem.base.ravel().tolist())
    return unit or 1


def largest_total(problem: Problem) -> int:
    """Return the load and base of all exits, in the slot where that is most."""
    none = np.zeros((problem.slots, 1), dtype=np.int64)
    base = none if problem.base is None else problem.base
    return max(
        exact_sum(loads) + exact_sum(base_loads)
        for loads, base_loads in zip(problem.loads, base, strict=True)
    )


def counting_of(problem: Problem) -> Counting:
    """Return how the balance of a problem is counted.

    Raises:
        SolverLimitError: the total is beyond 64-bit arithmetic.
    """
    unit = common_divisor(problem)
    total = max(1, largest_total(problem) // unit)
    if total > TOTAL_LIMIT:
        raise SolverLimitError(
            f"the total of {total:,} is beyond {TOTAL_LIMIT:,}, which a search takes; give the "
            "loads in a larger unit"
        )
    if not problem.by_utilisation:
        return Counting(unit, (1,) * problem.exits, Fraction(unit), exact=True)
    known = [capacity for capacity in problem.capacities or () if capacity is not None]
    shared = gcd(*known)
    common = lcm(*known) // shared
    largest_factor = common // (min(known) // shared)
    exact = largest_factor * total <= TOTAL_LIMIT
    if not exact:
        common = TOTAL_LIMIT // total * (min(known) // shared)
    return Counting(
        unit,
        tuple(common // (capacity // shared) for capacity in known),
        Fraction(unit, common * shared),
        exact,
    )
