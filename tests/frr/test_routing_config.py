"""What a configuration says about routing, line by line; FRR's own texts are read beside it."""

from ipaddress import IPv4Interface

import pytest

from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.routing_config import parse_router
from nornir_bgp.models.quirks import FRR_8_4, NO_QUIRKS
from nornir_bgp.models.routing import (
    Aggregate,
    Confederation,
    Filters,
    OwnNetwork,
    RouterInterface,
    RouterSession,
    StaticRoute,
)
from tests.frr.router_text import ONE, read


def session(process: str, family: str = "") -> RouterSession:
    (found,) = read(process=process, family=family).sessions
    return found


def test_a_router_without_bgp_is_refused() -> None:
    with pytest.raises(InputError, match="GW9: no BGP process") as refused:
        parse_router("hostname GW9\n!\nrouter ospf\n", "GW9")
    assert refused.value.exit_code == 2


def test_the_bgp_process_of_a_vrf_is_none() -> None:
    with pytest.raises(InputError):
        parse_router("router bgp 65020 vrf RED\n bgp router-id 1.1.1.1\nexit\n", "R")


@pytest.mark.parametrize(
    ("line", "option", "value"),
    [
        ("bgp always-compare-med", "always_compare_med", True),
        ("bgp deterministic-med", "deterministic_med", True),
        ("bgp bestpath as-path ignore", "as_path_ignore", True),
        ("bgp bestpath as-path confed", "as_path_confed", True),
        ("bgp bestpath as-path multipath-relax", "multipath_relax", True),
        ("bgp bestpath compare-routerid", "compare_router_id", True),
        ("bgp bestpath aigp", "aigp", True),
        ("bgp bestpath med missing-as-worst", "med_missing_as_worst", True),
        ("bgp bestpath med confed", "med_confed", True),
        ("bgp bestpath med confed missing-as-worst", "med_missing_as_worst", True),
        ("bgp bestpath med confed missing-as-worst", "med_confed", True),
        ("bgp default local-preference 120", "default_local_pref", 120),
    ],
)
def test_options_of_the_decision(line: str, option: str, value: object) -> None:
    plain = read()
    assert getattr(plain.options, option) != value
    told = read(process=line)
    assert getattr(told.options, option) == value
    assert told.not_modelled == ()


def test_multipath() -> None:
    options = read(family="maximum-paths 4 / maximum-paths ibgp 2 equal-cluster-length").options
    paths = options.maximum_paths, options.maximum_paths_ibgp, options.equal_cluster_length
    assert paths == (4, 2, True)
    assert (read().options.maximum_paths, read().options.maximum_paths_ibgp) == (256, 256)


def test_reflection_and_confederation() -> None:
    router = read(
        process="bgp cluster-id 9.9.9.9 / bgp confederation identifier 65000"
        " / bgp confederation peers 65021 65022 / bgp route-reflector allow-outbound-policy"
    )
    assert router.cluster_id == "9.9.9.9"
    assert router.confederation == Confederation(65000, frozenset({65021, 65022}))
    assert router.reflected_changed
    assert (read().cluster_id, read().confederation, read().reflected_changed) == (None,) * 2 + (
        False,
    )


@pytest.mark.parametrize(
    ("head", "policy", "check", "deterministic"),
    [
        ("", True, True, False),
        ("frr version 8.4.4\nfrr defaults traditional", True, True, False),
        ("frr version 10.1\nfrr defaults datacenter", False, True, True),
        ("frr version 7.3\nfrr defaults traditional", False, False, False),
        ("frr version 7.3\nfrr defaults datacenter", False, True, True),
    ],
)
def test_defaults_by_profile_and_version(
    head: str, policy: bool, check: bool, deterministic: bool
) -> None:
    """As FRR_CFG_DEFAULT_BOOL in bgpd/bgp_vty.c says."""
    router = read(head)
    assert router.ebgp_requires_policy is policy
    assert router.import_check is check
    assert router.options.deterministic_med is deterministic
    off = "no bgp ebgp-requires-policy / no bgp network import-check / no bgp deterministic-med"
    other = read(head, process=off)
    assert (other.ebgp_requires_policy, other.import_check) == (False, False)
    assert not other.options.deterministic_med


