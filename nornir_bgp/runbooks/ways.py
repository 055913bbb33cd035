"""The exits that forecasts are tried on, and the prefixes that they lead to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from nornir.core import Nornir
from numpy.typing import NDArray

from nornir_bgp.exceptions import InputError
from nornir_bgp.forecast.backtest import Exits
from nornir_bgp.models.gateways_file import parse_gateways
from nornir_bgp.models.plan import Exit
from nornir_bgp.runbooks.asking import sessions
from nornir_bgp.runbooks.files import read_text
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.seen import collect_gateways
from nornir_bgp.solver.differencing import even_out
from nornir_bgp.solver.placement import longest_first
from nornir_bgp.solver.problem import Problem

_LARGEST = 2**62
"""The largest capacity that is reckoned with; beside it, no load fills a link noticeably."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Exits and what they reach.

    Attributes:
        exits: the exits, in the order of the inventory or the file.
        reach: for each exit the prefixes that it has a route to; ``None``: every prefix.
    """

    exits: tuple[Exit, ...]
    reach: tuple[Collection[str] | None, ...]

    @property
    def prefixes(self) -> tuple[str, ...] | None:
        """The prefixes that some exit reaches; ``None`` where one reaches every prefix."""
        known = [found for found in self.reach if found is not None]
        if len(known) < len(self.exits):
            return None
        return tuple(dict.fromkeys(prefix for found in known for prefix in found))


def ways_of(nr: Nornir | None, gateways: Path | None, *, collect: bool) -> Ways | None:
    """Find the exits.

    Args:
        nr: the Nornir object of the inventory, if there is one.
        gateways: a file of gateways, in place of the inventory.
        collect: ask the gateways of the inventory what they have a route to.

    Returns:
        ``None`` where there is neither an inventory nor a file.

    Raises:
        InputError: the inventory or the file is wrong; or routes are to be collected without one.
        DeviceError: a gateway could not be asked.
    """
    if gateways is not None:
        if collect:
            raise InputError("a file of gateways cannot be asked for routes; leave out one of them")
        written = parse_gateways(read_text(gateways), str(gateways))
        reach = {gateway: frozenset(found) for gateway, found in written.reach.items()}
        return Ways(written.exits, tuple(reach.get(e.gateway) for e in written.exits))
    if nr is None:
        if collect:
            raise InputError(
                "there is no inventory whose gateways could be asked; name its --config"
            )
        return None
    network = network_of(nr)
    if not collect:
        return Ways(network.exits, (None,) * len(network.exits))
    with sessions(nr):
        states = collect_gateways(nr, network, lean=True).complete()
    return Ways(network.exits, tuple(states[e.gateway].reached(e) for e in network.exits))


def exits_of_ways(ways: Ways, prefixes: Sequence[str]) -> Exits:
    """Make of exits what a back-test asks for plans.

    A back-test makes a hundred plans and more. So these are not proven: they are placed longest
    first and evened out by differencing, which takes milliseconds and, on GEANT's 22 destinations,
    is within 0.13 % of optimal, and far closer where prefixes are many.

    Args:
        ways: the exits.
        prefixes: the prefixes of the history, in its order.
    """
    count = len(ways.exits)
    reach = [
        frozenset(n for n, found in enumerate(ways.reach) if found is None or prefix in found)
        for prefix in prefixes
    ]
    routed = np.array([n for n, exits in enumerate(reach) if exits], dtype=np.intp)
    masks = [reach[n] for n in routed]
    known = [exit_.capacity for exit_ in ways.exits if exit_.capacity is not None]
    capacities = known if len(known) == count else None

    def assign(loads: NDArray[np.int64]) -> NDArray[np.int16]:
        assignment = np.full(len(loads), -1, dtype=np.int16)
        if len(routed):
            wanted: list[int] = loads[routed].tolist()
            problem = Problem.of(
                wanted,
                count,
                masks,
                capacities=None if capacities is None else _roomy(capacities, sum(wanted)),
                objectives=("balance",),
            )
            assignment[routed] = even_out(problem, longest_first(problem))
        return assignment

    return Exits(
        count, None if capacities is None else np.array(capacities, dtype=np.float64), assign
    )


def _roomy(capacities: Sequence[int], total: int) -> list[int]:
    """Enlarge all capacities alike until each carries everything.

    How prefixes are divided best does not change by that, and no plan is refused: in a back-test
    it counts how plans compare, and not whether the links are large enough.
    """
    factor = max(1, -(-total // min(capacities)))
    return [min(capacity * factor, _LARGEST) for capacity in capacities]
