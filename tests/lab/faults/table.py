"""The table of faults: one measured row for each, written as Markdown."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

GROUPS = {
    "No fault": 1,
    "The way to a gateway": 5,
    "A session that is cut": 10,
    "A gateway's daemons": 6,
    "Links": 4,
    "Upstreams": 4,
    "The manager's process": 23,
    "Other people": 3,
    "The manager's machine": 6,
}
"""The groups in the order of the table, and how many faults each has: one file of tests each."""

PROPERTY = "fault"
"""The name of the property of a test's report that holds its row, as JSON."""

_HEAD = """\
# What happens when something breaks

Each row was measured: the fault was injected for real into the lab (FRR 8.4.4), at the line or in
the phase that it names, while `nornir-bgp distribute` moved all four prefixes to the other
gateway, and both customers sent 20 pings a second to each destination, from before the fault
until the tables were as the row says. The command that measures all of it and writes this page:

<!-- not run: takes long; it writes this page -->
```console
$ pytest -n 2 --dist loadfile tests/lab/faults --fault-table docs/faults.md
```

*As before*: the override lists are, entry by entry, what they were before the run. *As planned*:
they are what the plan says. Of the tables of the edge routers likewise, by gateway and LOCAL_PREF
of each prefix. Exit codes: 0 done and true, 2 bad input or usage, 3 the network is not as planned,
4 a device could not be reached or refused, 5 another run holds the lock, 6 refused, 130 it was
interrupted. The gateways ran with `bgp route-map delay-timer 1`, the program with
`verify_deadline: 12` and `put_back_deadline: 20`.

A fault can lose packets by itself: a link that goes down loses them until BGP has found another
way. Where that is so, the row says why, and how long.
"""


@dataclass(frozen=True)
class Row:
    """What became of one fault.

    Attributes:
        group: one of :data:`GROUPS`.
        order: its place in the group, from 1 on: that of its test in the file.
        fault: what was done.
        exit: the exit code, and what came after where something did.
        gateways: the override lists afterwards.
        edges: the edge routers' tables afterwards.
        lost: packets lost, of those sent, and why.
        says: what the program said.
    """

    group: str
    order: int
    fault: str
    exit: str
    gateways: str
    edges: str
    lost: str
    says: str


def missing(rows: Iterable[Row]) -> list[str]:
    """Say which places of the table have no row, or more than one, or are not foreseen."""
    found = Counter((row.group, row.order) for row in rows)
    places = [(group, n + 1) for group, number in GROUPS.items() for n in range(number)]
    return [
        f"{group}, place {order}: {found[group, order]} rows, {wanted} expected"
        for group, order in dict.fromkeys((*places, *sorted(found)))
        if found[group, order] != (wanted := int((group, order) in places))
    ]


def to_page(rows: Iterable[Row]) -> str:
    """Write the page: a table for each group, in the order of the groups."""
    return "\n".join(_lines(list(rows)))


def write_page(path: Path, rows: Iterable[Row]) -> None:
    path.write_text(to_page(rows), "utf-8")


def _lines(rows: list[Row]) -> Iterator[str]:
    yield _HEAD
    for group in GROUPS:
        chosen = sorted((r for r in rows if r.group == group), key=lambda row: row.order)
        if not chosen:
            continue
        yield f"## {group}"
        yield ""
        yield "| fault | exit | gateways | edge tables | packets lost | it says |"
        yield "|---|---|---|---|---|---|"
        for row in chosen:
            cells = (row.fault, row.exit, row.gateways, row.edges, row.lost, row.says)
            yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"
        yield ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
