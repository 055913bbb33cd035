"""The links to upstreams: which sessions share one, and what is said of it."""

from ipaddress import ip_address
from typing import Any

import pytest
from pydantic import ValidationError

from nornir_bgp.models.device import Device, exits_of
from nornir_bgp.models.plan import Exit

IPV4, IPV6 = "10.0.5.1", "2001:db8:5::1"


def device(*neighbors: dict[str, Any]) -> Device:
    return Device.model_validate(
        {
            "hostname": "GW1",
            "interfaces": [
                {"name": "eth1", "ipv4_address": "10.0.5.0/31", "ipv6_address": "2001:db8:5::/127"}
            ],
            "setup_bgp_localpref_map": True,
            "bgp": {
                "as_number": 65020,
                "router_id": "192.168.3.3",
                "neighbors": [
                    {"remote_as": 65004, "use_localpref_map": True, **neighbor}
                    for neighbor in neighbors
                ],
            },
        }
    )


def exits(*neighbors: dict[str, Any]) -> tuple[Exit, ...]:
    return exits_of((device(*neighbors),))


@pytest.mark.parametrize("turn", [1, -1])
def test_a_session_of_each_family_to_one_as_is_one_exit(turn: int):
    sessions = [{"ip": IPV4, "capacity": 8000}, {"ip": IPV6, "cost": 1.5, "commit": 100}]
    assert exits(*sessions[::turn]) == (
        Exit(
            gateway="GW1",
            neighbor=ip_address(IPV4),
            upstream="AS65004",
            capacity=8000,
            neighbor_ipv6=ip_address(IPV6),
            cost=1.5,
            commit=100,
        ),
    )


def test_what_is_said_twice_may_be_the_same():
    said = {"capacity": 8000, "cost": 0, "upstream": "Transit One"}
    (exit_,) = exits({"ip": IPV4, **said}, {"ip": IPV6, **said})
    assert (exit_.capacity, exit_.cost, exit_.upstream) == (8000, 0, "Transit One")


@pytest.mark.parametrize(
    ("field", "said", "also"),
    [("capacity", 8000, 9000), ("cost", 0.5, 1.5), ("commit", 0, 1), ("upstream", "A", "B")],
)
def test_what_contradicts_is_refused_where_it_stands(field: str, said: object, also: object):
    with pytest.raises(ValidationError) as caught:
        device({"ip": "10.0.9.1", "use_localpref_map": False}, {"ip": IPV4, field: said},
               {"ip": IPV6, field: also})  # fmt: skip
    (error,) = caught.value.errors()
    assert f"{IPV4} is a session of the same link and has {field} {said}, not {also}" in str(error)
    assert str(("bgp", "neighbors", 2, field)) in str(error)


@pytest.mark.parametrize(
    "neighbors",
    [
        [{"ip": IPV4}, {"ip": IPV6, "remote_as": 65005}],
        [{"ip": IPV4}, {"ip": "10.0.6.1"}],
        [{"ip": IPV6}, {"ip": "2001:db8:6::1"}],
        [{"ip": IPV4, "capacity": 1}, {"ip": IPV6, "capacity": 2}, {"ip": "10.0.6.1"}],
    ],
)
def test_sessions_that_need_not_share_a_link_are_exits_of_their_own(
    neighbors: list[dict[str, Any]],
):
    found = exits(*neighbors)
    assert [str(e.neighbor) for e in found] == [n["ip"] for n in neighbors]
    assert all(e.sessions == (e.neighbor,) for e in found)


def test_an_exit_knows_its_session_of_each_family():
    (both,) = exits({"ip": IPV4}, {"ip": IPV6})
    (ipv4,), (ipv6,) = exits({"ip": IPV4}), exits({"ip": IPV6})
    assert [both.session(4), both.session(6)] == [ip_address(IPV4), ip_address(IPV6)]
    assert [ipv4.session(4), ipv4.session(6)] == [ip_address(IPV4), None]
    assert [ipv6.session(4), ipv6.session(6)] == [None, ip_address(IPV6)]
    assert (both.sessions, ipv6.sessions) == (
        (ip_address(IPV4), ip_address(IPV6)),
        (ip_address(IPV6),),
    )
