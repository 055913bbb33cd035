"""The Nornir connection to a router: Netmiko into vtysh, in the lab through its manager."""

import errno
import logging
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netmiko import NetmikoAuthenticationException, NetmikoBaseException, NetmikoTimeoutException
from netmiko.exceptions import ReadException, ReadTimeout
from nornir.core.configuration import Config
from nornir_netmiko.connections import Netmiko
from paramiko import AuthenticationException, SSHException
from paramiko.ssh_exception import NoValidConnectionsError
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential,
    wait_random,
)

from nornir_bgp.exceptions import DeviceUnreachableError, InputError
from nornir_bgp.lab.state import DIRECT, LabState
from nornir_bgp.models.nornir_config import FRR_CONNECTION, SECRET_EXTRAS, unsafe_extras
from nornir_bgp.models.settings import Settings
from nornir_bgp.tasks.secrets import revealed
from nornir_bgp.tasks.session_log import SessionLog

CONNECTION = FRR_CONNECTION
"""The name under which Nornir knows this plugin."""

DEFAULTS: Mapping[str, Any] = {
    "allow_agent": True,
    "ssh_strict": True,
    "system_host_keys": True,
    "conn_timeout": 10,
}
"""Netmiko's arguments; ``connection_options.frr.extras`` of the inventory go over them."""

FIRST_PAUSE, LONGEST_PAUSE, JITTER = 0.5, 8.0, 0.5
"""Seconds between two attempts: the first pause, which doubles each time, its limit, and what is
added at random, so that many sessions do not come back at once."""

LAST_ATTEMPT = 60.0
"""Seconds after the first attempt when no further one is begun."""

_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")
"""The names of a user's own keys, in ``~/.ssh``."""

_PASSING_ERRNOS = frozenset(
    {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EAGAIN}
)

_PASSING_WORDS = (
    "Error reading SSH protocol banner",
    "Negotiation failed",
    "No existing session",
    "SSH session not active",
    "Timeout opening channel",
    "Unable to open channel",
    "Channel closed",
)
"""What paramiko says, without a class of its own, of a connection that was slow or cut."""

_FAILURES = (NetmikoBaseException, SSHException, OSError, EOFError, ValueError)
"""How Netmiko and paramiko fail to open a session; ValueError: there is no prompt."""

_log = logging.getLogger(__name__)
# What these report is also in the error, which is told once; their own lines would stand between.
for _library in ("paramiko", "netmiko"):
    logging.getLogger(_library).addHandler(logging.NullHandler())


class FrrConnection(Netmiko):  # type: ignore[misc] # nornir-netmiko has no types
    """An SSH session into ``vtysh``, with the host key checked.

    Netmiko has no FRR driver; ``cisco_ios`` fits vtysh's prompts and configuration mode. While the
    configuration names a lab, the TCP connection is made inside the lab manager's network
    namespace, and never in the machine's own network; a program that runs in the manager itself,
    Containerlab's or the built-in lab's, is told so by its environment and connects directly.

    Opening a session is tried again, with growing pauses, after failures that may pass: nobody
    listens, no answer in time, the connection cut. A wrong host key, a refused login or a lab that
    is down are final. Whatever is said in a session is said once: see
    :mod:`nornir_bgp.tasks.session`.
    """

    def __init__(self) -> None:
        self._log: SessionLog | None = None

    def open(
        self,
        hostname: str | None,
        username: str | None,
        password: str | None,
        port: int | None,
        platform: str | None,
        extras: dict[str, Any] | None = None,
        configuration: Config | None = None,
    ) -> None:
        """Open the session.

        Raises:
            InputError: a secret cannot be read, or an argument would switch a check off.
            LabError: the configuration names a lab that is not up.
            DeviceUnreachableError: no session: no route, refused, wrong key, wrong host key.
        """
        host = str(hostname)
        given = dict(extras or {})
        for unsafe, mend in unsafe_extras(given):
            raise InputError(f"{host}: connection_options.{CONNECTION}.extras.{unsafe}: {mend}")
        for name in SECRET_EXTRAS:
            if given.get(name) is not None:
                given[name] = revealed(given[name], f"{host}: {name}")
        if password is not None:
            password = revealed(password, f"{host}: password")
        settings = Settings.model_validate(configuration.user_defined if configuration else {})
        lab = None if settings.lab is None else LabState.of(settings.lab)
        parameters = _with_keys({**DEFAULTS, **given, **_lab_arguments(lab)})
        if settings.session_logs is not None:
            hidden = [given[name] for name in SECRET_EXTRAS if given.get(name)]
            self._log = SessionLog(Path(settings.session_logs), host, [*hidden, password or ""])
            parameters["session_log"] = self._log

        def attempt() -> None:
            if lab is not None and DIRECT not in os.environ:
                timeout = parameters["conn_timeout"]
                parameters["sock"] = lab.dial(host, port or 22, timeout=timeout)
            super(FrrConnection, self).open(
                hostname, username, password, port, "cisco_ios", parameters, configuration
            )

        try:
            _patiently(host, settings.connection_attempts)(attempt)
        except _FAILURES as error:
            self._close_log()
            if isinstance(error, DeviceUnreachableError | InputError):
                raise
            raise DeviceUnreachableError(f"{host}: no SSH session: {_reason(error)}") from error

    def close(self) -> None:
        """End the session."""
        super().close()
        self._close_log()

    def _close_log(self) -> None:
        if self._log is not None:
            self._log.close()


