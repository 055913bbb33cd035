"""Execute a plan: read, refuse, preview, push, prove, and leave the evidence."""

import logging
from collections.abc import Mapping
from copy import copy
from datetime import datetime
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import DeviceError, InputError
from nornir_bgp.frr.secrets import masked
from nornir_bgp.frr.show_bgp_print import print_text
from nornir_bgp.models.network import Network
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.report import (
    Check,
    DistributeReport,
    exit_code_of,
)
from nornir_bgp.models.settings import Settings
from nornir_bgp.report.html import to_html
from nornir_bgp.report.markdown import verdict
from nornir_bgp.runbooks.asking import ask, sessions
from nornir_bgp.runbooks.carry_out import Outcome, carry_out
from nornir_bgp.runbooks.evidence import (
    REPORT,
    Evidence,
    confirm_plan,
    latest_standing_report,
)
from nornir_bgp.runbooks.journal import open_journals
from nornir_bgp.runbooks.lock import locked
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.options import Options
from nornir_bgp.runbooks.prepare import Decide, Prepared
from nornir_bgp.runbooks.recover import recover_open_runs
from nornir_bgp.runbooks.retention import prune
from nornir_bgp.runbooks.run import Run
from nornir_bgp.runbooks.seen import Seen
from nornir_bgp.runbooks.verify import prove
from nornir_bgp.tasks.save import save as save_configuration

_log = logging.getLogger(__name__)


def execute(
    nr: Nornir,
    decide: Decide,
    *,
    source: str,
    inputs: Mapping[str, str],
    options: Options,
    made: datetime | None = None,
    matrix: PredictionMatrix | None = None,
) -> DistributeReport:
    """Bring the network to a plan, and prove it; or leave it as it was.

    A run that was interrupted is put back first.

    Args:
        nr: the Nornir object.
        decide: makes the plan.
        source: where the plan comes from, for the report.
        inputs: files that the evidence keeps, name -> text.
        options: how it is to be done.
        made: when the plan was made; ``None``: it is made now.
        matrix: the predictions, where the plan is made of any.

    Raises:
        InputError: the inventory is wrong; nothing was touched.
        LockedError: another run is under way; nothing was touched.
        DeviceError: a router could not be read; nothing was touched.
        RefusedError: a gateway is not ready, or the plan is not feasible; nothing was touched.
        RunInterruptedError: a signal came while routers were changed.
    """
    dry = nr.data.dry_run if options.dry_run is None else options.dry_run
    run = Run(network_of(nr), source, made, matrix, dry=dry)
    if run.dry:
        for journal in open_journals(Path(run.network.settings.runs)):
            _log.warning("run %s was interrupted and is not put back yet", journal.folder.name)
        with sessions(nr):
            return run.untouched(run.prepare(nr, decide, options))
    runs = Path(run.network.settings.runs)
    with locked(runs):
        evidence = Evidence(runs, run.started)
        logged = _with_session_logs(nr, run.network.settings, evidence)
        with sessions(logged):
            report = _execute(logged, run, evidence, decide, inputs, options)
            prune(runs, run.network.settings.keep_runs)
            saves = run.network.settings.save if options.save is None else options.save
            if saves and report.ok and report.left_alone is None:
                _save(logged, run.network)
    return report


def _execute(
    nr: Nornir,
    run: Run,
    evidence: Evidence,
    decide: Decide,
    inputs: Mapping[str, str],
    options: Options,
) -> DistributeReport:
    """Execute a plan under the lock; a run that touched nothing leaves no evidence."""
    try:
        recover_open_runs(nr, run.network)
        prepared = run.prepare(nr, decide, options)
        checks = _standing_proof(nr, run, prepared) if options.quiet else ()
        if prepared.left_alone or checks:
            last = latest_standing_report(Path(run.network.settings.runs))
            if last is not None:
                confirm_plan(Path(run.network.settings.runs), last, run.started)
            evidence.discard()
            return run.untouched(prepared, checks)
        for name, text in inputs.items():
            evidence.write(name, text)
        evidence.write("plan.json", prepared.planned.model_dump_json(indent=2))
        _write_state(evidence, "before", prepared.before)
        for name, table in prepared.foretold.tables.items():
            evidence.write(f"predicted/{name}.table.txt", print_text(table))
    except BaseException:  # an interrupt, too, has touched nothing yet
        evidence.discard()
        raise
    _log.info("run %s", evidence.run, extra={"event": "run started", "run": evidence.run})

    def report_on(outcome: Outcome) -> DistributeReport:
        report = run.report(prepared, outcome, evidence.run)
        evidence.write(REPORT, report.model_dump_json(indent=2))
        return report

    outcome = carry_out(nr, run.network, prepared, evidence, options, run.phases, report_on)
    report = run.report(prepared, outcome, evidence.run)
    try:
        for change in report.changes:
            evidence.write(f"{change.gateway}.diff", change.diff)
        if outcome.after is not None:
            _write_state(evidence, "after", outcome.after)
        evidence.write("report.html", to_html(report))
    except InputError as error:  # the change and its report stand; what can be made again can wait
        _log.warning("the evidence is not complete: %s", error)
    _log.info(
        "%s",
        verdict(report),
        extra={
            "event": "run ended",
            "run": report.run,
            "ok": report.ok,
            "exit_code": report.exit_code,
        },
    )
    return report


def _save(nr: Nornir, network: Network) -> None:
    """Write the gateways' configuration.

    Raises:
        DeviceError: a gateway did not; the plan stands all the same.
    """
    errors = ask(nr, network.gateways, save_configuration, str).errors
    if errors:
        told = "; ".join(map(str, errors.values()))
        raise DeviceError(
            f"the plan stands and is proven, but a restart would lose it: {told}; enter "
            "'write memory' there, or run again with --save"
        )


def _with_session_logs(nr: Nornir, settings: Settings, evidence: Evidence) -> Nornir:
    """A Nornir whose SSH sessions leave their logs in the run's folder, or where the site says."""
    config = copy(nr.config)
    config.user_defined = {
        **nr.config.user_defined,
        "session_logs": settings.session_logs or str(evidence.folder / "sessions"),
    }
    return Nornir(nr.inventory, config, nr.data, nr.processors, nr.runner)


def _standing_proof(nr: Nornir, run: Run, prepared: Prepared) -> tuple[Check, ...]:
    """Prove the plan once more if it is the one that stands; then it is as good as new.

    Returns:
        The proof; nothing where the plan is another one, or does not hold.
    """
    last = latest_standing_report(Path(run.network.settings.runs))
    gateway_of = prepared.planned.gateway_of
    if last is None or last.plan.gateway_of != gateway_of or prepared.would_change:
        return ()
    checks = prove(nr, run.network, gateway_of, planned=prepared.planned).checks
    return checks if exit_code_of(checks) == 0 else ()


def _write_state(evidence: Evidence, moment: str, seen: Seen) -> None:
    for name, state in seen.gateways.values.items():
        evidence.write(f"{moment}/{name}.conf", masked(state.running_config))
    for name, router in seen.routers.items():
        evidence.write(f"{moment}/{name}.table.txt", router.text)
        if router.text_ipv6:
            evidence.write(f"{moment}/{name}.table-ipv6.txt", router.text_ipv6)
