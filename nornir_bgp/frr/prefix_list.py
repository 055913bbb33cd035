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
from itertools import count
from typing import NamedTuple

from nornir_bgp.models.prefix_rules import PrefixRules, without_host_bits
from nornir_bgp.models.routing import PrefixRule

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
        """The network that the entry is about; ``any`` is ``0.0.0.0/0``, as it is to FRR."""
        network = self.rule.split()[1]
        return "0.0.0.0/0" if network == "any" else network

    @property
    def prefix_rule(self) -> PrefixRule:
        """The entry as routes are looked up in it.

        Raises:
            ValueError: it is not one of FRR's.
        """
        action, named, *bounds = self.rule.split()
        network = without_host_bits(self.network)
        length = int(network.rpartition("/")[2])
        limits = dict(zip(bounds[::2], map(int, bounds[1::2]), strict=True))
        any_length = named == "any" or "ge" in limits
        return PrefixRule(
            permits=action == "permit",
            network=network,
            shortest=limits.get("ge", length),
            longest=limits.get("le", 32 if any_length else length),
        )

    def line(self, name: str) -> str:
        """The configuration line that enters it into a list of this name."""
        return f"ip prefix-list {name} seq {self.seq} {self.rule}"


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


class PrefixList:
    """A list that routes are looked up in, as FRR does: the first entry that matches decides."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._rules = PrefixRules(entry.prefix_rule for entry in sorted(entries))

    def permits(self, prefix: str) -> bool:
        """Say whether the list permits a route.

        Args:
            prefix: the route's IPv4 prefix in canonical text.
        """
        return self._rules.decision(prefix) is True


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
        planned: its entries as they are to be.

    Returns:
        The lines. In the first step stand the additions, so that a prefix is raised at its new
        gateway before the old one lets go; the removal of every ``deny``, behind which an
        addition could be without effect; and of what has the number or the rule of a planned
        entry. All else that the list permits goes in the second step.
    """
    wanted = set(planned)
    numbers, rules = {e.seq for e in planned}, {e.rule for e in planned}
    stays = (
        e
        for e in current
        if e not in wanted
        and e.rule.startswith("permit ")
        and e.seq not in numbers
        and e.rule not in rules
    )
    between = tuple(sorted((*planned, *stays)))
    return ListChange(
        raising=_edit(name, current, between),
        between=between,
        lowering=_edit(name, between, planned),
    )


def enter_anew(name: str, current: Sequence[Entry], planned: Sequence[Entry]) -> tuple[str, ...]:
    """Say the lines that enter a whole list anew, whatever FRR makes of what it shows."""
    return (*(f"no {e.line(name)}" for e in current), *(e.line(name) for e in planned))


def _edit(name: str, current: Sequence[Entry], planned: Sequence[Entry]) -> tuple[str, ...]:
    """Say the lines from one list to another: what goes, network by network, then what is new.

    An entry whose network loses another one is entered anew right after it: FRR before 10 would
    otherwise take no notice of it any more.
    """
    standing, staying = set(current), set(planned)
    networks: dict[str, list[Entry]] = {}
    for entry in current:
        networks.setdefault(entry.network, []).append(entry)
    lines: list[str] = []
    for entries in networks.values():
        going = [e for e in entries if e not in staying]
        anew = [e for e in entries if e in staying] if going else []
        lines.extend(f"no {e.line(name)}" for e in (*going, *anew))
        lines.extend(e.line(name) for e in anew)
    return (*lines, *(e.line(name) for e in planned if e not in standing))


def diff_lists(name: str, current: Sequence[Entry], planned: Sequence[Entry]) -> str:
    """Show the change of a list as a unified diff of its configuration lines."""
    return "\n".join(
        difflib.unified_diff(
            [e.line(name) for e in current],
            [e.line(name) for e in planned],
            "running",
            "planned",
            lineterm="",
        )
    )
