"""Pins and bans: which exits may carry a prefix, beside those that cannot."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nornir_bgp.exceptions import InputError, RefusedError
from nornir_bgp.models.fields import family_of
from nornir_bgp.models.planning import Planning, is_community
from nornir_bgp.models.prefix_texts import ipv4_ranges, ipv6_ranges
from nornir_bgp.wording import shortened

Tagged = Mapping[str, Mapping[str, Collection[str]]]
"""Community -> gateway -> the prefixes whose route there carries it."""


@dataclass(frozen=True, slots=True)
class Steered:
    """What pins and bans leave.

    Attributes:
        masks: (prefixes,), bit e is set where exit e may carry the prefix.
        named: (prefixes,), whether a pin or a ban says something of it.
        idle: the selectors that select no predicted prefix.
    """

    masks: NDArray[np.uint64]
    named: NDArray[np.bool_]
    idle: tuple[str, ...]


def steered(
    prefixes: Sequence[str],
    masks: NDArray[np.uint64],
    gateways: Sequence[str],
    planning: Planning,
    tagged: Tagged,
    drained: Collection[str] = (),
) -> Steered:
    """Apply pins and bans.

    A block selects every prefix in it, itself included; of several pinned blocks that hold a prefix
    the longest counts, and any block before a community. Every ban counts.

    Args:
        prefixes: in canonical text.
        masks: (prefixes,), bit e is set where exit e reaches the prefix; none is 0.
        gateways: the gateway of each exit.
        planning: its pins and bans.
        tagged: the prefixes of the communities among the selectors.
        drained: gateways that the masks leave out although they may have a route.

    Raises:
        InputError: a gateway is none of the gateways; or a prefix is pinned to two gateways, or
            pinned to one and banned from it.
        RefusedError: the gateway of a pin does not reach a prefix; or every gateway that reaches
            one is banned.
    """
    bits = {
        gateway: np.uint64(sum(1 << e for e, name in enumerate(gateways) if name == gateway))
        for gateway in gateways
    }
    _refuse_unknown(planning, bits)
    selection = _Selection(prefixes, tagged)
    banned = np.zeros(len(prefixes), dtype=np.uint64)
    idle: list[str] = []
    for selector, names in planning.bans.items():
        chosen = {gateway: selection.positions(selector, gateway) for gateway in names}
        for gateway, positions in chosen.items():
            banned[positions] |= bits[gateway]
        if not any(map(len, chosen.values())):
            idle.append(selector)
    pinned = np.zeros(len(prefixes), dtype=np.uint64)
    by_block = np.zeros(len(prefixes), dtype=np.bool_)
    for selector, gateway in sorted(planning.pins.items(), key=lambda pin: _rank(pin[0])):
        positions = selection.positions(selector, gateway)
        if not len(positions):
            idle.append(selector)
        if is_community(selector):
            positions = positions[~by_block[positions]]
            other = positions[(pinned[positions] != 0) & (pinned[positions] != bits[gateway])]
            if other.size:
                named = selection.named(other)
                raise InputError(
                    f"pins: {selector} pins {named} to {gateway}, another community "
                    "elsewhere; pin the prefix itself, which counts before both"
                )
        else:
            by_block[positions] = True
        pinned[positions] = bits[gateway]
    both = np.flatnonzero(pinned & banned)
    if both.size:
        raise InputError(
            f"pins and bans: {selection.named(both)} may not use the gateway of the pin; "
            "take one of the two away"
        )
    allowed = np.where(pinned != 0, masks & pinned, masks & ~banned)
    _refuse_impossible(selection, allowed, pinned, bits, drained)
    return Steered(masks=allowed, named=(pinned | banned) != 0, idle=tuple(idle))


class _Selection:
    """Finds the prefixes that a selector selects."""

    def __init__(self, prefixes: Sequence[str], tagged: Tagged) -> None:
        self._prefixes = prefixes
        self._tagged = tagged

    def positions(self, selector: str, gateway: str) -> NDArray[np.intp]:
        """The positions of the prefixes that a selector selects."""
        if is_community(selector):
            tagged = self._tagged.get(selector, {}).get(gateway, ())
            found = (n for n, prefix in enumerate(self._prefixes) if prefix in tagged)
            return np.fromiter(found, np.intp)
        if family_of(selector) == 4:
            positions, first, last = self._ipv4
            (begin,), (end,) = ipv4_ranges([selector])
            within: NDArray[np.intp] = positions[(first >= begin) & (last <= end)]
            return within
        (low,), (high,) = ipv6_ranges([selector])
        inside = (n for n, begin, end in self._ipv6 if low <= begin and end <= high)
        return np.fromiter(inside, np.intp)

    def named(self, positions: NDArray[np.intp]) -> str:
        """Name some prefixes."""
        return shortened([self._prefixes[n] for n in positions.tolist()])

    @cached_property
    def _ipv4(self) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
        """Positions, first and last addresses of the IPv4 prefixes."""
        count = len(self._prefixes)
        is_ipv4 = np.fromiter((family_of(p) == 4 for p in self._prefixes), np.bool_, count)
        positions = np.flatnonzero(is_ipv4)
        return positions, *ipv4_ranges([self._prefixes[n] for n in positions.tolist()])

    @cached_property
    def _ipv6(self) -> tuple[tuple[int, int, int], ...]:
        """Position, first and last address of each IPv6 prefix."""
        positions = [n for n, prefix in enumerate(self._prefixes) if family_of(prefix) == 6]
        return tuple(
            zip(positions, *ipv6_ranges([self._prefixes[n] for n in positions]), strict=True)
        )


def _rank(selector: str) -> tuple[bool, int]:
    """The order in which pins are applied: blocks, the longest last, then communities."""
    return (True, 0) if is_community(selector) else (False, int(selector.partition("/")[2]))


def _refuse_unknown(planning: Planning, known: Collection[str]) -> None:
    named: Iterator[tuple[str, str, str]] = (
        (kind, selector, gateway)
        for kind, steered_ in (
            ("pins", {s: (g,) for s, g in planning.pins.items()}),
            ("bans", planning.bans),
        )
        for selector, gateways in steered_.items()
        for gateway in gateways
    )
    for kind, selector, gateway in named:
        if gateway not in known:
            raise InputError(
                f"{kind}: {selector}: there is no gateway {gateway}; the gateways are "
                f"{', '.join(known)}"
            )


def _refuse_impossible(
    selection: _Selection,
    allowed: NDArray[np.uint64],
    pinned: NDArray[np.uint64],
    bits: Mapping[str, np.uint64],
    drained: Collection[str],
) -> None:
    told = [
        f"{selection.named(lost)} pinned to {gateway}, which "
        + ("is drained" if gateway in drained else "has no route to it")
        for gateway, own in bits.items()
        if (lost := np.flatnonzero((allowed == 0) & (pinned == own))).size
    ]
    banned = np.flatnonzero((allowed == 0) & (pinned == 0))
    if banned.size:
        more = " and is not drained" if drained else ""
        told.append(
            f"{selection.named(banned)} banned from every gateway that has a route to it{more}"
        )
    if told:
        raise RefusedError("pins and bans leave no gateway: " + "; ".join(told))
