"""What earlier objectives, and the problem itself, allow the later ones."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.measures import measure
from nornir_bgp.solver.problem import Exits, Objective, Problem
from nornir_bgp.solver.scale_fit import NO_LIMIT


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Allowance:
    """What earlier objectives, and the problem itself, allow.

    Attributes:
        loads: (slots, exits).
        survive: the value of this objective, at most; likewise the others. ``None``: anything.
    """

    loads: NDArray[np.int64]
    survive: Fraction | None = None
    cost: Fraction | None = None
    moves: int | None = None
    lines: int | None = None

    @classmethod
    def of(cls, problem: Problem) -> "Allowance":
        """Return what a problem allows by itself."""
        most = [NO_LIMIT if limit is None else min(limit, NO_LIMIT) for limit in problem.limits]
        loads = np.tile(np.array(most, dtype=np.int64), (problem.slots, 1))
        return cls(loads=loads, moves=problem.max_moves)

    @property
    def others(self) -> tuple[tuple[Objective, Fraction | int], ...]:
        """What is limited beside loads, and how."""
        limits: tuple[tuple[Objective, Fraction | int | None], ...] = (
            ("survive", self.survive),
            ("cost", self.cost),
            ("moves", self.moves),
            ("lines", self.lines),
        )
        return tuple((objective, most) for objective, most in limits if most is not None)

    def carries(self, problem: Problem, assignment: Exits) -> bool:
        """Whether the loads of an assignment are within theirs."""
        return bool((problem.carried(assignment) <= self.loads).all())

    def keeps(self, problem: Problem, assignment: Exits, backup: Exits | None) -> bool:
        """Whether an assignment is within all of this."""
        return self.carries(problem, assignment) and all(
            measure(problem, objective, assignment, backup) <= most
            for objective, most in self.others
        )
