"""What every task says to a router: show something, read something, configure something."""

import re
from collections.abc import Callable, Sequence
from threading import Timer
from typing import TypeVar, cast

from netmiko import BaseConnection, NetmikoBaseException
from netmiko.exceptions import ConfigInvalidException
from nornir.core.task import Task
from paramiko import SFTPClient, SFTPError, SSHClient, SSHException

from nornir_bgp.exceptions import CommandRefusedError, DeviceUnreachableError, TableSyntaxError
from nornir_bgp.frr.answer import without_notices
from nornir_bgp.frr.secrets import masked
from nornir_bgp.tasks.bulk import send_many
from nornir_bgp.tasks.channel import BUSY, SILENCE, watch
from nornir_bgp.tasks.connection import CONNECTION

T = TypeVar("T")

_ERROR = r"^(% .*$|Warning: (closing connection|connecting) to (?s:.*))"
"""How FRR refuses a line. The warnings are vtysh's about a daemon that has died or was restarted:
the others have taken the line, that one has not, and yet the configuration would show it. What
follows a warning is part of the answer."""
_REFUSED = re.compile(r"% |Warning: (closing connection|connecting) to |\w+ is not running\s*$")
"""How FRR refuses to answer, or says that a daemon has died."""

_CAME_BACK = re.compile(r"\A\s*Warning: connecting to \w+\.\.\.success!\s*")
"""What vtysh says before the answer of a daemon that was restarted."""

MANY = 20
"""From so many lines on they are sent together, where that is allowed."""

_FILE_TIMEOUT = 20.0
"""Seconds for a small file."""


def show(task: Task, command: str) -> str:
    """Return what a router answers to a command outside configuration mode.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: the router answered with an error.
    """
    answer = _ask(task, lambda connection: _said(connection, command))
    answer = _CAME_BACK.sub("", without_notices(answer), count=1)
    if _REFUSED.match(answer):
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


def read_file(task: Task, path: str) -> str:
    """Return the content of a file on a router, by SFTP over the session that is open anyway.

    OpenSSH's ``internal-sftp`` needs no shell: it also works where the login shell is vtysh.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: the router has no SFTP, or does not let this user read the file.
    """

    def fetch(connection: BaseConnection) -> str:
        client = cast(SSHClient, connection.remote_conn_pre)
        channel = client.get_transport().open_session(timeout=_FILE_TIMEOUT)
        # What waits on a channel wakes up when it is closed; nothing else bounds it.
        watchdog = Timer(_FILE_TIMEOUT, channel.close)
        watchdog.start()
        try:
            channel.invoke_subsystem("sftp")
            with SFTPClient(channel).open(path) as file:
                content: bytes = file.read()
            return content.decode("utf-8", "replace")
        except (SFTPError, SSHException, OSError, EOFError) as error:
            if not channel.get_transport().is_active():
                raise SSHException("the connection has ended") from error
            if not watchdog.is_alive():
                raise SSHException(f"{path} was not read in {_FILE_TIMEOUT:g} s") from error
            raise CommandRefusedError(
                f"{task.host.name}: {path} cannot be read: {error or 'no SFTP'}; its sshd_config "
                "needs the line `Subsystem sftp internal-sftp -R`"
            ) from error
        finally:
            watchdog.cancel()
            channel.close()

    return _ask(task, fetch)


def configure(task: Task, lines: Sequence[str], *, together: bool = False) -> str:
    """Send configuration lines in their order, and return the session's text.

    Each line's answer is read before the next is sent. The session has left configuration mode
    on return, also after a refusal; lines before the refused one stay applied.

    Args:
        task: the Nornir task.
        lines: the lines.
        together: many may be sent and committed together: they are entries of prefix-lists and
            clauses of route-maps (:mod:`nornir_bgp.frr.batches`). After a refusal some lines
            behind the refused one may stay applied, too.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: a line was refused; the message holds it and FRR's answer.
    """
    many = together and len(lines) >= MANY

    def send(connection: BaseConnection) -> str:
        try:
            if many:
                return send_many(connection, lines, _ERROR)
            return str(connection.send_config_set(list(lines), error_pattern=_ERROR))
        except ConfigInvalidException as error:
            connection.exit_config_mode()
            raise CommandRefusedError(f"{task.host.name}: {masked(str(error))}") from error

    return _ask(task, send, silence=BUSY if many else SILENCE)


def _said(connection: BaseConnection, command: str) -> str:
    """Say a command, and return what comes between its echo and the next prompt.

    By itself Netmiko would first look for the prompt by an empty line, and by more of them where
    none comes within 25 ms. A command that is typed while a busy router works those off is echoed
    twice, by the terminal and by vtysh, and the second echo is taken for the answer. The prompt is
    known, and has been seen behind all that was said before.
    """
    prompt = f"{connection.base_prompt}# "
    mark = re.escape(prompt)
    # At the begin of a line, and no echo; the words come first, which are quickly searched for.
    end = rf"{mark}(?<![^\n]{mark})(?!{re.escape(command)})"
    said = str(connection.send_command(command, expect_string=end, strip_command=False))
    answer = said.partition(command)[2].rpartition(f"{prompt}{command}")[2]
    return answer.lstrip("\n")


def _ask(task: Task, use: Callable[[BaseConnection], T], *, silence: float = SILENCE) -> T:
    """Use the host's session; one that broke is closed, so that the next use opens a new one.

    Args:
        task: the Nornir task.
        use: what to do with the session.
        silence: for how many seconds the router may say nothing.
    """
    connection = _session(task)
    watch(connection, silence)
    try:
        return use(connection)
    except (NetmikoBaseException, SSHException, OSError, EOFError, ValueError) as error:
        # ValueError: how Netmiko says that a prompt or a mode did not come
        if CONNECTION in task.host.connections:  # it may have been closed meanwhile
            task.host.close_connection(CONNECTION)
        reason = " ".join(masked(str(error)).split())
        raise DeviceUnreachableError(f"{task.host.name}: the session was lost: {reason}") from error


def _session(task: Task) -> BaseConnection:
    """Return the host's session, opened where there is none.

    Raises:
        DeviceUnreachableError: it cannot be; the message names the host and its address.
    """
    name = task.host.name
    try:
        return cast(BaseConnection, task.host.get_connection(CONNECTION, task.nornir.config))
    except DeviceUnreachableError as error:
        raise DeviceUnreachableError(
            str(error) if str(error).startswith(f"{name}:") else f"{name} at {error}"
        ) from error
