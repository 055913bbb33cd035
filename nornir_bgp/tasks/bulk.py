"""Send many configuration lines without waiting for the answer to each."""

import re
import time
from collections.abc import Iterator, Sequence

from netmiko import BaseConnection
from netmiko.exceptions import ConfigInvalidException

from nornir_bgp.frr.batches import END, START, batches

WINDOW = 30
"""Lines that are under way at a time. What a terminal has not read yet must fit into 4,096 bytes,
or some of it is lost (n_tty(4))."""

_PAUSE = 0.002


def send_many(connection: BaseConnection, lines: Sequence[str], error_pattern: str) -> str:
    """Send lines in configuration mode, in as few commits as may be, and leave it.

    Args:
        connection: the session, outside of configuration mode.
        lines: the lines.
        error_pattern: how FRR refuses a line.

    Returns:
        The session's text.

    Raises:
        ConfigInvalidException: a line was refused; what came before it stays, and what was under
            way with it may. The session is still in configuration mode.
    """
    sender = _Sender(connection, re.compile(error_pattern, re.M))
    output = str(connection.config_mode())
    marks = sender.knows(START) and sender.knows(END)
    for batch in batches(lines):
        output += sender.send((START, *batch, END) if marks else batch)
    return output + str(connection.exit_config_mode())


class _Sender:
    """What types into a session and counts the prompts that come back."""

    def __init__(self, connection: BaseConnection, refusal: re.Pattern[str]) -> None:
        self._connection = connection
        self._refusal = refusal
        prompt = re.escape(connection.base_prompt)
        self._prompt = re.compile(rf"{prompt}\(config[^()\r\n]*\)# ")

    def knows(self, line: str) -> bool:
        """Say whether the router takes a line."""
        return self._refusal.search(self._say([line])) is None

    def send(self, lines: Sequence[str]) -> str:
        """Send lines that are to be taken.

        Raises:
            ConfigInvalidException: one was not.
        """
        output = ""
        for window in _windows(lines):
            said = self._say(window)
            output += said
            refused = self._refusal.search(said)
            if refused is not None:
                before = len(self._prompt.findall(said[: refused.start()]))
                if lines[0] == START and window[-1] != END:
                    self._say([END])
                raise ConfigInvalidException(
                    f"Invalid input detected at command: {window[min(before, len(window) - 1)]}, "
                    f"matched error: {refused.group(0)}"
                )
        return output

    def _say(self, window: Sequence[str]) -> str:
        """Type lines and return what comes until each has been answered by a prompt."""
        self._connection.write_channel("".join(f"{line}\n" for line in window))
        said = ""
        while len(self._prompt.findall(said)) < len(window):
            came = self._connection.read_channel()
            said += came
            if not came:
                time.sleep(_PAUSE)
        return said


def _windows(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    return (lines[first : first + WINDOW] for first in range(0, len(lines), WINDOW))
