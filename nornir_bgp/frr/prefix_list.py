"""The override list of a gateway: read it, say what it should be, and the lines in between.

FRR edits prefix-lists by line, and some edits go wrong silently (measured on 8.4.4): an entry for
a network that another sequence number already holds is ignored, and removing one of two entries
of one network can switch off the other. So a list has one entry per network under a stable
sequence number, every line names its number, and an entry that shares its network with one that
goes is removed and added anew.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network
from itertools import count
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


def permits(entries: Iterable[Entry], prefix: str) -> bool:
    """Say whether a list permits a route, as FRR decides: the first entry that matches it.

    Args:
        entries: the list's entries.
        prefix: the route's IPv4 prefix in canonical text.
    """
    route = IPv4Network(prefix)
    for entry in sorted(entries):
        action, network, *bounds = entry.rule.split()
        limits = dict(zip(bounds[::2], map(int, bounds[1::2]), strict=True))
        if network == "any" or _matches(route, IPv4Network(network), limits):
            return action == "permit"
    return False


def _matches(route: IPv4Network, network: IPv4Network, limits: Mapping[str, int]) -> bool:
    """Whether a route lies in an entry's network, with a length within its ``ge`` and ``le``."""
    shortest = limits.get("ge", network.prefixlen)
    longest = limits.get("le", 32 if "ge" in limits else network.prefixlen)
    return route.subnet_of(network) and shortest <= route.prefixlen <= longest


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
    used = {entry.seq for entry in current}
    free = (seq for seq in count(_STEP, _STEP) if seq not in used)
    rules = (f"permit {prefix}" for prefix in prefixes)
    return tuple(
        sorted(Entry(numbers[rule] if rule in numbers else next(free), rule) for rule in rules)
    )


class ListChange(NamedTuple):
    """The configuration lines that turn one list into another, in two steps.

    Attributes:
        raising: the lines of the first step: what is new, and what stands in its way. No network
            that the list raised and is to raise no longer is lowered by it.
        between: the entries after the first step.
        lowering: the lines of the second step, which take away the rest.
    """

    raising: tuple[str, ...]
    between: tuple[Entry, ...]
    lowering: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines, in the order in which they are sent."""
        return self.raising + self.lowering


def change_list(name: str, current: Sequence[Entry], planned: Sequence[Entry]) -> ListChange:
    """Compute the smallest safe change from one list to another.

    Args:
        name: the list.
        current: its entries now.
        planned: its entries as they are to be, one per network.

    Returns:
        The lines. In the first step stand the additions, so that a prefix is raised at its new
        gateway before the old one lets go; the removal of every ``deny``, behind which an
        addition could be without effect; and the removal of entries that share their network or
        number with a planned one, before that is (again) added.
    """
    standing = set(current)
    going = standing - set(planned)
    networks, numbers = {e.network for e in going}, {e.seq for e in going}
    added = [e for e in planned if e not in standing or e.network in networks or e.seq in numbers]
    made_way = {e.network for e in added}, {e.seq for e in added}
    first = [
        e
        for e in current
        if e.network in made_way[0]
        or e.seq in made_way[1]
        or (e in going and e.rule.startswith("deny "))
    ]
    between = tuple(sorted((standing - set(first)) | set(added)))
    return ListChange(
        raising=(*(f"no {_line(name, e)}" for e in first), *(_line(name, e) for e in added)),
        between=between,
        lowering=tuple(f"no {_line(name, e)}" for e in between if e not in set(planned)),
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
