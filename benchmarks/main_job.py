"""How long the main job takes on the reference lab, and how long an upstream's failure is felt.

    python benchmarks/main_job.py [ROUNDS]

Alternates the two predictions and prints the seconds of each phase; then pulls the cable between
GW2 and UP2 and plugs it again, and prints when every edge router's table follows. Medians.
"""

import sys
import time
from collections.abc import Callable
from statistics import median

from nornir.core import Nornir
from own_lab import REPOSITORY, own_lab

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.lab.lab import Lab
from nornir_bgp.runbooks.network import network_of


def followed(done: Callable[[], bool]) -> float:
    """Return the seconds until something is true, at most 60."""
    began = time.perf_counter()
    assert wait_for(done, bool, seconds=60, interval=0.05)
    return time.perf_counter() - began


def main(rounds: int) -> None:
    with own_lab() as (nr, lab):
        measure(nr, lab, rounds)


def measure(nr: Nornir, lab: Lab, rounds: int) -> None:
    phases: dict[str, list[float]] = {}
    for n in range(2 * rounds):
        name = ("example", "test")[n % 2]
        report = runbooks.distribute(nr, REPOSITORY / f"predictions/{name}.json")
        assert report.ok
        for phase, seconds in report.seconds.items():
            phases.setdefault(phase, []).append(seconds)
    phases["all"] = [sum(values) for values in zip(*phases.values(), strict=True)]
    print(f"distribute, {2 * rounds} changes: " + seconds_of(phases))

    network = network_of(nr)
    plan = report.plan.gateway_of

    def gateways() -> list[dict[str, str | None]]:
        tables = [parse_json(lab.vtysh(e, "show bgp ipv4 unicast json")) for e in network.edges]
        return [
            {p: network.gateway_at.get(b.next_hop) if (b := t.best(p)) else None for p in plan}
            for t in tables
        ]

    felt: dict[str, list[float]] = {"down": [], "up again": []}
    for _ in range(rounds):
        for word, up, wanted in (
            ("down", False, dict.fromkeys(plan, "GW1")),
            ("up again", True, plan),
        ):
            lab.set_link("GW2", "UP2", up=up)
            felt[word].append(
                followed(lambda wanted=wanted: all(found == wanted for found in gateways()))
            )
    print(f"upstream link, {rounds} rounds: " + seconds_of(felt))


def seconds_of(series: dict[str, list[float]]) -> str:
    return ", ".join(f"{name} {median(values):.2f} s" for name, values in series.items())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
