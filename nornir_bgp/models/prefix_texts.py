"""Many prefixes at once, by arrays of numbers.

:func:`~nornir_bgp.models.fields.canonical_prefix` takes microseconds for each prefix; a million of
them are looked at here in half a second.
"""

import re
from collections.abc import Collection, Sequence
from ipaddress import IPv6Network

import numpy as np
from numpy.typing import NDArray

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
# Possessive: what is canonical needs no way back, and none is kept for millions of lines.
_LINES = re.compile(rf"(?>{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}/(?:3[0-2]|[12]?[0-9])\n)*+")
_TO_BLANKS = str.maketrans("./\n", "   ")
_OCTETS = np.array([1 << 24, 1 << 16, 1 << 8, 1])


def are_canonical_ipv4(texts: Collection[str]) -> bool:
    """Tell whether every text is an IPv4 prefix in canonical spelling, without host bits."""
    lines = "\n".join(texts) + "\n" if texts else ""
    # A text with a line feed inside would count as two.
    if not _LINES.fullmatch(lines) or lines.count("\n") != len(texts):
        return False
    addresses, lengths = _numbers(lines)
    return not np.any(addresses & ((1 << (32 - lengths)) - 1))


def ipv4_ranges(prefixes: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last address of each IPv4 prefix in canonical text."""
    addresses, lengths = _numbers("\n".join(prefixes))
    return addresses, addresses + ((1 << (32 - lengths)) - 1)


def ipv6_ranges(prefixes: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return the first and the last address of each IPv6 prefix in canonical text."""
    networks = [IPv6Network(prefix) for prefix in prefixes]
    return (
        [int(network.network_address) for network in networks],
        [int(network.broadcast_address) for network in networks],
    )


def _numbers(lines: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    text = lines.translate(_TO_BLANKS)
    numbers = np.fromstring(text, dtype=np.int64, sep=" ") if text else np.zeros(0, dtype=np.int64)
    numbers = numbers.reshape(-1, 5)
    return numbers[:, :4] @ _OCTETS, numbers[:, 4]
