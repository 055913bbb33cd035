"""From predictions and exits, with their names, to a plan."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.plan import Exit, Plan
from nornir_bgp.models.planning import Planning, exact
from nornir_bgp.solver.choose import Choice, solve
from nornir_bgp.solver.heavy_hitters import heavy_hitters, weights_of
from nornir_bgp.solver.named_plan import first_exits, named_plan
from nornir_bgp.solver.pins import Tagged, steered
from nornir_bgp.solver.plan_words import Facts
from nornir_bgp.solver.problem import Price, Problem

MAX_EXITS = 64
"""The exits of a prefix are the bits of one number."""

Loads = Mapping[str, int] | Sequence[Mapping[str, int]]
"""The predicted load of each prefix; or for each time slot such a mapping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the network when a plan is made.

    Attributes:
        today: prefix -> the gateway that all its traffic leaves by now; ``None``: not known.
        natural: prefix -> the gateway that BGP sends it to by itself, ``None``: to none of ours. A
            prefix whose gateway is not known is missing; ``None``: nothing is known.
        fallback: gateway -> prefix -> the gateway that BGP sends it to when that one's exit has
            failed; likewise.
        drained: the gateways that carry nothing that another one can.
        tagged: the prefixes of the communities that pins and bans name.
        remarks: what is to be heeded, as sentences.
    """

    today: Mapping[str, str] | None = None
    natural: Mapping[str, str | None] | None = None
    fallback: Mapping[str, Mapping[str, str | None]] | None = None
    drained: tuple[str, ...] = ()
    tagged: Tagged = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def make_plan(
    loads: Loads,
    exits: Sequence[Exit],
    reach: Sequence[Collection[str] | None] | None = None,
    *,
    solver: Choice = "auto",
    planning: Planning | None = None,
    known: Known | None = None,
    max_moves: int | None = None,
) -> Plan:
    """Assign each predicted prefix to an exit.

    Args:
        loads: the predicted load of each prefix, in the order of the prediction; of several slots
            the one assignment is made that is best in the worst of them.
        exits: the exits, in inventory order; the first of equals takes the smaller share.
        reach: for each exit the prefixes that it has a route to; ``None``: every prefix.
        solver: ``dp``, ``cpsat``, ``scale`` or ``auto``.
        planning: what is asked of the plan; ``None``: the defaults.
        known: what is known of the network; ``None``: nothing.
        max_moves: at most so many prefixes leave the gateway of today; ``None``: any number.

    Returns:
        The plan. A prefix that no exit reaches is named as unrouted and not counted. A prefix
        that is left to BGP is counted where BGP sends it; where that is not known, at the first
        exit that reaches it, and the plan says so.

    Raises:
        SolverLimitError: the chosen solver cannot do this problem.
        InputError: a pin or a ban names no gateway, or they contradict each other.
        RefusedError: pins and bans leave no gateway; or no plan is feasible.
    """
    if len(exits) > MAX_EXITS:
        raise InputError(f"there are {len(exits)} exits; a plan takes at most {MAX_EXITS}")
    planning, known = planning or Planning(), known or Known()
    slots = [loads] if isinstance(loads, Mapping) else list(loads)
    names = list(slots[0] if len(slots) == 1 else dict.fromkeys(p for s in slots for p in s))
    amounts = np.array(
        [np.fromiter(map(slot.get, names, repeat(0)), np.int64, len(names)) for slot in slots]
    )
    masks, strangers = _masks(names, exits, reach)
    routed = np.flatnonzero(masks)
    unrouted = tuple(names[n] for n in np.flatnonzero(masks == 0).tolist())
    names = [names[n] for n in routed.tolist()] if unrouted else names
    amounts, masks = amounts[:, routed], masks[routed]
    masks, bound = _undrained(masks, exits, known.drained)
    ways = steered(names, masks, [e.gateway for e in exits], planning, known.tagged, known.drained)
    weights = weights_of(amounts)
    chosen = heavy_hitters(weights, exact(planning.coverage), ways.named) & ~bound
    rest = _rest(names, amounts, masks, (~chosen, bound), exits, known)
    planned = [names[n] for n in np.flatnonzero(chosen).tolist()]
    problem = _problem(
        planned,
        amounts[:, chosen],
        ways.masks[chosen],
        exits,
        rest.base,
        planning,
        known,
        max_moves,
    )
    solution = solve(problem, solver)
    facts = Facts(
        names=names,
        weights=weights,
        chosen=chosen,
        unrouted=unrouted,
        strangers=strangers,
        idle=ways.idle,
        assumed=rest.assumed,
        lost=rest.lost,
        drained=known.drained,
        bound=[names[n] for n in np.flatnonzero(bound).tolist()],
        remarks=known.remarks,
    )
    return named_plan(planned, problem, solution, exits, rest.base, facts)


@dataclass(frozen=True, slots=True)
class _Rest:
    """The load that is left to BGP.

    Attributes:
        base: (slots, exits), where it is counted.
        assumed: how many prefixes are counted at the first exit that reaches them, since it is not
            known where BGP sends them.
        lost: how many BGP sends to none of our gateways; they are not counted.
    """

    base: NDArray[np.int64]
    assumed: int = 0
    lost: int = 0


def _masks(
    names: Sequence[str], exits: Sequence[Exit], reach: Sequence[Collection[str] | None] | None
) -> tuple[NDArray[np.uint64], int]:
    """Return the exits of each prefix, and how many prefixes they reach that nobody predicts."""
    masks = np.zeros(len(names), dtype=np.uint64)
    index: dict[str, int] = {}
    strangers = 0
    for e, reached in enumerate(reach or (None,) * len(exits)):
        bit = np.uint64(1 << e)
        if reached is None:
            masks |= bit
        elif isinstance(reached, AbstractSet):
            masks[np.fromiter(map(reached.__contains__, names), np.bool_, len(names))] |= bit
        else:
            index = index or {prefix: n for n, prefix in enumerate(names)}
            found = np.fromiter(map(index.get, reached, repeat(-1)), np.intp, len(reached))
            masks[found[found >= 0]] |= bit
            strangers += int((found < 0).sum())
    return masks, strangers


def _undrained(
    masks: NDArray[np.uint64], exits: Sequence[Exit], drained: Collection[str]
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Take drained gateways from the exits of each prefix that has others.

    Returns:
        The exits, and whether a prefix has no others and so stays.
    """
    bits = np.uint64(sum(1 << e for e, exit_ in enumerate(exits) if exit_.gateway in drained))
    bound = (masks & ~bits) == 0
    return np.where(bound, masks, masks & ~bits), bound


