"""No byte is lost or made between the flows and the slots."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.forecast.flow import Flow
from nornir_bgp.forecast.lookup import PrefixTable
from nornir_bgp.forecast.slots import EVERYBODY, OTHERS, Traffic, spread
from nornir_bgp.runbooks.measured import loads_of

ROUTES = ("198.51.100.0/24", "198.51.0.0/16", "2001:db8::/32")
DESTINATIONS = ("198.51.100.1", "198.51.1.1", "203.0.113.1", "2001:db8::1", "2001:db9::1")


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    begin = draw(st.integers(0, 10**7))
    lasted = draw(st.integers(0, 10**7))
    return Flow(
        begin,
        begin + lasted,
        draw(st.sampled_from(DESTINATIONS)),
        draw(st.integers(0, 10**12)),
        draw(st.sampled_from(("192.0.2.1", "10.0.0.1"))),
    )


@given(st.lists(flows(), max_size=20), st.sampled_from([1, 60, 300, 86400]))
def test_every_byte_is_in_a_slot_or_named_as_unrouted(some, window):
    traffic = Traffic(window, PrefixTable(ROUTES), {"192.0.2.0/24": "C1"})
    for flow in some:
        traffic.add(flow)
    routed = [flow for flow in some if flow.destination not in ("203.0.113.1", "2001:db9::1")]
    assert traffic.octets.total() == sum(flow.octets for flow in routed)
    assert traffic.octets.total() + traffic.unrouted.total() == sum(flow.octets for flow in some)
    by_customer: Counter[str] = Counter()
    for (_, customer, _), octets in traffic.octets.items():
        by_customer[customer] += octets
    assert by_customer["C1"] == sum(f.octets for f in routed if f.source == "192.0.2.1")
    assert by_customer[OTHERS] == sum(f.octets for f in routed if f.source == "10.0.0.1")


@given(flows(), st.sampled_from([1, 60, 300, 86400]))
def test_a_slot_has_its_share_of_the_time_to_the_byte(flow, window):
    slots = dict(spread(flow, window))
    assert sum(slots.values()) == flow.octets
    size = 1000 * window
    for slot, octets in slots.items():
        begin, end = max(flow.begin, slot * size), min(flow.end, (slot + 1) * size)
        share = Fraction(end - begin, flow.end - flow.begin) if flow.end > flow.begin else 1
        assert abs(octets - flow.octets * share) <= 1


@given(st.lists(flows(), max_size=20), st.sampled_from(["bit/s", "kbit/s", "Mbit/s"]))
def test_loads_are_the_bytes_of_a_slot_rounded(some, unit):
    traffic = Traffic(60, PrefixTable(ROUTES))
    for flow in some:
        traffic.add(flow)
    slots = loads_of(traffic, 60, unit)
    bits = {"bit/s": 1, "kbit/s": 1000, "Mbit/s": 1_000_000}[unit]
    for (slot, customer, prefix), octets in traffic.octets.items():
        exact = Fraction(8 * octets, 60 * bits)
        assert abs(slots[slot][customer][prefix] - exact) <= Fraction(1, 2)


def test_the_exporter_s_own_prefix_counts_where_no_routes_are_given():
    traffic = Traffic(300)
    traffic.add(Flow(0, 0, "198.51.100.7", 5, length=24))
    traffic.add(Flow(0, 0, "203.0.113.0/24", 6))
    assert traffic.octets == {
        (0, EVERYBODY, "198.51.100.0/24"): 5,
        (0, EVERYBODY, "203.0.113.0/24"): 6,
    }


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        (Flow(0, 0, "198.51.100.7", 5), "nothing says of which prefix"),
        (Flow(0, 0, "198.51.100.7/24", 5), "has host bits set; write 198.51.100.0/24"),
        (Flow(0, 0, "198.51.100.7", 5, length=64), "does not appear to be"),
    ],
)
def test_a_destination_without_a_prefix_is_refused(flow, said):
    traffic = Traffic(300)
    with pytest.raises(ValueError, match=said):
        traffic.add(flow)
    assert not traffic.octets


def test_flows_without_a_customer_are_all_and_those_with_an_empty_one_others():
    traffic = Traffic(300)
    traffic.add(Flow(0, 0, "203.0.113.0/24", 5))
    traffic.add(Flow(0, 0, "203.0.113.0/24", 6, customer=""))
    assert traffic.octets == {
        (0, EVERYBODY, "203.0.113.0/24"): 5,
        (0, OTHERS, "203.0.113.0/24"): 6,
    }


def test_customers_by_address_need_the_senders():
    with pytest.raises(ValueError, match="does not say who sent"):
        Traffic(300, customers={"192.0.2.0/24": "C1"}).add(Flow(0, 0, "203.0.113.0/24", 1))
