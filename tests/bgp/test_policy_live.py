"""FRR is the judge of policies: what it holds after each is what the model says.

A gateway and its upstream. Every policy is applied to routes of many kinds, in both directions:
to what the upstream sends, read at the gateway, and to the gateway's own routes, read at the
upstream. The model reads the policy from the gateway's own ``show running-config``.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from nornir_bgp.bgp.policy import filtered, policy_of
from nornir_bgp.bgp.route import OWN_NEXT_HOP, Route
from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.routing_config import parse_router
from nornir_bgp.models.communities import community_number, community_text
from nornir_bgp.models.routing import Filters, Router
from tests.bgp.policies import FILTERS, KINDS, LISTS, MAPS, OUTBOUND, OWN, clauses, name_of
from tests.bgp.shown import route_of
from tests.frr.gateway_pair import SESSION, UPSTREAM, Pair, running_pair

pytestmark = pytest.mark.lab

OURS = "10.0.5.0"
Table = dict[str, Route]


def table(pair: Pair, router: str) -> Table:
    """The routes of a router, one of each prefix, as its JSON tells them."""
    answer = pair.vtysh("show bgp ipv4 unicast json detail", router=router)
    routes = json.loads(answer.stdout)["routes"]
    return {prefix: route_of(path) for prefix, (_, path) in routes.items()}


def attribute_lines(name: str, kinds: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for number, (prefix, lines) in enumerate(kinds.items(), start=1):
        yield f"ip prefix-list {name}{number} seq 5 permit {prefix}"
        yield f"route-map {name}{number} permit 10"
        yield from lines
        yield "exit"


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """The pair, with all lists and maps, and the upstream's routes learned without a policy."""
    with running_pair(("20.0.1.0/24",)) as found:
        found.configure(*attribute_lines("SENT", KINDS), router="UP1")
        upstream = ("router bgp 65004", "coalesce-time 0", "address-family ipv4 unicast")
        sent = (f"network {p} route-map SENT{n}" for n, p in enumerate(KINDS, start=1))
        raw = ("neighbor 10.0.5.0 soft-reconfiguration inbound", "no network 20.0.1.0/24")
        found.configure(*upstream, *raw, *sent, router="UP1")
        found.configure(*LISTS, *attribute_lines("OWN", OWN))
        maps = (clauses(name_of(first), first, text) for first, text in MAPS.items())
        found.configure(*(line for lines in maps for line in lines))
        found.configure(
            "router bgp 65020",
            "coalesce-time 0",
            "no bgp network import-check",
            *SESSION[1:],
            f"no neighbor {UPSTREAM} route-map LOCAL_PREF_MAP in",
            f"no neighbor {UPSTREAM} weight",
        )
        wait_for(lambda: set(table(found, "GW1")), lambda got: got == set(KINDS), seconds=20)
        yield found


@pytest.fixture(scope="module")
def router(pair: Pair) -> Router:
    return parse_router(pair.running(), "GW1")


def session_lines(filters: Filters, direction: str, no: str = "") -> list[str]:
    named = {
        "prefix-list": filters.prefix_list,
        "filter-list": filters.as_path_list,
        "route-map": filters.route_map,
    }
    return [
        f"{no}neighbor {UPSTREAM} {kind} {name} {direction}" for kind, name in named.items() if name
    ]


def judged(
    pair: Pair, reader: str, direction: str, base: Table, expected: dict[Filters, Table]
) -> None:
    """Apply each policy in turn, and read what FRR makes of the routes.

    Reading waits for what is expected. So that no old table is taken for it, nothing or everything
    is let pass in between where two policies expect the same.
    """
    before, shown = Filters(), base
    wrong: dict[str, tuple[object, object]] = {}

    def settled(filters: Filters, wanted: Table) -> Table:
        nonlocal before
        removal = session_lines(before, direction, "no ")
        pair.configure(*SESSION, *removal, *session_lines(filters, direction))
        before = filters
        return wait_for(
            lambda: {p: r for p, r in table(pair, reader).items() if p in base},
            lambda got: got == wanted,
            seconds=4,
            interval=0.03,
        )

    for filters, wanted in expected.items():
        if wanted == shown:
            other = base if not wanted else {}
            in_between = Filters() if not wanted else Filters(route_map="NOTHERE")
            assert settled(in_between, other) == other
        shown = settled(filters, wanted)
        for prefix in base:
            got, want = shown.get(prefix), wanted.get(prefix)
            if got != want:
                wrong[f"{filters} {prefix}"] = (got, want)
    settled(Filters(), base)
    for place, both in wrong.items():
        print(place, *both, sep="\n")
    assert wrong == {}


def test_inbound(pair: Pair, router: Router) -> None:
    base = table(pair, "GW1")
    assert set(base) == set(KINDS)
    expected = {}
    for filters in FILTERS:
        after = {p: filtered(router, filters, p, r, peer=UPSTREAM) for p, r in base.items()}
        expected[filters] = {prefix: route for prefix, route in after.items() if route is not None}
    judged(pair, "GW1", "in", base, expected)


def test_outbound(pair: Pair, router: Router) -> None:
    """The gateway's own routes, as the upstream hears them; what it sent itself never returns."""
    networks = [f"network {p} route-map OWN{n}" for n, p in enumerate(OWN, start=1)]
    pair.configure(*SESSION, *networks)
    own = wait_for_own(pair)
    expected = {}
    for filters in (Filters(), *OUTBOUND):
        expected[filters] = {
            prefix: heard
            for prefix, route in own.items()
            if (heard := sent(router, filters, prefix, route)) is not None
        }
    base = expected.pop(Filters())
    judged(pair, "UP1", "out", base, expected)


def wait_for_own(pair: Pair) -> Table:
    def own() -> Table:
        return {p: r for p, r in table(pair, "GW1").items() if r.next_hop == OWN_NEXT_HOP}

    found = wait_for(own, lambda got: set(got) == set(OWN), seconds=10)
    assert set(found) == set(OWN)
    return found


def sent(router: Router, filters: Filters, prefix: str, route: Route) -> Route | None:
    """What the upstream holds of a route: eBGP adds our AS, and keeps our attributes to itself."""
    passed = policy_of(router, filters).passed(prefix, route, peer=OURS)
    if passed is None:
        return None
    left = passed.route
    if left.as_path.count(65004):
        return None  # the upstream hears of a way through itself
    marked = (
        {"no-export"} if "blackhole" in left.communities else set()
    )  # RFC 7999, by who hears it
    usable = passed.next_hop_set and left.next_hop != OWN_NEXT_HOP
    return replace(
        left,
        next_hop=left.next_hop if usable else OURS,
        as_path=left.as_path.prepended([65020]),
        local_pref=None,
        weight=0,
        communities=left.communities | marked,
    )


def test_the_communities_are_frrs(pair: Pair) -> None:
    for route in table(pair, "GW1").values():
        for community in route.communities:
            assert community_text(community_number(community)) == community
