"""Order, guards and ownership of a configuration change; FRR's own verdict is in the live test."""

from ipaddress import ip_address

import pytest

from nornir_bgp.exceptions import InputError, RefusedError, TableSyntaxError
from nornir_bgp.frr.config_diff import check_intended, config_change, restoring_change
from nornir_bgp.models.config import ConfigChange
from nornir_bgp.models.settings import Policy

POLICY = Policy()
SESSION = ip_address("172.16.0.3")

RENDERED = """\
hostname GW1
!
interface eth1
 ip address 10.0.5.0/31
exit
!
interface eth2
 ip address 172.16.0.3/24
exit
!
route-map LOCAL_PREF_MAP permit 10
 match ip address prefix-list LOCAL_PREF_PREFIX_LIST
 set local-preference 200
exit
!
route-map LOCAL_PREF_MAP permit 999
exit
!
ip prefix-list EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24
!
route-map EXPORT_MAP permit 10
 match ip address prefix-list EXPORT_PREFIX_LIST
exit
!
router bgp 65020
 bgp router-id 192.168.3.3
 neighbor 10.0.5.1 remote-as 65004
 !
 address-family ipv4 unicast
  neighbor 10.0.5.1 route-map LOCAL_PREF_MAP in
  neighbor 10.0.5.1 route-map EXPORT_MAP out
 exit-address-family
exit
!
"""


def shown(text: str = RENDERED) -> str:
    """The text as FRR would show it."""
    return (
        "Building configuration...\n\nCurrent configuration:\n!\nfrr version 8.4.4\n"
        f"frr defaults traditional\n{text}end\n"
    )


def without(*lines: str) -> str:
    text = RENDERED
    for line in lines:
        assert line in text
        text = text.replace(f"{line}\n", "", 1)
    return text


def change(running: str, intended: str = RENDERED, *, replace: bool = False) -> ConfigChange:
    return config_change(running, intended, policy=POLICY, replace=replace, session_address=SESSION)


def in_order(commands: tuple[str, ...], *wanted: str) -> bool:
    places = [commands.index(line) for line in wanted]
    return places == sorted(places)


def test_nothing_to_do():
    found = change(shown())
    assert found.is_empty
    assert found.diff == ""
    assert found.unmanaged == ()
    assert found.kept == ("frr version 8.4.4", "frr defaults traditional")


def test_policy_stands_before_a_session_uses_it_and_goes_after():
    bare = without(
        "ip prefix-list EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24",
        "route-map EXPORT_MAP permit 10\n match ip address prefix-list EXPORT_PREFIX_LIST\nexit",
        "  neighbor 10.0.5.1 route-map EXPORT_MAP out",
    )
    assert in_order(
        change(shown(bare)).commands,
        "ip prefix-list EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24",
        "route-map EXPORT_MAP permit 10",
        "neighbor 10.0.5.1 route-map EXPORT_MAP out",
    )
    assert in_order(
        change(shown(), bare).commands,
        "no neighbor 10.0.5.1 route-map EXPORT_MAP out",
        "no route-map EXPORT_MAP",
        "no ip prefix-list EXPORT_PREFIX_LIST",
    )


def test_entries_go_before_entries_come():
    """FRR 8 ignores a network under a new number while another entry holds it."""
    running = shown().replace(
        "EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24", "EXPORT_PREFIX_LIST seq 50 permit 1.0.0.0/24"
    )
    assert change(running).commands == (
        "no ip prefix-list EXPORT_PREFIX_LIST seq 50 permit 1.0.0.0/24",
        "ip prefix-list EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24",
    )


def test_a_condition_is_replaced_in_place():
    running = shown().replace("match ip address prefix-list EXPORT_PREFIX_LIST",
                              "match ip address prefix-list OTHER")  # fmt: skip
    assert change(running).commands == (
        "route-map EXPORT_MAP permit 10",
        "match ip address prefix-list EXPORT_PREFIX_LIST",
        "exit",
    )


@pytest.mark.parametrize("header", ["", "route-map EXPORT_MAP deny 10\nexit\n"])
def test_an_outbound_clause_is_closed_until_its_condition_stands(header: str):
    clause = (
        "route-map EXPORT_MAP permit 10\n match ip address prefix-list EXPORT_PREFIX_LIST\nexit"
    )
    running = shown(RENDERED.replace(f"{clause}\n", header))
    assert change(running).commands == (
        "route-map EXPORT_MAP deny 10",
        "match ip address prefix-list EXPORT_PREFIX_LIST",
        "exit",
        "route-map EXPORT_MAP permit 10",
        "exit",
    )


