"""The BGP sessions of a network: which two ends find each other, and why others do not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from nornir_bgp.bgp.igp import Igp
from nornir_bgp.bgp.route import Learned
from nornir_bgp.models.routing import Router, RouterSession

if TYPE_CHECKING:
    from nornir_bgp.bgp.domain import ExternalPeer


class Far(NamedTuple):
    """The modelled router at the other end of a session, and the place of the session there."""

    router: str
    slot: int


@dataclass(frozen=True, slots=True)
class End:
    """One end of a session, as its router sees it.

    Attributes:
        router: the router's name.
        slot: the place among the router's ends.
        settings: the session as the router's configuration has it.
        learned: how routes from it are learned.
        peer: the peer's address.
        peer_id: the peer's BGP identifier.
        local_as: the AS number that the router shows on this session.
        local_address: the router's address on it, its next hop where it names itself.
        far: the other end; ``None``: the peer is not modelled.
        far_name: what the other end is called.
        described: it is in the router's configuration; a peer that is not, because a table was
            loaded into the router, sends routes without policy, and its next hops count as
            connected.
    """

    router: str
    slot: int
    settings: RouterSession
    learned: Learned
    peer: str
    peer_id: str
    local_as: int
    local_address: str
    far: Far | None
    far_name: str
    described: bool = True

    @property
    def single_hop(self) -> bool:
        """The peer, and its next hops, have to be on a connected network."""
        return self.learned is Learned.EBGP and not self.settings.multihop and self.described

    def with_settings(self, settings: RouterSession) -> "End":
        """The end as another configuration describes it."""
        return self if settings is self.settings else replace(self, settings=settings)


def learned_from(router: Router, remote_as: int) -> Learned:
    """How a router learns the routes of a session to an AS (FRR's kind of the session)."""
    if remote_as == router.as_number:
        return Learned.IBGP
    confederation = router.confederation
    if confederation is not None and remote_as in confederation.members:
        return Learned.CONFED
    return Learned.EBGP


def shown_as(router: Router, learned: Learned) -> int:
    """The AS number that a router shows on a session: outside a confederation, the whole's."""
    if router.confederation is not None and learned is Learned.EBGP:
        return router.confederation.identifier
    return router.as_number


def owners(routers: Mapping[str, Router]) -> dict[str, str]:
    """Say which router an address belongs to; an address of several belongs to none."""
    found: dict[str, str | None] = {}
    for router in routers.values():
        for interface in router.interfaces:
            address = str(interface.address.ip)
            found[address] = None if found.get(address, router.name) != router.name else router.name
    return {address: name for address, name in found.items() if name is not None}


def find_ends(
    routers: Mapping[str, Router], peers: Iterable["ExternalPeer"], igp: Igp
) -> dict[str, tuple[End, ...]]:
    """Find every end of every session that can come up while nothing has failed.

    Two routers have a session where each names an address of the other and its AS number, and one
    of them at least starts from the address that the other names.
    """
    owner = owners(routers)
    outside: dict[str, list[ExternalPeer]] = {}
    for peer in peers:
        outside.setdefault(peer.router, []).append(peer)
    found: dict[str, list[_Half]] = {name: [] for name in routers}
    for name, router in routers.items():
        for session in router.sessions:
            half = _half(routers, owner, igp, router, session)
            if half is not None:
                found[name].append(half)
        described = {session.peer: session for session in router.sessions}
        for peer in outside.get(name, ()):
            settings = described.get(peer.address)
            if settings is None or (
                settings.remote_as == peer.as_number and not settings.shut_down
            ):
                found[name].append(_outer_half(igp, router, settings, peer))
    keys = {half.key for halves in found.values() for half in halves}
    paired = {
        name: [half for half in halves if half.outside or half.far_key in keys]
        for name, halves in found.items()
    }
    places = {half.key: slot for halves in paired.values() for slot, half in enumerate(halves)}
    return {
        name: tuple(_end(half, slot, places) for slot, half in enumerate(halves))
        for name, halves in paired.items()
    }


class _Half(NamedTuple):
    """An end whose other end has been seen, but not numbered."""

    router: Router
    settings: RouterSession
    local_address: str
    far: str
    far_id: str
    outside: bool = False
    described: bool = True

    @property
    def key(self) -> tuple[str, str, str]:
        return self.router.name, self.settings.peer, self.local_address

    @property
    def far_key(self) -> tuple[str, str, str]:
        """The key of the other end: the same addresses, seen from there."""
        return self.far, self.local_address, self.settings.peer


def _half(
    routers: Mapping[str, Router],
    owner: Mapping[str, str],
    igp: Igp,
    router: Router,
    session: RouterSession,
) -> _Half | None:
    far = routers.get(owner.get(session.peer, ""))
    if far is None or far is router or session.shut_down:
        return None
    for back in far.sessions:
        if owner.get(back.peer) != router.name or back.shut_down:
            continue
        if not _as_numbers_agree(router, session, far, back):
            continue
        here = source(igp, router, session)
        there = source(igp, far, back)
        if back.peer == here or session.peer == there:
            return _Half(router, session, back.peer, far.name, far.router_id)
    return None


def _outer_half(
    igp: Igp, router: Router, settings: RouterSession | None, peer: "ExternalPeer"
) -> _Half:
    session = settings or RouterSession(peer.address, peer.as_number)
    local = source(igp, router, session) or router.router_id
    return _Half(
        router, session, local, peer.name, peer.router_id, True, described=settings is not None
    )


def _end(half: _Half, slot: int, places: Mapping[tuple[str, str, str], int]) -> End:
    router, settings = half.router, half.settings
    learned = learned_from(router, settings.remote_as)
    return End(
        router.name,
        slot,
        settings,
        learned,
        settings.peer,
        half.far_id,
        shown_as(router, learned),
        half.local_address,
        None if half.outside else Far(half.far, places[half.far_key]),
        half.far,
        half.described,
    )


def source(igp: Igp, router: Router, session: RouterSession) -> str | None:
    """The address that a router starts a session from."""
    if session.update_source is None:
        return igp.source(router.name, session.peer)
    for interface in router.interfaces:
        if session.update_source in (interface.name, str(interface.address.ip)):
            return str(interface.address.ip)
    return None


def _as_numbers_agree(
    one: Router, session: RouterSession, other: Router, back: RouterSession
) -> bool:
    return session.remote_as == shown_as(
        other, learned_from(other, back.remote_as)
    ) and back.remote_as == shown_as(one, learned_from(one, session.remote_as))


def reaches(end: End, igp: Igp) -> bool:
    """Whether an end reaches its peer; a session is up where both ends do."""
    if not end.described:
        return True
    if end.single_hop:
        return igp.is_connected(end.router, end.peer)
    way = igp.way(end.router, end.peer)
    return way is not None and not way.discarded


def problems(
    routers: Mapping[str, Router], peers: Iterable["ExternalPeer"], igp: Igp
) -> Iterator[str]:
    """Say which configured sessions have no other end or no way to it, and why."""
    ends = find_ends(routers, peers, igp)
    for name, router in routers.items():
        known = {end.peer: end for end in ends[name]}
        for session in router.sessions:
            end = known.get(session.peer)
            if end is None and not session.shut_down:
                yield f"{name}: session {session.peer}: {_why(routers, router, session)}"
            elif end is not None and not reaches(end, igp):
                missing = "connected network" if end.single_hop else "connected, static or OSPF way"
                yield f"{name}: session {session.peer}: {name} has no {missing} to this address"


def _why(routers: Mapping[str, Router], router: Router, session: RouterSession) -> str:
    owner = owners(routers)
    far = routers.get(owner.get(session.peer, ""))
    if far is None:
        return "no router here has this address, and no such peer is given"
    if far is router:
        return "it is the router's own address"
    backs = [back for back in far.sessions if owner.get(back.peer) == router.name]
    if not backs:
        return f"{far.name} has no session to {router.name}"
    if all(back.shut_down for back in backs):
        return f"{far.name} holds it shut down"
    for back in backs:
        if not _as_numbers_agree(router, session, far, back):
            return (
                f"{router.name} expects AS {session.remote_as} and {far.name} AS "
                f"{back.remote_as}, but they are AS {far.as_number} and AS {router.as_number}"
            )
    return f"neither end starts from the address that the other expects ({backs[0].peer})"
