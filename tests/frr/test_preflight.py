"""What a gateway lacks is named line by line; the lab's tests show the same on live FRR."""

from ipaddress import ip_address

import pytest

from nornir_bgp.frr.preflight import leaks, preflight
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.state import Announced, GatewayState

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


PREFIXES = ("198.51.100.0/24", "203.0.113.0/24")


def state(config: str, *, established=("10.0.5.1",), advertised=(), young=()) -> GatewayState:
    return GatewayState(
        text="",
        rib=Rib(None, None, None, 100),
        running_config=config,
        established=frozenset(established),
        young=dict(young),
        advertised={"10.0.5.1": {prefix: Announced("65004", "i") for prefix in advertised}},
    )


def findings(config: str, *, established=("10.0.5.1",), allow_transit=False) -> tuple[str, ...]:
    seen = state(config, established=established)
    return preflight(seen, EXITS, PREFIXES, Policy(), allow_transit=allow_transit)


def test_a_ready_gateway_lacks_nothing():
    assert findings(READY) == ()


def test_a_session_whose_routes_may_still_be_coming_is_waited_for():
    seen = state(READY, young={"10.0.5.1": 4.0})
    (finding,) = preflight(seen, EXITS, PREFIXES, Policy(), allow_transit=False)
    assert finding.startswith("the session to 10.0.5.1 came up 4 s ago and has not sent End-of-RIB")


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
         ["missing: match ip address prefix-list LOCAL_PREF_PREFIX_LIST, in ",
          "must match its list alone, but holds: match ip address prefix-list LOCALPREF_PREFIX"]),
        ("permit 999\n", "permit 999\n match metric 7\n", ["permit 999 must let every route pass"]),
        (" route-map EXPORT_MAP out\n", " remote-as 65004\n", ["missing: an outbound policy"]),
        (" route-map EXPORT_MAP out\n", " route-map NOWHERE out\n", ["missing: route-map NOWHERE"]),
        ("LOCAL_PREF_MAP permit 999",
         "LOCAL_PREF_MAP deny 5\nexit\nroute-map LOCAL_PREF_MAP permit 999",
         ["route-map LOCAL_PREF_MAP deny 5 comes before clause 10"]),
        (" set local-preference 200\n", " set local-preference 200\n match metric 5\n",
         ["must match its list alone, but holds: match metric 5"]),
        (" route-map EXPORT_MAP out\n", " route-map OPEN_MAP out\n",
         ["route-map OPEN_MAP would let"]),
        (" route-map EXPORT_MAP out\n", " prefix-list OPEN out\n", ["prefix-list OPEN would let"]),
        ("EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24", "EXPORT_PREFIX_LIST seq 5 permit any",
         ["would let 198.51.100.0/24, 203.0.113.0/24 out to neighbor 10.0.5.1"]),
        ("EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24",
         "EXPORT_PREFIX_LIST seq 5 permit 198.51.0.0/16 le 24",
         ["would let 198.51.100.0/24 out"]),
        ("EXPORT_MAP permit 10",
         "EXPORT_MAP permit 5\n match as-path OURS\nexit\nroute-map EXPORT_MAP permit 10",
         []),
        (" route-map EXPORT_MAP out\n", " prefix-list EXPORT_PREFIX_LIST out\n", []),
        (" route-map EXPORT_MAP out\n", " filter-list OURS out\n", []),
        ("router bgp 65020\n", "router bgp 65020 vrf RED\n",
         ["missing: neighbor 10.0.5.1 route-map LOCAL_PREF_MAP in", "missing: an outbound policy"]),
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


def test_a_leak_is_what_is_advertised_and_planned():
    assert leaks(state(READY, advertised=("1.0.0.0/24",)), EXITS, PREFIXES) == ()
    assert leaks(state(READY, advertised=PREFIXES[:1]), EXITS, PREFIXES) == (
        "transit: 198.51.100.0/24 advertised to UP1 (10.0.5.1)",
    )
