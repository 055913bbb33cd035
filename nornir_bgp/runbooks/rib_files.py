"""Files of routes: opened, told apart by what is in them, and read."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from nornir_bgp.bgp.rib_files import (
    BrokenRecord,
    Loaded,
    ReadingLog,
    RibEntry,
    RibFile,
    given_routes,
    read_bgpdump,
    read_mrt,
    read_table,
)
from nornir_bgp.bgp.rib_files.bgpdump import TABLES
from nornir_bgp.exceptions import InputError, TableSyntaxError
from nornir_bgp.frr.show_bgp import parse_json, stream_text
from nornir_bgp.models.fields import canonical_prefix
from nornir_bgp.models.given_routes import parse_given_routes
from nornir_bgp.models.rib import Path as RibPath
from nornir_bgp.runbooks.files import read_text
from nornir_bgp.runbooks.packed_files import unpacked

_TEXTS = (b"BGP table version", b"No BGP prefixes displayed")
_LINES = (b"TABLE_DUMP", b"BGP4MP")
_ACCEPTED = (
    "an MRT table dump, the output of bgpdump -m, or of a router's show bgp ipv4 unicast, as text "
    "or json"
)

_Form = Literal["MRT", "bgpdump", "show bgp text", "show bgp json", ""]
"""What a file is, for people; empty where there is nothing in it that could be unpacked."""


class PrefixFile(NamedTuple):
    """The prefixes of a file of routes.

    Attributes:
        prefixes: in the file's order.
        remarks: what was not read, in words.
    """

    prefixes: tuple[str, ...]
    remarks: tuple[str, ...]


def read_rib(file: Path) -> RibFile:
    """Read the routes that a router or collector has written into a file.

    It may be an MRT dump (TABLE_DUMP, TABLE_DUMP_V2), the output of ``bgpdump -m``, or that of a
    router's ``show bgp ipv4 unicast``, as text or JSON; each of them plain or packed by gzip or
    bzip2. Its name does not matter. A broken record costs no other: it is named in the result. A
    table that a router printed as text is read up to its first fault.

    Raises:
        InputError: the file cannot be opened or is none of these, or nothing in it could be read.
    """
    log = ReadingLog()
    with _opened(file, log) as (form, stream):
        entries = tuple(_ENTRIES[form](stream, log))
    found = RibFile(str(file), form, tuple(log.peers), entries, tuple(log.broken), log.skipped)
    if log.broken and not entries and not log.skipped:
        raise InputError(f"{file}: nothing in it could be read:\n" + "\n".join(found.remarks()))
    return found


def read_prefixes(file: Path) -> PrefixFile:
    """Read which prefixes a file of routes has, whoever sent them.

    It is one of those that :func:`read_rib` reads; all but MRT may be of IPv6, too.

    Raises:
        InputError: as :func:`read_rib` says; or there is no prefix in it.
    """
    log = ReadingLog()
    with _opened(file, log) as (form, stream):
        prefixes = tuple(dict.fromkeys(_PREFIXES[form](stream, log)))
    found = RibFile(str(file), form, (), (), tuple(log.broken), log.skipped)
    remarks = tuple(found.remarks())
    if not prefixes:
        raise InputError("\n".join((f"{file}: there is no route in it; give another", *remarks)))
    return PrefixFile(prefixes, remarks)


def read_routes(file: Path) -> Loaded:
    """Read routes that were written by hand, in YAML (see ``nornir-bgp schema routes``).

    Raises:
        InputError: the file cannot be read or is wrong; the message names each place in it.
    """
    return given_routes(parse_given_routes(read_text(file), str(file)))


@contextmanager
def _opened(file: Path, log: ReadingLog) -> Iterator[tuple[_Form, io.BufferedReader]]:
    def broken(place: str, reason: str) -> None:
        log.broken.append(BrokenRecord(place, reason))

    with unpacked(file, broken) as stream:
        head = stream.peek()
        if not head and not log.broken:
            raise InputError(f"{file}: the file is empty; give {_ACCEPTED}")
        yield _form(file, head), stream


def _form(file: Path, head: bytes) -> _Form:
    """Tell what a file is by its first bytes."""
    text = head.lstrip()
    if not head:
        return ""
    if b"\0" in head[:12]:  # the header of an MRT record, whose types are small numbers
        return "MRT"
    if text.startswith(_TEXTS):
        return "show bgp text"
    if text.startswith(b"{"):
        return "show bgp json"
    if text.startswith(_LINES) or b"|" in head.partition(b"\n")[0]:
        return "bgpdump"
    raise InputError(
        f"{file}: not a file of routes that is known; give {_ACCEPTED} (routes that are written by "
        "hand in YAML name their routers themselves and are given by --routes)"
    )


_Table = Iterator[tuple[str, tuple[RibPath, ...]]]


def _text_table(stream: io.BufferedReader, log: ReadingLog) -> _Table:
    lines = (line.decode("utf-8", "replace") for line in stream)
    try:
        yield from stream_text(lines)
    except TableSyntaxError as error:
        log.broken.append(BrokenRecord("from there on", str(error)))


def _json_table(stream: io.BufferedReader, log: ReadingLog) -> _Table:
    broken: list[tuple[str, str]] = []
    try:
        table = parse_json(stream.read(), broken)
    except TableSyntaxError as error:
        log.broken.append(BrokenRecord("the whole document", str(error)))
        return
    log.broken.extend(BrokenRecord(prefix, reason) for prefix, reason in broken)
    yield from table.routes.items()


def _dumped_prefixes(stream: io.BufferedReader, log: ReadingLog) -> Iterator[str]:
    """The prefixes of bgpdump's lines, whose sixth field they are."""
    for number, line in enumerate(stream, 1):
        fields = line.decode("utf-8", "replace").split("|", 6)
        if fields[0] not in TABLES:
            continue
        try:
            yield canonical_prefix(fields[5])
        except (IndexError, ValueError) as error:
            log.broken.append(BrokenRecord(f"line {number}", str(error)))


_ENTRIES: Mapping[_Form, Callable[[io.BufferedReader, ReadingLog], Iterator[RibEntry]]] = {
    "": lambda _stream, _log: iter(()),
    "MRT": read_mrt,
    "bgpdump": read_bgpdump,
    "show bgp text": lambda stream, log: read_table(_text_table(stream, log), log),
    "show bgp json": lambda stream, log: read_table(_json_table(stream, log), log),
}
_PREFIXES: Mapping[_Form, Callable[[io.BufferedReader, ReadingLog], Iterator[str]]] = {
    "": lambda _stream, _log: iter(()),
    "MRT": lambda stream, log: (entry.prefix for entry in read_mrt(stream, log)),
    "bgpdump": _dumped_prefixes,
    "show bgp text": lambda stream, log: (prefix for prefix, _ in _text_table(stream, log)),
    "show bgp json": lambda stream, log: (prefix for prefix, _ in _json_table(stream, log)),
}
