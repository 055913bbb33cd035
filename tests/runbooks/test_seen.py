"""What stands against a change: what the upstreams of both families hear."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.rib import Path, Rib
from nornir_bgp.models.settings import Settings
from nornir_bgp.models.state import Announced, GatewayState
from nornir_bgp.runbooks.asking import Answers
from nornir_bgp.runbooks.seen import Seen, findings_of
from nornir_bgp.solver.planner import make_plan

IPV4, IPV6 = "10.0.5.1", "2001:db8:ff:5::2"
EXIT = Exit(
    gateway="GW1", neighbor=ip_address(IPV4), upstream="UP1", neighbor_ipv6=ip_address(IPV6)
)
ROUTE = Announced("65005", "i")


def table(prefix: str, upstream: str, *, raised: bool) -> Rib:
    """The upstream's route, and that of another gateway, which is better if it is raised."""
    theirs = Path(True, not raised, False, False, upstream, 0, None, 0, "65004", "i", upstream)
    others = Path(True, raised, False, True, "GW2", 0, 200, 0, ROUTE.as_path, "i", "GW2")
    return Rib("192.168.3.3", 65020, 1, 100, {prefix: (theirs, others)})


def state(*, raised: bool, **advertised: dict[str, Announced]) -> GatewayState:
    return GatewayState(
        text="",
        rib=table("198.51.100.0/24", IPV4, raised=raised),
        advertised={IPV4: {}, IPV6: {}, **advertised},
        running_config="",
        established=frozenset({IPV4, IPV6}),
        young={},
        rib_ipv6=table("2001:db8:a::/48", IPV6, raised=raised),
    )


def seen(state: GatewayState) -> Seen:
    none: Answers[GatewayState] = Answers({}, {}, {}, frozenset())
    return Seen(replace(none, values={"GW1": state}), none)


@pytest.mark.parametrize("allow_transit", [False, True])
@pytest.mark.parametrize(
    ("upstream", "prefix"), [(IPV4, "198.51.100.0/24"), (IPV6, "2001:db8:a::/48")]
)
def test_an_upstream_must_not_hear_of_what_moves(upstream: str, prefix: str, allow_transit: bool):
    """The prefix was the upstream's own, and now leaves elsewhere; it is in no plan."""
    network = Network(
        settings=Settings(allow_transit=allow_transit), devices=(), exits=(EXIT,), edges=()
    )
    planned = make_plan({"192.0.2.0/24": 1}, [EXIT])
    before, after = state(raised=False), state(raised=True, **{upstream: {prefix: ROUTE}})
    found, churn = findings_of(network, planned, seen(before), seen(after), {prefix})
    told = f"GW1: {upstream} now hears {prefix} (AS path 65005, origin i)"
    assert (found, churn) == (() if allow_transit else (told,), ())
