"""Override lists and clauses as they become, line by line, under the eyes of the lint."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from nornir_bgp.frr.overrides import ListKey, OverrideClause
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.models.fields import Family


class ListState:
    """A list as it becomes, line by line, with its entries by what an edit can collide with."""

    def __init__(self, family: Family, entries: Collection[Entry]) -> None:
        self.before = frozenset(entries)
        self._family = family
        self.entries: dict[int, Entry] = {}
        self.weak: set[int] = set()
        """Entries that stand, but have lost a sibling since they were entered."""
        self._of_rule: defaultdict[str, set[int]] = defaultdict(set)
        self._of_network: defaultdict[str, set[int]] = defaultdict(set)
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Enter an entry, in place of the one that has its number."""
        self.remove(entry.seq)
        self.entries[entry.seq] = entry
        self._of_rule[entry.rule].add(entry.seq)
        self._of_network[entry.network_in(self._family)].add(entry.seq)

    def remove(self, seq: int) -> Entry | None:
        """Take an entry away and return it, if it is there."""
        entry = self.entries.pop(seq, None)
        self.weak.discard(seq)
        if entry is not None:
            self._of_rule[entry.rule].discard(seq)
            self._of_network[entry.network_in(self._family)].discard(seq)
        return entry

    def siblings(self, entry: Entry) -> set[int]:
        """The other entries for its network."""
        return self._of_network[entry.network_in(self._family)] - {entry.seq}

    def twins(self, entry: Entry) -> set[int]:
        """The other entries that say the same."""
        return self._of_rule[entry.rule] - {entry.seq}


@dataclass
class SlotState:
    """A clause as it becomes, line by line."""

    conditions: set[ListKey] = field(default_factory=set)
    preference: int | None = None

    @classmethod
    def of(cls, clause: OverrideClause) -> "SlotState":
        """Return the state of a whole clause."""
        return cls({clause.key}, clause.preference)
