"""The document of ``show bgp ipv4 unicast PREFIX json``: all that FRR knows of one prefix's paths.

The shape is another than that of a whole table: AS path, peer and the mark of the best path are
objects, and the IGP's cost of the next hop, ORIGINATOR_ID, CLUSTER_LIST and communities are there.
"""

from typing import NotRequired, TypedDict, cast

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.answer import parse_answer
from nornir_bgp.models.rib import Path, PathDetail

_ORIGINS = {"IGP": "i", "EGP": "e", "incomplete": "?"}


class _AsPath(TypedDict):
    string: str


class _List(TypedDict):
    list: list[str]


class _NextHop(TypedDict):
    ip: str
    metric: NotRequired[int]
    accessible: NotRequired[bool]


class _Peer(TypedDict):
    peerId: str
    routerId: str
    type: NotRequired[str]


class _Best(TypedDict):
    overall: NotRequired[bool]
    selectionReason: NotRequired[str]


class _JsonPath(TypedDict):
    """What this module reads of a path."""

    aspath: _AsPath
    origin: str
    metric: NotRequired[int]
    locPrf: NotRequired[int]
    weight: NotRequired[int]
    valid: NotRequired[bool]
    bestpath: NotRequired[_Best]
    multipath: NotRequired[bool]
    sourced: NotRequired[bool]
    local: NotRequired[bool]
    originatorId: NotRequired[str]
    clusterList: NotRequired[_List]
    community: NotRequired[_List]
    nexthops: list[_NextHop]
    peer: _Peer


def parse_prefix_json(text: str | bytes) -> tuple[str, tuple[PathDetail, ...]]:
    """Read what FRR knows of the paths of one prefix.

    Returns:
        The prefix, which may be a shorter one than was asked for, and its paths in the order of
        the table; an empty text and none where the router has no route.

    Raises:
        TableSyntaxError: it is not that document.
    """
    document = parse_answer(text)
    if not document:
        return "", ()
    try:
        prefix = cast(str, document["prefix"])
        paths = [_detail(path) for path in cast(list[_JsonPath], document["paths"])]
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise TableSyntaxError(f"show bgp PREFIX json: {type(error).__name__} {error}") from None
    return prefix, tuple(paths)


def _detail(path: _JsonPath) -> PathDetail:
    hop = path["nexthops"][0]
    peer = path["peer"]
    best = path.get("bestpath", {})
    is_own = "sourced" in path or "local" in path
    is_best = best.get("overall", False)
    valid = path.get("valid", False)
    as_path = path["aspath"]["string"]
    return PathDetail(
        path=Path(
            valid=valid,
            best=is_best,
            multipath=path.get("multipath", False) and not is_best,
            internal=peer.get("type") == "internal",
            next_hop=hop["ip"],
            metric=path.get("metric"),
            local_pref=path.get("locPrf"),
            weight=path.get("weight", 0),
            as_path="" if as_path == "Local" else as_path,
            origin=_ORIGINS[path["origin"]],
            peer=None if is_own else peer["peerId"],
            reason=best.get("selectionReason"),
        ),
        peer_id=None if is_own else peer["routerId"],
        igp_metric=hop.get("metric", 0) if valid else None,
        originator_id=path.get("originatorId"),
        cluster_list=tuple(path["clusterList"]["list"]) if "clusterList" in path else (),
        communities=tuple(path["community"]["list"]) if "community" in path else (),
    )
