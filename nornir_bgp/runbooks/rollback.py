"""Go back to the plan of an earlier run, with the guarantees of a new one."""

from datetime import UTC, datetime
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import InputError, RefusedError
from nornir_bgp.models.natural import minimal
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.runbooks.evidence import load_report, load_standing_report, plan_made
from nornir_bgp.runbooks.execution import execute
from nornir_bgp.runbooks.live_links import down
from nornir_bgp.runbooks.natural import natural_exits
from nornir_bgp.runbooks.options import Options
from nornir_bgp.runbooks.seen import Seen
from nornir_bgp.runbooks.session import settings_of
from nornir_bgp.solver.plan_words import is_drained


def rollback(
    nr: Nornir,
    run: str | None = None,
    *,
    dry_run: bool | None = None,
    keep: bool = False,
    force: bool = False,
    save: bool | None = None,
) -> DistributeReport:
    """Put the plan of an earlier run on the gateways again, and prove it.

    Args:
        nr: the Nornir object.
        run: the run whose plan it is; ``None``: the one before the latest that stands.
        dry_run: touch nothing; ``None``: as the Nornir object says.
        keep: leave the change in place although its proof failed.
        force: go back also to a plan that is older than ``plan_max_age``.
        save: write the configuration on the gateways once it is proven, so that it survives their
            restart; ``None``: as the settings say.

    Returns:
        The report of this run, which is a run like any other.

    Raises:
        InputError: there is no such run, or its plan names an exit that is no more.
        RefusedError: the plan has expired; and as :func:`~nornir_bgp.runbooks.distribute` does.
        LockedError, DeviceError: likewise.
    """
    settings = settings_of(nr)
    runs = Path(settings.runs)
    if run is None:
        latest = load_standing_report(runs)
        target = load_standing_report(runs, before=latest.run)
    else:
        target = load_report(runs, run)
    made = plan_made(runs, target)
    longest = settings.plan_max_age
    if not force and longest is not None and datetime.now(UTC) - made > longest:
        raise RefusedError(
            f"the plan of run {target.run} was made at {made:%Y-%m-%d %H:%M} UTC and is older than "
            "plan_max_age; if it is meant all the same, use --force"
        )

    def decide(network: Network, seen: Seen) -> Plan:
        gone = [e.gateway for e in target.plan.exits if e.gateway not in network.gateways]
        if gone:
            raise InputError(f"run {target.run} planned for {', '.join(gone)}, which is no more")
        lost = [
            f"{exit_.upstream} sends {exit_.gateway} no {prefix}"
            for exit_ in target.plan.exits
            for prefix in set(exit_.prefixes) - seen.gateways.values[exit_.gateway].reached(exit_)
        ]
        if lost:
            raise RefusedError(
                f"the plan of run {target.run} stands on routes that are no more: "
                f"{', '.join(sorted(lost))}; distribute makes one for what there is"
            )
        # What was said of the network of that day need not be true of this one; and whoever goes
        # back means it, however well those predictions were.
        told = (
            *down(network.exits, seen.gateways.values),
            *map(is_drained, target.plan.drained),
        )
        plan = target.plan.model_copy(
            update={"error": None, "moved": None, "explanation": told, "warnings": told}
        )
        if all(exit_.overrides is None for exit_ in plan.exits):
            return plan
        # What the network does by itself may be another thing now than it was then.
        natural = natural_exits(network, seen.routers, plan.gateway_of, plan.drained)
        return minimal(plan, natural)

    return execute(
        nr,
        decide,
        source=f"plan of run {target.run}",
        made=made,
        inputs={},
        # Whoever goes back means it: neither a smaller matrix nor a small gain stands in the way.
        options=Options(dry_run=dry_run, keep=keep, force=True, save=save, min_gain=0.0),
    )
