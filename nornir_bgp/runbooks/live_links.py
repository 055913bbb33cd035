"""The links to the upstreams as they are, beside what the inventory says of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from nornir_bgp.models.plan import Exit
from nornir_bgp.models.planning import BITS, Unit
from nornir_bgp.models.state import GatewayState

_MEGABIT = 10**6
"""The bit/s of a Mbit/s, in which routers tell the speed of an interface."""


def live_exits(
    exits: Sequence[Exit], states: Mapping[str, GatewayState], unit: Unit | None
) -> tuple[tuple[Exit, ...], tuple[str, ...]]:
    """Say what a plan may count on.

    Args:
        exits: the exits of the inventory.
        states: the gateways, as they were read.
        unit: the unit of loads and capacities; ``None``: not known.

    Returns:
        The exits, where the unit is known with the smaller one of the configured capacity and the
        speed of the interface; and in sentences which links are down, and where capacity and
        speed differ. Where the unit is not known, that is said only if they cannot be equal in
        any.
    """
    counted: list[Exit] = []
    told: list[str] = []
    for exit_ in exits:
        state = states[exit_.gateway]
        told.extend(_down_at(exit_, state))
        fits, difference = _beside_speed(exit_, state, unit)
        counted.append(fits)
        told.extend(difference)
    return tuple(counted), tuple(told)


def down(exits: Iterable[Exit], states: Mapping[str, GatewayState]) -> Iterator[str]:
    """Say, in sentences, which links and sessions of exits are down.

    Args:
        exits: the exits.
        states: their gateways, as they were read.
    """
    for exit_ in exits:
        yield from _down_at(exit_, states[exit_.gateway])


def _down_at(exit_: Exit, state: GatewayState) -> Iterator[str]:
    if state.link is not None and not state.link.up:
        yield (
            f"{exit_.gateway}: {state.link.interface} to {exit_.upstream} is down: nothing is "
            "planned on it"
        )
        return
    up = state.sessions_up(exit_)
    for session in exit_.sessions:
        if session not in up:
            what = f"no IPv{session.version} prefix" if up else "nothing"
            yield (
                f"{exit_.gateway}: the session to {exit_.upstream} ({session}) is not "
                f"established: {what} is planned on it"
            )


def _beside_speed(
    exit_: Exit, state: GatewayState, unit: Unit | None
) -> tuple[Exit, tuple[str, ...]]:
    """Return the exit as it counts, and where capacity and speed differ, how."""
    link, capacity = state.link, exit_.capacity
    if link is None or not link.up or link.speed is None or capacity is None:
        return exit_, ()
    of_link = f"{exit_.gateway}: {link.interface} to {exit_.upstream} has {link.speed:,} Mbit/s"
    speed = link.speed * _MEGABIT
    if unit is None:
        if any(capacity * bits == speed for bits in BITS.values()):
            return exit_, ()
        return exit_, (f"{of_link}, which is in no unit its capacity of {capacity:,}",)
    if capacity * BITS[unit] == speed:
        return exit_, ()
    smaller = max(1, speed // BITS[unit])  # a capacity is a whole number, and not 0
    if capacity * BITS[unit] < speed:
        return exit_, (
            f"{of_link}, more than its capacity of {capacity:,} {unit}, which the plan counts on",
        )
    return exit_.model_copy(update={"capacity": smaller}), (
        f"{of_link}, less than its capacity of {capacity:,} {unit}: the plan counts on "
        f"{smaller:,} {unit}",
    )
