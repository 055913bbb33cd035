"""MRT table dumps (RFC 6396): TABLE_DUMP and TABLE_DUMP_V2, as routers and collectors write them.

The reader is our own. ``mrtparse`` 2.2, the parser on PyPI, was measured (benchmarks/RESULTS.md):
one changed byte can make it allocate memory without end or raise what it does not document, which
loses the place in the stream; and importing it changes the process's SIGPIPE handling and fails
in any thread but the main one.
"""

import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, ip_address
from typing import Protocol

from nornir_bgp.bgp.rib_files.entries import (
    ADD_PATH,
    IPV6_NEXT_HOP,
    NOT_A_TABLE,
    NOT_IPV4_UNICAST,
    OWN_ROUTE,
    BrokenRecord,
    ReadingLog,
    RibEntry,
    RibPeer,
)
from nornir_bgp.bgp.rib_files.mrt_attributes import parse_attributes
from nornir_bgp.bgp.route import Route

# Types and subtypes of records (sections 4.2, 4.3 and RFC 8050).
_TABLE_DUMP, _TABLE_DUMP_V2 = 12, 13
_AFI_IPV4 = 1
_PEER_INDEX_TABLE, _RIB_IPV4_UNICAST = 1, 2
_RIB_IPV4_UNICAST_ADDPATH = 8

_HEADER = struct.Struct(">IHHI")  # time, type, subtype, length of the rest
_TABLE_DUMP_HEAD = struct.Struct(">4x4sBxI4sHH")  # prefix, length, since, peer, its AS, attributes
_RIB_ENTRY_HEAD = struct.Struct(">HIH")  # index of the peer, since, length of the attributes

_LONGEST = 2**26
"""Bytes of the longest record that is believed: thousands of peers with all that BGP can say."""


class ByteStream(Protocol):
    """What is read from: an open file, say."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; fewer than asked for at the end alone."""


def read_mrt(stream: ByteStream, log: ReadingLog) -> Iterator[RibEntry]:
    """Read the routes of a table.

    A record or an entry of a record that is broken loses itself alone. Only where a record ends
    early, or says that it is longer than any, is it unknown where the next one begins: there the
    reading ends.

    Args:
        stream: the bytes of the file, decompressed.
        log: what is broken or passed over is written there.
    """
    table = _Table(log)
    number = 0
    while head := stream.read(_HEADER.size):
        number += 1
        place = f"record {number}"
        if len(head) < _HEADER.size:
            log.broken.append(BrokenRecord(place, "the file ends within its header"))
            return
        _, kind, subtype, length = _HEADER.unpack(head)
        if length > _LONGEST:
            reason = f"it claims {length} bytes; what follows cannot be found"
            log.broken.append(BrokenRecord(place, reason))
            return
        body = stream.read(length)
        if len(body) < length:
            reason = f"the file ends after {len(body)} of its {length} bytes"
            log.broken.append(BrokenRecord(place, reason))
            return
        try:
            yield from table.entries(kind, subtype, body, place)
        except struct.error:
            log.broken.append(BrokenRecord(place, "it is shorter than what it must hold"))
        except ValueError as error:
            log.broken.append(BrokenRecord(place, str(error)))