def test_faults_are_those_of_the_version() -> None:
    assert read().quirks == read("frr version 8.4.4").quirks == FRR_8_4
    assert read("frr version 10.7.1").quirks == NO_QUIRKS


def test_what_a_session_says() -> None:
    found = session(
        f"{ONE} / neighbor 10.0.5.1 update-source lo / neighbor 10.0.5.1 ebgp-multihop 2"
        " / neighbor 10.0.5.1 shutdown message see you",
        "neighbor 10.0.5.1 next-hop-self force / neighbor 10.0.5.1 weight 7"
        " / neighbor 10.0.5.1 prefix-list A in / neighbor 10.0.5.1 filter-list B in"
        " / neighbor 10.0.5.1 route-map C in / neighbor 10.0.5.1 route-map D out"
        " / neighbor 10.0.5.1 allowas-in / no neighbor 10.0.5.1 send-community all"
        " / neighbor 10.0.5.1 route-reflector-client",
    )
    assert found == RouterSession(
        peer="10.0.5.1",
        remote_as=65004,
        inbound=Filters("A", "B", "C"),
        outbound=Filters(route_map="D"),
        next_hop_self=True,
        next_hop_self_force=True,
        reflector_client=True,
        weight=7,
        update_source="lo",
        multihop=True,
        sends_communities=False,
        allow_own_as=3,
        shut_down=True,
    )
    assert session(ONE) == RouterSession("10.0.5.1", 65004)


@pytest.mark.parametrize(
    ("line", "multihop"),
    [
        ("ebgp-multihop 255", True),
        ("ebgp-multihop", True),
        ("ebgp-multihop 1", False),
        ("disable-connected-check", True),
        ("ttl-security hops 1", False),
        ("ttl-security hops 4", True),
        ("passive", False),
    ],
)
def test_sessions_of_more_than_one_hop(line: str, multihop: bool) -> None:
    assert session(f"{ONE} / neighbor 10.0.5.1 {line}").multihop is multihop


def test_extended_communities_alone_may_be_held_back() -> None:
    assert session(ONE, "no neighbor 10.0.5.1 send-community extended").sends_communities
    assert not session(ONE, "no neighbor 10.0.5.1 send-community").sends_communities


GROUP = (
    "neighbor G peer-group / neighbor G remote-as internal / neighbor G update-source lo"
    " / neighbor 10.0.0.2 peer-group G / neighbor 10.0.0.3 peer-group G"
    " / neighbor 10.0.0.3 update-source eth1"
)
GROUP_FAMILY = (
    "neighbor G next-hop-self / neighbor G route-map OUT out / neighbor G route-map IN in"
    " / neighbor 10.0.0.3 route-map OWN in"
)


def test_a_member_has_what_its_group_has_but_for_its_own_word() -> None:
    two, three = read(process=GROUP, family=GROUP_FAMILY).sessions
    assert two == RouterSession(
        peer="10.0.0.2",
        remote_as=65020,
        inbound=Filters(route_map="IN"),
        outbound=Filters(route_map="OUT"),
        next_hop_self=True,
        update_source="lo",
    )
    assert three == RouterSession(
        peer="10.0.0.3",
        remote_as=65020,
        inbound=Filters(route_map="OWN"),
        outbound=Filters(route_map="OUT"),
        next_hop_self=True,
        update_source="eth1",
    )


@pytest.mark.parametrize(
    ("process", "family", "peers"),
    [
        ("", "", {"10.0.0.2", "10.0.0.3", "10.0.5.1"}),
        ("no bgp default ipv4-unicast", "", set()),
        ("no bgp default ipv4-unicast", "neighbor 10.0.5.1 activate", {"10.0.5.1"}),
        ("no bgp default ipv4-unicast", "neighbor G activate", {"10.0.0.2", "10.0.0.3"}),
        ("", "no neighbor G activate / neighbor 10.0.0.3 activate", {"10.0.0.3", "10.0.5.1"}),
        ("", "no neighbor 10.0.0.2 activate", {"10.0.0.3", "10.0.5.1"}),
    ],
)
def test_which_sessions_carry_ipv4(process: str, family: str, peers: set[str]) -> None:
    found = read(process=f"{process} / {GROUP} / {ONE}", family=family)
    assert {session.peer for session in found.sessions} == peers
    assert found.not_modelled == ()


