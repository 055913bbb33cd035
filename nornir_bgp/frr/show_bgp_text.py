r"""The table of ``show bgp ipv4 unicast`` and ``show bgp ipv6 unicast``, as text.

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

What was cut is checked strictly. Since a table repeats its codes, next hops, numbers and AS paths
thousands of times, each distinct text is checked once per table and remembered: the checks cost
next to nothing, and equal values share one object.
"""

import re
from collections.abc import Callable
from typing import NamedTuple, NoReturn, TypeVar

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.as_number import parse_as_number
from nornir_bgp.frr.show_bgp_columns import (
    parse_as_path_and_origin,
    parse_attributes,
    parse_codes,
    parse_network,
    parse_next_hop,
    search_attributes,
)
from nornir_bgp.models.rib import Path, Rib

_DEFAULT_LOCAL_PREF = 100

_VERSION = re.compile(
    r"BGP table version is (\d+), local router ID is (\d+\.\d+\.\d+\.\d+)(?:, vrf id \S+)?",
    re.ASCII,
)
_LOCAL_AS = re.compile(r"Default local pref (\d+), local AS ([\d.]+)", re.ASCII)
_LEGEND = re.compile(
    r"(?:Status|Nexthop|Origin|RPKI validation) codes:.*| {15}i internal.*|", re.ASCII
)
_COLUMNS = re.compile(r"( {3,5})Network {10}Next Hop {12}Metric LocPrf Weight Path")
_FOOTER = re.compile(r"Displayed +(\d+) +routes and (\d+) total paths", re.ASCII)
_EMPTY = "No BGP prefixes displayed, 0 exist"

_NETWORK_WIDTH = 17
_NEXT_HOP_WIDTH = 16
_ATTRIBUTES_WIDTH = 25
_BLANK_NETWORK = " " * _NETWORK_WIDTH

Value = TypeVar("Value")


class Layout(NamedTuple):
    """How a version prints its rows.

    Attributes:
        codes_width: the width of the codes in front of the network.
        rpki_shifts: an RPKI state, where there is one, moves its row to the right by one; else
            it has a column of its own.
        wraps: the columns at which a row may go on after a long next hop.
    """

    codes_width: int
    rpki_shifts: bool
    wraps: tuple[int, ...]


_LAYOUTS = {  # by the indent of the column header
    3: Layout(codes_width=3, rpki_shifts=True, wraps=(36,)),  # up to 8.4
    4: Layout(codes_width=4, rpki_shifts=False, wraps=(36,)),  # from 8.5
    5: Layout(codes_width=5, rpki_shifts=False, wraps=(36, 38)),  # from 10.1
}


