"""The text channel of a session: a far end that is gone, or hangs, is noticed in bounded time."""

import time
from typing import Final

from netmiko import BaseConnection
from netmiko.channel import SSHChannel
from netmiko.exceptions import ReadException, ReadTimeout
from paramiko import Channel

SILENCE: Final = 20.0
"""Seconds without a byte after which a router hangs: whatever comes renews them, so a large table
over a slow path takes the time that it takes."""

BUSY: Final = 120.0
"""Likewise while many lines are committed at once: FRR says nothing meanwhile, and a router whose
table changes at the same time took 20 s for a commit on a machine that ran eight of them."""

_NO_LIMIT: Final = 1e9


class WatchedChannel(SSHChannel):
    """Raises when the router has closed the session, or is silent for too long.

    Netmiko itself looks only whether there is something to read, which never comes true at the
    end of a session, and limits its waits by the wall clock, which may jump. Here the clock is
    the monotonic one. A channel that has failed once fails at once from then on, so that what
    Netmiko says as it closes a session does not wait again.
    """

    def __init__(self, connection: Channel, encoding: str) -> None:
        super().__init__(connection, encoding)
        self._connection = connection
        self._said = ""
        self._silence = SILENCE
        self._since = time.monotonic()
        self._failure: ReadException | ReadTimeout | None = None

    def begin(self, silence: float) -> None:
        """Count the silence from now on, and bear so many seconds of it."""
        self._silence = silence
        self._since = time.monotonic()

    def write_channel(self, out_data: str) -> None:
        """Send text.

        Raises:
            ReadException: the session has failed before.
        """
        if self._failure is not None:
            raise self._failure
        self._said = out_data.strip().partition("\n")[0] or self._said
        self._since = time.monotonic()
        super().write_channel(out_data)

    def read_channel(self) -> str:
        """Return what has come; may be nothing.

        Raises:
            ReadException: the router has closed the session.
            ReadTimeout: it is silent for too long.
        """
        if self._failure is not None:
            raise self._failure
        gone = self._connection.eof_received or self._connection.closed
        text = str(super().read_channel())
        if text:
            self._since = time.monotonic()
        elif gone:
            self._failure = ReadException(f"the router closed it after {self._said!r}")
            raise self._failure
        elif time.monotonic() - self._since > self._silence:
            self._failure = ReadTimeout(f"silent for {self._silence:g} s after {self._said!r}")
            raise self._failure
        return text


def watch(connection: BaseConnection, silence: float = SILENCE) -> None:
    """Watch an open Netmiko connection from now on: it was at rest, and is about to be used."""
    if not isinstance(connection.channel, WatchedChannel):
        connection.channel = WatchedChannel(connection.remote_conn, connection.encoding)
        connection.read_timeout_override = _NO_LIMIT
    connection.channel.begin(silence)