@pytest.mark.parametrize(
    "line",
    [
        "neighbor eth1 interface remote-as external",
        "neighbor 10.0.5.9 remote-as external",
        "neighbor fd00::1 remote-as 65004",
    ],
)
def test_a_session_that_the_model_does_not_know_is_told(line: str) -> None:
    found = read(process=f"{ONE} / {line}")
    assert [session.peer for session in found.sessions] == ["10.0.5.1"]
    assert any(told.endswith(line) for told in found.not_modelled)


def test_a_session_of_ipv6_alone_is_nobodys_concern() -> None:
    process = "neighbor fd00::1 remote-as 65004 / neighbor fd00::1 local-as 65009"
    found = read(process=process, family="no neighbor fd00::1 activate")
    assert (found.sessions, found.not_modelled) == ((), ())


def test_what_a_router_announces() -> None:
    router = read(
        family="network 10.2.0.0/16 route-map M / network 10.1.0.0/16"
        " / aggregate-address 10.0.0.0/8 as-set summary-only / aggregate-address 11.0.0.0/8"
    )
    assert router.networks == (OwnNetwork("10.1.0.0/16"), OwnNetwork("10.2.0.0/16", "M"))
    assert router.aggregates == (
        Aggregate("10.0.0.0/8", summary_only=True, as_set=True),
        Aggregate("11.0.0.0/8"),
    )


INTERFACES = """
interface eth1
 ip address 10.0.1.0/31
 ip address 10.9.0.1/24
 ip ospf cost 5
exit
!
interface eth2
 description to the core
 bandwidth 1000
 ip address 172.16.0.1/24
 ip ospf area 0.0.0.0
 ip ospf passive
exit
!
interface eth3
 ip address 192.0.2.1/24
exit
!
interface eth4
 ip address 198.51.100.1/24
 shutdown
exit
!
interface lo
 ip address 192.168.3.1/32
exit
!
router ospf
 ospf router-id 192.168.3.1
! Important: ensure reference bandwidth is consistent across all routers
 auto-cost reference-bandwidth 40000
 network 10.0.0.0/16 area 0
 network 192.168.3.0/24 area 0
exit
!
ip route 0.0.0.0/0 10.0.1.1
ip route 10.7.0.1/16 Null0 tag 5
"""


def test_interfaces_ospf_and_static_routes() -> None:
    router = read(INTERFACES)
    assert router.interfaces == (
        RouterInterface("eth1", IPv4Interface("10.0.1.0/31"), 5),
        RouterInterface("eth1", IPv4Interface("10.9.0.1/24"), None),
        RouterInterface("eth2", IPv4Interface("172.16.0.1/24"), 40, passive=True),
        RouterInterface("eth3", IPv4Interface("192.0.2.1/24"), None),
        RouterInterface("lo", IPv4Interface("192.168.3.1/32"), 0),
    )
    assert router.static_routes == (
        StaticRoute("0.0.0.0/0", "10.0.1.1"),
        StaticRoute("10.7.0.0/16", "Null0"),
    )
    assert router.not_modelled == ()


def test_the_identifier_that_frr_takes() -> None:
    text = INTERFACES + "router bgp 1\nexit\n"
    assert parse_router(text, "R").router_id == "192.168.3.1"
    assert parse_router("ip router-id 9.9.9.9\n" + text, "R").router_id == "9.9.9.9"
    assert read(process="bgp cluster-id 10").cluster_id == "0.0.0.10"
    assert parse_router("router bgp 1.1 as-notation dot\nexit\n", "R").as_number == 65537
