"""Prefix-to-exit assignment."""

from nornir_bgp.solver.choose import solve
from nornir_bgp.solver.problem import Choice, Objective, Price, Problem
from nornir_bgp.solver.solution import Achieved, Solution

__all__ = ["Achieved", "Choice", "Objective", "Price", "Problem", "Solution", "solve"]
