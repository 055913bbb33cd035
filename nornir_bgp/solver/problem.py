"""The assignment problem, as pure numbers; its answer is in :mod:`nornir_bgp.solver.solution`.

Prefixes and exits are their positions: the caller keeps the names, and gives them only for the
sentences in which an answer is explained.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.models import planning
from nornir_bgp.solver.problem_checks import (
    checked_fallback,
    checked_loads,
    checked_masks,
    checked_options,
    checked_whereabouts,
    exact_sum,
    plain_loads,
    plain_masks,
    read_only,
)

Exits = NDArray[np.int16]
"""(prefixes,): an exit for each prefix; -1: none."""

Objective = planning.Objective
Choice = planning.SolverChoice


@dataclass(frozen=True, slots=True)
class Price:
    """What an exit's provider asks.

    Attributes:
        rate: the price of each unit of load above ``commit``; 0 or more.
        commit: the load that is paid for anyway. What is billed is the load of the worst slot;
            where there are 20 slots or more, their 95th percentile, as providers do.
    """

    rate: Fraction
    commit: int = 0


class Details(TypedDict, total=False):
    """What a problem may have beside loads, exits and reach; see :class:`Problem`."""

    capacities: Sequence[int | None] | None
    ceiling: Fraction
    base: Sequence[Sequence[int]] | NDArray[np.int64] | None
    today: Sequence[int] | NDArray[np.int16] | None
    natural: Sequence[int] | NDArray[np.int16] | None
    fallback: Sequence[Sequence[int]] | NDArray[np.int16] | None
    backups: bool
    prices: Sequence[Price | None] | None
    max_moves: int | None
    objectives: Sequence[Objective]
    tolerance: Fraction
    exit_names: Sequence[str]
    prefix_names: Sequence[str]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Problem:
    """Put each prefix on one exit.

    What is feasible comes first, always: the exits that reach a prefix; with capacities,
    ``loads + base <= ceiling * capacity`` for each exit in each slot; and ``max_moves``. Then the
    objectives count, in their order. Each later one may worsen an earlier one by at most the share
    ``tolerance`` of its value. An objective whose facts are not given (see :meth:`missing`) is
    passed over.

    - ``balance``: the largest utilisation where every exit has a capacity, else the largest load,
      over exits and slots.
    - ``survive``: how far, after the failure of any single exit, the largest utilisation of a
      remaining one is above the ceiling; where not every exit has a capacity, the largest load.
      Prefixes go where ``fallback`` says or, with ``backups``, where the solver plans it; a prefix
      without a fallback is no load to any exit. The failed exit's ``base`` is not moved: nobody
      has said where it would go.
    - ``cost``: the sum of the exits' prices, for ``base`` too.
    - ``moves``: how many prefixes leave ``today``; of equally many, the least load, unless
      ``dp`` has an answer of its own, which gives the first exit less.
    - ``lines``: how many prefixes need an override, those not at ``natural``.

    Attributes:
        loads: (slots, prefixes), the load of each prefix in each time slot, 0 or more.
        masks: (prefixes,), bit e is set where exit e can carry the prefix; never 0.
        exits: how many exits there are, 1 to 64.
        capacities: what each exit carries, in the unit of the loads; ``None``: unknown.
        ceiling: the share of a capacity that may be used.
        base: (slots, exits), load that is there anyway.
        today: (prefixes,), the exit now; -1: none, or several.
        natural: (prefixes,), the exit without any override; -1: unknown.
        fallback: (exits, prefixes), the exit where BGP sends the prefix when that one has failed;
            -1: none.
        backups: the solver chooses the backup of each prefix.
        prices: the price of each exit; ``None``: it costs nothing.
        max_moves: at most so many prefixes leave ``today``.
        objectives: what counts, the most important first.
        tolerance: how much a later objective may cost an earlier one.
        exit_names: the names of the exits in sentences; empty: their positions.
        prefix_names: the same of the prefixes.

    Raises:
        InputError: something does not fit together; the message says what.
    """

    loads: NDArray[np.int64]
    masks: NDArray[np.uint64]
    exits: int
    capacities: tuple[int | None, ...] | None = None
    ceiling: Fraction = Fraction(1)
    base: NDArray[np.int64] | None = None
    today: NDArray[np.int16] | None = None
    natural: NDArray[np.int16] | None = None
    fallback: NDArray[np.int16] | None = None
    backups: bool = False
    prices: tuple[Price | None, ...] | None = None
    max_moves: int | None = None
    objectives: tuple[Objective, ...] = ("balance", "moves")
    tolerance: Fraction = Fraction(1, 10_000)
    exit_names: Sequence[str] = ()
    prefix_names: Sequence[str] = ()

    def __post_init__(self) -> None:
        base = None if self.base is None else np.asarray(self.base, dtype=np.int64)
        loads = checked_loads(self.loads, base, self.exits)
        count = loads.shape[1]
        checked_options(self, count)
        for name, value in (
            ("loads", loads),
            ("base", base),
            ("masks", checked_masks(self.masks, count, self.exits)),
            ("today", checked_whereabouts("today", self.today, count, self.exits)),
            ("natural", checked_whereabouts("natural", self.natural, count, self.exits)),
            ("fallback", checked_fallback(self.fallback, count, self.exits)),
        ):
            object.__setattr__(self, name, read_only(value))

    @classmethod
    def of(
        cls,
        loads: Sequence[int] | Sequence[Sequence[int]],
        exits: int,
        reach: Sequence[Collection[int]] | None = None,
        **details: Unpack[Details],
    ) -> "Problem":
        """Make a problem from plain values.

        Args:
            loads: the load of each prefix; or for each slot such a list.
            exits: how many exits there are.
            reach: for each prefix the exits that can carry it; ``None``: each exit carries each.
            **details: the other attributes, as plain sequences where they are arrays.

        Raises:
            InputError: a load is not a whole number of 0 or more, or something does not fit.
        """
        matrix = plain_loads(loads)
        arrays = {
            name: np.asarray(value, dtype=np.int64)
            for name in ("base", "today", "natural", "fallback")
            if (value := details.get(name)) is not None
        }
        tuples = {
            name: tuple(value)
            for name in ("capacities", "prices", "objectives")
            if isinstance(value := details.get(name), Sequence)
        }
        return cls(
            loads=matrix,
            masks=plain_masks(reach, matrix.shape[1], exits),
            exits=exits,
            **{**details, **arrays, **tuples},  # type: ignore[arg-type]
        )

    @property
    def count(self) -> int:
        """How many prefixes there are."""
        return int(self.loads.shape[1])

    @property
    def slots(self) -> int:
        """How many time slots there are."""
        return int(self.loads.shape[0])

    @property
    def total(self) -> int:
        """The sum of the prefixes' loads, in the heaviest slot."""
        return max(exact_sum(slot) for slot in self.loads)

    @property
    def by_utilisation(self) -> bool:
        """Whether the balance is one of utilisation: every exit has a capacity."""
        return self.capacities is not None and None not in self.capacities

    @property
    def limits(self) -> tuple[int | None, ...]:
        """What each exit may carry, ``base`` included; ``None``: there is no limit."""
        return tuple(
            None if capacity is None else int(self.ceiling * capacity)
            for capacity in self.capacities or (None,) * self.exits
        )

    def missing(self, objective: Objective) -> str | None:
        """Say why an objective is passed over, or ``None``: its facts are there."""
        match objective:
            case "balance":
                return None
            case "survive":
                known = self.backups or self.fallback is not None
                return None if known else "where BGP sends the prefixes of a failed exit is unknown"
            case "cost":
                return None if any(self.prices or ()) else "no exit has a price"
            case "moves":
                known = self.today is not None and bool((self.today >= 0).any())
                return None if known else "the exits of today are unknown"
            case "lines":
                known = self.natural is not None and bool((self.natural >= 0).any())
                return None if known else "the exits without any override are unknown"

    @property
    def weighed(self) -> tuple[Objective, ...]:
        """The objectives that are not passed over, in their order."""
        return tuple(o for o in self.objectives if self.missing(o) is None)

    @property
    def reach(self) -> list[tuple[int, ...]]:
        """For each prefix the exits that can carry it, in ascending order."""
        masks = self.masks.tolist()
        exits = {mask: tuple(e for e in range(self.exits) if mask >> e & 1) for mask in set(masks)}
        return [exits[mask] for mask in masks]

    def carried(self, assignment: NDArray[np.int16] | Sequence[int]) -> NDArray[np.int64]:
        """Return the load of each exit in each slot, ``base`` included: (slots, exits)."""
        chosen = np.asarray(assignment, dtype=np.int64)
        carried = np.zeros((self.slots, self.exits), dtype=np.int64)
        if self.base is not None:
            carried += self.base
        for slot, loads in zip(carried, self.loads, strict=True):
            np.add.at(slot, chosen, loads)
        return carried

    def balance(self, carried: NDArray[np.int64]) -> Fraction:
        """Return the largest utilisation (or load) of (slots, exits) loads."""
        largest = [int(load) for load in carried.max(axis=0)]
        if not self.by_utilisation or self.capacities is None:
            return Fraction(max(largest))
        return max(
            Fraction(load, capacity or 1)
            for load, capacity in zip(largest, self.capacities, strict=True)
        )

    def exit_name(self, exit_: int) -> str:
        """Return how sentences call an exit."""
        return self.exit_names[exit_] if self.exit_names else f"exit {exit_}"

    def prefix_name(self, prefix: int) -> str:
        """Return how sentences call a prefix."""
        return self.prefix_names[prefix] if self.prefix_names else f"prefix {prefix}"
