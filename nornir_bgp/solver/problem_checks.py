"""What makes a problem one: checks of its numbers."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.planning import Objective

if TYPE_CHECKING:
    from nornir_bgp.solver.problem import Problem

MOST_EXITS = 64
"""One bit of a mask for each."""


def plain_loads(loads: Sequence[int] | Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Return loads of one slot, or of several, as (slots, prefixes).

    Raises:
        InputError: a load is not a whole number from 0 to 2**63 - 1, or slots differ in length.
    """
    slots = [loads] if not loads or not isinstance(loads[0], Sequence) else loads
    for slot in slots:
        if not isinstance(slot, Sequence) or len(slot) != len(slots[0]):  # type: ignore[arg-type]
            raise InputError("each slot must have the load of each prefix")
        for prefix, load in enumerate(slot):
            if type(load) is not int or not 0 <= load < 2**63:
                raise InputError(f"load {load!r} of prefix {prefix} is not a whole number >= 0")
    return np.array(slots, dtype=np.int64)


def plain_masks(
    reach: Sequence[Collection[int]] | None, count: int, exits: int
) -> NDArray[np.uint64]:
    """Return the mask of each prefix.

    Raises:
        InputError: ``reach`` does not fit the prefixes or the exits.
    """
    if reach is None:
        return np.full(count, _every_exit(exits), dtype=np.uint64)
    if len(reach) != count:
        raise InputError(f"reach is given for {len(reach)} of {count} prefixes")
    for prefix, by in enumerate(reach):
        if not all(0 <= e < exits for e in by):
            raise InputError(
                f"prefix {prefix} is reached by exits {sorted(by)}, "
                f"but there are only exits 0 to {exits - 1}"
            )
    return np.array([sum(1 << e for e in set(by)) for by in reach], dtype=np.uint64)


def _every_exit(exits: int) -> int:
    return (1 << min(max(exits, 0), MOST_EXITS)) - 1


def exact_sum(loads: NDArray[np.int64]) -> int:
    """Return a sum that may be beyond 64 bits, of up to 2**31 numbers of 0 or more."""
    return (int((loads >> 32).sum()) << 32) + int((loads & 0xFFFF_FFFF).sum())


Array = TypeVar("Array", NDArray[np.int64], NDArray[np.uint64], NDArray[np.int16])


def read_only(values: Array | None) -> Array | None:
    """Return a view that cannot be written through."""
    if values is None:
        return None
    view = values.view()
    view.flags.writeable = False
    return view


def checked_loads(
    loads: NDArray[np.int64], base: NDArray[np.int64] | None, exits: int
) -> NDArray[np.int64]:
    """Return the loads as 64-bit integers.

    Raises:
        InputError: there are no exits or too many, a load is negative, or sums overflow.
    """
    if not 1 <= exits <= MOST_EXITS:
        raise InputError(
            f"there are {exits} exits; a plan needs at least one, at most {MOST_EXITS}"
        )
    checked = np.asarray(loads)
    if checked.ndim != 2 or not checked.shape[0] or checked.dtype.kind not in "iu":
        raise InputError("loads must be whole numbers, one row for each slot")
    checked = np.asarray(checked, dtype=np.int64)
    if base is not None and base.shape != (len(checked), exits):
        raise InputError(f"base must be given for {len(checked)} slots and {exits} exits")
    for values, name in ((checked, "load"), (base, "base")):
        if values is not None and (values < 0).any():
            slot, at = np.argwhere(values < 0)[0]
            where = "prefix" if name == "load" else "exit"
            raise InputError(
                f"{name} {values[slot, at]} of {where} {at} is not a whole number >= 0"
            )
    for slot in range(len(checked)):
        total = exact_sum(checked[slot]) + (0 if base is None else exact_sum(base[slot]))
        if total >= 2**63:
            raise InputError(f"the total load of {total} is beyond 2**63; give a larger unit")
    return checked


