"""The main job: predictions in, proven routes out."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import RefusedError
from nornir_bgp.frr.prefix_list import Entry, parse_prefix_lists
from nornir_bgp.frr.preflight import preflight
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit, Plan
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.report import Check, DistributeReport, GatewayChange, exit_code_of
from nornir_bgp.models.state import GatewayState, TableState
from nornir_bgp.runbooks.asking import ask
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
    with run.phase("collect"):
        before = _collect(nr, run.network)
    with run.phase("plan"):
        planned = plan_network(run.network, matrix, before.gateways, solver=solver, strict=strict)
    _refuse_unready(run.network, before, planned)
    overrides = {name: gateway.prefixes for name, gateway in planned.gateways.items()}
    with run.phase("preview"):
        changes = preview_change(nr, run.network, overrides)
    source = "" if isinstance(predictions, PredictionMatrix) else str(predictions)
    if run.dry:
        return run.report(source, planned, changes)

    evidence = Evidence(Path(run.network.settings.runs), run.started)
    evidence.write("predictions.json", matrix.model_dump_json(indent=2))
    evidence.write("plan.json", planned.model_dump_json(indent=2))
    _write_state(evidence, "before", before)
    with run.phase("push"):
        changes = change_overrides(nr, run.network, overrides, before.lists(run.network), changes)
    checks: tuple[Check, ...] = ()
    if not any(change.error for change in changes):
        with run.phase("prove"):
            checks = prove(nr, run.network, planned.gateway_of).checks
    after = _collect(nr, run.network, partly=True)
    _write_state(evidence, "after", after)
    report = run.report(
        source, planned, changes, checks, _moved_routes(run.network, before, after), evidence.run
    )
    for change in changes:
        evidence.write(f"{change.gateway}.diff", change.diff)
    evidence.write(REPORT, report.model_dump_json(indent=2))
    return report


@dataclass(frozen=True, slots=True)
class _Seen:
    """All gateways and edge routers at one moment."""

    gateways: Mapping[str, GatewayState]
    edges: Mapping[str, TableState]

    def lists(self, network: Network) -> dict[str, tuple[Entry, ...]]:
        name = network.settings.policy.prefix_list
        return {
            gateway: parse_prefix_lists(state.running_config).get(name, ())
            for gateway, state in self.gateways.items()
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


def _collect(nr: Nornir, network: Network, *, partly: bool = False) -> _Seen:
    """Read all gateways and edge routers; ``partly``: those that answer."""
    gateways = ask(nr, network.gateways, collect_gateway, GatewayState)
    edges = ask(nr, network.edges, collect_table, TableState)
    if not partly:
        gateways.complete()
        edges.complete()
    return _Seen(gateways.values, edges.values)


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
        for gateway, state in seen.gateways.items()
        for finding in preflight(
            state.running_config,
            state.established,
            tuple(e for e in network.exits if e.gateway == gateway),
            network.settings.policy,
            allow_transit=network.settings.allow_transit,
        )
    ]
    if findings:
        raise RefusedError("the gateways are not ready:\n" + "\n".join(findings))


def _write_state(evidence: Evidence, moment: str, seen: _Seen) -> None:
    for name, state in seen.gateways.items():
        evidence.write(f"{moment}/{name}.conf", state.running_config)
        evidence.write(f"{moment}/{name}.table.txt", state.table.text)
    for name, table in seen.edges.items():
        evidence.write(f"{moment}/{name}.table.txt", table.text)


def _moved_routes(network: Network, before: _Seen, after: _Seen) -> tuple[str, ...]:
    """Name the routes (prefix, AS path) that the upstreams did not send both before and after."""

    def sent(seen: _Seen, exit_: Exit) -> set[tuple[str, str]]:
        neighbor = str(exit_.neighbor)
        return {
            (prefix, path.as_path)
            for prefix, paths in seen.gateways[exit_.gateway].table.rib.routes.items()
            for path in paths
            if path.peer == neighbor
        }

    return tuple(
        f"{exit_.gateway}: {exit_.upstream} {verb} {prefix} (AS path {as_path})"
        for exit_ in network.exits
        if exit_.gateway in after.gateways
        for verb, routes in (
            ("no longer sends", sent(before, exit_) - sent(after, exit_)),
            ("now sends", sent(after, exit_) - sent(before, exit_)),
        )
        for prefix, as_path in sorted(routes)
    )
