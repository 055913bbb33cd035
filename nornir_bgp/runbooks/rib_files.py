"""Files of routes: opened, decompressed, told apart by what is in them, and read."""

import bz2
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

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
from nornir_bgp.exceptions import InputError, TableSyntaxError
from nornir_bgp.frr.show_bgp import parse_json, stream_text
from nornir_bgp.models.given_routes import parse_given_routes
from nornir_bgp.runbooks.files import open_bytes, read_text

_GZIP, _BZIP2 = b"\x1f\x8b", b"BZh"
"""How a packed file begins."""

_PIECE = 2**18
"""Bytes that are read at a time; the kind of a file shows within these."""

_TEXTS = (b"BGP table version", b"No BGP prefixes displayed")
_LINES = (b"TABLE_DUMP", b"BGP4MP")
_ACCEPTED = (
    "an MRT table dump, the output of bgpdump -m, or of a router's show bgp ipv4 unicast, as text "
    "or json"
)


class _Pieces(Protocol):
    """What is there to be read, piece by piece as it is unpacked."""

    def read1(self, size: int, /) -> bytes: ...


class _Unpacked(io.RawIOBase):
    """The content of a file, up to where it can be unpacked; a fault is written down."""

    def __init__(self, file: _Pieces, log: ReadingLog) -> None:
        super().__init__()
        self._file = file
        self._log = log
        self._at = 0
        self._ended = False

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Put the next bytes into a buffer, as many as come at once."""
        if self._ended:
            return 0
        try:
            piece = self._file.read1(len(buffer))
        except (EOFError, OSError, zlib.error) as error:
            place = f"after {self._at} bytes of content"
            self._log.broken.append(BrokenRecord(place, f"it cannot be unpacked: {error}"))
            piece = b""
        self._ended = not piece
        self._at += len(piece)
        buffer[: len(piece)] = piece
        return len(piece)


_Reader = Callable[[io.BufferedIOBase, ReadingLog], Iterator[RibEntry]]


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
    with open_bytes(file) as packed:
        stream = io.BufferedReader(_Unpacked(_unpacking(packed), log), _PIECE)
        head = stream.peek()
        form, read = _form(file, head) if head else ("", _read_nothing)
        entries = tuple(read(stream, log))
    found = RibFile(str(file), form, tuple(log.peers), entries, tuple(log.broken), log.skipped)
    if not head and not log.broken:
        raise InputError(f"{file}: the file is empty; give {_ACCEPTED}")
    if log.broken and not entries and not log.skipped:
        raise InputError(f"{file}: nothing in it could be read:\n" + "\n".join(found.remarks()))
    return found


def read_routes(file: Path) -> Loaded:
    """Read routes that were written by hand, in YAML (see ``nornir-bgp schema routes``).

    Raises:
        InputError: the file cannot be read or is wrong; the message names each place in it.
    """
    return given_routes(parse_given_routes(read_text(file), str(file)))


def _unpacking(packed: io.BufferedReader) -> _Pieces:
    magic = packed.peek()
    if magic.startswith(_GZIP):
        return gzip.GzipFile(fileobj=packed)
    return bz2.BZ2File(packed) if magic.startswith(_BZIP2) else packed


def _form(file: Path, head: bytes) -> tuple[str, _Reader]:
    """Tell what a file is by its first bytes."""
    text = head.lstrip()
    if b"\0" in head[:12]:  # the header of an MRT record, whose types are small numbers
        return "MRT", read_mrt
    if text.startswith(_TEXTS):
        return "show bgp text", _read_text
    if text.startswith(b"{"):
        return "show bgp json", _read_json
    if text.startswith(_LINES) or b"|" in head.partition(b"\n")[0]:
        return "bgpdump", read_bgpdump
    raise InputError(
        f"{file}: not a file of routes that is known; give {_ACCEPTED} (routes that are written by "
        "hand in YAML name their routers themselves and are given by --routes)"
    )


def _read_text(stream: io.BufferedIOBase, log: ReadingLog) -> Iterator[RibEntry]:
    lines = (line.decode("utf-8", "replace") for line in stream)
    try:
        yield from read_table(stream_text(lines), log)
    except TableSyntaxError as error:
        log.broken.append(BrokenRecord("from there on", str(error)))


def _read_json(stream: io.BufferedIOBase, log: ReadingLog) -> Iterator[RibEntry]:
    broken: list[tuple[str, str]] = []
    try:
        table = parse_json(stream.read(), broken)
    except TableSyntaxError as error:
        log.broken.append(BrokenRecord("the whole document", str(error)))
        return
    log.broken.extend(BrokenRecord(prefix, reason) for prefix, reason in broken)
    yield from read_table(table.routes.items(), log)


def _read_nothing(stream: io.BufferedIOBase, log: ReadingLog) -> Iterator[RibEntry]:
    del stream, log
    yield from ()
