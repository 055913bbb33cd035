"""How long it takes to read the 452,018 routes of a RIPE RIS collector, as text and as MRT.

    python benchmarks/read_ribs.py

The MRT file is made of the routes of the text (tests/bgp/mrt_format.py), and is read by mrtparse,
too, which only takes it apart: it makes no routes of it. Seconds are those of the processor.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from nornir_bgp.bgp.as_path import Kind
from nornir_bgp.bgp.rib_files import RibEntry, RibFile
from nornir_bgp.runbooks.rib_files import read_rib
from tests.bgp import mrt_format as mrt

CODES: Mapping[Kind, int] = {
    Kind.SET: mrt.SET,
    Kind.SEQUENCE: mrt.SEQUENCE,
    Kind.CONFED_SEQUENCE: mrt.CONFED_SEQUENCE,
    Kind.CONFED_SET: mrt.CONFED_SET,
}
BY_MRTPARSE = """
import sys, time
from mrtparse import Reader
start = time.process_time()
entries = sum(len(record.data.get("rib_entries", ())) for record in Reader(sys.argv[1]))
print(entries, time.process_time() - start)
"""


def timed(file: Path) -> tuple[RibFile, float]:
    start = time.process_time()
    found = read_rib(file)
    return found, time.process_time() - start


def written(entry: RibEntry, peers: Mapping[object, int]) -> bytes:
    route = entry.route
    segments = [(CODES[kind], list(numbers)) for kind, numbers in route.as_path.segments]
    attributes = mrt.attribute(mrt.ORIGIN, bytes([route.origin])) + mrt.as_path(*segments)
    attributes += mrt.attribute(mrt.NEXT_HOP, mrt.address(route.next_hop))
    if route.med is not None:
        attributes += mrt.number(mrt.MED, route.med)
    return mrt.rib_entry(peers[entry.peer], attributes)


def write_mrt(found: RibFile, file: Path) -> None:
    peers = {peer: n for n, peer in enumerate(found.peers)}
    of_prefix: dict[str, list[bytes]] = {}
    for entry in found.entries:
        of_prefix.setdefault(entry.prefix, []).append(written(entry, peers))
    with file.open("wb") as out:
        out.write(mrt.peer_index([(p.address, p.address, p.as_number or 0) for p in found.peers]))
        for prefix, entries in of_prefix.items():
            out.write(mrt.rib(prefix, *entries))


def shown(entry: RibEntry) -> tuple[str, ...]:
    """All that the text says of a route."""
    route = entry.route
    as_path, med = str(route.as_path), str(route.med)
    return entry.prefix, entry.peer.address, as_path, route.next_hop, route.origin.name, med


def main() -> None:
    data = os.environ.get("NORNIR_BGP_DATA", Path(__file__).parent.parent / "../shared/data")
    text = Path(data) / "bgp" / "rrc00-20000111.bgpdump.gz"
    if not text.exists():
        print("skipped: no data folder")
        return
    found, seconds = timed(text)
    print(f"{len(found.entries)} routes, bgpdump's text, gzip: {seconds:.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table"
        write_mrt(found, file)
        again, ours = timed(file)
        assert sorted(map(shown, again.entries)) == sorted(map(shown, found.entries))
        print(
            f"{len(again.entries)} routes, MRT of {file.stat().st_size / 1e6:.0f} MB: {ours:.2f} s"
        )
        answer = subprocess.run(
            [sys.executable, "-c", BY_MRTPARSE, str(file)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
    print(f"the same by mrtparse: {float(answer[1]):.2f} s, {float(answer[1]) / ours:.1f} x")


if __name__ == "__main__":
    main()
