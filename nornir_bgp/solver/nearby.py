"""An assignment near to a given one, within limits: as few prefixes away as a greedy finds."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.solver.placement import longest_first
from nornir_bgp.solver.problem import Exits, Problem

_ENDLESS = np.iinfo(np.int64).max


def nearby(problem: Problem, home: Exits, limits: Sequence[int | None]) -> Exits | None:
    """Leave prefixes at home, but for those that make their exit carry more than its limit.

    An exit that carries too much gives the lightest prefix away that mends it alone; where no such
    one fits anywhere, the heaviest that fits, and so on.

    Args:
        problem: the loads and exits.
        home: the exit of each prefix; -1, or one that does not reach it: it goes anywhere.
        limits: what each exit may carry in each slot; ``None``: anything.

    Returns:
        ``None`` where the greedy comes to no end.
    """
    assignment = np.array(longest_first(problem, home), dtype=np.int16)
    bounds = np.array([_ENDLESS if limit is None else min(limit, _ENDLESS) for limit in limits])
    room = bounds - problem.carried(assignment)
    for exit_ in np.argsort(room.min(axis=0), kind="stable").tolist():
        while room[:, exit_].min() < 0:
            best = _best_to_give(problem, assignment, room, exit_)
            if best is None:
                return None
            prefix, target = best
            assignment[prefix] = target
            room[:, exit_] += problem.loads[:, prefix]
            room[:, target] -= problem.loads[:, prefix]
    return assignment


def _best_to_give(
    problem: Problem, assignment: Exits, room: NDArray[np.int64], exit_: int
) -> tuple[int, int] | None:
    """Return which prefix an exit is to give away, and to which other."""
    slot = int(room[:, exit_].argmin())
    missing = -int(room[slot, exit_])
    mine = np.flatnonzero((assignment == exit_) & (problem.loads[slot] > 0))
    best: tuple[bool, int, int, int] | None = None
    for target in range(problem.exits):
        if target != exit_:
            reached = (problem.masks[mine] >> np.uint64(target) & np.uint64(1)).astype(np.bool_)
            fits = (problem.loads[:, mine] <= room[:, target, None]).all(axis=0)
            able = mine[reached & fits]
            if able.size:
                loads = problem.loads[slot, able]
                mends = loads >= missing
                # the lightest that mends it alone, else the heaviest
                at = int(
                    np.where(mends, loads, _ENDLESS).argmin() if mends.any() else loads.argmax()
                )
                load = int(loads[at])
                key = (not mends[at], load if mends[at] else -load, target, int(able[at]))
                best = key if best is None or key < best else best
    return None if best is None else (best[3], best[2])
