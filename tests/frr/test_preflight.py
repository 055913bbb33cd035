"""What a gateway lacks is named line by line; the lab's tests show the same on live FRR."""

from ipaddress import ip_address

import pytest

from nornir_bgp.frr.preflight import preflight
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.settings import Policy

READY = """\
frr version 8.4.4
hostname GW1
!
ip prefix-list EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24
ip prefix-list OPEN seq 5 permit any
!
route-map LOCAL_PREF_MAP permit 10
 match ip address prefix-list LOCAL_PREF_PREFIX_LIST
 set local-preference 200
exit
!
route-map LOCAL_PREF_MAP permit 999
exit
!
route-map EXPORT_MAP permit 10
 match ip address prefix-list EXPORT_PREFIX_LIST
exit
!
route-map OPEN_MAP permit 10
 set metric 5
exit
!
router bgp 65020
 neighbor UPSTREAMS peer-group
 neighbor 10.0.5.1 remote-as 65004
 !
 address-family ipv4 unicast
  neighbor 10.0.5.1 route-map LOCAL_PREF_MAP in
  neighbor 10.0.5.1 route-map EXPORT_MAP out
 exit-address-family
exit
!
"""
EXITS = (Exit(gateway="GW1", neighbor=ip_address("10.0.5.1"), upstream="UP1"),)


def findings(config: str, *, established=("10.0.5.1",), allow_transit=False) -> tuple[str, ...]:
    return preflight(config, established, EXITS, Policy(), allow_transit=allow_transit)


def test_a_ready_gateway_lacks_nothing():
    assert findings(READY) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (" route-map LOCAL_PREF_MAP in\n", " route-map OTHER in\n",
         ["missing: neighbor 10.0.5.1 route-map LOCAL_PREF_MAP in"]),
        ("LOCAL_PREF_MAP permit 10\n", "LOCAL_PREF_MAP permit 20\n",
         ["missing: route-map LOCAL_PREF_MAP permit 10"]),
        (" set local-preference 200\n", "",
         ["missing: set local-preference 200, in route-map LOCAL_PREF_MAP permit 10"]),
        ("prefix-list LOCAL_PREF_PREFIX_LIST", "prefix-list LOCALPREF_PREFIX_LIST",
         ["missing: match ip address prefix-list LOCAL_PREF_PREFIX_LIST, in "]),
        ("permit 999\n", "permit 999\n match metric 7\n", ["permit 999 must let every route pass"]),
        (" route-map EXPORT_MAP out\n", " remote-as 65004\n", ["missing: an outbound policy"]),
        (" route-map EXPORT_MAP out\n", " route-map NOWHERE out\n", ["missing: route-map NOWHERE"]),
        (" route-map EXPORT_MAP out\n", " route-map OPEN_MAP out\n",
         ["route-map OPEN_MAP permit 10 lets every route out to neighbor 10.0.5.1"]),
        (" route-map EXPORT_MAP out\n", " prefix-list OPEN out\n",
         ["prefix-list OPEN lets every route out to neighbor 10.0.5.1"]),
        (" route-map EXPORT_MAP out\n", " prefix-list EXPORT_PREFIX_LIST out\n", []),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(old, new, said):
    found = findings(READY.replace(old, new))
    assert len(found) == len(said)
    for sentence, expected in zip(found, said, strict=True):
        assert expected in sentence


def test_policy_of_a_peer_group_counts():
    grouped = READY.replace(
        " neighbor 10.0.5.1 remote-as 65004\n", " neighbor 10.0.5.1 peer-group UPSTREAMS\n"
    )
    grouped = grouped.replace("neighbor 10.0.5.1 route-map", "neighbor UPSTREAMS route-map")
    assert findings(grouped) == ()


def test_session_and_transit():
    assert findings(READY, established=()) == ("the session to 10.0.5.1 is not established",)
    unfiltered = READY.replace("  neighbor 10.0.5.1 route-map EXPORT_MAP out\n", "")
    assert "transit" in findings(unfiltered)[0]
    assert findings(unfiltered, allow_transit=True) == ()
