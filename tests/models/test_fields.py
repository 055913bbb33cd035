"""Prefixes in canonical text: the standard library's ipaddress is the oracle."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.models.fields import canonical_prefix

octet_texts = st.integers(0, 300).map(str) | st.sampled_from(["00", "01", "", "٣"])
ipv4_texts = st.builds(
    lambda octets, length: ".".join(octets) + "/" + length,
    st.lists(octet_texts, min_size=4, max_size=4),
    st.integers(0, 40).map(str) | st.sampled_from(["", "08", "-1", "255.0.0.0"]),
)


@given(ipv4_texts | st.text())
def test_agrees_with_ipaddress(text):
    decimal_length = text.isascii() and text.partition("/")[2].isdecimal()
    try:
        expected = str(ipaddress.ip_network(text)) if decimal_length and "%" not in text else None
    except ValueError:
        expected = None
    if expected is None:
        with pytest.raises(ValueError, match="write"):
            canonical_prefix(text)
    else:
        assert canonical_prefix(text) == expected


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_host_bits_are_named_with_the_network(address, length):
    interface = ipaddress.IPv4Interface((address, length))
    if interface.ip == interface.network.network_address:
        assert canonical_prefix(str(interface)) == str(interface)
    else:
        with pytest.raises(ValueError, match=f"write {interface.network}$"):
            canonical_prefix(str(interface))
