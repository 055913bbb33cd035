"""FRR is the judge: running → change → as rendered → nothing left → back → as it was.

One router in a throw-away set of namespaces, without peers; what a change does to sessions is
tested on the lab.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Interface, ip_address
from pathlib import Path

import jinja2
import pytest
from hypothesis import HealthCheck, Phase, currently_in_test_context, given, note, settings
from hypothesis import strategies as st

from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.config_diff import config_change, restoring_change
from nornir_bgp.models.device import Device
from nornir_bgp.models.device_bgp import Bgp
from nornir_bgp.models.device_interfaces import Interface, Ospf
from nornir_bgp.models.device_sessions import Neighbor, PeerGroup, Timers
from nornir_bgp.models.fields import IPAddress
from nornir_bgp.models.settings import Policy
from tests.frr import policy_strategies as policy
from tests.frr.namespaces import namespaces

pytestmark = pytest.mark.lab

POLICY = Policy()
TEMPLATES = Path(__file__).parents[2] / "templates"

START = """
set -e
hostname GW1
ip link set lo up
mkdir -p /var/run/frr
mount -t tmpfs tmpfs /etc/frr
mount -t tmpfs tmpfs /var/run/frr
chown frr:frr /etc/frr /var/run/frr
echo 'no service integrated-vtysh-config' > /etc/frr/vtysh.conf
# Without carrier, or before duplicate address detection, zebra hears nothing of an IPv6 address.
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
for i in 1 2 3; do
  ip link add eth$i type veth peer name far$i
  ip link set far$i up
  ip link set eth$i up
done
ulimit -n 1024
for daemon in zebra staticd ospfd bgpd bfdd; do /usr/lib/frr/$daemon -d -A 127.0.0.1; done
exec sleep infinity
"""

FOREIGN = """
interface eth3
 ip address 10.9.9.1/24
exit
ip route 203.0.113.0/24 Null0
ip prefix-list THEIRS seq 5 permit 10.0.0.0/8
route-map THEIRS permit 10
 match ip address prefix-list THEIRS
exit
""".strip().splitlines()

AUTOMATION = """
ip prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 198.51.100.0/24
ip prefix-list LOCAL_PREF_PREFIX_LIST seq 10 permit 192.0.2.0/24
ip prefix-list LOCAL_PREF_PREFIX_LIST_BACKUP seq 5 permit 131.114.0.0/16
ipv6 prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 2001:db8:100::/48
route-map LOCAL_PREF_MAP permit 20
 match ip address prefix-list LOCAL_PREF_PREFIX_LIST_BACKUP
 set local-preference 150
