"""How far BGP has come in a running lab: sessions established, tables at rest."""

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import LabError


class Routers(Protocol):
    """The routers of a lab, which can be asked."""

    @property
    def name(self) -> str:
        """The lab's name."""

    @property
    def routers(self) -> tuple[str, ...]:
        """The routers' names."""

    def vtysh(self, node: str, command: str) -> str:
        """Run one vtysh command on a router and return what it prints."""


def sessions(lab: Routers, router: str) -> tuple[int, int]:
    """Return how many BGP sessions of a router are established, and configured.

    A session of several address families counts once.
    """
    peers: dict[str, bool] = {}
    for family in _families(lab, router):
        for name, peer in family.get("peers", {}).items():
            peers[name] = peers.get(name, True) and peer["state"] == "Established"
    return sum(peers.values()), len(peers)


def wait_established(lab: Routers, *, seconds: float) -> None:
    """Wait until every BGP session of every router is established.

    Raises:
        LabError: one is not when the time is up; the message names its router.
    """

    def waiting() -> list[str]:
        with ThreadPoolExecutor(4) as pool:
            found = pool.map(lambda router: sessions(lab, router), lab.routers)
            return [
                f"{router} {established}/{configured}"
                for router, (established, configured) in zip(lab.routers, found, strict=True)
                if established != configured
            ]

    left = wait_for(waiting, lambda names: not names, seconds=seconds)
    if left:
        raise LabError(f"lab {lab.name}: BGP sessions not established: {', '.join(left)}")


def wait_settled(lab: Routers, *, quiet: float, seconds: float) -> None:
    """Wait until the routers have told each other all they know.

    A session that has just been established has not carried its routes yet.

    Args:
        lab: the routers.
        quiet: for how long no table may have moved, in seconds; bgpd gathers changes for up to
            one second (``coalesce-time``) before it tells them.
        seconds: the deadline.

    Raises:
        LabError: tables still move at the deadline.
    """
    versions: list[list[int]] = []
    since = time.monotonic()

    def quiet_for() -> float:
        nonlocal versions, since
        with ThreadPoolExecutor(4) as pool:
            tables = pool.map(lambda router: _families(lab, router), lab.routers)
            found = [[family["tableVersion"] for family in families] for families in tables]
        if found != versions:
            versions, since = found, time.monotonic()
        return time.monotonic() - since

    if wait_for(quiet_for, lambda passed: passed >= quiet, seconds=seconds) < quiet:
        raise LabError(f"lab {lab.name}: BGP tables still move after {seconds:g} s")


def _families(lab: Routers, router: str) -> list[Mapping[str, Any]]:
    """What a router says of its sessions, by address family."""
    summary = json.loads(lab.vtysh(router, "show bgp summary json"))
    return [family for family in summary.values() if isinstance(family, dict)]
