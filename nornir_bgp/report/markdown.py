"""The report of a run as Markdown."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import DistributeReport, Status
from nornir_bgp.report.printable import printable


def to_markdown(report: DistributeReport) -> str:
    """Write a report for a person: verdict first, then plan, change and proof."""
    return printable("\n".join(_lines(report)) + "\n")


def verdict(report: DistributeReport) -> str:
    """Say in one sentence how a run ended."""
    lines = counted(sum(len(change.lines) for change in report.changes), "line")
    if report.dry_run:
        return f"Dry run: {lines} would be sent, nothing was touched."
    if report.error:
        stuck = [change.gateway for change in report.changes if change.stuck]
        if stuck:
            return f"FAILED, and NOT PUT BACK on {', '.join(stuck)}: {report.error}"
        return f"Failed and put back: {report.error}"
    count = Counter(check.status for check in report.checks)
    if report.ok:
        return f"As planned: {lines} sent, {counted(count[Status.PASS], 'check')} passed."
    found = ", ".join(f"{n} {status}" for status, n in count.items())
    end = "NOT as planned, and put back" if not report.stands else "NOT as planned"
    return f"{end}: {lines} sent; checks: {found or 'none'}."


_SPECIAL = re.compile(r"([\\`*\[\]<>|])")


def _inline(text: str) -> str:
    """Write text that came from a file or a router so that Markdown shows it as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 line``, ``4 lines``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _lines(report: DistributeReport) -> Iterator[str]:
    yield f"# Run {report.run or '(dry run)'}"
    yield ""
    yield f"**{_inline(verdict(report))}**"
    yield ""
    yield f"- Predictions: {_inline(report.predictions or 'given by the caller')}"
    yield f"- Started: {report.started:%Y-%m-%d %H:%M:%S} UTC by {_inline(report.user)}"
    yield "- Seconds: " + ", ".join(f"{name} {took:.1f}" for name, took in report.seconds.items())
    yield ""
    yield from _plan_lines(report.plan)
    yield "## Change"
    yield ""
    for change in report.changes:
        yield f"### {change.gateway}: {counted(len(change.lines), 'line')}"
        yield ""
        if change.error:
            yield f"**{_inline(change.error)}**"
            yield ""
        if change.diff:
            yield from ("```diff", change.diff, "```", "")
    if report.findings:
        yield "## Findings"
        yield ""
        yield from (f"- {_inline(finding)}" for finding in report.findings)
        yield ""
    if report.checks:
        yield "## Proof"
        yield ""
        yield from _table(
            ("router", "prefix", "planned", "actual", "LOCAL_PREF", "status", "detail"),
            [
                (
                    check.router,
                    check.prefix,
                    check.expected_gateway or "-",
                    check.actual_gateway or "-",
                    "-" if check.local_pref is None else str(check.local_pref),
                    check.status.value,
                    check.detail,
                )
                for check in report.checks
            ],
        )


def _plan_lines(plan: Plan) -> Iterator[str]:
    proof = "optimal" if plan.optimal else f"within {plan.gap:.2%} of optimal"
    yield "## Plan"
    yield ""
    yield f"Total load {plan.total_load}, {proof}. Solver: {plan.reason}."
    yield ""
    yield from _table(
        ("gateway", "upstream", "load", "share", "prefixes"),
        [
            (
                exit_.gateway,
                exit_.upstream,
                str(exit_.load),
                f"{exit_.load / plan.total_load:.1%}" if plan.total_load else "-",
                ", ".join(exit_.prefixes),
            )
            for exit_ in plan.exits
        ],
    )
    if plan.unrouted:
        yield f"Unrouted, not counted: {', '.join(plan.unrouted)}"
        yield ""


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|" + " --- |" * len(header)
    for row in rows:
        yield f"| {' | '.join(map(_inline, row))} |"
    yield ""
