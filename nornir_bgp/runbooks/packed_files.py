"""Files that may be packed by gzip or bzip2, read piece by piece."""

import bz2
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from nornir_bgp.runbooks.files import open_bytes

_GZIP, _BZIP2 = b"\x1f\x8b", b"BZh"
"""How a packed file begins."""

PIECE = 2**18
"""Bytes that are read at a time; the kind of a file shows within these."""


class _Pieces(Protocol):
    """What is there to be read, piece by piece as it is unpacked."""

    def read1(self, size: int, /) -> bytes: ...


class _Unpacked(io.RawIOBase):
    """The content of a file, up to where it can be unpacked."""

    def __init__(self, file: _Pieces, broken: Callable[[str, str], None]) -> None:
        super().__init__()
        self._file = file
        self._broken = broken
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
            self._broken(f"after {self._at} bytes of content", f"it cannot be unpacked: {error}")
            piece = b""
        self._ended = not piece
        self._at += len(piece)
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def unpacked(file: Path, broken: Callable[[str, str], None]) -> Iterator[io.BufferedReader]:
    """Open a file and unpack it where it is packed; its name does not matter.

    Args:
        file: the file.
        broken: is told the place and the reason where it cannot be unpacked; it ends there.

    Raises:
        InputError: it cannot be opened.
    """
    with open_bytes(file) as packed:
        yield io.BufferedReader(_Unpacked(_unpacking(packed), broken), PIECE)


def _unpacking(packed: io.BufferedReader) -> _Pieces:
    magic = packed.peek()
    if magic.startswith(_GZIP):
        return gzip.GzipFile(fileobj=packed)
    return bz2.BZ2File(packed) if magic.startswith(_BZIP2) else packed
