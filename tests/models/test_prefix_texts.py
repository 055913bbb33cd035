"""Many prefixes at once: what Python's own library says of each."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.models.prefix_texts import are_canonical_ipv4, ipv4_ranges, ipv6_ranges

ipv4 = st.builds(
    lambda a, n: str(IPv4Network((a, n), strict=False)),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)
ipv6 = st.builds(
    lambda a, n: str(IPv6Network((a, n), strict=False)),
    st.integers(0, 2**128 - 1),
    st.integers(0, 128),
)
near_misses = st.sampled_from(
    [
        *("10.0.0.0/08", "10.0.0.1/8", "010.0.0.0/8", "10.0.0.0/33", "10.0.0.0", "256.0.0.0/8"),
        *("10.0.0.0/8\n", "10.0.0.0/8\n11.0.0.0/8", "", " 10.0.0.0/8", "10.0.0/8", "٣.0.0.0/8"),
        *("2001:db8::/32", "10.0.0.0/8/8", "10.0.0.0/-1", "1.2.3.4.0/8", "0.0.0.0/0"),
    ]
)


def is_canonical(text: str) -> bool:
    try:
        network = ip_network(text)
    except ValueError:
        return False
    return network.version == 4 and str(network) == text


@given(st.lists(ipv4 | near_misses | st.text(max_size=8), max_size=6))
def test_all_are_canonical_where_each_is(texts):
    assert are_canonical_ipv4(texts) == all(map(is_canonical, texts))


@given(st.lists(ipv4, max_size=6), st.lists(ipv6, max_size=6))
def test_ranges(old, new):
    for prefixes, (first, last) in ((old, ipv4_ranges(old)), (new, ipv6_ranges(new))):
        networks = [ip_network(prefix) for prefix in prefixes]
        assert list(first) == [int(network.network_address) for network in networks]
        assert list(last) == [int(network.broadcast_address) for network in networks]
