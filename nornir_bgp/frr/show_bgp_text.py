"""The table of ``show bgp ipv4 unicast`` and ``show bgp ipv6 unicast``, as text.

Header, legend and footer are read here, line by line, and the rows in blocks, each of them one
network with its paths, by :mod:`nornir_bgp.frr.show_bgp_rows`. Many networks of a large table have
the very same paths: a block that was met before, but for the network, is not looked into again. A
table is taken piece by piece, so that one of any length can be read as a stream.
"""

import re
from collections.abc import Container, Iterable, Iterator
from itertools import islice
from typing import NoReturn

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.as_number import parse_as_number
from nornir_bgp.frr.show_bgp_columns import parse_network
from nornir_bgp.frr.show_bgp_rows import LAYOUTS, Layout, RowReader
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

_SHOWN = 200
"""How many characters of a line an error shows."""

_LOT = 1024
"""How many lines of a stream are cut into blocks at a time."""

_REMEMBERED = 2**14
"""How many distinct blocks are remembered at a time."""


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
    table = TextTable([text])
    routes: dict[str, tuple[Path, ...]] = {}
    for prefix, paths in table.rows(routes):
        routes[prefix] = paths
    return Rib(table.router_id, table.local_as, table.version, table.default_local_pref, routes)


def stream_text(lines: Iterable[str]) -> "TextTable":
    r"""Read a BGP table of any length, prefix by prefix, in bounded memory.

    The table is checked as :func:`parse_text` does it, but for a network that comes again later.

    Args:
        lines: the lines of FRR's answer, with ``\n`` or ``\r\n`` at their ends, such as an open
            file yields.

    Returns:
        The table with its header; iterating it yields prefixes and their paths.

    Raises:
        TableSyntaxError: it does not begin as a table; or later, while it is iterated.
    """
    source = iter(lines)
    return TextTable("".join(lot) for lot in iter(lambda: list(islice(source, _LOT)), []))


