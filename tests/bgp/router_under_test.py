"""One FRR router in throw-away namespaces, whose neighbours send it whatever a test wants.

It is a member of a confederation, since such a router has neighbours of all three kinds. Weights
and the LOCAL_PREF of eBGP routes are set by its inbound route-map, which communities ask for.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from nornir_bgp.bgp.route import Learned, Route
from nornir_bgp.deadline import wait_for
from tests.bgp.bgp_messages import update_message
from tests.bgp.shown import CONFEDERATION, MEMBER, NEIGHBOURS, Neighbour, Shown, shown
from tests.frr.namespaces import namespaces

REPOSITORY = Path(__file__).parents[2]
ROUTER = "10.0.0.100"

METRICS = (10, 20)
"""``10.9.METRIC.0/24`` is that far away."""
NOWHERE = "10.8.0.1"
"""A next hop that there is no way to."""

WEIGHT = f"{CONFEDERATION}:1"
"""The community of a route that is given the weight 7."""
PREFERENCES = {f"{CONFEDERATION}:200": 200, f"{CONFEDERATION}:50": 50}
"""The communities of routes that are given this LOCAL_PREF."""
DEFAULT_LOCAL_PREF = 120

TWICE_LOCAL, PART_OF_IT = "172.30.0.0/16", "172.30.1.0/24"
"""What the router originates by ``network`` and, since it has a part of it, as an aggregate."""

START = f"""
set -e
ip link set lo up
for folder in /etc/frr /var/run/frr /var/tmp; do
  mount -t tmpfs tmpfs $folder
done
mkdir /etc/frr/R /var/run/frr/R
touch /etc/frr/R/vtysh.conf /var/tmp/peers
chown -R frr:frr /etc/frr /var/run/frr
unshare --net sleep infinity &
peers=$!
until [ "$(cat /proc/$peers/comm)" = sleep ]; do :; done
mount --bind /proc/$peers/ns/net /var/tmp/peers
ip link add eth1 type veth peer name eth1 netns $peers
ip address add {ROUTER}/24 dev eth1
ip link set eth1 up
inside="nsenter --net=/var/tmp/peers"
for address in {" ".join(NEIGHBOURS)}; do
  $inside ip address add $address/24 dev eth1
done
$inside ip link set eth1 up
for metric in {" ".join(map(str, METRICS))}; do
  ip route add 10.9.$metric.0/24 via 10.0.0.1 metric $metric
done
ulimit -n 1024
for daemon in zebra bgpd; do
  /usr/lib/frr/$daemon -d -N R -A 127.0.0.1
