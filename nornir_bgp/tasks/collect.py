"""Read what plans, guards and proofs are made from."""

from collections.abc import Mapping, Sequence

from nornir.core.task import Result, Task

from nornir_bgp.frr.interface_state import parse_link
from nornir_bgp.frr.show_bgp import (
    FAMILY_NAMES,
    parse_advertised_json,
    parse_end_of_rib,
    parse_json,
    parse_peer_ids,
    parse_summary_json,
)
from nornir_bgp.models.fields import Family, IPAddress
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.state import Announced, GatewayState, Link, RouterState
from nornir_bgp.models.summary import PeerSummary
from nornir_bgp.tasks.session import read, show

YOUNG = 60.0
"""Seconds after which a session counts as complete although its End-of-RIB has not come; not
every implementation sends it."""

_Peers = Mapping[Family, Mapping[str, PeerSummary]]
"""The sessions of each address family that has any, whether they are up or not, by neighbour."""


def collect_router(task: Task, *, lean: bool = False, for_model: bool = False) -> Result:
    """Read a router's tables and what it advertises.

    Args:
        task: the Nornir task.
        lean: leave out the text of the tables, and what is advertised.
        for_model: read what the model of BGP stands on, too: the configuration, and the BGP
            identifiers of the neighbours.

    Returns:
        ``result`` is a :class:`RouterState`.
    """
    peers = _peers(task)
    state = RouterState(
        text="" if lean else show(task, "show ip bgp"),
        rib=read(task, "show bgp ipv4 unicast json", parse_json),
        advertised={} if lean else _advertised(task, peers),
        running_config=show(task, "show running-config") if for_model else "",
        peer_ids=_peer_ids(task) if for_model else {},
        rib_ipv6=_rib_ipv6(task, peers),
        text_ipv6="" if lean else _text_ipv6(task, peers),
    )
    return Result(host=task.host, result=state)


def collect_gateway(
    task: Task,
    exits: Sequence[Exit],
    interfaces: Mapping[str, str],
    *,
    lean: bool = False,
    for_model: bool = False,
) -> Result:
    """Read all that a plan and its preflight need.

    Args:
        task: the Nornir task.
        exits: the exits of all gateways.
        interfaces: gateway -> its interface towards the upstream, where that is known.
        lean: leave out the text of the tables, and what is advertised.
        for_model: read the BGP identifiers of the neighbours, too.

    Returns:
        ``result`` is a :class:`GatewayState`.
    """
    peers = _peers(task)
    state = GatewayState(
        text="" if lean else show(task, "show ip bgp"),
        rib=read(task, "show bgp ipv4 unicast json", parse_json),
        advertised={} if lean else _advertised(task, peers),
        running_config=show(task, "show running-config"),
        established=frozenset(
            address for some in peers.values() for address, p in some.items() if p.established
        ),
        young={
            str(session): peer.up
            for exit_ in exits
            if exit_.gateway == task.host.name
            for session in exit_.sessions
            if (peer := _young(task, peers, session)) is not None
        },
        peer_ids=_peer_ids(task) if for_model else {},
        rib_ipv6=_rib_ipv6(task, peers),
        text_ipv6="" if lean else _text_ipv6(task, peers),
        link=_link(task, interfaces.get(task.host.name)),
    )
    return Result(host=task.host, result=state)


def _peers(task: Task) -> _Peers:
    summaries = read(task, "show bgp summary json", parse_summary_json)
    return {
        family: summaries[name].peers
        for family, name in FAMILY_NAMES.items()
        if name in summaries and summaries[name].peers
    }


def _rib_ipv6(task: Task, peers: _Peers) -> Rib | None:
    return read(task, "show bgp ipv6 unicast json", parse_json) if 6 in peers else None


def _text_ipv6(task: Task, peers: _Peers) -> str:
    return show(task, "show bgp ipv6 unicast") if 6 in peers else ""


def _peer_ids(task: Task) -> Mapping[str, str]:
    return read(task, "show bgp neighbors json", parse_peer_ids)


def _advertised(task: Task, peers: _Peers) -> Mapping[str, Mapping[str, Announced]]:
    """What is advertised to each external neighbour, in all families of its session."""
    told: dict[str, dict[str, Announced]] = {}
    for family, some in peers.items():
        for address, peer in some.items():
            if peer.established and peer.external:
                command = f"show bgp ipv{family} unicast neighbors {address} advertised-routes json"
                told.setdefault(address, {}).update(read(task, command, parse_advertised_json))
    return told


def _young(task: Task, peers: _Peers, session: IPAddress) -> PeerSummary | None:
    """Return the session of an exit if it has come up so lately that routes may be missing."""
    peer = peers.get(session.version, {}).get(str(session))
    if peer is None or not peer.established or peer.up >= YOUNG:
        return None
    return None if _end_of_rib(task, session) else peer


def _end_of_rib(task: Task, session: IPAddress) -> bool:
    def parse(text: str) -> bool:
        return parse_end_of_rib(text, session.version)

    return read(task, f"show bgp neighbors {session} json", parse)


def _link(task: Task, interface: str | None) -> Link | None:
    if interface is None:
        return None

    def parse(text: str) -> Link | None:
        return parse_link(text, interface)

    return read(task, f"show interface {interface} json", parse)