def test_a_new_session_is_held_until_its_policy_stands():
    running = shown(
        without(
            " neighbor 10.0.5.1 remote-as 65004",
            "  neighbor 10.0.5.1 route-map LOCAL_PREF_MAP in",
            "  neighbor 10.0.5.1 route-map EXPORT_MAP out",
        )
    )
    assert change(running).commands == (
        "router bgp 65020",
        "neighbor 10.0.5.1 remote-as 65004",
        "neighbor 10.0.5.1 shutdown message held by nornir-bgp",
        "address-family ipv4 unicast",
        "neighbor 10.0.5.1 route-map LOCAL_PREF_MAP in",
        "neighbor 10.0.5.1 route-map EXPORT_MAP out",
        "exit-address-family",
        "no neighbor 10.0.5.1 shutdown",
        "exit",
    )


def test_a_session_that_an_interrupted_deploy_held_is_released_last():
    running = shown(
        without("  neighbor 10.0.5.1 route-map EXPORT_MAP out").replace(
            " !\n", " neighbor 10.0.5.1 shutdown message held by nornir-bgp\n !\n"
        )
    )
    assert change(running).commands == (
        "router bgp 65020",
        "address-family ipv4 unicast",
        "neighbor 10.0.5.1 route-map EXPORT_MAP out",
        "exit-address-family",
        "no neighbor 10.0.5.1 shutdown message held by nornir-bgp",
        "exit",
    )


@pytest.mark.parametrize("by", ["shutdown", "shutdown message maintenance"])
def test_a_session_that_its_owner_shut_stays_down(by: str):
    """Also where the process is made anew."""
    shut = f" neighbor 10.0.5.1 {by}"
    running = RENDERED.replace(" !\n", f"{shut}\n !\n")
    found = change(shown(running))
    assert found.is_empty
    assert found.unmanaged == ("router bgp 65020", shut)
    moved = change(shown(running.replace("bgp 65020", "bgp 65021"))).commands
    assert [line for line in moved if "shutdown" in line] == [shut.strip()]


def test_a_neighbor_that_goes_is_one_command():
    running = shown(
        RENDERED.replace(
            " !\n", " neighbor 10.0.9.9 remote-as 7\n neighbor 10.0.9.9 description x\n !\n"
        ).replace(" exit-address", "  neighbor 10.0.9.9 next-hop-self\n exit-address")
    )
    assert change(running).commands == ("router bgp 65020", "no neighbor 10.0.9.9", "exit")


def test_another_as_number_replaces_the_process():
    commands = change(shown(RENDERED.replace("router bgp 65020", "router bgp 65021"))).commands
    assert commands[:2] == ("no router bgp 65021", "router bgp 65020")


AUTOMATION = [
    "ip prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 9.0.0.0/8",
    "ip prefix-list LOCAL_PREF_PREFIX_LIST_G2 seq 5 permit 9.0.0.0/8",
    "ipv6 prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 2001:db8::/32",
    "route-map LOCAL_PREF_MAP permit 12\n set local-preference 150\nexit",
    "route-map LOCAL_PREF_MAP permit 998\nexit",
]


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("lines", AUTOMATION)
def test_the_automation_keeps_what_is_its_own(lines: str, replace: bool):
    found = change(shown(f"{RENDERED}{lines}\n"), replace=replace)
    assert found.is_empty
    assert found.unmanaged == ()


@pytest.mark.parametrize("lines", AUTOMATION)
def test_putting_back_leaves_the_automation_alone(lines: str):
    """A distribution that ran in between is not undone, neither what it added nor removed."""
    assert restoring_change(shown(f"{RENDERED}{lines}\n"), shown(), policy=POLICY).is_empty
    assert restoring_change(shown(), shown(f"{RENDERED}{lines}\n"), policy=POLICY).is_empty


def test_a_template_that_writes_an_override_list_does_not_touch_it():
    line = "ip prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 9.0.0.0/8"
    assert change(shown(), f"{RENDERED}{line}\n").is_empty


