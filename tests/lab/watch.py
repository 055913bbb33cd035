"""What customers and routers feel of a change, written down beside it and read afterwards.

Tables are asked for every 50 ms, through one ``vtysh`` per router that stays open. What happens
between two samples is in ``ip monitor``, which the kernel tells of every route and every next hop
object that it changes. Hosts ping at a steady rate, each echo numbered. All watchers end when their
standard input is closed, so also when this process dies, and pings after a number of echoes.
"""

import re
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from operator import ge
from pathlib import Path
from typing import IO

from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.show_bgp import parse_text
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.rib import Rib

INTERVAL = 0.05
"""Seconds from one table to the next."""

CUSTOMERS = ("Customer1", "Customer2")

MONITOR = "ip -o -ts -rcvbuf 16777216 monitor route nexthop"
"""One line per change, with its time; the buffer takes thousands of changes at once."""

PROOF = "100.127.255.0/24"
PROOF_TABLE = "4711"
"""A route to see that a monitor listens, in a table that no packet is looked up in."""

UNTIL_CLOSED = "{command} & watcher=$!; read _; kill -{signal} $watcher; wait $watcher"

_ECHO = re.compile(r"^\[([\d.]+)\] \d+ bytes from .* icmp_seq=(\d+) ", re.M)
_SENT = re.compile(r"^(\d+) packets transmitted", re.M)
_KERNEL = re.compile(r"^\[(\S+)\] (Deleted )?(id )?(\S+) (.*)$", re.M)
_NEXT_HOP = re.compile(r"\bvia (\S+)")
_OBJECT = re.compile(r"\bnhid (\d+)")
_TABLE = re.compile(rb"BGP table version.* total paths\n", re.S)
_OWN_PREFIX = re.compile(r"[\d.]+/\d+")


@dataclass
class Tables:
    """One router's tables: every sample's time, and each text that was not the one before it."""

    times: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def distinct(self) -> Iterator[Rib]:
        """The tables, each as long as it stood counted once."""
        return map(parse_text, self.texts)

    @property
    def gaps(self) -> list[float]:
        """Seconds from sample to sample, the shortest first."""
        return sorted(b - a for a, b in pairwise(self.times))


@dataclass(frozen=True)
class Echoes:
    """One host's pings to one address.

    Attributes:
        sent: how many were sent.
        lost: the numbers of those that were not answered; the last one may have been under way
            when the ping was told to end, and is not counted.
        longest_silence: seconds from one answer to the next, at most.
    """

    sent: int
    lost: tuple[int, ...]
    longest_silence: float


@dataclass(frozen=True)
class KernelChange:
    """A change of a router's forwarding table.

    Attributes:
        at: when, in seconds since the epoch.
        what: the route's prefix, or the number of a next hop object.
        deleted: whether it was deleted.
        next_hops: the route's next hops.
        object_: the number of the next hop object that the route uses, if it does.
    """

    at: float
    what: str
    deleted: bool
    next_hops: tuple[str, ...]
    object_: str | None


