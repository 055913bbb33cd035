"""What of a configuration the model does not know is told, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.frr.routing_config import parse_router
from nornir_bgp.models.routing import (
    Match,
    SetAction,
)
from tests.frr.router_text import BGP, ONE, read


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("match ip address 5", "match ip address 5"),
        ("match large-community L", "match large-community L"),
        ("set metric rtt", "set metric rtt"),
        ("set as-path exclude 1", "set as-path exclude 1"),
        ("set large-community 1:1:1", "set large-community 1:1:1"),
        ("call OTHER", "call OTHER"),
        ("match ip address prefix-list NOTE", "match ip address prefix-list NOTE"),
        ("set comm-list S delete\n set community 1:1", "set comm-list S delete"),
    ],
)
def test_what_a_clause_does_that_the_model_does_not_know(lines: str, told: str) -> None:
    note = "ip prefix-list NOTE description nothing yet"
    router = read(note, f"route-map M permit 10\n {lines}\n set weight 5\nexit")
    assert router.not_modelled == (f"route-map M permit 10: {told}",)
    (clause,) = router.route_maps["M"]
    assert clause.sets[-1] == SetAction("weight", "5")
    if told.startswith("match ") and "prefix-list" not in told:
        assert clause.matches == (Match("never", told),)


@pytest.mark.parametrize(
    "line",
    [
        "redistribute connected",
        "neighbor 10.0.5.1 remove-private-AS",
        "neighbor 10.0.5.1 as-override",
        "neighbor 10.0.5.1 route-server-client",
        "neighbor 10.0.5.1 attribute-unchanged med",
        "neighbor 10.0.5.1 advertise-map M exist-map N",
        "neighbor 10.0.5.1 soo 65020:1",
        "neighbor 10.0.5.1 default-originate",
        "neighbor 10.0.5.1 addpath-tx-all-paths",
        "neighbor 10.0.5.1 allowas-in origin",
        "neighbor 10.0.5.1 unsuppress-map M",
        "neighbor 10.0.5.1 distribute-list 5 in",
        "neighbor 10.0.5.1 maximum-prefix 5",
        "network 10.0.0.0/8 backdoor",
        "aggregate-address 10.0.0.0/8 suppress-map M",
        "table-map M",
        "distance bgp 20 30 40",
        "bgp dampening",
        "import vrf RED",
        "something new",
    ],
)
def test_lines_of_the_family_that_the_model_does_not_know(line: str) -> None:
    router = read(process=ONE, family=line)
    section = "router bgp 65020/address-family ipv4 unicast"
    assert router.not_modelled == (f"{section}: {line}",)


@pytest.mark.parametrize(
    "line",
    [
        "neighbor 10.0.5.1 local-as 65111 no-prepend",
        "neighbor 10.0.5.1 local-role customer",
        "neighbor 10.0.5.1 enforce-first-as",
        "bgp listen range 10.0.0.0/8 peer-group G",
        "bgp max-med administrative",
        "bgp bestpath bandwidth ignore",
        "bgp bestpath peer-type multipath-relax",
        "bgp bestpath as-path multipath-relax as-set",
        "bgp reject-as-sets",
        "bgp graceful-shutdown",
        "no bgp suppress-duplicates",
        "bgp router-id auto",
        "bgp cluster-id 4294967296",
        "neighbor 10.0.5.1 sender-as-path-loop-detection",
        "no neighbor 10.0.5.1 enforce-first-as",
        "no bgp client-to-client reflection",
        "bgp shutdown",
        "something new",
    ],
)
def test_lines_of_the_process_that_the_model_does_not_know(line: str) -> None:
    assert read(process=f"{ONE} / {line}").not_modelled == (f"router bgp 65020: {line}",)


@pytest.mark.parametrize(
    "text",
    [
        "ip nht resolve-via-default",
        "vrf RED\n ip route 10.0.0.0/8 10.0.0.1\nexit-vrf",
        "router isis CORE\n is-type level-1\nexit",
        "router bgp 65020 vrf RED\n bgp router-id 1.1.1.1\nexit",
        "ip protocol bgp route-map M",
        "ip route 10.0.0.0/8 10.0.0.1 200",
        "ip route 10.0.0.0/8 10.0.0.1 table 5",
        "router ospf 5\n network 10.0.0.0/8 area 0\nexit",
    ],
)
def test_other_lines_that_the_model_does_not_know(text: str) -> None:
    assert read(text).not_modelled == (text.splitlines()[0],)


@pytest.mark.parametrize(
    "text",
    [
        "router ospf\n redistribute connected\nexit",
        "interface eth1\n ip policy P\nexit",
        "router ospf\n area 1 stub\nexit",
    ],
)
def test_lines_near_the_router_that_the_model_does_not_know(text: str) -> None:
    header, line, _ = text.splitlines()
    assert read(text).not_modelled == (f"{header}: {line.strip()}",)


def test_lines_that_cannot_change_routing_are_passed_over() -> None:
    router = read(
        *("frr version 8.4.4", "frr defaults traditional", "hostname R", "log syslog", "!"),
        *("service integrated-vtysh-config", "bgp route-map delay-timer 0", "no ip forwarding"),
        *("interface eth1\n description x\n ipv6 address fd00::1/64\n ip ospf priority 3\nexit",),
        *("router ospf6\n ospf6 router-id 1.1.1.1\nexit", "bfd\n profile X\n exit\nexit", "end"),
        *("ipv6 route ::/0 fd00::2", "access-list 5 seq 5 permit any", "line vty", "password x"),
        process=f"{ONE} / bgp log-neighbor-changes / timers bgp 3 9 / bgp graceful-restart"
        " / bgp suppress-duplicates / neighbor 10.0.5.1 description to UP1"
        " / neighbor 10.0.5.1 password secret / neighbor 10.0.5.1 timers connect 5"
        " / neighbor 10.0.5.1 bfd profile X / bgp default ipv6-unicast",
        family="neighbor 10.0.5.1 soft-reconfiguration inbound",
    )
    assert router.not_modelled == ()


def test_no_secret_comes_out() -> None:
    router = read(
        "interface eth1\n ip rip authentication string hidden\nexit",
        "router rip\n password hidden\nexit",
        process="neighbor 10.0.5.1 remote-as external / neighbor 10.0.5.1 password hidden",
    )
    assert len(router.not_modelled) == 3
    assert "hidden" not in " ".join(router.not_modelled)


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=12)
LINES = st.builds(
    "{}{} {}".format,
    st.sampled_from(["", " ", "  "]),
    st.sampled_from(
        [
            *("ip route", "ip prefix-list X seq", "ip prefix-list X seq 5 permit", "router ospf"),
            *("network", "route-map M permit", "match metric", "set community", "bandwidth"),
            *("neighbor 10.0.5.1", "neighbor 10.0.5.1 remote-as", "interface", "ip address"),
            *("aggregate-address", "maximum-paths", "bgp community-list 5 permit"),
            "bgp cluster-id",
        ]
    ),
    st.one_of(
        WORDS, st.sampled_from(["10.0.0.0/99", "0", "99999999999", "1.2.3.4/8", "300.1.1.1"])
    ),
)


@given(st.lists(LINES))
def test_no_line_makes_it_fail(lines: list[str]) -> None:
    parse_router("\n".join((*lines, BGP, *lines)), "R")
