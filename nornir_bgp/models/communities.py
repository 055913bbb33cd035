"""Standard communities (RFC 1997) as FRR writes them."""

import re
from collections.abc import Iterable, Mapping

WELL_KNOWN: Mapping[str, int] = {
    "internet": 0,
    "graceful-shutdown": 0xFFFF0000,
    "accept-own": 0xFFFF0001,
    "route-filter-translated-v4": 0xFFFF0002,
    "route-filter-v4": 0xFFFF0003,
    "route-filter-translated-v6": 0xFFFF0004,
    "route-filter-v6": 0xFFFF0005,
    "llgr-stale": 0xFFFF0006,
    "no-llgr": 0xFFFF0007,
    "accept-own-nexthop": 0xFFFF0008,
    "blackhole": 0xFFFF029A,
    "no-export": 0xFFFFFF01,
    "no-advertise": 0xFFFFFF02,
    "local-AS": 0xFFFFFF03,
    "no-peer": 0xFFFFFF04,
}
"""FRR's names (IANA's registry of well-known BGP communities; ``internet`` is FRR's own)."""

_NAMES = {value: name for name, value in WELL_KNOWN.items()}
_PAIR = re.compile(r"(\d{1,5}):(\d{1,5})", re.ASCII)


def community_number(text: str) -> int:
    """Return the 32 bits of a community: ``65020:100``, a well-known name, or a plain number.

    Raises:
        ValueError: it is no standard community.
    """
    if text in WELL_KNOWN:
        return WELL_KNOWN[text]
    if pair := _PAIR.fullmatch(text):
        high, low = int(pair[1]), int(pair[2])
        number = high << 16 | low if max(high, low) < 2**16 else -1
    else:
        number = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= number < 2**32:
        raise ValueError(f"{text!r} is not a standard community")
    return number


def community_text(number: int) -> str:
    """Return FRR's text of a community."""
    return _NAMES.get(number) or f"{number >> 16}:{number & 0xFFFF}"


def in_frr_order(communities: Iterable[str]) -> tuple[str, ...]:
    """Return communities in the order in which FRR keeps and prints them, by their numbers."""
    return tuple(sorted(communities, key=community_number))
