"""Rules of propagation that random networks seldom meet, on one network of real FRR routers.

A, B and C are ASes on one LAN (next hops of a third party, next hops that policies set, well-known
communities, ``allowas-in``, a MED that an outbound map sees and no longer adds to), D is in B's AS
behind it (static routes to next hops, aggregates, weights), E is another AS behind D (multihop
between loopbacks, networks that are not in its routing table). The same files are FRR's
configurations and the model's.
"""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_bgp.bgp.domain import Domain, Event
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.routing_config import parse_router
from nornir_bgp.frr.show_bgp_json import parse_json
from nornir_bgp.models.rib import Path as RibPath
from tests.frr.namespaces import namespaces

pytestmark = pytest.mark.lab

FILES = Path(__file__).parent / "rare_rules"
CONFIGURATIONS = {file.stem: file.read_text("utf-8") for file in sorted(FILES.glob("*.conf"))}
LAN = ("A", "B", "C")
LINKS = (("B", "d", "D", "b"), ("D", "e", "E", "d"))
STUBS = (("E", "x"),)
QUIET_SECONDS = 1.5

Tables = dict[str, dict[str, tuple[RibPath, ...]]]


def start_script() -> str:
    lines = [
        "set -e",
        "ip link set lo up",
        "for folder in /run /etc/frr /var/tmp; do mount -t tmpfs tmpfs $folder; done",
        "mkdir -p /var/run/frr /run/netns",
        "chown frr:frr /var/run/frr /etc/frr /var/tmp",
        "ulimit -n 1024",
        "ip link add name lan type bridge",
        "ip link set dev lan up",
    ]
    for router in CONFIGURATIONS:
        lines += [
            f"ip netns add {router}",
            f"ip -n {router} link set lo up",
            f"mkdir /etc/frr/{router} /var/run/frr/{router}",
            f"touch /etc/frr/{router}/vtysh.conf",
            f"chown frr:frr /etc/frr/{router} /var/run/frr/{router}",
        ]
    for router in LAN:
        lines += [
            f"ip link add name port{router} type veth peer name lan netns {router}",
            f"ip link set dev port{router} master lan up",
            f"ip -n {router} link set dev lan up",
        ]
    for one, interface, other, facing in LINKS:
        lines += [
            f"ip link add name {interface} netns {one} type veth peer name {facing} netns {other}",
            f"ip -n {one} link set dev {interface} up",
            f"ip -n {other} link set dev {facing} up",
        ]
    for router, interface in STUBS:
        lines += [
            f"ip -n {router} link add name {interface} type bridge",
            f"ip -n {router} link set dev {interface} up",
        ]
    lines += [
        f"nsenter --net=/run/netns/{router} /usr/lib/frr/{daemon} -d -N {router} -A 127.0.0.1"
        for daemon in ("zebra", "staticd", "bgpd")
        for router in CONFIGURATIONS
    ]
    return "\n".join([*lines, "exec sleep infinity"])


class Live:
    """The routers, running."""

    def __init__(self, enter: tuple[str, ...]) -> None:
        self._enter = enter

    def run(self, *command: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._enter, *command],
            check=False,
            capture_output=True,
            text=True,
            input=stdin,
            timeout=60,
        )

    def tables(self) -> Tables:
        found: Tables = {}
        for router in CONFIGURATIONS:
            answer = self.run("vtysh", "-N", router, "-c", "show bgp ipv4 unicast json")
            found[router] = dict(parse_json(answer.stdout).routes)
        return found

    def settled(self) -> Tables:
        """The tables when they have not changed for a while; keepalives find a dead peer in 3 s."""
        seen: list[tuple[float, Tables]] = []

        def look() -> float:
            tables = self.tables()
            if not seen or seen[0][1] != tables:
                seen[:] = [(time.monotonic(), tables)]
            return time.monotonic() - seen[0][0]

        quiet = wait_for(look, lambda since: since > QUIET_SECONDS, seconds=60, interval=0.2)
        assert quiet > QUIET_SECONDS
        return seen[0][1]


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    with namespaces(start_script()) as enter:
        running = Live(enter)
        for router, text in CONFIGURATIONS.items():
            answered = wait_for(
                lambda name=router: running.run(
                    "vtysh", "-N", name, "-c", "show bgp summary", "-c", "show ip route"
                ),
                lambda answer: answer.returncode == 0,
                seconds=20,
            )
            assert answered.returncode == 0, answered.stderr
            file = f"/etc/frr/{router}/startup"
            loaded = running.run(
                "sh", "-c", f"cat > {file}; vtysh -N {router} -f {file}", stdin=text
            )
            assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        yield running


@pytest.fixture(scope="module")
def network() -> Domain:
    return Domain({name: parse_router(text, name) for name, text in CONFIGURATIONS.items()})


def test_the_model_knows_every_line(network: Domain) -> None:
    assert network.problems() == ()
    assert [router.not_modelled for router in network.routers.values()] == [()] * 5


def test_tables_at_first_and_through_failures(live: Live, network: Domain) -> None:
    """Each interface goes down and comes back; what was selected meanwhile has an effect."""
    wait_for(live.tables, lambda tables: tables == expected(network, []), seconds=30)
    compare(live.settled(), expected(network, []))
    events: list[Event] = []
    for router, interface in (("C", "lan"), ("B", "d"), ("D", "e")):
        resource = network.resource(f"{router}:{interface}")
        for fails in (True, False):
            events.append(Event(frozenset({resource}), fails))
            state = "down" if fails else "up"
            done = live.run("ip", "-n", router, "link", "set", "dev", interface, state)
            assert done.returncode == 0, done.stderr
            after = expected(network, events)
            wait_for(live.tables, lambda tables, after=after: tables == after, seconds=15)
            compare(live.settled(), after)


def expected(network: Domain, events: list[Event]) -> Tables:
    outcome = propagate(network, [], events)
    assert outcome.converged
    return {name: dict(outcome.rib(name).routes) for name in network.routers}


def compare(live: Tables, model: Tables) -> None:
    assert sum(len(table) for table in model.values()) > 30
    for router, table in model.items():
        for prefix in sorted({*table, *live[router]}):
            assert live[router].get(prefix) == table.get(prefix), f"{router} {prefix}"