def checked_masks(masks: NDArray[np.uint64], count: int, exits: int) -> NDArray[np.uint64]:
    """Return the masks.

    Raises:
        InputError: there is not one for each prefix, one is empty, or one names no exit of these.
    """
    if np.shape(masks) != (count,):
        raise InputError(f"masks are given for {np.shape(masks)} of {count} prefixes")
    checked = np.asarray(masks, dtype=np.uint64)
    empty = np.flatnonzero(checked == 0)
    if empty.size:
        raise InputError(f"no exit reaches prefix {empty[0]}; leave it out as unrouted")
    if (checked > np.uint64(_every_exit(exits))).any():
        raise InputError(f"a mask names more than exits 0 to {exits - 1}")
    return checked


def checked_whereabouts(
    name: str, where: NDArray[np.int16] | None, count: int, exits: int
) -> NDArray[np.int16] | None:
    """Return an exit for each prefix.

    Raises:
        InputError: there is not one for each prefix, or there is no such exit.
    """
    if where is None:
        return None
    if np.shape(where) != (count,):
        raise InputError(f"{name} is given for {np.shape(where)} of {count} prefixes")
    return _checked_exits(name, where, exits)


def checked_fallback(
    fallback: NDArray[np.int16] | None, count: int, exits: int
) -> NDArray[np.int16] | None:
    """Return the exit of each prefix after the failure of each exit.

    Raises:
        InputError: there is not one for each, there is no such exit, or it is the failed one.
    """
    if fallback is None:
        return None
    if np.shape(fallback) != (exits, count):
        raise InputError(f"fallback must be given for {exits} exits and {count} prefixes")
    checked = _checked_exits("fallback", fallback, exits)
    to_itself = np.argwhere(checked == np.arange(exits)[:, None])
    if to_itself.size:
        failed, prefix = to_itself[0]
        raise InputError(f"fallback: prefix {prefix} goes to exit {failed} when that has failed")
    return checked


def _checked_exits(name: str, where: NDArray[np.int16], exits: int) -> NDArray[np.int16]:
    # Looked at before the cast, in which 65536 would become 0.
    if where.size and not (where.min() >= -1 and where.max() < exits):
        raise InputError(f"{name} names more than exits 0 to {exits - 1}, and -1")
    return where.astype(np.int16)


def checked_options(problem: "Problem", count: int) -> None:
    """Check what is no array.

    Raises:
        InputError: a number is out of its range, or a list does not fit the exits.
    """
    exits = problem.exits
    for name, given, wanted in (
        ("capacities", problem.capacities, exits),
        ("prices", problem.prices, exits),
        ("exit_names", problem.exit_names or None, exits),
        ("prefix_names", problem.prefix_names or None, count),
    ):
        if given is not None and len(given) != wanted:
            raise InputError(f"{name} are given for {len(given)} of {wanted}")
    for exit_, capacity in enumerate(problem.capacities or ()):
        if capacity is not None and not 0 < capacity < 2**63:
            raise InputError(f"capacity {capacity} of exit {exit_} is not a whole number > 0")
    for exit_, price in enumerate(problem.prices or ()):
        if price is not None and (price.rate < 0 or price.commit < 0):
            raise InputError(f"the price of exit {exit_} must not be negative")
    if not problem.ceiling > 0:
        raise InputError(f"ceiling {problem.ceiling} is not above 0")
    if not 0 <= problem.tolerance <= 1:
        raise InputError(f"tolerance {problem.tolerance} is not from 0 to 1")
    if problem.max_moves is not None and problem.max_moves < 0:
        raise InputError(f"max_moves {problem.max_moves} is below 0")
    if len(set(problem.objectives)) != len(problem.objectives):
        raise InputError(f"objectives {', '.join(problem.objectives)}: one is named twice")
    known = get_args(Objective)
    unknown = set(problem.objectives) - set(known)
    if unknown:
        raise InputError(f"there is no objective {min(unknown)!r}; choose from {', '.join(known)}")
