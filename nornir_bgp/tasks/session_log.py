"""One log for each SSH session, private to its owner and without secrets."""

import io
import logging
import os
import re
import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from nornir_bgp.frr.secrets import MASK, masked
from nornir_bgp.report.printable import printable

_log = logging.getLogger(__name__)


class SessionLog(io.BufferedIOBase):
    """What a router said in one session, in a file of its own; Netmiko writes to it.

    The file is made with the first line and is written line by line, so that it tells how far a
    session came whatever ends it. A log that cannot be written is reported once and given up: a
    full disk must not cut a change in half, nor keep it from being put back.
    """

    def __init__(self, folder: Path, host: str, hidden: Collection[str]) -> None:
        """Name the file; nothing is written yet.

        Args:
            folder: made, for its owner alone, where it is missing.
            host: the router's address or name.
            hidden: secrets that the log must not show whatever line they stand in.
        """
        began = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        name = re.sub(r"[^A-Za-z0-9.:_-]", "_", host)[:100]
        self.path = folder / f"{began}-{name}-{secrets.token_hex(3)}.log"
        self._hidden = sorted(filter(None, hidden), key=len, reverse=True)
        self._rest = b""
        self._descriptor: int | None = None
        self._given_up = False

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override] # Netmiko gives bytes
        """Take a piece of the session; whole lines go to the file."""
        lines, newline, self._rest = (self._rest + data).rpartition(b"\n")
        if newline:
            self._save(lines + newline)
        return len(data)

    def close(self) -> None:
        """Write the line that was not ended, and close the file."""
        if not self.closed:
            rest, self._rest = self._rest, b""
            if rest:
                self._save(rest + b"\n")
            if self._descriptor is not None:
                os.close(self._descriptor)
        super().close()

    def _save(self, lines: bytes) -> None:
        if self._given_up:
            return
        text = masked(printable(lines.decode("utf-8", "replace").replace("\r", "")))
        for secret in self._hidden:
            text = text.replace(secret, MASK)
        try:
            if self._descriptor is None:
                self._descriptor = self._create()
            _write_all(self._descriptor, text.encode())
        except OSError as error:
            self._given_up = True
            _log.warning("%s: the session's log cannot be written: %s", self.path, error.strerror)

    def _create(self) -> int:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
