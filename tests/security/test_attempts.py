"""How often a session is tried: again where the failure may pass, once where it is final."""

import errno
import logging
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from netmiko import NetmikoAuthenticationException, NetmikoTimeoutException
from netmiko.exceptions import ReadTimeout
from nornir.core.configuration import Config
from paramiko import SSHException

from nornir_bgp.exceptions import DeviceUnreachableError, LabError
from nornir_bgp.tasks import connection
from nornir_bgp.tasks.connection import FrrConnection, may_pass

Behave = Callable[[socket.socket], None]


@pytest.fixture(autouse=True)
def _hear_attempts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "nornir_bgp.tasks.connection")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(connection, "JITTER", 0.0)


class Listener:
    """A server on the loopback interface that is no SSH server.

    Attributes:
        port: where it listens.
        connections: how many it took.
    """

    def __init__(self, behave: Behave) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.connections = 0
        self._behave = behave
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connected, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            self._behave(connected)


@pytest.fixture
def listener() -> Iterator[Callable[[Behave], Listener]]:
    started: list[Listener] = []

    def start(behave: Behave) -> Listener:
        started.append(Listener(behave))
        return started[-1]

    yield start
    for each in (*(server.socket for server in started), *HELD):
        each.close()
    HELD.clear()


def hang_up(connected: socket.socket) -> None:
    connected.close()


def reset(connected: socket.socket) -> None:
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connected.close()


HELD: list[socket.socket] = []


def say_nothing(connected: socket.socket) -> None:
    HELD.append(connected)


def greet_and_hang_up(connected: socket.socket) -> None:
    connected.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    connected.close()


def attempt(port: int, **settings: object) -> str:
    """Try to open a session; return why there is none."""
    extras = {"use_keys": False, "allow_agent": False, "banner_timeout": 0.5, "conn_timeout": 2}
    with pytest.raises(DeviceUnreachableError) as raised:
        FrrConnection().open(
            "127.0.0.1", "u", "secret-word", port, "frr", extras, Config(user_defined=settings)
        )
    assert "secret-word" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("behave", [hang_up, reset, say_nothing, greet_and_hang_up])
@pytest.mark.parametrize("attempts", [1, 3])
def test_a_server_that_cuts_or_is_silent_is_tried_again(quick, listener, behave, attempts):
    server = listener(behave)
    said = attempt(server.port, connection_attempts=attempts)
    assert said.startswith("127.0.0.1: no SSH session: ")
    assert server.connections == attempts


def test_pauses_grow_and_the_end_is_in_time(caplog):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    began = time.monotonic()
    assert attempt(port) == "127.0.0.1: no SSH session: Connection refused"
    took = time.monotonic() - began
    pauses = [record.args[3] for record in caplog.records if "again in" in record.msg]
    assert len(pauses) == 2
    assert 0.5 <= pauses[0] <= 1.0 <= pauses[1] <= 1.5
    assert sum(pauses) <= took < sum(pauses) + 5


def test_no_attempt_begins_late(quick, listener, monkeypatch):
    monkeypatch.setattr(connection, "LAST_ATTEMPT", 1.0)
    server = listener(say_nothing)
    attempt(server.port, connection_attempts=10)
    assert 1 < server.connections <= 3


def test_a_lab_that_is_down_is_final(quick, caplog, tmp_path, repository):
    lab = {
        "topology": str(repository / "lab/network.clab.yaml"),
        "state": str(tmp_path),
    }
    with pytest.raises(LabError, match="is not up"):
        FrrConnection().open(
            "10.0.0.1", "u", None, 22, "frr", {}, Config(user_defined={"lab": lab})
        )
    assert "again in" not in caplog.text


def instead_of(cause: Exception, advice: type[Exception] = NetmikoTimeoutException) -> Exception:
    """As Netmiko does: its own error, raised while another is handled."""
    try:
        try:
            raise cause
        except Exception:
            raise advice("Common causes of this problem are …")  # noqa: B904 - Netmiko's way
    except Exception as error:
        return error


PASSING = (
    ConnectionRefusedError(errno.ECONNREFUSED, "refused"),
    ConnectionResetError(errno.ECONNRESET, "reset"),
    TimeoutError("timed out"),
    OSError(errno.EHOSTUNREACH, "no route"),
    OSError(errno.ENETUNREACH, "no network"),
    EOFError(),
    socket.gaierror(socket.EAI_AGAIN, "try again"),
    SSHException("Error reading SSH protocol banner"),
    SSHException("No existing session"),
)
FINAL = (
    NetmikoAuthenticationException("refused"),
    SSHException("Server '10.0.0.1' not found in known_hosts"),
    SSHException("No authentication methods available"),
    FileNotFoundError(errno.ENOENT, "No such file", "/no/key"),
    PermissionError(errno.EACCES, "Permission denied", "/my/key"),
    socket.gaierror(socket.EAI_NONAME, "unknown"),
    ReadTimeout("no prompt"),
    ValueError("no prompt"),
)


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_may_pass(error):
    assert may_pass(error)
    assert may_pass(instead_of(error))


@pytest.mark.parametrize("error", FINAL, ids=repr)
def test_what_is_final(error):
    assert not may_pass(error)
    assert not may_pass(instead_of(error))
    assert not may_pass(instead_of(error, NetmikoAuthenticationException))
