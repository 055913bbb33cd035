"""Path attributes as BGP sends them and MRT keeps them: from bytes to a route."""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address
from struct import iter_unpack
from typing import TypeVar

from nornir_bgp.bgp.as_path import EMPTY_PATH, AsPath, Kind, Segment
from nornir_bgp.bgp.route import Origin, Route
from nornir_bgp.models.communities import community_text

Value = TypeVar("Value")

_EXTENDED_LENGTH = 0x10

# The types of attributes (RFC 4271, section 5; RFC 1997, 4456, 4760, 6793, 7311).
_ORIGIN, _AS_PATH, _NEXT_HOP, _MED, _LOCAL_PREF = 1, 2, 3, 4, 5
_COMMUNITIES, _ORIGINATOR_ID, _CLUSTER_LIST = 8, 9, 10
_MP_REACH_NLRI, _AS4_PATH, _AIGP = 14, 17, 26

_FIXED_LENGTHS = {_ORIGIN: 1, _NEXT_HOP: 4, _MED: 4, _LOCAL_PREF: 4, _ORIGINATOR_ID: 4}
_KINDS = {1: Kind.SET, 2: Kind.SEQUENCE, 3: Kind.CONFED_SEQUENCE, 4: Kind.CONFED_SET}
_AIGP_TLV = b"\x01\x00\x0b"
"""Type 1 and length 11 of the one TLV that there is (RFC 7311, section 3)."""


def parse_attributes(data: bytes, *, as_width: int) -> Route | None:
    """Read the attributes of one route.

    Args:
        data: the attributes, one after another.
        as_width: the bytes of an AS number in AS_PATH, 2 or 4; of 2, AS4_PATH is taken in.

    Returns:
        ``None`` where the next hop of the route is IPv6 alone (RFC 8950).

    Raises:
        ValueError: they are no attributes, or not all that a route has; the message says why.
    """
    found = dict(_attributes(data))
    for kind, length in _FIXED_LENGTHS.items():
        if kind in found and len(found[kind]) != length:
            raise ValueError(f"{len(found[kind])} bytes in attribute {kind}, which has {length}")
    for kind in (_COMMUNITIES, _CLUSTER_LIST):
        if len(found.get(kind, b"")) % 4:
            raise ValueError(f"{len(found[kind])} bytes in attribute {kind}, of 4 each")
    if _ORIGIN not in found or _AS_PATH not in found:
        raise ValueError("no ORIGIN or no AS_PATH")
    if found[_ORIGIN][0] > Origin.INCOMPLETE:
        raise ValueError(f"ORIGIN {found[_ORIGIN][0]}; 0, 1 or 2 is one")
    path = _as_path(found[_AS_PATH], as_width)
    if as_width == 2 and _AS4_PATH in found:
        path = _merged(path, _as_path(found[_AS4_PATH], 4))
    if _NEXT_HOP not in found:
        if _MP_REACH_NLRI in found:
            return None
        raise ValueError("no NEXT_HOP")
    return Route(
        next_hop=_address(found[_NEXT_HOP]),
        as_path=path,
        origin=Origin(found[_ORIGIN][0]),
        local_pref=_optional(found, _LOCAL_PREF, _number),
        med=_optional(found, _MED, _number),
        communities=frozenset(
            community_text(number) for (number,) in iter_unpack(">I", found.get(_COMMUNITIES, b""))
        ),
        originator_id=_optional(found, _ORIGINATOR_ID, _address),
        cluster_list=tuple(
            _address(address) for (address,) in iter_unpack("4s", found.get(_CLUSTER_LIST, b""))
        ),
        aigp=_optional(found, _AIGP, _aigp),
    )


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Cut attributes: flags, type, length of one byte or two, value (RFC 4271, section 4.3)."""
    at = 0
    seen: set[int] = set()
    while at < len(data):
        head = 4 if data[at] & _EXTENDED_LENGTH else 3
        start = at + head
        if start > len(data):
            raise ValueError("the attributes end within the head of one")
        kind = data[at + 1]
        end = start + int.from_bytes(data[at + 2 : start])
        if end > len(data):
            raise ValueError(f"attribute {kind} is longer than all attributes")
        if kind in seen:
            raise ValueError(f"attribute {kind} twice")
        seen.add(kind)
        yield kind, data[start:end]
        at = end


def _as_path(data: bytes, width: int) -> AsPath:
    """Read segments: type, count, numbers; FRR joins sequences that follow each other."""
    segments: list[Segment] = []
    at = 0
    while at < len(data):
        count = data[at + 1] if at + 1 < len(data) else 0
        end = at + 2 + count * width
        if data[at] not in _KINDS or not count or end > len(data):
            raise ValueError("an AS path that is none")
        kind = _KINDS[data[at]]
        unpacked = iter_unpack(">I" if width == 4 else ">H", data[at + 2 : end])
        numbers = tuple(number for (number,) in unpacked)
        if kind in (Kind.SET, Kind.CONFED_SET):
            numbers = tuple(sorted(set(numbers)))
        elif segments and segments[-1].kind is kind:
            numbers = segments.pop().numbers + numbers
        segments.append(Segment(kind, numbers))
        at = end
    return AsPath(tuple(segments)) if segments else EMPTY_PATH


def _merged(old: AsPath, new: AsPath) -> AsPath:
    """Put the path of those who know 4-byte AS numbers behind that of those before them.

    RFC 6793, section 4.2.3: AS4_PATH replaces as many hops at the end of AS_PATH as it has; where
    it has more than AS_PATH, it is not looked at.
    """
    ahead = old.hops - new.hops
    if ahead < 0:
        return old
    segments: list[Segment] = []
    for kind, numbers in old.segments:
        if kind in (Kind.CONFED_SEQUENCE, Kind.CONFED_SET):
            segments.append(Segment(kind, numbers))
        elif ahead > 0:
            kept = numbers if kind is Kind.SET else numbers[:ahead]
            segments.append(Segment(kind, kept))
            ahead -= 1 if kind is Kind.SET else len(kept)
    for kind, numbers in new.without_confederation().segments:
        if segments and segments[-1].kind is kind is Kind.SEQUENCE:
            segments.append(Segment(kind, segments.pop().numbers + numbers))
        else:
            segments.append(Segment(kind, numbers))
    return AsPath(tuple(segments))


def _address(data: bytes) -> str:
    return str(IPv4Address(data))


def _number(data: bytes) -> int:
    return int.from_bytes(data)


def _aigp(data: bytes) -> int:
    if len(data) != 11 or data[:3] != _AIGP_TLV:
        raise ValueError("AIGP that is not one TLV of 11 bytes")
    return int.from_bytes(data[3:])


def _optional(
    found: Mapping[int, bytes], kind: int, read: Callable[[bytes], Value]
) -> Value | None:
    return read(found[kind]) if kind in found else None
