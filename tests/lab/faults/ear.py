"""An ear in the routers: what the manager types is known before it reaches vtysh.

So a fault strikes at the line, or in the phase, that the test names, and not at some time that
was guessed. Nothing is faked: sshd, vtysh and FRR are what they are; only the login shell of
``netadmin`` tells each line and waits until the test has done its deed.
"""

import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from nornir_bgp.lab.lab import Lab

_SHELL = Path(__file__).with_name("ear_shell.py")
_STARTER = "#!/bin/sh\nexec /usr/bin/python3 -I -S /run/lab/ear_shell.py {router} {socket}\n"
_INSTALL = """
printf '%s' "$1" > /run/lab/ear; printf '%s' "$2" > /run/lab/ear_shell.py
chmod 0755 /run/lab/ear; sed -i 's,^\\(netadmin:.*\\):[^:]*$,\\1:/run/lab/ear,' /etc/passwd
"""
_REMOVE = "sed -i 's,^\\(netadmin:.*\\):[^:]*$,\\1:'$(command -v vtysh), /etc/passwd"


@dataclass(frozen=True)
class Heard:
    """One line that was typed on a router.

    Attributes:
        router: where.
        line: the line.
        session: the id of sshd's process for that session, inside the lab.
    """

    router: str
    line: str
    session: int


Deed = Callable[[Heard], bool | None]
"""What is done when a line is heard; ``False``: the line is lost, and its session with it."""

Step = tuple[str, str]
"""What is waited for: regular expressions of a router's name and of a line, both whole."""


@dataclass
class _Wait:
    steps: list[Step]
    deed: Deed
    done: threading.Event = field(default_factory=threading.Event)


class Ear:
    """Listens to all routers that have one.

    Attributes:
        heard: every line since :meth:`forget`, in the order of arrival.
    """

    def __init__(self, folder: Path) -> None:
        self.heard: list[Heard] = []
        self.address = folder / "ear"
        self._waits: list[_Wait] = []
        self._faults: list[BaseException] = []
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.address))
        self.address.chmod(0o777)
        self._listener.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def when(self, steps: Sequence[Step], deed: Deed) -> threading.Event:
        """Do something once, before the line of the last step reaches vtysh.

        Args:
            steps: lines that are to be heard one after the other; others may come in between.
            deed: what is done; the session waits for its end.

        Returns:
            An event that is set when it is done.
        """
        wait = _Wait(list(steps), deed)
        with self._lock:
            self._waits.append(wait)
        return wait.done

    def forget(self) -> None:
        """Forget what was heard and what is waited for; a deed that failed is raised here."""
        with self._lock:
            self.heard.clear()
            self._waits.clear()
            faults, self._faults = self._faults, []
        if faults:
            raise faults[0]

    def close(self) -> None:
        """Listen no longer."""
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits for the next session
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._listen, args=(connection,), daemon=True).start()

    def _listen(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            router, session = lines.readline().decode().split()
            with suppress(ConnectionError):  # a session that is cut
                for line in lines:
                    heard = Heard(router, line.decode("utf-8", "replace").strip(), int(session))
                    if not self._hear(heard):
                        return
                    connection.sendall(b".")

    def _hear(self, heard: Heard) -> bool:
        """Do what is due at a line, and say whether the line is to reach vtysh."""
        due, deliver = [], True
        with self._lock:
            self.heard.append(heard)
            for wait in self._waits:
                router, line = wait.steps[0]
                if re.fullmatch(router, heard.router) and re.fullmatch(line, heard.line):
                    wait.steps.pop(0)
                    if not wait.steps:
                        due.append(wait)
            self._waits = [wait for wait in self._waits if wait.steps]
        for wait in due:
            try:
                deliver = wait.deed(heard) is not False and deliver
            except BaseException as error:  # told in the test's thread, by forget()
                self._faults.append(error)
            wait.done.set()
        return deliver


@contextmanager
def listening(lab: Lab, routers: Sequence[str]) -> Iterator[Ear]:
    """Put an ear into these routers; sessions that are opened from now on have it."""
    # The login of a router is an ordinary user, who must be able to reach the socket.
    folder = Path(tempfile.mkdtemp(prefix="ear-"))
    folder.chmod(0o711)
    ear = Ear(folder)
    shell = _SHELL.read_text()
    try:
        for router in routers:
            starter = _STARTER.format(router=router, socket=ear.address)
            lab.run(router, ["sh", "-ec", _INSTALL, "sh", starter, shell], check=True)
        yield ear
    finally:
        for router in routers:
            lab.run(router, ["sh", "-ec", _REMOVE], check=True)
        ear.close()
        shutil.rmtree(folder)
