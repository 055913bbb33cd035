"""The change of one list alone, in the two steps that a change of overrides has."""

from collections.abc import Sequence
from typing import NamedTuple

from nornir_bgp.frr.prefix_list import Entry, between_lists, edit_list


class ListChange(NamedTuple):
    raising: tuple[str, ...]
    between: tuple[Entry, ...]
    lowering: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        return self.raising + self.lowering


def change_list(name: str, current: Sequence[Entry], planned: Sequence[Entry]) -> ListChange:
    def line(entry: Entry) -> str:
        return entry.line(name)

    between = between_lists(current, planned)
    return ListChange(
        raising=edit_list(line, current, between),
        between=between,
        lowering=edit_list(line, between, planned),
    )
