"""The program that runs one network: the first process of namespaces of its own.

    python -m tests.bgp.differential.inside < TASK > SEEN

It plays all external neighbours itself and starts FRR's daemons for our routers; when it ends,
everything has ended.
"""

import os
import pwd
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from nornir_bgp.deadline import wait_for
from tests.bgp.differential.sample import (
    SEEN,
    TASK,
    Neighbour,
    Sample,
    Seen,
    Sent,
    SessionEvent,
    Task,
)
from tests.bgp.differential.settling import PAUSE, Watch
from tests.bgp.differential.speaker import Speaker
from tests.bgp.differential.vty import FOLDER, Vty

DAEMONS = "/usr/lib/frr"
CONFIGURATIONS = Path("/etc/frr")
CRASH_LOGS = Path("/var/tmp")  # noqa: S108 - FRR's own choice, and ours alone in here
BRIDGE = "lan"
START_SECONDS = 60.0
SETTLE_SECONDS = 10.0

# A new session sends what there is at once (``coalesce-time 0``), instead of within seconds.
# OSPF as it is, without its waits: soon up, no hold-down, and not down where the machine is busy.
QUICK_INTERFACE = (
    "ip ospf hello-interval 1",
    "ip ospf dead-interval 120",
    "ip ospf retransmit-interval 3",
)
QUICK_OSPF = (
    "timers throttle spf 0 10 10",
    "timers throttle lsa all 0",
    "timers lsa min-arrival 0",
)


def main() -> None:
    task = TASK.validate_json(sys.stdin.buffer.read())
    _prepare()
    _wire(task)
    _start(task)
    sys.stdout.buffer.write(SEEN.dump_json(_run(task)))


def _prepare() -> None:
    socket.sethostname("lab")  # FRR tells it to its neighbours, who print it
    for folder in (FOLDER.parent, CONFIGURATIONS, CRASH_LOGS):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    for folder in (FOLDER, CONFIGURATIONS, CRASH_LOGS):
        folder.mkdir(exist_ok=True)
        _give_to_frr(folder)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))  # FRR makes room for each


def _give_to_frr(folder: Path) -> None:
    frr = pwd.getpwnam("frr")
    os.chown(folder, frr.pw_uid, frr.pw_gid)


def _wire(task: Task) -> None:
    sample = task.sample
    lines = ["link set lo up"]
    for router in task.configs:
        lines += [f"netns add {router}"]
    if sample.lan:
        lines += [f"link add {BRIDGE} type bridge", f"link set {BRIDGE} up"]
    _ip(lines)
    lines = []
    for wire in sample.wires:
        lines.append(
            f"link add {wire.interface} netns {wire.router} type veth "
            f"peer name {wire.other_interface} netns {wire.other}"
        )
    for n, (router, interface) in enumerate(sample.lan):
        lines += [
            f"link add {interface} netns {router} type veth peer name {BRIDGE}{n}",
            f"link set {BRIDGE}{n} master {BRIDGE} up",
        ]
    for n, neighbour in enumerate(sample.neighbours):
        lines += [
            f"link add {neighbour.interface} netns {neighbour.router} type veth peer name out{n}",
            f"address add {neighbour.address}/31 dev out{n}",
            f"link set out{n} up",
        ]
    _ip(lines)
    for router in task.configs:
        _ip(
            [f"link set {interface} up" for interface in ("lo", *_interfaces(task, router))], router
        )


def _interfaces(task: Task, router: str) -> Iterator[str]:
    for wire in task.sample.wires:
        if wire.router == router:
            yield wire.interface
        if wire.other == router:
            yield wire.other_interface
    yield from (interface for name, interface in task.sample.lan if name == router)
    yield from (n.interface for n in task.sample.neighbours if n.router == router)


def _ip(lines: list[str], router: str | None = None) -> None:
    inside = [] if router is None else ["-n", router]
    subprocess.run(["ip", *inside, "-batch", "-"], input="\n".join(lines), text=True, check=True)


def _start(task: Task) -> None:
    for router, config in task.configs.items():
        for folder in (FOLDER / router, CONFIGURATIONS / router):
            folder.mkdir()
            _give_to_frr(folder)
        (CONFIGURATIONS / router / "vtysh.conf").touch()
        number = re.findall(r"^router bgp (\d+)", config, re.MULTILINE)[0]
        quick = f"router bgp {number}\n coalesce-time 0\nexit\n" + "".join(
            f"interface {interface}\n{_lines(QUICK_INTERFACE)}exit\n"
            for interface in _interfaces(task, router)
            if _needs(config, "ospfd")
        )
        (CONFIGURATIONS / router / "startup").write_text(quick + config, "utf-8")
    for daemons in (("zebra",), ("bgpd", "ospfd", "staticd")):
        wanted = [
            (r, d) for r, config in task.configs.items() for d in daemons if _needs(config, d)
        ]
        _start_daemons(wanted)
    loading = [_load(router, config) for router, config in task.configs.items()]
    for process in loading:
        output, _ = process.communicate(timeout=START_SECONDS)
        assert process.returncode == 0, output


