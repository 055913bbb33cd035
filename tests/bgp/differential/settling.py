"""When a network has settled: nothing is queued, on its way or about to be decided."""

import re
import time
from collections.abc import Mapping
from typing import NamedTuple, TypedDict, cast

from tests.bgp.differential.sample import Task
from tests.bgp.differential.speaker import Speaker
from tests.bgp.differential.vty import Vty

PAUSE = 0.07
"""Seconds between two looks: longer than bgpd lets a received route wait (50 ms)."""

LOOKS = 3
"""How many looks in a row must be the same."""

START_LOOKS = 6
"""Likewise before the first route, when OSPF's costs must have settled, too."""

CHANGING_LOOKS = 20
"""Looks at a network that has not settled."""

_AGE = re.compile(r'"uptime":"[^"]*"')
_LSA = re.compile(r"^([\d.]+) +([\d.]+) +\d+ (0x\w+) (0x\w+)", re.MULTILINE)
_WORK = re.compile(r"^ *([1-9]\d*) .* process_queue", re.MULTILINE)


class _Peer(TypedDict):
    """What is read of a peer in ``show bgp ipv4 unicast summary json``."""

    state: str
    msgRcvd: int
    msgSent: int
    inq: int
    outq: int
    pfxRcd: int


class Look(NamedTuple):
    """The network at one moment.

    Attributes:
        versions: router -> its table's version.
        peers: (router, peer) -> messages sent, messages received, routes received.
        routes: router -> its IGP routes, as text.
        queued: something waits to be sent or to be decided.
        established: every session is.
    """

    versions: dict[str, int]
    peers: dict[tuple[str, str], tuple[int, int, int]]
    routes: dict[str, str]
    queued: bool
    established: bool


class Watch:
    """Looks at all routers of a network."""

    def __init__(self, task: Task, speakers: Mapping[str, Speaker]) -> None:
        self._speakers = speakers
        self._bgpd = {router: Vty(router, "bgpd") for router in task.configs}
        self._zebra = {router: Vty(router, "zebra") for router in task.configs}
        self._ospf_links = {
            router: re.findall("^ ip ospf network point-to-point", config, re.MULTILINE)
            for router, config in task.configs.items()
        }
        self._ospfd = {r: Vty(r, "ospfd") for r, links in self._ospf_links.items() if links}
        self._owners = {
            address: router
            for router, config in task.configs.items()
            for address in re.findall(r"^ ip address ([\d.]+)/", config, re.MULTILINE)
        }
        self._behind: dict[tuple[str, str], int] = {}
        self._igp: dict[str, str] = {}

    def established(self) -> bool:
        """Whether every session is, and OSPF's databases are all complete and the same."""
        return (
            self._look().established
            and all(
                _adjacencies(vty) == len(self._ospf_links[router])
                for router, vty in self._ospfd.items()
            )
            and len({_database(vty) for vty in self._ospfd.values()}) <= 1
        )

    def wait_started(self, seconds: float) -> None:
        """Wait until every session is established, and the IGP's routes stand still."""
        assert self._wait_still(seconds, START_LOOKS, routes=True), "the start does not settle"
        look = self._look(routes=True)
        assert look.established, self._missing()
        self._behind = self._under_way(look)
        self._igp = look.routes

    def assert_unmoved(self) -> None:
        """The IGP's routes must be those of the start: nothing has happened to it."""
        assert self._look(routes=True).routes == self._igp, "the IGP has changed"

    def wait_settled(self, seconds: float) -> bool:
        """Wait until the network has settled; return whether it has."""
        return self._wait_still(seconds, LOOKS)

    def forget(self, address: str) -> None:
        """Count anew on a neighbour's session, which is another one now."""
        self._behind = {k: count for k, count in self._behind.items() if k[1] != address}

    def changing(self) -> tuple[str, ...]:
        """The prefixes that change while one looks on."""
        found: set[str] = set()
        before = self._routes()
        for _ in range(CHANGING_LOOKS):
            time.sleep(PAUSE)
            now = self._routes()
            for router, routes in now.items():
                prefixes = routes.keys() | before[router].keys()
                found |= {p for p in prefixes if routes.get(p) != before[router].get(p)}
            before = now
        return tuple(sorted(found))

    def _routes(self) -> dict[str, dict[str, object]]:
        tables = {r: v.read("show bgp ipv4 unicast json") for r, v in self._bgpd.items()}
        return {router: cast(dict[str, object], t["routes"]) for router, t in tables.items()}

    def tables(self) -> dict[str, str]:
        """The tables of all routers, as FRR prints them."""
        return {router: vty.say("show bgp ipv4 unicast json") for router, vty in self._bgpd.items()}

    def _wait_still(self, seconds: float, looks: int, *, routes: bool = False) -> bool:
        deadline = time.monotonic() + seconds
        last, same = None, 0
        while same < looks:
            if time.monotonic() > deadline:
                return False
            look = self._look(routes=routes)
            calm = not look.queued and not any(
                under_way != self._behind.get(session, under_way)
                for session, under_way in self._under_way(look).items()
            )
            same = same + 1 if calm and look == last else 0
            last = look
            time.sleep(PAUSE)
        return True

    def _look(self, *, routes: bool = False) -> Look:
        versions: dict[str, int] = {}
        peers: dict[tuple[str, str], tuple[int, int, int]] = {}
        queued, established = False, True
        for router, vty in self._bgpd.items():
            summary = vty.read("show bgp ipv4 unicast summary json")
            versions[router] = cast(int, summary["tableVersion"])
            for address, peer in cast(dict[str, _Peer], summary["peers"]).items():
                if peer["state"] != "Established":
                    established = False
                    continue
                peers[router, address] = (peer["msgSent"], peer["msgRcvd"], peer["pfxRcd"])
                queued = queued or bool(peer["inq"] or peer["outq"])
            queued = queued or bool(_WORK.search(vty.say("show work-queues")))
        igp = {}
        if routes:
            igp = {
                r: _AGE.sub("", v.say("show ip route ospf json")) for r, v in self._zebra.items()
            }
        return Look(versions, peers, igp, queued, established)

    def _under_way(self, look: Look) -> dict[tuple[str, str], int]:
        """How many messages each session has sent that have not been counted as received."""
        sent = {
            (router, self._owners[address]): counts[0]
            for (router, address), counts in look.peers.items()
            if address in self._owners
        }
        found = {}
        for (router, address), (_, received, _) in look.peers.items():
            if address in self._speakers:
                found[router, address] = self._speakers[address].updates - received
            elif (back := sent.get((self._owners.get(address, ""), router))) is not None:
                found[router, address] = back - received
        return found

    def _missing(self) -> str:
        """What is known of the sessions that are not established."""
        found = []
        for router, vty in self._bgpd.items():
            for address, peer in vty.read("show bgp neighbors json").items():
                state = cast(dict[str, object], peer)
                if state.get("bgpState") != "Established":
                    told = {k: v for k, v in state.items() if "Reset" in k or k == "bgpState"}
                    found.append(f"{router} {address}: {told}")
        return "\n".join(found)


def _adjacencies(ospfd: Vty) -> int:
    """How many neighbours an ospfd has the whole database of."""
    return ospfd.say("show ip ospf neighbor").count(" Full/")


def _database(ospfd: Vty) -> frozenset[tuple[str, ...]]:
    """The state of the links as an ospfd knows it: id, router, sequence number, checksum."""
    return frozenset(_LSA.findall(ospfd.say("show ip ospf database")))
