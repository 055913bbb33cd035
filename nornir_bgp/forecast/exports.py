"""Flow exports, read line by line."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import orjson

from nornir_bgp.forecast.columns import Columns, columns_of_header, columns_of_object
from nornir_bgp.forecast.flow import Flow
from nornir_bgp.forecast.rows import Reading, flow_of_row

MARKER = "markers of pmacct"
"""What is passed over, in the words of a remark: ``print_markers`` writes them."""

_MARKERS = ("--START", "--END--")
"""How pmacct's markers begin outside of JSON; no flow begins so."""

_NOTHING = frozenset({"", "No matched flows", "No matching flows"})
"""Lines without a meaning; two are what nfdump writes, with or without a header, of no flows."""

_NFDUMP_END, _SUMS = "Summary", 2
"""What nfdump's older CSV ends with, and how many lines with sums follow."""


class BadLineError(ValueError):
    """A line of an export cannot be read; the message says why.

    Attributes:
        line: its number, from 1.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class UnknownExportError(BadLineError):
    """The export is of no format that is known: passing over its lines does not help."""


@dataclass(slots=True)
class ExportLog:
    """What a reader writes down of an export.

    Attributes:
        form: what the format is called; empty where the export is.
        flows: how many were read.
        octets: their bytes, the sampling rate reckoned in.
        bad: how many lines could not be read.
        first_bad: the first of them, if any.
        skipped: lines that are no flows and nothing is wrong with, by what they are.
    """

    form: str = ""
    flows: int = 0
    octets: int = 0
    bad: int = 0
    first_bad: BadLineError | None = None
    skipped: Counter[str] = field(default_factory=Counter)


def read_export(
    lines: Iterable[str],
    reading: Reading,
    take: Callable[[Flow], None],
    *,
    skip_bad: bool = False,
) -> ExportLog:
    """Read the flows of an export whose format its first line shows.

    Args:
        lines: its lines, with their ends.
        reading: how they are read.
        take: is given each flow; its ``ValueError`` is a fault of the line, too.
        skip_bad: pass over lines that cannot be read, and count them.

    Raises:
        BadLineError: a line cannot be read and is not to be passed over.
        UnknownExportError: the first line is of no format that is known.
    """
    log = ExportLog()
    export: _JsonExport | _CsvExport | None = None
    for number, line in enumerate(lines, 1):
        if line.strip() in _NOTHING:
            continue
        if line.startswith(_MARKERS):
            log.skipped[MARKER] += 1
            continue
        try:
            if export is None:
                is_json = line.lstrip().startswith("{")
                export = _JsonExport(reading, log) if is_json else _CsvExport(reading, log)
            flow = export.flow(line)
            if flow is None:
                continue
            take(flow)
        except _UnknownFormatError as error:
            raise UnknownExportError(number, str(error)) from None
        except ValueError as error:
            bad = BadLineError(number, str(error))
            if not skip_bad:
                raise bad from None
            log.bad += 1
            log.first_bad = log.first_bad or bad
        else:
            log.flows += 1
            log.octets += flow.octets
    return log


class _UnknownFormatError(ValueError):
    """A header or a first object is of no format that is known."""


class _JsonExport:
    """One JSON object a line; the first one shows what is in all of them."""

    def __init__(self, reading: Reading, log: ExportLog) -> None:
        self._reading = reading
        self._log = log
        self._columns: Columns | None = None

    def flow(self, line: str) -> Flow | None:
        """Read a line; ``None``: it is no flow."""
        found = orjson.loads(line)
        if not isinstance(found, dict):
            raise ValueError("not a JSON object; write one flow a line")
        if found.get("event_type", "purge") != "purge":
            self._log.skipped[MARKER] += 1
            return None
        if self._columns is None:
            try:
                self._columns = columns_of_object(list(found), self._reading.customer)
            except ValueError as error:
                raise _UnknownFormatError(str(error)) from None
            self._log.form = self._columns.form
        return flow_of_row(found, self._columns, self._reading)


class _CsvExport:
    """A header, and a flow a line."""

    def __init__(self, reading: Reading, log: ExportLog) -> None:
        self._reading = reading
        self._log = log
        self._header: list[str] = []
        self._columns: Columns | None = None
        self._sums = 0

    def flow(self, line: str) -> Flow | None:
        """Read a line; ``None``: it is no flow."""
        if self._sums:
            self._sums -= 1
            return None
        row = next(csv.reader([line])) if '"' in line else line.rstrip("\r\n").split(",")
        if self._columns is None:
            try:
                self._columns = columns_of_header(row, self._reading.customer)
            except ValueError as error:
                raise _UnknownFormatError(str(error)) from None
            self._header = row
            self._log.form = self._columns.form
        if row == self._header:  # again where exports were written one behind another
            return None
        if row == [_NFDUMP_END]:
            self._sums = _SUMS
            return None
        if len(row) < len(self._header):
            raise ValueError(f"{len(row)} columns, and the header has {len(self._header)}")
        return flow_of_row(row, self._columns, self._reading)
