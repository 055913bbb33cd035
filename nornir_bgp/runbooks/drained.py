"""Gateways that are kept free of traffic: that stands on them, and nowhere else."""

from collections.abc import Collection, Iterator, Mapping

from nornir_bgp.frr.overrides import parse_overrides
from nornir_bgp.models.network import Network
from nornir_bgp.models.state import GatewayState, RouterState
from nornir_bgp.wording import shortened


def drained_now(network: Network, states: Mapping[str, RouterState]) -> tuple[str, ...]:
    """Say which gateways give every route that is not listed less than the default.

    Args:
        network: the network.
        states: its gateways, with their configurations.

    Returns:
        The gateways in inventory order.
    """
    policy = network.settings.policy
    return tuple(
        gateway
        for gateway in network.gateways
        if gateway in states
        and parse_overrides(states[gateway].running_config, policy).drained(policy)
    )


def only_there(
    network: Network, drained: Collection[str], states: Mapping[str, GatewayState]
) -> dict[str, tuple[str, ...]]:
    """Find the routes that stay, since none but drained gateways have them.

    Args:
        network: the network.
        drained: the gateways that are kept free.
        states: all gateways.

    Returns:
        Drained gateway -> the prefixes that it, and no gateway that is in use, has a route to.
    """
    elsewhere = _reached_elsewhere(network, drained, states)
    return {
        exit_.gateway: tuple(sorted(states[exit_.gateway].reached(exit_) - elsewhere))
        for exit_ in network.exits
        if exit_.gateway in drained
    }


def still_leaving(
    network: Network, drained: Collection[str], states: Mapping[str, GatewayState]
) -> Iterator[str]:
    """Say what leaves by a gateway that is to be free, although another one has a route to it.

    Whatever a router sends to such a gateway, it leaves there only where the gateway's own table
    selects the route of its upstream.

    Args:
        network: the network.
        drained: the gateways that are kept free.
        states: the gateways, as far as they answered.
    """
    elsewhere = _reached_elsewhere(network, drained, states)
    for exit_ in network.exits:
        state = states.get(exit_.gateway) if exit_.gateway in drained else None
        if state is None:
            continue
        peers = {str(address) for address in exit_.sessions}
        leaving = [
            prefix
            for rib in state.ribs
            for prefix, paths in rib.routes.items()
            if prefix in elsewhere
            and any((path.best or path.multipath) and path.peer in peers for path in paths)
        ]
        if leaving:
            yield (
                f"{exit_.gateway} is drained, and {shortened(leaving)} still "
                f"{'leaves' if len(leaving) == 1 else 'leave'} by {exit_.upstream}"
            )


def _reached_elsewhere(
    network: Network, drained: Collection[str], states: Mapping[str, GatewayState]
) -> frozenset[str]:
    """The prefixes that some gateway in use has a route to."""
    return frozenset().union(
        *(
            states[exit_.gateway].reached(exit_)
            for exit_ in network.exits
            if exit_.gateway in states and exit_.gateway not in drained
        )
    )
