"""Prefix-lists as routes are looked up in them."""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address

from nornir_bgp.models.fields import canonical_prefix
from nornir_bgp.models.routing import PrefixRule

_IPV4_PREFIX = re.compile(r"[\d.]+/\d+", re.ASCII)


class PrefixRules:
    """The entries of a list, in their order: the first that matches decides.

    Lists are long and are asked often. An entry for one network alone is found by its text; the
    others by the bits of their network, one look for each of their lengths.
    """

    def __init__(self, rules: Iterable[PrefixRule]) -> None:
        """Take the entries of a list.

        Args:
            rules: in the order of the list.
        """
        self._permits: list[bool] = []
        self._exact: dict[str, int] = {}
        wide: dict[tuple[int, int], dict[int, list[tuple[int, int, int]]]] = {}
        for place, rule in enumerate(rules):
            self._permits.append(rule.permits)
            width, length, bits = place_of(rule.network)
            if rule.shortest == rule.longest == length:
                self._exact.setdefault(rule.network, place)
            else:
                blocks = wide.setdefault((width, length), {})
                found = blocks.setdefault(bits >> (width - length), [])
                found.append((place, rule.shortest, rule.longest))
        self._wide = tuple(wide.items())

    def decision(self, prefix: str) -> bool | None:
        """Say whether the list permits a route; ``None``: no entry matches.

        Args:
            prefix: the route's prefix in canonical text.
        """
        first = self._exact.get(prefix, len(self._permits))
        if self._wide:
            width, length, bits = place_of(prefix)
            for (block_width, block_length), blocks in self._wide:
                if block_width != width or block_length > length:
                    continue
                for place, shortest, longest in blocks.get(bits >> (width - block_length), ()):
                    if place > first:
                        break
                    if shortest <= length <= longest:
                        first = place
                        break
        return self._permits[first] if first < len(self._permits) else None


def without_host_bits(text: str) -> str:
    """Return the canonical text of an IPv4 prefix whose host bits may be set, as FRR stores it.

    Raises:
        ValueError: it is no IPv4 prefix.
    """
    if _IPV4_PREFIX.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not an IPv4 prefix")
    try:
        return canonical_prefix(text)  # the usual case, without the cost of ipaddress
    except ValueError:
        pass
    try:
        return str(IPv4Network(text, strict=False))
    except ValueError:
        raise ValueError(f"{text!r} is not an IPv4 prefix") from None


@lru_cache(maxsize=1 << 17)
def place_of(prefix: str) -> tuple[int, int, int]:
    """Return the width of a prefix's family, its length, and its bits.

    Many lists are asked about the same one; :mod:`ipaddress` would be slower for IPv4, and more
    particular.
    """
    address, _, length = prefix.partition("/")
    if ":" in address:
        return 128, int(length), int(IPv6Address(address))
    return 32, int(length), int.from_bytes(bytes(map(int, address.split("."))))
