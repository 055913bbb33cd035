"""What looks counted twice: as comparing each prefix with each other says."""

from fractions import Fraction
from ipaddress import IPv4Network, IPv6Network, ip_network

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.solver.overlaps import doubled

nested = st.builds(
    lambda a, n: str(IPv4Network((a << 24, n), strict=False)), st.integers(0, 7), st.integers(5, 9)
) | st.builds(
    lambda a, n: str(IPv6Network((a << 120, n), strict=False)), st.integers(0, 7), st.integers(5, 9)
)
rows = st.dictionaries(nested, st.sampled_from([0, 1, 99, 100, 101, 198, 200, 202]), max_size=10)


def one_by_one(row: dict[str, int]) -> dict[str, tuple[int, int]]:
    """The definition: suspicious prefix -> how many parts, and their load."""
    networks = {ip_network(prefix): load for prefix, load in row.items()}
    found = {}
    for block, load in networks.items():
        below = [n for n in networks if n != block and n.version == block.version]
        below = [n for n in below if n.subnet_of(block)]
        direct = [n for n in below if not any(n != m and n.subnet_of(m) for m in below)]
        loaded = [networks[n] for n in direct if networks[n]]
        near = load and abs(Fraction(sum(loaded), load) - 1) <= Fraction(1, 100)
        if near and len(loaded) >= 2:
            found[str(block)] = (len(loaded), sum(loaded))
    return found


@given(rows)
def test_as_the_definition_says(row):
    found = doubled(list(row), np.array(list(row.values()), dtype=np.int64))
    assert {one.prefix: (one.parts, one.parts_load) for one in found} == one_by_one(row)
    assert all(one.load == row[one.prefix] for one in found)


def test_a_block_that_sums_its_parts_is_named_and_one_with_its_own_traffic_is_not():
    parts = {f"10.{n}.0.0/16": 25 for n in range(4)}
    row = {"10.0.0.0/8": 100, **parts, "11.0.0.0/8": 50, "11.0.0.0/16": 25, "11.1.0.0/16": 20}
    assert [one.prefix for one in doubled(list(row), np.array(list(row.values())))] == [
        "10.0.0.0/8"
    ]
