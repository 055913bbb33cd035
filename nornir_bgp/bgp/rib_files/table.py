"""The table of a router, as ``show bgp`` tells it, to what its external peers have sent."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, ip_address

from nornir_bgp.bgp.present import route_of
from nornir_bgp.bgp.rib_files.entries import (
    IBGP_ROUTE,
    IPV6_NEXT_HOP,
    NOT_IPV4_UNICAST,
    OWN_ROUTE,
    BrokenRecord,
    ReadingLog,
    RibEntry,
    RibPeer,
)
from nornir_bgp.bgp.route import OWN_NEXT_HOP
from nornir_bgp.models.rib import Path

_OWN_WEIGHT = 32768
"""What FRR gives to the routes that a router announces itself."""


def read_table(routes: Iterable[tuple[str, Iterable[Path]]], log: ReadingLog) -> Iterator[RibEntry]:
    """Take the external routes out of a table.

    LOCAL_PREF and weight of such a path are the doing of the router's own policy: they are left
    out. What else a policy has changed cannot be told from what was sent. A text does not say who
    sent a path, so its next hop is taken for the peer. ``since`` counts from 0 within each prefix:
    the selected path is the oldest, and a table has its newest first.

    Args:
        routes: prefixes and their paths, in the table's order.
        log: what is broken or passed over is written there.
    """
    for prefix, paths in routes:
        if ":" in prefix:
            log.skipped[NOT_IPV4_UNICAST] += 1
            continue
        oldest_first = list(paths)
        oldest_first.reverse()
        oldest_first.sort(key=lambda path: not path.best)
        for since, path in enumerate(oldest_first):
            if path.internal:
                log.skipped[IBGP_ROUTE] += 1
            elif path.weight == _OWN_WEIGHT or path.next_hop == OWN_NEXT_HOP:
                log.skipped[OWN_ROUTE] += 1
            elif ":" in path.next_hop:
                log.skipped[IPV6_NEXT_HOP] += 1
            else:
                try:
                    yield _entry(prefix, path, since, log)
                except ValueError as error:
                    log.broken.append(BrokenRecord(prefix, str(error)))


def _entry(prefix: str, path: Path, since: int, log: ReadingLog) -> RibEntry:
    route = route_of(path)
    IPv4Address(route.next_hop)
    peer = RibPeer(str(ip_address(path.peer or path.next_hop)), None)
    log.peers.setdefault(peer)
    return RibEntry(prefix, peer, route, since)