exit
""".strip().splitlines()


class Router:
    """FRR in namespaces of its own, reached by ``nsenter``."""

    def __init__(self, enter: tuple[str, ...]) -> None:
        self._enter = enter

    def vtysh(self, *commands: str) -> subprocess.CompletedProcess[str]:
        arguments = [word for command in commands for word in ("-c", command)]
        return subprocess.run(
            [*self._enter, "vtysh", *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def configure(self, lines: tuple[str, ...] | list[str]) -> None:
        """Send lines, which FRR takes one by one and stops at the first that it refuses."""
        if lines:
            answer = self.vtysh("configure terminal", *(line.strip() for line in lines))
            assert answer.returncode == 0, answer.stdout + answer.stderr
            # FRR takes the use of a map that is not there, and says so
            assert "does not exist" not in answer.stdout + answer.stderr
            assert "% " not in answer.stdout + answer.stderr

    def reset(self) -> None:
        """Leave no BGP, no policy and no ways inside, without the code under test."""
        lines = [
            *("no router bgp", "no bfd", "no route-map LOCAL_PREF_MAP", "no route-map EXPORT_MAP"),
            *("no ip prefix-list EXPORT_PREFIX_LIST", "no ipv6 prefix-list EXPORT_PREFIX_LIST"),
            *(f"no route-map {name}" for name in policy.ROUTE_MAPS),
            *(f"no {name}" for name in policy.LISTS),
            "no router ospf",
        ]
        for path in sorted(self._ways()):
            lines += [path[0], f"no {path[-1]}", "exit"] if path[1:] else [f"no {path[0]}"]
        subprocess.run(  # what is not there is refused, and the next line is read
            [*self._enter, "vtysh"],
            check=False,
            capture_output=True,
            input="\n".join(["configure terminal", *lines, "end", ""]),
            text=True,
            timeout=60,
        )
        assert wait_for(self._ways, lambda left: not left, seconds=10) == set()

    def _ways(self) -> set[tuple[str, ...]]:
        """The static routes that devices have here, and OSPF's lines on interfaces."""
        static = re.compile(rf"ip(v6)? route ({'|'.join(policy.STATIC_PREFIXES)}) ")
        return {
            path
            for path in tree(self.running())
            if static.match(path[0]) or path[-1].startswith("ip ospf ")
        }

    def settle(self) -> None:
        """Wait until zebra has heard from the kernel what it put there.

        FRR 8.4 fails, without a word, to remove an address that it has not heard of yet.
        """
        wanted = set(re.findall(r"^ ipv?6? address (\S+)", self.running(), re.MULTILINE))
        interfaces = [f"show interface eth{n}" for n in (1, 2, 3)]

        def known() -> set[str]:
            found = re.findall(r"inet6? (\S+)", self.vtysh(*interfaces).stdout)
            return {address for address in found if not address.startswith("fe80:")}

        assert wait_for(known, lambda found: found == wanted, seconds=10) == wanted

    def running(self) -> str:
        return self.vtysh("show running-config").stdout


@pytest.fixture(scope="module")
def router() -> Iterator[Router]:
    with namespaces(START) as enter:
        found = Router(enter)
        text = wait_for(
            found.running, lambda t: "hostname GW1" in t and "no ip forw" in t, seconds=20
        )
        assert "frr version" in text
        wait_for(
            lambda: found.vtysh("show bgp summary", "show ip route").returncode,
            lambda code: code == 0,
            seconds=20,
        )
        yield found


def render(device: Device) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - not HTML
    )
    return environment.get_template("frr.conf.j2").render(device=device, policy=POLICY)


def tree(text: str) -> frozenset[tuple[str, ...]]:
    """Each line with the headers above it, read without the code under test."""
    found: set[tuple[str, ...]] = set()
    path: list[str] = []
    for line in text.splitlines():
        word = line.strip()
        if not word or word.startswith(("!", "exit", "Building", "Current")) or word == "end":
            continue
        depth = len(line) - len(line.lstrip(" "))
        path = [*path[:depth], word]
        found.add(tuple(path))
    return frozenset(found)


timers = st.none() | st.builds(
    Timers,
    keepalive=st.sampled_from([3, 10]),
    hold=st.sampled_from([30, 90]),
    connect=st.none() | st.sampled_from([5, 20]),
)
bfd = st.sampled_from(
    [
        {"bfd": False},
        {"bfd": True},
        {"bfd": True, "bfd_interval": 300},
        {"bfd": True, "bfd_interval": 200},
        {"bfd": True, "bfd_interval": 50},
    ]
)

ospf = st.builds(
    Ospf,
    cost=st.sampled_from([None, 1, 65535]),
    point_to_point=st.booleans(),
    hello_interval=st.sampled_from([None, 1, 10, 16383]),
)

V4_PEERS = [IPv4Address(f"10.0.5.{n}") for n in (1, 3, 5)]
V6_PEERS = [IPv6Address(f"2001:db8:5::{n}") for n in (1, 3)]
INTERNAL = [ip_address(f"172.16.0.{n}") for n in (1, 2, 4)]
PREFIXES = ("1.0.0.0/24", "2.0.0.0/24", "192.168.0.0/16", "2001:db8:9::/48", "2001:db8:a::/48")


