"""What FRR says about sessions: ``show bgp summary json`` and a session's advertised routes."""

from typing import Any, cast

from pydantic import ValidationError

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.answer import parse_answer
from nornir_bgp.frr.as_number import parse_as_number
from nornir_bgp.models.summary import BgpSummary, PeerSummary

_MALFORMED = (KeyError, TypeError, AttributeError, ValueError, ValidationError)


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
                state=peer["state"],
                prefixes_received=peer["pfxRcd"],
            )
            for name, peer in answer["peers"].items()
        },
    )


def parse_advertised_json(text: str | bytes) -> dict[str, str]:
    """Read ``show bgp ipv4 unicast neighbors X advertised-routes json``.

    Returns:
        Prefix -> AS path, as it stands in the table: without the router's own AS, which eBGP puts
        in front; empty for the AS's own routes.

    Raises:
        TableSyntaxError: it is not that document, or not as long as it says; an unknown
            neighbour, for one.
    """
    document = cast(dict[str, Any], parse_answer(text))
    try:
        routes = {
            prefix: str(route["path"])
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