class Watch:
    """The watchers of a lab; read them after they have ended."""

    def __init__(self, lab: Lab, folder: Path, *, seconds: float) -> None:
        self._lab = lab
        self._folder = folder
        self._seconds = seconds
        self._running: list[tuple[subprocess.Popen[bytes], IO[bytes]]] = []
        self._pool = ThreadPoolExecutor(max_workers=16)
        self._samplers: list[Future[None]] = []
        self._stop = threading.Event()
        self.tables: dict[str, Tables] = {}
        self.last_echo: dict[str, int] = {}
        """How many echoes each ping sends before it ends of itself, by its name."""

    def sample_tables(self, router: str) -> None:
        """Ask a router for its table every 50 ms."""
        self.tables[router] = Tables()
        self._samplers.append(self._pool.submit(self._sample, router, self.tables[router]))

    def monitor_routes(self, router: str) -> None:
        """Write down every change of a router's forwarding table, from now on.

        A route is added and deleted, again and again, until both are written down: a monitor that
        does not listen must not pass for a kernel that nothing happens to.
        """
        self._start(f"routes.{router}", router, MONITOR, "TERM")
        route = f"{PROOF} dev lo table {PROOF_TABLE}"
        provoke = ["sh", "-ec", f"ip route add {route}; ip route del {route}"]

        def written() -> set[bool]:
            self._lab.run(router, provoke, check=True)
            return {
                change.deleted for change in self.kernel_changes(router) if change.what == PROOF
            }

        found = wait_for(written, lambda found: len(found) == 2, seconds=10, interval=0.05)
        assert found == {False, True}, f"{router}: ip monitor has told of {found or 'nothing'}"

    def ping(self, customer: str, address: str, *, per_second: int = 20) -> None:
        """Ping an address from a host."""
        count = int(self._seconds * per_second)
        ping = f"ping -n -D -i {1 / per_second} -c {count} {address}"
        name = f"ping.{customer}.{address}"
        self.last_echo[name] = count
        self._start(name, customer, ping, "INT")

    def await_answers(self, more: int) -> None:
        """Wait until each ping has been answered so many times more."""

        def answers() -> list[int]:
            return [file.read_text().count(" icmp_seq=") for file in self._files("ping")]

        wanted = [count + more for count in answers()]
        found = wait_for(answers, lambda now: all(map(ge, now, wanted)), seconds=30)
        assert all(map(ge, found, wanted)), found

    def await_tables(self) -> None:
        """Wait until each router has been asked for its table, and has answered, from now on."""

        def samples() -> list[int]:
            return [len(tables.times) for tables in self.tables.values()]

        wanted = [count + 2 for count in samples()]  # the next may have been asked for before now
        found = wait_for(
            samples,
            lambda now: all(map(ge, now, wanted)),
            seconds=10,
            interval=0.05,
            stop=lambda: any(sampler.done() for sampler in self._samplers),
        )
        assert all(map(ge, found, wanted)), found

    def echoes(self) -> dict[str, Echoes]:
        """What became of the pings, by their names."""
        return {file.name: read_echoes(file.read_text()) for file in self._files("ping")}

    def kernel_changes(self, router: str) -> list[KernelChange]:
        """What the kernel of a router was told, in order."""
        return read_kernel_changes((self._folder / f"routes.{router}").read_text())

    def end(self) -> None:
        """End the watchers; once is enough, and twice does no harm.

        Raises:
            BaseException: what has ended a sampler before its time.
        """
        self._stop.set()
        for process, file in self._running:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=30)
            file.close()
        for sampler in self._samplers:
            sampler.result(timeout=30)

    def _files(self, kind: str) -> list[Path]:
        return sorted(self._folder.glob(f"{kind}.*"))

    def _start(self, name: str, node: str, command: str, signal: str) -> None:
        script = UNTIL_CLOSED.format(command=command, signal=signal)
        file = (self._folder / name).open("wb")
        process = subprocess.Popen(
            self._lab.command(node, ["sh", "-c", script]),
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=file,
        )
        self._running.append((process, file))

    def _sample(self, router: str, tables: Tables) -> None:
        vtysh = self._lab.command(router, ["vtysh"])
        with subprocess.Popen(vtysh, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            due = time.monotonic()
            while not self._stop.wait(max(0.0, due - time.monotonic())):
                text = _ask(process)
                now = time.monotonic()
                tables.times.append(now)
                if not tables.texts or tables.texts[-1] != text:
                    tables.texts.append(text)
                due = max(due + INTERVAL, now)


@contextmanager
def watched(lab: Lab, folder: Path, *, seconds: float) -> Iterator[Watch]:
    """Watch while something is done; the watchers are ended when it is done, and can be read."""
    folder.mkdir(exist_ok=True)
    watch = Watch(lab, folder, seconds=seconds)
    try:
        yield watch
    finally:
        watch.end()


def _ask(vtysh: subprocess.Popen[bytes]) -> str:
    """Ask for the table on an open vtysh, and read the answer to its last line."""
    assert vtysh.stdin is not None
    assert vtysh.stdout is not None
    vtysh.stdin.write(b"show ip bgp\n")
    vtysh.stdin.flush()
    answer = b""
    while not (table := _TABLE.search(answer)):
        more = vtysh.stdout.read1(1 << 20)
        assert more, f"vtysh has ended: {answer.decode()}"
        answer += more
    return table.group().decode()


def read_echoes(text: str) -> Echoes:
    """Read what ``ping -D`` has printed."""
    answers = {int(number): float(at) for at, number in _ECHO.findall(text)}
    sent = _SENT.search(text)
    assert sent, text[-500:]
    last = int(sent.group(1)) - 1
    times = sorted(answers.values())
    return Echoes(
        sent=int(sent.group(1)),
        lost=tuple(number for number in range(1, last + 1) if number not in answers),
        longest_silence=max(b - a for a, b in pairwise(times)),
    )


def read_kernel_changes(text: str) -> list[KernelChange]:
    """Read what ``ip -o -ts monitor route nexthop`` has printed."""
    assert "error" not in text.lower(), text[-500:]
    changes = []
    for at, deleted, object_, what, rest in _KERNEL.findall(text):
        if object_ or _OWN_PREFIX.fullmatch(what):
            uses = _OBJECT.search(rest)
            changes.append(
                KernelChange(
                    at=datetime.fromisoformat(at).timestamp(),
                    what=what,
                    deleted=bool(deleted),
                    next_hops=tuple(_NEXT_HOP.findall(rest)),
                    object_=uses and uses.group(1),
                )
            )
    return changes


def succession(changes: Sequence[KernelChange], prefix: str) -> list[tuple[str, ...]]:
    """The next hops of a prefix, one after the other; a repetition counts once."""
    found: list[tuple[str, ...]] = []
    for change in changes:
        if change.what == prefix and (not found or found[-1] != change.next_hops):
            found.append(change.next_hops)
    return found


def holes(changes: Sequence[KernelChange], prefixes: set[str]) -> list[KernelChange]:
    """The moments at which a kernel was without one of the routes.

    That is when the route was deleted, or the next hop object under it: the kernel takes away the
    routes that use one without a word about them.
    """
    uses: dict[str, str | None] = {}
    found = []
    for change in changes:
        if change.what in prefixes:
            uses[change.what] = change.object_
        if change.deleted and (change.what in prefixes or change.what in uses.values()):
            found.append(change)
    return found
