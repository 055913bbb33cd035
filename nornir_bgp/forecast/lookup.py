"""Longest-prefix match, as a router does it."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network

_BITS = {4: 32, 6: 128}
_REMEMBERED = 2**20
"""Destinations whose prefix is remembered: flows repeat them, and this is about 200 MB."""


class PrefixTable:
    """A set of prefixes of both families, in which the longest match is looked up.

    For each length of prefix there is a set of the networks' leading bits, so that a lookup tries
    the lengths that occur, some 25 in a full IPv4 table, from the longest to the shortest.
    """

    def __init__(self, prefixes: Iterable[str]) -> None:
        """Take the prefixes, each in canonical text."""
        self._tables: dict[int, dict[int, dict[int, str]]] = {4: {}, 6: {}}
        for prefix in prefixes:
            network = ip_network(prefix)
            by_length = self._tables[network.version]
            shift = _BITS[network.version] - network.prefixlen
            leading = int(network.network_address) >> shift
            by_length.setdefault(network.prefixlen, {})[leading] = prefix
        for family, by_length in self._tables.items():
            self._tables[family] = dict(sorted(by_length.items(), reverse=True))
        self.longest = lru_cache(_REMEMBERED)(self._longest)

    def __len__(self) -> int:
        return sum(len(found) for table in self._tables.values() for found in table.values())

    def _longest(self, destination: str) -> str | None:
        """Find the longest prefix that holds all of a destination.

        Args:
            destination: an address, or a prefix.

        Returns:
            The prefix; ``None`` where there is none.

        Raises:
            ValueError: the text is neither an address nor a prefix.
        """
        if "/" in destination:
            network = ip_network(destination, strict=False)
            family, number, most = network.version, int(network.network_address), network.prefixlen
        else:
            address = ip_address(destination)
            family, number, most = address.version, int(address), _BITS[address.version]
        bits = _BITS[family]
        for length, leading in self._tables[family].items():
            if length <= most:
                found = leading.get(number >> (bits - length))
                if found is not None:
                    return found
        return None


def block_of(destination: str) -> str:
    """Name a destination by the block that it is in: /24 of IPv4, /48 of IPv6, or shorter.

    Raises:
        ValueError: the text is neither an address nor a prefix.
    """
    network = ip_network(destination, strict=False)
    most = 24 if network.version == 4 else 48
    return str(network if network.prefixlen <= most else network.supernet(new_prefix=most))
