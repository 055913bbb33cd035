"""Gateways from a file, for a plan that asks no inventory and no router."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Annotated

from pydantic import Field, SkipValidation

from nornir_bgp.models.base import Model
from nornir_bgp.models.documents import Document, Fault, input_error
from nornir_bgp.models.fields import Hostname, Label, Load, PeerAddress, Prefix, canonical_prefix
from nornir_bgp.models.json_text import read_json
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.prefix_texts import are_canonical_ipv4
from nornir_bgp.models.validation import validated

NO_NEIGHBOR = IPv4Address(0)
"""The neighbor of an exit whose file names none."""


class GatewayEntry(Model):
    """One gateway, with one exit.

    Attributes:
        upstream: the provider's name.
        capacity: what the link carries, in the unit of the predictions.
        cost: what the upstream asks for each unit of load above ``commit``.
        commit: the load that is paid for in any case, in the unit of the predictions.
        neighbor: the upstream's address, which only the plan shows.
    """

    upstream: Label
    capacity: Annotated[int, Field(strict=True, gt=0)] | None = None
    cost: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] | None = None
    commit: Load = 0
    neighbor: PeerAddress | None = None


class GatewaysDocument(Model):
    """The gateways of an offline plan.

    Attributes:
        gateways: gateway -> what it is, in the order in which they are considered.
        reach: gateway -> the prefixes that it has a route to; one that is not named here reaches
            every prefix.
    """

    gateways: Annotated[dict[Hostname, GatewayEntry], Field(min_length=1)]
    reach: SkipValidation[dict[Hostname, list[Prefix]]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GatewaysFile:
    """What a file says of gateways.

    Attributes:
        exits: one for each gateway, in the order of the file.
        reach: gateway -> the prefixes that it has a route to, in canonical text; one that is not
            named here reaches every prefix.
    """

    exits: tuple[Exit, ...]
    reach: Mapping[str, Sequence[str]]


def parse_gateways(text: str, source: str) -> GatewaysFile:
    """Read a file of gateways.

    Args:
        text: a JSON document, ``{"gateways": {"GW1": {"upstream": "UP1", ...}, ...}, "reach":
            {"GW1": ["198.51.100.0/24", ...], ...}}``.
        source: the name of its file, for messages.

    Raises:
        InputError: a line for each fault, with its place: syntax, an unknown key, a value that is
            not allowed, a gateway of ``reach`` that is none of the gateways.
    """
    document = read_json(text, source)
    written = validated(GatewaysDocument, document.value, document)
    return GatewaysFile(
        exits=tuple(
            Exit(
                gateway=name,
                neighbor=entry.neighbor or NO_NEIGHBOR,
                upstream=entry.upstream,
                capacity=entry.capacity,
                cost=entry.cost,
                commit=entry.commit,
            )
            for name, entry in written.gateways.items()
        ),
        reach=_reach(document, written),
    )


def _reach(document: Document, written: GatewaysDocument) -> Mapping[str, Sequence[str]]:
    """Check who reaches what; a million prefixes at many gateways are looked at once each."""
    reach: object = written.reach
    if not isinstance(reach, dict):
        told = 'not who reaches what; write {"gateway": ["prefix", ...], ...}'
        raise input_error(document, [Fault(("reach",), told)])
    faults: list[Fault] = []
    seen: set[str] = set()
    for gateway, prefixes in reach.items():
        path = ("reach", gateway)
        if gateway not in written.gateways:
            known = ", ".join(written.gateways)
            faults.append(Fault(path, f"is none of the gateways, which are {known}; correct it"))
        if not isinstance(prefixes, list):
            faults.append(Fault(path, 'not a list of prefixes; write ["prefix", ...]'))
            continue
        if set(map(type, prefixes)) - {str}:
            faults.extend(
                Fault((*path, n), "not a prefix; write text, as 198.51.100.0/24")
                for n, prefix in enumerate(prefixes)
                if type(prefix) is not str
            )
        if not faults:
            seen.update(prefixes)
    if faults:
        raise input_error(document, faults)
    if are_canonical_ipv4(seen):
        return reach
    canonical: dict[str, str] = {}
    for prefix in seen:
        try:
            canonical[prefix] = canonical_prefix(prefix)
        except ValueError as error:
            faults.extend(
                Fault(("reach", gateway, prefixes.index(prefix)), str(error))
                for gateway, prefixes in reach.items()
                if prefix in prefixes
            )
    if faults:
        raise input_error(document, faults)
    return {gateway: [canonical[p] for p in prefixes] for gateway, prefixes in reach.items()}
