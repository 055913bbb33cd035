"""What FRR was told by the template is read back as the same device; the rest is reported.

FRR is the judge where a router is needed; the pure part reads rendered text, all of whose lines
FRR keeps (``tests/render/test_frr_takes_it.py``).
"""

from ipaddress import ip_address

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError, TableSyntaxError
from nornir_bgp.frr.adopt import adopt, judge
from nornir_bgp.frr.secrets import masked
from nornir_bgp.frr.show_bgp_vrfs import parse_router_id
from nornir_bgp.models.adoption import AdoptedDevice
from nornir_bgp.models.device import Device
from nornir_bgp.models.settings import Policy
from tests.frr.device_strategies import devices, normal
from tests.frr.test_config_diff_live import (
    AUTOMATION,
    OWNERS_EDITS,
    POLICY,
    RENDERED,
    Router,
    deploy,
    render,
    router,
    tree,
)

__all__ = ["router"]  # a fixture

Paths = frozenset[tuple[str, ...]]


def judged(running: str, *, router_id: str | None = None) -> AdoptedDevice:
    understood = adopt(running, router_id=router_id, policy=POLICY)
    return judge(understood, render(understood.device), "192.0.2.1", None, POLICY)


def empty(router: Router) -> None:
    """Take away what another test left: nothing of ours, no address, no override."""
    router.reset()
    for name in ("LOCAL_PREF_PREFIX_LIST", "LOCAL_PREF_PREFIX_LIST_BACKUP"):
        router.vtysh("configure terminal", f"no ip prefix-list {name}")
    for path in tree(router.running()):
        if path[0].startswith("interface ") and " address " in path[-1]:
            router.configure([path[0], f"no {path[-1]}"])
    router.settle()


def accounted_for(running: str, adopted: AdoptedDevice) -> None:
    """Every line of a running configuration is rendered or reported, where it stands.

    But for activations, and families that hold nothing else: FRR shows those that differ from its
    defaults, and a process may have other defaults than the template's.
    """
    reported = [*adopted.not_understood, *adopted.kept]
    changing = [line[1:] for line in adopted.would_change.splitlines() if line[0] != "+"]
    known = (
        tree(masked(render(adopted.device)))
        | tree("\n".join(reported))
        | tree("\n".join(adopted.overrides))
        | tree("\n".join(changing))
    )
    left = {
        path
        for path in tree(masked(running)) - known
        if not path[-1].endswith(" activate") and not path[-1].startswith("address-family ")
    }
    assert left == set()


@settings(max_examples=30, deadline=None)
@given(devices())
def test_a_rendered_device_is_read_back(device: Device) -> None:
    adopted = judged(render(device))
    assert normal(adopted.device) == normal(device)
    assert (adopted.would_change, adopted.not_understood) == ("", ())


@pytest.mark.lab
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    device=devices(),
    edits=st.lists(st.sampled_from(OWNERS_EDITS), unique=True, max_size=4),
    override=st.booleans(),
)
def test_what_frr_shows_is_read_back_or_reported(
    router: Router, device: Device, edits: list[str], override: bool
) -> None:
    empty(router)
    deploy(router, render(device), replace=True)
    if override:
        router.configure(AUTOMATION)
    running = router.running()
    adopted = judged(running)
    assert normal(adopted.device) == normal(device)
    assert adopted.would_change == ""
    accounted_for(running, adopted)
    assert any("LOCAL_PREF_PREFIX_LIST_BACKUP" in line for line in adopted.overrides) == override

    header = f"router bgp {device.bgp.as_number}"
    for edit in edits:  # those about neighbors that this device has not are refused or ignored
        lines = [header if line.startswith("router bgp ") else line for line in edit.split(" / ")]
        router.vtysh("configure terminal", *lines)
    edited = router.running()
    accounted_for(edited, judged(edited))


