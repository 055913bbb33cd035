"""One objective after another, by CP-SAT.

Each stage minimises one objective. Those before it are kept, within the tolerance, by constraints;
those on loads (balance, survive) become limits of single exits, which are exact in integers
whatever the capacities are. A stage that finds nothing better leaves the assignment as it was.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from nornir_bgp.exceptions import InfeasibleError
from nornir_bgp.solver.assignment_model import AssignmentModel, Expression, whole_rates
from nornir_bgp.solver.backups import quick_backups
from nornir_bgp.solver.bounds import balance_bound, banished
from nornir_bgp.solver.counting import counting_of
from nornir_bgp.solver.measures import load_of, measure, moved_load, within_limits
from nornir_bgp.solver.nearby import nearby
from nornir_bgp.solver.problem import Exits, Problem
from nornir_bgp.solver.search import TOTAL_LIMIT, Found, gap_for, search
from nornir_bgp.solver.standing import Stage, Standing, stages_of

NONE_THERE = "no assignment is within the limits"
NONE_FOUND = "no assignment within the limits was found, and it is not proven that there is none"

STRICT_ROUNDS = 8
"""How often a rounded optimum is improved upon before its exact proof is given up."""


def refine(problem: Problem, standing: Standing, deterministic_limit: float) -> Standing:
    """Do the stages that are not done yet, in their order.

    Args:
        problem: the loads, exits and facts.
        standing: a feasible assignment, and the stages that it is the answer of.
        deterministic_limit: the limit of these stages together, in CP-SAT's deterministic time.
    """
    stages = [stage for stage in stages_of(problem) if stage not in standing.values]
    for stage in stages:
        standing = _Refinement(problem, standing, deterministic_limit / len(stages)).do(stage)
    return standing


def find_feasible(problem: Problem, start: Exits, deterministic_limit: float) -> Exits:
    """Return an assignment within the limits, near to a start that is not.

    Raises:
        InfeasibleError: there is none, or none was found.
    """
    if within_limits(problem, start):
        return start
    built = AssignmentModel(problem, start)
    built.limit(problem.limits)
    _limit_moves(problem, built)
    found = search(built.model, deterministic_limit)
    match found.verdict:
        case "impossible":
            raise InfeasibleError(NONE_THERE)
        case "nothing":
            raise InfeasibleError(NONE_FOUND)
        case "found":
            return built.assignment(found)


def _limit_moves(problem: Problem, built: AssignmentModel) -> None:
    if problem.max_moves is not None and problem.today is not None:
        built.model.add(built.away(problem.today, [1] * problem.count) <= problem.max_moves)


def _loads(built: AssignmentModel, stage: Stage) -> list[tuple[int, Expression]]:
    """Return (exit, load) of each case that counts: each slot, or each failure in each slot."""
    if stage == "survive":
        return built.after_failures()
    return [pair for slot in built.carried for pair in enumerate(slot)]


class _Refinement:
    """One stage on top of a standing."""

    def __init__(self, problem: Problem, standing: Standing, limit: float) -> None:
        self._problem = problem
        self._standing = standing
        self._limit = limit
        self._counting = counting_of(problem)
        nowhere = np.full(problem.count, -1, dtype=np.int16)
        self._today = nowhere if problem.today is None else problem.today
        self._natural = nowhere if problem.natural is None else problem.natural

    def do(self, stage: Stage) -> Standing:
        """Minimise a stage's objective and return the new standing."""
        if stage == "survive" and self._problem.backups:
            planned = quick_backups(self._problem, self._standing.assignment)
            self._standing = replace(self._standing, backup=planned)
        self._begin_near_home(stage)
        standing, value = self._standing, self._value(stage, self._standing)
        least = self._least(stage)
        if value <= least:
            return standing.done(stage, value, value)
        built = self._built()
        gap = gap_for(built.literals)
        if value <= least * (1 + Fraction(gap)):
            return standing.done(stage, value, least)
        objective, step, offset = self._objective(stage, built)
        built.minimise(objective)
        found = search(built.model, self._limit, gap=gap)
        bound = max(least, found.bound * step + offset)
        if found.verdict == "found":
            candidate = self._candidate(built, found)
            if self._value(stage, candidate) < value and self._keeps(candidate):
                standing, value = candidate, self._value(stage, candidate)
        if stage in ("balance", "survive") and not self._counting.exact:
            standing, value, bound = self._improve_strictly(stage, standing, value, bound)
        return standing.done(stage, value, bound)

    def _begin_near_home(self, stage: Stage) -> None:
        """Where few are to leave their homes, begin with what a greedy finds, if it is better."""
        problem = self._problem
        home = {"moves": problem.today, "lines": problem.natural}.get(stage)
        # With backups planned already a new assignment would need new ones.
        if home is None or self._standing.backup is not None:
            return
        limits = self._load_limits()
        near = nearby(problem, home, limits)
        if near is None or not within_limits(problem, near):
            return
        candidate = replace(self._standing, assignment=near)
        better = self._value(stage, candidate) < self._value(stage, self._standing)
        if better and self._keeps(candidate):
            self._standing = candidate

    def _candidate(self, built: AssignmentModel, found: Found) -> Standing:
        """Return the standing with what a search has found in its place."""
        assignment = built.assignment(found)
        # Where no failure has counted yet, backups are planned at the very end.
        joint = self._standing.backup is not None
        backup = built.backup(found, assignment) if joint else None
        return replace(self._standing, assignment=assignment, backup=backup)

    def _keeps(self, candidate: Standing) -> bool:
        """Tell whether the stages that are done stay within the tolerance, in exact numbers.

        A model with prices or amounts that are rounded lets a little more pass.
        """
        return all(
            self._value(done, candidate) <= value * (1 + self._problem.tolerance)
            for done, value in self._standing.values.items()
        )

    def _load_limits(self) -> list[int | None]:
        """Return what each exit may carry: the ceiling, and the balance where that is done."""
        limits: list[int | None] = list(self._problem.limits)
        if "balance" in self._standing.values:
            allowed = self._standing.values["balance"] * (1 + self._problem.tolerance)
            for exit_, most in enumerate(self._limits(allowed)):
                limit = limits[exit_]
                limits[exit_] = most if limit is None else min(limit, most)
        return limits

    def _value(self, stage: Stage, standing: Standing) -> Fraction:
        if stage == "moved load":
            return Fraction(moved_load(self._problem, standing.assignment))
        return measure(self._problem, stage, standing.assignment, standing.backup)

    def _least(self, stage: Stage) -> Fraction:
        """Return what no assignment is below, by counting."""
        problem = self._problem
        match stage:
            case "balance":
                return balance_bound(problem, self._counting)
            case "moves":
                return Fraction(int(banished(problem, self._today).sum()))
            case "moved load":
                return Fraction(load_of(problem, banished(problem, self._today)))
            case "lines":
                forced = banished(problem, self._natural) | (self._natural < 0)
                return Fraction(int(forced.sum()))
            case "survive" | "cost":
                return Fraction(0)

    def _built(self) -> AssignmentModel:
        """Build the model with all that is settled."""
        problem, values = self._problem, self._standing.values
        built = AssignmentModel(problem, self._standing.assignment)
        built.limit(self._load_limits())
        _limit_moves(problem, built)
        for stage, value in values.items():
            allowed = value * (1 + problem.tolerance)
            match stage:
                case "balance":
                    pass  # is a limit of loads already
                case "survive":
                    ceiling = problem.ceiling if problem.by_utilisation else 0
                    self._limit_loads(built, stage, self._limits(allowed + ceiling))
                case "cost" | "moves" | "moved load" | "lines":
                    expression, step, offset = self._objective(stage, built)
                    built.model.add(expression <= int((allowed - offset) / step))
        return built

    def _limit_loads(self, built: AssignmentModel, stage: Stage, limits: list[int]) -> None:
        """Let no exit carry more than its limit, in the problem's unit, in the stage's cases."""
        for exit_, load in _loads(built, stage):
            built.model.add(load <= min(limits[exit_] // built.unit, TOTAL_LIMIT))

    def _limits(self, value: Fraction) -> list[int]:
        """Return the load of each exit at a value of the balance."""
        if not self._problem.by_utilisation:
            return [int(value)] * self._problem.exits
        return [int(value * (capacity or 0)) for capacity in self._problem.capacities or ()]

    def _objective(
        self, stage: Stage, built: AssignmentModel
    ) -> tuple[Expression, Fraction, Fraction]:
        """Return what is to be minimised, in whole numbers; what 1 of it counts; and what 0 is."""
        problem = self._problem
        match stage:
            case "balance":
                largest = self._largest(built, _loads(built, stage), 0)
                return largest, self._counting.step, Fraction(0)
            case "survive":
                ceiling = problem.ceiling if problem.by_utilisation else Fraction(0)
                floor = self._counting.count_of(ceiling)
                largest = self._largest(built, _loads(built, stage), floor)
                return largest, self._counting.step, -ceiling
            case "cost":
                return self._price(built)
            case "moves":
                return built.away(self._today, [1] * problem.count), Fraction(1), Fraction(0)
            case "moved load":
                # Over all slots the sum may be beyond what a model takes: rounded down, then.
                unit = built.unit * max(1, -(-built.total * problem.slots // TOTAL_LIMIT))
                weights = [sum(loads) // unit for loads in problem.loads.T.tolist()]
                return built.away(self._today, weights), Fraction(unit), Fraction(0)
            case "lines":
                unknown = int((self._natural < 0).sum())
                away = built.away(self._natural, [1] * problem.count)
                return away, Fraction(1), Fraction(unknown)

    def _largest(
        self, built: AssignmentModel, loads: list[tuple[int, Expression]], floor: int
    ) -> Expression:
        largest = built.model.new_int_var(floor, TOTAL_LIMIT, "largest")
        for exit_, load in loads:
            built.model.add(load * self._counting.factors[exit_] <= largest)
        return largest

    def _price(self, built: AssignmentModel) -> tuple[Expression, Fraction, Fraction]:
        prices = self._problem.prices or ()
        of_exits = [Fraction(0) if p is None else p.rate for p in prices]
        rates, step = whole_rates(of_exits, built.total)
        commits = [0 if p is None else p.commit for p in prices]
        return built.price(rates, commits), step * built.unit, Fraction(0)

    def _improve_strictly(
        self, stage: Stage, standing: Standing, value: Fraction, bound: Fraction
    ) -> tuple[Standing, Fraction, Fraction]:
        """Look for a value below the one found, until there is proven to be none."""
        for _ in range(STRICT_ROUNDS):
            if value <= bound:
                break
            built = self._built()
            utilisation = value + (self._problem.ceiling if stage == "survive" else 0)
            below = [
                -int(-utilisation * (capacity or 0) // 1) - 1
                for capacity in self._problem.capacities or ()
            ]
            self._limit_loads(built, stage, below)
            found = search(built.model, self._limit)
            if found.verdict == "impossible":
                return standing, value, value
            if found.verdict == "nothing":
                break
            candidate = self._candidate(built, found)
            if not self._keeps(candidate):
                break
            standing, value = candidate, self._value(stage, candidate)
        return standing, value, bound
