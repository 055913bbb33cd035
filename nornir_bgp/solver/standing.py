"""What has been reached of the objectives so far, and what is proven of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from nornir_bgp.solver.problem import Exits, Objective, Problem

Stage = Objective | Literal["moved load"]
"""An objective; ``moves`` has two: how many, and of equally many the least load."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What has been reached so far.

    Attributes:
        assignment: feasible.
        backup: the planned backups, where the solver plans them.
        values: for each stage that is done its smallest value found.
        bounds: for each of these what is proven; none is smaller among the assignments that are
            as good in the stages before.
    """

    assignment: Exits
    backup: Exits | None = None
    values: Mapping[Stage, Fraction] = field(default_factory=dict)
    bounds: Mapping[Stage, Fraction] = field(default_factory=dict)

    def done(self, stage: Stage, value: Fraction, bound: Fraction) -> "Standing":
        """Return the same with one more stage done."""
        return replace(
            self,
            values={**self.values, stage: value},
            bounds={**self.bounds, stage: bound},
        )


def stages_of(problem: Problem) -> tuple[Stage, ...]:
    """Return the stages of the objectives whose facts are given."""
    stages: list[Stage] = []
    for objective in problem.weighed:
        stages.append(objective)
        if objective == "moves":
            stages.append("moved load")
    return tuple(stages)
