"""How much shorter aggregated prefix-lists are, over a real table of the Internet.

    python benchmarks/aggregation.py

The routes are the 82,377 prefixes of a RIPE RIS collector. Each selection is what a gateway might
be given: all routes by one neighbouring AS, all of one origin, all prefixes of some origins, or any
prefixes at all. Every list is asked about every route; the last column says whether it permits
exactly the selection. `later` is how many of the routes are permitted, that are not selected, by a
list that was made when only nine of ten of them existed.
"""

import gzip
import os
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from nornir_bgp.frr.list_aggregation import aggregated, later_routes
from nornir_bgp.frr.prefix_list import Entry, PrefixList

TABLE = Path("bgp") / "rrc00-20000111.bgpdump.gz"


def read(file: Path) -> dict[str, tuple[str, ...]]:
    """The AS path of each prefix, as the first of the peers saw it."""
    found: dict[str, tuple[str, ...]] = {}
    with gzip.open(file, "rt") as lines:
        for line in lines:
            prefix, as_path = line.split("|")[5:7]
            found.setdefault(prefix, tuple(as_path.split()))
    return found


def selections(paths: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, set[str]]]:
    """What a list may be made to permit."""
    chance = random.Random(1)
    ordered = sorted(paths)
    for place, what in ((1, "by AS"), (-1, "from AS")):
        found = Counter(path[place] for path in paths.values() if len(path) > 1)
        for number, _ in found.most_common(4):
            yield (
                f"{what} {number}",
                {p for p, path in paths.items() if len(path) > 1 and path[place] == number},
            )
    origins = sorted({path[-1] for path in paths.values()})
    for share in (0.125, 0.5):
        some = {origin for origin in origins if chance.random() < share}
        yield f"{share:.1%} of the origins", {p for p, path in paths.items() if path[-1] in some}
    for count in (2000, 10_000, len(ordered) // 8, len(ordered) // 2):
        yield f"{count:,} at random", set(chance.sample(ordered, count))


def main() -> None:
    """Measure and print."""
    data = os.environ.get("NORNIR_BGP_DATA", Path(__file__).parent.parent / "../shared/data")
    file = Path(data) / TABLE
    if not file.exists():
        print("skipped: no data folder")
        return
    paths = read(file)
    chance = random.Random(2)
    earlier = {prefix for prefix in paths if chance.random() < 0.9}
    print(f"{len(paths):,} routes")
    print(
        f"{'selection':24} {'prefixes':>8} {'entries':>8} {'share':>6} {'later':>6}  seconds  exact"
    )
    for name, selected in selections(paths):
        start = time.perf_counter()
        rules = aggregated(selected, paths)
        seconds = time.perf_counter() - start
        found = PrefixList(Entry(number, rule) for number, rule in enumerate(rules, 1))
        exact = {prefix for prefix in paths if found.permits(prefix)} == selected
        old = aggregated(selected & earlier, earlier)
        later = len(later_routes(old, selected, paths))
        print(
            f"{name:24} {len(selected):8,} {len(rules):8,} {len(rules) / len(selected):6.1%} "
            f"{later:6,} {seconds:8.2f}  {'yes' if exact else 'NO'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
