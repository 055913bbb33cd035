"""How large a generated network this machine carries: start-up, memory and work at rest.

    python benchmarks/lab_size.py [GATEWAYSxPREFIXES]...

Each is a network with so many gateways and upstreams, four edge routers and two customers.
Seconds: until every daemon and SSH server answered, until every session was established, until
no table moved any more. Memory is what the lab's processes have for themselves and their share of
what they share (PSS). The last column is the share of one core that the lab takes at rest.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from nornir_bgp.exceptions import LabError
from nornir_bgp.lab.generated import Size
from nornir_bgp.lab.lab import Lab
from nornir_bgp.lab.topology import read_topology
from nornir_bgp.runbooks.generate import TOPOLOGY, generate
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import load_nornir

DEFAULT = (
    *("2x500", "4x500", "8x500", "16x500", "20x500"),
    *("8x1000", "8x2500", "8x5000", "16x5000", "32x500"),
)
SECONDS = 600.0
AT_REST = 20.0


def processes(lab: Lab) -> Iterator[Path]:
    """The lab's processes: those of its holder's PID namespace."""
    record = lab.state.record()
    assert record is not None
    namespace = Path(f"/proc/{record.holder.pid}/ns/pid").stat().st_ino
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "ns/pid").stat().st_ino == namespace:
                yield folder
        except OSError:
            continue  # it has ended


def mebibytes(lab: Lab) -> float:
    """The memory of all processes."""
    found = 0
    for process in processes(lab):
        for line in (process / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                found += int(line.split()[1])
    return found / 1024


def ticks(lab: Lab) -> int:
    """The processor's time of all processes, in its ticks."""
    texts = [(process / "stat").read_text().rpartition(")")[2] for process in processes(lab)]
    return sum(int(text.split()[11]) + int(text.split()[12]) for text in texts)


def measure(gateways: int, prefixes: int, folder: Path) -> str:
    """Build one network and return its row."""
    size = Size(gateways=gateways, edges=4, prefixes=prefixes)
    generate(folder / "network", size)
    configurations = render(load_nornir(folder / "network" / "config.yaml"))
    topology = read_topology(folder / "network" / TOPOLOGY)
    start = time.perf_counter()
    lab = Lab.up(topology, configurations, folder / "state", deadline=SECONDS)
    try:
        up = time.perf_counter() - start
        lab.wait_established(seconds=SECONDS)
        established = time.perf_counter() - start
        lab.wait_settled(seconds=SECONDS)
        settled = time.perf_counter() - start
        memory = mebibytes(lab)
        before = ticks(lab)
        time.sleep(AT_REST)
        busy = (ticks(lab) - before) / os.sysconf("SC_CLK_TCK") / AT_REST
        sessions = sum(lab.sessions(router)[1] for router in lab.routers) // 2
    finally:
        lab.down()
    routers = len(lab.routers)
    return (
        f"{gateways:8} {prefixes:8} {routers:7} {sessions:8} {up:6.1f} {established:11.1f} "
        f"{settled:7.1f} {memory:6.0f} {memory / routers:10.1f} {busy:9.1%}"
    )


def main() -> None:
    """Measure and print."""
    print(
        "gateways prefixes routers sessions     up established settled    MiB MiB/router   at rest"
    )
    for word in sys.argv[1:] or DEFAULT:
        gateways, prefixes = map(int, word.split("x"))
        with tempfile.TemporaryDirectory() as folder:
            try:
                row = measure(gateways, prefixes, Path(folder))
            except LabError as error:  # more routers than the machine carries
                row = f"{gateways:8} {prefixes:8} {error}"
            print(row, flush=True)


if __name__ == "__main__":
    main()
