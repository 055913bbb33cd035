"""The texts inside lists and route-maps, each with a strict alphabet.

They are written as FRR prints them, so that a rendered line and a running one are the same text.
"""

import re
import warnings
from ipaddress import ip_address, ip_network
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, WithJsonSchema

from nornir_bgp.models.communities import community_number, community_text
from nornir_bgp.models.fields import InterfaceName, Spelled, canonical_prefix


def canonical_communities(text: str) -> str:
    """Return communities as FRR prints them: each once, in order of their numbers, named if known.

    Args:
        text: communities with one blank between: ``65020:1 no-export``.

    Raises:
        ValueError: one of them is none.
    """
    return " ".join(map(community_text, sorted({_community(word) for word in text.split(" ")})))


def _community(word: str) -> int:
    try:
        if not word.isdecimal():  # FRR takes one number of 32 bits; by hand it is mostly a slip
            return community_number(word)
    except ValueError:
        pass
    raise ValueError(
        f"{word!r} is no community; write two numbers up to 65535 as in 65020:1, or a name such as "
        "no-export, with one blank between two communities"
    )


Communities = Annotated[
    str,
    Field(strict=True),
    AfterValidator(canonical_communities),
    WithJsonSchema({"type": "string", "pattern": "^[0-9A-Za-z:-]+( [0-9A-Za-z:-]+)*$"}),
]
"""Standard communities with one blank between."""

SetCommunities = Annotated[
    str,
    Field(strict=True),
    AfterValidator(lambda text: text if text == "none" else canonical_communities(text)),
    WithJsonSchema({"type": "string", "pattern": "^[0-9A-Za-z:-]+( [0-9A-Za-z:-]+)*$"}),
]
"""Standard communities, or ``none`` at all."""


def _compiles(text: str) -> str:
    """Refuse what is no regular expression, and what vtysh takes for its own ``| include``."""
    if "| " in text:
        raise ValueError(f"{text!r} has a blank after '|', a command of vtysh's; move it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # a set that Python may read otherwise
            re.compile(text)
    except (re.error, OverflowError, FutureWarning) as error:
        raise ValueError(f"{text!r} is no regular expression: {error}; correct it") from None
    return text


_PATTERN = r"[{0}_^$.*+()\[\]{{}}|,-]+( [{0}_^$.*+()\[\]{{}}|,-]+)*"

AsPathPattern = Annotated[
    str,
    Field(strict=True),
    Spelled(
        _PATTERN.format("0-9"),
        "digits, single blanks and the marks _ ^ $ . * + ( ) [ ] { } | , -",
        longest=200,
    ),
    AfterValidator(_compiles),
]
"""A regular expression on AS paths; ``_`` is a border. There is no ``?``, which vtysh takes for a
question: write ``{0,1}``."""

CommunityPattern = Annotated[
    str,
    Field(strict=True),
    Spelled(
        _PATTERN.format("0-9A-Za-z:"),
        "letters, digits, ':', single blanks and the marks _ ^ $ . * + ( ) [ ] { } | , -",
        longest=200,
    ),
    AfterValidator(_compiles),
]
"""A regular expression on the communities of a route, as FRR prints them."""


def _listed(version: int, text: str) -> str:
    if text == "any":
        return text
    prefix = canonical_prefix(text)
    if ip_network(prefix).version != version:
        raise ValueError(f"{text!r} is not IPv{version}; put it into the other family's list")
    return prefix


_LISTED = {"type": "string", "pattern": "^(any|[0-9A-Fa-f:.]+/[0-9]+)$"}

ListedIPv4 = Annotated[
    str,
    Field(strict=True),
    AfterValidator(lambda text: _listed(4, text)),
    WithJsonSchema(_LISTED),
]
ListedIPv6 = Annotated[
    str,
    Field(strict=True),
    AfterValidator(lambda text: _listed(6, text)),
    WithJsonSchema(_LISTED),
]
"""What an entry of a prefix-list names: a prefix of its family, or ``any`` prefix at all."""


def _address_or_interface(value: object) -> str:
    text = str(value)
    try:
        address = ip_address(text)
    except ValueError:
        return _INTERFACE.validate_python(value)
    if address.is_multicast or address.is_unspecified or "%" in text:
        raise ValueError(f"{text!r} is no unicast address; write one, or an interface's name")
    return str(address)


_INTERFACE: TypeAdapter[str] = TypeAdapter(InterfaceName)

AddressOrInterface = Annotated[
    str,
    BeforeValidator(_address_or_interface),
    WithJsonSchema({"type": "string", "pattern": "^[0-9A-Za-z][0-9A-Za-z_.:-]*$"}),
]
"""A unicast address as FRR prints it, or the name of an interface."""
