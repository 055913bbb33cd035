"""Routes that people write by hand: a YAML file with a top-level ``routes:`` list."""

import re
from ipaddress import IPv4Address
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from nornir_bgp.models.base import Model
from nornir_bgp.models.communities import community_number, community_text
from nornir_bgp.models.documents import Fault, KeyPath, input_error
from nornir_bgp.models.fields import AsNumber, Hostname, IPAddress, PeerAddress, Prefix, Spelled
from nornir_bgp.models.validation import misplaced, validated
from nornir_bgp.models.yaml_text import read_yaml

_NUMBER = "[1-9][0-9]{0,9}"
_SEGMENT = rf"({_NUMBER}|\{{{_NUMBER}(,{_NUMBER})*\}})"


def _ipv4_address(address: IPAddress) -> IPAddress:
    if not isinstance(address, IPv4Address):
        raise ValueError(f"{address} is IPv6; only IPv4 is modelled, write an IPv4 address")
    return address


def _ipv4_prefix(prefix: str) -> str:
    if ":" in prefix:
        raise ValueError(f"{prefix} is IPv6; only IPv4 is modelled, leave it out")
    return prefix


def _community(text: str) -> str:
    try:
        return community_text(community_number(text))
    except ValueError:
        raise ValueError(
            f"{text!r} is no community; write two numbers as in 65004:100, or a name as no-export"
        ) from None


def _as_path(text: str) -> str:
    if max(map(int, re.findall(_NUMBER, text))) >= 2**32:
        raise ValueError(f"{text!r} has an AS number over {2**32 - 1}; correct it")
    return text


_IPv4Peer = Annotated[PeerAddress, AfterValidator(_ipv4_address)]


class GivenRoute(Model):
    """What one neighbour sends to one router: some prefixes with the same attributes.

    Attributes:
        router: the router that hears it.
        peer: the neighbour's address.
        prefixes: the destinations, IPv4.
        as_path: AS numbers with one blank between, the neighbour's first; a set as
            ``{65011,65012}``.
        peer_as: the neighbour's AS, where it is not the first of ``as_path`` (a route server).
        next_hop: where the neighbour's address is not the next hop.
        origin: ``igp``, ``egp`` or ``incomplete``.
        med: MULTI_EXIT_DISC; ``None``: it has none.
        communities: standard communities.
    """

    router: Hostname
    peer: _IPv4Peer
    prefixes: Annotated[
        tuple[Annotated[Prefix, AfterValidator(_ipv4_prefix)], ...], Field(min_length=1)
    ]
    as_path: Annotated[
        str,
        Field(strict=True),
        Spelled(
            rf"{_SEGMENT}( {_SEGMENT})*",
            "AS numbers with one blank between, the neighbour's first, as in 65004 65010",
        ),
        AfterValidator(_as_path),
    ]
    peer_as: AsNumber | None = None
    next_hop: _IPv4Peer | None = None
    origin: Literal["igp", "egp", "incomplete"] = "igp"
    med: Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)] | None = None
    communities: tuple[Annotated[str, Field(strict=True), AfterValidator(_community)], ...] = ()

    @model_validator(mode="after")
    def _says_who_sent_it(self) -> Self:
        if self.peer_as is None and self.as_path.startswith("{"):
            raise misplaced(
                ("peer_as",), "is missing, since as_path begins with a set; add the neighbour's AS"
            )
        return self

    @property
    def sender_as(self) -> int:
        """The neighbour's AS."""
        return int(self.as_path.split(" ")[0]) if self.peer_as is None else self.peer_as


class GivenRoutes(Model):
    """Routes from outside, in the order in which they are announced.

    Attributes:
        routes: the routes; of two to one prefix the first counts as the older one.
    """

    routes: Annotated[tuple[GivenRoute, ...], Field(min_length=1)]


def parse_given_routes(text: str, source: str) -> GivenRoutes:
    """Read a file of routes.

    Args:
        text: YAML.
        source: the name of its file, for messages.

    Raises:
        InputError: a fault of syntax or of content; or a neighbour that has two AS numbers, or
            sends two routes to one prefix.
    """
    document = read_yaml(text, source)
    given = validated(GivenRoutes, document.value, document)
    faults: list[Fault] = []
    as_numbers: dict[tuple[str, IPAddress], int] = {}
    sent: set[tuple[str, IPAddress, str]] = set()
    for n, route in enumerate(given.routes):
        path: KeyPath = ("routes", n)
        first = as_numbers.setdefault((route.router, route.peer), route.sender_as)
        if first != route.sender_as:
            faults.append(
                Fault(
                    (*path, "as_path" if route.peer_as is None else "peer_as"),
                    f"{route.peer} is in AS {first} above and in AS {route.sender_as} here; "
                    "correct one, or give both the same peer_as",
                )
            )
        for k, prefix in enumerate(route.prefixes):
            if (route.router, route.peer, prefix) in sent:
                faults.append(
                    Fault(
                        (*path, "prefixes", k),
                        f"{route.peer} sends {prefix} to {route.router} twice; remove one",
                    )
                )
            sent.add((route.router, route.peer, prefix))
    if faults:
        raise input_error(document, faults)
    return given
