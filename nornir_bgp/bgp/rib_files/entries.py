"""What a file of routes says: entries, peers, and what of it could not be read."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from nornir_bgp.bgp.domain import Announcement, ExternalPeer
from nornir_bgp.bgp.route import Route
from nornir_bgp.models.routing import Router

# What readers pass over, in the words of a remark.
NOT_IPV4_UNICAST = "records not of IPv4 unicast"
NOT_A_TABLE = "records not of a table"
ADD_PATH = "records with ADD-PATH"
OWN_ROUTE = "routes of the router itself"
IBGP_ROUTE = "routes learned by iBGP"
IPV6_NEXT_HOP = "routes with an IPv6 next hop"

_SHOWN = 20


class RibPeer(NamedTuple):
    """A neighbour that routes came from.

    Attributes:
        address: its address.
        as_number: its AS, where the file says it (a router's own table does not).
        router_id: its BGP identifier, where the file says it (TABLE_DUMP_V2 alone does).
    """

    address: str
    as_number: int | None
    router_id: str | None = None


class RibEntry(NamedTuple):
    """One route of a table.

    Attributes:
        prefix: canonical text.
        peer: who sent it.
        route: the attributes as the file has them.
        since: when it came, in seconds or in any other unit in which older is smaller; ``None``:
            the file does not say.
    """

    prefix: str
    peer: RibPeer
    route: Route
    since: int | None = None

    def route_at(self, as_number: int) -> Route:
        """The route as a router of an AS hears it from this peer.

        An iBGP peer, such as the router that a collector sits beside, sends LOCAL_PREF, and the
        route is then as that router holds it. An eBGP peer sends none (RFC 4271, section 5.1.5):
        what a dump has there was set by the policy of the router that wrote it.
        """
        if self.peer.as_number == as_number or self.route.local_pref is None:
            return self.route
        return replace(self.route, local_pref=None)


class BrokenRecord(NamedTuple):
    """A record that could not be read.

    Attributes:
        place: where in the file: ``line 7``, ``record 7``, ``record 7, entry 2``.
        reason: what is wrong with it.
    """

    place: str
    reason: str


@dataclass(slots=True)
class ReadingLog:
    """What a reader writes down beside the entries that it yields.

    Attributes:
        broken: the records that could not be read.
        skipped: how many were passed over, by what they are: nothing is wrong with them, but they
            are no routes of ours to use.
        peers: the peers that the file lists or that its entries name, in their order.
    """

    broken: list[BrokenRecord] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    peers: dict[RibPeer, None] = field(default_factory=dict)


class Loaded(NamedTuple):
    """Routes in the words of a domain.

    Attributes:
        peers: the external peers that send them.
        announcements: what they send.
    """

    peers: tuple[ExternalPeer, ...]
    announcements: tuple[Announcement, ...]


@dataclass(frozen=True, slots=True)
class RibFile:
    """A file of routes that was read to its end.

    Attributes:
        source: its name.
        form: what it is, for people: ``bgpdump``, ``MRT``, ``show bgp json``, ``show bgp text``.
        peers: see :class:`ReadingLog`.
        entries: the routes, in the file's order.
        broken: see :class:`ReadingLog`.
        skipped: likewise.
    """

    source: str
    form: str
    peers: tuple[RibPeer, ...]
    entries: tuple[RibEntry, ...]
    broken: tuple[BrokenRecord, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)

    def remarks(self) -> Iterator[str]:
        """Say what was not loaded, a line for each broken record up to twenty."""
        for place, reason in self.broken[:_SHOWN]:
            yield f"{self.source}, {place}: {reason}; not loaded"
        if len(self.broken) > _SHOWN:
            yield f"{self.source}: and {len(self.broken) - _SHOWN} more broken records"
        for what, count in self.skipped.items():
            yield f"{self.source}: {count} {what}; not loaded"

    def loaded_into(self, router: Router) -> Loaded:
        """Make the routes announcements to one router.

        A peer in the router's own AS becomes an iBGP peer outside the network: its routes keep
        LOCAL_PREF and, as any routes learned by iBGP, go no further in a full mesh. A peer whose
        AS the file does not say is in the AS of the router's session to it, or else in the first
        one of its AS paths. Where a file says when the routes of a prefix came, older ones are
        announced before younger ones.
        """
        ages: defaultdict[str, set[int]] = defaultdict(set)
        for entry in self.entries:
            if entry.since is not None:
                ages[entry.prefix].add(entry.since)
        times: dict[str, dict[int | None, int]] = {
            prefix: {since: n for n, since in enumerate(sorted(found))}
            for prefix, found in ages.items()
            if len(found) > 1
        }
        return Loaded(
            peers=tuple(self._external_peers(router)),
            announcements=tuple(
                Announcement(
                    router.name,
                    entry.peer.address,
                    entry.prefix,
                    entry.route_at(router.as_number),
                    times.get(entry.prefix, {}).get(entry.since, 0),
                )
                for entry in self.entries
            ),
        )

    def _external_peers(self, router: Router) -> Iterator[ExternalPeer]:
        sessions = {session.peer: session.remote_as for session in router.sessions}
        first_of = {entry.peer: entry.route.as_path for entry in reversed(self.entries)}
        for peer in self.peers:
            if peer not in first_of:
                continue
            path = first_of[peer]
            as_number = peer.as_number or sessions.get(peer.address)
            as_number = as_number or path.neighbour or path.member or 0
            yield ExternalPeer(
                router=router.name,
                address=peer.address,
                as_number=as_number,
                router_id=peer.router_id or peer.address,
                name=f"AS{as_number}",
            )
