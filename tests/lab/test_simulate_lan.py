"""The model against the lab where routers, their LAN interfaces, and single sessions fail.

A LAN tells nobody that one of its members is gone: its neighbours wait for the hold time, which is
three seconds here and not FRR's 180.
"""

from collections.abc import Iterator

import pytest
from nornir.core import Nornir

from nornir_bgp.lab.lab import Lab
from nornir_bgp.runbooks.scene import scene_of
from tests.lab.conftest import clear_overrides, configure
from tests.lab.predicted import Twin, differences
from tests.lab.test_simulate import OURS

pytestmark = [pytest.mark.lab, pytest.mark.long]

LINKS = {  # of each router: the nodes at the other ends
    "CE1": ("PE1", "PE2"),
    "CE2": ("PE1", "PE2"),
    "PE1": ("CE1", "CE2", "br-core"),
    "PE2": ("CE1", "CE2", "br-core"),
    "GW1": ("UP1", "br-core"),
    "GW2": ("UP2", "br-core"),
    "UP1": ("GW1",),
    "UP2": ("GW2",),
}
LAN = {"PE1": "eth3", "PE2": "eth3", "GW1": "eth2", "GW2": "eth2"}
ADDRESSES = {"PE1": "172.16.0.1", "PE2": "172.16.0.2", "GW1": "172.16.0.3", "GW2": "172.16.0.4"}


@pytest.fixture(scope="module")
def twin(clean_lab: Lab, nr: Nornir) -> Iterator[Twin]:
    """The network with a short hold time among our routers."""
    for router in OURS:
        configure(clean_lab, router, "router bgp 65020", "neighbor IBGP timers 1 3")
    restart_sessions(clean_lab)
    try:
        yield Twin(clean_lab, scene_of(nr, collect=False).domain)
    finally:
        for router in OURS:
            configure(clean_lab, router, "router bgp 65020", "no neighbor IBGP timers 1 3")
        restart_sessions(clean_lab)
        clear_overrides(clean_lab)


def restart_sessions(lab: Lab) -> None:
    """Timers are agreed on when a session comes up."""
    for router in OURS:
        lab.vtysh(router, "clear bgp *")
    lab.wait_established()
    lab.wait_settled()


@pytest.mark.parametrize("router", LAN)
def test_a_lan_interface_fails_and_returns(twin: Twin, router: str):
    resource = twin.domain.resource(f"{router}:{LAN[router]}")
    twin.lab.set_link(router, "br-core", up=False)
    try:
        twin.happens({resource}, fails=True)
        twin.compare(seconds=20, ordered=False)
    finally:
        twin.lab.set_link(router, "br-core", up=True)
        twin.happens({resource}, fails=False)
    twin.compare(seconds=60, ordered=False)


@pytest.mark.parametrize("router", LINKS)
def test_a_router_fails_and_returns(twin: Twin, router: str):
    """Nobody hears of it any more; what it still tells itself does not count."""
    resource = twin.domain.resource(f"node {router}")
    for neighbor in LINKS[router]:
        twin.lab.set_link(router, neighbor, up=False)
    try:
        twin.happens({resource}, fails=True)
        twin.compare(seconds=20, ordered=False, without=router)
    finally:
        for neighbor in LINKS[router]:
            twin.lab.set_link(router, neighbor, up=True)
        twin.happens({resource}, fails=False)
    twin.compare(seconds=60, ordered=False)


@pytest.mark.parametrize(
    ("router", "peer"), [("PE1", "GW1"), ("PE1", "PE2"), ("PE2", "GW2"), ("GW1", "GW2")]
)
def test_a_session_fails_and_returns(twin: Twin, router: str, peer: str):
    resource = twin.domain.resource(f"session {router}:{peer}")
    line = f"neighbor {ADDRESSES[peer]} shutdown"
    configure(twin.lab, router, "router bgp 65020", line)
    try:
        twin.happens({resource}, fails=True)
        twin.compare(seconds=20, ordered=False)
    finally:
        configure(twin.lab, router, "router bgp 65020", f"no {line}")
        twin.happens({resource}, fails=False)
    twin.compare(seconds=60, ordered=False)
    assert differences(twin.tables(), twin.lab, ordered=False) == []