FOREIGN = [
    "ip route 203.0.113.0/24 Null0 250",
    "ip route 0.0.0.0/0 10.0.5.1 200",
    "access-list THEIRS seq 5 permit 10.0.0.0/8",
    "ipv6 access-list THEIRS6 seq 5 deny any",
    "bgp community-list 50 seq 5 permit 65020:1",
    "bgp large-community-list standard WIDE seq 5 permit 65020:1:1",
    "bgp as-path access-list 7 seq 5 permit ^65004_",
    "ip prefix-list THEIRS description theirs",
    "route-map THEIRS permit 10 / match community 50 / set community 65020:2 additive",
    "router ospf / ospf router-id 1.1.1.1 / network 172.16.0.0/24 area 0.0.0.0",
    "interface eth2 / ip ospf cost 10",
    "interface eth3 / description spare: (old) link!",
    "vrf RED / ip route 10.5.0.0/16 Null0",
    "router bgp 65020 vrf RED / bgp router-id 5.5.5.5 / neighbor 10.5.0.1 remote-as 65005",
    "router bgp 65020 / neighbor 10.0.5.1 password opensesame",
    "router bgp 65020 / address-family ipv4 unicast / redistribute ospf route-map THEIRS",
    "router bgp 65020 / address-family ipv4 unicast / neighbor IBGP route-map THEIRS out",
    "router bgp 65020 / address-family l2vpn evpn / advertise-all-vni",
    "line vty / exec-timeout 5 0",
]


@pytest.mark.lab
def test_foreign_lines_are_reported_as_frr_writes_them(router: Router) -> None:
    empty(router)
    deploy(router, render(RENDERED), replace=True)
    before = router.running()
    for edit in FOREIGN:
        lines = edit.split(" / ")
        answer = router.vtysh("configure terminal", *lines)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    running = router.running()
    new = tree(running) - tree(before)
    told = {line for edit in FOREIGN for line in edit.split(" / ")[1:]}
    assert told <= {path[-1] for path in tree(running)}
    assert len(new) >= len(FOREIGN)

    adopted = judged(running)
    assert normal(adopted.device) == normal(judged(before).device)
    assert adopted.would_change == ""
    reported = tree("\n".join([*adopted.not_understood, *adopted.kept]))
    assert tree(masked(running)) - tree(masked(before)) <= reported
    assert "opensesame" not in adopted.model_dump_json()
    assert "neighbor 10.0.5.1 password <secret>" in {path[-1] for path in reported}


OURS = [
    "ip route 203.0.113.0/25 Null0",
    "ip route 198.51.100.0/25 172.16.0.9",
    "ip route 198.51.100.0/25 eth3",
    "ip prefix-list NEAR seq 7 permit 10.0.0.0/8 le 24",
    "ip prefix-list NEAR permit any",
    "ipv6 prefix-list NEAR seq 5 deny any",
    "bgp as-path access-list PATHS permit ^65004_",
    "bgp community-list standard BLUE seq 5 permit no-export 65020:1",
    "bgp community-list expanded ANY permit _65020:[0-9]+_",
    "route-map MINE permit 10 / match ip address prefix-list NEAR / match as-path PATHS"
    " / match community BLUE / on-match next / set community none / set comm-list ANY delete",
    "route-map MINE permit 20 / set as-path prepend last-as 2 / set metric -5",
    "route-map MINE deny 30 / match community ANY exact-match",
    "router ospf / ospf router-id 192.168.3.3",
    "interface eth2 / ip ospf area 0 / ip ospf hello-interval 2 / ip ospf dead-interval 8",
    "router bgp 65020 / bgp bestpath med confed / bgp cluster-id 7",
    "router bgp 65020 / bgp confederation identifier 65100 / bgp confederation peers 65030 65031",
    "router bgp 65020 / neighbor 10.0.5.1 ebgp-multihop 3 / neighbor IBGP update-source lo",
    "router bgp 65020 / address-family ipv4 unicast / maximum-paths 4 / neighbor IBGP weight 9"
    " / neighbor IBGP route-reflector-client / neighbor IBGP next-hop-self force"
    " / neighbor IBGP route-map MINE in / neighbor IBGP prefix-list NEAR out"
    " / network 1.0.0.0/24 route-map MINE / aggregate-address 10.0.0.0/8 as-set",
]


@pytest.mark.lab
def test_policies_options_and_ways_are_adopted(router: Router) -> None:
    empty(router)
    deploy(router, render(RENDERED), replace=True)
    plain = judged(router.running()).device
    for edit in OURS:
        answer = router.vtysh("configure terminal", *edit.split(" / "))
        assert answer.returncode == 0, answer.stdout + answer.stderr
    adopted = judged(router.running())
    assert (adopted.would_change, adopted.not_understood) == ("", ())
    assert adopted.device != plain
    assert deploy(router, render(adopted.device), replace=True) == ()


