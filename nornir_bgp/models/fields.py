"""The typed values that may reach a router, each with a strict alphabet.

A prefix travels as its canonical text (``198.51.100.0/24``, ``2001:db8::/32``), which is also how
FRR prints it, so that a prefix of a file, a plan and a table is one string and compares fast.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv6Address,
    IPv6Interface,
    ip_address,
    ip_network,
)
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

IPAddress = IPv4Address | IPv6Address
IPInterface = IPv4Interface | IPv6Interface

Family = Literal[4, 6]
"""An address family, by its IP version."""


@dataclass(frozen=True)
class Spelled:
    """Text that a pattern matches in full: its error states the rule, its schema the pattern.

    Attributes:
        pattern: in the words that Python and JSON Schema (ECMA 262) share.
        rule: what to write, for a person.
        longest: the largest number of characters, where the pattern does not say it.
    """

    pattern: str
    rule: str
    longest: int | None = None

    def __get_pydantic_core_schema__(
        self, source: type[str], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = {**handler(core), "pattern": f"^{self.pattern}$"}
        return schema if self.longest is None else {**schema, "maxLength": self.longest}

    def _check(self, text: str) -> str:
        too_long = self.longest is not None and len(text) > self.longest
        if too_long or not re.fullmatch(self.pattern, text):
            raise ValueError(f"{text!r} is not allowed; write {self.rule}")
        return text


Hostname = Annotated[
    str,
    Field(strict=True),
    Spelled(
        r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?",
        "at most 63 letters, digits, '-' and '_', with a letter or digit at both ends",
    ),
]
"""A device's name: letters, digits, hyphen and underscore; it becomes a UTS and a file name."""

ServerName = Annotated[
    str,
    Field(strict=True),
    Spelled(
        r"[A-Za-z0-9:][A-Za-z0-9._:%-]{0,252}",
        "an address or a name of letters, digits, '.' and '-'",
    ),
]
"""Where SSH connects to. It may stand in a ProxyCommand of the user's, so no blank, nor ``-`` at
the start."""

UserName = Annotated[
    str,
    Field(strict=True),
    Spelled(
        r"[A-Za-z0-9_][A-Za-z0-9_.@\\+-]{0,63}",
        "at most 64 letters, digits, '_', '.', '@', '+', '-' and '\\'",
    ),
]
"""Who logs in; it may stand in a ProxyCommand, too."""

InterfaceName = Annotated[
    str,
    Field(strict=True),
    Spelled(
        r"[A-Za-z][A-Za-z0-9_.:-]{0,14}",
        "a letter and up to 14 more letters, digits, '_', '.', ':' and '-'",
    ),
]
"""A Linux interface name, at most 15 characters (``IFNAMSIZ`` less the final NUL)."""

PolicyName = Annotated[
    str,
    Field(strict=True),
    Spelled(
        r"[A-Za-z][A-Za-z0-9_.-]{0,63}",
        "a letter and up to 63 more letters, digits, '_', '.' and '-'",
    ),
]
"""The name of a route-map, prefix-list or peer group."""

Label = Annotated[
    str,
    Field(strict=True),
    Spelled(
        r"[A-Za-z0-9][A-Za-z0-9._-]*( [A-Za-z0-9._-]+)*",
        "at most 80 letters, digits, '.', '_' and '-' in words with one blank between",
        longest=80,
    ),
]
"""Free text that is shown, or written on a router as a description (FRR joins repeated blanks)."""


def _file_name(text: str) -> str:
    if not text or not text.isprintable():
        raise ValueError(f"{text!r} is no file's name; write one in printable characters")
    return text


FileName = Annotated[str, Field(strict=True), AfterValidator(_file_name)]
"""The name of a file or folder, as the program opens it."""

AsNumber = Annotated[int, Field(strict=True, ge=1, le=2**32 - 1)]
Load = Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)]
"""An amount of traffic in the unit of the prediction file, a whole number."""

Flag = Annotated[bool, Field(strict=True)]

