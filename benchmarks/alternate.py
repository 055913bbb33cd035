"""Many runs in a row: does anything drift, grow or stay behind?

    python benchmarks/alternate.py [RUNS [CLI_RUNS]]

Alternates the two predictions on a lab of its own, RUNS times (200) in this process and then
CLI_RUNS times (20) by the command line, each a process of its own. The gateways apply a changed
list after one second instead of FRR's five. After each run the lists on the gateways, the sessions
on the routers and this process are looked at; what is not as it was after the run before the last
ends the benchmark.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import yaml
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.prefix_list import parse_prefix_lists
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.lab.lab import Lab
from nornir_bgp.runbooks.network import network_of

REPOSITORY = Path(__file__).parent.parent
MATRICES = tuple(REPOSITORY / f"predictions/{name}.json" for name in ("example", "test"))
KEEP_RUNS = 10
WARM = 50
"""Runs after which this process has imported and allocated what it needs."""


@dataclass(frozen=True)
class Own:
    """What this process holds: resident memory in kB, threads, open files, child processes."""

    memory: int
    threads: int
    files: int
    children: int

    @classmethod
    def now(cls) -> "Own":
        process = Path("/proc/self")
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        tasks = list((process / "task").iterdir())
        return cls(
            memory=int(status["VmRSS"].split()[0]),
            threads=len(tasks),
            files=len(list((process / "fd").iterdir())),
            children=sum(len((task / "children").read_text().split()) for task in tasks),
        )


@dataclass(frozen=True)
class Outside:
    """What the network and the disk hold after a run.

    Attributes:
        lists: gateway -> the lines of its override list.
        versions: router -> the version of its BGP table.
        sessions: SSH sessions on all routers.
        shells: ``vtysh`` processes in the lab.
        runs: folders of evidence.
        others: what else lies beside them.
    """

    lists: dict[str, tuple[str, ...]]
    versions: dict[str, int | None]
    sessions: int
    shells: int
    runs: int
    others: frozenset[str]


def main(runs: int, cli_runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = write_config(folder)
        nr = runbooks.load_nornir(config)
        lab = runbooks.lab_up(nr)
        try:
            for gateway in network_of(nr).gateways:
                timer = ["-c", "configure terminal", "-c", "bgp route-map delay-timer 1"]
                lab.run(gateway, ["vtysh", *timer], check=True)
            with nothing_left_behind():
                in_one_process(nr, lab, folder / "runs", runs)
                by_command_line(nr, lab, folder / "runs", config, cli_runs)
        finally:
            lab.down()


def write_config(folder: Path) -> Path:
    content = yaml.safe_load((REPOSITORY / "config.yaml").read_text("utf-8"))
    options = content["inventory"]["options"]
    content["inventory"]["options"] = {k: str(REPOSITORY / v) for k, v in options.items()}
    content["user_defined"] |= {
        "runs": str(folder / "runs"),
        "lab": {
            "topology": str(REPOSITORY / content["user_defined"]["lab"]["topology"]),
            "state": str(folder / "state"),
        },
        "template": str(REPOSITORY / "templates/frr.conf.j2"),
        "keep_runs": KEEP_RUNS,
    }
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(content), "utf-8")
    return config


@contextmanager
def nothing_left_behind() -> Iterator[None]:
    """Mark the environment, which every process started from here on inherits, and look for it."""
    os.environ["ALTERNATE"] = str(os.getpid())
    yield
    left = wait_for(marked_processes, lambda found: not found, seconds=10)
    assert not left, f"processes left behind: {left}"
    print("processes left behind: none")


def marked_processes() -> list[str]:
    mark = f"ALTERNATE={os.getpid()}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(f"{process.name} {(process / 'comm').read_text().strip()}")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it has just ended, or is another user's
    return found


def in_one_process(nr: Nornir, lab: Lab, folder: Path, runs: int) -> None:
    own: list[Own] = []
    last: deque[Outside] = deque(maxlen=3)
    steps: set[tuple[tuple[str, int], ...]] = set()
    seconds: list[float] = []
    warm = min(WARM, runs // 2)
    for n in range(runs):
        began = time.perf_counter()
        report = runbooks.distribute(nr, MATRICES[n % 2])
        seconds.append(time.perf_counter() - began)
        assert report.ok, report.error
        last.append(outside(nr, lab, folder))
        check_like_before(last, n)
        if n > warm:
            steps.add(tuple(versions_moved(last[-2], last[-1])))
        own.append(Own.now())
        if n % 10 == 9:
            print(f"run {n + 1}: {own[-1]}, load {os.getloadavg()[0]:.1f}", flush=True)
    assert runbooks.verify(nr).ok
    check_no_change(nr, lab, folder, MATRICES[(runs - 1) % 2], last[-1])
    tell_growth(own, warm)
    print(f"{runs} runs in one process, median {median(seconds):.1f} s; each as planned")
    print(f"steps of the table versions from run to run: {sorted(steps)}")


def versions_moved(before: Outside, after: Outside) -> Iterator[tuple[str, int]]:
    for router, version in after.versions.items():
        was = before.versions[router]
        assert version is not None
        assert was is not None
        yield router, version - was


def check_like_before(states: Sequence[Outside], n: int) -> None:
    """Compare with the run that had the same predictions."""
    now = states[-1]
    assert (now.sessions, now.shells) == (0, 0), f"run {n + 1} left {now}"
    assert now.runs <= KEEP_RUNS, f"run {n + 1}: {now.runs} folders are kept"
    if n >= 4:  # the first ones find lists without overrides, and number their entries anew
        same = states[0]
        assert now.lists == same.lists, f"run {n + 1}: {same.lists} became {now.lists}"
        assert now.others == same.others, f"run {n + 1}: {now.others - same.others} lies about"


def check_no_change(nr: Nornir, lab: Lab, folder: Path, matrix: Path, before: Outside) -> None:
    """A second identical run moves no table."""
    report = runbooks.distribute(nr, matrix)
    assert report.ok
    assert not any(change.lines for change in report.changes)
    after = outside(nr, lab, folder)
    assert (after.lists, after.versions) == (before.lists, before.versions)
    print(f"an identical run after it: no line sent, table versions stay {after.versions}")


def tell_growth(states: list[Own], warm: int) -> None:
    memory = np.array([state.memory for state in states[warm:]], dtype=float)
    slope = np.polyfit(np.arange(len(memory)), memory, 1)[0]
    print(
        f"memory: {states[0].memory / 1000:.1f} MB after the first run, {memory[0] / 1000:.1f} MB "
        f"after {warm}, {memory[-1] / 1000:.1f} MB at the end: {slope:+.2f} kB a run"
    )
    assert memory[-1] < 1.05 * memory[0]
    for name in ("threads", "files", "children"):
        counts = [getattr(state, name) for state in states]
        print(f"{name}: {counts[warm]} after {warm} runs, {counts[-1]} at the end")
        assert counts[-1] <= counts[warm], name
    assert threading.active_count() == 1


def by_command_line(nr: Nornir, lab: Lab, folder: Path, config: Path, runs: int) -> None:
    program = Path(sys.executable).with_name("nornir-bgp")
    states: deque[Outside] = deque(maxlen=3)
    memory: list[int] = []
    for n in range(runs):
        command = [program, "--config", config, "distribute", MATRICES[n % 2], "--json"]
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            assert process.returncode == 0, output.read().decode()
        memory.append(usage.ru_maxrss)
        states.append(outside(nr, lab, folder))
        check_like_before(states, n)
    largest = ", ".join(f"{kb / 1000:.1f}" for kb in (min(memory), median(memory), max(memory)))
    print(f"{runs} processes: largest memory {largest} MB (least, median, most)")


def outside(nr: Nornir, lab: Lab, folder: Path) -> Outside:
    network = network_of(nr)
    name = network.settings.policy.prefix_list

    def lines(gateway: str) -> tuple[str, ...]:
        entries = parse_prefix_lists(lab.vtysh(gateway, "show running-config")).get(name, ())
        return tuple(f"{entry.seq} {entry.rule}" for entry in entries)

    def version(router: str) -> int | None:
        return parse_json(lab.vtysh(router, "show bgp ipv4 unicast json")).version

    def sessions() -> int:
        command = ["ss", "-Htn", "state", "established", "sport = :22"]
        return sum(len(lab.run(r, command, check=True).stdout.splitlines()) for r in lab.routers)

    def shells() -> int:
        names = lab.run(lab.routers[0], ["sh", "-c", "cat /proc/[0-9]*/comm 2>/dev/null"]).stdout
        return names.split().count("vtysh")

    kept = {path.name for path in folder.iterdir()}
    of_runs = {entry for entry in kept if (folder / entry / "report.json").exists()}
    return Outside(
        lists={gateway: lines(gateway) for gateway in network.gateways},
        versions={router: version(router) for router in (*network.edges, *network.gateways)},
        sessions=wait_for(sessions, lambda count: count == 0, seconds=5),
        shells=wait_for(shells, lambda count: count == 0, seconds=5),
        runs=len(of_runs),
        others=frozenset(kept - of_runs),
    )


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers + [200, 20][len(numbers) :]))