def may_pass(error: BaseException) -> bool:
    """Whether a failure to open a session is one that another attempt may not meet."""
    cause = _cause(error)
    if isinstance(cause, AuthenticationException | ReadTimeout):
        return False
    if isinstance(cause, socket.gaierror):
        return cause.errno == socket.EAI_AGAIN
    if isinstance(
        cause, ConnectionError | TimeoutError | NoValidConnectionsError | EOFError | ReadException
    ):
        return True
    if isinstance(cause, OSError):
        return cause.errno in _PASSING_ERRNOS
    return isinstance(cause, SSHException) and str(cause).startswith(_PASSING_WORDS)


def _cause(error: BaseException) -> BaseException:
    """Return what paramiko or the system said, in whose place Netmiko raises advice."""
    advice = isinstance(error, NetmikoTimeoutException | NetmikoAuthenticationException)
    return error.__context__ if advice and error.__context__ is not None else error


def _reason(error: BaseException) -> str:
    """Say in one line why there is no session."""
    cause = _cause(error)
    if isinstance(cause, ReadTimeout):  # Netmiko's own words are advice of many lines
        return "no prompt came"
    if isinstance(cause, NoValidConnectionsError):  # one for each of the name's addresses
        cause = next(iter(cause.errors.values()))
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    if isinstance(cause, FileNotFoundError | PermissionError) and cause.filename:
        said = f"{cause.filename}: {said}"
    return " ".join(said.split()) or type(cause).__name__


def _patiently(host: str, attempts: int) -> Retrying:
    """Return what tries to open a session several times."""

    def tell(state: RetryCallState) -> None:
        error = state.outcome and state.outcome.exception()
        reason = _reason(error) if error else ""
        number, pause = state.attempt_number, state.upcoming_sleep
        _log.info("%s: attempt %d: %s; again in %.1f s", host, number, reason, pause)

    return Retrying(
        stop=stop_after_attempt(attempts) | stop_before_delay(LAST_ATTEMPT),
        wait=wait_exponential(FIRST_PAUSE, max=LONGEST_PAUSE) + wait_random(0, JITTER),
        retry=retry_if_exception(may_pass),
        before_sleep=tell,
        reraise=True,
    )


def _lab_arguments(lab: LabState | None) -> dict[str, Any]:
    """Return what holds for the routers of a lab whatever the inventory says."""
    if lab is None:
        return {}
    # A ProxyCommand of the user's own would lead out of the lab.
    arguments: dict[str, Any] = {"ssh_config_file": None}
    if lab.key_file.exists():
        arguments |= {
            "allow_agent": False,
            "key_file": str(lab.key_file),
            "system_host_keys": False,
            "alt_host_keys": True,
            "alt_key_file": str(lab.known_hosts),
        }
    return arguments


def _with_keys(parameters: dict[str, Any]) -> dict[str, Any]:
    """Add the user's own keys, unless the inventory says which key to use, or to use none.

    Netmiko looks for them only where one is named.
    """
    if parameters.get("use_keys", True):
        own = (Path("~/.ssh").expanduser() / name for name in _KEYS)
        named = parameters.get("key_file") or next((str(key) for key in own if key.is_file()), None)
        return {**parameters, "use_keys": named is not None, "key_file": named}
    return parameters
