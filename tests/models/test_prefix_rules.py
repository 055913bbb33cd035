"""Prefix-lists against the plainest way to look a prefix up."""

from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.models.communities import community_number, community_text, in_frr_order
from nornir_bgp.models.prefix_rules import PrefixRules, without_host_bits
from nornir_bgp.models.routing import PrefixRule

Network = IPv4Network | IPv6Network

SOME = {
    4: [0x0A000000, 0x0A010000, 0x0A0101FF, 0xC0A80000, 0xFFFFFFFF],
    6: [0, 0x0A000000, 0x20010DB8 << 96, 0x20010DB8_BEEFCAFE << 64, 2**128 - 1],
}


@st.composite
def networks(draw: st.DrawFn, family: int) -> Network:
    """Networks that often lie in one another."""
    address = draw(st.sampled_from(SOME[family]))
    if family == 4:
        return IPv4Network((address, draw(st.integers(0, 32))), strict=False)
    return IPv6Network((address, draw(st.integers(0, 128))), strict=False)


@st.composite
def rules(draw: st.DrawFn, family: int) -> PrefixRule:
    network = draw(networks(family))
    shortest = draw(st.integers(network.prefixlen, network.max_prefixlen))
    longest = draw(st.integers(shortest, network.max_prefixlen))
    if draw(st.booleans()):
        shortest = longest = network.prefixlen
    return PrefixRule(draw(st.booleans()), str(network), shortest, longest)


def looked_up(entries: list[PrefixRule], prefix: Network) -> bool | None:
    for rule in entries:
        network = ip_network(rule.network)
        host_bits = network.max_prefixlen - network.prefixlen
        ours, theirs = (int(one.network_address) >> host_bits for one in (network, prefix))
        inside = network.version == prefix.version and ours == theirs
        if inside and rule.shortest <= prefix.prefixlen <= rule.longest:
            return rule.permits
    return None


@given(st.data(), st.sampled_from([4, 6]))
def test_the_first_entry_that_matches_decides(data: st.DataObject, family: int) -> None:
    entries = data.draw(st.lists(rules(family), max_size=12))
    ready = PrefixRules(entries)
    for prefix in data.draw(st.lists(networks(4) | networks(6), min_size=1)):
        assert ready.decision(str(prefix)) == looked_up(entries, prefix)


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_a_prefix_loses_its_host_bits(address: int, length: int) -> None:
    network = IPv4Network((address, length), strict=False)
    host = IPv4Network(address).network_address
    assert without_host_bits(f"{host}/{length}") == str(network)


@pytest.mark.parametrize(
    "text",
    [
        *("10.0.0.0/33", "10.0.0.0/-1", "0.0.0/8", "10.0.0/8", "10.0.0.256/8", "x", "", "::/0"),
        *("10.0.0.0", "10.0.0.0/ 8", " 10.0.0.0/8", "10.0.0.0/8\n", "10.0.0.0/+8", "10.0.0.0/0_8"),
        *("010.0.0.0/8", "1_0.0.0.0/8", "10.0.0.0/8/8", "10.0.0.0/\u0668", "10.0.0.0/255.0.0.0"),
    ],
)
def test_what_is_no_prefix_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an IPv4 prefix"):
        without_host_bits(text)


@given(st.integers(0, 2**32 - 1))
def test_a_community_is_read_as_it_is_written(number: int) -> None:
    assert community_number(community_text(number)) == number
    assert community_number(f"{number >> 16}:{number & 0xFFFF}") == number
    assert community_number(str(number)) == number


@pytest.mark.parametrize("text", ["", "65536:1", "1:65536", "4294967296", "-1", "no-such", "1:2:3"])
def test_what_is_no_community_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a standard community"):
        community_number(text)


def test_communities_are_ordered_by_their_numbers() -> None:
    ordered = in_frr_order({"no-export", "65004:10", "65004:9", "internet", "blackhole"})
    assert ordered == ("internet", "65004:9", "65004:10", "blackhole", "no-export")
