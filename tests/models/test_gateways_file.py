"""Gateways from a file: what is read, and every way in which a file can be wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.gateways_file import parse_gateways
from tests.models.test_prefix_texts import ipv4, ipv6

ONE = '{"gateways": {"GW1": {"upstream": "UP1"}}'


def test_what_the_file_says():
    read = parse_gateways(
        json.dumps(
            {
                "gateways": {
                    "GW2": {"upstream": "UP 2", "capacity": 10**11, "cost": 1.5, "commit": 7},
                    "GW1": {"upstream": "UP1", "neighbor": "10.0.5.1"},
                },
                "reach": {"GW1": ["10.0.0.0/08", "2001:DB8::/32"]},
            }
        ),
        "g.json",
    )
    first, second = read.exits
    assert (first.gateway, first.upstream, first.capacity) == ("GW2", "UP 2", 10**11)
    assert (first.cost, first.commit, str(first.neighbor)) == (1.5, 7, "0.0.0.0")
    assert (second.capacity, second.cost, str(second.neighbor)) == (None, None, "10.0.5.1")
    assert read.reach == {"GW1": ["10.0.0.0/8", "2001:db8::/32"]}


@given(st.lists(ipv4 | ipv6))
def test_reach_is_kept_as_it_is_where_it_is_canonical(prefixes):
    read = parse_gateways(f'{ONE}, "reach": {{"GW1": {json.dumps(prefixes)}}}}}', "g.json")
    assert read.reach == {"GW1": prefixes}


CASES = {
    "a list": ("[]", "1:1: a list is not a mapping"),
    "no gateways": ("{}", "1:1: gateways: is missing"),
    "none": ('{"gateways": {}}', "1:2: gateways: is empty"),
    "an unknown key": (
        '{"gateways": {"GW1": {"upstream": "UP1",\n"capcity": 1}}}',
        "2:1: gateways.GW1.capcity: unknown key",
    ),
    "an unknown section": (ONE + ',\n"reaches": {}}', "2:1: reaches: unknown key"),
    "no upstream": ('{"gateways": {"GW1": {}}}', "1:15: gateways.GW1.upstream: is missing"),
    "a gateway's name": ('{"gateways": {"GW 1": {"upstream": "U"}}}', "1:15: "),
    "capacity 0": ('{"gateways": {"GW1": {"upstream": "U", "capacity": 0}}}', "1:40: "),
    "capacity in quotes": ('{"gateways": {"GW1": {"upstream": "U", "capacity": "1"}}}', "1:40: "),
    "a negative cost": ('{"gateways": {"GW1": {"upstream": "U", "cost": -1}}}', "1:40: "),
    "a neighbor": ('{"gateways": {"GW1": {"upstream": "U", "neighbor": "x"}}}', "1:40: "),
    "an unknown gateway in reach": (
        ONE + ', "reach": {\n"GW2": []}}',
        "2:1: reach.GW2: is none of the gateways, which are GW1",
    ),
    "reach is a list": (ONE + ',\n"reach": []}', "2:1: reach: not who reaches what"),
    "reach is text": (ONE + ', "reach": {\n"GW1": "10.0.0.0/8"}}', "2:1: reach.GW1: not a list"),
    "a number": (ONE + ', "reach": {"GW1": [\n5]}}', "2:1: reach.GW1[0]: not a prefix"),
    "host bits": (
        ONE + ', "reach": {"GW1": ["10.0.0.0/8",\n"10.0.0.1/8"]}}',
        "2:1: reach.GW1[1]: '10.0.0.1/8' has host bits set; write 10.0.0.0/8",
    ),
    "a gateway twice": (ONE[:-1] + ',\n"GW1": {}}}', "2:1: gateways.GW1: key given twice"),
}


@pytest.mark.parametrize(("text", "message"), CASES.values(), ids=CASES)
def test_bad_input_is_refused_with_its_place(text, message):
    with pytest.raises(InputError) as caught:
        parse_gateways(text, "g.json")
    assert str(caught.value).startswith(f"g.json:{message}")
