"""The few prefixes that carry most of the traffic."""

from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray


def weights_of(loads: NDArray[np.int64]) -> NDArray[np.int64] | NDArray[np.object_]:
    """Return the load of each prefix over all slots: (slots, prefixes) -> (prefixes,).

    Sums beyond 64 bits are Python's own integers.
    """
    largest = max((int(slot.max(initial=0)) for slot in loads), default=0)
    if largest * loads.size < 2**63:
        return np.asarray(loads.sum(axis=0), dtype=np.int64)
    return np.asarray(loads.astype(object).sum(axis=0), dtype=object)


def heavy_hitters(
    weights: NDArray[np.int64] | NDArray[np.object_],
    share: Fraction,
    wanted: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_]:
    """Choose the fewest prefixes that carry a share of the whole load.

    The heaviest come first, and of equals the first.

    Args:
        weights: the load of each prefix; their sum is below 2^63 where they are an int64 array.
        share: the share that is to be carried, above 0 and at most 1; with 1 every prefix is
            chosen, even those without a load.
        wanted: prefixes that are chosen in any case.

    Returns:
        For each prefix whether it is chosen.
    """
    if share == 1:
        return np.ones(len(weights), dtype=np.bool_)
    chosen = np.zeros(len(weights), dtype=np.bool_) if wanted is None else wanted.copy()
    target = ceil(share * int(weights.sum())) - int(weights[chosen].sum())
    rest = np.flatnonzero(~chosen)
    order = rest[np.argsort(-weights[rest], kind="stable")]
    carried = np.cumsum(weights[order])
    chosen[order[: int(np.searchsorted(carried, target)) + 1 if target > 0 else 0]] = True
    return chosen
