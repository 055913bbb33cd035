"""Execute a plan: read, refuse, preview, push, prove, and leave the evidence."""

import getpass
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import RefusedError
from nornir_bgp.frr.prefix_list import (
    diff_lists,
    planned_entries,
)
from nornir_bgp.frr.preflight import preflight
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import (
    Check,
    DistributeReport,
    GatewayChange,
    Observed,
    exit_code_of,
)
from nornir_bgp.models.state import GatewayState
from nornir_bgp.report.html import to_html
from nornir_bgp.runbooks.asking import ask, sessions
from nornir_bgp.runbooks.change import change_overrides, preview_change, put_back
from nornir_bgp.runbooks.evidence import REPORT, Evidence, latest_standing_report
from nornir_bgp.runbooks.guards import refuse_out_of_bounds
from nornir_bgp.runbooks.journal import Journal
from nornir_bgp.runbooks.lock import locked
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.observe import gateways_before, observe
from nornir_bgp.runbooks.recover import recover_open_runs
from nornir_bgp.runbooks.seen import Seen, collect, findings_of
from nornir_bgp.runbooks.verify import prove
from nornir_bgp.tasks.save import save as save_configuration

Decide = Callable[[Network, Mapping[str, GatewayState]], Plan]
"""Makes the plan for a network whose gateways have been read."""


def execute(
    nr: Nornir,
    decide: Decide,
    *,
    source: str,
    inputs: Mapping[str, str],
    dry_run: bool | None,
    keep: bool,
    force: bool,
    save: bool | None,
) -> DistributeReport:
    """Bring the network to a plan, and prove it; or leave it as it was.

    A run that was interrupted is put back first.

    Args:
        nr: the Nornir object.
        decide: makes the plan.
        source: where the plan comes from, for the report.
        inputs: files that the evidence keeps, name -> text.
        dry_run: touch nothing; ``None``: as the Nornir object says.
        keep: leave the change in place although its proof failed.
        force: accept a matrix that has shrunk against the last run.
        save: write the configuration on the gateways once it is proven; ``None``: as the settings
            say.

    Raises:
        InputError: the inventory is wrong; nothing was touched.
        LockedError: another run is under way; nothing was touched.
        DeviceError: a router could not be read; nothing was touched.
        RefusedError: a gateway is not ready, or the plan is not feasible; nothing was touched.
    """
    run = _Run(nr, dry=nr.data.dry_run if dry_run is None else dry_run)
    if run.dry:
        with sessions(nr):
            before, planned, changes = _prepare(nr, run, decide, force=force)
        observed = observe(run.network, planned, before.gateways.values, before.edges.values, {})
        return run.report(source, planned, changes, observed)
    runs = Path(run.network.settings.runs)
    with locked(runs), sessions(nr):
        recover_open_runs(nr, run.network)
        before, planned, changes = _prepare(nr, run, decide, force=force)
        evidence = Evidence(runs, run.started)
        for name, text in inputs.items():
            evidence.write(name, text)
        evidence.write("plan.json", planned.model_dump_json(indent=2))
        _write_state(evidence, "before", before)
        report = _carry_out(nr, run, evidence, before, planned, changes, source, keep=keep)
        if report.ok and (run.network.settings.save if save is None else save):
            ask(nr, run.network.gateways, save_configuration, str).complete()
        return report


def _prepare(
    nr: Nornir, run: "_Run", decide: Decide, *, force: bool
) -> tuple[Seen, Plan, tuple[GatewayChange, ...]]:
    """Read everything, plan, and say what would be sent."""
    with run.phase("collect"):
        before = collect(nr, run.network).complete()
    with run.phase("plan"):
        planned = decide(run.network, before.gateways.values)
    _refuse_unready(run.network, before, planned)
    settings = run.network.settings
    refuse_out_of_bounds(
        settings.bounds,
        planned,
        gateways_before(run.network, planned, before.edges.values),
        latest_standing_report(Path(settings.runs)),
        force=force,
    )
    with run.phase("preview"):
        changes = preview_change(nr, run.network, planned.overrides)
    _refuse_stale(run.network, before, planned, changes)
    return before, planned, changes


def _carry_out(
    nr: Nornir,
    run: "_Run",
    evidence: Evidence,
    before: Seen,
    planned: Plan,
    changes: tuple[GatewayChange, ...],
    source: str,
    *,
    keep: bool,
) -> DistributeReport:
    """Push and prove, or put back; the journal is open as long as neither is done."""
    lists = before.lists(run.network)
    journal = Journal(evidence.folder, lists)
    journal.open()
    with run.phase("push"):
        changes = change_overrides(nr, run.network, planned.overrides, lists, changes)
    checks: tuple[Check, ...] = ()
    findings: tuple[str, ...] = ()
    after = None
    if not any(change.error for change in changes):
        with run.phase("prove"):
            checks = prove(nr, run.network, planned.gateway_of).checks
        after = collect(nr, run.network)
        findings = findings_of(run.network, planned, before, after)
        if (findings or exit_code_of(checks) != 0) and not keep:
            with run.phase("revert"):
                changes = put_back(nr, run.network, lists, changes, {})
            after = None
    after = after or collect(nr, run.network)
    observed = observe(
        run.network,
        planned,
        before.gateways.values,
        before.edges.values,
        after.edges.values,
    )
    report = run.report(source, planned, changes, observed, checks, findings, evidence.run)
    evidence.write(REPORT, report.model_dump_json(indent=2))
    if not any(change.stuck for change in changes):
        journal.close()
    for change in changes:
        evidence.write(f"{change.gateway}.diff", change.diff)
    _write_state(evidence, "after", after)
    evidence.write("report.html", to_html(report))
    return report


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
        observed: Observed,
        checks: tuple[Check, ...] = (),
        findings: tuple[str, ...] = (),
        run: str | None = None,
    ) -> DistributeReport:
        errors = [change.error for change in changes if change.error]
        return DistributeReport(
            run=run,
            predictions=source,
            started=self.started,
            user=getpass.getuser(),
            dry_run=self.dry,
            ok=not errors and not findings and (self.dry or exit_code_of(checks) == 0),
            plan=planned,
            changes=changes,
            checks=checks,
            findings=findings,
            observed=observed,
            seconds=self.seconds,
            error="; ".join(errors) or None,
        )


def _refuse_unready(network: Network, seen: Seen, planned: Plan) -> None:
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


def _refuse_stale(
    network: Network, seen: Seen, planned: Plan, preview: tuple[GatewayChange, ...]
) -> None:
    """Refuse where somebody else changed a list after it was read for the plan.

    Raises:
        RefusedError: a gateway's list has moved.
    """
    name = network.settings.policy.prefix_list
    lists = seen.lists(network)
    for change in preview:
        current = lists[change.gateway]
        expected = planned_entries(current, planned.overrides[change.gateway])
        if change.diff != diff_lists(name, current, expected):
            raise RefusedError(
                f"{change.gateway}: its {name} was changed by somebody else while the plan was "
                "made; nothing was sent, run again"
            )


def _write_state(evidence: Evidence, moment: str, seen: Seen) -> None:
    for name, state in seen.gateways.values.items():
        evidence.write(f"{moment}/{name}.conf", state.running_config)
        evidence.write(f"{moment}/{name}.table.txt", state.table.text)
    for name, table in seen.edges.values.items():
        evidence.write(f"{moment}/{name}.table.txt", table.text)