@st.composite
def devices(draw: st.DrawFn) -> Device:
    external = draw(st.lists(st.sampled_from([*V4_PEERS, *V6_PEERS, *INTERNAL]), unique=True))
    members = draw(st.lists(st.sampled_from([*INTERNAL, V6_PEERS[1]]), unique=True))
    has_map = draw(st.booleans())
    as_number = draw(st.sampled_from([65020, 65020, 65020, 65030]))
    some_prefixes = st.lists(st.sampled_from(PREFIXES), unique=True).map(tuple)
    exported = draw(st.none() | some_prefixes)

    def session(ips: list[IPAddress], remote_as: int, *, is_exit: bool) -> dict[str, object]:
        versions = {ip.version for ip in ips}
        said = draw(
            policy.session_policies(
                internal=remote_as == as_number,
                version=versions.pop() if len(versions) == 1 else None,
                maps_in=not is_exit,
                maps_out=not is_exit or exported is None,
            )
        )
        return {"remote_as": remote_as, "timers": draw(timers), **draw(bfd), **said}

    neighbors: list[Neighbor | PeerGroup] = []
    for ip in external:
        if ip not in members:
            is_exit = has_map and draw(st.booleans())
            remote_as = draw(st.sampled_from([65004, 65005, 65020]))
            neighbors.append(
                Neighbor(
                    ip=ip,
                    use_localpref_map=is_exit,
                    description=draw(st.none() | st.sampled_from(["Up one", "Up two"])),
                    **session([ip], remote_as, is_exit=is_exit),
                )
            )
    if members:
        remote_as = draw(st.sampled_from([65020, 65021]))
        neighbors.append(
            PeerGroup(
                is_group=True,
                group_name=draw(st.sampled_from(["IBGP", "CORE"])),
                group_members=tuple(members),
                **session(members, remote_as, is_exit=False),
            )
        )
    return Device(
        hostname="GW1",
        interfaces=(
            Interface(
                name="eth1",
                ipv4_address=draw(st.sampled_from(["10.0.5.0/29", "10.0.5.2/28"])),
                ospf=draw(st.none() | ospf),
            ),
            Interface(
                name="eth2",
                ipv4_address="172.16.0.3/24",
                ipv6_address=draw(st.none() | st.just(IPv6Interface("2001:db8:5::/64"))),
                ospf=draw(ospf),  # always: where no interface has it, OSPF is its owner's
            ),
        ),
        setup_bgp_localpref_map=has_map,
        export_prefixes=exported,
        static_routes=draw(policy.static_routes()),
        **draw(policy.policies()),
        bgp=Bgp(
            as_number=as_number,
            router_id=draw(st.sampled_from(["192.168.3.3", "192.168.3.33"])),
            disable_ebgp_requires_policy=draw(st.booleans()),
            disable_import_check=draw(st.booleans()),
            neighbors=tuple(neighbors),
            networks=draw(policy.networks(PREFIXES)),
            **draw(policy.process_options(as_number)),
        ),
    )


def deploy(router: Router, text: str, *, replace: bool = False) -> tuple[str, ...]:
    """Bring the router to a text and return what was sent."""
    change = config_change(router.running(), text, policy=POLICY, replace=replace)
    if currently_in_test_context():
        note("\n".join(["-- sent", *change.commands]))
    router.configure(change.commands)
    router.settle()
    return change.commands


