"""Policies, decision options and ways inside the network, for hypothesis.

The names are always the same few, so that two devices differ in what stands under a name.
"""

from collections.abc import Callable, Mapping
from ipaddress import ip_network

from hypothesis import strategies as st

from nornir_bgp.models.communities import WELL_KNOWN
from nornir_bgp.models.device_bgp import Aggregate, BestPath, Confederation, OwnNetwork
from nornir_bgp.models.device_interfaces import StaticRoute
from nornir_bgp.models.policy_lists import (
    AsPathRule,
    CommunityPatternRule,
    CommunityRule,
    IPv6PrefixRule,
    ListRule,
    PrefixRule,
)
from nornir_bgp.models.route_maps import Changes, Matches, RouteMapClause

NETS, PATHS, BLUE, ANY = "NETS", "PATHS", "BLUE", "ANY-OF"
FROM_PEER, TO_PEER = "FROM-PEER", "TO-PEER"
ROUTE_MAPS = (FROM_PEER, TO_PEER)
LISTS = (
    f"ip prefix-list {NETS}",
    f"ipv6 prefix-list {NETS}",
    f"bgp as-path access-list {PATHS}",
    f"bgp community-list standard {BLUE}",
    f"bgp community-list expanded {ANY}",
)
LIST_FIELDS = (
    *("prefix_lists", "ipv6_prefix_lists", "as_path_lists"),
    *("community_lists", "expanded_community_lists"),
)
STATIC_PREFIXES = ("203.0.113.128/25", "100.64.0.0/10", "2001:db8:5555::/48")

_UINT32 = st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 5, 100, 2**32 - 1])
_CHANGES = st.integers(1, 2**32 - 1) | st.integers(-(2**32) + 1, -1) | st.sampled_from([5, -5])
_ORIGINS = st.sampled_from(["igp", "egp", "incomplete"])
_AS_NUMBERS = st.sampled_from([1, 65004, 65020, 4294967295])
_COMMUNITIES = st.lists(
    st.sampled_from([*WELL_KNOWN, "65020:1", "65020:2", "1:65535", "65535:666", "65535:65281"]),
    min_size=1,
    max_size=4,
).map(" ".join)
_AS_PATHS = st.sampled_from(
    [".*", "^$", "^65004_", "_(64496|64511)_", "^1 [0-9]{1,3}$", "^(1|2)(_3)*$", "_7_"]
)
_COMMUNITY_PATTERNS = st.sampled_from([".*", "_65020:[0-9]+_", "^65020:1 65020:2$", "no-export"])


@st.composite
def _prefix_rules(draw: st.DrawFn, networks: tuple[str, ...]) -> dict[str, object]:
    listed = draw(st.sampled_from(["any", *networks]))
    rule: dict[str, object] = {draw(st.sampled_from(["permit", "deny"])): listed}
    if listed != "any" and draw(st.booleans()):
        network = ip_network(listed)
        bounds = st.integers(network.prefixlen + 1, network.max_prefixlen)
        ge, le = sorted(draw(st.tuples(bounds, bounds)))
        chosen = draw(st.sampled_from([("ge",), ("le",), ("ge", "le")]))
        rule |= {word: {"ge": ge, "le": le}[word] for word in chosen}
    return rule


def _text_rules(texts: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, object]]:
    return st.builds(
        lambda action, text: {action: text}, st.sampled_from(["permit", "deny"]), texts
    )


@st.composite
def _list_of(
    draw: st.DrawFn,
    kind: Callable[..., ListRule],
    values: st.SearchStrategy[dict[str, object]],
) -> tuple[ListRule, ...]:
    found = draw(st.lists(values, min_size=1, max_size=4))
    rules = {rule.text.partition(" ")[2]: rule for rule in (kind(**value) for value in found)}
    last, numbered = 0, []
    for rule in rules.values():
        seq = draw(st.none() | st.integers(last + 1, last + 12))
        numbered.append(rule.model_copy(update={"seq": seq}))
        last = seq or last + 5
    return tuple(numbered)


@st.composite
def _clauses(draw: st.DrawFn) -> tuple[RouteMapClause, ...]:
    numbers = draw(st.lists(st.sampled_from([1, 5, 10, 11, 20, 65535]), unique=True, min_size=1))
    return tuple(
        draw(_permitting(number) if draw(st.booleans()) else _denying(number))
        for number in sorted(numbers)
    )


