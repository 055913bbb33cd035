"""Linear programs as arrays, solved by MathOpt.

A model with ten thousand variables is built in milliseconds, since whole arrays go into MathOpt's
protocol buffer and no Python object stands for a variable.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

MIXED = mathopt.SolverType.GSCIP
"""What settles integer variables: SCIP. (HiGHS is as fast, but prints to standard output.)"""

GAP = 2e-6
"""The relative gap at which a mixed-integer search stops."""


Number = TypeVar("Number", np.float64, np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a solver found.

    Attributes:
        values: of the variables.
        duals: of the constraints; all 0 where there are integer variables.
        objective: the value of the objective.
    """

    values: NDArray[np.float64]
    duals: NDArray[np.float64]
    objective: float


class LinearProgram:
    """A minimisation, put together from arrays of variables, constraints and coefficients."""

    def __init__(self) -> None:
        self._lower: list[NDArray[np.float64]] = []
        self._upper: list[NDArray[np.float64]] = []
        self._cost: list[NDArray[np.float64]] = []
        self._integer: list[NDArray[np.bool_]] = []
        self._at_least: list[NDArray[np.float64]] = []
        self._at_most: list[NDArray[np.float64]] = []
        self._entries: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
        self._columns = 0
        self._rows = 0

    def variables(
        self,
        count: int,
        *,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        cost: ArrayLike = 0.0,
        integer: ArrayLike = False,
    ) -> NDArray[np.int64]:
        """Add variables and return their numbers; each bound is one for all or one for each."""
        self._lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self._cost.append(np.broadcast_to(np.asarray(cost, dtype=np.float64), count))
        self._integer.append(np.broadcast_to(np.asarray(integer, dtype=np.bool_), count))
        self._columns += count
        return np.arange(self._columns - count, self._columns)

    def constraints(
        self, count: int, *, at_least: ArrayLike = -np.inf, at_most: ArrayLike = np.inf
    ) -> NDArray[np.int64]:
        """Add constraints and return their numbers."""
        self._at_least.append(np.broadcast_to(np.asarray(at_least, dtype=np.float64), count))
        self._at_most.append(np.broadcast_to(np.asarray(at_most, dtype=np.float64), count))
        self._rows += count
        return np.arange(self._rows - count, self._rows)

    def coefficients(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike) -> None:
        """Set coefficients; those that are given twice for one place add up."""
        row, column, value = np.broadcast_arrays(
            np.asarray(rows, dtype=np.int64),
            np.asarray(columns, dtype=np.int64),
            np.asarray(values, dtype=np.float64),
        )
        self._entries.append((row.ravel(), column.ravel(), value.ravel()))

    def solve(self, nodes: int = 1_000) -> Answer | None:
        """Minimise; ``None`` where there is no solution, or none was found.

        Args:
            nodes: how many nodes a mixed-integer search may take: a count of work, not of time.

        GLOP's simplex answers with duals; SCIP searches where there are integer variables. Both
        do the same for the same model.
        """
        mixed = bool(_joined(self._integer).any())
        result = mathopt.solve(
            mathopt.Model.from_model_proto(self._proto()),
            MIXED if mixed else mathopt.SolverType.GLOP,
            params=mathopt.SolveParameters(node_limit=nodes, relative_gap_tolerance=GAP)
            if mixed
            else mathopt.SolveParameters(),
        )
        if not result.has_primal_feasible_solution():
            return None
        solution = result.to_proto().solutions[0]
        return Answer(
            values=np.array(solution.primal_solution.variable_values.values),
            duals=np.zeros(self._rows)
            if mixed
            else np.array(solution.dual_solution.dual_values.values),
            objective=result.objective_value(),
        )

    def _proto(self) -> model_pb2.ModelProto:
        proto = model_pb2.ModelProto()
        columns = np.arange(self._columns)
        proto.variables.ids.extend(columns)
        proto.variables.lower_bounds.extend(_joined(self._lower))
        proto.variables.upper_bounds.extend(_joined(self._upper))
        proto.variables.integers.extend(_joined(self._integer))
        cost = _joined(self._cost)
        priced = np.flatnonzero(cost)
        proto.objective.linear_coefficients.ids.extend(priced)
        proto.objective.linear_coefficients.values.extend(cost[priced])
        proto.linear_constraints.ids.extend(np.arange(self._rows))
        proto.linear_constraints.lower_bounds.extend(_joined(self._at_least))
        proto.linear_constraints.upper_bounds.extend(_joined(self._at_most))
        row, column, value = (
            np.concatenate([entry[part] for entry in self._entries]) for part in range(3)
        )
        place, inverse = np.unique(row * self._columns + column, return_inverse=True)
        matrix = proto.linear_constraint_matrix
        matrix.row_ids.extend(place // self._columns)
        matrix.column_ids.extend(place % self._columns)
        matrix.coefficients.extend(np.bincount(inverse, weights=value))
        return proto


def _joined(parts: list[NDArray[Number]]) -> NDArray[Number]:
    return np.concatenate(parts)
