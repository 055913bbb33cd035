"""The main job: predictions in, proven routes out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from nornir.core import Nornir

from nornir_bgp.exceptions import RefusedError
from nornir_bgp.frr.prefix_list import Entry, parse_prefix_lists
from nornir_bgp.frr.preflight import leaks, preflight
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit, Plan
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.report import Check, DistributeReport, GatewayChange, exit_code_of
from nornir_bgp.models.state import GatewayState, TableState
from nornir_bgp.runbooks.asking import Answers, ask, sessions
from nornir_bgp.runbooks.change import change_overrides, preview_change
from nornir_bgp.runbooks.evidence import REPORT, Evidence
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.plan import Predictions, plan_network, read_predictions
from nornir_bgp.runbooks.verify import prove
from nornir_bgp.solver.choose import Choice
from nornir_bgp.tasks.collect import collect_gateway, collect_table


def distribute(
    nr: Nornir,
    predictions: Predictions,
    *,
    solver: Choice = "auto",
    dry_run: bool | None = None,
    strict: bool = False,
) -> DistributeReport:
    """Plan, put the plan on the gateways, and prove it on the edge routers.

    Nothing is sent before every gateway and edge router has been read and every gateway is found
    ready. If a gateway fails during the change, all are put back to what they had.

    Args:
        nr: the Nornir object.
        predictions: the prediction matrix or its file.
        solver: ``dp``, ``cpsat`` or ``auto``.
        dry_run: touch nothing; ``None``: as the Nornir object says.
        strict: refuse where a predicted prefix has no route.

    Returns:
        The report; it is also left, with the evidence, in a folder of its own under ``runs``.

    Raises:
        InputError: the predictions or the inventory are wrong; nothing was touched.
        DeviceError: a router could not be read; nothing was touched.
        RefusedError: a gateway is not ready, or no predicted prefix has a route; nothing was
            touched.
    """
    run = _Run(nr, dry=nr.data.dry_run if dry_run is None else dry_run)
    matrix = read_predictions(predictions)
    source = "" if isinstance(predictions, PredictionMatrix) else str(predictions)
    with sessions(nr):
        with run.phase("collect"):
            before = _collect(nr, run.network).complete()
        with run.phase("plan"):
            planned = plan_network(
                run.network, matrix, before.gateways.values, solver=solver, strict=strict
            )
        _refuse_unready(run.network, before, planned)
        overrides = {name: gateway.prefixes for name, gateway in planned.gateways.items()}
        with run.phase("preview"):
            changes = preview_change(nr, run.network, overrides)
        if run.dry:
            return run.report(source, planned, changes)
        evidence = Evidence(Path(run.network.settings.runs), run.started)
        evidence.write("predictions.json", matrix.model_dump_json(indent=2))
        evidence.write("plan.json", planned.model_dump_json(indent=2))
        _write_state(evidence, "before", before)
        with run.phase("push"):
            changes = change_overrides(
                nr, run.network, overrides, before.lists(run.network), changes
            )
        checks: tuple[Check, ...] = ()
        if not any(change.error for change in changes):
            with run.phase("prove"):
                checks = prove(nr, run.network, planned.gateway_of).checks
        after = _collect(nr, run.network)
    findings = _findings(run.network, planned, before, after)
    report = run.report(source, planned, changes, checks, findings, evidence.run)
    evidence.write(REPORT, report.model_dump_json(indent=2))
    for change in changes:
        evidence.write(f"{change.gateway}.diff", change.diff)
    _write_state(evidence, "after", after)
    return report


@dataclass(frozen=True, slots=True)
class _Seen:
    """All gateways and edge routers at one moment, as far as they answered."""

    gateways: Answers[GatewayState]
    edges: Answers[TableState]

    def complete(self) -> Self:
        """Return this, if every router answered.

        Raises:
            DeviceError: one did not.
        """
        self.gateways.complete()
        self.edges.complete()
        return self

    def lists(self, network: Network) -> dict[str, tuple[Entry, ...]]:
        """The override list of each gateway."""
        name = network.settings.policy.prefix_list
        return {
            gateway: parse_prefix_lists(state.running_config).get(name, ())
            for gateway, state in self.gateways.values.items()
        }


class _Run:
    """What one execution knows from the start, and how long its phases took."""

    def __init__(self, nr: Nornir, *, dry: bool) -> None:
        self.started = datetime.now(UTC)
        self.dry = dry
        self.network = network_of(nr)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 3)

    def report(
        self,
        source: str,
        planned: Plan,
        changes: tuple[GatewayChange, ...],
        checks: tuple[Check, ...] = (),
        findings: tuple[str, ...] = (),
        run: str | None = None,
    ) -> DistributeReport:
        errors = [change.error for change in changes if change.error]
        return DistributeReport(
            run=run,
            predictions=source,
            started=self.started,
            dry_run=self.dry,
            ok=not errors and not findings and (self.dry or exit_code_of(checks) == 0),
            plan=planned,
            changes=changes,
            checks=checks,
            findings=findings,
            seconds=self.seconds,
            error="; ".join(errors) or None,
        )


def _collect(nr: Nornir, network: Network) -> _Seen:
    return _Seen(
        ask(nr, network.gateways, collect_gateway, GatewayState, exits=network.exits),
        ask(nr, network.edges, collect_table, TableState),
    )


def _refuse_unready(network: Network, seen: _Seen, planned: Plan) -> None:
    """Refuse before anything is sent.

    Raises:
        RefusedError: a gateway lacks something that the plan stands on, named line by line; or
            the plan is empty, and would only take away what is there.
    """
    if not planned.gateway_of:
        raise RefusedError("no predicted prefix has a route at any gateway; nothing to distribute")
    findings = [
        f"{gateway}: {finding}"
        for gateway, state in seen.gateways.values.items()
        for finding in preflight(
            state,
            network.exits_at(gateway),
            planned.gateway_of,
            network.settings.policy,
            allow_transit=network.settings.allow_transit,
        )
    ]
    if findings:
        raise RefusedError("the gateways are not ready:\n" + "\n".join(findings))


def _findings(network: Network, planned: Plan, before: _Seen, after: _Seen) -> tuple[str, ...]:
    """Say what a change of preference alone would not have brought about.

    A router that does not answer any more has its say in the checks, or in the change's error.
    """
    found: list[str] = []
    for gateway, state in after.gateways.values.items():
        exits = network.exits_at(gateway)
        if not network.settings.allow_transit:
            found.extend(f"{gateway}: {leak}" for leak in leaks(state, exits, planned.gateway_of))
        for exit_ in exits:
            was = _sent(before.gateways.values[gateway], exit_, planned)
            is_ = _sent(state, exit_, planned)
            found.extend(
                f"{gateway}: {exit_.upstream} {verb} {prefix} (AS path {as_path})"
                for verb, routes in (("no longer sends", was - is_), ("now sends", is_ - was))
                for prefix, as_path in sorted(routes)
            )
    return tuple(found)


def _sent(state: GatewayState, exit_: Exit, planned: Plan) -> set[tuple[str, str]]:
    """The planned routes (prefix, AS path) that an upstream has sent."""
    routes = state.table.rib.routes
    return {
        (prefix, path.as_path)
        for prefix in planned.gateway_of
        for path in routes.get(prefix, ())
        if path.peer == str(exit_.neighbor)
    }


def _write_state(evidence: Evidence, moment: str, seen: _Seen) -> None:
    for name, state in seen.gateways.values.items():
        evidence.write(f"{moment}/{name}.conf", state.running_config)
        evidence.write(f"{moment}/{name}.table.txt", state.table.text)
    for name, table in seen.edges.values.items():
        evidence.write(f"{moment}/{name}.table.txt", table.text)
