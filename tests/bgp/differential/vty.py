"""FRR's own command socket, which vtysh speaks to; asking it costs no process.

A command ends with a zero byte; the answer with three, and the command's status
(``vtysh_client_run`` in vtysh.c).
"""

import json
import socket
from pathlib import Path
from typing import Self

END = b"\0\0\0"
FOLDER = Path("/run/frr")


class Vty:
    """A connection to one daemon of one router."""

    def __init__(self, router: str, daemon: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(str(FOLDER / router / f"{daemon}.vty"))
        self._name = f"{router} {daemon}"
        self.say("enable")

    @classmethod
    def listens(cls, router: str, daemon: str) -> bool:
        """Whether a daemon can be spoken to."""
        with socket.socket(socket.AF_UNIX) as trial:
            return trial.connect_ex(str(FOLDER / router / f"{daemon}.vty")) == 0

    def say(self, command: str) -> str:
        """Give a command that must succeed; return what it prints."""
        self._socket.sendall(command.encode() + b"\0")
        answer = bytearray()
        while answer[-4:-1] != END:
            chunk = self._socket.recv(1 << 16)
            assert chunk, f"{self._name} closed the connection at: {command}"
            answer += chunk
        text = answer[:-4].decode()
        assert answer[-1] == 0, f"{self._name}: {command}: {text}"
        return text

    def read(self, command: str) -> dict[str, object]:
        """Give a command that prints JSON."""
        document = json.loads(self.say(command))
        assert isinstance(document, dict)
        return document

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