def _rest(
    names: Sequence[str],
    amounts: NDArray[np.int64],
    masks: NDArray[np.uint64],
    left: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    exits: Sequence[Exit],
    known: Known,
) -> _Rest:
    """Count the load that is left to BGP where BGP sends it.

    Args:
        names: every predicted prefix that an exit reaches.
        amounts: (slots, prefixes), its load.
        masks: its exits.
        left: whether it is not planned, and whether a drained gateway alone reaches it.
        exits: the exits.
        known: where BGP sends it.
    """
    position = first_exits(exits)
    natural = known.natural or {}
    unplanned, bound = left
    rest = np.flatnonzero(unplanned)
    exit_of = _first_of(masks[rest], len(exits))
    is_known = np.zeros(len(rest), dtype=np.bool_)
    for n, prefix in enumerate(names[i] for i in rest.tolist()) if natural else ():
        if prefix in natural and not bound[rest[n]]:
            gateway = natural[prefix]
            exit_of[n], is_known[n] = -1 if gateway is None else position[gateway], True
    leaves = exit_of >= 0
    base = np.zeros((len(amounts), len(exits)), dtype=np.int64)
    for sums, loads in zip(base, amounts[:, rest[leaves]], strict=True):
        np.add.at(sums, exit_of[leaves], loads)
    assumed = int((~is_known & ~bound[rest]).sum())
    return _Rest(base, assumed, lost=int((~leaves).sum()))


def _first_of(masks: NDArray[np.uint64], exits: int) -> NDArray[np.intp]:
    """The first exit of each mask."""
    first = np.zeros(len(masks), dtype=np.intp)
    for e in reversed(range(exits)):
        first[(masks >> np.uint64(e)) & np.uint64(1) != 0] = e
    return first


def _problem(
    planned: Sequence[str],
    amounts: NDArray[np.int64],
    masks: NDArray[np.uint64],
    exits: Sequence[Exit],
    base: NDArray[np.int64],
    planning: Planning,
    known: Known,
    max_moves: int | None,
) -> Problem:
    position = first_exits(exits)

    def at(gateways: Mapping[str, str | None]) -> NDArray[np.int16]:
        found = (position.get(gateways.get(p) or "", -1) for p in planned)
        return np.fromiter(found, np.int16, len(planned))

    capacities = tuple(exit_.capacity for exit_ in exits)
    prices = tuple(
        None if exit_.cost is None else Price(exact(exit_.cost), exit_.commit) for exit_ in exits
    )
    fallback = None
    if known.fallback is not None:
        fallback = np.array([at(known.fallback.get(exit_.gateway, {})) for exit_ in exits])
    return Problem(
        loads=amounts,
        masks=masks,
        exits=len(exits),
        capacities=capacities if any(capacities) else None,
        ceiling=exact(planning.ceiling),
        base=base if base.any() else None,
        today=None if known.today is None else at(known.today),
        natural=None if known.natural is None else at(known.natural),
        fallback=fallback,
        backups=planning.backups,
        prices=prices if any(prices) else None,
        max_moves=max_moves,
        objectives=planning.objectives,
        tolerance=exact(planning.tolerance),
        exit_names=[f"{exit_.gateway} to {exit_.upstream}" for exit_ in exits],
        prefix_names=planned,
    )
