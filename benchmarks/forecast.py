"""How good forecasts of real traffic are, what errors cost a plan, and how fast flows are read.

    python benchmarks/forecast.py [errors] [reading]

*errors*: the real traffic matrices of one day of GEANT (96 of 15 minutes, Uhlig et al. 2006) and
of Abilene (288 of 5 minutes). An origin is a customer and a destination node a prefix, because
nobody publishes traffic per prefix. In a second form each destination is spread over 20 prefixes
by fixed shares that are Pareto distributed (shape 1.1, seed 1). These rise and fall together, so
it says what more and smaller prefixes change, and not what their own noise would. Forecasts begin
in the middle of the day; there is but one day, so that "yesterday" cannot take part, and
Holt-Winters has no time of day.

*reading*: a million lines of nfdump's CSV whose destinations are drawn by Zipf's law from 300,000
addresses inside the 82,377 prefixes of the RIPE RIS table, beside what Python's csv module takes
to only cut the same lines apart. Seconds are those of the processor.
"""

import csv
import gzip
import os
import random
import re
import sys
import tarfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC
from ipaddress import IPv4Address, ip_network
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from nornir_bgp.forecast.backtest import backtest
from nornir_bgp.forecast.clock import Clock
from nornir_bgp.forecast.exports import read_export
from nornir_bgp.forecast.forecasters import Fitted, Forecaster
from nornir_bgp.forecast.history import History, Loads, history_of
from nornir_bgp.forecast.lookup import PrefixTable
from nornir_bgp.forecast.rows import Reading
from nornir_bgp.forecast.slots import Traffic
from nornir_bgp.models.plan import Exit
from nornir_bgp.runbooks.forecast import METHODS
from nornir_bgp.runbooks.ways import Ways, exits_of_ways

DATA = Path(os.environ.get("NORNIR_BGP_DATA", Path(__file__).parent.parent / "../shared/data"))
SETS = (
    ("GEANT", "geant_tm_20050505.tar.xz", 900, 4),
    ("Abilene", "abilene_tm_20040301.tar.xz", 300, 12),
)
"""Name, file, seconds of a slot, and slots of an hour."""

DEMAND = re.compile(
    r"<source>(.*?)</source>\s*<target>(.*?)</target>\s*<demandValue>\s*(.*?)\s*</demandValue>"
)
CAPACITIES = {"2 equal links": (1, 1), "4 links, 1:1:2:4": (1, 1, 2, 4)}
PREFIXES, SEED, ORIGINS = 20, 1, 24
LINES, ADDRESSES = 1_000_000, 300_000


def matrices(file: Path) -> Iterator[dict[tuple[str, str], float]]:
    """Each slot's demands in Mbit/s: (origin, destination) -> rate."""
    with tarfile.open(file) as archive:
        for member in sorted(archive.getmembers(), key=lambda m: m.name):
            content = archive.extractfile(member)
            if content is not None and member.name.endswith(".xml"):
                text = content.read().decode()
                yield {(a, b): float(rate) for a, b, rate in DEMAND.findall(text)}


def by_destination(file: Path, window: int) -> History:
    """Loads in kbit/s; destination n is the prefix 10.n.0.0/16."""
    slots: list[tuple[int, dict[str, dict[str, int]]]] = []
    places: dict[str, str] = {}
    for n, demands in enumerate(matrices(file)):
        customers: dict[str, dict[str, int]] = {}
        for (origin, destination), rate in demands.items():
            prefix = places.setdefault(destination, f"10.{len(places)}.0.0/16")
            customers.setdefault(origin, {})[prefix] = round(1000 * rate)
        slots.append((n, customers))
    return history_of(slots, window)


def spread(history: History) -> History:
    """Each destination as many prefixes, all customers of it as one."""
    rng = np.random.default_rng(SEED)
    columns, names = [], []
    for prefix in history.prefixes:
        column = sum(history.loads[:, n] for n, (_, p) in enumerate(history.series) if p == prefix)
        shares = rng.pareto(1.1, PREFIXES) + 1
        for part, share in zip(
            ip_network(prefix).subnets(new_prefix=24), shares / shares.sum(), strict=False
        ):
            names.append(("all", str(part)))
            columns.append(np.rint(column * share))
    return replace(history, series=tuple(names), loads=np.array(columns).T)


def ways(capacities: tuple[int, ...]) -> Ways:
    exits = tuple(
        Exit(gateway=f"GW{n}", neighbor="192.0.2.1", upstream=f"UP{n}", capacity=c * 10**6)
        for n, c in enumerate(capacities, 1)
    )
    return Ways(exits, (None,) * len(exits))


