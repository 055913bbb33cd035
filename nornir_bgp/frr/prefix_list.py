"""The override list of a gateway: read it, say what it should be, and the lines in between.

FRR edits prefix-lists by line, and some edits go wrong silently (measured on 8.4.4): an entry for
a network that another sequence number already holds is ignored, and removing one of two entries
of one network can switch off the other. So a list has one entry per network under a stable
sequence number, every line names its number, and an entry that shares its network with one that
goes is removed and added anew.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_LINE = re.compile(r"^(ip|ipv6) prefix-list (\S+) seq (\d+) ((?:permit|deny) \S.*?)\s*$", re.M)
_STEP = 5


class Entry(NamedTuple):
    """One entry of a list.

    Attributes:
        seq: its sequence number.
        rule: the rest as FRR writes it, ``permit 198.51.100.0/24 le 25``.
    """

    seq: int
    rule: str

    @property
    def network(self) -> str:
        """The network that the entry is about, or ``any``."""
        return self.rule.split()[1]


def parse_prefix_lists(running_config: str) -> dict[str, tuple[Entry, ...]]:
    """Read all IPv4 prefix-lists of a running configuration.

    Returns:
        The entries of each list, by list name, in the order of the configuration.
    """
    lists: dict[str, list[Entry]] = {}
    for family, name, seq, rule in _LINE.findall(running_config):
        if family == "ip":
            lists.setdefault(name, []).append(Entry(int(seq), rule))
    return {name: tuple(entries) for name, entries in lists.items()}


def planned_entries(current: Sequence[Entry], prefixes: Iterable[str]) -> tuple[Entry, ...]:
    """Say what a list is to hold: exactly these prefixes, each under a stable number.

    Args:
        current: what the list holds now; a network that stays keeps its number.
        prefixes: the prefixes in canonical text, each once.

    Returns:
        The entries in the order of their numbers.
    """
    numbers: dict[str, int] = {}
    for entry in current:
        numbers.setdefault(entry.rule, entry.seq)
    free = max((entry.seq for entry in current), default=0) // _STEP * _STEP
    planned = []
    for prefix in prefixes:
        rule = f"permit {prefix}"
        seq = numbers.get(rule)
        if seq is None:
            free += _STEP
            seq = free
        planned.append(Entry(seq, rule))
    return tuple(sorted(planned))


class ListChange(NamedTuple):
    """The configuration lines that turn one list into another.

    Attributes:
        additions: lines for networks that the list did not hold.
        removals: lines for entries that go, and for those that must be removed and added anew.
    """

    additions: tuple[str, ...]
    removals: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines, in the order in which they are sent."""
        return self.additions + self.removals


def change_list(name: str, current: Sequence[Entry], planned: Sequence[Entry]) -> ListChange:
    """Compute the smallest safe change from one list to another.

    Args:
        name: the list.
        current: its entries now.
        planned: its entries as they are to be, one per network.

    Returns:
        Additions first, so that a prefix is raised at its new gateway before the old one lets
        go. An entry that replaces another of the same network or number belongs to the removals,
        after the removal that makes room for it.
    """
    standing = set(current)
    going = standing - set(planned)
    networks, numbers = {e.network for e in going}, {e.seq for e in going}
    anew = [e for e in planned if e.network in networks or e.seq in numbers]
    redone = set(anew)
    removed = [e for e in current if e in going or e in redone]
    added = [e for e in planned if e not in standing and e not in redone]
    return ListChange(
        additions=tuple(_line(name, e) for e in added),
        removals=tuple(f"no {_line(name, e)}" for e in removed)
        + tuple(_line(name, e) for e in anew),
    )


def diff_lists(name: str, current: Sequence[Entry], planned: Sequence[Entry]) -> str:
    """Show the change of a list as a unified diff of its configuration lines."""
    return "\n".join(
        difflib.unified_diff(
            [_line(name, e) for e in current],
            [_line(name, e) for e in planned],
            "running",
            "planned",
            lineterm="",
        )
    )


def _line(name: str, entry: Entry) -> str:
    return f"ip prefix-list {name} seq {entry.seq} {entry.rule}"
