"""What the lab's hosts are to send: the whole matrix, in proportion, evenly and bounded."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError
from nornir_bgp.lab.sender import schedule
from nornir_bgp.lab.traffic import PAYLOAD, make_flows
from nornir_bgp.models.prediction import PredictionMatrix

HOSTS = ("Customer1", "Customer2")
TEST = {
    "C1": {"198.51.100.0/24": 150, "203.0.113.0/24": 35},
    "C2": {"131.114.0.0/16": 20, "192.0.2.0/24": 50, "203.0.113.0/24": 40},
}


def test_the_reference_matrix():
    flows = make_flows(PredictionMatrix(customers=TEST), HOSTS, seconds=2.95, rate=8)
    assert flows.counts == {
        "Customer1": {"198.51.100.1": 1500, "203.0.113.1": 350},
        "Customer2": {"131.114.0.1": 200, "192.0.2.1": 500, "203.0.113.1": 400},
    }
    assert flows.datagrams * PAYLOAD * 8 == pytest.approx(8e6 * flows.seconds)


def test_more_customers_than_hosts_share_them():
    rows = {f"C{n}": {"192.0.2.0/24": 10} for n in range(5)}
    flows = make_flows(PredictionMatrix(customers=rows), HOSTS, seconds=10, rate=4)
    assert flows.counts == {
        "Customer1": {"192.0.2.1": 3000},
        "Customer2": {"192.0.2.1": 2000},
    }


@pytest.mark.parametrize(
    ("rows", "hosts", "seconds", "rate", "said"),
    [
        (TEST, HOSTS, 0.5, 8, "0.5 s"),
        (TEST, HOSTS, 601, 8, "601 s"),
        (TEST, HOSTS, 10, 0, "0 Mbit/s"),
        (TEST, HOSTS, 10, 1000, "1000 Mbit/s"),
        (TEST, HOSTS, float("nan"), 8, "nan s"),
        (TEST, (), 10, 8, "no host"),
        ({"C1": {"192.0.2.0/24": 0}}, HOSTS, 10, 8, "no load"),
    ],
)
def test_what_is_out_of_bounds_is_refused(rows, hosts, seconds: float, rate: float, said: str):
    with pytest.raises(InputError, match=said):
        make_flows(PredictionMatrix(customers=rows), hosts, seconds=seconds, rate=rate)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 200), min_size=1),
    st.floats(0.1, 100),
)
def test_at_any_time_each_address_has_its_share(counts: dict[str, int], seconds: float):
    sent = dict.fromkeys(counts, 0)
    plan = list(schedule(counts, seconds))
    assert all(a <= b for (a, _), (b, _) in pairwise(plan))
    for due, address in plan:
        sent[address] += 1
        assert 0 <= due <= seconds
        for other, count in counts.items():
            assert abs(sent[other] - count * due / seconds) <= 1
    assert sent == counts
