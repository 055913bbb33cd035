"""The answer to an assignment problem, with the proof of its quality."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.problem import Objective

SolverName = Literal["dp", "cpsat", "scale"]


@dataclass(frozen=True, slots=True)
class Achieved:
    """What became of one objective.

    Attributes:
        objective: which one.
        value: its value in the solution.
        bound: proven: no assignment that is as good in the objectives before it has a smaller
            value; ``None``: nothing is proven.
        words: the same as a sentence.
    """

    objective: Objective
    value: Fraction
    bound: Fraction | None
    words: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Solution:
    """An assignment with the proof of its quality.

    Attributes:
        assignment: (prefixes,), the exit of each prefix.
        loads: (slots, exits), the load of each exit, ``base`` included.
        value: the balance: the largest utilisation where every exit has a capacity, else the
            largest load.
        bound: proven: no assignment that is feasible has a smaller value.
        optimal: the value is proven to be the smallest possible.
        status: what is proven, in words.
        solver: what found it.
        reason: why that solver was used.
        backup: (prefixes,), the planned backup of each prefix; -1: none; ``None``: none was
            planned.
        achieved: what became of each objective, in their order.
    """

    assignment: NDArray[np.int16]
    loads: NDArray[np.int64]
    value: Fraction
    bound: Fraction
    optimal: bool
    status: str
    solver: SolverName
    reason: str = ""
    backup: NDArray[np.int16] | None = None
    achieved: tuple[Achieved, ...] = ()

    @property
    def largest(self) -> int:
        """The largest exit load of any slot."""
        return int(self.loads.max())

    @property
    def spread(self) -> int:
        """The largest exit load minus the smallest, in the slot where that is most."""
        return int((self.loads.max(axis=1) - self.loads.min(axis=1)).max())

    @property
    def gap(self) -> float:
        """How far the value may be from the best: (value - bound) / value, or 0."""
        return float((self.value - self.bound) / self.value) if self.value else 0.0
