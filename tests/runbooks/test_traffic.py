"""Measured shares against planned ones: the sums by hand, and what cannot be compared."""

from datetime import UTC, datetime
from fractions import Fraction
from ipaddress import ip_address, ip_interface

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import DeviceUnreachableError, InputError
from nornir_bgp.models.device import Bgp, Device, Interface
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.report import Check, VerifyReport
from nornir_bgp.models.settings import Settings
from nornir_bgp.models.status import Status
from nornir_bgp.models.traffic import Measurement, TrafficReport
from nornir_bgp.runbooks.asking import Answers
from nornir_bgp.runbooks.traffic import (
    LEAST_RATE,
    Sent,
    compare_shares,
    interface_of,
    sent_between,
)
from nornir_bgp.tasks.counters import Reading

EXITS = tuple(
    Exit(gateway=f"GW{n}", neighbor=ip_address(f"10.0.{n}.1"), upstream=f"UP{n}") for n in (1, 2, 3)
)


def sent(*loads_and_rates: tuple[int, float | None], status: Status = Status.ERROR) -> list[Sent]:
    return [
        Sent(exit_, "eth1", load, rate)
        if rate is not None
        else Sent(exit_, "eth1", load, None, status, f"{exit_.gateway} is away")
        for exit_, (load, rate) in zip(EXITS, loads_and_rates, strict=False)
    ]


def report(rows: list[Sent], tolerance: float = 0.02) -> TrafficReport:
    exits = tuple(compare_shares(rows, tolerance))
    return TrafficReport(
        ok=all(e.status is Status.PASS for e in exits),
        started=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=10,
        tolerance=tolerance,
        exits=exits,
    )


def test_the_reference_plan_as_measured():
    found = report(sent((145, 4.10e6), (150, 4.24e6)))
    assert [e.planned for e in found.exits] == pytest.approx([0.49153, 0.50847], abs=1e-5)
    assert [e.measured for e in found.exits] == pytest.approx([0.49161, 0.50839], abs=1e-5)
    assert [e.rate for e in found.exits] == [4.10e6, 4.24e6]
    assert (found.ok, found.exit_code) == (True, 0)


def test_a_link_that_carries_too_much_is_named_with_the_points():
    found = report(sent((145, 6e6), (150, 4e6)))
    assert {e.status for e in found.exits} == {Status.FAIL}
    assert found.exits[0].detail == "+10.8 points, 2 are allowed"
    assert found.exits[1].detail == "-10.8 points, 2 are allowed"
    assert found.exit_code == 3
    assert report(sent((145, 6e6), (150, 4e6)), tolerance=0.11).ok


def test_hardly_any_traffic_is_inconclusive():
    found = report(sent((1, LEAST_RATE / 3), (1, LEAST_RATE / 3)))
    assert {e.status for e in found.exits} == {Status.INCONCLUSIVE}
    assert {e.measured for e in found.exits} == {None}
    assert found.exits[0].detail == "all exits sent 667 kbit/s; the least to compare is 1 Mbit/s"
    assert found.exit_code == 3


def test_a_gateway_that_was_not_read_leaves_no_total():
    found = report(sent((145, 4e6), (150, None)))
    assert [e.status for e in found.exits] == [Status.ERROR, Status.ERROR]
    assert [e.detail for e in found.exits] == ["the total is not known without GW2", "GW2 is away"]
    assert ([e.rate for e in found.exits], found.exit_code) == ([4e6, None], 4)


def test_a_counter_that_went_back_is_inconclusive_for_all():
    found = report(sent((145, 4e6), (150, None), status=Status.INCONCLUSIVE))
    assert {e.status for e in found.exits} == {Status.INCONCLUSIVE}
    assert found.exit_code == 3


def test_a_plan_without_load_has_no_shares():
    assert report(sent((0, 4e6), (0, 4e6))).exit_code == 3


@given(
    st.lists(
        st.tuples(st.integers(0, 10**9), st.integers(0, 10**12)), min_size=1, max_size=3
    ).filter(lambda rows: sum(r[0] for r in rows) > 0 and sum(r[1] for r in rows) >= LEAST_RATE)
)
def test_shares_are_parts_of_one_whole(rows: list[tuple[int, int]]):
    found = report(sent(*rows))
    assert sum(e.planned for e in found.exits) == pytest.approx(1)
    assert sum(e.measured or 0 for e in found.exits) == pytest.approx(1)
    loads, rates = sum(r[0] for r in rows), sum(r[1] for r in rows)
    for exit_, (load, rate) in zip(found.exits, rows, strict=True):
        apart = abs(Fraction(rate, rates) - Fraction(load, loads))
        if abs(apart - Fraction(2, 100)) > Fraction(1, 10**12):  # at the edge, floats decide
            assert (exit_.status is Status.PASS) == (apart < Fraction(2, 100))


