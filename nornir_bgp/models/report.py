"""What a runbook answers: the report models that people and machines read."""

from datetime import datetime

from pydantic import Field

from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import Hostname, Prefix
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.simulation import Mismatch
from nornir_bgp.models.status import Status, exit_code_of_statuses
from nornir_bgp.models.traffic import TrafficReport


class Check(Model):
    """One prefix on one router, compared with the plan.

    Attributes:
        router: an edge router, or a gateway whose override list is not the planned one.
        prefix: the destination.
        expected_gateway: the planned gateway; ``None``: no plan raises this prefix.
        actual_gateway: the gateway of the selected path; ``None``: no route, or a next hop that
            is no gateway of ours.
        local_pref: the LOCAL_PREF of the selected path.
        status: the verdict.
        detail: why it is not ``pass``.
    """

    router: Hostname
    prefix: Prefix
    expected_gateway: Hostname | None
    actual_gateway: Hostname | None = None
    local_pref: int | None = None
    status: Status
    detail: str = ""


class VerifyReport(Model):
    """The proof: every planned prefix on every edge router.

    Attributes:
        ok: all checks pass, and there is at least one; so does the traffic, if it was measured.
        checks: every planned prefix on every edge router, in inventory and plan order; then what
            is wrong in the gateways' lists.
        seconds: how long the tables were watched.
        traffic: what the exits carry; ``None``: it was not measured.
        planned: when the plan was made (UTC); ``None``: for this proof.
        expired: it is older than the settings allow.
        mispredicted: where an edge router's table is not what was foretold when the plan was put
            on the gateways; since then, upstreams may have changed their routes.
    """

    ok: bool
    checks: tuple[Check, ...]
    seconds: float
    traffic: TrafficReport | None = None
    planned: datetime | None = None
    expired: bool = False
    mispredicted: tuple[Mismatch, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 as planned; 3 not as planned; 4 only routers that could not be asked."""
        codes = {exit_code_of(self.checks)} | ({self.traffic.exit_code} if self.traffic else set())
        return next(code for code in (3, 4, 0) if code in codes)


def exit_code_of(checks: tuple[Check, ...]) -> int:
    """Turn checks into an exit code.

    Returns:
        0 all pass; 3 the network is not as planned, or nothing was checked; 4 some routers could
        not be asked and nothing is worse.
    """
    return exit_code_of_statuses(check.status for check in checks)


class GatewayChange(Model):
    """What was done on one gateway.

    Attributes:
        gateway: the router.
        changed: its configuration is not what it was.
        diff: the override list before and after, as a unified diff.
        lines: the configuration lines that were sent, or in a dry run would be.
        restored: the change was put back.
        error: why it failed.
        remaining: where it could not be put back, the lines that do so by hand.
    """

    gateway: Hostname
    changed: bool
    diff: str
    lines: tuple[str, ...]
    restored: bool = False
    error: str | None = None
    remaining: tuple[str, ...] = ()

    @property
    def stuck(self) -> bool:
        """It failed and could not be put back."""
        return self.error is not None and not self.restored


class TablePair(Model):
    """``show ip bgp`` of one edge router before and after a run, cut where it is long.

    Attributes:
        router: the edge router.
        before: as it was printed before the change.
        after: likewise after; ``None``: it was not asked, or did not answer.
    """

    router: Hostname
    before: str
    after: str | None


class Observed(Model):
    """What a run saw beside its checks.

    Attributes:
        before: edge router -> planned prefix -> the gateways that its traffic left by before the
            run, several where the router shared it; none: no route, or by no gateway of ours.
        tables: the edge routers' tables.
        versions: the software that took part, name -> version.
    """

    before: dict[Hostname, dict[Prefix, tuple[Hostname, ...]]] = Field(default_factory=dict)
    tables: tuple[TablePair, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)


class DistributeReport(Model):
    """One run: what was asked, what was changed, what is true now.

    Attributes:
        run: the run's id, which names its folder of evidence; ``None`` for a dry run.
        predictions: where the prediction matrix came from.
        started: when the run began (UTC).
        user: who ran it.
        dry_run: nothing was touched.
        ok: the network is as planned, or (dry run) nothing stands against the change.
        plan: the assignment.
        plan_made: when it was made, if that was an earlier run.
        changes: the change of each gateway.
        checks: the proof; empty for a dry run.
        findings: what a change of preference alone would not have brought about: a planned route
            that an upstream sent before and not after, or the other way round; a planned prefix
            that is advertised to an upstream.
        churn: what others did to prefixes that are not planned while the run lasted, where the
            site accepts it.
        left_alone: why nothing was changed although the plan is another than what is.
        mispredicted: where an edge router's table after the change is not what the model foretold:
            a fault of the model, or a network that is not as described, and no failure of the
            change.
        observed: where traffic went before, the tables and the versions; empty in reports that
            older versions wrote.
        seconds: duration of each phase.
        error: what went wrong on a device, if anything did.
        traffic: what the exits carried when it was last measured against this run's plan, after
            the run; ``None``: never.
    """

    run: str | None
    predictions: str
    started: datetime
    user: str
    dry_run: bool
    ok: bool
    plan: Plan
    plan_made: datetime | None = None
    changes: tuple[GatewayChange, ...]
    checks: tuple[Check, ...] = ()
    findings: tuple[str, ...] = ()
    churn: tuple[str, ...] = ()
    left_alone: str | None = None
    mispredicted: tuple[Mismatch, ...] = ()
    observed: Observed = Observed()
    seconds: dict[str, float]
    error: str | None = None
    traffic: TrafficReport | None = None

    @property
    def stands(self) -> bool:
        """The plan is on the routers: it was neither only tried nor put back."""
        return not self.dry_run and not any(c.restored or c.stuck for c in self.changes)

    @property
    def exit_code(self) -> int:
        """0 done and true; 3 the network is not as planned; 4 a device failed, and was put back."""
        if self.ok:
            return 0
        if any(c.stuck for c in self.changes):
            return 3
        if self.error:
            return 4
        return 3 if self.findings else exit_code_of(self.checks)


class Trace(Model):
    """One traceroute, compared with the plan.

    Attributes:
        source: the host that it started from.
        prefix: the planned prefix.
        destination: the traced address in it.
        hops: the address that answered at each hop, ``*`` where none did.
        expected_gateway: the planned gateway.
        actual_gateway: the last gateway of ours on the way.
        status: ``pass``, ``fail`` (another gateway) or ``missing`` (the destination was not
            reached, or no gateway was seen).
    """

    source: Hostname
    prefix: Prefix
    destination: str
    hops: tuple[str, ...]
    expected_gateway: Hostname
    actual_gateway: Hostname | None
    status: Status


class TraceReport(Model):
    """The proof of the data path."""

    ok: bool
    traces: tuple[Trace, ...]

    @property
    def exit_code(self) -> int:
        """0 all as planned; 3 not."""
        return 0 if self.ok else 3
