"""Bring a router to its rendered configuration."""

from collections.abc import Mapping
from functools import partial
from ipaddress import ip_address

from nornir.core.inventory import Host
from nornir.core.task import Result, Task

from nornir_bgp.exceptions import CommandRefusedError, DeviceError, RefusedError
from nornir_bgp.frr.config_diff import config_change, restoring_change
from nornir_bgp.models.config import ConfigChange
from nornir_bgp.models.deploy import DeviceDeploy
from nornir_bgp.models.fields import IPAddress
from nornir_bgp.models.settings import Policy
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

    Where FRR refuses a line, the session is lost, or the router reads back as anything else, what
    was sent is taken back: the router is as rendered, or as it was.

    Args:
        task: the Nornir task.
        configurations: the rendered configuration of each router, by host name.
        policy: the names of the policy objects.
        replace: also remove the lines that are nobody's.
        dry_run: send nothing; ``None``: as the Nornir object says.

    Returns:
        ``result`` a :class:`DeviceDeploy`, ``diff`` the lines that go and come, ``changed``
        whether the router is not what it was, ``failed`` and ``exception`` where it is not as
        rendered.
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
    except (DeviceError, RefusedError) as error:
        outcome = DeviceDeploy(
            device=name,
            change=None,
            changed=False,
            refused=isinstance(error, RefusedError),
            error=str(error),
        )
        return _result(task, outcome, error)
    sends = not (change.is_empty or task.is_dry_run(dry_run))
    if sends:
        try:
            _send(task, change)
            _compare(task, wanted(show(task, _SHOW)), "its rendered configuration")
        except DeviceError as error:
            return _result(task, _put_back(task, before, policy, change, error), error)
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
            f"{task.host.name}: every line was taken, yet it is not {what}; left over:\n{left.diff}"
        )


def _put_back(
    task: Task, before: str, policy: Policy, change: ConfigChange, error: DeviceError
) -> DeviceDeploy:
    """Take back what was sent, by the difference to what the router says now."""
    restore = partial(restoring_change, before=before, policy=policy)
    stuck = ""
    try:
        _send(task, restore(show(task, _SHOW)))
        _compare(task, restore(show(task, _SHOW)), "what it was")
    except DeviceError as another:
        stuck = f"; NOT PUT BACK: {another}"
    return DeviceDeploy(
        device=task.host.name,
        change=change,
        changed=bool(stuck),
        restored=not stuck,
        error=f"{error}{stuck}",
    )


def _result(task: Task, outcome: DeviceDeploy, error: Exception | None = None) -> Result:
    return Result(
        host=task.host,
        result=outcome,
        diff=outcome.change.diff if outcome.change else "",
        changed=outcome.changed,
        failed=error is not None,
        exception=error,
    )