class _Table:
    """The records of one file; what repeats itself is read once."""

    def __init__(self, log: ReadingLog) -> None:
        self._log = log
        self._peers: list[RibPeer | None] | None = None
        self._routes: dict[tuple[int, bytes], Route | None] = {}

    def entries(self, kind: int, subtype: int, body: bytes, place: str) -> Iterator[RibEntry]:
        """Read one record.

        Raises:
            ValueError: it is broken.
            struct.error: it is too short.
        """
        if kind == _TABLE_DUMP and subtype == _AFI_IPV4:
            yield from self._table_dump(body)
        elif kind == _TABLE_DUMP_V2 and subtype == _PEER_INDEX_TABLE:
            self._peers = None  # should this one be broken, the last one would not be its like
            self._peers = _peer_index(body)
            self._log.peers.update(dict.fromkeys(peer for peer in self._peers if peer))
        elif kind == _TABLE_DUMP_V2 and subtype == _RIB_IPV4_UNICAST:
            yield from self._rib(body, place)
        elif kind == _TABLE_DUMP_V2 and subtype == _RIB_IPV4_UNICAST_ADDPATH:
            self._log.skipped[ADD_PATH] += 1
        elif kind in (_TABLE_DUMP, _TABLE_DUMP_V2):
            self._log.skipped[NOT_IPV4_UNICAST] += 1
        else:
            self._log.skipped[NOT_A_TABLE] += 1

    def _table_dump(self, body: bytes) -> Iterator[RibEntry]:
        """One route (section 4.2); AS numbers have two bytes."""
        network, length, since, address, as_number, size = _TABLE_DUMP_HEAD.unpack_from(body)
        prefix = _prefix(network, length)
        attributes = body[_TABLE_DUMP_HEAD.size :]
        if len(attributes) != size:
            raise ValueError(f"{len(attributes)} bytes of attributes, not {size}")
        peer = _neighbour(str(IPv4Address(address)), as_number)
        entry = self._entry(prefix, peer, since, attributes, as_width=2)
        if entry is not None:
            self._log.peers.setdefault(entry.peer)
            yield entry

    def _rib(self, body: bytes, place: str) -> Iterator[RibEntry]:
        """All routes to one prefix (section 4.3.2)."""
        if self._peers is None:
            raise ValueError("no PEER_INDEX_TABLE that could be read comes before it")
        length = body[4] if len(body) > 4 else 0
        at = 5 + (length + 7) // 8
        prefix = _prefix(body[5:at], length)
        (count,) = struct.unpack_from(">H", body, at)
        at += 2
        for number in range(1, count + 1):
            index, since, size = _RIB_ENTRY_HEAD.unpack_from(body, at)
            at += _RIB_ENTRY_HEAD.size
            attributes = body[at : at + size]
            if len(attributes) < size:
                raise ValueError(f"it ends within its entry {number} of {count}")
            at += size
            try:
                if index >= len(self._peers):
                    raise ValueError(f"peer {index} of {len(self._peers)}, counted from 0")
                entry = self._entry(prefix, self._peers[index], since, attributes, as_width=4)
            except ValueError as error:
                self._log.broken.append(BrokenRecord(f"{place}, entry {number}", str(error)))
            else:
                if entry is not None:
                    yield entry
        if at < len(body):
            raise ValueError(f"{len(body) - at} bytes after its last entry, which was read")

    def _entry(
        self, prefix: str, peer: RibPeer | None, since: int, attributes: bytes, *, as_width: int
    ) -> RibEntry | None:
        if peer is None:
            self._log.skipped[OWN_ROUTE] += 1
            return None
        key = as_width, attributes
        if key in self._routes:
            route = self._routes[key]
        else:
            route = self._routes[key] = parse_attributes(attributes, as_width=as_width)
        if route is None:
            self._log.skipped[IPV6_NEXT_HOP] += 1
            return None
        return RibEntry(prefix, peer, route, since)


def _neighbour(address: str, as_number: int, router_id: str | None = None) -> RibPeer | None:
    """Tell a neighbour from the entry without address that stands for the router itself."""
    if ip_address(address).is_unspecified:
        return None
    return RibPeer(address, as_number, router_id)


def _peer_index(body: bytes) -> list[RibPeer | None]:
    """PEER_INDEX_TABLE (section 4.3.1); the type of a peer says how long address and AS are."""
    (name_length,) = struct.unpack_from(">H", body, 4)
    at = 6 + name_length
    (count,) = struct.unpack_from(">H", body, at)
    at += 2
    peers: list[RibPeer | None] = []
    for _ in range(count):
        kind, identifier = struct.unpack_from(">B4s", body, at)
        layout = struct.Struct(f">{16 if kind & 1 else 4}s{'I' if kind & 2 else 'H'}")
        address, as_number = layout.unpack_from(body, at + 5)
        at += 5 + layout.size
        peers.append(_neighbour(str(ip_address(address)), as_number, str(IPv4Address(identifier))))
    if at != len(body):
        raise ValueError(f"{len(body) - at} bytes after its last peer")
    return peers


def _prefix(network: bytes, length: int) -> str:
    """Write a prefix; the bits after its length mean nothing (RFC 4271, section 4.3)."""
    if length > 32:
        raise ValueError(f"an IPv4 prefix of {length} bits")
    if len(network) < (length + 7) // 8:
        raise ValueError("it ends within its prefix")
    bits = int.from_bytes(network.ljust(4, b"\0")) >> 32 - length << 32 - length
    return f"{bits >> 24}.{bits >> 16 & 255}.{bits >> 8 & 255}.{bits & 255}/{length}"
