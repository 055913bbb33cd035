"""A million prefixes on dozens of exits: divide and round, search, and prove.

The objectives are met one after another. For the balance see
:mod:`nornir_bgp.solver.scale_balance`; for the others a linear program says where the prefixes
of each kind should be (:mod:`nornir_bgp.solver.scale_program`), a local search brings that within
what the earlier objectives allow (:mod:`nornir_bgp.solver.scale_candidates`), and the best of a few
such candidates is taken. What stands is given up only for something that keeps every earlier
objective (:mod:`nornir_bgp.solver.scale_allowance`): an answer is never worse than the one before
it. Bounds are computed in whole numbers (:mod:`nornir_bgp.solver.scale_certificate`).

``moves`` has a meaning of its own here: the fewest prefixes that leave their exit of today, but
plans that move more than 5 % of the traffic rank after all that move less. The fewest moves may be
one prefix with a tenth of all traffic, where five small ones do as well.

Nothing here looks at a clock: the same problem has the same answer.
"""

from dataclasses import replace
from fractions import Fraction

from nornir_bgp.exceptions import InfeasibleError
from nornir_bgp.solver.answers import answer
from nornir_bgp.solver.backups import NO_CEILING, best_backups
from nornir_bgp.solver.infeasible import CeilingError
from nornir_bgp.solver.measures import (
    PERCENTILE_SLOTS,
    load_of,
    measure,
    moved_load,
    overridden,
)
from nornir_bgp.solver.problem import Exits, Objective, Problem
from nornir_bgp.solver.scale_allowance import Allowance
from nornir_bgp.solver.scale_balance import Balance, best_balance, limits_at, weights_of
from nornir_bgp.solver.scale_candidates import MUCH, candidates, moves_much, near_home
from nornir_bgp.solver.scale_certificate import fewest_away, least_cost
from nornir_bgp.solver.scale_program import Guided, guide
from nornir_bgp.solver.solution import Solution
from nornir_bgp.solver.stages import NONE_FOUND, NONE_THERE
from nornir_bgp.solver.standing import Standing


def solve(problem: Problem) -> Solution:
    """Assign prefixes to exits at any size.

    Args:
        problem: the problem.

    Returns:
        The solution; its bounds are proven in whole numbers.

    Raises:
        InfeasibleError: no assignment is feasible, which is proven; or none was found, and the
            message says so.
    """
    stages = _Stages(problem)
    for objective in problem.weighed:
        stages.meet(objective)
    solution = answer(problem, stages.standing, "scale", after_failure=stages.after_failure)
    achieved = tuple(
        replace(one, words=f"{one.words}; {stages.remarks[one.objective]}")
        if one.objective in stages.remarks
        else one
        for one in solution.achieved
    )
    return replace(solution, achieved=achieved)


