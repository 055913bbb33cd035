"""Push a plan and prove it, or put everything back; interrupts wait until one of both is done."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nornir.core import Nornir

from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import (
    InputError,
    NotPutBackError,
    ProgramFaultError,
    RunInterruptedError,
    UnsafeChangeError,
)
from nornir_bgp.models.network import Network
from nornir_bgp.models.report import Check, DistributeReport, GatewayChange, exit_code_of
from nornir_bgp.runbooks.canary import canary_of
from nornir_bgp.runbooks.change import (
    Change,
    change_gateways,
    changes_of,
    changes_put_back,
    changes_under_way,
    put_back,
)
from nornir_bgp.runbooks.evidence import Evidence
from nornir_bgp.runbooks.interrupts import Interrupts, held_interrupts
from nornir_bgp.runbooks.journal import Journal
from nornir_bgp.runbooks.observe import gateways_before
from nornir_bgp.runbooks.options import Options
from nornir_bgp.runbooks.phases import Phases
from nornir_bgp.runbooks.prepare import Prepared
from nornir_bgp.runbooks.seen import Seen, collect, findings_of
from nornir_bgp.runbooks.verify import prove
from nornir_bgp.tasks.push import AllOverrides

_log = logging.getLogger(__name__)

_SETTLE = 5.0
"""Seconds that other routers may take to follow the edge routers, whose tables were waited for."""

_CHURN = 100
"""Changes of others that a report names."""

_REPORTS, _ROOM = 4, 2**20
"""What the last report may need on the disk: so many times the first one, and so many bytes."""


@dataclass(slots=True)
class Outcome:
    """How far a run has come.

    Attributes:
        changes: what was done on each gateway.
        checks: the proof.
        findings: what stands against it.
        churn: what others did meanwhile, as far as the site accepts it.
        after: what was seen at the end.
    """

    changes: tuple[GatewayChange, ...]
    checks: tuple[Check, ...] = ()
    findings: tuple[str, ...] = ()
    churn: tuple[str, ...] = ()
    after: Seen | None = None


def carry_out(
    nr: Nornir,
    network: Network,
    prepared: Prepared,
    evidence: Evidence,
    options: Options,
    phases: Phases,
    report_on: Callable[[Outcome], DistributeReport],
) -> Outcome:
    """Push and prove, or put back; the journal is open as long as neither is done.

    Args:
        nr: the Nornir object.
        network: the network.
        prepared: what is to be done.
        evidence: the run's folder.
        options: how it is to be done.
        phases: takes down how long it takes.
        report_on: leaves a report in the run's folder.

    Raises:
        RunInterruptedError: a signal came, and the routers are put back.
        NotPutBackError: a signal came, and they are not.
        ProgramFaultError, UnsafeChangeError: a fault of ours; the routers are put back, or the
            report says which are not.
    """
    change = Change(prepared.current, prepared.wanted)
    journal = _begin(network, prepared, change, evidence, report_on)
    run = _Carrying(nr, network, prepared, change, phases)
    with held_interrupts() as interrupts:
        outcome = Outcome(prepared.preview)
        stays = False
        try:
            stands = run.push_and_prove(options, outcome, interrupts)
            stays = stands or (
                options.keep and outcome.after is not None and interrupts.came is None
            )
        finally:
            if not stays:
                run.put_back(outcome)
            evidence.release()
            stuck = [gateway.gateway for gateway in outcome.changes if gateway.stuck]
            try:
                report_on(outcome)
            except InputError as error:  # what is true of the routers counts
                _log.warning("the report could not be written: %s", error)
            if not stuck:
                journal.close()
    _raise_faults(change)
    if interrupts.came and not stays:
        told = f"interrupted by {interrupts.came}; run {evidence.run}: "
        if stuck:
            raise NotPutBackError(
                f"{told}NOT PUT BACK: {', '.join(stuck)}; nornir-bgp recover tries again"
            )
        raise RunInterruptedError(f"{told}every gateway is put back")
    return outcome


def _begin(
    network: Network,
    prepared: Prepared,
    change: Change,
    evidence: Evidence,
    report_on: Callable[[Outcome], DistributeReport],
) -> Journal:
    """Write down, before the first line is sent, what a run that is killed leaves behind."""
    policy = network.settings.policy
    journal = Journal(evidence.folder, change.before, change.planned)
    try:
        first = report_on(Outcome(changes_under_way(prepared.preview, change, policy)))
        evidence.reserve(_REPORTS * len(first.model_dump_json()) + _ROOM)
        journal.open()
    except BaseException:
        evidence.discard()
        raise
    return journal


def _raise_faults(change: Change) -> None:
    """Raise what was a fault of ours, now that the routers are as they are to be."""
    for error in change.errors.values():
        if isinstance(error, ProgramFaultError | UnsafeChangeError):
            raise error


class _Carrying:
    """One run on its way."""

    def __init__(
        self, nr: Nornir, network: Network, prepared: Prepared, change: Change, phases: Phases
    ) -> None:
        self.nr = nr
        self.network = network
        self.prepared = prepared
        self.change = change
        self.phases = phases

    def push_and_prove(self, options: Options, outcome: Outcome, interrupts: Interrupts) -> bool:
        """Push and prove; say whether the network is as planned, and nothing stands against it."""
        nr, network, prepared = self.nr, self.network, self.prepared

        def stop() -> bool:
            return interrupts.came is not None

        start = prepared.current
        use_canary = network.settings.canary if options.canary is None else options.canary
        first = (
            canary_of(prepared, network.settings.policy.local_preference) if use_canary else None
        )
        if first is not None:
            with self.phases.phase("canary"):
                prefix, start = first
                outcome.checks = self._canary_checks(prefix, start, stop)
                if exit_code_of(outcome.checks) != 0 or stop():
                    return False
        with self.phases.phase("push"):
            if not self._change(start, prepared.wanted, stop) or stop():
                return False
        outcome.changes = changes_of(prepared.preview, self.change)
        with self.phases.phase("prove"):
            planned = prepared.planned
            outcome.checks = prove(
                nr, network, planned.gateway_of, stop=stop, planned=planned
            ).checks
            if stop():
                return False
            outcome.after, (outcome.findings, outcome.churn) = wait_for(
                self._findings,
                lambda seen: not seen[1][0],
                seconds=_SETTLE,
                interval=1.0,
                stop=stop,
            )
        return not outcome.findings and exit_code_of(outcome.checks) == 0 and not stop()

    def put_back(self, outcome: Outcome) -> None:
        """Put every gateway back, and say where the edge routers are not as before."""
        policy = self.network.settings.policy
        with self.phases.phase("put back"):
            stuck = put_back(self.nr, self.network, self.change)
            outcome.changes = changes_put_back(self.prepared.preview, self.change, stuck, policy)
            outcome.after, remains = wait_for(
                self._not_as_before, lambda seen: not seen[1], seconds=_SETTLE, interval=1.0
            )
        outcome.findings += (*self.change.findings, *remains)

    def _change(self, start: AllOverrides, end: AllOverrides, stop: Callable[[], bool]) -> bool:
        joined = self.prepared.planned.aggregate
        return change_gateways(self.nr, self.network, self.change, start, end, stop, joined=joined)

    def _canary_checks(
        self, prefix: str, wanted: AllOverrides, stop: Callable[[], bool]
    ) -> tuple[Check, ...]:
        """Move one prefix and prove it; no checks where a gateway fails."""
        if not self._change(self.prepared.current, wanted, stop):
            return ()
        preference = self.network.settings.policy.local_preference
        raised = {
            raised: gateway
            for gateway, overrides in wanted.items()
            for raised in overrides.raised(preference)
        }
        checks = prove(self.nr, self.network, raised, stop=stop).checks
        return tuple(check for check in checks if check.prefix == prefix)

    def _findings(self) -> tuple[Seen, tuple[tuple[str, ...], tuple[str, ...]]]:
        """See what stands against the change, and what others did that the site accepts."""
        after = collect(self.nr, self.network)
        prepared = self.prepared
        found, churn = findings_of(
            self.network, prepared.planned, prepared.before, after, prepared.moving
        )
        most = self.network.settings.bounds.max_churn
        if prepared.would_change and most is not None and len(churn) > most:
            return after, ((*found, *churn), ())
        more = (f"and {len(churn) - _CHURN:,} more",) if len(churn) > _CHURN else ()
        return after, (found, (*churn[:_CHURN], *more))

    def _not_as_before(self) -> tuple[Seen, tuple[str, ...]]:
        """See where the edge routers send a planned prefix elsewhere than before."""
        after = collect(self.nr, self.network)
        return after, tuple(self._other_ways(after))

    def _other_ways(self, after: Seen) -> Iterator[str]:
        planned, before = self.prepared.planned, self.prepared.before
        was = gateways_before(self.network, planned, before.edges(self.network))
        now = gateways_before(self.network, planned, after.edges(self.network))
        for edge, ways in now.items():
            for prefix, gateways in ways.items():
                if gateways != (earlier := was[edge].get(prefix, ())):
                    yield (
                        f"{edge}: after putting back {prefix} leaves by "
                        f"{' and '.join(gateways) or 'no gateway'}, before by "
                        f"{' and '.join(earlier) or 'no gateway'}"
                    )
