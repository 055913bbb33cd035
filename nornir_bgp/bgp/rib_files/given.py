"""Routes that were written by hand, in the words of a domain."""

from collections import Counter

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.domain import Announcement, ExternalPeer
from nornir_bgp.bgp.rib_files.entries import Loaded
from nornir_bgp.bgp.route import Origin, Route
from nornir_bgp.models.given_routes import GivenRoutes


def given_routes(given: GivenRoutes) -> Loaded:
    """Make announcements of routes; those to one prefix come in the order given."""
    peers: dict[ExternalPeer, None] = {}
    announcements: list[Announcement] = []
    earlier: Counter[str] = Counter()
    for one in given.routes:
        peer = str(one.peer)
        name = f"AS{one.sender_as}"
        peers.setdefault(ExternalPeer(one.router, peer, one.sender_as, peer, name))
        route = Route(
            next_hop=str(one.next_hop or one.peer),
            as_path=AsPath.parse(one.as_path),
            origin=Origin[one.origin.upper()],
            med=one.med,
            communities=frozenset(one.communities),
        )
        for prefix in one.prefixes:
            announcements.append(Announcement(one.router, peer, prefix, route, earlier[prefix]))
            earlier[prefix] += 1
    return Loaded(tuple(peers), tuple(announcements))
