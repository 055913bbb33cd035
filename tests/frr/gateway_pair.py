"""A gateway and its upstream: two FRR routers on one link, in throw-away namespaces.

Just what is needed to see what a prefix-list does to routes that are learned from an upstream;
they are up in two seconds. ``route-map delay-timer 0`` switches the delay timer off, and each
reading has the map applied: FRR compiles a changed list into the route-map at once, and the timer
only says when it applies the map anew.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import count

from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.prefix_list import Entry, parse_prefix_lists
from nornir_bgp.frr.versions import FrrRules, rules_of
from nornir_bgp.models.settings import Policy
from tests.frr.namespaces import namespaces

POLICY = Policy()
LIST = POLICY.prefix_list
RAISED = POLICY.local_preference
UPSTREAM = "10.0.5.1"
SESSION = ("router bgp 65020", "address-family ipv4 unicast")

START = """
set -e
ip link set lo up
for folder in /etc/frr /var/run/frr /var/tmp; do
  mount -t tmpfs tmpfs $folder
done
for router in GW1 UP1; do
  mkdir /etc/frr/$router /var/run/frr/$router
  touch /etc/frr/$router/vtysh.conf
done
chown -R frr:frr /etc/frr /var/run/frr /var/tmp
unshare --net sleep infinity &
upstream=$!
until [ "$(cat /proc/$upstream/comm)" = sleep ]; do :; done
ip link add eth1 type veth peer name eth1 netns $upstream
ip address add 10.0.5.0/31 dev eth1
ip link set eth1 up
inside="nsenter -t $upstream -n"
$inside ip address add 10.0.5.1/31 dev eth1
$inside ip link set eth1 up
$inside ip link set lo up
ulimit -n 1024
for daemon in zebra bgpd; do
  /usr/lib/frr/$daemon -d -N GW1 -A 127.0.0.1
  $inside /usr/lib/frr/$daemon -d -N UP1 -A 127.0.0.1
done
exec sleep infinity
"""

GATEWAY = f"""
bgp route-map delay-timer 0
router bgp 65020
bgp router-id 192.168.3.3
no bgp ebgp-requires-policy
neighbor {UPSTREAM} remote-as 65004
neighbor {UPSTREAM} timers connect 1
address-family ipv4 unicast
neighbor {UPSTREAM} route-map LOCAL_PREF_MAP in
neighbor {UPSTREAM} soft-reconfiguration inbound
"""

PROVIDER = """
router bgp 65004
bgp router-id 192.168.4.1
no bgp ebgp-requires-policy
no bgp network import-check
neighbor 10.0.5.0 remote-as 65020
neighbor 10.0.5.0 timers connect 1
address-family ipv4 unicast
"""

POLICY_MAP = (
    "route-map LOCAL_PREF_MAP permit 10",
    f"match ip address prefix-list {LIST}",
    f"set local-preference {RAISED}",
    "exit",
    "route-map LOCAL_PREF_MAP permit 999",
    "exit",
)


class Pair:
    """The two routers; the gateway is the one that everything is said to."""

    def __init__(self, enter: tuple[str, ...]) -> None:
        self._enter = enter
        self._weights = count(1)

    def vtysh(self, *commands: str, router: str = "GW1") -> subprocess.CompletedProcess[str]:
        """Say commands to a router, one by one; vtysh stops at the first that is refused."""
        arguments = [word for command in commands for word in ("-c", command)]
        return self.run("vtysh", "-N", router, *arguments)

    def command(self, *words: str) -> list[str]:
        """The command that runs a program beside the gateway's daemons."""
        return [*self._enter, *words]

    def run(self, *command: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program beside the gateway's daemons."""
        return subprocess.run(
            self.command(*command),
            check=False,
            capture_output=True,
            text=True,
            input=stdin,
            timeout=60,
        )

    def configure(self, *lines: str, router: str = "GW1") -> None:
        """Send lines that must all be accepted without a word."""
        if lines:
            answer = self.vtysh("configure terminal", *lines, router=router)
            assert answer.returncode == 0, answer.stdout + answer.stderr
            assert "% " not in answer.stdout + answer.stderr

    @cached_property
    def rules(self) -> FrrRules:
        """What our data say about the installed FRR."""
        return rules_of(self.running())

    def running(self) -> str:
        """The gateway's running configuration."""
        return self.vtysh("show running-config").stdout

    def entries(self) -> tuple[Entry, ...]:
        """The override list as the configuration shows it."""
        return parse_prefix_lists(self.running()).get(LIST, ())

    def write_list(self, *rules: str, first: int = 5) -> tuple[Entry, ...]:
        """Make the override list anew, as by hand, and return its entries."""
        self.vtysh("configure terminal", f"no ip prefix-list {LIST}")
        numbered = [(first + 5 * n, rule) for n, rule in enumerate(rules)]
        self.configure(*(f"ip prefix-list {LIST} seq {seq} {rule}" for seq, rule in numbered))
        return tuple(Entry(*entry) for entry in numbered)

    def learned(self) -> dict[str, int | None]:
        """The LOCAL_PREF that each learned prefix has now; ``None`` where it has none.

        FRR applies the map in the background, so each reading gives the session a weight of its
        own, which makes FRR apply the map, and waits for the table to show it.
        """
        weight = next(self._weights)
        self.configure(*SESSION, f"neighbor {UPSTREAM} weight {weight}")
        paths = wait_for(
            self._learned_paths,
            lambda found: all(path["weight"] == weight for path in found.values()),
            seconds=20,
            interval=0.05,
        )
        assert {path["weight"] for path in paths.values()} <= {weight}
        return {prefix: path.get("locPrf") for prefix, path in paths.items()}

    def _learned_paths(self) -> dict[str, dict[str, int]]:
        table = json.loads(self.vtysh("show bgp ipv4 unicast json").stdout)["routes"]
        return {
            prefix: path
            for prefix, paths in table.items()
            for path in paths
            if path["peerId"] == UPSTREAM
        }

    def raised(self) -> set[str]:
        """The learned prefixes whose LOCAL_PREF is the policy's."""
        return {prefix for prefix, preference in self.learned().items() if preference == RAISED}


@contextmanager
def running_pair(prefixes: tuple[str, ...]) -> Iterator[Pair]:
    """Run the pair; the upstream sends these prefixes."""
    with namespaces(START) as enter:
        pair = Pair(enter)
        for router in ("GW1", "UP1"):
            answered = wait_for(
                lambda name=router: pair.vtysh("show bgp summary", "show ip route", router=name),
                lambda answer: answer.returncode == 0,
                seconds=20,
            )
            assert answered.returncode == 0, answered.stderr
        networks = [f"network {prefix}" for prefix in prefixes]
        pair.configure(*PROVIDER.split("\n")[1:-1], *networks, router="UP1")
        pair.configure(*POLICY_MAP, *GATEWAY.split("\n")[1:-1])
        wait_for(pair.learned, lambda found: set(found) == set(prefixes), seconds=30)
        assert set(pair.learned()) == set(prefixes)
        yield pair
