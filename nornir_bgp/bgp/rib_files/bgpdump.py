"""The one-line text of the program ``bgpdump`` (its option ``-m``).

A line is a route of a table::

    TABLE_DUMP2|TIME|B|PEER|PEER AS|PREFIX|AS PATH|ORIGIN|NEXT HOP|LOCAL_PREF|MED|COMMUNITIES|...

``bgpdump`` prints 0 for a LOCAL_PREF or MED that a route does not have, so 0 is taken for none.
For the decision a missing MED is 0 anyway, but for ``bestpath med missing-as-worst``. TIME is when
the table was written, unless ``bgpdump`` was asked otherwise, and says nothing of a route's age.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, ip_address

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.rib_files.entries import (
    IPV6_NEXT_HOP,
    NOT_A_TABLE,
    NOT_IPV4_UNICAST,
    BrokenRecord,
    ReadingLog,
    RibEntry,
    RibPeer,
)
from nornir_bgp.bgp.route import Origin, Route
from nornir_bgp.models.communities import community_number, community_text
from nornir_bgp.models.fields import canonical_prefix

TABLES = ("TABLE_DUMP", "TABLE_DUMP2", "TABLE_DUMP_V2")
_UPDATES = ("BGP4MP", "BGP4MP_ET")
_ORIGINS = {"IGP": Origin.IGP, "EGP": Origin.EGP, "INCOMPLETE": Origin.INCOMPLETE}
_GREATEST = 2**32 - 1


def read_bgpdump(lines: Iterable[bytes], log: ReadingLog) -> Iterator[RibEntry]:
    """Read the routes of a table.

    A table repeats its peers and attributes, so each distinct text of them is checked once, and
    equal routes are one object.

    Args:
        lines: the lines, with or without their ends.
        log: what is broken or passed over is written there.
    """
    peers: dict[tuple[str, str], RibPeer] = {}
    routes: dict[str, Route | None] = {}
    last = ""
    for number, raw in enumerate(lines, 1):
        try:
            line = raw.decode("ascii").rstrip("\r\n")
            if not line:
                continue
            fields = line.split("|", 6)
            if _is_no_route(fields):
                log.skipped[NOT_A_TABLE] += 1
                continue
            _, _, kind, address, as_number, prefix, attributes = fields
            if kind != "B":
                raise ValueError(f"{kind!r} in its third field, not B")
            if ":" in prefix:
                log.skipped[NOT_IPV4_UNICAST] += 1
                continue
            if prefix != last:  # a table has the routes of a prefix together
                last = canonical_prefix(prefix)
            peer = peers.get((address, as_number))
            if peer is None:
                peer = peers[address, as_number] = _peer(address, as_number)
                log.peers[peer] = None
            if attributes in routes:
                route = routes[attributes]
            else:
                route = routes[attributes] = _route(attributes)
            if route is None:
                log.skipped[IPV6_NEXT_HOP] += 1
            else:
                yield RibEntry(last, peer, route)
        except ValueError as error:
            log.broken.append(BrokenRecord(f"line {number}", str(error)))


def _is_no_route(fields: list[str]) -> bool:
    """Tell the lines of updates from those of a table.

    Raises:
        ValueError: it is neither.
    """
    if fields[0] in _UPDATES:
        return True
    if fields[0] not in TABLES:
        raise ValueError(f"it begins with {fields[0][:40]!r}, not with TABLE_DUMP or TABLE_DUMP2")
    if len(fields) < 7:
        raise ValueError(f"{len(fields)} fields; a route has 12 and more")
    return False


def _peer(address: str, as_number: str) -> RibPeer:
    return RibPeer(str(ip_address(address)), _whole(as_number, "AS number of the peer"))


def _route(attributes: str) -> Route | None:
    """Read what follows the prefix; ``None`` where IPv4 is reached by IPv6 (RFC 8950)."""
    fields = attributes.split("|")
    if len(fields) < 6:
        raise ValueError(f"{len(fields) + 6} fields; a route has 12 and more")
    as_path, origin, next_hop, local_pref, med, communities = fields[:6]
    if origin not in _ORIGINS:
        raise ValueError(f"{origin!r} is no origin; IGP, EGP or INCOMPLETE is")
    if ":" in next_hop:
        return None
    return Route(
        next_hop=str(IPv4Address(next_hop)),
        as_path=AsPath.parse(as_path),
        origin=_ORIGINS[origin],
        local_pref=_whole(local_pref, "LOCAL_PREF") or None,
        med=_whole(med, "MED") or None,
        communities=frozenset(
            community_text(community_number(text)) for text in communities.split()
        ),
    )


def _whole(text: str, what: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else -1
    if not 0 <= number <= _GREATEST:
        raise ValueError(f"{text[:40]!r} is no {what}; a number of 32 bits is")
    return number
