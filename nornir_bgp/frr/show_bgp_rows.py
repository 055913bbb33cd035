r"""The rows of ``show bgp`` as text.

FRR prints a path by ``route_vty_out()`` in ``bgpd/bgp_route.c`` as columns of fixed widths, some of
which may be blank, so a row is cut by width and never split on white space::

    codes    one column each of [ RSs*], [ hud>=] and [ i], and the RPKI state; see Layout
    network  17 wide, blank on a prefix's further paths; from 17 characters on it stands alone on
             its line, and the rest of the row follows after 20 blanks
    next hop 16 wide; from 16 characters on the rest follows on a line of its own after 36 blanks
             (38 in late 10.x)
    metric   %10u or blank
    LocPrf   %7u or blank; a greater number pushes the rest to the right
    weight   %7u and a blank; likewise
    path     the AS path and a blank, if there is one; then the origin's letter

What was cut is checked strictly. Since a table repeats itself thousands of times, the checks cost
next to nothing: each distinct text is checked once and remembered, the front of a row up to its
weight, its end, and each column. Only so many are remembered that a table of any length can be read
in bounded memory.
"""

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from nornir_bgp.frr.show_bgp_columns import (
    Attributes,
    parse_as_path_and_origin,
    parse_attributes,
    parse_codes,
    parse_network,
    parse_next_hop,
    search_attributes,
)
from nornir_bgp.models.rib import Path

_NETWORK_WIDTH = 17
_NEXT_HOP_WIDTH = 16
_ATTRIBUTES_WIDTH = 25
_BLANK_NETWORK = " " * _NETWORK_WIDTH

_REMEMBERED = 2**16
"""How many distinct texts of a kind are remembered at a time."""

Value = TypeVar("Value")
More = Callable[[], str]
"""Goes on to the next line; it raises ``ValueError`` where there is none."""

_Front = tuple[bool, bool, bool, bool, str, int | None, int | None, int]
"""The first fields of a path, up to its weight."""

_End = tuple[str, str]
"""The fields after them that a text has: AS path and origin."""

_NOT_TOLD = (None, None)
"""The others, peer and reason, which a text does not have."""


class Layout(NamedTuple):
    """How a version prints its rows.

    Attributes:
        codes_width: the width of the codes in front of the network.
        rpki_shifts: an RPKI state, where there is one, moves its row to the right by one; else
            it has a column of its own.
        wraps: the columns at which a row may go on after a long next hop.
        next_block: the line end before a row with a network.
    """

    codes_width: int
    rpki_shifts: bool
    wraps: tuple[int, ...]
    next_block: re.Pattern[str]


LAYOUTS = {  # by the indent of the column header
    # up to 8.4
    3: Layout(3, True, (36,), re.compile(r"\n(?=[VIN].{3}[^ \n]|[^VIN\n].{2}[^ \n])")),
    # from 8.5
    4: Layout(4, False, (36,), re.compile(r"\n(?=.{4}[^ \n])")),
    # from 10.1
    5: Layout(5, False, (36, 38), re.compile(r"\n(?=.{5}[^ \n])")),
}


class _Memo(dict[str, Value]):
    """Text -> what it says, parsed where it is met for the first time."""

    def __init__(self, parse: Callable[[str], Value]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> Value:
        value = self._parse(text)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = value
        return value


class RowReader:
    """Reads the rows of one layout.

    Every method raises ``ValueError`` with the words for "what was expected" where a row is not
    what FRR can print.

    Attributes:
        body: the column of the network.
        start: the column of the next hop.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.body = layout.codes_width
        self.start = self.body + _NETWORK_WIDTH
        self._numbers_at = self.start + _NEXT_HOP_WIDTH
        self._end_at = self._numbers_at + _ATTRIBUTES_WIDTH
        self._fronts: _Memo[_Front | None] = _Memo(self._parse_front)
        self._ends: _Memo[_End] = _Memo(parse_as_path_and_origin)
        self._codes = _Memo(parse_codes)
        self._next_hops = _Memo(parse_next_hop)
        self._attributes = _Memo(parse_attributes)

    def unshifted(self, line: str) -> str:
        """Take away an RPKI state that moves its row to the right."""
        return line[1:] if self._layout.rpki_shifts and line[:1] in "VIN" else line

    def has_network(self, line: str) -> bool:
        """Tell the first row of a prefix from its further ones."""
        _ = self._codes[line[: self.body]]
        return line[self.body : self.body + 1] != " "

    def network(self, line: str) -> str:
        """Return the prefix of a row that has one, in canonical text."""
        cell = line[self.body : self.start]
        return parse_network(cell.rstrip(" ") if cell[-1:] == " " else line[self.body :])

    def without_network(self, line: str, more: More) -> str:
        """Return a row as it would be if it were not the first of its prefix."""
        before = line[: self.body] + _BLANK_NETWORK
        if line[self.start - 1 : self.start] == " ":
            return before + line[self.start :]
        return before + _rest_of_row(line[self.body :], _NETWORK_WIDTH, 20, more)

    def read(self, line: str, more: More) -> Path:
        """Read a row without a network, and where its next hop is long, the line after it."""
        fits = line[self._numbers_at - 1 : self._numbers_at] == " "
        front = self._fronts[line[: self._end_at]] if fits else None
        if front is not None:
            rest = self._ends[line[self._end_at :]]
            return tuple.__new__(Path, front + rest + _NOT_TOLD)
        flags = self._codes[line[: self.body]]
        self._expect_no_network(line)
        columns: tuple[int, ...] = (self._numbers_at,)
        next_hop = line[self.start : self._numbers_at if fits else None]
        address = self._next_hops[next_hop]
        if not fits:
            columns = self._layout.wraps
            line = " " * columns[0] + _rest_of_row(next_hop, _NEXT_HOP_WIDTH, columns[0], more)
        numbers, end = self._numbers(line, columns)
        return Path(*flags, address, *numbers, *self._ends[end])

    def _parse_front(self, text: str) -> _Front | None:
        """Read codes, next hop and numbers; ``None`` where the numbers have not their widths."""
        flags = self._codes[text[: self.body]]
        self._expect_no_network(text)
        address = self._next_hops[text[self.start : self._numbers_at]]
        numbers = self._attributes[text[self._numbers_at :]]
        return None if numbers is None else (*flags, address, *numbers)

    def _expect_no_network(self, line: str) -> None:
        cell = line[self.body : self.start]
        if cell != _BLANK_NETWORK:
            raise ValueError(f"a network; {cell!r} is none")

    def _numbers(self, line: str, columns: tuple[int, ...]) -> tuple[Attributes, str]:
        """Read the numbers, which begin in one of the columns, and cut off what follows them."""
        for column in columns:
            end_at = column + _ATTRIBUTES_WIDTH
            numbers = self._attributes[line[columns[0] : end_at]]
            if numbers is not None:
                return numbers, line[end_at:]
        return search_attributes(line, columns)


def _rest_of_row(cell: str, width: int, blanks: int, more: More) -> str:
    """Go to the line on which a row continues after a cell that fills its column."""
    if len(cell) < width:
        raise ValueError("a whole row")
    line = more()
    if line[:blanks] != " " * blanks:
        raise ValueError(f"the rest of the row above, after {blanks} blanks")
    return line[blanks:]