def assert_is(router: Router, text: str, others: frozenset[tuple[str, ...]]) -> None:
    """FRR says exactly the rendered lines and those of others, and nothing is left to send."""
    running = router.running()
    basics = {
        path
        for path in tree(running)
        if re.match(r"frr |no ip forw|no ipv6 forw|no service|hostname", path[0])
    }
    assert tree(running) - basics == (tree(text) | others) - basics
    assert config_change(running, text, policy=POLICY).is_empty


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=devices(), second=devices())
def test_there_and_back_again(router: Router, first: Device, second: Device) -> None:
    others = tree("\n".join([*FOREIGN, *AUTOMATION]))
    router.configure([*FOREIGN, *AUTOMATION])
    a, b = render(first), render(second)
    deploy(router, a)
    at_a = router.running()
    assert_is(router, a, others)

    sent = deploy(router, b)
    assert_is(router, b, others)
    unchanged = {
        (line[1].split()[1])
        for line in tree(a) & tree(b)
        if len(line) == 2 and re.match(r"neighbor [\d.:a-f]+ (remote-as|peer-group)", line[1])
    }
    if first.bgp.as_number == second.bgp.as_number:
        for line in sent:
            found = re.match(r"no neighbor (\S+)$|(?:no )?neighbor (\S+) shutdown", line)
            if found:
                assert (found[1] or found[2]) not in unchanged, line

    router.configure(restoring_change(router.running(), at_a, policy=POLICY).commands)
    assert tree(router.running()) == tree(at_a)
    assert restoring_change(router.running(), at_a, policy=POLICY).is_empty


@settings(max_examples=30, deadline=None)
@given(first=devices(), second=devices())
def test_nothing_that_the_template_writes_is_unmanaged(first: Device, second: Device) -> None:
    """The kinds of managed lines and the template say the same."""
    change = config_change(render(first), render(second), policy=POLICY)
    assert change.unmanaged == ()
    assert change.kept == ()


RENDERED = Device(
    hostname="GW1",
    interfaces=(
        Interface(name="eth1", ipv4_address="10.0.5.0/29"),
        Interface(name="eth2", ipv4_address="172.16.0.3/24"),
    ),
    setup_bgp_localpref_map=True,
    export_prefixes=("1.0.0.0/24", "2001:db8:9::/48"),
    bgp=Bgp(
        as_number=65020,
        router_id="192.168.3.3",
        neighbors=(
            Neighbor(
                ip=V4_PEERS[0],
                remote_as=65004,
                use_localpref_map=True,
                bfd=True,
                bfd_interval=200,
            ),
            PeerGroup(
                is_group=True,
                group_name="IBGP",
                remote_as=65020,
                group_members=(INTERNAL[0], INTERNAL[1]),
            ),
        ),
        networks=("1.0.0.0/24",),
    ),
)
BGP = "router bgp 65020"
IPV4 = f"{BGP} / address-family ipv4 unicast"
CLAUSE = "route-map LOCAL_PREF_MAP permit 10"