def _one_of(**choices: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """At most one of some fields that exclude each other."""
    named = [value.map(lambda v, name=name: {name: v}) for name, value in choices.items()]
    return st.just({}) | st.one_of(named)


_matches = st.builds(
    lambda community, **others: Matches(**community, **others),
    community=_one_of(
        community=st.sampled_from([BLUE, ANY]), community_exact=st.sampled_from([BLUE, ANY])
    ),
    prefix_list=st.none() | st.just(NETS),
    ipv6_prefix_list=st.none() | st.just(NETS),
    as_path=st.none() | st.just(PATHS),
    metric=st.none() | _UINT32.filter(bool),
    local_preference=st.none() | _UINT32,
    origin=st.none() | _ORIGINS,
)
_changes = st.builds(
    lambda preference, metric, path, community, **others: Changes(
        **preference, **metric, **path, **community, **others
    ),
    preference=_one_of(local_preference=_UINT32, local_preference_change=_CHANGES),
    metric=_one_of(metric=_UINT32, metric_change=_CHANGES),
    path=_one_of(
        prepend=st.lists(_AS_NUMBERS, min_size=1, max_size=3).map(tuple),
        prepend_last_as=st.integers(1, 10),
    ),
    community=_one_of(community=st.just("none") | _COMMUNITIES, community_additive=_COMMUNITIES),
    weight=st.none() | _UINT32,
    origin=st.none() | _ORIGINS,
    community_delete=st.sampled_from([None, BLUE, ANY]),
    next_hop=st.sampled_from([None, "peer-address", "10.0.5.9", "172.16.0.77"]),
)


def _permitting(number: int) -> st.SearchStrategy[RouteMapClause]:
    later = st.sampled_from(["next", min(number + 1, 65535), 65535])
    return st.builds(
        RouteMapClause,
        permit=st.just(number),
        match=_matches,
        set=_changes,
        goto=st.none() if number == 65535 else st.none() | later,
    )


def _denying(number: int) -> st.SearchStrategy[RouteMapClause]:
    return st.builds(RouteMapClause, deny=st.just(number), match=_matches)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, object]:
    """What a device holds of lists and route-maps: something under each name."""
    ipv4 = _prefix_rules(("0.0.0.0/0", "10.0.0.0/8", "1.0.0.0/24", "192.0.2.0/31"))
    ipv6 = _prefix_rules(("::/0", "2001:db8::/32"))
    return {
        "prefix_lists": {NETS: draw(_list_of(PrefixRule, ipv4))},
        "ipv6_prefix_lists": {NETS: draw(_list_of(IPv6PrefixRule, ipv6))},
        "as_path_lists": {PATHS: draw(_list_of(AsPathRule, _text_rules(_AS_PATHS)))},
        "community_lists": {BLUE: draw(_list_of(CommunityRule, _text_rules(_COMMUNITIES)))},
        "expanded_community_lists": {
            ANY: draw(_list_of(CommunityPatternRule, _text_rules(_COMMUNITY_PATTERNS)))
        },
        "route_maps": {name: draw(_clauses()) for name in ROUTE_MAPS},
    }


@st.composite
def session_policies(
    draw: st.DrawFn,
    *,
    internal: bool,
    version: int | None,
    maps_in: bool = True,
    maps_out: bool = True,
) -> Mapping[str, object]:
    """What a session of one family (``None``: a group of both) says of its routes."""
    sources = {4: ["lo", "192.0.2.7"], 6: ["lo", "2001:db8::7"], None: ["lo"]}[version]
    return {
        "next_hop_self": draw(st.sampled_from([False, True, "force"])),
        "route_reflector_client": internal and draw(st.booleans()),
        "update_source": draw(st.sampled_from([None, *sources])),
        "ebgp_multihop": None if internal else draw(st.sampled_from([None, 2, 255])),
        "weight": draw(st.sampled_from([None, 1, 65535])),
        "prefix_list_in": draw(st.sampled_from([None, NETS])),
        "prefix_list_out": draw(st.sampled_from([None, NETS])),
        "route_map_in": draw(st.sampled_from([None, *ROUTE_MAPS])) if maps_in else None,
        "route_map_out": draw(st.sampled_from([None, *ROUTE_MAPS])) if maps_out else None,
    }


_flags = st.booleans()
_best_paths = st.builds(
    BestPath,
    **dict.fromkeys(BestPath.model_fields, _flags),
)


@st.composite
def process_options(draw: st.DrawFn, as_number: int) -> dict[str, object]:
    """What a BGP process says of its decisions."""
    ibgp = draw(st.sampled_from([None, 1, 255]))
    others = [number for number in (64512, 64513, 65020) if number != as_number]
    return {
        "cluster_id": draw(st.sampled_from([None, "0.0.0.7", "192.168.3.3"])),
        "confederation": draw(
            st.none()
            | st.builds(
                Confederation,
                identifier=st.sampled_from([65100, 4294967295]),
                members=st.lists(st.sampled_from(others), unique=True).map(tuple),
            )
        ),
        "default_local_preference": draw(st.none() | _UINT32.filter(lambda n: n != 100)),
        "bestpath": draw(_best_paths),
        "maximum_paths": draw(st.sampled_from([None, 1, 255])),
        "maximum_paths_ibgp": ibgp,
        "equal_cluster_length": ibgp is not None and draw(st.booleans()),
        "aggregates": tuple(
            Aggregate(prefix=prefix, summary_only=draw(_flags), as_set=draw(_flags))
            for prefix in draw(
                st.lists(st.sampled_from(["10.0.0.0/8", "2001:db8::/32"]), unique=True)
            )
        ),
    }


def networks(prefixes: tuple[str, ...]) -> st.SearchStrategy[tuple[str | OwnNetwork, ...]]:
    """Prefixes that a router announces, some with a route-map."""
    maps = st.sampled_from([None, *ROUTE_MAPS])
    return st.dictionaries(st.sampled_from(prefixes), maps, max_size=4).map(
        lambda found: tuple(
            prefix if name is None else OwnNetwork(prefix=prefix, route_map=name)
            for prefix, name in found.items()
        )
    )


@st.composite
def static_routes(draw: st.DrawFn) -> tuple[StaticRoute, ...]:
    """One or two ways to each of the same few prefixes."""
    hops = {4: ["eth3", "172.16.0.253", "10.0.5.77"], 6: ["eth3", "2001:db8:5::7"]}
    return tuple(
        StaticRoute(prefix=prefix, next_hop=hop)
        for prefix in STATIC_PREFIXES
        for hop in draw(
            st.just(["blackhole"])
            | st.lists(
                st.sampled_from(hops[ip_network(prefix).version]),
                unique=True,
                min_size=1,
                max_size=2,
            )
        )
    )
