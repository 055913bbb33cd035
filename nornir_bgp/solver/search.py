"""One way to run CP-SAT: the result is a function of the model alone.

One worker, a fixed seed and a limit in deterministic time (CP-SAT's own count of work, about
a second each) see to that.
"""

from dataclasses import dataclass
from typing import Literal

from ortools.sat.python import cp_model

from nornir_bgp.exceptions import NornirBgpError

TOTAL_LIMIT = 1 << 60
"""The largest sum in a model.

CP-SAT computes in 64 bits and refuses a model whose constraints could overflow.
"""

EXACT_CHOICES = 400
"""Up to so many choices the optimum itself is searched for; beyond, one within ``NEAR`` will do."""

NEAR = 1e-6
"""A share of the value."""


def gap_for(choices: int) -> float:
    """Return how near to the optimum, as a share, the search among so many choices may end."""
    return NEAR if choices > EXACT_CHOICES else 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """What one search came to.

    Attributes:
        verdict: ``found``, ``impossible`` (proven), or ``nothing`` within the limit.
        bound: a proven lower bound of the objective.
        solver: holds the values of the variables, where something was found.
    """

    verdict: Literal["found", "impossible", "nothing"]
    bound: int
    solver: cp_model.CpSolver

    def holds(self, literal: cp_model.IntVar) -> bool:
        """Return whether a literal is true in what was found."""
        return self.solver.boolean_value(literal)

    def value(self, variable: cp_model.IntVar) -> int:
        """Return the value of a variable in what was found."""
        return self.solver.value(variable)


def search(
    model: cp_model.CpModel, deterministic_limit: float, *, by_lp: bool = True, gap: float = 0
) -> Found:
    """Run CP-SAT on a model.

    Args:
        model: what to minimise, and within which constraints.
        deterministic_limit: how much work it may take.
        by_lp: bound by linear programs. Without them good solutions of problems with many prefixes
            are found much sooner, and little is proven.
        gap: end where the value is proven to be within this share of the best.
    """
    solver = cp_model.CpSolver()
    if not by_lp:
        solver.parameters.linearization_level = 0
    solver.parameters.relative_gap_limit = gap
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = deterministic_limit
    # A presolve step of OR-Tools 9.15 (at-most-one inside linear constraints) cuts off the best
    # assignments of about 1 in 300 small problems with loads in bit/s, and CP-SAT then "proves" a
    # worse one optimal (google/or-tools issue 5293). This switches that step off.
    solver.parameters.presolve_inclusion_work_limit = 0
    status = solver.solve(model)
    # The objective as an integer: the documented attribute is a double, exact only up to 2**53.
    bound = solver.response_proto.inner_objective_lower_bound
    match status:
        case cp_model.OPTIMAL | cp_model.FEASIBLE:
            return Found("found", bound, solver)
        case cp_model.INFEASIBLE:
            return Found("impossible", bound, solver)
        case cp_model.UNKNOWN:
            return Found("nothing", bound, solver)
    raise NornirBgpError(f"CP-SAT calls a sound model {solver.status_name(status)}")
