"""What holds for policies whatever they say; what they do is judged by FRR, in the live test."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.policy import filtered, policy_of
from nornir_bgp.bgp.route import Origin, Route
from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.routing_config import parse_router
from nornir_bgp.models.routing import Filters, Router, TextRule
from tests.bgp.policies import KINDS, LISTS, MAPS, OWN, clauses, name_of


def indented(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.startswith(("route-map ", "exit")) else f" {line}"


LINES = [
    *LISTS,
    *(
        line
        for first, text in MAPS.items()
        for line in indented(clauses(name_of(first), first, text))
    ),
    "router bgp 65020",
    " bgp router-id 192.168.3.3",
]
ROUTER = parse_router("\n".join(LINES), "GW1")
PREFIXES = [*KINDS, *OWN, "10.0.0.0/8", "20.0.4.0/25"]

routes = st.builds(
    Route,
    next_hop=st.sampled_from(["10.0.5.1", "0.0.0.0"]),
    as_path=st.sampled_from(
        ["", "65004", "65004 65010", "65004 65010 65010", "(64512) 65004 {1,2}"]
    ).map(AsPath.parse),
    origin=st.sampled_from(Origin),
    local_pref=st.none() | st.sampled_from([0, 100, 4294967295]),
    med=st.none() | st.sampled_from([0, 7, 50, 4294967295]),
    weight=st.sampled_from([0, 32768]),
    communities=st.frozensets(
        st.sampled_from(["65004:100", "65004:200", "no-peer", "internet", "blackhole", "4:100"])
    ),
)
names = st.none() | st.sampled_from([*ROUTER.prefix_lists, "NOWHERE"])
filters = st.builds(
    Filters,
    prefix_list=names,
    as_path_list=st.none() | st.sampled_from([*ROUTER.as_path_lists, "NOWHERE"]),
    route_map=st.none() | st.sampled_from([*ROUTER.route_maps, "NOWHERE"]),
)


@given(filters, routes)
def test_prefixes_of_one_answer_are_treated_the_same(named: Filters, route: Route) -> None:
    results: dict[object, Route | None] = {}
    for prefix in PREFIXES:
        answer = policy_of(ROUTER, named).decisions(prefix)
        result = filtered(ROUTER, named, prefix, route, peer="10.0.5.1")
        assert results.setdefault(answer, result) == result
        assert hash(answer) is not None


@pytest.mark.parametrize("prefix_list", ROUTER.prefix_lists)
def test_a_list_and_a_map_do_not_mix_up_prefixes(prefix_list: str) -> None:
    route = Route("10.0.5.1", AsPath.parse("65004 65010"), med=0)
    for route_map in ROUTER.route_maps:
        named = Filters(prefix_list=prefix_list, route_map=route_map)
        results: dict[object, Route | None] = {}
        for prefix in PREFIXES:
            result = filtered(ROUTER, named, prefix, route)
            assert results.setdefault(policy_of(ROUTER, named).decisions(prefix), result) == result


@given(filters, routes)
def test_what_has_not_changed_is_the_same_object(named: Filters, route: Route) -> None:
    for prefix in PREFIXES:
        result = filtered(ROUTER, named, prefix, route)
        assert result is route or result != route


@given(routes)
def test_without_filters_nothing_happens(route: Route) -> None:
    assert filtered(ROUTER, Filters(), "10.0.0.0/8", route) is route
    assert policy_of(ROUTER, Filters()).decisions("10.0.0.0/8") == ()
    passed = policy_of(ROUTER, Filters()).passed("10.0.0.0/8", route)
    assert passed is not None
    assert not passed.next_hop_set


def test_routers_that_look_alike_are_not_mixed_up() -> None:
    """A router is known by itself, not by its name."""
    other = replace(ROUTER, prefix_lists={})
    named = Filters(prefix_list="EXACT")
    route = Route("10.0.5.1")
    assert filtered(ROUTER, named, "20.0.1.0/24", route) is route
    assert filtered(other, named, "20.0.1.0/24", route) is None
    assert filtered(ROUTER, named, "20.0.1.0/24", route) is route


def test_a_pattern_that_is_none_is_named() -> None:
    broken = Router("R", 1, "1.1.1.1", as_path_lists={"A": (TextRule(True, "(65004"),)})
    with pytest.raises(InputError, match=r"\(65004"):
        filtered(broken, Filters(as_path_list="A"), "10.0.0.0/8", Route("10.0.5.1"))
