"""Prefixes that are alike as one row, so that a million prefixes are a small linear program.

For what a linear program says about loads, prefixes that the same exits can carry are one divisible
amount (:class:`Rows`); for the later objectives they have to be alike in more (:class:`Kinds`). The
few heavy ones are not divisible: each is a row of its own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.problem import Objective, Problem

HEAVY_ROWS = 256
"""At most so many prefixes are rows of their own."""

HEAVY_CHOICES = 3_072
"""At most so many choices (a heavy prefix and an exit) a search has, which is what it costs."""

MASKS = 1_000
"""With more distinct masks than this, the light prefixes of the rarer ones use two exits each."""

BANDS = 128
"""Loads of one kind differ by less than the square root of two: 64 bits in so many bands."""

LP_SLOTS = 16
"""At most so many slots are in a linear program; leaving one out makes it no less of a bound."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a problem.

    Attributes:
        heavy: (rows of their own,): the prefix of each of the first rows, the heaviest first.
        row: (prefixes,): the row of each prefix.
        usable: (rows, exits): whether an exit carries a row.
        loads: (slots, rows).
        whole: each prefix may use every exit that reaches it; else some may use but two of them.
    """

    heavy: NDArray[np.int64]
    row: NDArray[np.int64]
    usable: NDArray[np.bool_]
    loads: NDArray[np.int64]
    whole: bool


class Kinds:
    """The rows of a problem for some of the later objectives, and the pools that rows share.

    Attributes:
        today: ``problem.today`` if it matters; likewise ``natural``.
        slots: the heaviest time slots, which a program speaks of.
        singles: the prefixes that are rows of their own: the first rows, the heaviest first.
        row: (prefixes,): the row of each; ``first``: (rows,), one prefix of each; ``counts``:
            (rows,), how many there are; ``loads``: (slots, rows).
        pool: (prefixes,): which ones the same exits can carry, and go on to the same ones;
            ``pool_first``: (pools,), one prefix of each.
    """

    def __init__(self, problem: Problem, used: frozenset[Objective]) -> None:
        self.today = problem.today if "moves" in used else None
        self.natural = problem.natural if "lines" in used else None
        self.slots = heaviest_slots(problem)
        peak = weight_of(problem)
        _, pool = np.unique(problem.masks, return_inverse=True)
        if "survive" in used and problem.fallback is not None and not problem.backups:
            for column in problem.fallback:
                _, pool = np.unique(pool * (problem.exits + 1) + column + 1, return_inverse=True)
        key = pool.astype(np.int64)
        for special in (self.today, self.natural):
            if special is not None:
                key = key * (problem.exits + 1) + special + 1
        bands = BANDS if problem.slots == 1 else BANDS // 16
        key = key * bands + (np.log2(np.maximum(peak, 1)) * bands / 64).astype(np.int64)
        self.singles = np.argsort(-peak, kind="stable")[:HEAVY_ROWS]
        key[self.singles] = np.arange(-len(self.singles), 0)
        _, self.first, self.row = np.unique(key, return_index=True, return_inverse=True)
        self.count = len(self.first)
        self.counts = np.bincount(self.row, minlength=self.count)
        self.loads = _added_up(problem.loads[self.slots], self.row, self.count)
        _, self.pool_first, self.pool = np.unique(pool, return_index=True, return_inverse=True)


def heaviest_slots(problem: Problem) -> NDArray[np.int64]:
    """Return the time slots with the most load, in their order."""
    totals = problem.loads.sum(axis=1)
    return np.sort(np.argsort(-totals, kind="stable")[:LP_SLOTS])


def usable_exits(masks: NDArray[np.uint64], exits: int) -> NDArray[np.bool_]:
    """Return (prefixes, exits): whether the bit of an exit is set."""
    usable = np.empty((len(masks), exits), dtype=np.bool_)
    for exit_ in range(exits):  # one by one: all at once would take 16 bytes for each
        usable[:, exit_] = masks >> np.uint64(exit_) & np.uint64(1)
    return usable


def nth_exit(usable: NDArray[np.bool_], number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (prefixes,): of each prefix that usable exit, counted from 0."""
    exits: NDArray[np.int64] = (usable.cumsum(axis=1) == (number + 1)[:, None]).argmax(axis=1)
    return exits


def weight_of(problem: Problem) -> NDArray[np.int64]:
    """Return (prefixes,): the load; with several slots, the largest one."""
    weight: NDArray[np.int64] = problem.loads.max(axis=0, initial=0)
    return weight


def rows_of(problem: Problem, weights: NDArray[np.float64]) -> Rows:
    """Put the heavy prefixes into rows of their own, and the others into one for each mask.

    Args:
        problem: the problem.
        weights: (exits,): what a load at an exit is divided by; whether a prefix is heavy depends
            on the largest one that it reaches.
    """
    distinct, mask = np.unique(problem.masks, return_inverse=True)
    usable = usable_exits(distinct, problem.exits)
    heavy = _heaviest(problem, np.where(usable, weights, 0.0).max(axis=1)[mask])
    key = mask.astype(np.int64)
    whole = len(distinct) <= MASKS
    masks = problem.masks
    if not whole:
        load = np.bincount(mask, weights=weight_of(problem)).astype(np.float64)
        masks = _simplified(distinct, usable, load)[mask]
        masks[heavy] = problem.masks[heavy]
        _, key = np.unique(masks, return_inverse=True)
    key[heavy] = np.arange(-len(heavy), 0)  # the first rows, in their order
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    return Rows(
        heavy=heavy,
        row=row.astype(np.int64),
        usable=usable_exits(masks[first], problem.exits),
        loads=_added_up(problem.loads, row, len(first)),
        whole=whole,
    )


def _simplified(
    distinct: NDArray[np.uint64], usable: NDArray[np.bool_], load: NDArray[np.float64]
) -> NDArray[np.uint64]:
    """Leave the masks with the most load as they are, and two exits of each other one.

    Which two goes round, so that they connect all exits with each other.
    """
    simple = distinct.copy()
    rare = np.argsort(-load, kind="stable")[MASKS:]
    counts = usable[rare].sum(axis=1)
    turn = np.arange(len(rare))
    step = 1 + turn // counts % np.maximum(counts - 1, 1)
    one, other = (
        nth_exit(usable[rare], turn % counts),
        nth_exit(usable[rare], (turn + step) % counts),
    )
    simple[rare] = np.uint64(1) << one.astype(np.uint64) | np.uint64(1) << other.astype(np.uint64)
    return simple


def _added_up(loads: NDArray[np.int64], row: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """Return (slots, rows): the load of each row."""
    added = np.zeros((len(loads), count), dtype=np.int64)
    for of_rows, of_slot in zip(added, loads, strict=True):
        np.add.at(of_rows, row, of_slot)
    return added


def _heaviest(problem: Problem, largest: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the prefixes that weigh most where they weigh least, the heaviest first."""
    weight = np.where(largest > 0, weight_of(problem) / np.maximum(largest, 1.0), 0.0)
    most = min(HEAVY_ROWS, max(problem.exits + 1, HEAVY_CHOICES // problem.exits))
    if len(weight) > most:
        heaviest = np.argpartition(-weight, most - 1)[:most]
    else:
        heaviest = np.arange(len(weight))
    heaviest = heaviest[weight[heaviest] > 0]
    return heaviest[np.lexsort((heaviest, -weight[heaviest]))].astype(np.int64)
