"""The CP-SAT model of an assignment: who carries what, before and after failures."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from nornir_bgp.exceptions import SolverLimitError
from nornir_bgp.solver.counting import common_divisor, largest_total
from nornir_bgp.solver.measures import free_slots
from nornir_bgp.solver.problem import Exits, Problem
from nornir_bgp.solver.search import TOTAL_LIMIT, Found

Expression = cp_model.LinearExpr
Literal = cp_model.IntVar | int


class AssignmentModel:
    """Variables and expressions; loads are counted in ``unit``.

    Attributes:
        model: the constraints so far.
        unit: the common divisor of the loads.
        total: the load and base of the heaviest slot.
        carried: for each slot the load of each exit.
    """

    def __init__(self, problem: Problem, start: Exits) -> None:
        """Begin with the reach alone.

        Args:
            problem: the loads and exits.
            start: what the search begins with.
        """
        self.model = cp_model.CpModel()
        self.unit = common_divisor(problem)
        self.total = largest_total(problem) // self.unit
        self._problem = problem
        self._loads: list[list[int]] = (problem.loads // self.unit).tolist()
        self._reach = problem.reach
        # A prefix that one exit alone reaches needs no variable.
        self._takes: list[dict[int, cp_model.IntVar]] = []
        for prefix, (exits, first) in enumerate(zip(self._reach, start.tolist(), strict=True)):
            takes: dict[int, cp_model.IntVar] = {}
            if len(exits) > 1:
                takes = {e: self.model.new_bool_var(f"{prefix} by {e}") for e in exits}
                self.model.add_exactly_one(takes.values())
                for exit_, variable in takes.items():
                    self.model.add_hint(variable, exit_ == first)
            self._takes.append(takes)
        self._backs: dict[tuple[int, int], dict[int, cp_model.IntVar]] = {}
        self.carried = [self._sums(slot) for slot in range(problem.slots)]

    def _sums(self, slot: int) -> list[Expression]:
        """Return the load of each exit in a slot."""
        problem, loads = self._problem, self._loads[slot]
        constants = [0] * problem.exits
        if problem.base is not None:
            constants = [load // self.unit for load in problem.base[slot].tolist()]
        terms: list[list[cp_model.IntVar]] = [[] for _ in constants]
        weights: list[list[int]] = [[] for _ in constants]
        for load, exits, takes in zip(loads, self._reach, self._takes, strict=True):
            if not takes:
                constants[exits[0]] += load
            elif load:
                for exit_, variable in takes.items():
                    terms[exit_].append(variable)
                    weights[exit_].append(load)
        return [
            cp_model.LinearExpr.weighted_sum(variables, loads) + constant
            for variables, loads, constant in zip(terms, weights, constants, strict=True)
        ]

    @property
    def literals(self) -> int:
        """How many choices there are."""
        return sum(map(len, self._takes)) + sum(map(len, self._backs.values()))

    def takes(self, prefix: int, exit_: int) -> Literal:
        """Return whether an exit takes a prefix: a literal or a constant."""
        if not self._takes[prefix]:
            return int(self._reach[prefix][0] == exit_)
        return self._takes[prefix].get(exit_, 0)

    def away(self, home: NDArray[np.int16], weights: Sequence[int]) -> Expression:
        """Return the weight of the prefixes that are not at their home; without one (-1): none."""
        variables: list[cp_model.IntVar] = []
        of: list[int] = []
        constant = 0
        for prefix, (exit_, weight) in enumerate(zip(home.tolist(), weights, strict=True)):
            if exit_ >= 0 and weight:
                constant += weight
                stays = self.takes(prefix, exit_)
                if isinstance(stays, int):
                    constant -= weight * stays
                else:
                    variables.append(stays)
                    of.append(-weight)
        return cp_model.LinearExpr.weighted_sum(variables, of) + constant

    def limit(self, limits: Sequence[int | None]) -> None:
        """Let no exit carry more than its limit, in the problem's unit, in any slot."""
        for loads in self.carried:
            for load, limit in zip(loads, limits, strict=True):
                if limit is not None:
                    self.model.add(load <= min(limit // self.unit, TOTAL_LIMIT))

    def after_failures(self) -> list[tuple[int, Expression]]:
        """Return the load of each exit after the failure of each other one, in each slot."""
        shifted: defaultdict[tuple[int, int], list[tuple[int, Literal]]] = defaultdict(list)
        for failed, prefix, heir, inherits in self._inherited():
            shifted[failed, heir].append((prefix, inherits))
        return [
            (left, self.carried[slot][left] + self._weighed(slot, shifted[failed, left]))
            for failed in range(self._problem.exits)
            for left in range(self._problem.exits)
            for slot in range(self._problem.slots)
            if left != failed
        ]

    def _weighed(self, slot: int, parts: Sequence[tuple[int, Literal]]) -> Expression:
        """Return the load, in a slot, of prefixes that count where an expression is 1."""
        loads = self._loads[slot]
        return cp_model.LinearExpr.weighted_sum(
            [counts for _, counts in parts], [loads[prefix] for prefix, _ in parts]
        )

    def _inherited(self) -> list[tuple[int, int, int, Literal]]:
        """Return (failed exit, prefix, heir, whether it inherits)."""
        return self._backups() if self._problem.backups else self._heirs()

    def _heirs(self) -> list[tuple[int, int, int, Literal]]:
        """Return who inherits as BGP falls back."""
        fallback = self._problem.fallback
        if fallback is None:
            return []
        return [
            (exit_, prefix, heir, self.takes(prefix, exit_))
            for prefix, exits in enumerate(self._reach)
            for exit_ in exits
            if (heir := int(fallback[exit_, prefix])) >= 0
        ]

    def _backups(self) -> list[tuple[int, int, int, Literal]]:
        """Return who inherits by plan: any other exit that reaches the prefix."""
        heirs: list[tuple[int, int, int, Literal]] = []
        for prefix, exits in enumerate(self._reach):
            if len(exits) == 2:
                heirs += [(e, prefix, sum(exits) - e, self.takes(prefix, e)) for e in exits]
            elif len(exits) > 2:
                for failed in exits:
                    backs = self._backs.setdefault((prefix, failed), {})
                    for heir in exits:
                        if heir != failed:
                            backs[heir] = self.model.new_bool_var(f"{prefix} {failed} to {heir}")
                            heirs.append((failed, prefix, heir, backs[heir]))
                    self.model.add(sum(backs.values()) == self.takes(prefix, failed))
        return heirs

    def price(self, rates: Sequence[int], commits: Sequence[int]) -> Expression:
        """Return the sum of the prices.

        Args:
            rates: for each exit, per ``unit`` of load.
            commits: for each exit, in the problem's unit.
        """
        free = free_slots(self._problem.slots)
        paid_for: list[cp_model.IntVar] = []
        weights: list[int] = []
        for exit_, (rate, commit) in enumerate(zip(rates, commits, strict=True)):
            if not rate:
                continue
            over = self.model.new_int_var(0, self.total, f"paid for at {exit_}")
            dropped = [
                self.model.new_bool_var(f"slot {slot} is free at {exit_}")
                for slot in range(self._problem.slots if free else 0)
            ]
            if dropped:
                self.model.add(sum(dropped) <= free)
            for slot, loads in enumerate(self.carried):
                paid = self.model.add(over >= loads[exit_] - commit // self.unit)
                if dropped:
                    paid.only_enforce_if(dropped[slot].negated())
            paid_for.append(over)
            weights.append(rate)
        return cp_model.LinearExpr.weighted_sum(paid_for, weights)

    def minimise(self, objective: Expression) -> None:
        """Minimise a sum that is never negative.

        It becomes one variable, since CP-SAT's integer bound leaves a constant term out.
        """
        value = self.model.new_int_var(0, TOTAL_LIMIT, "objective")
        self.model.add(value >= objective)
        self.model.minimize(value)

    def assignment(self, found: Found) -> Exits:
        """Return the assignment that a search has found."""
        return np.array(
            [
                next((e for e, literal in takes.items() if found.holds(literal)), exits[0])
                for takes, exits in zip(self._takes, self._reach, strict=True)
            ],
            dtype=np.int16,
        )

    def backup(self, found: Found, assignment: Exits) -> Exits:
        """Return the planned backups that a search has found."""
        backup = np.full(self._problem.count, -1, dtype=np.int16)
        for prefix, exits in enumerate(self._reach):
            primary = int(assignment[prefix])
            others = [e for e in exits if e != primary]
            if len(others) == 1:
                backup[prefix] = others[0]
            elif (prefix, primary) in self._backs:
                backs = self._backs[prefix, primary]
                backup[prefix] = next(e for e, literal in backs.items() if found.holds(literal))
        return backup


def whole_rates(rates: Sequence[Fraction], total: int) -> tuple[list[int], Fraction]:
    """Return rates as whole numbers, rounded down where that is needed, and what 1 of them is.

    Args:
        rates: for each exit.
        total: the largest load that may be paid for at any exit.

    Raises:
        SolverLimitError: the price of so much is beyond 64-bit arithmetic.
    """
    common = Fraction(lcm(*(rate.denominator for rate in rates)))
    most, largest = TOTAL_LIMIT // max(1, total * len(rates)), max(rates)
    if not most:
        raise SolverLimitError(
            f"the price of a total of {total:,} at {len(rates)} exits is beyond what a search "
            "takes; give the loads in a larger unit"
        )
    if largest * common > most:
        common = most / largest
    return [int(rate * common) for rate in rates], 1 / common
