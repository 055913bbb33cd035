"""What is asked of a plan, where only live routers can answer."""

import json
from collections.abc import Iterator

import pytest

from nornir_bgp.deadline import wait_for
from nornir_bgp.lab.lab import Lab
from tests.lab.conftest import Cli, configure
from tests.lab.test_verify import TEST

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("quick_gateways")]

TAGGED = "203.0.113.0/24"


@pytest.fixture(scope="module")
def tagging_upstream(clean_lab: Lab) -> Iterator[None]:
    """UP1 gives one of its routes a standard and a large community."""
    session = ("router bgp 65004", "address-family ipv4 unicast")
    configure(
        clean_lab,
        "UP1",
        f"ip prefix-list TAGGED seq 5 permit {TAGGED}",
        "route-map TAG permit 10",
        "match ip address prefix-list TAGGED",
        "set community 65004:100",
        "set large-community 65004:1:100",
        "route-map TAG permit 20",
        *session,
        "neighbor 10.0.5.0 route-map TAG out",
    )
    shown = f"show bgp ipv4 unicast {TAGGED} json"

    def tagged() -> bool:
        return all("65004:1:100" in clean_lab.vtysh(router, shown) for router in ("GW1", "GW2"))

    assert wait_for(tagged, bool, seconds=30)  # FRR applies a new route-map after its delay timer
    yield
    configure(clean_lab, "UP1", *session, "no neighbor 10.0.5.0 route-map TAG out")
    configure(clean_lab, "UP1", "no route-map TAG", "no ip prefix-list TAGGED")


@pytest.mark.parametrize("community", ["65004:100", "65004:1:100"])
@pytest.mark.parametrize("gateway", ["GW1", "GW2"])
def test_a_community_bans_the_routes_of_its_gateway(
    tagging_upstream: None, cli: Cli, lab: Lab, community: str, gateway: str
):
    # GW2 has GW1's route, too, and its community; what counts is what UP2 sent.
    for router in ("GW1", "GW2"):
        assert community in lab.vtysh(router, f"show bgp ipv4 unicast {TAGGED} json")
    done = cli("plan", TEST, "--ban", f"{community}={gateway}", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    carried = {p: name for name, one in plan["gateways"].items() for p in one["prefixes"]}
    if gateway == "GW1":  # whose route carries it
        assert carried[TAGGED] == "GW2"
        assert plan["warnings"] == []
    else:
        assert carried[TAGGED] == "GW1"
        assert community in " ".join(plan["warnings"])


def test_what_is_left_to_bgp_is_counted_where_bgp_sends_it(clean_lab: Lab, cli: Cli):
    assert cli("distribute", TEST, "--coverage", "0.7").returncode == 0
    done = cli("plan", TEST, "--coverage", "0.7", "--json")
    plan = json.loads(done.stdout)
    rest = {e["gateway"]: e["rest"] for e in plan["exits"]}
    # The overrides of now do not matter: 131.114.0.0/16 and 192.0.2.0/24 are as they were.
    assert (rest, plan["left"], plan["moved"], plan["lines"]) == ({"GW1": 70, "GW2": 0}, 2, 0, 0)
    table = json.loads(clean_lab.vtysh("PE1", "show bgp ipv4 unicast json"))["routes"]
    for prefix in ("131.114.0.0/16", "192.0.2.0/24"):
        best = next(path for path in table[prefix] if path.get("bestpath"))
        assert [hop["ip"] for hop in best["nexthops"]] == ["172.16.0.3"]
        assert best["locPrf"] == 100