_AGE = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_AGE_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_age(value: object) -> timedelta:
    """Read an age as people write it: ``90s``, ``15m``, ``36h``, ``7d``.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, timedelta):
        return value
    match = _AGE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(
            f"{value!r} is not an age; write a whole number and s, m, h or d, as in 36h"
        )
    return timedelta(**{_AGE_UNITS[match[2]]: int(match[1])})


Age = Annotated[
    timedelta,
    BeforeValidator(parse_age),
    WithJsonSchema({"type": "string", "pattern": f"^{_AGE.pattern}$"}, mode="validation"),
]
"""How old something may be."""


_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_CANONICAL_IPV4 = re.compile(rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}/(3[0-2]|[12]?[0-9])")
_IPV4 = rf"{_OCTET}(\.{_OCTET}){{3}}"
_IPV6 = r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*"
_IPV4_LENGTH = r"/0*(3[0-2]|[12]?[0-9])"
_IPV6_LENGTH = r"/0*(12[0-8]|1[01][0-9]|[1-9]?[0-9])"
"""What the schemas say of addresses: all that is allowed, and little else."""

_HOST_MASKS = tuple(2**32 - 1 >> length for length in range(33))


def canonical_prefix(text: str) -> str:
    """Return a destination prefix in its canonical spelling.

    IPv4 in canonical spelling, which is nearly all of a large table, takes about a microsecond.

    Args:
        text: an address and a prefix length, ``198.51.100.0/24``.

    Raises:
        ValueError: it is not a prefix; the message says how to mend it.
    """
    match = _CANONICAL_IPV4.fullmatch(text)
    if match is not None:
        a, b, c, d, bits = map(int, match.groups())
        if not (a << 24 | b << 16 | c << 8 | d) & _HOST_MASKS[bits]:
            return text
    address, slash, length = text.partition("/")
    if not slash:
        raise ValueError(f"{text!r} has no prefix length; write it as address/length")
    if not (length.isascii() and length.isdecimal()):
        raise ValueError(f"{text!r} has a bad prefix length {length!r}; write a number of bits")
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a prefix; write an IPv4 or IPv6 address and its length in bits"
        ) from None
    if "%" in address or network.network_address != ip_network(address).network_address:
        raise ValueError(f"{text!r} has host bits set; write {network}")
    return str(network)


def family_of(prefix: str) -> Family:
    """Return the address family of a prefix or an address in text."""
    return 6 if ":" in prefix else 4


Prefix = Annotated[
    str,
    Field(strict=True),
    AfterValidator(canonical_prefix),
    WithJsonSchema(
        {"type": "string", "pattern": f"^({_IPV4}{_IPV4_LENGTH}|{_IPV6}{_IPV6_LENGTH})$"}
    ),
]
"""A destination prefix in canonical text."""


def _peer_address(value: object) -> IPAddress:
    if not isinstance(value, str | IPv4Address | IPv6Address):
        raise ValueError(f"{value!r} is not text; write an address such as 10.0.5.1, in quotes")
    try:
        address = ip_address(value)
    except ValueError:
        raise ValueError(f"{value!r} is not an IP address; write one, without a length") from None
    if address.is_multicast or address.is_unspecified or "%" in str(address):
        raise ValueError(f"{value!r} cannot be a neighbor; write its unicast address")
    return address


PeerAddress = Annotated[IPAddress, BeforeValidator(_peer_address)]
"""The address of a BGP neighbour: unicast, without zone."""


def _interface_address(kind: type[IPInterface]) -> Callable[[object], IPInterface]:
    """Make a validator for the addresses of one family."""
    family = "IPv4" if kind is IPv4Interface else "IPv6"

    def check(value: object) -> IPInterface:
        if isinstance(value, kind):
            return value
        address, _, length = str(value).partition("/")
        if not (length.isascii() and length.isdecimal()) or "%" in address:
            raise ValueError(f"{str(value)!r} has no prefix length; write it as address/length")
        try:
            return kind(str(value))
        except ValueError as error:
            raise ValueError(
                f"{str(value)!r} is not an {family} interface address: {error}; correct it"
            ) from None

    return check


InterfaceIPv4 = Annotated[
    IPv4Interface,
    BeforeValidator(_interface_address(IPv4Interface)),
    WithJsonSchema({"type": "string", "pattern": f"^{_IPV4}{_IPV4_LENGTH}$"}),
]
InterfaceIPv6 = Annotated[
    IPv6Interface,
    BeforeValidator(_interface_address(IPv6Interface)),
    WithJsonSchema({"type": "string", "pattern": f"^{_IPV6}{_IPV6_LENGTH}$"}),
]
"""An interface's address and the prefix length of its network."""


def _router_id(text: str) -> str:
    try:
        address = IPv4Address(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a router id; write four numbers as in 192.0.2.1"
        ) from None
    if address.is_unspecified:
        raise ValueError(f"{text!r} is no router id; write another than zero")
    return text


RouterId = Annotated[
    str,
    Field(strict=True),
    AfterValidator(_router_id),
    WithJsonSchema({"type": "string", "pattern": f"^{_IPV4}$"}),
]
"""A BGP identifier, written like an IPv4 address."""
