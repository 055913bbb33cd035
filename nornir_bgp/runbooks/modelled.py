"""The network as the model of BGP sees it: from the inventory, or from what routers say."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from nornir.core import Nornir

from nornir_bgp.bgp.domain import Domain, ExternalPeer
from nornir_bgp.frr.overrides import Overrides, is_our_list, is_slot
from nornir_bgp.frr.routing_config import parse_router
from nornir_bgp.models.device import Device, exits_of
from nornir_bgp.models.routing import Clause, Match, Router, SetAction
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.state import RouterState
from nornir_bgp.runbooks.render import render

_COUNTED = ("as-path prepend", "as-path prepend last-as")
"""What an inbound policy does again to a route that it has passed already."""


def routers_of_inventory(nr: Nornir) -> dict[str, Router]:
    """Read all routers from the configurations that the template makes of the inventory.

    Raises:
        InputError: the inventory or the template is wrong, or a router has no BGP process.
    """
    return {name: parse_router(config, name) for name, config in render(nr).items()}


def routers_of_states(states: Mapping[str, RouterState]) -> dict[str, Router]:
    """Read routers from their running configurations.

    Raises:
        InputError: one has no BGP process.
    """
    return {name: parse_router(state.running_config, name) for name, state in states.items()}


def domain_of(
    routers: Mapping[str, Router],
    devices: tuple[Device, ...],
    peer_ids: Mapping[str, Mapping[str, str]] | None = None,
) -> Domain:
    """Put routers together; what they peer with and is none of them is beyond the network.

    A peer beyond it has the name that the inventory gives an exit's upstream, or the name of the
    device that has its address, or that of its AS; its address, where a router has several peers
    of one name.

    Args:
        routers: the routers.
        devices: all devices of the inventory.
        peer_ids: router -> neighbour -> BGP identifier, as far as they are known.
    """
    owned = {str(i.address.ip) for router in routers.values() for i in router.interfaces}
    upstreams = {(e.gateway, str(e.neighbor)): e.upstream for e in exits_of(devices)}
    devices_at = {str(address): d.hostname for d in devices for address in d.addresses}
    known = peer_ids or {}
    peers: list[ExternalPeer] = []
    for name, router in routers.items():
        beyond = [session for session in router.sessions if session.peer not in owned]
        names = {
            session.peer: upstreams.get((name, session.peer))
            or devices_at.get(session.peer)
            or f"AS{session.remote_as}"
            for session in beyond
        }
        count = Counter(names.values())
        peers.extend(
            ExternalPeer(
                router=name,
                address=session.peer,
                as_number=session.remote_as,
                router_id=known.get(name, {}).get(session.peer, session.peer),
                name=names[session.peer] if count[names[session.peer]] == 1 else session.peer,
            )
            for session in beyond
        )
    return Domain(routers=routers, peers=tuple(peers))


def doubts(domain: Domain, *, collected: bool) -> Iterator[str]:
    """Say what the model does not know about a network.

    Args:
        domain: the network.
        collected: its routes come from tables that routers have.
    """
    yield from domain.problems()
    for name, router in domain.routers.items():
        for line in router.not_modelled:
            yield f"{name}: not modelled: {line}"
    if not collected:
        return
    for peer in domain.peers:
        router = domain.routers[peer.router]
        session = next(s for s in router.sessions if s.peer == peer.address)
        clauses = router.route_maps.get(session.inbound.route_map or "", ())
        if any(m.kind.startswith("community") for clause in clauses for m in clause.matches):
            yield (
                f"{peer.router}: {session.inbound.route_map} matches communities, which a "
                "collected table does not show: its routes count as having none"
            )
        if any(
            s.kind in _COUNTED or s.value.startswith(("+", "-"))
            for clause in clauses
            for s in clause.sets
        ):
            yield (
                f"{peer.router}: {session.inbound.route_map} prepends or counts, and the table "
                "that was collected shows its routes after that: they are changed twice"
            )


def with_overrides(router: Router, overrides: Overrides, policy: Policy) -> Router:
    """Return a gateway with other overrides; what is not the automation's stays.

    Args:
        router: the gateway.
        overrides: what it is to prefer, of which the model knows IPv4 alone.
        policy: the names and numbers of the policy objects.
    """
    lists = {n: r for n, r in router.prefix_lists.items() if not is_our_list(n, policy)}
    for key, entries in overrides.lists.items():
        if key.family == 4:
            lists[key.name] = tuple(entry.prefix_rule for entry in sorted(entries))
    slots = [
        Clause(
            number=clause.number,
            permits=True,
            matches=(Match("prefix-list", clause.list_name),),
            sets=(SetAction("local-preference", str(clause.preference)),),
        )
        for clause in overrides.clauses
        if clause.family == 4 and is_slot(clause.number, policy)
    ]
    others = [
        clause
        for clause in router.route_maps.get(policy.route_map, ())
        if Match("prefix-list", f"{policy.prefix_list}_{clause.number}") not in clause.matches
    ]
    if not others:  # it has no map of ours, and so no exit
        return replace(router, prefix_lists=lists)
    clauses = sorted([*others, *slots], key=lambda clause: clause.number)
    return replace(
        router,
        prefix_lists=lists,
        route_maps={**router.route_maps, policy.route_map: tuple(clauses)},
    )
