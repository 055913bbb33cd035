"""Bring every router of the inventory to its rendered configuration."""

from contextlib import nullcontext
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.frr.config_diff import check_intended
from nornir_bgp.models.deploy import DeployReport, DeviceDeploy
from nornir_bgp.runbooks.asking import sessions
from nornir_bgp.runbooks.lock import locked
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import settings_of
from nornir_bgp.tasks import deploy as task


def deploy(nr: Nornir, *, dry_run: bool | None = None, replace: bool = False) -> DeployReport:
    """Deploy to all hosts in parallel; each becomes as rendered or stays as it was.

    Args:
        nr: the Nornir object.
        dry_run: read and compare only; ``None``: as the Nornir object says.
        replace: also remove what neither the rendered configuration nor the automation owns.

    Raises:
        InputError: the settings, a host's data or the template is wrong; nothing was touched.
        LockedError: another run is under way; nothing was touched.
    """
    configurations = render(nr)
    for name, text in configurations.items():
        check_intended(name, text)
    failed_before = set(nr.data.failed_hosts)
    dry = nr.data.dry_run if dry_run is None else dry_run
    settings = settings_of(nr)
    with nullcontext() if dry else locked(Path(settings.runs)), sessions(nr):
        outcome = nr.run(
            task=task.deploy,
            on_failed=True,
            raise_on_error=False,
            configurations=configurations,
            policy=settings.policy,
            replace=replace,
            dry_run=dry,
        )
    nr.data.failed_hosts.intersection_update(failed_before)  # the report says who failed
    devices = []
    for name in configurations:
        result = outcome[name][0]
        if not isinstance(result.result, DeviceDeploy):
            raise result.exception or TypeError(f"deploy answered {result.result!r}")
        devices.append(result.result)
    return DeployReport(
        dry_run=dry,
        replace=replace,
        ok=all(device.error is None for device in devices),
        devices=tuple(devices),
    )
