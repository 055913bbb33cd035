"""Small problems of every kind, and their answer by trying every assignment.

The objectives are computed here once more, in plain Python, from their definition.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import product
from typing import get_args

from hypothesis import strategies as st

from nornir_bgp.solver import Objective, Price, Problem

Assignment = tuple[int, ...]


@st.composite
def problems(draw: st.DrawFn, *, simple: bool = False) -> Problem:
    """A problem of few prefixes with any of the facts that problems may have.

    A simple one is seldom too much for the knapsack: two exits of equal capacity, one slot.
    """
    exits = draw(st.integers(1, 2 if simple else 3))
    count = draw(st.integers(1, 5))
    slots = 1 if simple else draw(st.sampled_from((1, 1, 2, 20)))
    load = st.integers(0, draw(st.sampled_from((3, 50, 10**6))))
    size = slots * count
    flat = draw(st.lists(load, min_size=size, max_size=size))
    most = max(1, *(sum(flat[s * count : (s + 1) * count]) for s in range(slots)))
    where = st.none() | st.lists(st.integers(-1, exits - 1), min_size=count, max_size=count)
    capacity = st.integers(max(1, most // 3), most)
    capacities = st.lists(capacity | st.none(), min_size=exits, max_size=exits)
    if draw(st.booleans()) or simple:
        capacities = capacity.map(lambda c: [c] * exits)
    reach = st.frozensets(st.integers(0, exits - 1), min_size=1)
    fallback = [
        draw(
            st.lists(
                st.integers(-1, exits - 1).map(lambda e, f=failed: -1 if e == f else e),
                min_size=count,
                max_size=count,
            )
        )
        for failed in range(exits)
    ]
    price = st.builds(Price, st.fractions(0, 3, max_denominator=7), st.integers(0, most))
    base = st.lists(
        st.lists(st.integers(0, most // 2), min_size=exits, max_size=exits),
        min_size=slots,
        max_size=slots,
    )
    objectives = draw(st.permutations(get_args(Objective)))[: draw(st.integers(0, 5))]
    if simple:
        objectives = ["balance", *(o for o in objectives if o != "balance")]
    return Problem.of(
        [flat[s * count : (s + 1) * count] for s in range(slots)],
        exits,
        draw(st.none() | st.lists(reach, min_size=count, max_size=count)),
        capacities=draw(st.none() | capacities),
        ceiling=draw(st.sampled_from((Fraction(1), Fraction(19, 20), Fraction(3, 2)))),
        base=draw(st.none() | base),
        today=draw(where),
        natural=draw(where),
        fallback=draw(st.sampled_from((None, fallback))),
        backups=draw(st.booleans()),
        prices=draw(st.none() | st.lists(st.none() | price, min_size=exits, max_size=exits)),
        max_moves=None if simple else draw(st.sampled_from((None, None, 0, 1, 2))),
        objectives=objectives,
        tolerance=draw(st.sampled_from((Fraction(0), Fraction(1, 10_000), Fraction(1, 5)))),
    )


class Exhaustion:
    """Every assignment of a problem that is within its limits.

    Attributes:
        feasible: all of them.
        values: for each objective whose facts are given, in order, its best value among those
            that are as good (within the tolerance) in the objectives before.
        allowed: what is left of them after each.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.loads: list[list[int]] = problem.loads.tolist()
        every = product(*problem.reach)
        self.feasible = [a for a in every if self.within_limits(a)]
        self.values: dict[Objective, Fraction] = {}
        self.allowed: dict[Objective, Fraction] = {}
        left = self.feasible
        for objective in problem.weighed if left else ():
            left = self._best(left, lambda a, o=objective: self.value(o, a), objective)
            if objective == "moves":
                left = self._best(left, self.moved_load)

    def _best(
        self,
        left: Iterable[Assignment],
        value: Callable[[Assignment], Fraction],
        objective: Objective | None = None,
    ) -> list[Assignment]:
        valued = [(value(a), a) for a in left]
        best = min(v for v, _ in valued)
        limit = best * (1 + self.problem.tolerance)
        if objective is not None:
            self.values[objective] = best
            self.allowed[objective] = limit
        return [a for v, a in valued if v <= limit]

    def carried(self, assignment: Assignment) -> list[list[int]]:
        problem = self.problem
        base = [[0] * problem.exits for _ in self.loads] if problem.base is None else problem.base
        return [
            [
                int(anyway[e]) + sum(x for x, a in zip(slot, assignment, strict=True) if a == e)
                for e in range(problem.exits)
            ]
            for slot, anyway in zip(self.loads, base, strict=True)
        ]

    def within_limits(self, assignment: Assignment) -> bool:
        problem = self.problem
        for slot in self.carried(assignment):
            for load, capacity in zip(slot, problem.capacities or slot, strict=True):
                limited = problem.capacities is not None and capacity is not None
                if limited and load > problem.ceiling * capacity:
                    return False
        return problem.max_moves is None or self.moves(assignment) <= problem.max_moves

    def value(self, objective: Objective, assignment: Assignment) -> Fraction:
        match objective:
            case "balance":
                return self.balance(self.carried(assignment), range(self.problem.exits))
            case "survive":
                return self.survive(assignment)
            case "cost":
                return self.cost(assignment)
            case "moves":
                return Fraction(self.moves(assignment))
            case "lines":
                natural = self.problem.natural
                assert natural is not None
                return Fraction(sum(n != a for n, a in zip(natural, assignment, strict=True)))

    def balance(self, carried: list[list[int]], exits: Iterable[int]) -> Fraction:
        capacities = self.problem.capacities
        if capacities is None or None in capacities:
            capacities = (1,) * self.problem.exits
        return max(
            (Fraction(slot[e], capacities[e] or 1) for slot in carried for e in exits),
            default=Fraction(0),
        )

    def survive(self, assignment: Assignment) -> Fraction:
        worst = max(self.after_failure(f, assignment) for f in range(self.problem.exits))
        if not self.problem.by_utilisation:
            return worst
        return max(Fraction(0), worst - self.problem.ceiling)

    def after_failure(self, failed: int, assignment: Assignment) -> Fraction:
        problem = self.problem
        exits = [e for e in range(problem.exits) if e != failed]
        choices: list[tuple[int, ...]] = []
        for prefix, exit_ in enumerate(assignment):
            if exit_ != failed:
                choices.append((exit_,))
            elif problem.backups:
                choices.append(tuple(e for e in problem.reach[prefix] if e != failed) or (-1,))
            else:
                assert problem.fallback is not None
                choices.append((int(problem.fallback[failed, prefix]),))
        return min(self.balance(self.carried(after), exits) for after in product(*choices))

    def cost(self, assignment: Assignment) -> Fraction:
        carried = self.carried(assignment)
        rank = -(-len(carried) * 95 // 100) if len(carried) >= 20 else len(carried)
        total = Fraction(0)
        for exit_, price in enumerate(self.problem.prices or ()):
            if price is not None:
                load = sorted(slot[exit_] for slot in carried)[rank - 1]
                total += price.rate * max(0, load - price.commit)
        return total

    def away(self, assignment: Assignment) -> list[int]:
        today = self.problem.today
        if today is None:
            return []
        return [p for p, a in enumerate(assignment) if today[p] >= 0 and today[p] != a]

    def moves(self, assignment: Assignment) -> int:
        return len(self.away(assignment))

    def moved_load(self, assignment: Assignment) -> Fraction:
        return Fraction(sum(slot[p] for p in self.away(assignment) for slot in self.loads))