HAND_EDITS = [
    "hostname GW1",  # nothing at all
    "interface eth1 / ip address 10.0.5.3/29",
    "interface eth1 / no ip address 10.0.5.0/29",
    "interface eth1 / no ip address 10.0.5.0/29 / ip address 10.0.5.0/28",
    f"{CLAUSE} / match community C",
    f"{CLAUSE} / match ip address THEIRS",
    f"{CLAUSE} / match ip next-hop prefix-list THEIRS",
    f"{CLAUSE} / no match ip address prefix-list LOCAL_PREF_PREFIX_LIST",
    f"{CLAUSE} / match ip address prefix-list THEIRS",
    f"{CLAUSE} / match evpn vni 5 / match ipv6 address prefix-len 48",
    f"{CLAUSE} / set as-path prepend 1 1 / set as-path exclude 7",
    f"{CLAUSE} / set community 1:1 additive / set metric +5 / set ip next-hop 1.2.3.4",
    f"{CLAUSE} / set local-preference 201",
    f"{CLAUSE} / description hello you / on-match next",
    f"{CLAUSE} / call THEIRS",
    "route-map LOCAL_PREF_MAP deny 10",
    "route-map LOCAL_PREF_MAP deny 999",
    "route-map LOCAL_PREF_MAP permit 1000",
    "no route-map LOCAL_PREF_MAP",
    "route-map EXPORT_MAP permit 10 / no match ip address prefix-list EXPORT_PREFIX_LIST",
    "route-map EXPORT_MAP deny 10",
    "no route-map EXPORT_MAP permit 10",
    "no route-map EXPORT_MAP",
    "ip prefix-list EXPORT_PREFIX_LIST description hello you",
    "ip prefix-list EXPORT_PREFIX_LIST seq 1 deny 1.0.0.0/24 le 32",
    "no ip prefix-list EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24",
    "no ip prefix-list EXPORT_PREFIX_LIST",
    "no ipv6 prefix-list EXPORT_PREFIX_LIST",
    f"{BGP} / bgp router-id 1.2.3.4",
    f"{BGP} / neighbor eth2 interface remote-as external",
    f"{BGP} / neighbor 10.0.5.1 remote-as 65009",
    f"{BGP} / neighbor 10.0.5.1 bfd 3 300 300",
    f"{BGP} / no neighbor 10.0.5.1 bfd",
    f"{BGP} / no neighbor 10.0.5.1 bfd profile BFD-200",
    f"{BGP} / neighbor 10.0.5.1 bfd profile BFD-50",
    f"{BGP} / neighbor 172.16.0.1 bfd / neighbor 172.16.0.1 bfd profile BFD-50",
    "bfd / profile BFD-200 / transmit-interval 50 / detect-multiplier 7",
    "bfd / no profile BFD-200 / profile BFD-50 / receive-interval 50",
    "no bfd",
    f"{BGP} / neighbor IBGP bfd / neighbor IBGP bfd check-control-plane-failure",
    f"{BGP} / neighbor G peer-group / neighbor G remote-as 7"
    " / bgp listen range 10.77.0.0/16 peer-group G",
    f"{BGP} / neighbor 10.0.5.1 timers connect 7",
    f"{BGP} / neighbor 10.0.5.1 shutdown message held by nornir-bgp",
    f"{BGP} / neighbor IBGP remote-as 65021",
    f"{BGP} / neighbor IBGP description to us",
    f"{BGP} / neighbor 172.16.0.1 timers 7 21 / neighbor 172.16.0.1 description one",
    f"{BGP} / no neighbor 172.16.0.1 / neighbor 172.16.0.1 remote-as 65020",
    f"{BGP} / neighbor X peer-group / neighbor 172.16.0.9 remote-as 65020"
    " / neighbor 172.16.0.9 peer-group X",
    f"{BGP} / no neighbor IBGP",
    f"{BGP} / no neighbor 10.0.5.1",
    f"{IPV4} / network 9.9.9.0/24 / no network 1.0.0.0/24",
    f"{IPV4} / no neighbor 10.0.5.1 activate",
    f"{IPV4} / no neighbor IBGP activate",
    f"{IPV4} / no neighbor 10.0.5.1 route-map EXPORT_MAP out",
    f"{IPV4} / neighbor 10.0.5.1 route-map THEIRS out / neighbor 10.0.5.1 route-map THEIRS in",
    f"{IPV4} / neighbor 172.16.0.1 next-hop-self",
    f"{BGP} / bgp cluster-id 1.1.1.1 / bgp always-compare-med / bgp deterministic-med",
    f"{BGP} / bgp bestpath as-path multipath-relax / bgp bestpath med missing-as-worst",
    f"{BGP} / bgp default local-preference 120 / bgp bestpath compare-routerid",
    f"{BGP} / bgp confederation identifier 65100 / bgp confederation peers 65021 65022",
    f"{BGP} / neighbor 10.0.5.1 ebgp-multihop 3 / neighbor IBGP update-source lo",
    f"{IPV4} / aggregate-address 10.0.0.0/8 summary-only / maximum-paths ibgp 1",
    f"{IPV4} / neighbor 10.0.5.1 weight 5 / neighbor 172.16.0.1 weight 7",
    f"{IPV4} / neighbor IBGP route-reflector-client / neighbor IBGP next-hop-self force",
    f"{IPV4} / neighbor IBGP route-map EXPORT_MAP in",
    f"{BGP} / address-family ipv6 unicast / network 2001:db8:77::/48"
    " / neighbor 10.0.5.1 activate / neighbor 10.0.5.1 route-map EXPORT_MAP in",
    "no router bgp 65020",
    "no router bgp 65020 / router bgp 65999 / neighbor 10.0.5.1 remote-as 65004",
]


