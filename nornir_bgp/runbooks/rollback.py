"""Go back to the plan of an earlier run, with the guarantees of a new one."""

from collections.abc import Mapping
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.state import GatewayState
from nornir_bgp.runbooks.evidence import load_report, load_standing_report
from nornir_bgp.runbooks.execution import execute
from nornir_bgp.runbooks.session import settings_of


def rollback(
    nr: Nornir,
    run: str | None = None,
    *,
    dry_run: bool | None = None,
    keep: bool = False,
    save: bool | None = None,
) -> DistributeReport:
    """Put the plan of an earlier run on the gateways again, and prove it.

    Args:
        nr: the Nornir object.
        run: the run whose plan it is; ``None``: the one before the latest that stands.
        dry_run: touch nothing; ``None``: as the Nornir object says.
        keep: leave the change in place although its proof failed.
        save: write the configuration on the gateways once it is proven, so that it survives their
            restart; ``None``: as the settings say.

    Returns:
        The report of this run, which is a run like any other.

    Raises:
        InputError: there is no such run, or its plan names an exit that is no more.
        LockedError, DeviceError, RefusedError: as :func:`~nornir_bgp.runbooks.distribute` does.
    """
    runs = Path(settings_of(nr).runs)
    if run is None:
        latest = load_standing_report(runs)
        target = load_standing_report(runs, before=latest.run)
    else:
        target = load_report(runs, run)

    def decide(network: Network, states: Mapping[str, GatewayState]) -> Plan:
        gone = [e.gateway for e in target.plan.exits if e.gateway not in network.gateways]
        if gone:
            raise InputError(f"run {target.run} planned for {', '.join(gone)}, which is no more")
        return target.plan

    return execute(
        nr,
        decide,
        source=f"plan of run {target.run}",
        inputs={},
        dry_run=dry_run,
        keep=keep,
        force=True,
        save=save,
    )
