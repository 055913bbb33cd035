"""One execution of a runbook: what it knows from the start, and the report that it ends in."""

import getpass
from datetime import UTC, datetime

from nornir.core import Nornir

from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.report import (
    Check,
    DistributeReport,
    GatewayChange,
    Observed,
    exit_code_of,
)
from nornir_bgp.models.simulation import Mismatch
from nornir_bgp.runbooks.carry_out import Outcome
from nornir_bgp.runbooks.hindsight import mispredicted
from nornir_bgp.runbooks.observe import observe
from nornir_bgp.runbooks.options import Options
from nornir_bgp.runbooks.phases import Phases
from nornir_bgp.runbooks.prepare import Decide, Prepared, prepare
from nornir_bgp.runbooks.seen import Seen


class Run:
    """What one execution knows from the start, and how long its phases took."""

    def __init__(
        self,
        network: Network,
        source: str,
        made: datetime | None,
        matrix: PredictionMatrix | None,
        *,
        dry: bool,
    ) -> None:
        self.started = datetime.now(UTC)
        self.made = made
        self.network = network
        self.source = source
        self.matrix = matrix
        self.dry = dry
        self.phases = Phases()

    def prepare(self, nr: Nornir, decide: Decide, options: Options) -> Prepared:
        """Read, plan, refuse and preview."""
        return prepare(nr, self.network, decide, options, self.phases, self.matrix)

    def untouched(self, prepared: Prepared, checks: tuple[Check, ...] = ()) -> DistributeReport:
        """Report a run that changed nothing: a dry one, or one that left the network alone."""
        observed = _observed(self.network, prepared, None)
        changes = prepared.preview
        if not self.dry:
            changes = tuple(change.model_copy(update={"lines": ()}) for change in changes)
        return self._report(
            prepared.planned,
            changes,
            observed,
            ok=True,
            checks=checks,
            left_alone=prepared.left_alone,
        )

    def report(self, prepared: Prepared, outcome: Outcome, run: str) -> DistributeReport:
        """Report a run that was carried out."""
        error = "; ".join(change.error for change in outcome.changes if change.error) or None
        stands = not any(change.restored or change.stuck for change in outcome.changes)
        routers = outcome.after.routers if outcome.after and stands else {}
        return self._report(
            prepared.planned,
            outcome.changes,
            _observed(self.network, prepared, outcome.after),
            run=run,
            ok=not error and not outcome.findings and exit_code_of(outcome.checks) == 0,
            checks=outcome.checks,
            findings=outcome.findings,
            churn=outcome.churn,
            mispredicted=mispredicted(self.network, prepared.foretold, routers),
            error=error,
        )

    def _report(
        self,
        planned: Plan,
        changes: tuple[GatewayChange, ...],
        observed: Observed,
        *,
        ok: bool,
        run: str | None = None,
        checks: tuple[Check, ...] = (),
        findings: tuple[str, ...] = (),
        churn: tuple[str, ...] = (),
        left_alone: str | None = None,
        mispredicted: tuple[Mismatch, ...] = (),
        error: str | None = None,
    ) -> DistributeReport:
        return DistributeReport(
            run=run,
            predictions=self.source,
            started=self.started,
            user=getpass.getuser(),
            dry_run=self.dry,
            ok=ok,
            plan=planned,
            plan_made=self.made,
            changes=changes,
            checks=checks,
            findings=findings,
            churn=churn,
            left_alone=left_alone,
            mispredicted=mispredicted,
            observed=observed,
            seconds=self.phases.seconds,
            error=error,
        )


def _observed(network: Network, prepared: Prepared, after: Seen | None) -> Observed:
    before = prepared.before
    return observe(
        network,
        prepared.planned,
        before.gateways.values,
        before.edges(network),
        {} if after is None else after.edges(network),
    )