class _Stages:
    """The objectives of one problem, one after another."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.allowed = Allowance.of(problem)
        self.certain = self.allowed.loads
        """Limits of the loads for proofs: what is as good as the value found, and no tighter."""
        self.balance = _feasible(problem)
        self.remarks: dict[Objective, str] = {}
        """What is to be added to the words of an objective."""
        if self.balance.alone is not None:
            alone = problem.prefix_name(self.balance.alone)
            self.remarks["balance"] = f"{alone} alone sets that bound"
        assignment = self._start()
        self.standing = Standing(assignment, self._backup(assignment))

    def meet(self, objective: Objective) -> None:
        """Improve the standing assignment in one objective, and bind the later ones to it."""
        problem, kept = self.problem, [self.standing]
        guided: Guided | None = None
        if objective != "balance" or self.allowed.others:
            guided = guide(problem, objective, self.allowed)
        for assignment in candidates(
            problem, objective, self.allowed, self.standing.assignment, self.balance, guided
        ):
            candidate = replace(
                self.standing, assignment=assignment, backup=self._backup(assignment)
            )
            if self.allowed.keeps(problem, assignment, candidate.backup):
                kept.append(candidate)
        best = min(kept, key=lambda candidate: self._rank(objective, candidate))
        value = measure(problem, objective, best.assignment, best.backup)
        bound = min(self._bound(objective, guided), value)
        self.standing = best.done(objective, value, bound)
        self._bind(objective, value, bound)
        if objective == "moves":
            fewest = min(measure(problem, "moves", candidate.assignment) for candidate in kept)
            if fewest < value:
                much = f"more than {float(MUCH) * 100:.0f} % of the load"
                self.remarks["moves"] = f"{int(fewest):,} would do, but with {much}"

    def after_failure(self, failure: Problem) -> Exits:
        """Put the prefixes of a failed exit on the others, within the ceiling if that can be."""
        ceiling = self.problem.ceiling if self.problem.by_utilisation else None
        weights = weights_of(failure)
        return best_balance(failure, weights, ceiling, rest=True, prove=False).assignment

    def _start(self) -> Exits:
        """Return an assignment within what the problem allows.

        Raises:
            InfeasibleError: none with so few moves exists, or none was found.
        """
        problem = self.problem
        if problem.max_moves is None or problem.today is None:
            return self.balance.assignment
        guided = guide(problem, "moves", replace(self.allowed, moves=None))
        for assignment in near_home(
            problem, problem.today, self.allowed, self.balance.assignment, guided
        ):
            if self.allowed.keeps(problem, assignment, None):
                return assignment
        least = 0 if guided is None else self._fewest(guided, problem.today)
        raise InfeasibleError(NONE_THERE if least > problem.max_moves else NONE_FOUND)

    def _backup(self, assignment: Exits) -> Exits | None:
        if not self.problem.backups or "survive" not in self.problem.weighed:
            return None
        return best_backups(self.problem, assignment, None, self.after_failure)

    def _rank(self, objective: Objective, standing: Standing) -> tuple[bool, Fraction, int]:
        """Order assignments by an objective; of equal moves or lines, by the load they concern."""
        problem, assignment = self.problem, standing.assignment
        value = measure(problem, objective, assignment, standing.backup)
        match objective:
            case "moves" if problem.today is not None:
                much = moves_much(problem, assignment, problem.today)
                return much, value, moved_load(problem, assignment)
            case "lines":
                return False, value, load_of(problem, overridden(problem, assignment))
            case _:
                return False, value, 0

    def _bound(self, objective: Objective, guided: Guided | None) -> Fraction:
        """Return what is proven to be the least value of an objective; 0 where nothing is."""
        problem = self.problem
        match objective:
            case "balance":
                return self.balance.bound
            case "moves" if guided is not None and problem.today is not None:
                return Fraction(self._fewest(guided, problem.today))
            case "lines" if problem.natural is not None:
                unknown = int((problem.natural < 0).sum())
                known = 0 if guided is None else self._fewest(guided, problem.natural)
                return Fraction(known + unknown)
            case "cost" if guided is not None and problem.slots < PERCENTILE_SLOTS:
                return least_cost(
                    problem, guided.slots, guided.marginal, guided.prices, self.certain
                )
            case _:
                return Fraction(0)

    def _fewest(self, guided: Guided, home: Exits) -> int:
        return fewest_away(self.problem, guided.slots, guided.prices, self.certain, home)

    def _bind(self, objective: Objective, value: Fraction, bound: Fraction) -> None:
        """Let later objectives worsen this one by the tolerance.

        Where the value is nearer than that to the bound, they may go as far as the tolerance
        from the bound: the proof stays as good as the tolerance.
        """
        slack = 1 + self.problem.tolerance
        most = bound * slack if value <= bound * slack else value * slack
        allowed = self.allowed
        match objective:
            case "balance":
                weights = weights_of(self.problem)
                self.allowed = replace(allowed, loads=limits_at(self.problem, weights, most))
                self.certain = limits_at(self.problem, weights, value * slack)
            case "survive":
                self.allowed = replace(allowed, survive=most)
            case "cost":
                self.allowed = replace(allowed, cost=most)
            case "moves":
                few = int(most) if allowed.moves is None else min(int(most), allowed.moves)
                self.allowed = replace(allowed, moves=few)
            case "lines":
                self.allowed = replace(allowed, lines=int(most))


def _feasible(problem: Problem) -> Balance:
    """Find an assignment within the capacities, and the best balance where that comes first.

    Raises:
        InfeasibleError: there is none, or none was found.
    """
    weights = weights_of(problem)
    if problem.capacities is None:
        return best_balance(problem, weights)
    first = problem.weighed[:1] == ("balance",) and problem.by_utilisation
    # without the ceiling as a limit: so the smallest that is enough is found, if this one is not
    free = replace(problem, ceiling=NO_CEILING)
    balance = best_balance(free, problem.capacities, problem.ceiling, rest=not first)
    if balance.value > problem.ceiling:
        known = NONE_THERE if balance.bound > problem.ceiling else NONE_FOUND
        raise CeilingError(known, enough=balance.value, least=balance.bound)
    if first:
        return balance
    best = best_balance(problem, weights, problem.ceiling if problem.by_utilisation else None)
    within = Allowance.of(problem).carries(problem, best.assignment)
    return best if within else replace(best, assignment=balance.assignment)