class TextTable:
    r"""One pass over a table: the header at once, the rows when they are asked for.

    Args:
        pieces: the text in pieces; a piece does not end between ``\r`` and ``\n``.

    Attributes:
        router_id: the BGP identifier; ``None`` where an empty table does not say.
        local_as: the router's AS; ``None`` likewise.
        version: the table version; ``None`` likewise.
        default_local_pref: what a path without LOCAL_PREF counts as.
    """

    def __init__(self, pieces: Iterable[str]) -> None:
        self.router_id: str | None = None
        self.local_as: int | None = None
        self.version: int | None = None
        self.default_local_pref = _DEFAULT_LOCAL_PREF
        self._blocks = self._cut(pieces)
        self._lines: Iterator[str] = iter(())  # of the block that is looked into
        self._at, self._line = 0, ""
        self._layout: Layout | None = None
        try:
            self._read_header()
        except ValueError as error:
            self._fail(error)

    def __iter__(self) -> Iterator[tuple[str, tuple[Path, ...]]]:
        return self.rows()

    def rows(self, known: Container[str] = ()) -> Iterator[tuple[str, tuple[Path, ...]]]:
        """Yield each prefix with its paths, once.

        Args:
            known: prefixes that must not come (again); it is asked before each new one.

        Raises:
            TableSyntaxError: there is something else than a row, or not all of the table.
        """
        try:
            if self._layout is not None:
                routes = paths = 0
                for route in self._read_rows(self._layout, known):
                    routes += 1
                    paths += len(route[1])
                    yield route
                self._read_footer(routes, paths)
            while (line := self._line_or_end()) is not None:
                if line:
                    raise ValueError("nothing after the table")
        except ValueError as error:
            self._fail(error)

    def _read_header(self) -> None:
        while not self._next_line():
            pass
        if self._line == _EMPTY:
            return
        version = self._match(_VERSION, "'BGP table version is ...'")
        self._next_line()
        local_as = self._match(_LOCAL_AS, "'Default local pref ..., local AS ...'")
        self.router_id, self.version = version[2], int(version[1])
        self.local_as = parse_as_number(local_as[2])
        self.default_local_pref = int(local_as[1])
        while not (columns := _COLUMNS.fullmatch(self._next_line())):
            self._match(_LEGEND, "the legend or '   Network          Next Hop ...'")
        self._layout = LAYOUTS[len(columns[1])]

    def _cut(self, pieces: Iterable[str]) -> Iterator[str]:
        """Cut the text into lines; once the layout is known, into blocks of lines."""
        rest = ""
        for piece in pieces:
            rest += piece.replace("\r\n", "\n")
            start = 0
            while self._layout is None and (end := rest.find("\n", start)) >= 0:
                yield rest[start:end]
                start = end + 1
            rest = rest[start:]
            if self._layout is not None:
                *blocks, rest = self._layout.next_block.split(rest)
                yield from blocks
        yield rest

    def _read_rows(
        self, layout: Layout, known: Container[str]
    ) -> Iterator[tuple[str, tuple[Path, ...]]]:
        """Read the rows up to the blank line after them: the loop that a big table spends."""
        reader = RowReader(layout)
        met: dict[str, tuple[tuple[Path, ...], int]] = {}  # with the lines after the first
        body, start = reader.body, reader.start
        prefix = ""
        for block in self._blocks:
            self._at, self._line = self._at + 1, block
            key = block[:body] + block[start:] if block[start - 1 : start] == " " else ""
            known_block = met.get(key)
            if known_block is None:
                self._at, self._lines = self._at - 1, iter(block.split("\n"))
                line = reader.unshifted(self._next_line())
                if not line:
                    break
                if not reader.has_network(line):
                    raise ValueError("a network, in the first row")
                last, prefix = prefix, reader.network(line)
            else:
                last, prefix = prefix, parse_network(block[body:start].rstrip(" "))
            if prefix in known or prefix == last:
                raise ValueError(f"a further network ({prefix} was there before)")
            if known_block is not None:
                paths, lines = known_block
                self._at += lines
                yield prefix, paths
                continue
            first = self._at
            paths, ended = self._read_block(reader, line)
            yield prefix, paths
            if ended:
                break
            if key and len(met) < _REMEMBERED:
                met[key] = paths, self._at - first

    def _read_block(self, reader: RowReader, line: str) -> tuple[tuple[Path, ...], bool]:
        """Read the paths of one network, of whose first line the network was read already.

        Returns:
            The paths, and whether the blank line after the last row follows.
        """
        more = self._next_line
        paths = [reader.read(reader.without_network(line, more), more)]
        for further in self._lines:
            self._at, self._line = self._at + 1, further
            if not further:
                return tuple(paths), True
            paths.append(reader.read(reader.unshifted(further), more))
        return tuple(paths), False

    def _read_footer(self, routes: int, paths: int) -> None:
        self._next_line()
        footer = self._match(_FOOTER, "'Displayed N routes and M total paths'")
        if (int(footer[1]), int(footer[2])) != (routes, paths):
            raise ValueError(f"a count of the {routes} routes and {paths} paths above")

    def _match(self, pattern: re.Pattern[str], expected: str) -> re.Match[str]:
        match = pattern.fullmatch(self._line)
        if match is None:
            raise ValueError(expected)
        return match

    def _next_line(self) -> str:
        line = self._line_or_end()
        if line is None:
            raise ValueError("more: the table is cut off")
        return line

    def _line_or_end(self) -> str | None:
        line = next(self._lines, None)
        if line is None:
            block = next(self._blocks, None)
            if block is None:
                return None
            self._lines = iter(block.split("\n"))
            line = next(self._lines)
        self._at, self._line = self._at + 1, line
        return line

    def _fail(self, error: ValueError) -> NoReturn:
        found = self._line.partition("\n")[0][:_SHOWN]
        raise TableSyntaxError(
            f"show bgp, line {self._at}: expected {error}; found {found!r}"
        ) from None
