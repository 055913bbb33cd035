"""The longest match, against looking at every prefix."""

import gzip
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_bgp.forecast.lookup import PrefixTable, block_of

# Few leading bits, so that prefixes cover one another and destinations meet them.
BITS = {4: 32, 6: 128}


@st.composite
def networks(draw: st.DrawFn, *, longest: bool = False) -> str:
    family = draw(st.sampled_from([4, 6]))
    bits = BITS[family]
    length = bits if longest else draw(st.integers(0, bits))
    top = draw(st.integers(0, 7)) << (bits - 3)
    low = draw(st.integers(0, 2**bits - 1)) if draw(st.booleans()) else 0
    return str(ip_network((top | low >> 3, length), strict=False))


def brute_force(prefixes: set[str], destination: str) -> str | None:
    wanted = ip_network(destination)
    found = [
        prefix
        for prefix in prefixes
        if (network := ip_network(prefix)).version == wanted.version and wanted.subnet_of(network)  # type: ignore[arg-type]
    ]
    return max(found, key=lambda prefix: ip_network(prefix).prefixlen, default=None)


@settings(max_examples=50)
@given(st.sets(networks(), max_size=20), st.lists(networks(), max_size=10))
def test_a_prefix_is_matched_by_the_longest_that_holds_all_of_it(prefixes, destinations):
    table = PrefixTable(prefixes)
    for destination in destinations:
        assert table.longest(destination) == brute_force(prefixes, destination)


@settings(max_examples=50)
@given(st.sets(networks(), max_size=20), st.lists(networks(longest=True), max_size=10))
def test_an_address_is_matched_as_its_host_route(prefixes, destinations):
    table = PrefixTable(prefixes)
    assert len(table) == len(prefixes)
    for destination in destinations:
        address = str(ip_network(destination).network_address)
        assert table.longest(address) == brute_force(prefixes, destination)


@given(networks())
def test_a_block_holds_its_destination_and_is_no_longer_than_is_told(destination):
    block = ip_network(block_of(destination))
    assert ip_network(destination).network_address in block
    assert block.prefixlen <= (24 if block.version == 4 else 48)


def test_an_address_that_is_none_is_an_error():
    with pytest.raises(ValueError, match="does not appear to be"):
        PrefixTable(["0.0.0.0/0"]).longest("10.0.0.256")


def test_the_whole_of_a_real_table(shared_data):
    with gzip.open(shared_data / "bgp" / "abilene-rib-20050801.bgpdump.gz", "rt") as file:
        prefixes = {line.split("|")[5] for line in file}
    table = PrefixTable(prefixes)
    for prefix in prefixes:
        assert table.longest(prefix) == prefix
    some = sorted(prefixes)[::97]
    by_length = sorted(prefixes, key=lambda p: -int(p.partition("/")[2]))
    nets = [ip_network(p) for p in by_length]
    for prefix in some:
        last = ip_address(int(ip_network(prefix).broadcast_address))
        wanted = next(p for p, net in zip(by_length, nets, strict=True) if last in net)
        assert table.longest(str(last)) == wanted
