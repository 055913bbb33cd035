"""The override list of a gateway: read it, say what it should be, and the lines in between.

FRR edits prefix-lists by line, and some edits go wrong silently (measured on 8.4.4): an entry for
a network that another sequence number already holds is ignored, and removing one of two entries
of one network can switch off the other. So a list has one entry per network under a stable
sequence number, every line names its number, and an entry that shares its network with one that
goes is removed and added anew.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv6Network
from itertools import count
from typing import NamedTuple

from nornir_bgp.models.fields import Family
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
        """The network of an entry of an IPv4 list; ``any`` is ``0.0.0.0/0``, as it is to FRR."""
        return self.network_in(4)

    def network_in(self, family: Family) -> str:
        """Return the network that an entry of a list of one family is about."""
        network = self.rule.split()[1]
        everything = "0.0.0.0/0" if family == 4 else "::/0"
        return everything if network == "any" else network

    @property
    def prefix_rule(self) -> PrefixRule:
        """The entry of an IPv4 list as routes are looked up in it.

        Raises:
            ValueError: it is not one of FRR's.
        """
        return self.prefix_rule_in(4)

    def prefix_rule_in(self, family: Family) -> PrefixRule:
        """Return the entry of a list of one family as routes are looked up in it.

        Raises:
            ValueError: it is not one of FRR's.
        """
        action, named, *bounds = self.rule.split()
        if family == 4:
            network, widest = without_host_bits(self.network), 32
        else:
            network = str(IPv6Network("::/0" if named == "any" else named, strict=False))
            widest = 128
        length = int(network.rpartition("/")[2])
        limits = dict(zip(bounds[::2], map(int, bounds[1::2]), strict=True))
        any_length = named == "any" or "ge" in limits
        return PrefixRule(
            permits=action == "permit",
            network=network,
            shortest=limits.get("ge", length),
            longest=limits.get("le", widest if any_length else length),
        )

    def line(self, name: str, family: Family = 4) -> str:
        """The configuration line that enters it into a list of this name."""
        keyword = "ip" if family == 4 else "ipv6"
        return f"{keyword} prefix-list {name} seq {self.seq} {self.rule}"


def parse_prefix_lists(running_config: str, family: Family = 4) -> dict[str, tuple[Entry, ...]]:
    """Read all prefix-lists of one family of a running configuration.

    Args:
        running_config: the output of ``show running-config``.
        family: the address family of the lists; the names of each are its own.

    Returns:
        The entries of each list, by list name, in the order of the configuration.
    """
    lists: dict[str, list[Entry]] = {}
    keyword = "ip" if family == 4 else "ipv6"
    for found, name, seq, rule in _LINE.findall(running_config):
        if found == keyword:
            lists.setdefault(name, []).append(Entry(int(seq), rule))
    return {name: tuple(entries) for name, entries in lists.items()}


class PrefixList:
    """A list that routes are looked up in, as FRR does: the first entry that matches decides."""

    def __init__(self, entries: Iterable[Entry], family: Family = 4) -> None:
        """Take the entries of a list.

        Args:
            entries: in any order.
            family: the address family of the list.
        """
        self._rules = PrefixRules(entry.prefix_rule_in(family) for entry in sorted(entries))

    def permits(self, prefix: str) -> bool:
        """Say whether the list permits a route.

        Args:
            prefix: the route's prefix in canonical text; of another family it is not permitted.
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


def between_lists(current: Sequence[Entry], planned: Sequence[Entry]) -> tuple[Entry, ...]:
    """Say what a list holds between the step that raises and the one that lowers.

    Returns:
        All that is planned, so that a prefix is raised at its new gateway before the old one lets
        go of it; and all else that the list permits, but for what has the number or the rule of a
        planned entry. What it denies is gone: an addition behind it could be without effect. A
        list that goes as a whole stays as it is.
    """
    if not planned:
        return tuple(current)
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
    return tuple(sorted((*planned, *stays)))


def edit_list(
    line: Callable[[Entry], str],
    current: Sequence[Entry],
    planned: Sequence[Entry],
    family: Family = 4,
) -> tuple[str, ...]:
    """Say the lines from one list to another: what goes, network by network, then what is new.

    An entry whose network loses another one is entered anew right after it: FRR before 10 would
    otherwise take no notice of it any more. In a list that goes as a whole, or comes, what is
    denied stands as long as anything is permitted.

    Args:
        line: makes the line that enters an entry.
        current: the entries now.
        planned: the entries as they are to be.
        family: the address family of the list.
    """
    if not planned:
        return tuple(f"no {line(e)}" for e in sorted(current, key=_denies))
    standing, staying = set(current), set(planned)
    networks: dict[str, list[Entry]] = {}
    for entry in current:
        networks.setdefault(entry.network_in(family), []).append(entry)
    lines: list[str] = []
    for entries in networks.values():
        going = [e for e in entries if e not in staying]
        anew = [e for e in entries if e in staying] if going else []
        lines.extend(f"no {line(e)}" for e in (*going, *anew))
        lines.extend(line(e) for e in anew)
    new = [e for e in planned if e not in standing]
    if not current:
        new.sort(key=lambda entry: not _denies(entry))
    return (*lines, *map(line, new))


def _denies(entry: Entry) -> bool:
    return entry.rule.startswith("deny ")