done
exec sleep infinity
"""


def configuration(networks: Iterable[str], light_networks: Iterable[str]) -> list[str]:
    """What the router is told at first; light networks have no weight."""
    sessions = [
        line
        for peer in NEIGHBOURS.values()
        for line in (
            f"neighbor {peer.address} remote-as {peer.as_number}",
            f"neighbor {peer.address} passive",
            *(
                (f"neighbor {peer.address} ebgp-multihop 2",)
                if peer.learned is not Learned.IBGP
                else ()
            ),
        )
    ]
    policies = [
        line
        for address in NEIGHBOURS
        for line in (
            f"neighbor {address} route-map IN in",
            f"neighbor {address} route-map OUT out",
        )
    ]
    preferences = [
        line
        for number, (community, preference) in enumerate(PREFERENCES.items(), start=2)
        for line in (
            f"bgp community-list standard L{number} permit {community}",
            f"route-map IN permit {number}",
            f"match community L{number}",
            f"set local-preference {preference}",
            "on-match next",
            "exit",
        )
    ]
    return [
        f"bgp community-list standard L1 permit {WEIGHT}",
        *("route-map IN permit 1", "match community L1", "set weight 7", "on-match next", "exit"),
        *preferences,
        *("route-map IN permit 99", "exit"),
        *("route-map OUT deny 1", "exit"),
        *("route-map LIGHT permit 1", "set weight 0", "exit"),
        f"router bgp {MEMBER}",
        f"bgp router-id {ROUTER}",
        f"bgp confederation identifier {CONFEDERATION}",
        "bgp confederation peers 64513 64514",
        f"bgp default local-preference {DEFAULT_LOCAL_PREF}",
        "no bgp ebgp-requires-policy",
        "no bgp network import-check",
        *sessions,
        "address-family ipv4 unicast",
        *policies,
        *(f"network {prefix}" for prefix in networks),
        *(f"network {prefix} route-map LIGHT" for prefix in light_networks),
        *(f"network {PART_OF_IT}", f"aggregate-address {TWICE_LOCAL}", f"network {TWICE_LOCAL}"),
    ]


class RouterUnderTest:
    def __init__(self, enter: tuple[str, ...], speaker: subprocess.Popen[str]) -> None:
        self._enter = enter
        self._speaker = speaker

    def vtysh(self, *commands: str) -> str:
        answer = run_vtysh(self._enter, *commands)
        return answer.stdout + answer.stderr

    def configure(self, *lines: str) -> None:
        answer = self.vtysh("configure terminal", *lines)
        assert "% " not in answer, answer
        self.settle()

    def settle(self) -> None:
        """Wait until nothing waits to be decided."""
        queued = wait_for(self._queued, lambda items: items == 0, seconds=20, interval=0.05)
        assert queued == 0

    def _queued(self) -> int:
        queues = self.vtysh("show work-queues").splitlines()
        (line,) = [line for line in queues if " process_queue " in line]
        return int(line[1:].split()[0])  # the first column says whether the queue is plugged

    def announce(self, routes: Iterable[tuple[str, Neighbour, Route]]) -> None:
        """Let neighbours send routes, one after another."""
        assert self._speaker.stdin is not None
        for prefix, neighbour, route in routes:
            octets = update_message(prefix, route).hex()
            self._speaker.stdin.write(f"{neighbour.address} {octets}\n")
        self._speaker.stdin.flush()

    def announce_all(self, routes: Sequence[tuple[str, Neighbour, Route]]) -> Mapping[str, Shown]:
        """Let neighbours send routes, and return the table that has them all."""
        before = _paths_in(self.table())
        self.announce(routes)
        table = wait_for(self.table, lambda now: _paths_in(now) == before + len(routes), seconds=30)
        assert _paths_in(table) == before + len(routes)
        self.settle()
        return self.table()

    def table(self) -> Mapping[str, Shown]:
        answer = json.loads(self.vtysh("show bgp ipv4 unicast json detail"))
        # The first of each list says which prefix it is.
        return {prefix: shown(paths[1:]) for prefix, paths in answer["routes"].items()}


def _paths_in(table: Mapping[str, Shown]) -> int:
    return sum(len(prefix.candidates) for prefix in table.values())


def run_vtysh(enter: Sequence[str], *commands: str) -> subprocess.CompletedProcess[str]:
    arguments = [word for command in commands for word in ("-c", command)]
    return subprocess.run(
        [*enter, "vtysh", "-N", "R", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@contextmanager
def running_router(
    networks: Iterable[str] = (), light_networks: Iterable[str] = ()
) -> Iterator[RouterUnderTest]:
    """Run the router, and bring all its sessions up."""
    with namespaces(START) as enter:
        up = wait_for(
            lambda: run_vtysh(enter, "show bgp summary", "show ip route"),
            lambda answer: answer.returncode == 0,
            seconds=20,
        )
        assert up.returncode == 0, up.stdout + up.stderr
        told = configuration(networks, light_networks)
        answer = run_vtysh(enter, "configure terminal", *told)
        assert "% " not in answer.stdout + answer.stderr, answer
        program = [sys.executable, "-m", "tests.bgp.speaker", ROUTER]
        neighbours = [f"{n.address}/{n.as_number}/{n.router_id}" for n in NEIGHBOURS.values()]
        with subprocess.Popen(
            [*enter, "nsenter", "--net=/var/tmp/peers", *program, *neighbours],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        ) as process:
            assert process.stdout is not None
            try:
                assert process.stdout.readline() == "up\n"
                yield RouterUnderTest(enter, process)
            finally:
                process.kill()
