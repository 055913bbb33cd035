"""The plans of a back-test: only exits that reach a prefix carry it, and the balance is good."""

import json
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_bgp.models.plan import Exit
from nornir_bgp.runbooks.ways import Ways, exits_of_ways, ways_of

PREFIXES = tuple(f"10.{n}.0.0/16" for n in range(8))


def exits(*capacities: int | None) -> tuple[Exit, ...]:
    return tuple(
        Exit(gateway=f"GW{n}", neighbor="192.0.2.1", upstream=f"UP{n}", capacity=capacity)
        for n, capacity in enumerate(capacities)
    )


@settings(max_examples=50)
@given(
    loads=st.lists(st.integers(0, 10**12), min_size=8, max_size=8),
    reach=st.lists(st.none() | st.sets(st.sampled_from(PREFIXES)), min_size=3, max_size=3),
    capacities=st.lists(st.integers(1, 10**12), min_size=3, max_size=3) | st.just([None] * 3),
)
def test_each_prefix_is_on_an_exit_that_reaches_it(loads, reach, capacities):
    tried = exits_of_ways(Ways(exits(*capacities), tuple(reach)), PREFIXES)
    placed = tried.assign(np.array(loads))
    for prefix, exit_ in zip(PREFIXES, placed.tolist(), strict=True):
        able = [n for n, found in enumerate(reach) if found is None or prefix in found]
        assert exit_ in able if able else exit_ == -1


@settings(max_examples=30)
@given(st.lists(st.integers(0, 1000), min_size=8, max_size=8))
def test_two_equal_links_are_as_even_as_longest_first_is_proven_to_be(loads):
    tried = exits_of_ways(Ways(exits(None, None), (None, None)), PREFIXES)
    largest = tried.largest(tried.assign(np.array(loads)), np.array(loads))
    best = min(
        max(sum(loads) - on_first, on_first)
        for chosen in product((0, 1), repeat=8)
        if (on_first := sum(load for load, at in zip(loads, chosen, strict=True) if at)) >= 0
    )
    assert best <= largest <= Fraction(7, 6) * best  # Graham 1969, for two


def test_the_utilisation_counts_where_every_capacity_is_known():
    loads, placed = np.array([6, 4]), np.array([0, 1], dtype=np.int16)
    for capacities, largest in (((12, 4), 1.0), ((12, None), 6.0)):
        tried = exits_of_ways(Ways(exits(*capacities), (None, None)), PREFIXES[:2])
        assert tried.largest(placed, loads) == largest


def test_a_file_of_gateways_says_what_is_reached(tmp_path):
    document = {"gateways": {"GW1": {"upstream": "UP1"}, "GW2": {"upstream": "UP2"}}}
    file = tmp_path / "gateways.json"
    file.write_text(json.dumps({**document, "reach": {"GW1": ["10.0.0.0/8"]}}))
    ways = ways_of(None, file, collect=False)
    assert ways is not None
    assert ways.reach == ({"10.0.0.0/8"}, None)
    assert ways.prefixes is None
    file.write_text(json.dumps({**document, "reach": {"GW1": ["10.0.0.0/8"], "GW2": []}}))
    ways = ways_of(None, file, collect=False)
    assert ways is not None
    assert ways.prefixes == ("10.0.0.0/8",)
