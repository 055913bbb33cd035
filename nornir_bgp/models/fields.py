"""The typed values that may reach a router, each with a strict alphabet.

A prefix travels as its canonical text (``198.51.100.0/24``, ``2001:db8::/32``), which is also how
FRR prints it, so that a prefix of a file, a plan and a table is one string and compares fast.
"""

from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv6Address,
    IPv6Interface,
    ip_network,
)
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

IPAddress = IPv4Address | IPv6Address
IPInterface = IPv4Interface | IPv6Interface

Hostname = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$")
]
"""A device's name: letters, digits, hyphen and underscore; it becomes a UTS and a file name."""

InterfaceName = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[A-Za-z][A-Za-z0-9_.:-]{0,14}$")
]
"""A Linux interface name, at most 15 characters (``IFNAMSIZ`` less the final NUL)."""

PolicyName = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")
]
"""The name of a route-map, prefix-list or peer group."""

Label = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}$")
]
"""Free text that is shown, or written on a router as a description."""

AsNumber = Annotated[int, Field(strict=True, ge=1, le=2**32 - 1)]
Load = Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)]
"""An amount of traffic in the unit of the prediction file, a whole number."""

Flag = Annotated[bool, Field(strict=True)]


def canonical_prefix(text: str) -> str:
    """Return a destination prefix in its canonical spelling.

    Args:
        text: an address and a prefix length, ``198.51.100.0/24``.

    Raises:
        ValueError: it is not a prefix; the message says how to mend it.
    """
    address, slash, length = text.partition("/")
    if not slash:
        raise ValueError(f"{text!r} has no prefix length; write it as address/length")
    if not (length.isascii() and length.isdecimal()):
        raise ValueError(f"{text!r} has a bad prefix length {length!r}; write a number of bits")
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a prefix: {error}") from None
    if "%" in address or network.network_address != ip_network(address).network_address:
        raise ValueError(f"{text!r} has host bits set; write {network}")
    return str(network)


Prefix = Annotated[str, Field(strict=True), AfterValidator(canonical_prefix)]
"""A destination prefix in canonical text."""


def prefix_sort_key(prefix: str) -> tuple[int, int, int]:
    """Order prefixes by family, address and length, given their canonical text."""
    network = ip_network(prefix)
    return network.version, int(network.network_address), network.prefixlen
