"""The neighbours of a router under test, and what FRR shows of the routes that they sent."""

from collections.abc import Sequence
from typing import NamedTuple, NotRequired, TypedDict

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.decision import Decision, Reason
from nornir_bgp.bgp.route import Candidate, Learned, Origin, Route

CONFEDERATION = 65020
MEMBER = 64512


class Neighbour(NamedTuple):
    address: str
    as_number: int
    router_id: str
    learned: Learned


EBGP = (
    Neighbour("10.0.0.1", 65101, "192.0.2.9", Learned.EBGP),
    Neighbour("10.0.0.2", 65101, "192.0.2.8", Learned.EBGP),
    Neighbour("10.0.0.3", 65102, "192.0.2.7", Learned.EBGP),
    Neighbour("10.0.0.4", 65102, "192.0.2.7", Learned.EBGP),  # the same router, twice
)
CONFED = (
    Neighbour("10.0.0.11", 64513, "192.0.2.20", Learned.CONFED),
    Neighbour("10.0.0.12", 64514, "192.0.2.19", Learned.CONFED),
)
IBGP = (
    Neighbour("10.0.0.21", MEMBER, "192.0.2.31", Learned.IBGP),
    Neighbour("10.0.0.22", MEMBER, "192.0.2.30", Learned.IBGP),
    Neighbour("10.0.0.23", MEMBER, "192.0.2.32", Learned.IBGP),
)
NEIGHBOURS = {item.address: item for item in (*EBGP, *CONFED, *IBGP)}


class _Text(TypedDict):
    string: str


class _Path(_Text):
    length: int


class _List(TypedDict):
    list: list[str]


class _NextHop(TypedDict):
    ip: str
    metric: NotRequired[int]
    accessible: NotRequired[bool]


class _Peer(TypedDict):
    peerId: str
    routerId: str


class _Best(TypedDict):
    overall: NotRequired[bool]
    selectionReason: NotRequired[str]


class JsonPath(TypedDict):
    """What is read of a path of ``show bgp ipv4 unicast json detail``."""

    aspath: _Path
    origin: str
    metric: NotRequired[int]
    locPrf: NotRequired[int]
    weight: NotRequired[int]
    valid: NotRequired[bool]
    bestpath: NotRequired[_Best]
    multipath: NotRequired[bool]
    community: NotRequired[_Text]
    originatorId: NotRequired[str]
    clusterList: NotRequired[_List]
    nexthops: list[_NextHop]
    peer: _Peer


class Shown(NamedTuple):
    """What FRR shows of a prefix: its candidates, and what it decided."""

    candidates: tuple[Candidate, ...]
    decision: Decision


def shown(paths: Sequence[JsonPath]) -> Shown:
    best = reason = None
    multipath = []
    for place, path in enumerate(paths):
        is_best = path.get("bestpath", {}).get("overall", False)
        if is_best:
            best, reason = place, Reason(path["bestpath"]["selectionReason"])
        elif path.get("multipath"):
            multipath.append(place)
    return Shown(tuple(map(candidate, paths)), Decision(best, tuple(multipath), reason))


def route_of(path: JsonPath) -> Route:
    (hop,) = path["nexthops"]
    text = path["aspath"]["string"]
    as_path = AsPath.parse("" if text == "Local" else text)
    assert as_path.hops == path["aspath"]["length"]
    return Route(
        hop["ip"],
        as_path=as_path,
        origin=Origin[path["origin"].upper()],
        local_pref=path.get("locPrf"),
        med=path.get("metric"),
        weight=path.get("weight", 0),
        communities=frozenset(path["community"]["string"].split() if "community" in path else ()),
        originator_id=path.get("originatorId"),
        cluster_list=tuple(path["clusterList"]["list"]) if "clusterList" in path else (),
    )


def candidate(path: JsonPath) -> Candidate:
    peer = NEIGHBOURS.get(path["peer"]["peerId"])
    metric = path["nexthops"][0].get("metric", 0) if path.get("valid") else None
    if peer is None:
        return Candidate(route_of(path), Learned.LOCAL, igp_metric=metric)
    assert path["peer"]["routerId"] == peer.router_id
    known = (peer.learned, peer.address, peer.as_number, peer.router_id)
    return Candidate(route_of(path), *known, igp_metric=metric)
