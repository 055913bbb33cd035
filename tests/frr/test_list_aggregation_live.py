"""Whether FRR selects by an aggregated list what the list was made to select."""

import json
import random
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from nornir_bgp.frr.list_aggregation import aggregated
from tests.frr.gateway_pair import LIST, Pair, running_pair

pytestmark = pytest.mark.lab

COUNT = 600


def crowded(block: str, lengths: range, seed: int) -> tuple[str, ...]:
    """Routes that lie close together and in one another, as in a table of the Internet."""
    chance = random.Random(seed)  # noqa: S311
    network = ip_network(block)
    width = network.max_prefixlen
    found: dict[str, None] = {}
    while len(found) < COUNT:
        length = chance.choice(lengths)
        few = chance.getrandbits(9) << (width - network.prefixlen - 9 - chance.choice((0, 4)))
        bits = int(network.network_address) | few
        found[str(ip_network((bits, length), strict=False))] = None
    return tuple(found)


ROUTES = crowded("10.128.0.0/9", range(9, 27), seed=1)
IPV6_ROUTES = crowded("2001:db8::/32", range(32, 57), seed=2)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with running_pair(ROUTES) as found:
        networks = [f"network {prefix}" for prefix in IPV6_ROUTES]
        found.configure("router bgp 65004", "address-family ipv6 unicast", *networks, router="UP1")
        yield found


def some(routes: tuple[str, ...], seed: int) -> set[str]:
    """Half of the routes, whole neighbourhoods among them, so that much can be aggregated."""
    chance = random.Random(seed)  # noqa: S311
    blocks = [ip_network(prefix) for prefix in chance.sample(routes, COUNT // 20)]
    selected = {
        prefix
        for prefix in routes
        if any(block.overlaps(ip_network(prefix)) for block in blocks if block.prefixlen % 32 > 12)
        or chance.random() < 0.2
    }
    assert COUNT / 4 < len(selected) < COUNT * 3 / 4
    return selected


@pytest.mark.parametrize("seed", [1, 2])
def test_frr_raises_exactly_the_selected_routes(pair: Pair, seed: int) -> None:
    selected = some(ROUTES, seed)
    rules = aggregated(selected, ROUTES)
    assert any(rule.startswith("deny") for rule in rules)
    assert len(rules) < len(selected)
    entries = pair.write_list(*rules)
    assert pair.entries() == entries  # FRR writes each rule as we do
    assert pair.raised() == selected
    shown = pair.vtysh(f"show bgp ipv4 unicast prefix-list {LIST} json").stdout
    assert set(json.loads(shown)["routes"]) == selected


def test_frr_selects_ipv6_routes_so_too(pair: Pair) -> None:
    selected = some(IPV6_ROUTES, seed=3)
    rules = aggregated(selected, IPV6_ROUTES)
    assert any(rule.startswith("deny") for rule in rules)
    assert len(rules) < len(selected)
    lines = [f"ipv6 prefix-list IPV6 seq {5 * n} {rule}" for n, rule in enumerate(rules, 1)]
    pair.configure(*lines, router="UP1")
    running = pair.vtysh("show running-config", router="UP1").stdout.splitlines()
    assert [line for line in running if line.startswith("ipv6 prefix-list IPV6")] == lines
    shown = pair.vtysh("show bgp ipv6 unicast prefix-list IPV6 json", router="UP1").stdout
    assert set(json.loads(shown)["routes"]) == selected
