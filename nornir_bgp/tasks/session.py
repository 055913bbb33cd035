"""What every task says to a router: show something, read something, configure something."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from netmiko import BaseConnection, NetmikoBaseException
from netmiko.exceptions import ConfigInvalidException
from nornir.core.task import Task
from paramiko import SSHException

from nornir_bgp.exceptions import CommandRefusedError, DeviceUnreachableError, TableSyntaxError
from nornir_bgp.tasks.connection import CONNECTION

T = TypeVar("T")

_ERROR = r"^% .*$"
_READ_TIMEOUT = 60.0
"""Seconds for one answer: enough for a large table over a slow management path."""


def show(task: Task, command: str) -> str:
    """Return what a router answers to a command outside configuration mode.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: the router answered with an error.
    """
    answer = _ask(task, lambda c: str(c.send_command(command, read_timeout=_READ_TIMEOUT)))
    if answer.startswith("% "):
        raise CommandRefusedError(f"{task.host.name}: {command!r} was answered {answer.strip()!r}")
    return answer


def read(task: Task, command: str, parse: Callable[[str], T]) -> T:
    """Return what a router answers to a command, parsed.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: the router answered with an error.
        TableSyntaxError: the answer is not what was asked for; the message names the router.
    """
    try:
        return parse(show(task, command))
    except TableSyntaxError as error:
        raise TableSyntaxError(f"{task.host.name}: {command!r}: {error}") from error


def configure(task: Task, lines: Sequence[str]) -> str:
    """Send configuration lines, one after the other, and return the session's text.

    Each line's answer is read before the next is sent. The session has left configuration mode
    on return, also after a refusal; lines before the refused one stay applied.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: a line was refused; the message holds it and FRR's answer.
    """

    def send(connection: BaseConnection) -> str:
        try:
            return str(
                connection.send_config_set(
                    list(lines), error_pattern=_ERROR, read_timeout=_READ_TIMEOUT
                )
            )
        except ConfigInvalidException as error:
            connection.exit_config_mode()
            raise CommandRefusedError(f"{task.host.name}: {error}") from error

    return _ask(task, send)


def _ask(task: Task, use: Callable[[BaseConnection], T]) -> T:
    """Use the host's session; one that broke is closed, so that the next use opens a new one."""
    connection = task.host.get_connection(CONNECTION, task.nornir.config)
    try:
        return use(connection)
    except (NetmikoBaseException, SSHException, OSError, EOFError, ValueError) as error:
        # ValueError: how Netmiko says that a prompt or a mode did not come
        task.host.close_connection(CONNECTION)
        reason = " ".join(str(error).split())
        raise DeviceUnreachableError(f"{task.host.name}: the session was lost: {reason}") from error
