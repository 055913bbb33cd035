"""The report of a run as Markdown."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.simulation import Prediction
from nornir_bgp.models.status import Status
from nornir_bgp.models.traffic import TrafficReport
from nornir_bgp.report.exits_table import amount_columns, change_words, quality_words, reasons
from nornir_bgp.report.foretold import (
    doubts_of,
    failure_cases,
    failure_header,
    failure_row,
    gateways_of,
    harmless_words,
    mismatch_words,
)
from nornir_bgp.report.measured import rate_words, share_words
from nornir_bgp.report.printable import printable


def to_markdown(report: DistributeReport) -> str:
    """Write a report for a person: verdict first, then plan, change and proof."""
    return printable("\n".join(_lines(report)) + "\n")


def verdict(report: DistributeReport) -> str:
    """Say in one sentence how a run ended."""
    lines = counted(sum(len(change.lines) for change in report.changes), "line")
    if report.left_alone:
        return f"Left alone: {report.left_alone}."
    if report.dry_run:
        return f"Dry run: {lines} would be sent, nothing was touched."
    if report.error:
        stuck = [change.gateway for change in report.changes if change.stuck]
        if stuck:
            why = report.error.replace("NOT PUT BACK: ", "")
            return f"FAILED, and NOT PUT BACK on {', '.join(stuck)}: {why}"
        return f"Failed and put back: {report.error}"
    count = Counter(check.status for check in report.checks)
    if report.ok:
        return f"As planned: {lines} sent, {counted(count[Status.PASS], 'check')} passed."
    found = ", ".join(f"{n} {status}" for status, n in count.items())
    end = "NOT as planned, and put back" if not report.stands else "NOT as planned"
    return f"{end}: {lines} sent; checks: {found or 'none'}."


_SPECIAL = re.compile(r"[\\`*\[\]<>|~#&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_MARKER = re.compile(r"\d{1,9}(?=[.)](?:\s|$))|(?=[-=]|\+(?:\s|$))")
"""What makes a text that begins so a list, a rule or a heading; the escape goes behind it."""


def _inline(text: str) -> str:
    """Write text that came from a file or a router so that Markdown shows it as it is."""
    escaped = _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
    marker = _MARKER.match(escaped)
    return escaped if marker is None else f"{marker[0]}\\{escaped[marker.end() :]}"


def _fenced(lines: Iterable[str], language: str = "") -> Iterator[str]:
    """Write lines as they are, between fences longer than any that they hold."""
    text = "\n".join(lines)
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}{language}", text, fence, "")


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
    if report.plan.prediction is not None:
        yield from _prediction_lines(report.plan.prediction)
    yield "## Change"
    yield ""
    for change in report.changes:
        yield f"### {change.gateway}: {counted(len(change.lines), 'line')}"
        yield ""
        if change.error:
            yield f"**{_inline(change.error)}**"
            yield ""
        if change.remaining:
            yield f"By hand, in configuration mode on {change.gateway}:"
            yield ""
            yield from _fenced(change.remaining)
        if change.diff:
            yield from _fenced([change.diff], "diff")
    if report.findings:
        yield "## Findings"
        yield ""
        yield from (f"- {_inline(finding)}" for finding in report.findings)
        yield ""
    if report.mispredicted:
        yield "## Predicted otherwise"
        yield ""
        yield from (f"- {_inline(mismatch_words(m))}" for m in report.mispredicted)
        yield ""
    if report.churn:
        yield "## Changed by others meanwhile, prefixes that are not planned"
        yield ""
        yield from (f"- {_inline(change)}" for change in report.churn)
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
    if report.traffic is not None:
        yield from _traffic_lines(report.traffic)


def _plan_lines(plan: Plan) -> Iterator[str]:
    columns = amount_columns(plan)
    slot = "" if plan.slot is None else f" in slot {plan.slot}, the worst"
    yield "## Plan"
    yield ""
    yield f"Total load {plan.total_load:,}{slot}, {quality_words(plan)}. Solver: {plan.reason}."
    yield ""
    if change_words(plan):
        yield f"{change_words(plan).capitalize()}."
        yield ""
    yield from _table(
        ("gateway", "upstream", *columns, "prefixes"),
        [
            (
                exit_.gateway + ", drained" * (exit_.gateway in plan.drained),
                exit_.upstream,
                *(cell(exit_) for cell in columns.values()),
                ", ".join(exit_.prefixes),
            )
            for exit_ in plan.exits
        ],
    )
    if plan.unrouted:
        yield f"Unrouted, not counted: {', '.join(plan.unrouted)}"
        yield ""
    for title, sentences in (("To be heeded", plan.warnings), ("In words", reasons(plan))):
        if sentences:
            yield f"{title}:"
            yield ""
            yield from (f"- {_inline(sentence)}" for sentence in sentences)
            yield ""


def _prediction_lines(prediction: Prediction) -> Iterator[str]:
    yield "## Prediction"
    yield ""
    for doubt in doubts_of(prediction):
        yield f"- {_inline(doubt)}"
    if any(doubts_of(prediction)):
        yield ""
    for table in prediction.tables:
        yield f"### {table.router} after the change, planned prefixes, computed"
        yield ""
        yield from _fenced([table.text.rstrip("\n")], "text")
    cases = failure_cases(prediction.loads, prediction.failures)
    if cases:
        gateways = gateways_of(cases)
        yield "### Single failures: load per gateway, prefixes"
        yield ""
        yield from _table(failure_header(gateways), [failure_row(case, gateways) for case in cases])
    if prediction.harmless:
        yield harmless_words(prediction.harmless)
        yield ""


def _traffic_lines(traffic: TrafficReport) -> Iterator[str]:
    yield "## Measured traffic"
    yield ""
    yield (
        f"The counters of the upstream links over {traffic.seconds:.1f} s from "
        f"{traffic.started:%Y-%m-%d %H:%M:%S} UTC; planned and measured share may be "
        f"{traffic.tolerance * 100:g} points apart."
    )
    yield ""
    yield from _table(
        ("gateway", "upstream", "interface", "planned", "measured", "rate", "status", "detail"),
        [
            (
                exit_.gateway,
                exit_.upstream,
                exit_.interface,
                share_words(exit_.planned),
                share_words(exit_.measured),
                rate_words(exit_.rate),
                exit_.status.value,
                exit_.detail,
            )
            for exit_ in traffic.exits
        ],
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|" + " --- |" * len(header)
    for row in rows:
        yield f"| {' | '.join(map(_inline, row))} |"
    yield ""
