"""What FRR says about sessions: ``show bgp summary json`` and a session's advertised routes."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import ValidationError

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.answer import parse_answer
from nornir_bgp.frr.as_number import parse_as_number
from nornir_bgp.models.fields import Family
from nornir_bgp.models.state import Announced
from nornir_bgp.models.summary import BgpSummary, PeerSummary

FAMILY_NAMES: Mapping[Family, str] = {4: "ipv4Unicast", 6: "ipv6Unicast"}
"""What FRR calls the unicast address families in its JSON."""

_MALFORMED = (KeyError, TypeError, AttributeError, ValueError, ValidationError)
_NO_IDENTIFIER = "0.0.0.0"  # noqa: S104 - what FRR prints for none


def parse_summary_json(text: str | bytes) -> dict[str, BgpSummary]:
    """Read ``show bgp summary json``.

    Returns:
        Address family as FRR names it (``ipv4Unicast``, ``ipv6Unicast``) -> its sessions; nothing
        where the router has no neighbour.

    Raises:
        TableSyntaxError: it is not that document.
    """
    summaries: dict[str, BgpSummary] = {}
    for family, answer in parse_answer(text).items():
        try:
            summaries[family] = _parse_family(cast(dict[str, Any], answer))
        except _MALFORMED as error:
            raise TableSyntaxError(f"show bgp summary json: {family}: {error!r}") from None
    return summaries


def _parse_family(answer: dict[str, Any]) -> BgpSummary:
    return BgpSummary(
        router_id=answer["routerId"],
        local_as=parse_as_number(answer["as"]),
        peers={
            name: PeerSummary(
                remote_as=parse_as_number(peer["remoteAs"]),
                external=parse_as_number(peer["remoteAs"])
                != parse_as_number(peer.get("localAs", answer["as"])),
                state=peer["state"],
                prefixes_received=peer["pfxRcd"],
                up=peer["peerUptimeMsec"] / 1000,
            )
            for name, peer in answer["peers"].items()
        },
    )


def parse_end_of_rib(text: str | bytes, family: Family = 4) -> bool:
    """Read from ``show bgp neighbors X json`` whether End-of-RIB has come for a unicast family.

    Args:
        text: FRR's answer.
        family: the address family.

    Returns:
        ``False`` also for a neighbour that never sends it.

    Raises:
        TableSyntaxError: it is not that document, or has no neighbour.
    """
    document = cast(dict[str, Any], parse_answer(text))
    try:
        (neighbor,) = document.values()
        received = neighbor.get("gracefulRestartInfo", {}).get("endOfRibRecv", {})
        return bool(received.get(FAMILY_NAMES[family], False))
    except _MALFORMED as error:
        raise TableSyntaxError(f"show bgp neighbors json: {error!r}") from None


def parse_peer_ids(text: str | bytes) -> dict[str, str]:
    """Read from ``show bgp neighbors json`` the BGP identifier of each neighbour.

    Returns:
        Neighbour -> identifier; one whose session never was established has none.

    Raises:
        TableSyntaxError: it is not that document.
    """
    document = cast(dict[str, Any], parse_answer(text))
    try:
        identifiers = {name: str(peer["remoteRouterId"]) for name, peer in document.items()}
    except _MALFORMED as error:
        raise TableSyntaxError(f"show bgp neighbors json: {error!r}") from None
    return {name: found for name, found in identifiers.items() if found != _NO_IDENTIFIER}


def parse_advertised_json(text: str | bytes) -> dict[str, Announced]:
    """Read ``show bgp ipv4 unicast neighbors X advertised-routes json``, or of IPv6.

    Returns:
        Prefix -> route. Its AS path stands there as in the table: without the router's own AS,
        which eBGP puts in front; empty for the AS's own routes.

    Raises:
        TableSyntaxError: it is not that document, or not as long as it says; an unknown
            neighbour, for one.
    """
    document = cast(dict[str, Any], parse_answer(text))
    try:
        routes = {
            prefix: Announced(str(route["path"]), str(route["bgpOriginCode"]))
            for prefix, route in document.get("advertisedRoutes", {}).items()
        }
        count = document["totalPrefixCounter"]
    except _MALFORMED as error:
        raise TableSyntaxError(f"advertised-routes json: {error!r}") from None
    if count != len(routes):
        raise TableSyntaxError(
            f"advertised-routes json: {len(routes)} routes, but totalPrefixCounter is {count}"
        )
    return routes
