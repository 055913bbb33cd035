"""FRR is the judge: what it makes of a configuration is read as the configuration itself is.

A text is loaded into FRR, and its running configuration is read back: both must give the same
router. Texts are rendered ones, and random ones in FRR's own words.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings

from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.routing_config import parse_router
from nornir_bgp.models.routing import Filters, Router
from tests.frr import config_strategies
from tests.frr.namespaces import namespaces
from tests.render.test_frr_takes_it import configurations

pytestmark = pytest.mark.lab

LOAD = Path(__file__).parents[1] / "render" / "load_into_frr.sh"
RENDERED = {
    name: text
    for name, text in configurations().items()
    if name.startswith("EVERY-") and "renamed" not in name
}


def read_back(text: str, name: str, folder: Path) -> Router:
    """Load a text into FRR, and read what FRR makes of it."""
    file = folder / f"{name}.conf"
    file.write_text(text, "utf-8")
    loaded = subprocess.run(
        [LOAD, file, name], capture_output=True, text=True, timeout=60, check=False
    )
    assert loaded.returncode == 0, loaded.stderr
    return parse_router(loaded.stdout, name)


@pytest.mark.parametrize("name", RENDERED)
def test_a_rendered_router_is_the_running_one(name: str, tmp_path: Path) -> None:
    assert read_back(RENDERED[name], name, tmp_path) == parse_router(RENDERED[name], name)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=config_strategies.configurations())
def test_any_router_is_the_running_one(tmp_path: Path, text: str) -> None:
    note(text)
    wanted, found = parse_router(text, "R"), read_back(text, "R", tmp_path)
    # FRR prints them in an order of its own
    assert sorted(found.not_modelled) == sorted(wanted.not_modelled)
    assert without_notes(found) == without_notes(wanted)


def without_notes(router: Router) -> dict[str, object]:
    names = [name for name in Router.__dataclass_fields__ if name != "not_modelled"]
    return {name: getattr(router, name) for name in names}


ALONE = """
set -e
mount -t tmpfs tmpfs /etc/frr
mkdir -p /var/run/frr
mount -t tmpfs tmpfs /var/run/frr
chown frr:frr /etc/frr /var/run/frr
touch /etc/frr/vtysh.conf
ip link set lo up
for i in 1 2 3; do
  ip link add eth$i type veth peer name far$i
  ip link set far$i up
  ip link set eth$i up
done
ip link add lo0 type bridge
ip link set lo0 up
ulimit -n 1024
for daemon in zebra ospfd bgpd; do /usr/lib/frr/$daemon -d -A 127.0.0.1; done
exec sleep infinity
"""
COSTS_CONFIG = (
    *("interface eth1", "ip address 10.0.1.1/24", "exit"),
    *("interface eth2", "ip address 10.0.2.1/24", "ip ospf cost 77", "exit"),
    *("interface eth3", "ip address 10.0.3.1/24", "bandwidth 1000", "exit"),
    *("interface lo", "ip address 192.168.3.1/32", "exit"),
    *("interface lo0", "ip address 192.168.4.1/32", "exit"),
    *("router ospf", "network 0.0.0.0/0 area 0", "exit"),
    *("router bgp 65020", "exit"),
)


SESSIONS = """
router bgp 65020
 neighbor E peer-group
 neighbor E ebgp-multihop 5
 neighbor G peer-group
 neighbor G remote-as 65020
 neighbor G update-source lo
 neighbor G shutdown
 neighbor 10.0.5.1 remote-as 65004
 neighbor 10.0.5.1 peer-group E
 neighbor 10.0.5.3 remote-as 65005
 neighbor 10.0.0.2 peer-group G
 neighbor 10.0.0.3 peer-group G
 neighbor 10.0.0.3 update-source eth1
 no neighbor 10.0.0.3 shutdown
 neighbor 10.0.0.4 remote-as 65020
 neighbor 10.0.0.4 shutdown
 no neighbor 10.0.0.4 shutdown
 neighbor 10.0.0.5 peer-group G
 neighbor 10.0.0.6 remote-as 65020
 !
 address-family ipv4 unicast
  neighbor E allowas-in 2
  neighbor E filter-list A out
  neighbor G route-reflector-client
  neighbor G next-hop-self
  no neighbor G send-community
  neighbor G weight 5
  neighbor G prefix-list P in
  neighbor G route-map IN in
  neighbor G route-map OUT out
  no neighbor 10.0.0.2 route-reflector-client
  no neighbor 10.0.0.2 route-map OUT out
  neighbor 10.0.0.3 route-map OWN in
  neighbor 10.0.0.3 weight 9
  neighbor 10.0.0.3 send-community
  no neighbor 10.0.0.3 next-hop-self
  neighbor 10.0.0.4 next-hop-self force
  neighbor 10.0.0.4 route-map OUT out
  no neighbor 10.0.0.4 route-map OUT out
  no neighbor 10.0.0.4 send-community
  no neighbor 10.0.0.5 activate
  neighbor 10.0.0.6 filter-list A in
  neighbor 10.0.0.6 prefix-list P out
  no neighbor 10.0.5.1 send-community
 exit-address-family