@pytest.mark.lab
def test_a_router_id_that_frr_chose_is_taken_from_the_process(router: Router) -> None:
    empty(router)
    deploy(router, render(RENDERED), replace=True)
    router.configure(["router bgp 65020", "no bgp router-id"])
    running = router.running()
    assert "bgp router-id" not in running
    chosen = parse_router_id(router.vtysh("show bgp vrfs json").stdout)
    assert chosen in ("10.0.5.0", "172.16.0.3", "10.9.9.1")

    adopted = judged(running, router_id=chosen)
    assert adopted.device.bgp.router_id == chosen
    assert adopted.would_change == ""
    assert adopted.assumed[0].startswith(f"router_id {chosen} is FRR's own choice")
    assert deploy(router, render(adopted.device)) == (
        "router bgp 65020",
        f"bgp router-id {chosen}",
        "exit",
    )


BASE = render(RENDERED)
BGP = "router bgp 65020\n"
FAMILY = " address-family ipv4 unicast\n"


@pytest.mark.parametrize(
    ("after", "line"),
    [
        ("interface eth1\n ip address 10.0.5.0/29\n", " ip address 10.0.55.1/24"),
        (BGP, " neighbor 10.0.5.1 description UP1 (primary)"),
        (BGP, " neighbor 10.0.5.1 timers 10 20"),
        (BGP, " neighbor 10.0.5.1 timers connect 5"),
        (BGP, " neighbor 10.0.5.77 remote-as external"),
        (BGP, " neighbor eth1 interface remote-as 65077"),
        (BGP, " neighbor EMPTY peer-group"),
        (BGP, " neighbor 172.16.0.1 bfd"),
        ("bfd\n", " profile BFD-77"),
        (" profile BFD-200\n", "  detect-multiplier 7"),
        (FAMILY, "  neighbor 172.16.0.1 route-map EXPORT_MAP in"),
        ("!\nroute-map EXPORT", "ip prefix-list EXPORT_PREFIX_LIST seq 9 permit 1.0.0.0/8 le 24"),
    ],
)
def test_what_a_deploy_would_take_away_is_said_loudest(after: str, line: str) -> None:
    assert after in BASE
    where, _, tail = after.partition("!\n")
    running = BASE.replace(after, f"{where}{line}\n{f'!{chr(10)}{tail}' if tail else ''}", 1)
    adopted = judged(running)
    assert normal(adopted.device) == normal(judged(BASE).device)
    gone = [f" {shown[1:]}" for shown in adopted.would_change.splitlines() if shown[0] == "-"]
    assert [shown.strip() for shown in gone] == [line.strip()]
    accounted_for(running, adopted)


def test_a_second_address_that_carries_the_session_is_reported_too() -> None:
    """A deploy refuses to take it away; reading must not."""
    address = " ip address 172.16.0.3/24\n"
    running = BASE.replace(address, f"{address} ip address 10.9.9.9/24\n")
    understood = adopt(running, router_id=None, policy=POLICY)
    rendered = render(understood.device)
    adopted = judge(understood, rendered, "10.9.9.9", ip_address("10.9.9.9"), POLICY)
    assert "- ip address 10.9.9.9/24" in adopted.would_change


def test_an_internal_session_is_adopted_with_the_number_of_its_own_as() -> None:
    line = " neighbor IBGP remote-as 65020"
    assert line in BASE
    adopted = judged(BASE.replace(line, " neighbor IBGP remote-as internal"))
    assert adopted.device == judged(BASE).device
    assert f"- {line.strip()[:-5]}internal" in adopted.would_change


def test_members_with_an_as_of_their_own_are_sessions_of_their_own() -> None:
    running = (
        "hostname GW1\n!\nrouter bgp 65020\n bgp router-id 1.1.1.1\n neighbor UP peer-group\n"
        " neighbor 10.0.5.1 remote-as 65004\n neighbor 10.0.5.1 peer-group UP\nexit\n!\n"
    )
    adopted = judged(running)
    assert [(str(ip), n.remote_as) for ip, n in adopted.device.sessions] == [("10.0.5.1", 65004)]
    assert "- neighbor UP peer-group" in adopted.would_change


