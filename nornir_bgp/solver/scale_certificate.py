"""Lower bounds in whole numbers from prices that a linear program named.

For prices of 0 or more on what exits carry, the cheapest exit of each prefix is found and the sum
taken (a Lagrangian). It is a bound for any prices whatever, so the floats of a linear program
cannot spoil it: they are rounded to whole numbers first, and from then on nothing is rounded.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.problem import Exits, Problem
from nornir_bgp.solver.scale_rows import usable_exits

WORD = 62
"""A price of a prefix fits into so many bits."""

LOW = 31


def cheapest_sum(
    loads: NDArray[np.int64],
    usable: NDArray[np.bool_],
    prices: NDArray[np.int64],
    fee: int = 0,
    home: Exits | None = None,
) -> int:
    """Sum over prefixes of the smallest of ``price x load``, plus a fee away from home.

    Args:
        loads: (slots, prefixes).
        usable: (prefixes, exits); each prefix has an exit.
        prices: (slots, exits), 0 or more; a prefix's price is below 2**62.
        fee: what a prefix costs anywhere but at home, 0 or more.
        home: (prefixes,); -1: no exit is its home, and no fee is due.
    """
    cheapest = np.full(loads.shape[1], np.iinfo(np.int64).max)
    for exit_ in range(usable.shape[1]):
        price = np.zeros_like(cheapest)
        for slot in np.flatnonzero(prices[:, exit_]):
            price += prices[slot, exit_] * loads[slot]
        if home is not None:
            price += fee * ((home >= 0) & (home != exit_))
        np.minimum(cheapest, price, out=cheapest, where=usable[:, exit_])
    # The sum of a million numbers of 62 bits, in two halves that do not overflow.
    return (int((cheapest >> LOW).sum()) << LOW) + int((cheapest & ((1 << LOW) - 1)).sum())


def fewest_away(
    problem: Problem,
    slots: NDArray[np.int64],
    prices: NDArray[np.float64],
    limits: NDArray[np.int64],
    home: Exits,
) -> int:
    """Return how many prefixes at least are not at home in any assignment within the limits.

    Args:
        problem: the problem.
        slots: the time slots that the prices are for.
        prices: (those slots, exits), in prefixes per unit of load.
        limits: (slots, exits), what each exit may carry, its base included.
        home: (prefixes,); -1: anywhere.
    """
    loads = problem.loads[slots]
    unit, whole = _whole(loads, prices)
    usable = usable_exits(problem.masks, problem.exits)
    total = cheapest_sum(loads, usable, whole, fee=unit, home=home)
    total -= _product(whole, limits[slots] - _base(problem, slots))
    return max(-(-total // unit), 0)


def least_cost(
    problem: Problem,
    slots: NDArray[np.int64],
    marginal: NDArray[np.float64],
    prices: NDArray[np.float64],
    limits: NDArray[np.int64],
) -> Fraction:
    """Return what the providers ask for at least in any assignment within the limits.

    Args:
        problem: the problem; it has prices, and fewer slots than make a percentile.
        slots: the time slots that the prices are for.
        marginal: (those slots, exits), how much of each exit's rate counts in each slot.
        prices: (those slots, exits), beside it, for the limits.
        limits: (slots, exits), what each exit may carry, its base included.
    """
    loads = problem.loads[slots]
    unit, whole = _whole(loads, marginal + prices)
    charged = np.fmin(marginal * float(unit), 2.0**WORD).astype(np.int64)
    charged = np.minimum(charged, whole)
    for exit_, price in enumerate(problem.prices or ()):
        most = 0 if price is None else int(price.rate * unit)
        parts = charged[:, exit_].tolist()
        if sum(parts) > most:  # the slots together charge the rate but once
            charged[:, exit_] = [part * most // sum(parts) for part in parts]
    commits = np.array(  # Python's whole numbers: a commit may be beyond 64 bits
        [0 if price is None else price.commit for price in problem.prices or ()], dtype=object
    )
    base = _base(problem, slots)
    total = cheapest_sum(loads, usable_exits(problem.masks, problem.exits), whole)
    total += _product(charged, base - commits) - _product(whole - charged, limits[slots] - base)
    return max(Fraction(total, unit), Fraction(0))


def _base(problem: Problem, slots: NDArray[np.int64]) -> NDArray[np.int64]:
    if problem.base is None:
        return np.zeros((len(slots), problem.exits), dtype=np.int64)
    return problem.base[slots]


def _product(prices: NDArray[np.int64], amounts: NDArray[np.int64]) -> int:
    """Multiply and sum without limit."""
    return sum(
        int(price) * int(amount)
        for price, amount in zip(prices.ravel(), amounts.ravel(), strict=True)
        if price
    )


def _whole(loads: NDArray[np.int64], prices: NDArray[np.float64]) -> tuple[int, NDArray[np.int64]]:
    """Return how much 1 is, and the prices in that unit, so that nothing overflows.

    Prices that are beyond it are none: they prove nothing.
    """
    prices = np.maximum(prices, 0.0)
    dearest = max(float(prices.max()), float((prices.max(axis=1) @ loads).max(initial=0.0))) + 1.0
    if not dearest < 1 << (WORD - 2):
        return 1, np.zeros(prices.shape, dtype=np.int64)
    unit = 1 << (WORD - 2 - int(np.ceil(np.log2(dearest))))
    return unit, np.floor(prices * float(unit)).astype(np.int64)