exit
"""


Vtysh = Callable[..., str]


@pytest.fixture(scope="module")
def vtysh() -> Iterator[Vtysh]:
    """One router without peers."""
    with namespaces(ALONE) as enter:

        def say(*commands: str) -> str:
            words = [word for command in commands for word in ("-c", command)]
            answer = subprocess.run(
                [*enter, "vtysh", *words], capture_output=True, text=True, timeout=20, check=False
            )
            return answer.stdout

        wait_for(lambda: say("show bgp summary", "show ip ospf"), lambda t: "%" in t, seconds=20)
        yield say


def test_the_costs_are_those_of_ospf(vtysh: Vtysh) -> None:
    assert "% " not in vtysh("configure terminal", *COSTS_CONFIG)
    router = parse_router(vtysh("show running-config"), "R")
    wanted = {each.name: each.ospf_cost for each in router.interfaces}
    assert wanted == {"eth1": 10, "eth2": 77, "eth3": 100, "lo": 0, "lo0": 10}
    wanted["lo0"] = 1  # a bridge without members, which no configuration shows

    def costs() -> dict[str, int]:
        found = json.loads(vtysh("show ip ospf interface json") or "{}").get("interfaces", {})
        return {name: each["cost"] for name, each in found.items() if "cost" in each}

    assert wait_for(costs, lambda found: found == wanted, seconds=20) == wanted


def test_members_of_groups_are_what_frr_makes_of_them(vtysh: Vtysh) -> None:
    vtysh("configure terminal", "no router bgp")
    vtysh("configure terminal", *(line.strip() for line in SESSIONS.splitlines() if line))
    running = parse_router(vtysh("show running-config"), "R").sessions
    assert running == parse_router(SESSIONS, "R").sessions
    shown = json.loads(vtysh("show bgp neighbors json"))
    active = {a: each for a, each in shown.items() if "ipv4Unicast" in each["addressFamilyInfo"]}
    assert [session.peer for session in running] == sorted(active)
    for session in running:
        peer = active[session.peer]
        family = peer["addressFamilyInfo"]["ipv4Unicast"]
        assert session.remote_as == peer["remoteAs"]
        assert session.shut_down == peer.get("adminShutDown", False)
        assert session.update_source == peer.get("updateSource")
        assert session.multihop == (peer.get("externalBgpNbrMaxHopsAway", 1) > 1)
        assert session.next_hop_self == family.get("routerAlwaysNextHop", False)
        assert session.reflector_client == family.get("routeReflectorClient", False)
        assert session.sends_communities == ("Standard" in family["commAttriSentToNbr"])
        assert session.inbound == Filters(
            prefix_list=family.get("incomingUpdatePrefixFilterList"),
            as_path_list=family.get("incomingUpdateAsPathFilterList"),
            route_map=family.get("routeMapForIncomingAdvertisements"),
        )
        assert session.outbound == Filters(
            prefix_list=family.get("outgoingUpdatePrefixFilterList"),
            as_path_list=family.get("outgoingUpdateAsPathFilterList"),
            route_map=family.get("routeMapForOutgoingAdvertisements"),
        )