@pytest.mark.parametrize(
    ("running", "message"),
    [
        ("frr version 8.4.4\n", "no host name"),
        ("hostname GW1\n", "GW1: no BGP process"),
        ("hostname GW1\nrouter bgp 65020 vrf RED\n", "GW1: no BGP process"),
        ("hostname GW1\nrouter bgp 65020 as-notation dot\n", "'router bgp 65020 as-notation dot'"),
        ("hostname GW1\nrouter bgp 1.5\n", "GW1: 'router bgp 1.5': dotted AS numbers"),
        ("hostname GW1\nrouter bgp 1.5 vrf RED as-notation dot\n", "GW1: no BGP process"),
        ("hostname gw1.example.net\nrouter bgp 1\n bgp router-id 1.1.1.1\n", "hostname: 'gw1.exa"),
        ("hostname GW1\nrouter bgp 65020\n", "GW1: BGP has no router id"),
    ],
)
def test_a_router_that_the_model_cannot_hold_is_refused(running: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        adopt(running, router_id=None, policy=POLICY)


def test_groups_are_told_from_sessions() -> None:
    device = RENDERED.model_copy(update={"setup_bgp_localpref_map": False})
    exits, groups = device.bgp.neighbors[:1], device.bgp.neighbors[1:]

    def group(*neighbors: object) -> str | None:
        bgp = device.bgp.model_copy(update={"neighbors": neighbors})
        return judged(render(device.model_copy(update={"bgp": bgp}))).group

    plain = exits[0].model_copy(update={"use_localpref_map": False})
    assert group(*exits, *groups) == "gateway"
    assert group(*exits) == "gateway"
    assert group(plain, *groups) == "edge"
    assert group(plain) is None


def test_a_gateway_without_addresses_is_told_that_it_needs_one() -> None:
    without = judged(render(RENDERED.model_copy(update={"interfaces": ()})))
    assert any(sentence.startswith("no interface: ") for sentence in without.assumed)
    assert not any(sentence.startswith("no interface: ") for sentence in judged(BASE).assumed)


def test_the_policy_may_have_other_names() -> None:
    renamed = BASE.replace("LOCAL_PREF_MAP", "PREFER").replace("EXPORT_MAP", "OUT")
    policy = Policy(route_map="PREFER", export_map="OUT")
    device = adopt(renamed, router_id=None, policy=policy).device
    assert normal(device) == normal(judged(BASE).device)
    unknown = judged(renamed)
    assert not unknown.device.exit_neighbors
    assert any("no exit" in sentence and "10.0.5.1" in sentence for sentence in unknown.assumed)
    assert "  neighbor 10.0.5.1 route-map PREFER in" in unknown.not_understood


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (" neighbor 10.0.5.1 password a b", " neighbor 10.0.5.1 password <secret>"),
        ("password 8 xyz", "password <secret>"),
        ("enable password xyz", "enable password <secret>"),
        (" ip ospf message-digest-key 1 md5 xyz", " ip ospf message-digest-key 1 md5 <secret>"),
        (" ip ospf authentication-key xyz", " ip ospf authentication-key <secret>"),
        (" isis password md5 xyz", " isis password <secret>"),
        ("  key-string xyz", "  key-string <secret>"),
        (" ip rip authentication string xyz", " ip rip authentication string <secret>"),
        (" neighbor 10.0.5.1 tcp-md5-auth xyz", " neighbor 10.0.5.1 tcp-md5-auth <secret>"),
        ("Neighbor 10.0.5.1  PassWord \t xyz", "Neighbor 10.0.5.1  PassWord <secret>"),
        ("ip ospf message-digest-key  1\tMD5  xyz", "ip ospf message-digest-key  1\tMD5 <secret>"),
        (" neighbor 10.0.5.1 password", " neighbor 10.0.5.1 password"),
        (" service password-encryption", " service password-encryption"),
        (" ip ospf authentication message-digest", " ip ospf authentication message-digest"),
    ],
)
def test_secrets_are_masked(line: str, shown: str) -> None:
    assert masked(line) == shown
    assert masked(f"{line}\nhostname GW1") == f"{shown}\nhostname GW1"


@pytest.mark.parametrize("text", ["{}", '{"vrfs": []}', '{"vrfs": {"default": {}}}', "% unknown"])
def test_an_answer_that_names_no_process_is_no_answer(text: str) -> None:
    with pytest.raises(TableSyntaxError):
        parse_router_id(text)


def test_no_process_and_no_id_are_none() -> None:
    assert parse_router_id('{"vrfs": {}, "totalVrfs": 0}') is None
    assert parse_router_id('{"vrfs": {"default": {"routerId": "0.0.0.0"}}}') is None
