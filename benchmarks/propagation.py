"""How long it takes to compute the tables of a whole AS, and how that grows.

    python benchmarks/propagation.py

Eleven routers, Abilene's (a TOTEM domain: full mesh, IGP metrics), and two sets of real routes from
the data folder (`NORNIR_BGP_DATA`, else `../shared/data`): Abilene's own 9,373 heard at one router,
and a RIPE RIS table of 82,377 prefixes whose seven peers are spread over seven routers. Files are
read beforehand and not counted. Each measurement is a process of its own on one core; the memory is
its largest resident set, and what it was before the computation. "One by one" computes every prefix
for itself, as the classes spare us, on a sample.
"""

import gc
import os
import resource
import time
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Interface
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from nornir_bgp.bgp.domain import Announcement, Domain, ExternalPeer
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.bgp.totem_domain import parse_totem_domain
from nornir_bgp.models.routing import RouterInterface, RouterSession
from nornir_bgp.runbooks.rib_files import read_rib

DATA = Path(os.environ.get("NORNIR_BGP_DATA", Path(__file__).parents[2] / "shared" / "data"))
RIS = DATA / "bgp" / "rrc00-20000111.bgpdump.gz"
ABILENE = DATA / "bgp" / "abilene-rib-20050801.bgpdump.gz"
SIZES = (1_000, 5_000, 20_000, 80_000, 82_377)
SAMPLE = 1_000
AS_NUMBER = 11537
INJECTED = (
    "ATLA"  # no route of the dump has its address as next hop: it is the router that wrote it
)


class Measured(NamedTuple):
    """One computation: what it was about, and what it cost."""

    prefixes: int
    routes: int
    classes: int
    seconds: float
    table: float
    before: float
    largest: float


def network() -> Domain:
    file = DATA / "totem" / "abilene.xml"
    return parse_totem_domain(file.read_bytes(), str(file))


def abilene() -> tuple[Domain, Iterable[Announcement]]:
    """Abilene's own routes, told by an iBGP client of one of its routers, which reflects them."""
    domain = network()
    router = domain.routers[INJECTED]
    file = read_rib(ABILENE)
    clients = tuple(
        RouterSession(peer.address, router.as_number, reflector_client=True) for peer in file.peers
    )
    lan = RouterInterface("lan", IPv4Interface("198.32.12.10/24"))
    router = replace(
        router, sessions=router.sessions + clients, interfaces=(*router.interfaces, lan)
    )
    loaded = file.loaded_into(router)
    routers = {**domain.routers, router.name: router}
    return replace(domain, routers=routers, peers=loaded.peers), loaded.announcements


def ris() -> tuple[Domain, Iterable[Announcement]]:
    """The collector's seven peers, each at another router, and each an external neighbour."""
    domain = network()
    file = read_rib(RIS)
    at = dict(zip((peer.address for peer in file.peers), domain.routers, strict=False))
    peers = tuple(
        ExternalPeer(at[p.address], p.address, p.as_number or 0, p.address, f"AS{p.as_number}")
        for p in file.peers
    )
    heard = (
        Announcement(at[e.peer.address], e.peer.address, e.prefix, e.route_at(AS_NUMBER))
        for e in file.entries
    )
    return replace(domain, peers=peers), heard


def of_first(prefixes: int, heard: Iterable[Announcement]) -> list[Announcement]:
    """The announcements of so many prefixes, spread evenly over the table."""
    heard = list(heard)
    names = list(dict.fromkeys(one.prefix for one in heard))
    taken = {names[n * len(names) // prefixes] for n in range(min(prefixes, len(names)))}
    return [one for one in heard if one.prefix in taken]


def measure(kind: str, prefixes: int, one_by_one: bool) -> Measured:
    domain, heard = {"abilene": abilene, "ris": ris}[kind]()
    announcements = of_first(prefixes, heard)
    del heard
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    if one_by_one:
        by_prefix: dict[str, list[Announcement]] = {}
        for announcement in announcements:
            by_prefix.setdefault(announcement.prefix, []).append(announcement)
        classes = sum(propagate(domain, told).classes for told in by_prefix.values())
        seconds = time.perf_counter() - began
        table = 0.0
    else:
        outcome = propagate(domain, announcements)
        seconds = time.perf_counter() - began
        classes = outcome.classes
        began = time.perf_counter()
        rib = outcome.rib(INJECTED)
        table = time.perf_counter() - began
        # A route that has passed our own AS is no route to us.
        assert set(rib.routes) == {
            one.prefix for one in announcements if not one.route.as_path.count(AS_NUMBER)
        }
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    distinct = len({one.prefix for one in announcements})
    return Measured(distinct, len(announcements), classes, seconds, table, before, largest)


def main() -> None:
    runs = [("abilene", 9_373, False), *(("ris", size, False) for size in SIZES)]
    print(
        "| routes | prefixes | paths | classes | seconds | per class | per prefix | one table |"
        " memory before | largest |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    context = get_context("spawn")
    for kind, prefixes, one_by_one in (*runs, ("ris", SAMPLE, True)):
        with context.Pool(1) as pool:
            m = pool.apply(measure, (kind, prefixes, one_by_one))
        name = f"{kind}, one by one" if one_by_one else kind
        print(
            f"| {name} | {m.prefixes:,} | {m.routes:,} | {m.classes:,} | {m.seconds:.2f} |"
            f" {m.seconds / m.classes * 1e3:.2f} ms | {m.seconds / m.prefixes * 1e6:.0f} µs |"
            f" {m.table:.2f} s | {m.before:.0f} MB | {m.largest:.0f} MB |",
            flush=True,
        )


if __name__ == "__main__":
    main()
