"""Bring a router to its rendered configuration."""

import traceback
from collections.abc import Mapping
from functools import partial
from ipaddress import ip_address

from nornir.core.inventory import Host
from nornir.core.task import Result, Task

from nornir_bgp.exceptions import CommandRefusedError, DeviceError, RefusedError
from nornir_bgp.frr.config_diff import config_change, restoring_change
from nornir_bgp.frr.secrets import masked
from nornir_bgp.models.config import ConfigChange
from nornir_bgp.models.deploy import DeviceDeploy
from nornir_bgp.models.fields import IPAddress
from nornir_bgp.models.settings import Policy
from nornir_bgp.tasks.connection import CONNECTION
from nornir_bgp.tasks.session import configure, show

_SHOW = "show running-config"


def deploy(
    task: Task,
    configurations: Mapping[str, str],
    policy: Policy,
    *,
    replace: bool = False,
    dry_run: bool | None = None,
) -> Result:
    """Send what separates a router from its rendered configuration, and read it back.

    Where FRR refuses a line, the session is lost, the router reads back as anything else, or this
    program fails, what was sent is taken back: the router is as rendered, or as it was.

    Args:
        task: the Nornir task.
        configurations: the rendered configuration of each router, by host name.
        policy: the names of the policy objects.
        replace: also remove the lines that are nobody's.
        dry_run: send nothing; ``None``: as the Nornir object says.

    Returns:
        ``result`` a :class:`DeviceDeploy`, ``diff`` the lines that go and come, ``changed``
        whether the router is not what it was, ``failed`` and ``exception`` where it is not as
        rendered: a DeviceError, a RefusedError, or whatever else, which is a fault of ours.

    Raises:
        KeyboardInterrupt: the user interrupted; a note says whether the router was put back.
    """
    name = task.host.name
    wanted = partial(
        config_change,
        intended=configurations[name],
        policy=policy,
        replace=replace,
        session_address=_session_address(task.host),
    )
    try:
        before = show(task, _SHOW)
        change = wanted(before)
    except Exception as error:
        outcome = DeviceDeploy(
            device=name,
            change=None,
            changed=False,
            refused=isinstance(error, RefusedError),
            fault=_is_fault(error),
            error=_told(error),
        )
        return _result(task, outcome, error)
    sends = not (change.is_empty or task.is_dry_run(dry_run))
    if sends:
        try:
            _send(task, change)
            _compare(task, wanted(show(task, _SHOW)), "its rendered configuration")
        except Exception as error:  # whatever it is, the router must not stay half changed
            return _result(task, _put_back(task, before, policy, change, error), error)
        except BaseException as error:  # the user interrupts a run in this very thread
            outcome = _put_back(task, before, policy, change, error)
            error.add_note(
                f"{name}: {outcome.error}" if outcome.changed else f"{name} was put back"
            )
            raise
    return _result(task, DeviceDeploy(device=name, change=change, changed=sends))


def _session_address(host: Host) -> IPAddress | None:
    try:
        return ip_address(str(host.hostname))
    except ValueError:  # a name, whose address the manager's resolver alone knows
        return None


def _send(task: Task, change: ConfigChange) -> None:
    if not change.is_empty:
        configure(task, change.commands)


def _compare(task: Task, left: ConfigChange, what: str) -> None:
    if not left.is_empty:
        raise CommandRefusedError(
            f"{task.host.name}: every line was taken, yet it is not {what}; left over:\n"
            + masked(left.diff)
        )


def _put_back(
    task: Task, before: str, policy: Policy, change: ConfigChange, error: BaseException
) -> DeviceDeploy:
    """Take back what was sent, by the difference to what the router says now."""
    restore = partial(restoring_change, before=before, policy=policy)
    if _is_fault(error):  # in the middle of anything: the session may still be configuring
        _close_session(task.host)
    failures = [error]
    try:
        _send(task, restore(show(task, _SHOW)))
        _compare(task, restore(show(task, _SHOW)), "what it was")
    except Exception as another:
        failures.append(another)
    stuck = len(failures) > 1
    return DeviceDeploy(
        device=task.host.name,
        change=change,
        changed=stuck,
        restored=not stuck,
        fault=any(map(_is_fault, failures)),
        error="; NOT PUT BACK: ".join(map(_told, failures)),
    )


def _close_session(host: Host) -> None:
    if CONNECTION in host.connections:
        host.close_connection(CONNECTION)


def _is_fault(error: BaseException) -> bool:
    return not isinstance(error, DeviceError | RefusedError)


def _told(error: BaseException) -> str:
    """Say what went wrong; where in the program, if the fault is ours."""
    if not _is_fault(error):
        return str(error)
    return f"a fault of nornir-bgp: {''.join(traceback.format_exception(error)).strip()}"


def _result(task: Task, outcome: DeviceDeploy, error: Exception | None = None) -> Result:
    change = outcome.change and _shown(outcome.change)
    return Result(
        host=task.host,
        result=outcome.model_copy(update={"change": change}),
        diff=change.diff if change else "",
        changed=outcome.changed,
        failed=error is not None,
        exception=error,
    )


def _shown(change: ConfigChange) -> ConfigChange:
    """The change as a report may show it: passwords of sessions are lines like any other."""
    return change.model_copy(
        update={
            "commands": tuple(map(masked, change.commands)),
            "diff": masked(change.diff),
            "unmanaged": tuple(map(masked, change.unmanaged)),
            "kept": tuple(map(masked, change.kept)),
        }
    )