UNMANAGED = [
    ("ip prefix-list THEIRS seq 5 permit any", ("no ip prefix-list THEIRS",)),
    ("route-map THEIRS permit 10\n set weight 5\nexit", ("no route-map THEIRS",)),
    ("interface eth9\n ip address 10.9.9.1/24\nexit",
     ("interface eth9", "no ip address 10.9.9.1/24", "exit")),
    ("ip route 203.0.113.0/24 Null0", ("no ip route 203.0.113.0/24 Null0",)),
    ("ip route 203.0.113.0/24 10.0.5.1", ("no ip route 203.0.113.0/24 10.0.5.1",)),
    ("router ospf\n ospf router-id 1.1.1.1\nexit", ("no router ospf",)),
    ("router bgp 65020 vrf RED\nexit", ("no router bgp 65020 vrf RED",)),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "removal"), UNMANAGED)
def test_unmanaged_lines_are_reported_and_go_with_replace(lines: str, removal: tuple[str, ...]):
    running = shown(f"{RENDERED}{lines}\n")
    told, replaced = change(running), change(running, replace=True)
    assert told.is_empty
    assert replaced.commands == removal
    expected = tuple(line for line in lines.splitlines() if line != "exit")
    assert told.unmanaged == replaced.unmanaged == expected


INSIDE = [
    ("interface eth1", " ip address 10.0.5.0/31", " ip ospf area 0.0.0.0"),
    ("interface eth1", " ip address 10.0.5.0/31", " description to UP1"),
    ("router bgp 65020", " bgp router-id 192.168.3.3", " timers bgp 5 15"),
    ("router bgp 65020", " neighbor 10.0.5.1 remote-as 65004", " neighbor 10.0.5.1 password x"),
    ("router bgp 65020", " neighbor 10.0.5.1 remote-as 65004", " neighbor 10.0.5.1 shutdown"),
]
IN_FAMILY = [
    "distance bgp 20 30 40",
    "redistribute connected",
    "aggregate-address 10.0.0.0/8 route-map P",
    "neighbor 10.0.5.1 maximum-prefix 100",
    "neighbor 10.0.5.1 prefix-list P out",
    "neighbor 10.0.5.1 allowas-in 3",
]


@pytest.mark.parametrize(("header", "after", "line"), INSIDE)
def test_what_the_template_has_no_word_for_is_its_owners(header: str, after: str, line: str):
    running = shown(RENDERED.replace(after, f"{after}\n{line}"))
    told, replaced = change(running), change(running, replace=True)
    assert told.is_empty
    assert told.unmanaged == replaced.unmanaged == (header, line)
    assert replaced.commands[0] == header
    assert f"no {line.strip()}".startswith(replaced.commands[1])
    assert len(replaced.commands) == 3


@pytest.mark.parametrize("line", IN_FAMILY)
def test_so_it_is_inside_an_address_family(line: str):
    family = " address-family ipv4 unicast"
    running = shown(RENDERED.replace(family, f"{family}\n  {line}"))
    told, replaced = change(running), change(running, replace=True)
    assert told.is_empty
    assert told.unmanaged == replaced.unmanaged == ("router bgp 65020", family, f"  {line}")
    assert f"no {line}" in replaced.commands


def test_the_owners_lines_do_not_hide_the_others():
    running = (
        RENDERED.replace("10.0.5.0/31", "10.0.5.0/29\n ip ospf area 0.0.0.0")
        .replace(" !\n", " neighbor 10.0.5.1 passive\n !\n")
        .replace("EXPORT_MAP out", "THEIRS out\n  neighbor 10.0.5.1 allowas-in 5")
    )
    found = change(shown(running))
    assert found.commands == (
        "interface eth1",
        "no ip address 10.0.5.0/29",
        "ip address 10.0.5.0/31",
        "exit",
        "router bgp 65020",
        "address-family ipv4 unicast",
        "neighbor 10.0.5.1 route-map EXPORT_MAP out",
        "exit-address-family",
        "exit",
    )
    assert "ospf" not in found.diff
    assert [line.strip() for line in found.unmanaged] == [
        "interface eth1",
        "ip ospf area 0.0.0.0",
        "router bgp 65020",
        "neighbor 10.0.5.1 passive",
        "address-family ipv4 unicast",
        "neighbor 10.0.5.1 allowas-in 5",
    ]


@pytest.mark.parametrize("applied", ["THEIRS in", "THEIRS out"])
def test_a_route_map_where_the_template_writes_one(applied: str):
    direction = applied.split()[1]
    ours = f"neighbor 10.0.5.1 route-map {'LOCAL_PREF_MAP' if direction == 'in' else 'EXPORT_MAP'}"
    running = RENDERED.replace(f"{ours} {direction}", f"neighbor 10.0.5.1 route-map {applied}")
    found = change(shown(running))
    assert f"{ours} {direction}" in found.commands
    assert found.unmanaged == ()