@pytest.mark.parametrize("edit", HAND_EDITS)
def test_a_hand_edit_is_mended_and_can_be_put_back(router: Router, edit: str) -> None:
    text = render(RENDERED)
    router.reset()
    router.configure([*FOREIGN, *AUTOMATION])
    deploy(router, text)
    others = tree("\n".join([*FOREIGN, *AUTOMATION]))
    assert_is(router, text, others)

    lines = edit.split(" / ")
    answer = router.vtysh("configure terminal", *lines)
    assert answer.returncode == 0, answer.stdout
    edited = router.running()
    deploy(router, text)
    gone = {p for p in others if "LOCAL_PREF_MAP" in p[0] and edit == "no route-map LOCAL_PREF_MAP"}
    assert_is(router, text, others - gone)

    router.configure(restoring_change(router.running(), edited, policy=POLICY).commands)
    assert tree(router.running()) == tree(edited)
    deploy(router, text)
    assert_is(router, text, others - gone)


OWNERS_EDITS = [
    "interface eth1 / description a b  c",
    "interface eth1 / shutdown",
    "interface eth1 / bandwidth 100",
    "interface eth1 / no ipv6 nd suppress-ra / ipv6 nd ra-interval 10",
    f"{BGP} / timers bgp 5 15",
    f"{BGP} / coalesce-time 1500 / bgp graceful-restart",
    f"{BGP} / bgp listen range 10.77.0.0/16 peer-group IBGP",
    f"{BGP} / no bgp default ipv4-unicast",
    f"{BGP} / bgp default ipv6-unicast",
    f"{BGP} / neighbor 10.0.5.1 shutdown",
    f"{BGP} / neighbor 10.0.5.1 shutdown message see you",
    f"{BGP} / neighbor 10.0.5.1 password secret / neighbor 10.0.5.1 passive",
    f"{BGP} / neighbor 10.0.5.1 local-as 65111 no-prepend replace-as",
    f"{BGP} / neighbor 10.0.5.1 advertisement-interval 3 / neighbor IBGP port 1179",
    f"{BGP} / neighbor 10.0.5.1 bfd check-control-plane-failure",
    "bfd / profile OURS / transmit-interval 500 / passive-mode",
    "bfd / peer 10.0.5.5 / profile BFD-200",
    f"{IPV4} / network 1.0.0.0/24 route-map THEIRS",
    f"{IPV4} / redistribute connected / redistribute static route-map THEIRS",
    f"{IPV4} / aggregate-address 10.0.0.0/8 route-map THEIRS",
    f"{IPV4} / distance bgp 20 30 40",
    f"{IPV4} / neighbor 10.0.5.1 prefix-list THEIRS out / neighbor 10.0.5.1 filter-list X in",
    f"{IPV4} / neighbor 10.0.5.1 allowas-in 3 / neighbor 10.0.5.1 soft-reconfiguration inbound",
    f"{IPV4} / neighbor 10.0.5.1 default-originate",
    f"{IPV4} / neighbor 10.0.5.1 maximum-prefix 5 / no neighbor 10.0.5.1 send-community",
    f"{IPV4} / neighbor IBGP route-map THEIRS in",
    f"{IPV4} / neighbor IBGP prefix-list THEIRS in",
    "interface eth1 / ip ospf area 0 / ip ospf cost 7",
    "router ospf / ospf router-id 9.9.9.9 / redistribute static",
    "bgp as-path access-list THEIRS seq 5 permit ^1_",
    "bgp community-list standard THEIRS seq 5 permit 65020:1",
    "bgp large-community-list standard THEIRS seq 5 permit 65020:1:1",
    f"{BGP} / address-family ipv4 multicast / network 9.9.9.0/24",
    f"{BGP} / address-family ipv6 unicast / redistribute static",
]


