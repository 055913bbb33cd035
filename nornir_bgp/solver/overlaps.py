"""Predictions of a block and of its parts that look like the same traffic, counted twice.

A covering prefix and its more-specifics are different routes with traffic of their own, and so are
they planned. An export that sums flows up to blocks, and lists the parts as well, counts the same
traffic twice. Its sign: the load of a prefix is within 1 % of the sum over its direct parts (the
longest prefixes below it that no other predicted one lies between), of which at least two carry
something. Traffic of its own agrees so closely by chance alone.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.models.fields import family_of
from nornir_bgp.models.prefix_texts import ipv4_ranges, ipv6_ranges

LEAST_PARTS = 2
ONE_IN = 100
"""Loads that differ by less than one part in so many are taken for one."""


class Doubled(NamedTuple):
    """A prefix whose load looks like the sum of its parts'."""

    prefix: str
    load: int
    parts: int
    parts_load: int


def doubled(
    prefixes: Sequence[str], weights: NDArray[np.int64] | NDArray[np.object_]
) -> tuple[Doubled, ...]:
    """Find the prefixes whose load looks counted twice.

    Args:
        prefixes: in canonical text, of both families.
        weights: the load of each.
    """
    is_ipv6 = np.fromiter((family_of(p) == 6 for p in prefixes), np.bool_, len(prefixes))
    found: list[Doubled] = []
    for chosen in (np.flatnonzero(~is_ipv6), np.flatnonzero(is_ipv6)):
        names = [prefixes[n] for n in chosen.tolist()]
        if len(names) > LEAST_PARTS:
            found.extend(_doubled(names, weights[chosen]))
    return tuple(found)


def _doubled(
    names: Sequence[str], weights: NDArray[np.int64] | NDArray[np.object_]
) -> Iterator[Doubled]:
    """Find them in one family."""
    parts: dict[int, int] = {}
    sums: dict[int, int] = {}
    for part, block in _parents(names):
        load = int(weights[part])
        if load:
            parts[block] = parts.get(block, 0) + 1
            sums[block] = sums.get(block, 0) + load
    for block, number in parts.items():
        load = int(weights[block])
        if number >= LEAST_PARTS and load and abs(load - sums[block]) * ONE_IN <= load:
            yield Doubled(names[block], load, number, sums[block])


def _parents(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield each prefix that lies in another, with the smallest that it lies in: positions."""
    if family_of(names[0]) == 4:
        first, last = ipv4_ranges(names)
        order = np.lexsort((-last, first))
        reached = np.maximum.accumulate(last[order])
        within = np.flatnonzero(first[order][1:] <= reached[:-1]) + 1
        if not within.size:
            return
        # Only what lies in another, and what may hold it, is walked through.
        relevant = np.union1d(within, _heads(first, order, reached))
        positions = order[relevant].tolist()
        firsts, lasts = first[positions].tolist(), last[positions].tolist()
    else:
        begins, ends = ipv6_ranges(names)
        positions = sorted(range(len(names)), key=lambda n: (begins[n], -ends[n]))
        firsts, lasts = [begins[n] for n in positions], [ends[n] for n in positions]
    around: list[tuple[int, int]] = []
    for position, begin, end in zip(positions, firsts, lasts, strict=True):
        while around and around[-1][1] < begin:
            around.pop()
        if around:
            yield position, around[-1][0]
        around.append((position, end))


def _heads(
    first: NDArray[np.int64], order: NDArray[np.int64], reached: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The places in the order at which a block begins that no other holds."""
    sorted_first = first[order]
    starts = np.ones(len(order), dtype=np.bool_)
    starts[1:] = sorted_first[1:] > reached[:-1]
    heads = np.flatnonzero(starts)
    ends = np.append(heads[1:], len(order))
    return heads[ends - heads > 1]
