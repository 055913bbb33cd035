"""How long the built-in lab takes: up, until every BGP session is established, and down.

    python benchmarks/lab_up.py [ROUNDS]

Prints the seconds of each round and their medians. The state lies in a temporary folder.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from nornir_bgp.lab.lab import Lab
from nornir_bgp.lab.topology import read_topology
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import load_nornir

REPOSITORY = Path(__file__).parent.parent


def measure(state: Path) -> tuple[float, float, float]:
    """Return the seconds until the lab was up, until it was established, and that down took."""
    configurations = render(load_nornir(REPOSITORY / "config.yaml"))
    topology = read_topology(REPOSITORY / "lab" / "network.clab.yaml")
    start = time.perf_counter()
    lab = Lab.up(topology, configurations, state)
    up = time.perf_counter()
    lab.wait_established()
    established = time.perf_counter()
    lab.down()
    return up - start, established - start, time.perf_counter() - established


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print("round       up  established     down   (seconds)")
    results = []
    with tempfile.TemporaryDirectory() as state:
        for number in range(1, rounds + 1):
            results.append(measure(Path(state)))
            up, established, down = results[-1]
            print(f"{number:5}  {up:7.2f}  {established:11.2f}  {down:7.2f}")
    up, established, down = (median(column) for column in zip(*results, strict=True))
    print(f"median {up:7.2f}  {established:11.2f}  {down:7.2f}")


if __name__ == "__main__":
    main()
