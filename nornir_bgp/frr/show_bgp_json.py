"""The document of ``show bgp ipv4 unicast json`` and ``show bgp ipv6 unicast json``."""

from typing import NotRequired, TypedDict, cast

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.answer import parse_answer
from nornir_bgp.frr.as_number import parse_as_number
from nornir_bgp.models.fields import canonical_prefix
from nornir_bgp.models.rib import Path, Rib

_ORIGINS = {"IGP": "i", "EGP": "e", "incomplete": "?"}
_NO_PEER = "(unspec)"
"""What FRR calls the peer of its own routes."""


class _NextHop(TypedDict):
    ip: str
    used: NotRequired[bool]


class _JsonPath(TypedDict):
    """What this module reads of a path; flags are there only where they are true."""

    valid: NotRequired[bool]
    bestpath: NotRequired[bool]
    multipath: NotRequired[bool]
    selectionReason: NotRequired[str]
    pathFrom: str
    metric: NotRequired[int]
    locPrf: NotRequired[int]
    weight: int
    peerId: str
    path: str
    origin: str
    nexthops: list[_NextHop]


def parse_json(text: str | bytes, broken: list[tuple[str, str]] | None = None) -> Rib:
    """Read a BGP table of one address family, whole or filtered.

    Fields mean what the text's columns mean: ``multipath`` is ``=``, so the best path itself does
    not have it.

    Args:
        text: FRR's answer.
        broken: where this is given, prefixes whose paths cannot be read are left out and added
            here, each with the reason.

    Raises:
        TableSyntaxError: it is not that document; the message says what is missing, and where.
    """
    document = parse_answer(text)
    try:
        router_id = cast(str, document["routerId"])
        local_as = parse_as_number(cast(int | str, document["localAS"]))
        version = cast(int, document["tableVersion"])
        default_local_pref = cast(int, document["defaultLocPrf"])
        routes = cast(dict[str, list[_JsonPath]], document["routes"])
    except (KeyError, ValueError) as error:
        raise TableSyntaxError(f"show bgp json: no table header: {error}") from None
    # Late 10.x counts what it shows.
    if document.get("totalRoutes", len(routes)) != len(routes):
        raise TableSyntaxError(
            f"show bgp json: {len(routes)} routes, but totalRoutes is {document['totalRoutes']}"
        )
    return Rib(router_id, local_as, version, default_local_pref, _parse_routes(routes, broken))


def _parse_routes(
    routes: dict[str, list[_JsonPath]], broken: list[tuple[str, str]] | None
) -> dict[str, tuple[Path, ...]]:
    if not isinstance(routes, dict):
        raise TableSyntaxError("show bgp json: routes is no object")
    parsed: dict[str, tuple[Path, ...]] = {}
    for prefix, paths in routes.items():
        try:
            # FRR and Python spell only addresses with an embedded IPv4 address differently.
            key = canonical_prefix(prefix) if ":" in prefix and "." in prefix else prefix
            parsed[key] = tuple([_parse_path(path) for path in paths])
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            fault = f"not a list of paths: {type(error).__name__} {error}"
            if broken is None:
                raise TableSyntaxError(f"show bgp json: {prefix}: {fault}") from None
            broken.append((prefix, fault))
    return parsed


def _parse_path(path: _JsonPath) -> Path:
    best = "bestpath" in path
    next_hops = path["nexthops"]
    peer = path["peerId"]
    return Path(
        "valid" in path,
        best,
        "multipath" in path and not best,
        path["pathFrom"] == "internal",
        next_hops[0]["ip"] if len(next_hops) == 1 else _used_next_hop(next_hops),
        path.get("metric"),
        path.get("locPrf"),
        path["weight"],
        path["path"],
        _ORIGINS[path["origin"]],
        None if peer == _NO_PEER else peer,
        path.get("selectionReason"),
    )


def _used_next_hop(next_hops: list[_NextHop]) -> str:
    """Choose between a global and a link-local next hop.

    On an unnumbered session FRR marks the link-local one as used although it may be ``::``, which
    stands for none.
    """
    for hop in next_hops:
        if "used" in hop:
            return hop["ip"] if hop["ip"] != "::" else next_hops[0]["ip"]
    raise KeyError("used")
