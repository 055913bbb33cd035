"""Read what plans, guards and proofs are made from."""

from collections.abc import Mapping, Sequence

from nornir.core.task import Result, Task

from nornir_bgp.frr.show_bgp import (
    parse_advertised_json,
    parse_end_of_rib,
    parse_json,
    parse_peer_ids,
    parse_summary_json,
)
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.state import Announced, GatewayState, RouterState
from nornir_bgp.models.summary import PeerSummary
from nornir_bgp.tasks.session import read, show

YOUNG = 60.0
"""Seconds after which a session counts as complete although its End-of-RIB has not come; not
every implementation sends it."""


def collect_router(task: Task, *, lean: bool = False, for_model: bool = False) -> Result:
    """Read a router's table and what it advertises.

    Args:
        task: the Nornir task.
        lean: leave out the text of the table, and what is advertised.
        for_model: read what the model of BGP stands on, too: the configuration, and the BGP
            identifiers of the neighbours.

    Returns:
        ``result`` is a :class:`RouterState`.
    """
    state = RouterState(
        text="" if lean else show(task, "show ip bgp"),
        rib=read(task, "show bgp ipv4 unicast json", parse_json),
        advertised={} if lean else _advertised(task, _established(task)),
        running_config=show(task, "show running-config") if for_model else "",
        peer_ids=_peer_ids(task) if for_model else {},
    )
    return Result(host=task.host, result=state)


def collect_gateway(
    task: Task, exits: Sequence[Exit], *, lean: bool = False, for_model: bool = False
) -> Result:
    """Read all that a plan and its preflight need.

    Args:
        task: the Nornir task.
        exits: the exits of all gateways.
        lean: leave out the text of the table, and what is advertised.
        for_model: read the BGP identifiers of the neighbours, too.

    Returns:
        ``result`` is a :class:`GatewayState`.
    """
    peers = _established(task)
    neighbors = [str(exit_.neighbor) for exit_ in exits if exit_.gateway == task.host.name]
    state = GatewayState(
        text="" if lean else show(task, "show ip bgp"),
        rib=read(task, "show bgp ipv4 unicast json", parse_json),
        advertised={} if lean else _advertised(task, peers),
        running_config=show(task, "show running-config"),
        established=frozenset(peers),
        young={
            n: peers[n].up
            for n in neighbors
            if n in peers and peers[n].up < YOUNG and not _end_of_rib(task, n)
        },
        peer_ids=_peer_ids(task) if for_model else {},
    )
    return Result(host=task.host, result=state)


def _established(task: Task) -> Mapping[str, PeerSummary]:
    summary = read(task, "show bgp summary json", parse_summary_json).get("ipv4Unicast")
    peers = {} if summary is None else summary.peers
    return {address: peer for address, peer in peers.items() if peer.established}


def _peer_ids(task: Task) -> Mapping[str, str]:
    return read(task, "show bgp neighbors json", parse_peer_ids)


def _advertised(
    task: Task, peers: Mapping[str, PeerSummary]
) -> Mapping[str, Mapping[str, Announced]]:
    """What is advertised to each external neighbour."""
    command = "show bgp ipv4 unicast neighbors {} advertised-routes json"
    return {
        address: read(task, command.format(address), parse_advertised_json)
        for address, peer in peers.items()
        if peer.external
    }


def _end_of_rib(task: Task, neighbor: str) -> bool:
    return read(task, f"show bgp neighbors {neighbor} json", parse_end_of_rib)
