"""The main job: predictions in, proven routes out."""

from datetime import timedelta

from nornir.core import Nornir

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.planning import Planning
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.runbooks.asked import Asked
from nornir_bgp.runbooks.execution import execute
from nornir_bgp.runbooks.newest import is_folder
from nornir_bgp.runbooks.options import Options
from nornir_bgp.runbooks.plan import plan_network
from nornir_bgp.runbooks.predictions import Predictions, locate, source_of
from nornir_bgp.runbooks.seen import Seen
from nornir_bgp.runbooks.session import settings_of
from nornir_bgp.solver.choose import Choice


def distribute(
    nr: Nornir,
    predictions: Predictions,
    *,
    solver: Choice = "auto",
    planning: Planning | None = None,
    slot: str | None = None,
    dry_run: bool | None = None,
    strict: bool = False,
    keep: bool = False,
    force: bool = False,
    save: bool | None = None,
    canary: bool | None = None,
    max_age: timedelta | None = None,
    min_gain: float | None = None,
) -> DistributeReport:
    """Plan, put the plan on the gateways, and prove it on the edge routers.

    Nothing is sent before every gateway and edge router has been read and every gateway is found
    ready. If a gateway fails during the change, or the proof fails within its deadline, all
    gateways are put back to what they had. What the tables will be is foretold before, and in the
    end compared with what they are; a difference is reported, and is no failure of the change.

    Args:
        nr: the Nornir object.
        predictions: the prediction matrix, its file, or a folder of which the newest is taken;
            then a plan that stands already leaves no evidence. Several files, or a file of several
            slots of time: the plan is best in the worst slot.
        solver: ``dp``, ``cpsat``, ``scale`` or ``auto``.
        planning: what is asked of the plan; ``None``: as the settings say.
        slot: plan for this slot alone: its number, from 0, or a time in it.
        dry_run: touch nothing; ``None``: as the Nornir object says.
        strict: refuse where a predicted prefix has no route.
        keep: leave the change in place although its proof failed.
        force: accept a matrix that has lost a large share against the last run.
        save: write the configuration on the gateways once it is proven, so that it survives their
            restart; ``None``: as the settings say.
        canary: move the smallest prefix first, alone, and prove it before the others follow;
            ``None``: as the settings say.
        max_age: refuse a file of predictions that was written longer ago; ``None``: as the
            settings say for a folder, and any file that is named.
        min_gain: leave the network alone where the largest gateway load would fall by less than
            this share of it, or by less than the predictions' own error; ``None``: as the settings
            say.

    Returns:
        The report; it is also left, with the evidence, in a folder of its own under ``runs``,
        unless nothing was done.

    Raises:
        InputError: the predictions or the inventory are wrong; nothing was touched.
        LockedError: another run is under way; nothing was touched.
        DeviceError: a router could not be read; nothing was touched.
        RefusedError: a gateway is not ready, no plan is feasible, no predicted prefix has a route,
            or the predictions are too old; nothing was touched.
    """
    if min_gain is not None and not 0 <= min_gain <= 1:
        raise InputError(f"min_gain: {min_gain} is no share of the load; give 0 to 1, as 0.05")
    settings = settings_of(nr)
    located = locate(predictions, settings, max_age)
    asked = Asked.of(located, settings, solver=solver, planning=planning, slot=slot, strict=strict)

    def decide(network: Network, seen: Seen) -> Plan:
        return plan_network(nr, network, asked, seen)

    return execute(
        nr,
        decide,
        source=source_of(located),
        inputs=asked.kept,
        matrix=asked.series.largest,
        options=Options(
            dry_run=dry_run,
            keep=keep,
            force=force,
            save=save,
            canary=canary,
            min_gain=min_gain,
            quiet=is_folder(predictions),
        ),
    )
