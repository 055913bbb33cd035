"""``nornir-bgp plan``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nornir_bgp.cli.context import context_of
from nornir_bgp.cli.options import Json, Solver, Strict
from nornir_bgp.cli.planning import (
    PlanningOptions,
    PredictionFiles,
    Slot,
    predictions_of,
    with_options,
)
from nornir_bgp.exceptions import InputError

if TYPE_CHECKING:
    from nornir_bgp.models.plan import Plan

app = typer.Typer()


@app.command()
@with_options
def plan(
    context: typer.Context,
    predictions: PredictionFiles,
    solver: Solver = "auto",
    *,
    planning: PlanningOptions,
    slot: Slot = None,
    per_slot: Annotated[
        bool, typer.Option("--per-slot", help="One plan for each slot of time.")
    ] = False,
    slot_moves: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="With --per-slot: at most so many prefixes move from one slot to the next.",
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not ask the gateways what they have a route to.")
    ] = False,
    gateways: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --offline: the gateways, and what they reach, from this JSON file instead "
            "of the inventory.",
        ),
    ] = None,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Decide which exit carries which prefix; touch nothing."""
    from nornir_bgp.cli.show import show_plan
    from nornir_bgp.cli.show_simulation import show_prediction
    from nornir_bgp.runbooks.plan import plan as make
    from nornir_bgp.runbooks.plan import plan_by_file, plan_slots

    cli = context_of(context)
    if gateways is not None and not offline:
        raise InputError("--gateways is for plans that ask no router; add --offline")
    if slot_moves is not None and not per_slot:
        raise InputError("--slot-moves is about the plans of --per-slot; add that")
    if slot is not None and per_slot:
        raise InputError("--slot asks for one slot and --per-slot for all; give one")
    files = predictions_of(predictions)
    asked = planning.over(cli.settings.planning)
    plans: tuple[Plan, ...]
    if gateways is not None:
        plans = plan_by_file(
            files,
            gateways,
            solver=solver,
            planning=asked,
            slot=slot,
            per_slot=per_slot,
            slot_moves=slot_moves,
            strict=strict,
        )
    elif per_slot:
        plans = plan_slots(
            cli.nornir,
            files,
            slot_moves=slot_moves,
            solver=solver,
            planning=asked,
            offline=offline,
            strict=strict,
        )
    else:
        made = make(
            cli.nornir,
            files,
            solver=solver,
            planning=asked,
            slot=slot,
            offline=offline,
            strict=strict,
        )
        plans = (made,)
    if json:
        written = [made.model_dump_json() for made in plans]
        cli.answer(f"[{','.join(written)}]" if per_slot else written[0])
        return
    for made in plans:
        show_plan(cli.console, made)
        if made.prediction is not None:
            show_prediction(cli.console, made.prediction)
