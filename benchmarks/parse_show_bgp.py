"""How long it takes to read a BGP table of 100,000 paths, against orjson.loads of the same JSON.

    python benchmarks/parse_show_bgp.py [PATHS]

The table is made up, with the shapes of a real one: 20,000 prefixes of five paths, AS paths of two
to six ASes out of 5,000 distinct ones, and printed from FRR's format strings
(tests/frr/frr_format.py). Each figure is the best of five runs in this process; the garbage
collector runs as always.
"""

import random
import sys
import time
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path as File

import orjson

sys.path.insert(0, str(File(__file__).parent.parent))

from nornir_bgp.frr.show_bgp import parse_json, parse_text
from nornir_bgp.models.rib import Path
from tests.frr.frr_format import VERSIONS, Row, Table, print_json, print_text

PATHS_PER_PREFIX = 5
RUNS = 5


def made_up_table(paths: int, *, ipv6: bool) -> Table:
    random.seed(20260101)
    as_paths = [
        " ".join(str(random.randrange(1, 400_000)) for _ in range(random.randrange(2, 7)))
        for _ in range(5_000)
    ]
    next_hops = [f"2001:db8:ffff:{n}::1" if ipv6 else f"192.0.2.{n}" for n in range(1, 11)]

    def rows() -> list[Row]:
        best = random.randrange(PATHS_PER_PREFIX)
        return [
            Row(
                Path(
                    valid=True,
                    best=n == best,
                    multipath=False,
                    internal=n > 1,
                    next_hop=random.choice(next_hops),
                    metric=random.choice([None, 0, 0, 50]),
                    local_pref=random.choice([100, 200]) if n > 1 else None,
                    weight=0,
                    as_path=random.choice(as_paths),
                    origin=random.choice("iiii?"),
                ),
                "*" + (">" if n == best else " ") + ("i" if n > 1 else " "),
            )
            for n in range(PATHS_PER_PREFIX)
        ]

    first = int(ip_network("2001:db8::/48" if ipv6 else "1.0.0.0/24").network_address)
    length, step = (48, 1 << 80) if ipv6 else (24, 1 << 8)
    prefixes = (
        str(ip_network((first + n * step, length))) for n in range(paths // PATHS_PER_PREFIX)
    )
    return Table(1, "192.0.2.1", 100, 65001, {prefix: rows() for prefix in prefixes})


def best_of(run: Callable[[], object]) -> float:
    def seconds() -> float:
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    return min(seconds() for _ in range(RUNS))


def main() -> None:
    paths = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    for family in ("IPv4", "IPv6"):
        table = made_up_table(paths, ipv6=family == "IPv6")
        document = print_json(table)
        reference = best_of(lambda document=document: orjson.loads(document))  # type: ignore[misc]
        print(f"{family}, {paths} paths: orjson.loads of {len(document) / 1e6:.0f} MB", end=" ")
        print(f"{reference:.3f} s")
        cases: dict[str, tuple[int, Callable[[], object]]] = {
            "parse_json": (len(document), lambda document=document: parse_json(document))  # type: ignore[misc]
        }
        for name in ("8.4", "late 10.x"):
            text = print_text(table, VERSIONS[name])
            cases[f"parse_text, {name}"] = (len(text), lambda text=text: parse_text(text))  # type: ignore[misc]
        for name, (size, run) in cases.items():
            seconds = best_of(run)
            print(
                f"  {name:22} {size / 1e6:5.1f} MB {seconds:7.3f} s "
                f"{seconds / reference:6.2f} x orjson.loads {paths / seconds / 1e3:6.0f} k paths/s"
            )


if __name__ == "__main__":
    main()
