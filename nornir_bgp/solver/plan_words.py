"""A plan in sentences: what was reached, how it is known, and what is to be heeded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.models.plan import ExitPlan
from nornir_bgp.solver.overlaps import ONE_IN, doubled
from nornir_bgp.solver.problem import Problem
from nornir_bgp.solver.solution import Solution
from nornir_bgp.wording import shortened

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What a plan was made from, beside the problem.

    Attributes:
        names: every predicted prefix that an exit reaches.
        weights: its load over all slots.
        chosen: whether it is planned.
        unrouted: the prefixes that no exit reaches.
        strangers: how many routes lead to prefixes that nobody predicts, in a list of routes.
        idle: the selectors of pins and bans that select no predicted prefix.
        assumed: how many prefixes are counted at the first exit that reaches them.
        lost: how many BGP sends to none of our gateways.
        drained: the gateways that are kept free of traffic.
        bound: the prefixes that they alone reach.
        remarks: more that is to be heeded.
    """

    names: Sequence[str]
    weights: NDArray[np.int64] | NDArray[np.object_]
    chosen: NDArray[np.bool_]
    unrouted: tuple[str, ...]
    strangers: int
    idle: tuple[str, ...]
    assumed: int
    lost: int
    drained: tuple[str, ...]
    bound: Sequence[str]
    remarks: tuple[str, ...]


def is_drained(gateway: str) -> str:
    """Say that a gateway is kept free of traffic, and how that ends."""
    return f"{gateway} is drained (nornir-bgp undrain {gateway} ends that)"


def explained(
    problem: Problem, solution: Solution, facts: Facts, exits: Sequence[ExitPlan]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Say what a plan is.

    Returns:
        All sentences, and those among them that are to be heeded, which come last.
    """
    warnings = (*_unknown_capacities(problem), *_warnings(facts))
    return (*_reached(problem, solution), *_left(facts, exits), *warnings), warnings


def _reached(problem: Problem, solution: Solution) -> Iterator[str]:
    yield from (achieved.words for achieved in solution.achieved)
    for objective in problem.objectives:
        missing = problem.missing(objective)
        if missing is not None:
            yield f"{objective} was passed over: {missing}"
    yield f"solver: {solution.reason}"


def _unknown_capacities(problem: Problem) -> Iterator[str]:
    """Say what a plan cannot heed, since it is not known what an exit carries."""
    unknown = [
        problem.exit_name(e)
        for e, capacity in enumerate(problem.capacities or (None,) * problem.exits)
        if capacity is None
    ]
    if not unknown:
        return
    if problem.ceiling < 1:
        yield f"the ceiling does not hold where no capacity is known: {shortened(unknown, _SHOWN)}"
    if problem.capacities is not None:
        yield (
            f"the capacity of {shortened(unknown, _SHOWN)} is not known: loads are balanced, and "
            "not utilisations"
        )


def _left(facts: Facts, exits: Sequence[ExitPlan]) -> Iterator[str]:
    """Say what is not planned, and where it is counted."""
    left = int((~facts.chosen).sum())
    if left:
        total, carried = int(facts.weights.sum()), int(facts.weights[facts.chosen].sum())
        share = f"{carried / total:.2%}" if total else "all"
        counted = [f"{exit_.rest:,} at {exit_.gateway}" for exit_ in exits if exit_.rest]
        yield (
            f"{len(facts.names) - left:,} of {len(facts.names):,} prefixes carry {share} of the "
            f"traffic and are planned; {left:,} are left to BGP"
            + (f", their load is counted where it sends them: {', '.join(counted)}" * bool(counted))
        )
    if facts.unrouted:
        yield (
            f"no gateway has a route to {shortened(facts.unrouted, _SHOWN)}: not planned, and not "
            "counted"
        )
    if facts.strangers:
        yield f"{facts.strangers:,} of the given routes lead to prefixes that are not predicted"


def _warnings(facts: Facts) -> Iterator[str]:
    yield from facts.remarks
    yield from map(is_drained, facts.drained)
    if facts.bound:
        yield f"only a drained gateway has a route to {shortened(facts.bound, _SHOWN)}: it stays"
    if facts.assumed:
        yield (
            f"where BGP sends {facts.assumed:,} of the prefixes that are left to it is not known: "
            "each is counted at the first gateway that reaches it"
        )
    if facts.lost:
        yield f"{facts.lost:,} of the prefixes that are left to BGP leave by no gateway of ours"
    for selector in facts.idle:
        yield f"no predicted prefix is selected by {selector}, which is pinned or banned"
    twice = doubled(facts.names, facts.weights)
    for one in twice[:_SHOWN]:
        yield (
            f"{one.prefix} is predicted with {one.load:,}, and {one.parts:,} prefixes in it with "
            f"{one.parts_load:,} together, less than {1 / ONE_IN:.0%} apart: is the same traffic "
            "counted twice?"
        )
    if len(twice) > _SHOWN:
        yield f"{len(twice) - _SHOWN:,} more prefixes look counted twice"
