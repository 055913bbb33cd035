"""From a solver's answer, which knows positions, to a plan, which knows names."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.models.plan import Exit, ExitPlan, GatewayPlan, Plan
from nornir_bgp.solver.plan_words import Facts, explained
from nornir_bgp.solver.problem import Problem
from nornir_bgp.solver.solution import Solution


def named_plan(
    planned: Sequence[str],
    problem: Problem,
    solution: Solution,
    exits: Sequence[Exit],
    base: NDArray[np.int64],
    facts: Facts,
) -> Plan:
    """Give an answer its names.

    What the solver answers is right in type and range: a million prefixes are not checked again.

    Args:
        planned: the names of the problem's prefixes.
        problem: what was asked.
        solution: the answer.
        exits: the problem's exits.
        base: (slots, exits), the load that is left to BGP.
        facts: what the plan was made from, beside the problem.
    """
    slot = _worst_slot(problem, solution)
    carried = solution.loads[slot].tolist()
    everywhere = solution.loads.tolist()
    several = len(everywhere) > 1
    chosen = _by_exit(planned, solution.assignment, len(exits))
    backups = _by_exit(planned, solution.backup, len(exits)) if solution.backup is not None else ()
    plans = tuple(
        ExitPlan.model_construct(
            **dict(exit_),
            load=carried[e],
            prefixes=chosen[e],
            rest=int(base[slot, e]),
            utilisation=carried[e] / exit_.capacity if exit_.capacity else None,
            overrides=None,
            backups=backups[e] if backups else (),
            slots=tuple(loads[e] for loads in everywhere) if several else (),
        )
        for e, exit_ in enumerate(exits)
    )
    largest = [
        Fraction(load, exit_.capacity)
        for loads in everywhere
        for load, exit_ in zip(loads, exits, strict=True)
        if exit_.capacity
    ]
    explanation, warnings = explained(problem, solution, facts, plans)
    return Plan.model_construct(
        total_load=sum(carried),
        solver=solution.solver,
        reason=solution.reason,
        optimal=solution.optimal,
        status=solution.status,
        max_utilisation=float(max(largest)) if largest else None,
        bound=float(solution.bound) if problem.by_utilisation else -int(-solution.bound // 1),
        gap=solution.gap,
        moved=_moved(problem, solution, exits),
        must_move=_must_move(problem),
        lines=None,
        exits=plans,
        gateways=_per_gateway(plans),
        loads=dict(zip(planned, problem.loads[slot].tolist(), strict=True)),
        unrouted=facts.unrouted,
        drained=facts.drained,
        left=len(facts.names) - len(planned),
        slot=slot if several else None,
        error=None,
        explanation=explanation,
        warnings=warnings,
        prediction=None,
    )


def _worst_slot(problem: Problem, solution: Solution) -> int:
    """The slot in which the largest utilisation (or load) is met, the first of equals."""
    worst = [problem.balance(solution.loads[slot : slot + 1]) for slot in range(problem.slots)]
    return worst.index(max(worst))


def _by_exit(
    planned: Sequence[str], exit_of: NDArray[np.int16], exits: int
) -> tuple[tuple[str, ...], ...]:
    """The prefixes of each exit, in prediction order."""
    return tuple(
        tuple(planned[n] for n in np.flatnonzero(exit_of == e).tolist()) for e in range(exits)
    )


def _moved(problem: Problem, solution: Solution, exits: Sequence[Exit]) -> int | None:
    """How many prefixes leave the gateway of today."""
    if problem.today is None:
        return None
    position = first_exits(exits)
    gateway = np.array([position[exit_.gateway] for exit_ in exits], dtype=np.int16)
    then = gateway[solution.assignment]
    return int(((problem.today >= 0) & (problem.today != then)).sum())


def _must_move(problem: Problem) -> int:
    """How many prefixes may not stay where they are today."""
    if problem.today is None:
        return 0
    settled = problem.today >= 0
    today = problem.today[settled].astype(np.uint64)
    return int(((problem.masks[settled] >> today) & np.uint64(1) == 0).sum())


def _per_gateway(exits: Sequence[ExitPlan]) -> dict[str, GatewayPlan]:
    return {
        gateway: GatewayPlan.model_construct(
            load=sum(e.load for e in exits if e.gateway == gateway),
            prefixes=tuple(p for e in exits if e.gateway == gateway for p in e.prefixes),
        )
        for gateway in dict.fromkeys(e.gateway for e in exits)
    }


def first_exits(exits: Sequence[Exit]) -> dict[str, int]:
    """Return the position of each gateway's first exit."""
    return {exit_.gateway: e for e, exit_ in reversed(list(enumerate(exits)))}