@pytest.mark.parametrize("edit", OWNERS_EDITS)
def test_what_the_device_model_cannot_say_is_its_owners(router: Router, edit: str) -> None:
    """It is reported and stays; a replacing deploy removes it, and it can be put back."""
    text = render(RENDERED)
    router.reset()
    router.configure([*FOREIGN, *AUTOMATION])
    deploy(router, text)
    before = tree(router.running())
    router.configure(edit.split(" / "))
    edited = router.running()
    assert tree(edited) != before

    change = config_change(edited, text, policy=POLICY)
    assert change.is_empty, change.diff
    # of the activations FRR shows those that are not the default
    new = {
        path
        for path in tree(edited) - before
        if not path[-1].endswith(" activate") and not path[-1].startswith("address-family ")
    }
    headers = {path[:n] for path in new for n in range(1, len(path))}
    assert tree("\n".join(change.unmanaged)) - tree("\n".join(FOREIGN)) == new | headers

    deploy(router, text, replace=True)
    others = {path for path in before if "THEIRS" in path[0]}
    assert tree(router.running()) == before - others

    router.configure(restoring_change(router.running(), edited, policy=POLICY).commands)
    assert tree(router.running()) == tree(edited)
    deploy(router, text, replace=True)


PROCESS_LINES = (
    "timers bgp 5 15",
    "coalesce-time 1500",
    "no bgp default ipv4-unicast",
    "bgp default ipv6-unicast",
)
SESSION_LINES = ("passive", "password secret", "advertisement-interval 3", "shutdown")
FAMILY_LINES = ("allowas-in 3", "filter-list THEIRS out", "maximum-prefix 100")


def families(router: Router) -> dict[str, set[str]]:
    """The families that each session carries, by FRR's own account."""
    peers = json.loads(router.vtysh("show bgp neighbors json").stdout)
    return {
        address: {name[:4] for name in peer["addressFamilyInfo"]}
        for address, peer in peers.items()
        if isinstance(peer, dict)
    }


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    first=devices(),
    second=devices(),
    process=st.sets(st.sampled_from(PROCESS_LINES)),
    session=st.sets(st.sampled_from(SESSION_LINES)),
    family=st.sets(st.sampled_from(FAMILY_LINES)),
)
def test_the_owners_lines_survive_any_change(
    router: Router,
    first: Device,
    second: Device,
    process: set[str],
    session: set[str],
    family: set[str],
) -> None:
    """On every session that both devices have, also when it changes its kind, and its AS."""
    router.reset()
    router.configure([*FOREIGN, *AUTOMATION])
    deploy(router, render(first))
    bgp = f"router bgp {first.bgp.as_number}"
    router.configure([bgp, *sorted(process)])
    for ip, _ in first.sessions:
        unicast = f"address-family ipv{ip.version} unicast"
        router.configure([bgp, *(f"neighbor {ip} {line}" for line in sorted(session))])
        router.configure([bgp, unicast, *(f"neighbor {ip} {line}" for line in sorted(family))])
    edited = tree(router.running())

    deploy(router, render(second))
    assert config_change(router.running(), render(second), policy=POLICY).is_empty
    assert families(router) == {str(ip): {f"ipv{ip.version}"} for ip, _ in second.sessions}
    staying = {str(ip) for ip, _ in second.sessions}
    own = {line.split()[0] for line in (*session, *family)}

    def survives(line: str) -> bool:
        word = line.split()
        return line in process or (word[0] == "neighbor" and word[1] in staying and word[2] in own)

    survivors = {path for path in inside_bgp(edited) if survives(path[-1])}
    wanted = inside_bgp(tree(render(second))) | survivors
    assert inside_bgp(tree(router.running())) == wanted


def inside_bgp(paths: Iterable[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """The lines of BGP, but for activations, of which FRR shows those that are not the default."""
    return {
        path[1:]
        for path in paths
        if path[0].startswith("router bgp ")
        and not path[-1].startswith(("router ", "address-family "))
        and not path[-1].endswith(" activate")
    }
