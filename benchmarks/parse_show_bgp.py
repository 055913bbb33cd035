"""How long it takes to read a BGP table of 100,000 paths.

    python benchmarks/parse_show_bgp.py [PATHS]

JSON against orjson.loads of the same bytes. Text against TextFSM by two templates: the one below,
which does not do more than it must (it takes a row apart by widths, leaves the blanks in, takes the
network along to the rows that have none, and checks nothing), and the one that ntc-templates has
for Cisco's table, which reads FRR's of these versions, too. And a table of a million paths, as a
stream of lines that are made as they are read, against shorter ones: the memory must not grow.

The table is made up, with the shapes of a real one: 20,000 prefixes of five paths, AS paths of two
to six ASes out of 5,000 distinct ones, and printed from FRR's format strings
(tests/frr/frr_format.py). Each figure is the best of five runs in this process; the garbage
collector runs as always; seconds are those of the processor, since other programs may run beside.
"""

import gc
import io
import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import ip_network
from pathlib import Path as File

import ntc_templates
import orjson
from textfsm import TextFSM

sys.path.insert(0, str(File(__file__).parent.parent))

from nornir_bgp.frr.show_bgp import parse_json, parse_text, stream_text
from nornir_bgp.models.rib import Path
from nornir_bgp.runbooks.rib_files import read_rib
from tests.frr.frr_format import VERSIONS, Row, Table, print_json, print_text

PATHS_PER_PREFIX = 5
RUNS = 5
PUBLISHED = "cisco_ios_show_ip_bgp.textfsm"

END = r"${NEXT_HOP}${METRIC}${LOCAL_PREF}${WEIGHT} ${AS_PATH}${ORIGIN}$$ -> Record"
TEMPLATE = rf"""Value CODES (...)
Value Filldown NETWORK (\d\S{{6,17}})
Value NEXT_HOP (.{{16}})
Value METRIC (.{{10}})
Value LOCAL_PREF (.{{7}})
Value WEIGHT (.{{7}})
Value AS_PATH (.*?)
Value Required ORIGIN ([ie?])

Start
  ^ +Network +Next Hop -> Rows

Rows
  ^${{CODES}} {{17}}{END}
  ^${{CODES}}${{NETWORK}} +(?<=^.{{20}}){END}
  ^${{CODES}}${{NETWORK}}$$
  ^ {{20}}{END}
"""


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


def best_of(run: Callable[[], object], *, runs: int = RUNS) -> float:
    def seconds() -> float:
        start = time.process_time()
        run()
        return time.process_time() - start

    gc.collect()
    gc.freeze()  # what this benchmark holds itself is nobody's to look through
    try:
        return min(seconds() for _ in range(runs))
    finally:
        gc.unfreeze()


def long_table(paths: int) -> Iterator[str]:
    """The lines of a table of any length, made as they are read: 16,384 /24s over and over."""
    block = print_text(made_up_table(PATHS_PER_PREFIX * 2**14, ipv6=False), VERSIONS["8.4"])
    lines = block.splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if line.startswith("   Network")) + 1
    rows = lines[first:-2]
    yield from lines[:first]
    for n in range(paths):
        line = rows[n % len(rows)]
        # 1.0.0.0/24 to 1.63.255.0/24, then from 1.64.0.0/24 on, and so forth
        a, b = divmod(n // len(rows) * 64, 256)
        octets = line[3:20].rstrip().removesuffix("/24").split(".")
        if octets != [""]:
            network = f"{int(octets[0]) + a}.{int(octets[1]) + b}.{octets[2]}.0/24"
            line = f"{line[:3]}{network:17}{line[20:]}"
        yield line
    yield "\n"
    yield f"Displayed  {paths // PATHS_PER_PREFIX} routes and {paths} total paths\n"


def stream(paths: int) -> None:
    start = time.process_time()
    lines = sum(1 for _ in long_table(paths))
    made = time.process_time() - start
    start = time.process_time()
    found = sum(len(of_prefix) for _, of_prefix in stream_text(long_table(paths)))
    seconds = time.process_time() - start - made
    assert found == paths
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{paths:9} paths as a stream of {lines} lines: {seconds:6.2f} s, ", end="")
    print(f"largest memory of the process {memory:.0f} MiB")


def real_table(paths: int) -> Table | None:
    """The first routes of a RIPE RIS collector; the first of each prefix is printed as the best."""
    folder = File(
        os.environ.get("NORNIR_BGP_DATA", File(__file__).parent.parent / "../shared/data")
    )
    file = folder / "bgp" / "rrc00-20000111.bgpdump.gz"
    if not file.exists():
        return None
    routes: dict[str, list[Row]] = {}
    for entry in read_rib(file).entries:
        if paths <= 0 and entry.prefix not in routes:
            break
        paths -= 1
        best = entry.prefix not in routes
        route = entry.route
        path = Path(
            valid=True,
            best=best,
            multipath=False,
            internal=False,
            next_hop=route.next_hop,
            metric=None,
            local_pref=None,
            weight=0,
            as_path=str(route.as_path),
            origin="ie?"[route.origin],
        )
        routes.setdefault(entry.prefix, []).append(Row(path, "*> " if best else "*  "))
    return Table(1, "192.0.2.1", 100, 65001, routes)


def textfsm_rows(template: str, text: str, rows: list[list[str]]) -> None:
    rows += TextFSM(io.StringIO(template)).ParseText(text)


def against_textfsm(name: str, text: str) -> None:
    routes = parse_text(text).routes
    paths = [(prefix, path) for prefix, of_prefix in routes.items() for path in of_prefix]
    ours = best_of(lambda: parse_text(text))
    published = (File(ntc_templates.__file__).parent / "templates" / PUBLISHED).read_text("utf-8")
    print(f"{name}, {len(paths)} paths: parse_text {ours:.3f} s")
    for template, text_of, columns in (
        ("the template above", TEMPLATE, (1, 2, 6)),
        (PUBLISHED, published, (3, 4, 8)),
    ):
        rows: list[list[str]] = []
        seconds = best_of(partial(textfsm_rows, text_of, text, rows), runs=1)
        same = [tuple(row[column].rstrip() for column in columns) for row in rows] == [
            (prefix, path.next_hop, path.as_path) for prefix, path in paths
        ]
        print(
            f"  TextFSM, {template:30} {seconds:7.3f} s {seconds / ours:6.1f} x parse_text", end=""
        )
        print("" if same else "  (which reads another table)")


def main() -> None:
    for paths in (10_000, 100_000, 1_000_000):
        stream(paths)
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
    against_textfsm("made up", print_text(made_up_table(paths, ipv6=False), VERSIONS["8.4"]))
    real = real_table(paths)
    if real is None:
        print("a real table: skipped: no data folder")
    else:
        against_textfsm("RIPE RIS", print_text(real, VERSIONS["8.4"]))


if __name__ == "__main__":
    main()
