"""A change nobody notices: tables, forwarding tables and packets, watched over twenty changes."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from nornir_bgp import runbooks
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.lab.lab import Lab
from tests.lab.conftest import EDGES, GATEWAYS

pytestmark = [pytest.mark.lab, pytest.mark.long, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
CHANGES = 20
SECONDS = 600  # the watchers end by themselves after this
HOSTS = ("131.114.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1")
LAN = {"GW1": "172.16.0.3", "GW2": "172.16.0.4"}

SAMPLE = """
n=0; while [ ! -e {stop} ] && [ $n -lt {samples} ]; do n=$((n + 1)); sleep 0.05
vtysh -c 'show bgp ipv4 unicast json' | tr -d '\\n'; echo; done
"""
UNTIL_STOPPED = """
{command} & watcher=$!
n=0; while [ ! -e {stop} ] && [ $n -lt {seconds} ]; do n=$((n + 1)); sleep 1; done
kill -{signal} $watcher; wait $watcher
"""


@contextmanager
def watched(lab: Lab, folder: Path) -> Iterator[None]:
    """Run the watchers beside the changes; each writes what it sees into a file of its name."""
    stop = folder / "stop"
    watchers: list[tuple[subprocess.Popen[bytes], IO[bytes]]] = []

    def start(name: str, node: str, script: str) -> None:
        file = (folder / name).open("wb")
        process = subprocess.Popen(lab.command(node, ["sh", "-c", script]), stdout=file)
        watchers.append((process, file))

    def until_stopped(command: str, signal: str) -> str:
        return UNTIL_STOPPED.format(command=command, signal=signal, stop=stop, seconds=SECONDS)

    for edge in EDGES:
        start(f"table.{edge}", edge, SAMPLE.format(stop=stop, samples=SECONDS * 20))
    for router in (*EDGES, *GATEWAYS):
        start(f"routes.{router}", router, until_stopped("ip -4 monitor route", "TERM"))
    for customer in ("Customer1", "Customer2"):
        for host in HOSTS:
            ping = f"ping -q -n -i 0.05 -c {SECONDS * 20} {host}"
            start(f"ping.{customer}.{host}", customer, until_stopped(ping, "INT"))
    try:
        yield
    finally:
        stop.touch()
        for process, file in watchers:
            process.wait(timeout=30)
            file.close()


def test_no_packet_and_no_route_is_lost(clean_lab: Lab, nr, tmp_path: Path):
    matrices = [ROOT / f"predictions/{name}.json" for name in ("example", "test")]
    assert runbooks.distribute(nr, matrices[1]).ok
    with watched(clean_lab, tmp_path):
        for n in range(CHANGES):
            report = runbooks.distribute(nr, matrices[n % 2])
            assert report.ok, report
            assert sum(len(change.lines) for change in report.changes) == 4
    print(f"{CHANGES} changes")
    check_pings(tmp_path)
    check_tables(tmp_path)
    check_forwarding(tmp_path)


def check_pings(folder: Path) -> None:
    """Not one echo is lost."""
    for file in sorted(folder.glob("ping.*")):
        counted = re.search(r"(\d+) packets transmitted, (\d+) received", file.read_text())
        assert counted, file.read_text()
        sent, received = map(int, counted.groups())
        assert sent > 20 * CHANGES, file.name
        assert sent == received, f"{file.name}: {sent - received} of {sent} lost"
        print(f"{file.name}: {sent} sent, none lost")


def check_tables(folder: Path) -> None:
    """At every sample each prefix is raised, and at a gateway that one of the plans gives it."""
    allowed = {
        "131.114.0.0/16": set(LAN.values()),
        "198.51.100.0/24": set(LAN.values()),
        "192.0.2.0/24": {LAN["GW1"]},
        "203.0.113.0/24": {LAN["GW1"]},
    }
    for file in sorted(folder.glob("table.*")):
        # the last line may have been cut when the watcher was told to stop
        lines = [line for line in file.read_text().splitlines() if line.rstrip().endswith("}")]
        assert len(lines) > 20 * CHANGES
        seen: dict[str, set[str]] = {prefix: set() for prefix in allowed}
        for line in lines:
            table = parse_json(line)
            for prefix in allowed:
                best = table.best(prefix)
                assert best is not None, f"{file.name}: {prefix} without a route"
                assert best.local_pref == 200, f"{file.name}: {prefix} is not raised"
                seen[prefix].add(best.next_hop)
        assert seen == allowed
        print(f"{file.name}: {len(lines)} tables, each as before or as planned")


def check_forwarding(folder: Path) -> None:
    """No router's kernel was without a route: a change replaces, and never deletes."""
    prefixes = {"131.114.0.0/16", "198.51.100.0/24", "192.0.2.0/24", "203.0.113.0/24"}
    for file in sorted(folder.glob("routes.*")):
        lines = file.read_text().splitlines()
        deleted = [
            line for line in lines if line.startswith("Deleted") and prefixes & {*line.split()}
        ]
        assert deleted == [], f"{file.name}: {deleted}"
        moved = [line for line in lines if prefixes & {*line.split()}]
        assert moved, f"{file.name}: nothing moved, nothing was watched"
        print(f"{file.name}: {len(moved)} changes of the forwarding table, none of them a deletion")