def test_a_route_map_on_a_session_that_is_no_exit():
    """The owner's stays; one that the template could have written goes, as it is not wanted."""
    session = " neighbor 172.16.0.1 remote-as 65020\n !\n"
    intended = RENDERED.replace(" !\n", session)
    running = intended.replace(
        " exit-address",
        "  neighbor 172.16.0.1 route-map THEIRS in\n"
        "  neighbor 172.16.0.1 route-map EXPORT_MAP out\n exit-address",
    )
    found = change(shown(running), intended)
    assert found.commands[2] == "no neighbor 172.16.0.1 route-map EXPORT_MAP out"
    assert len(found.commands) == 5
    assert found.unmanaged[-1] == "  neighbor 172.16.0.1 route-map THEIRS in"


def test_a_line_that_a_template_of_ones_own_writes_is_managed():
    """Where the rendered configuration overwrites or contradicts a line, its owner does not."""
    intended = RENDERED.replace(" !\n", " timers bgp 5 15\n no bgp graceful-restart\n !\n")
    running = RENDERED.replace(" !\n", " timers bgp 7 21\n bgp graceful-restart\n !\n")
    found = change(shown(running), intended)
    assert found.commands == (
        "router bgp 65020",
        "no bgp graceful-restart",
        "timers bgp 5 15",
        "exit",
    )
    assert found.unmanaged == ()


@pytest.mark.parametrize(
    "lines",
    [
        "log syslog informational",
        "service password-encryption",
        "no ip forwarding",
        "vrf RED\n ip route 0.0.0.0/0 10.1.1.1\nexit-vrf",
        "ip route 0.0.0.0/0 10.0.5.1",
        "ip route 10.99.0.0/16 172.16.0.254",
        "ip route 10.99.0.0/16 10.0.5.1 eth2",
    ],
)
def test_replace_keeps_basics_and_the_way_of_the_session(lines: str):
    found = change(shown(f"{RENDERED}{lines}\n"), replace=True)
    assert found.is_empty
    assert lines.splitlines()[0] in found.kept


@pytest.mark.parametrize("address", [None, ip_address("10.255.0.1"), ip_address("192.168.3.3")])
def test_replace_keeps_every_way_where_the_session_is_not_seen(address):
    """The manager's address is not known, not FRR's, or a loopback's."""
    extra = (
        "interface eth9\n ip address 10.9.9.1/24\nexit\n"
        "interface lo0\n ip address 192.168.3.3/32\nexit\n"
        "ip route 10.99.0.0/16 10.9.9.9\n"
    )
    found = config_change(
        shown(RENDERED + extra), RENDERED, policy=POLICY, replace=True, session_address=address
    )
    assert found.is_empty
    assert {"interface eth9", "interface lo0", "ip route 10.99.0.0/16 10.9.9.9"} <= set(found.kept)


def test_the_address_of_the_session_stays():
    with pytest.raises(RefusedError, match=r"172\.16\.0\.3/24 from 'interface eth2'"):
        change(shown(), RENDERED.replace("172.16.0.3/24", "172.16.0.30/24"))


def test_another_router_is_refused():
    with pytest.raises(RefusedError, match="calls itself 'hostname GW2'"):
        change(shown(RENDERED.replace("hostname GW1", "hostname GW2")))


def test_a_line_twice():
    line = " bgp router-id 192.168.3.3\n"
    with pytest.raises(InputError, match=r"GW1: .*bgp router-id"):
        check_intended("GW1", RENDERED.replace(line, line * 2))
    with pytest.raises(TableSyntaxError, match="not understood"):
        change(shown(RENDERED + "ip route 1.0.0.0/8 Null0\n" * 2))


def test_the_diff_is_readable():
    running = shown().replace("seq 5 permit 1.0", "seq 9 permit 1.0").replace("65004", "65005")
    assert change(running).diff.splitlines() == [
        "-ip prefix-list EXPORT_PREFIX_LIST seq 9 permit 1.0.0.0/24",
        " router bgp 65020",
        "- neighbor 10.0.5.1 remote-as 65005",
        "+ neighbor 10.0.5.1 remote-as 65004",
        "+ip prefix-list EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24",
    ]


