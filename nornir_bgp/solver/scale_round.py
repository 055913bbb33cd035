"""From shares of rows to an exit for each prefix."""

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.problem import Exits, Problem
from nornir_bgp.solver.scale_rows import Rows, nth_exit, usable_exits, weight_of


def rounded(problem: Problem, rows: Rows, shares: NDArray[np.float64]) -> Exits:
    """Give each prefix an exit so that each row is divided about as its shares say.

    Args:
        problem: the problem.
        rows: its rows.
        shares: (rows, exits); a row of one prefix goes where most of it is.
    """
    return spread_idle(problem, divided(weight_of(problem), rows.row, shares))


def divided(loads: NDArray[np.int64], row: NDArray[np.int64], shares: NDArray[np.float64]) -> Exits:
    """Divide the members of rows among places by shares; return (members,): the place of each.

    The members of a row are cut up by their cumulative load, the heavier half first, then the
    heavier half of the rest, and so on, each time by what is still missing at each place: so the
    error at the end is that of the lightest members.

    Args:
        loads: (members,).
        row: (members,): the row of each.
        shares: (rows, places), 0 or more, not all 0.
    """
    places: Exits = shares.argmax(axis=1).astype(np.int16)[row]
    torn = np.flatnonzero((shares > 0).sum(axis=1) > 1)
    members = np.flatnonzero(np.isin(row, torn))
    members = members[np.lexsort((-loads[members], row[members]))]
    begins = np.searchsorted(row[members], torn)
    ends = np.searchsorted(row[members], torn, side="right")
    for of_row, begin, end in zip(torn, begins, ends, strict=True):
        if end - begin > 1:
            some = np.flatnonzero(shares[of_row] > 0)
            chosen = _cut(loads[members[begin:end]], shares[of_row, some])
            places[members[begin:end]] = some[chosen]
    return places


def spread_idle(problem: Problem, assignment: Exits) -> Exits:
    """Put each prefix without load where it is, would be by itself, or evenly over its exits."""
    idle = np.flatnonzero(~problem.loads.any(axis=0))
    if not len(idle):
        return assignment
    placed = assignment.copy()
    usable = usable_exits(problem.masks[idle], problem.exits)
    placed[idle] = nth_exit(usable, np.arange(len(idle)) % usable.sum(axis=1))
    for preferred in (problem.natural, problem.today):
        if preferred is not None:
            wanted = preferred[idle]
            possible = (wanted >= 0) & usable[np.arange(len(idle)), np.maximum(wanted, 0)]
            placed[idle[possible]] = wanted[possible]
    return placed


def _cut(loads: NDArray[np.int64], shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Divide loads, the heaviest first, among places by their shares."""
    missing = shares / shares.sum() * loads.sum(dtype=np.float64)
    chosen = np.zeros(len(loads), dtype=np.int64)
    begin = 0
    while begin < len(loads):
        end = begin + max(1, (len(loads) - begin) // 2)
        part = loads[begin:end].astype(np.float64)
        wanted = np.maximum(missing, 0.0)
        if not wanted.any():
            wanted = np.ones(len(shares))
        middle = part.cumsum() - part / 2
        cuts = wanted.cumsum() * (float(part.sum()) / float(wanted.sum()))
        place = np.searchsorted(cuts[:-1], middle)
        if end - begin == 1:
            place = np.array([missing.argmax()])
        chosen[begin:end] = place
        missing -= np.bincount(place, weights=part, minlength=len(shares))
        begin = end
    return chosen