def _start_daemons(wanted: Sequence[tuple[str, str]]) -> None:
    processes = [_daemon(router, daemon) for router, daemon in wanted]
    up = wait_for(
        lambda: all(_answers(*each) for each in wanted), bool, seconds=START_SECONDS, interval=0.02
    )
    assert up, [(process.args, process.poll()) for process in processes]


def _needs(config: str, daemon: str) -> bool:
    word = {"ospfd": "\nrouter ospf", "staticd": "\nip route "}.get(daemon)
    return word is None or word in config


def _daemon(router: str, daemon: str) -> subprocess.Popen[bytes]:
    command = [f"{DAEMONS}/{daemon}", "-N", router, "-A", "127.0.0.1"]
    inside = ["nsenter", f"--net=/run/netns/{router}", *command]
    return subprocess.Popen(inside, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _answers(router: str, daemon: str) -> bool:
    # The other daemons would look for a zebra that does not listen yet only after seconds.
    ready = daemon != "zebra" or (FOLDER / router / "zserv.api").exists()
    return ready and Vty.listens(router, daemon)


def _lines(lines: Sequence[str]) -> str:
    return "".join(f" {line}\n" for line in lines)


def _load(router: str, config: str) -> subprocess.Popen[str]:
    """Load a configuration as an engineer does; FRR's own waits are cut short."""
    with Vty(router, "zebra") as zebra:
        zebra.say("configure terminal")
        zebra.say("ip forwarding")
    with Vty(router, "bgpd") as bgpd:
        # A session starts only when each pending change of a route-map has been worked off.
        bgpd.say("configure terminal")
        bgpd.say("bgp route-map delay-timer 0")
    if _needs(config, "ospfd"):
        with Vty(router, "ospfd") as ospfd:
            ospfd.say("configure terminal")
            ospfd.say("router ospf")
            for line in QUICK_OSPF:
                ospfd.say(line)
    return subprocess.Popen(
        ["vtysh", "-N", router, "-f", str(CONFIGURATIONS / router / "startup")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _run(task: Task) -> Seen:
    began = time.monotonic()
    sample = task.sample
    speakers: dict[str, Speaker] = {}
    watch = Watch(task, speakers)
    wait_for(
        lambda: _connect(sample.neighbours, speakers) and watch.established(),
        bool,
        seconds=START_SECONDS,
        interval=PAUSE,
    )
    watch.wait_started(START_SECONDS)
    started = time.monotonic()
    tables: list[dict[str, str]] = []
    changing: list[tuple[str, ...]] = []
    steps: list[Callable[[], None]] = [
        *(lambda sent=sent: _send(speakers, sent) for sent in sample.rounds),
        *(lambda event=event: _happen(sample, event, speakers, watch) for event in sample.events),
    ]
    for step in steps:
        step()
        calm = watch.wait_settled(SETTLE_SECONDS)
        changing.append(() if calm else watch.changing())
        assert calm or changing[-1], "nothing changes, and yet something is under way"
        tables.append(watch.tables())
    watch.assert_unmoved()
    return Seen(tuple(tables), tuple(changing), (started - began, time.monotonic() - started))


def _connect(neighbours: Sequence[Neighbour], speakers: dict[str, Speaker]) -> bool:
    """Open the sessions that are not open; a router may close one while it starts."""
    for neighbour in neighbours:
        if neighbour.address in speakers and not speakers[neighbour.address].stands():
            speakers.pop(neighbour.address).close()
        if neighbour.address not in speakers:
            with suppress(OSError):
                speakers[neighbour.address] = Speaker(neighbour)
    return all(neighbour.address in speakers for neighbour in neighbours)


def _send(speakers: dict[str, Speaker], sent: Sequence[Sent]) -> None:
    for address, speaker in speakers.items():
        speaker.announce([route for route in sent if route.address == address])


def _happen(
    sample: Sample, event: SessionEvent, speakers: dict[str, Speaker], watch: Watch
) -> None:
    if event.fails:
        speakers.pop(event.address).close()
        return
    neighbour = next(n for n in sample.neighbours if n.address == event.address)
    assert wait_for(
        lambda: _connect([neighbour], speakers), bool, seconds=START_SECONDS, interval=PAUSE
    )
    watch.forget(event.address)
    last = {sent.prefix: sent for sent in sample.rounds_flat if sent.address == event.address}
    speakers[event.address].announce(list(last.values()))


if __name__ == "__main__":
    main()