class Remembered:
    """A forecaster that is asked the same again for other links, and works it out once."""

    def __init__(self, forecaster: Forecaster) -> None:
        self.name = forecaster.name
        self._forecaster = forecaster
        self._fitted: dict[int, Fitted] = {}
        self._known: dict[tuple[int, int], Loads] = {}

    def needs(self, history: History) -> int:
        return self._forecaster.needs(history)

    def fit(self, history: History) -> "Remembered":
        self._learned = history.slots
        if history.slots not in self._fitted:
            self._fitted[history.slots] = self._forecaster.fit(history)
        return self

    def forecast(self, history: History, horizon: int) -> Loads:
        asked = history.slots, horizon
        if asked not in self._known:
            self._known[asked] = self._fitted[self._learned].forecast(history, horizon)
        return self._known[asked]


def errors() -> None:
    for name, file, window, hour in SETS:
        nodes = by_destination(DATA / "sndlib" / file, window)
        print(f"\n{name}: {nodes.slots} slots of {window} s, {len(nodes.series)} series")
        for form, history in (
            ("destinations", nodes),
            ("prefixes", spread(nodes)),
        ):
            methods = [Remembered(make()) for make in METHODS.values()]
            for horizon in (1, hour):
                for links, capacities in CAPACITIES.items():
                    what = f"{len(history.prefixes)} {form}, {links}"
                    tell(history, methods, what, capacities, horizon)


def tell(
    history: History,
    methods: Sequence[Forecaster],
    what: str,
    capacities: tuple[int, ...],
    horizon: int,
) -> None:
    exits = exits_of_ways(ways(capacities), history.prefixes)
    found = backtest(history, methods, exits, horizon=horizon, most=ORIGINS)
    print(f"  {what}, {horizon * history.window // 60} min ahead, {found.origins} forecasts")
    for score in found.scores:
        if score.error is None or score.loss is None or score.worst_loss is None:
            print(f"    {score.method:13} {score.why_not}")
        else:
            print(
                f"    {score.method:13} error {score.error:7.2%}   loss {score.loss:7.2%}   "
                f"worst {score.worst_loss:7.2%}",
                flush=True,
            )


def reading() -> None:
    with gzip.open(DATA / "bgp" / "rrc00-20000111.bgpdump.gz", "rt") as file:
        prefixes = sorted({line.split("|", 6)[5] for line in file})
    start = time.process_time()
    table = PrefixTable(prefixes)
    print(f"{len(table):,} prefixes: table made in {time.process_time() - start:.2f} s")
    rng = random.Random(SEED)
    networks = [ip_network(prefix) for prefix in prefixes]
    pool = [
        str(IPv4Address(int(net.network_address) + rng.randrange(net.num_addresses)))
        for net in rng.choices(networks, k=ADDRESSES)
    ]
    drawn = rng.choices(pool, [1 / (n + 1) for n in range(ADDRESSES)], k=LINES)
    lines = ["ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt\n"]
    for n, address in enumerate(drawn):
        second = 3600 * n // LINES
        at = f"2026-01-01 10:{second // 60:02}:{second % 60:02}"
        lines.append(f"{at},{at},0.000,192.0.2.7,{address},443,1234,TCP,...A..,0,0,10,1500\n")
    start = time.process_time()
    assert sum(1 for _ in csv.reader(lines)) == LINES + 1
    floor = time.process_time() - start
    traffic = Traffic(300, table)
    start = time.process_time()
    log = read_export(lines, Reading(Clock(UTC)), traffic.add)
    seconds = time.process_time() - start
    assert log.flows == LINES
    assert traffic.octets.total() == log.octets == LINES * 1500
    start = time.process_time()
    for address in drawn:
        table.longest(address)
    known = time.process_time() - start
    fresh = PrefixTable(prefixes)
    start = time.process_time()
    for address in pool:
        fresh.longest(address)
    anew = time.process_time() - start
    print(
        f"{LINES:,} lines: {seconds:.1f} s, {1e6 * seconds / LINES:.1f} µs a line, "
        f"{seconds / floor:.1f} x csv alone ({floor:.1f} s); {len(traffic.octets):,} loads\n"
        f"longest match: {1e6 * anew / ADDRESSES:.1f} µs for an address seen first, "
        f"{1e6 * known / LINES:.2f} µs for one seen before"
    )


def main() -> None:
    if not DATA.is_dir():
        print("skipped: no data folder")
        return
    wanted = sys.argv[1:] or ["errors", "reading"]
    if "errors" in wanted:
        errors()
    if "reading" in wanted:
        reading()


if __name__ == "__main__":
    main()
