"""What a runbook knows about the network before it asks any router."""

from nornir.core import Nornir

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.device import exits_of
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit
from nornir_bgp.runbooks.session import settings_of
from nornir_bgp.tasks.inventory import devices_of


def network_of(nr: Nornir) -> Network:
    """Read the network from a Nornir inventory.

    Raises:
        InputError: the inventory is wrong, has no gateway, has no edge router, or has a gateway
            with several exits.
    """
    settings = settings_of(nr)
    devices = devices_of(nr, settings.policy)
    exits = _one_for_each_gateway(exits_of(devices))
    if not exits:
        raise InputError(
            "the inventory has no gateway: no host has a neighbor with use_localpref_map: true, "
            "which marks the session to an upstream"
        )
    edges = tuple(
        nr.filter(
            filter_func=lambda host: host.has_parent_group(settings.edge_group)
        ).inventory.hosts
    )
    if not edges:
        raise InputError(
            f"no host is in group {settings.edge_group!r}, whose tables prove a plan; "
            "put the edge routers there, or set edge_group"
        )
    return Network(settings=settings, devices=devices, exits=exits, edges=edges)


def _one_for_each_gateway(exits: tuple[Exit, ...]) -> tuple[Exit, ...]:
    seen: set[str] = set()
    for exit_ in exits:
        if exit_.gateway in seen:
            raise InputError(
                f"{exit_.gateway} has several exits; they share one preference map, so prefixes "
                "can be steered to the gateway but not to one of its exits: mark one of them "
                "with use_localpref_map (an IPv4 and an IPv6 session to one AS are one exit)"
            )
        seen.add(exit_.gateway)
    return exits
