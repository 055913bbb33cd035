"""The assignment problem and its answer, as pure numbers.

Prefixes and exits are their positions: the caller keeps the names.
"""

from dataclasses import dataclass
from typing import Literal

from nornir_bgp.exceptions import InputError

Status = Literal["optimal", "optimal, spread not proven", "feasible"]
"""What is proven: the largest load and the spread; the largest load alone; neither."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Put each prefix on one exit so that the largest exit load is as small as possible.

    Attributes:
        loads: the load of each prefix, a whole number in the unit of the predictions.
        exits: how many exits there are.
        reach: for each prefix the exits that can carry it; ``None``: each exit carries each
            prefix.

    Raises:
        InputError: a load is not a whole number of 0 or more, there is no exit, or ``reach`` does
            not fit the loads and the exits.
    """

    loads: tuple[int, ...]
    exits: int
    reach: tuple[frozenset[int], ...] | None = None

    def __post_init__(self) -> None:
        if self.exits < 1:
            raise InputError(f"there are {self.exits} exits; a plan needs at least one")
        for prefix, load in enumerate(self.loads):
            if type(load) is not int or load < 0:
                raise InputError(f"load {load!r} of prefix {prefix} is not a whole number >= 0")
        if self.reach is not None:
            self._check_reach(self.reach)

    def _check_reach(self, reach: tuple[frozenset[int], ...]) -> None:
        if len(reach) != len(self.loads):
            raise InputError(f"reach is given for {len(reach)} of {len(self.loads)} prefixes")
        every_exit = frozenset(range(self.exits))
        for prefix, exits in enumerate(reach):
            if not exits:
                raise InputError(f"no exit reaches prefix {prefix}; leave it out as unrouted")
            if not exits <= every_exit:
                raise InputError(
                    f"prefix {prefix} is reached by exits {sorted(exits)}, "
                    f"but there are only exits 0 to {self.exits - 1}"
                )

    @property
    def total(self) -> int:
        """The sum of all loads."""
        return sum(self.loads)

    def exits_of(self, prefix: int) -> tuple[int, ...]:
        """Return the exits that can carry a prefix, in ascending order."""
        if self.reach is None:
            return tuple(range(self.exits))
        return tuple(sorted(self.reach[prefix]))

    def exit_loads(self, assignment: tuple[int, ...]) -> tuple[int, ...]:
        """Return the load of each exit under an assignment (prefix -> exit)."""
        totals = [0] * self.exits
        for load, chosen in zip(self.loads, assignment, strict=True):
            totals[chosen] += load
        return tuple(totals)


@dataclass(frozen=True, slots=True)
class Solution:
    """An assignment with the proof of its quality.

    Attributes:
        assignment: the exit of each prefix, in input order.
        loads: the load of each exit.
        bound: a proven lower bound of the largest exit load of any assignment.
        optimal: the largest exit load is proven to be the smallest possible.
        status: what is proven in words, the spread (largest minus smallest load) included.
        solver: what found it: ``dp`` or ``cpsat``.
        reason: why that solver was used.
    """

    assignment: tuple[int, ...]
    loads: tuple[int, ...]
    bound: int
    optimal: bool
    status: Status
    solver: Literal["dp", "cpsat"]
    reason: str = ""

    @property
    def largest(self) -> int:
        """The largest exit load."""
        return max(self.loads)

    @property
    def spread(self) -> int:
        """The largest exit load minus the smallest."""
        return max(self.loads) - min(self.loads)

    @property
    def gap(self) -> float:
        """How far the largest load may be from the best: (largest - bound) / largest, or 0."""
        return (self.largest - self.bound) / self.largest if self.largest else 0.0