class _Memo(dict[str, Value]):
    """Text -> what it says, parsed where it is met for the first time."""

    def __init__(self, parse: Callable[[str], Value]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> Value:
        value = self[text] = self._parse(text)
        return value


def parse_text(text: str) -> Rib:
    r"""Read the text of a whole BGP table of one address family.

    A text does not tell all that the JSON does: ``peer`` and ``reason`` are ``None``; the next hop
    of an unnumbered session is the interface's name, not an address; a path shown as suppressed
    or stale is taken to be valid; one shown as not yet sorted (``u``, from 10.1) is not best; and
    an empty table has no router ID, AS or version.

    Args:
        text: FRR's answer, with ``\n`` or ``\r\n`` line ends; FRR 8.4 to 10.4, not ``wide``.

    Raises:
        TableSyntaxError: it is not such a table, or not all of one: the message names the line
            and what was expected there.
    """
    return _Table(text.replace("\r\n", "\n").split("\n")).parse()


class _Table:
    """One pass over the lines of a table; ``_at`` is the index of the line being read."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0

    def parse(self) -> Rib:
        try:
            while not self._lines[self._at]:
                self._at += 1
            if self._lines[self._at] == _EMPTY:
                self._at += 1
                self._expect_end()
                return Rib(None, None, None, _DEFAULT_LOCAL_PREF)
            return self._parse_table()
        except IndexError:
            self._at = len(self._lines) - 1
            self._fail("more: the table is cut off")
        except ValueError as error:
            self._fail(str(error))

    def _parse_table(self) -> Rib:
        version = self._match(_VERSION, "'BGP table version is ...'")
        self._at += 1
        local_as = self._match(_LOCAL_AS, "'Default local pref ..., local AS ...'")
        as_number = parse_as_number(local_as[2])
        self._at += 1
        while not (columns := _COLUMNS.fullmatch(self._lines[self._at])):
            self._match(_LEGEND, "the legend or '   Network          Next Hop ...'")
            self._at += 1
        self._at += 1
        routes = self._parse_rows(_LAYOUTS[len(columns[1])])
        self._at += 1
        footer = self._match(_FOOTER, "'Displayed N routes and M total paths'")
        counts = len(routes), sum(map(len, routes.values()))
        if (int(footer[1]), int(footer[2])) != counts:
            raise ValueError(f"a count of the {counts[0]} routes and {counts[1]} paths above")
        self._at += 1
        self._expect_end()
        return Rib(
            router_id=version[2],
            local_as=as_number,
            version=int(version[1]),
            default_local_pref=int(local_as[1]),
            routes={prefix: tuple(paths) for prefix, paths in routes.items()},
        )

    def _match(self, pattern: re.Pattern[str], expected: str) -> re.Match[str]:
        match = pattern.fullmatch(self._lines[self._at])
        if match is None:
            raise ValueError(expected)
        return match

    def _parse_rows(self, layout: Layout) -> dict[str, list[Path]]:
        """Read the rows up to the blank line after them: the loop that a big table spends."""
        lines = self._lines
        codes, next_hops = _Memo(parse_codes), _Memo(parse_next_hop)
        attributes, ends = _Memo(parse_attributes), _Memo(parse_as_path_and_origin)
        routes: dict[str, list[Path]] = {}
        paths: list[Path] = []
        while line := lines[self._at]:
            body = layout.codes_width
            if layout.rpki_shifts and line[0] in "VIN":
                body += 1
            flags = codes[line[:body]]

            start = body + _NETWORK_WIDTH
            network = line[body:start]
            if network != _BLANK_NETWORK:
                if network[-1:] == " ":
                    paths = self._new_route(routes, network.rstrip(" "))
                else:
                    network = line[body:]
                    paths = self._new_route(routes, network)
                    line = self._rest_of_row(network, _NETWORK_WIDTH, blanks=20)
                    start = 20
            elif not routes:
                raise ValueError("a network, in the first row")

            next_hop = line[start : start + _NEXT_HOP_WIDTH]
            if next_hop[-1:] == " ":
                address = next_hops[next_hop]
                numbers_at: tuple[int, ...] = (start + _NEXT_HOP_WIDTH,)
            else:
                next_hop = line[start:]
                address = next_hops[next_hop]
                numbers_at = layout.wraps
                line = self._rest_of_row(next_hop, _NEXT_HOP_WIDTH, blanks=numbers_at[0])

            for column in numbers_at:
                end_at = column + _ATTRIBUTES_WIDTH
                numbers, end = attributes[line[numbers_at[0] : end_at]], line[end_at:]
                if numbers is not None:
                    break
            else:
                numbers, end = search_attributes(line, numbers_at)
            paths.append(Path(*flags, address, *numbers, *ends[end]))
            self._at += 1
        return routes

    def _new_route(self, routes: dict[str, list[Path]], network: str) -> list[Path]:
        prefix = parse_network(network)
        if prefix in routes:
            raise ValueError(f"a further network ({prefix} was there before)")
        return routes.setdefault(prefix, [])

    def _rest_of_row(self, cell: str, width: int, *, blanks: int) -> str:
        """Go to the line on which a row continues after a cell that fills its column."""
        if len(cell) < width:
            raise ValueError("a whole row")
        self._at += 1
        line = self._lines[self._at]
        if line[:blanks] != " " * blanks:
            raise ValueError(f"the rest of the row above, after {blanks} blanks")
        return line

    def _expect_end(self) -> None:
        while self._at < len(self._lines):
            if self._lines[self._at]:
                raise ValueError("nothing after the table")
            self._at += 1

    def _fail(self, expected: str) -> NoReturn:
        raise TableSyntaxError(
            f"show bgp, line {self._at + 1}: expected {expected}; found {self._lines[self._at]!r}"
        ) from None
