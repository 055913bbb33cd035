"""MRT records written from the words of RFC 6396: NOT captured from a router.

Dumps of real routers are read by other tests; these are for what no router at hand writes, and for
records that are broken on purpose.
"""

import struct
from ipaddress import IPv4Address, ip_address, ip_network

TABLE_DUMP, TABLE_DUMP_V2, BGP4MP = 12, 13, 16
PEER_INDEX_TABLE, RIB_IPV4_UNICAST, RIB_IPV6_UNICAST = 1, 2, 4
TRANSITIVE, OPTIONAL = 0x40, 0x80
ORIGIN, AS_PATH, NEXT_HOP, MED, LOCAL_PREF, COMMUNITIES = 1, 2, 3, 4, 5, 8
ORIGINATOR_ID, CLUSTER_LIST, MP_REACH_NLRI, AS4_PATH, AIGP = 9, 10, 14, 17, 26
SET, SEQUENCE, CONFED_SEQUENCE, CONFED_SET = 1, 2, 3, 4

TIME = 1_700_000_000


def record(kind: int, subtype: int, body: bytes, *, length: int | None = None) -> bytes:
    """A record (section 2); ``length`` is what its header says, where that is not the truth."""
    size = len(body) if length is None else length
    return struct.pack(">IHHI", TIME, kind, subtype, size) + body


def address(text: str) -> bytes:
    return ip_address(text).packed


def peer_index(peers: list[tuple[str, str, int]], *, view: bytes = b"") -> bytes:
    """PEER_INDEX_TABLE (section 4.3.1) of peers: BGP identifier, address, AS number."""
    entries = b"".join(
        bytes([2 | (":" in peer)]) + address(identifier) + address(peer) + struct.pack(">I", number)
        for identifier, peer, number in peers
    )
    body = address("192.0.2.254") + struct.pack(">H", len(view)) + view
    return record(TABLE_DUMP_V2, PEER_INDEX_TABLE, body + struct.pack(">H", len(peers)) + entries)


def attribute(kind: int, value: bytes, *, flags: int = TRANSITIVE) -> bytes:
    """A path attribute (RFC 4271, section 4.3)."""
    if len(value) > 255:
        return struct.pack(">BBH", flags | 0x10, kind, len(value)) + value
    return bytes([flags, kind, len(value)]) + value


def as_path(*segments: tuple[int, list[int]], width: int = 4, kind: int = AS_PATH) -> bytes:
    """AS_PATH of segments: their type and numbers, of two or four bytes each."""
    letter = "I" if width == 4 else "H"
    return attribute(
        kind,
        b"".join(
            bytes([code, len(numbers)]) + struct.pack(f">{len(numbers)}{letter}", *numbers)
            for code, numbers in segments
        ),
    )


def usual(numbers: list[int], next_hop: str, *, width: int = 4, origin: int = 0) -> bytes:
    """ORIGIN, AS_PATH and NEXT_HOP."""
    path = as_path(*([(SEQUENCE, numbers)] if numbers else []), width=width)
    return attribute(ORIGIN, bytes([origin])) + path + attribute(NEXT_HOP, address(next_hop))


def number(kind: int, value: int) -> bytes:
    """An attribute of one number of four bytes."""
    return attribute(kind, struct.pack(">I", value))


def nlri(prefix: str) -> bytes:
    """A prefix as its length and as many bytes as that needs."""
    network = ip_network(prefix)
    size = (network.prefixlen + 7) // 8
    return bytes([network.prefixlen]) + network.network_address.packed[:size]


def rib_entry(peer: int, attributes: bytes, *, since: int = TIME) -> bytes:
    return struct.pack(">HIH", peer, since, len(attributes)) + attributes


def rib(prefix: str, *entries: bytes, sequence: int = 0) -> bytes:
    """RIB_IPV4_UNICAST or RIB_IPV6_UNICAST (section 4.3.2)."""
    subtype = RIB_IPV6_UNICAST if ":" in prefix else RIB_IPV4_UNICAST
    head = struct.pack(">I", sequence) + nlri(prefix) + struct.pack(">H", len(entries))
    return record(TABLE_DUMP_V2, subtype, head + b"".join(entries))


def table_dump(prefix: str, peer: str, peer_as: int, attributes: bytes) -> bytes:
    """TABLE_DUMP of IPv4 (section 4.2)."""
    network = ip_network(prefix)
    body = struct.pack(">HH", 0, 1) + network.network_address.packed
    body += struct.pack(">BBI", network.prefixlen, 1, TIME) + IPv4Address(peer).packed
    body += struct.pack(">HH", peer_as, len(attributes)) + attributes
    return record(TABLE_DUMP, 1, body)
