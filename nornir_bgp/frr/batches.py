"""Many configuration lines in few commits.

FRR (8.4, lib/northbound_cli.c) compares its whole configuration with the new one at each commit,
and each line that is typed is one: 2,000 lines take half a minute, whatever they say. Between the
two marks that ``vtysh -f`` sends around a file, lines are collected and committed together.

A commit is the difference between before and after, so that an entry which goes and comes again in
one would stay as it is, with all that it had lost. So a batch has additions alone, or removals.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

START, END = "XFRR_start_configuration", "XFRR_end_configuration"
"""The marks, which vtysh knows inside of configuration mode."""

LARGEST = 100
"""Lines of a batch. While a daemon commits it does nothing else, so other work must not wait long:
100 lines among 2,000 take 0.12 s of bgpd's time, 500 take 0.45 s, all 2,000 as long either way."""


def batches(lines: Sequence[str], largest: int = LARGEST) -> Iterator[tuple[str, ...]]:
    """Cut lines into what may be committed together, in their order.

    Args:
        lines: entries of prefix-lists, and clauses of route-maps with what stands in them.
        largest: the most lines of a batch.
    """
    for _, group in groupby(lines, _kind):
        together = tuple(group)
        for first in range(0, len(together), largest):
            yield together[first : first + largest]


def _kind(line: str) -> tuple[bool, bool]:
    """Whether a line is about an entry of a list, and whether it removes one."""
    is_entry = " prefix-list " in line and " seq " in line
    return is_entry, is_entry and line.startswith("no ")
