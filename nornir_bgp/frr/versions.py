"""What FRR makes of prefix-list edits, and its faults in BGP, by version: data, with sources.

*Measured* means on live FRR 8.4.4, by the tests of this package; ``FRR #n`` is an issue or a pull
request of FRRouting/frr. Where a fix was ported back to an unknown patch release, the rule holds
for the whole minor version: being careful without need costs a line more.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from nornir_bgp.frr.running_config import frr_version
from nornir_bgp.models.quirks import FRR_8_4, FrrQuirks

Minor = tuple[int, int]

KNOWN: tuple[Minor, Minor] = ((8, 4), (10, 5))
"""The versions that the rules were written for: from the first, to before the second."""


class Trap(StrEnum):
    """One way in which an edit goes wrong without an error."""

    LOSES_SIBLINGS = "loses siblings"
    IGNORES_TWINS = "ignores twins"
    REPEATS_UNNUMBERED = "repeats unnumbered lines"
    KEEPS_ANY = "keeps any"
    REMOVES_BY_NUMBER = "removes by number"
    EMPTY_PERMITS = "an empty list permits"
    SCANS = "scans the list"


class Rule(NamedTuple):
    """One trap.

    Attributes:
        spans: the versions that have it: from, and to before; ``None``: without an end.
        says: what FRR does.
        source: how that is known.
    """

    spans: tuple[tuple[Minor, Minor | None], ...]
    says: str
    source: str

    def holds_for(self, version: Minor) -> bool:
        """Whether a version has the trap."""
        return any(since <= version and (end is None or version < end) for since, end in self.spans)


_EVER: tuple[tuple[Minor, None], ...] = (((0, 0), None),)

RULES: Mapping[Trap, Rule] = {
    Trap.LOSES_SIBLINGS: Rule(
        (((0, 0), (10, 0)),),
        "an entry loses its effect when another entry for the same network is removed",
        "measured; FRR #11336, #14246 and #14392; #13369 and #14472 mended it",
    ),
    Trap.IGNORES_TWINS: Rule(
        (((0, 0), (9, 0)), ((10, 2), None)),
        "an entry that repeats another one under a new number is ignored without an error",
        "measured; FRR #11090 brought it, #13005 took it away, #18494 brought it back",
    ),
    Trap.REPEATS_UNNUMBERED: Rule(
        (((9, 0), (10, 4)),),
        "a line without a number that is entered again makes one more entry",
        "FRR #15213 (9.0.1, 9.1) and #18493 (10.0.1); #18494 mended it",
    ),
    Trap.KEEPS_ANY: Rule(
        (((0, 0), (9, 0)),),
        "an entry that replaces 'any' under its number goes on matching longer prefixes",
        "measured; FRR #13007; #13024 mended it",
    ),
    Trap.REMOVES_BY_NUMBER: Rule(
        _EVER,
        "a removal takes away what stands under its number, whatever that is",
        "measured; plist_remove() in lib/filter_cli.c",
    ),
    Trap.EMPTY_PERMITS: Rule(
        _EVER,
        "a list that has a description and no entry permits every route",
        "measured; prefix_list_apply() in lib/plist.c",
    ),
    Trap.SCANS: Rule(
        (((0, 0), (9, 0)), ((10, 2), None)),
        "each new entry is compared with all the others",
        "measured: 250, 500, 1000 and 2000 entries take 0.56, 2.2, 8.6 and 34 s; FRR #13005 "
        "mended it; not measured since #18494 brought the comparison back",
    ),
}

SCAN_SECONDS = 8.6e-6
"""A list of n entries takes about this many seconds times n squared to load (:attr:`Trap.SCANS`),
on the machine where it was measured."""


class FrrRules(NamedTuple):
    """The traps of one router.

    Attributes:
        version: its version as it names it; ``None``: it names none.
        traps: what its version has; everything, where the version is not a known one.
        word: what a person is told about an unknown version; ``None`` for a known one.
    """

    version: str | None
    traps: Mapping[Trap, Rule]
    word: str | None

    @property
    def name(self) -> str:
        """The version, for messages."""
        return f"FRR {self.version or 'of an unknown version'}"

    def because(self, trap: Trap) -> str:
        """Say what this FRR does, with the source."""
        return f"on {self.name} {RULES[trap].says} ({RULES[trap].source})"


def minor_of(version: str | None) -> Minor | None:
    """Return the first two numbers of a version; ``None``: it has none, or there is no version."""
    number = re.match(r"(\d{1,4})\.(\d{1,4})(?!\d)", version or "", re.ASCII)
    return number and (int(number[1]), int(number[2]))


def rules_for(version: str | None) -> FrrRules:
    """Return the rules of a version, such as ``8.4.4`` or ``10.0.1-my-build``."""
    minor = minor_of(version)
    if minor is not None and KNOWN[0] <= minor < KNOWN[1]:
        traps = {trap: rule for trap, rule in RULES.items() if rule.holds_for(minor)}
        return FrrRules(version, traps, None)
    (low, high), (above, below) = KNOWN
    return FrrRules(
        version,
        RULES,
        f"FRR {version or 'without a version'} is none of {low}.{high} to before {above}.{below}, "
        "whose prefix-lists are known; it is treated as if it had the faults of all of them",
    )


def rules_of(running_config: str) -> FrrRules:
    """Return the rules of the router whose ``show running-config`` this is."""
    return rules_for(frr_version(running_config))


def quirks_of(config: str) -> FrrQuirks:
    """Return the faults in BGP of the router whose configuration this is.

    One that names no version (``frr version``), as the template renders it, has those of 8.4. The
    sources stand with :class:`FrrQuirks`.
    """
    minor = minor_of(frr_version(config))
    if minor is None:
        return FRR_8_4
    return FrrQuirks(
        reflected_med=minor < (10, 5),
        zero_med_is_none=minor < (10, 7),
        aggregate_by_head=minor < (10, 0),
        aggregate_next_hop_is_ipv6=minor < (10, 0),
    )