@pytest.mark.parametrize(
    ("checks", "traffic", "code"),
    [
        (Status.PASS, Status.PASS, 0),
        (Status.PASS, Status.FAIL, 3),
        (Status.PASS, Status.ERROR, 4),
        (Status.ERROR, Status.INCONCLUSIVE, 3),
        (Status.FAIL, Status.ERROR, 3),
    ],
)
def test_the_most_alarming_verdict_decides(checks: Status, traffic: Status, code: int):
    measured = report(sent((1, 4e6)))
    exits = tuple(e.model_copy(update={"status": traffic}) for e in measured.exits)
    check = Check(router="PE1", prefix="192.0.2.0/24", expected_gateway="GW1", status=checks)
    found = VerifyReport(
        ok=False,
        checks=(check,),
        seconds=1,
        traffic=measured.model_copy(update={"exits": exits}),
    )
    assert found.exit_code == code


@pytest.mark.parametrize(
    "values", [{"interval": 0}, {"interval": 3601}, {"tolerance": -0.1}, {"tolerance": 2}]
)
def test_a_measurement_out_of_range_is_refused(values: dict[str, float]):
    with pytest.raises(InputError, match="give"):
        Measurement(**values)


def answers(gateway: str, at: float, sent: int, errors=None) -> Answers[Reading]:
    return Answers(
        values={} if errors else {gateway: Reading(at, {"eth1": sent})},
        diffs={},
        errors=errors or {},
        changed=frozenset(),
    )


def test_the_rate_is_bits_by_the_time_between_the_readings():
    first, second = answers("GW1", 100.0, 2**32 - 1), answers("GW1", 102.5, 2**32 + 999_999)
    found = sent_between(EXITS[0], "eth1", 145, first, second)
    assert (found.rate, found.status, found.detail) == (3.2e6, Status.PASS, "")


def test_a_counter_that_went_back_says_so():
    first, second = answers("GW1", 100.0, 2**32 - 1), answers("GW1", 102.5, 999_999)
    found = sent_between(EXITS[0], "eth1", 145, first, second)
    assert (found.rate, found.status) == (None, Status.INCONCLUSIVE)
    assert found.detail.startswith("the counter of eth1 went back")


def test_a_gateway_that_is_lost_meanwhile_says_why():
    lost = {"GW1": DeviceUnreachableError("GW1: the session was lost")}
    first, second = answers("GW1", 100.0, 5), answers("GW1", 0, 0, errors=lost)
    found = sent_between(EXITS[0], "eth1", 145, first, second)
    assert (found.rate, found.status) == (None, Status.ERROR)
    assert found.detail == "GW1: the session was lost"


def network(**addresses: str) -> Network:
    device = Device(
        hostname="GW1",
        interfaces=tuple(
            Interface(name=name, ipv4_address=ip_interface(address))
            for name, address in addresses.items()
        ),
        bgp=Bgp(as_number=65020, router_id="192.168.3.3"),
    )
    return Network(settings=Settings(), devices=(device,), exits=EXITS[:1], edges=("PE1",))


def test_the_counter_is_that_of_the_most_specific_connected_network():
    found = network(lo0="10.0.1.0/32", eth1="10.0.0.9/8", eth2="10.0.1.0/31", eth3="10.0.2.0/31")
    assert interface_of(found, EXITS[0]) == "eth2"


def test_an_upstream_in_no_connected_network_is_named():
    with pytest.raises(InputError, match=r"GW1: no single interface is in .* 10\.0\.1\.1,"):
        interface_of(network(eth1="172.16.0.3/24"), EXITS[0])


def test_two_sessions_share_a_counter_or_have_none():
    both = EXITS[0].model_copy(update={"neighbor_ipv6": ip_address("2001:db8:1::1")})
    link = Interface(
        name="eth1",
        ipv4_address=ip_interface("10.0.1.0/31"),
        ipv6_address=ip_interface("2001:db8:1::2/64"),
    )
    lan = Interface(name="eth2", ipv4_address=ip_interface("172.16.0.3/24"))
    apart = (
        link.model_copy(update={"ipv6_address": None}),
        lan.model_copy(update={"ipv6_address": link.ipv6_address}),
    )
    (device,) = network().devices
    for interfaces, found in (((lan, link), "eth1"), (apart[:1], "eth1"), (apart, None)):
        at = device.model_copy(update={"interfaces": interfaces})
        of = Network(settings=Settings(), devices=(at,), exits=(both,), edges=("PE1",))
        assert of.interface_of(both) == found
