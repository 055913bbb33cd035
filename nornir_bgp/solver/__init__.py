"""Prefix-to-exit assignment."""

from nornir_bgp.solver.choose import Choice, solve
from nornir_bgp.solver.problem import Problem, Solution

__all__ = ["Choice", "Problem", "Solution", "solve"]
