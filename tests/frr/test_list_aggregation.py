import gzip
import random
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.frr.list_aggregation import aggregated, later_routes
from nornir_bgp.frr.prefix_list import Entry, PrefixList

SMALL = tuple(
    str(network)
    for length in (16, 17, 18, 19)
    for network in ip_network("10.7.0.0/16").subnets(new_prefix=length)
)
"""A whole trie of four levels: every route that there may be in it."""

small_routes = st.sets(st.sampled_from(SMALL), min_size=1).flatmap(
    lambda routes: st.tuples(st.just(routes), st.sets(st.sampled_from(sorted(routes))))
)


@st.composite
def prefixes(draw: st.DrawFn, family: int) -> str:
    """A prefix of a crowded corner of the address space, and now and then of the rest."""
    width = 32 if family == 4 else 128
    crowded = 0x0A << 24 if family == 4 else 0x20010DB8 << 96
    few = draw(st.integers(0, 2**6 - 1)) << draw(st.sampled_from((0, width // 4, width // 2)))
    bits = draw(st.sampled_from((crowded | few, crowded | few, few << width // 4)))
    length = draw(st.integers(0, width))
    kind = IPv4Network if family == 4 else IPv6Network
    return str(kind((bits % 2**width, length), strict=False))


random_routes = st.sampled_from((4, 6)).flatmap(
    lambda family: st.lists(prefixes(family), min_size=1, max_size=40, unique=True).flatmap(
        lambda routes: st.tuples(st.just(routes), st.sets(st.sampled_from(routes)))
    )
)


def matches(rule: str, prefix: str) -> bool:
    """Say whether an entry matches, after the words of FRR's manual and nothing of ours."""
    _, named, *bounds = rule.split()
    network, route = ip_network(named), ip_network(prefix)
    limits = dict(zip(bounds[::2], map(int, bounds[1::2]), strict=True))
    most = limits.get("le", route.max_prefixlen if "ge" in limits else network.prefixlen)
    inside = int(route.network_address) >> (route.max_prefixlen - network.prefixlen) == int(
        network.network_address
    ) >> (route.max_prefixlen - network.prefixlen)
    return inside and limits.get("ge", network.prefixlen) <= route.prefixlen <= most


def permitted(rules: Sequence[str], routes: Iterable[str]) -> set[str]:
    """The routes that a list permits: the first entry that matches decides."""
    decisions = ((r, next((x for x in rules if matches(x, r)), "deny")) for r in routes)
    return {route for route, rule in decisions if rule.startswith("permit")}


@given(random_routes)
def test_exactly_the_selected_ones_are_permitted(case: tuple[list[str], set[str]]) -> None:
    routes, selected = case
    assert permitted(aggregated(selected, routes), routes) == selected


@given(random_routes)
def test_no_network_has_two_entries_and_none_is_too_wide(
    case: tuple[list[str], set[str]],
) -> None:
    routes, selected = case
    rules = aggregated(selected, routes)
    named = [ip_network(rule.split()[1]) for rule in rules]
    assert len(set(named)) == len(named)
    for rule, network in zip(rules, named, strict=True):
        if len(rule.split()) > 2:
            assert network.prefixlen >= (8 if network.version == 4 else 16)


@given(random_routes)
def test_a_list_is_never_longer_than_its_selection(case: tuple[list[str], set[str]]) -> None:
    routes, selected = case
    assert len(aggregated(selected, routes)) <= len(selected)


@given(random_routes)
def test_a_permitted_length_is_that_of_a_selected_route(case: tuple[list[str], set[str]]) -> None:
    routes, selected = case
    rules = aggregated(selected, routes)
    lengths = {ip_network(prefix).prefixlen for prefix in selected}
    for rule in rules:
        words = rule.split()
        if words[0] == "permit":
            bounds = {int(bound) for bound in words[3::2]}
            assert bounds <= lengths
            if "ge" not in words:
                assert words[1] in selected


@given(random_routes, st.randoms())
def test_the_order_of_the_routes_does_not_matter(
    case: tuple[list[str], set[str]], chance: random.Random
) -> None:
    routes, selected = case
    shuffled = chance.sample(routes, len(routes))
    assert aggregated(sorted(selected), shuffled) == aggregated(selected, routes)


@given(small_routes)
def test_no_shorter_list_of_the_kind_exists(case: tuple[set[str], set[str]]) -> None:
    routes, selected = case
    rules = aggregated(selected, routes)
    assert permitted(rules, routes) == selected
    shorter = len(rules) - 1
    if shorter >= 0:
        # Beyond three entries there are too many lists; a short one shows the same mistakes.
        assert not any_list_selects(min(shorter, 3), sorted(routes), selected)


def any_list_selects(length: int, routes: list[str], selected: set[str]) -> bool:
    """Try every list of so many entries, one per network, the most specific first."""
    goal = mask(routes, selected)
    kinds = {network: [of_kind(network, kind, routes) for kind in range(3)] for network in SMALL}
    for networks in combinations(reversed(SMALL), length):  # the longest come first
        for masks in product(*(kinds[network] for network in networks)):
            for actions in product((True, False), repeat=length):
                taken = result = 0
                for matched, permits in zip(masks, actions, strict=True):
                    result |= matched & ~taken if permits else 0
                    taken |= matched
                if result == goal:
                    return True
    return False


def of_kind(network: str, kind: int, routes: list[str]) -> int:
    """The routes that an entry matches: its own, those inside, or both."""
    length = int(network.partition("/")[2])
    rule = f"permit {network}" + ("", f" ge {length + 1}", " le 32")[kind]
    return mask(routes, {route for route in routes if matches(rule, route)})


def mask(routes: list[str], members: set[str]) -> int:
    return sum(1 << place for place, route in enumerate(routes) if route in members)


@pytest.mark.parametrize(
    ("selected", "others", "rules"),
    [
        pytest.param({"10.1.0.0/16"}, {"10.1.2.0/24"}, ["permit 10.1.0.0/16"], id="one"),
        pytest.param(
            {"10.0.0.0/24", "10.0.1.0/24"}, set(), ["permit 10.0.0.0/23 ge 24 le 24"], id="two"
        ),
        pytest.param(
            {"10.0.0.0/8", "10.1.0.0/16", "10.9.9.0/24"}, set(), ["permit 10.0.0.0/8 le 24"],
            id="a-block",
        ),
        pytest.param(
            {"10.0.0.0/8", "10.1.0.0/16", "10.9.9.0/24"},
            {"10.1.1.0/24", "10.1.2.0/24"},
            ["deny 10.1.0.0/16 ge 17 le 32", "permit 10.0.0.0/8 le 24"],
            id="a-block-but-for-a-corner",
        ),
        pytest.param(
            {"9.0.0.0/8", "8.0.0.0/8"}, set(), ["permit 8.0.0.0/8", "permit 9.0.0.0/8"],
            id="nothing-wider-than-8",
        ),
        pytest.param({"0.0.0.0/0"}, {"9.0.0.0/8"}, ["permit 0.0.0.0/0"], id="the-default-route"),
        pytest.param(
            {"2001:db8::/48", "2001:db8:1::/48"}, {"2001:db8:2::/48"},
            ["permit 2001:db8::/47 ge 48 le 48"], id="ipv6",
        ),
        pytest.param(set(), {"10.0.0.0/8"}, [], id="nothing"),
    ],
)  # fmt: skip
def test_lists_that_were_made_by_hand(
    selected: set[str], others: set[str], rules: list[str]
) -> None:
    assert list(aggregated(selected, selected | others)) == rules


def test_wider_entries_are_had_by_asking_for_them() -> None:
    everything = {"8.0.0.0/8", "9.0.0.0/8"}
    assert aggregated(everything, everything, shortest=7) == ("permit 8.0.0.0/7 ge 8 le 8",)


def test_two_families_are_no_list() -> None:
    with pytest.raises(ValueError, match="one address family"):
        aggregated({"10.0.0.0/8"}, {"2001:db8::/32"})


def test_later_routes_are_named() -> None:
    planned = {"10.0.0.0/24", "10.0.1.0/24"}
    rules = aggregated(planned, planned)
    now = ("10.0.0.0/24", "10.0.0.0/23", "10.0.0.0/25", "10.0.1.0/24", "10.0.2.0/24")
    assert later_routes(rules, planned, now) == ()
    assert later_routes(("permit 10.0.0.0/23 le 25",), planned, now) == (
        "10.0.0.0/23",
        "10.0.0.0/25",
    )


@pytest.fixture(scope="module")
def real_routes(shared_data: Path) -> dict[str, str]:
    """The AS path of each of 82,377 real prefixes, as the first of the peers saw it."""
    found: dict[str, str] = {}
    with gzip.open(shared_data / "bgp" / "rrc00-20000111.bgpdump.gz", "rt") as lines:
        for line in lines:
            prefix, as_path = line.split("|")[5:7]
            found.setdefault(prefix, as_path)
    assert len(found) == 82_377
    return found


@pytest.mark.parametrize("selection", ["first-as-701", "half-of-all"])
def test_the_selection_is_exact_over_the_table_of_the_internet(
    selection: str, real_routes: dict[str, str]
) -> None:
    chance = random.Random(5)  # noqa: S311
    selected = {
        "first-as-701": {p for p, path in real_routes.items() if "701" in path.split()[1:2]},
        "half-of-all": {p for p in real_routes if chance.random() < 0.5},
    }[selection]
    assert len(selected) > 200
    rules = aggregated(selected, real_routes)
    assert len(rules) < len(selected)
    found = PrefixList(Entry(5 * place, rule) for place, rule in enumerate(rules, 1))
    assert {prefix for prefix in real_routes if found.permits(prefix)} == selected