POLICIES = """\
hostname GW1
!
interface eth1
 ip address 10.0.5.0/31
 ip ospf area 0
exit
!
ip route 10.99.0.0/16 10.0.5.1
!
router ospf
 ospf router-id 192.168.3.3
exit
!
ip prefix-list NETS seq 5 permit 10.0.0.0/8
ip prefix-list NETS seq 10 permit 10.0.0.0/8 ge 9 le 24
bgp as-path access-list PATHS seq 5 permit ^1_
!
route-map IN permit 10
 match as-path PATHS
 set metric 5
exit
!
router bgp 65020
 bgp router-id 192.168.3.3
 neighbor 10.0.5.1 remote-as 65004
 !
 address-family ipv4 unicast
  network 1.0.0.0/24
  neighbor 10.0.5.1 prefix-list NETS in
  neighbor 10.0.5.1 route-map IN out
 exit-address-family
exit
!
"""

BELOW_BGP = ("router bgp 65020", "address-family ipv4 unicast")
LEFT_BGP = ("exit-address-family", "exit")


@pytest.mark.parametrize(
    ("old", "new", "commands"),
    [
        (  # a new way stands before the old one goes
            "10.99.0.0/16 10.0.5.1",
            "10.99.0.0/16 10.0.5.9",
            ("ip route 10.99.0.0/16 10.0.5.1", "no ip route 10.99.0.0/16 10.0.5.9"),
        ),
        (  # but nothing stands beside a blackhole
            "10.99.0.0/16 10.0.5.1",
            "10.99.0.0/16 blackhole",
            ("no ip route 10.99.0.0/16 blackhole", "ip route 10.99.0.0/16 10.0.5.1"),
        ),
        (
            "ospf router-id 192.168.3.3\n",
            "ospf router-id 1.1.1.1\n redistribute static\n",
            ("router ospf", "ospf router-id 192.168.3.3", "exit"),
        ),
        (
            " ip ospf area 0\n",
            " ip ospf area 0\n ip ospf cost 7\n ip ospf authentication\n",
            ("interface eth1", "no ip ospf cost 7", "exit"),
        ),
        (  # FRR before 10.0 forgets the entry that stays
            " ge 9 le 24\n",
            " ge 9 le 24\nip prefix-list NETS seq 20 deny 10.0.0.0/8 ge 25\n",
            (
                "no ip prefix-list NETS seq 20 deny 10.0.0.0/8 ge 25",
                "no ip prefix-list NETS seq 5 permit 10.0.0.0/8",
                "no ip prefix-list NETS seq 10 permit 10.0.0.0/8 ge 9 le 24",
                "ip prefix-list NETS seq 5 permit 10.0.0.0/8",
                "ip prefix-list NETS seq 10 permit 10.0.0.0/8 ge 9 le 24",
            ),
        ),
        (
            "seq 5 permit ^1_",
            "seq 7 permit ^1_",
            (
                "no bgp as-path access-list PATHS seq 7 permit ^1_",
                "bgp as-path access-list PATHS seq 5 permit ^1_",
            ),
        ),
        (  # what FRR does not overwrite goes first
            "set metric 5",
            "set metric +5",
            ("route-map IN permit 10", "no set metric +5", "set metric 5", "exit"),
        ),
        (
            "  network 1.0.0.0/24\n",
            "  network 1.0.0.0/24 route-map IN\n",
            (*BELOW_BGP, "network 1.0.0.0/24", *LEFT_BGP),
        ),
        (
            "prefix-list NETS in\n",
            "prefix-list NETS in\n  neighbor 10.0.5.1 prefix-list NETS out\n",
            (*BELOW_BGP, "no neighbor 10.0.5.1 prefix-list NETS out", *LEFT_BGP),
        ),
    ],
)
def test_what_the_inventory_names_becomes_as_rendered(
    old: str, new: str, commands: tuple[str, ...]
) -> None:
    assert old in POLICIES
    assert change(shown(POLICIES.replace(old, new)), POLICIES).commands == commands


def test_what_the_inventory_names_no_more_is_nobodys() -> None:
    """It stays, and is reported: lists, route-maps and where they are applied, OSPF and routes."""
    found = change(shown(POLICIES), RENDERED)
    said = {line.strip() for line in (*found.unmanaged, *found.kept)}
    assert {
        "ip route 10.99.0.0/16 10.0.5.1",
        "router ospf",
        "ip ospf area 0",
        "ip prefix-list NETS seq 5 permit 10.0.0.0/8",
        "bgp as-path access-list PATHS seq 5 permit ^1_",
        "route-map IN permit 10",
        "neighbor 10.0.5.1 prefix-list NETS in",
    } <= said
    assert not any("NETS" in line or "PATHS" in line or "ospf" in line for line in found.commands)
