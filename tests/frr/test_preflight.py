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


DUAL_STACK = (
    READY.replace(
        "ip prefix-list OPEN",
        """ipv6 prefix-list EXPORT_PREFIX_LIST seq 5 permit 2001:db8:1::/48
ipv6 prefix-list OPEN seq 5 permit any
ip prefix-list OPEN""",
    )
    .replace(
        "route-map LOCAL_PREF_MAP permit 999",
        """route-map LOCAL_PREF_MAP permit 11
 match ipv6 address prefix-list LOCAL_PREF_PREFIX_LIST
 set local-preference 200
exit
!
route-map LOCAL_PREF_MAP permit 999""",
    )
    .replace(
        "route-map OPEN_MAP",
        """route-map EXPORT_MAP permit 11
 match ipv6 address prefix-list EXPORT_PREFIX_LIST
exit
!
route-map OPEN_MAP""",
    )
    .replace(
        " exit-address-family\n",
        """ exit-address-family
 !
 address-family ipv6 unicast
  neighbor 2001:db8:5::1 activate
  neighbor 2001:db8:5::1 route-map LOCAL_PREF_MAP in
  neighbor 2001:db8:5::1 route-map EXPORT_MAP out
 exit-address-family
""",
    )
)
BOTH = (EXITS[0].model_copy(update={"neighbor_ipv6": ip_address("2001:db8:5::1")}),)
IPV6 = ("2001:db8:a::/48",)


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


UNMAPPED = READY.replace("  neighbor 10.0.5.1 route-map LOCAL_PREF_MAP in\n", "")


def test_a_drained_gateway_is_not_waited_for():
    for config, lacking in ((READY, 0), (UNMAPPED, 1)):
        seen = state(config, young={"10.0.5.1": 4.0})
        found = preflight(seen, EXITS, PREFIXES, Policy(), allow_transit=False, drained=True)
        assert len(found) == lacking


def test_a_session_may_be_down_and_its_policies_may_not():
    """The plan gives it nothing; when it comes up again its routes pass what is configured."""
    assert findings(READY, established=()) == ()
    unfiltered = READY.replace("  neighbor 10.0.5.1 route-map EXPORT_MAP out\n", "")
    for config in (UNMAPPED, unfiltered):
        assert findings(config, established=()) == findings(config) != ()


def test_transit():
    unfiltered = READY.replace("  neighbor 10.0.5.1 route-map EXPORT_MAP out\n", "")
    assert "transit" in findings(unfiltered)[0]
    assert findings(unfiltered, allow_transit=True) == ()


def test_a_leak_is_what_is_advertised_and_planned():
    assert leaks(state(READY, advertised=("1.0.0.0/24",)), EXITS, PREFIXES) == ()
    assert leaks(state(READY, advertised=PREFIXES[:1]), EXITS, PREFIXES) == (
        "transit: 198.51.100.0/24 advertised to UP1 (10.0.5.1)",
    )


def of_ipv6(config: str, prefixes=IPV6, established=("10.0.5.1", "2001:db8:5::1"), **options):
    seen = state(config, established=established, **options)
    return preflight(seen, BOTH, prefixes, Policy(), allow_transit=False)


def test_a_ready_dual_stack_gateway_lacks_nothing():
    for prefixes in (IPV6, PREFIXES, IPV6 + PREFIXES):
        assert of_ipv6(DUAL_STACK, prefixes) == ()


def test_a_family_without_a_planned_prefix_is_not_looked_at():
    assert of_ipv6(READY, PREFIXES, established=("10.0.5.1",)) == ()
    unfit = DUAL_STACK.replace("10.0.5.1 route-map LOCAL_PREF_MAP in", "10.0.5.1 activate")
    assert of_ipv6(unfit, IPV6, established=("2001:db8:5::1",)) == ()
    assert len(of_ipv6(unfit, PREFIXES)) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2001:db8:5::1 route-map LOCAL_PREF_MAP in", "2001:db8:5::1 soft-reconfiguration inbound",
         ["missing: neighbor 2001:db8:5::1 route-map LOCAL_PREF_MAP in"]),
        ("LOCAL_PREF_MAP permit 11\n", "LOCAL_PREF_MAP permit 12\n",
         ["missing: route-map LOCAL_PREF_MAP permit 11"]),
        (" match ipv6 address prefix-list LOCAL_PREF_PREFIX_LIST\n", "",
         ["missing: match ipv6 address prefix-list LOCAL_PREF_PREFIX_LIST, in route-map"]),
        ("2001:db8:5::1 route-map EXPORT_MAP out", "2001:db8:5::1 soft-reconfiguration inbound",
         ["missing: an outbound policy on neighbor 2001:db8:5::1"]),
        ("2001:db8:5::1 route-map EXPORT_MAP out", "2001:db8:5::1 route-map OPEN_MAP out",
         ["route-map OPEN_MAP would let 2001:db8:a::/48 out to neighbor 2001:db8:5::1"]),
        ("2001:db8:5::1 route-map EXPORT_MAP out", "2001:db8:5::1 prefix-list OPEN out",
         ["prefix-list OPEN would let 2001:db8:a::/48 out"]),
        ("ipv6 prefix-list EXPORT_PREFIX_LIST seq 5 permit 2001:db8:1::/48",
         "ipv6 prefix-list EXPORT_PREFIX_LIST seq 5 permit 2001:db8::/32 le 48",
         ["would let 2001:db8:a::/48 out"]),
        # An IPv4 list, however open, lets no IPv6 route out.
        ("ip prefix-list EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24",
         "ip prefix-list EXPORT_PREFIX_LIST seq 5 permit any", []),
        # Outside of the families, lines are about IPv4.
        (" neighbor 10.0.5.1 remote-as 65004\n",
         " neighbor 10.0.5.1 remote-as 65004\n neighbor 2001:db8:5::1 prefix-list OPEN out\n", []),
    ],
)  # fmt: skip
def test_what_ipv6_lacks_is_named(old, new, said):
    assert old in DUAL_STACK
    found = of_ipv6(DUAL_STACK.replace(old, new))
    assert len(found) == len(said)
    for sentence, expected in zip(found, said, strict=True):
        assert expected in sentence


def test_sessions_of_ipv6_count():
    late = state(DUAL_STACK, established=("10.0.5.1", "2001:db8:5::1"))
    late.young["2001:db8:5::1"] = 4.0
    for prefixes, waited_for in ((IPV6, 1), (PREFIXES, 0), (IPV6 + PREFIXES, 1)):
        found = preflight(late, BOTH, prefixes, Policy(), allow_transit=False)
        assert len(found) == waited_for
    leaking = state(DUAL_STACK)
    leaking.advertised["2001:db8:5::1"] = {IPV6[0]: Announced("65005", "i")}
    assert leaks(leaking, BOTH, IPV6 + PREFIXES) == (
        "transit: 2001:db8:a::/48 advertised to UP1 (2001:db8:5::1)",
    )
