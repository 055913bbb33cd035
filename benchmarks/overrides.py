"""How long thousands of overrides take on a gateway, and the floor that FRR itself sets.

    python benchmarks/overrides.py [NUMBER ...]

On the reference lab, whose GW1 has FRR's delay timer of 5 s: UP1 announces so many random
networks (/16 to /24), and all of them are raised at GW1 by the tasks that a distribution uses.
*Sent* is when GW1's configuration, read back, is the planned one; *in the table* is when every
route has its LOCAL_PREF in GW1's own table. Then they are taken away again, and the running
configuration must be what it was, byte for byte.

The floor is ``vtysh -f`` on GW1 itself, without SSH and without reading anything back: with the
same lists, and (up to 2,000 entries) with one list of all.
"""

import random
import sys
import time
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from nornir.core import Nornir
from own_lab import own_lab

from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.overrides import Overrides, parse_overrides
from nornir_bgp.frr.overrides_change import change_overrides
from nornir_bgp.frr.overrides_plan import Wanted, planned_overrides
from nornir_bgp.frr.versions import rules_of
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.network import Network
from nornir_bgp.models.settings import Policy
from nornir_bgp.runbooks.asking import ask, sessions
from nornir_bgp.runbooks.change import Change, change_gateways
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.tasks.confirm import confirm
from nornir_bgp.tasks.push import push

GATEWAY, UPSTREAM, AS_NUMBER = "GW1", "UP1", 65004
SIZES = (500, 1000, 2000, 5000, 10_000)
LONGEST_FLOOR = 2000
"""One list of more entries takes minutes."""


def networks(number: int, seed: int = 5) -> list[str]:
    """Random networks as a table has them, without one that the lab uses."""
    generator = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < number:
        length = generator.choices(range(16, 25), (1, 1, 2, 3, 4, 5, 9, 9, 40))[0]
        bits = generator.randrange(20 << 24, 100 << 24) >> (32 - length) << (32 - length)
        found[str(IPv4Network((bits, length)))] = None
    return list(found)


def vtysh(lab: Lab, node: str, lines: Sequence[str]) -> float:
    """Load lines by ``vtysh -f`` and return the seconds."""
    began = time.perf_counter()
    command = ["vtysh", "-f", "/dev/stdin"]
    lab.run(node, command, input="\n".join([*lines, ""]), timeout=600, check=True)
    return time.perf_counter() - began


def announced(lab: Lab, prefixes: Sequence[str], no: str = "") -> None:
    """Let the upstream announce networks, or stop that, and wait until the gateway has it."""
    lines = [f"{no}network {prefix}" for prefix in prefixes]
    vtysh(lab, UPSTREAM, [f"router bgp {AS_NUMBER}", "address-family ipv4 unicast", *lines])

    def heard() -> int:
        text = lab.vtysh(GATEWAY, "show ip bgp")
        return sum(prefix.partition("/")[0] in text for prefix in prefixes[:: len(prefixes) // 50])

    wanted = 0 if no else len(prefixes[:: len(prefixes) // 50])
    assert wait_for(heard, lambda found: found == wanted, seconds=120, interval=1.0) == wanted


def measure(nr: Nornir, lab: Lab, network: Network, number: int) -> None:
    policy, prefixes = network.settings.policy, networks(number)
    announced(lab, prefixes)
    text = lab.vtysh(GATEWAY, "show running-config")
    before = parse_overrides(text, policy)
    planned = planned_overrides(before, Wanted(tuple(prefixes)), policy, rules_of(text))
    others = {
        name: parse_overrides(lab.vtysh(name, "show running-config"), policy)
        for name in network.gateways
    }
    start, end = {**others, GATEWAY: before}, {**others, GATEWAY: planned}
    with sessions(nr):
        ask(nr, [GATEWAY], push, tuple, wanted=start, policy=policy).complete()  # opens a session
        began = time.perf_counter()
        ask(nr, [GATEWAY], push, tuple, wanted=end, expected=start, policy=policy).complete()
        sent = time.perf_counter() - began
        confirmed = ask(
            nr,
            [GATEWAY],
            confirm,
            int,
            wanted=end,
            exits=network.exits,
            policy=policy,
            seconds=600,
            exactly=True,
        )
        in_table = time.perf_counter() - began
        assert confirmed.complete()[GATEWAY] == number, confirmed
        assert all(planned.preference(prefix) == policy.local_preference for prefix in prefixes)
        began = time.perf_counter()
        assert change_gateways(nr, network, Change(end, start), end, start)
        gone = time.perf_counter() - began
    assert lab.vtysh(GATEWAY, "show running-config") == text, "the configuration is another"
    floors = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in floor(lab, before, planned))
    lists = len(planned.lists)
    print(
        f"{number:6,} overrides in {lists} lists: sent {sent:.1f} s, in the table {in_table:.1f} s,"
        f" taken away {gone:.1f} s; vtysh -f: {floors}",
        flush=True,
    )
    announced(lab, prefixes, "no ")


def floor(lab: Lab, before: Overrides, planned: Overrides) -> Iterator[tuple[str, float]]:
    """The same entries by FRR's own means."""
    policy = Policy()
    yield "the same lists", vtysh(lab, GATEWAY, change_overrides(before, planned, policy).lines)
    back = change_overrides(planned, before, policy).lines
    yield "removing them", vtysh(lab, GATEWAY, back)
    entries = [entry for _, entry in planned.entries]
    if len(entries) <= LONGEST_FLOOR:
        one = [f"ip prefix-list ONE seq {5 * n} {e.rule}" for n, e in enumerate(entries, 1)]
        yield "one list", vtysh(lab, GATEWAY, one)
        vtysh(lab, GATEWAY, ["no ip prefix-list ONE"])


def main(sizes: Sequence[int]) -> None:
    with own_lab() as (nr, lab):
        for number in sizes:
            measure(nr, lab, network_of(nr), number)


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]] or SIZES)
