"""The report of a run as JUnit XML, which every continuous integration server reads."""

from collections import Counter
from collections.abc import Iterator
from io import BytesIO

from junitparser import (
    Attr,
    Error,
    Failure,
    JUnitXml,
    Properties,
    SystemErr,
    SystemOut,
    TestCase,
    TestSuite,
)

from nornir_bgp.models.report import Check, DistributeReport
from nornir_bgp.models.status import Status
from nornir_bgp.models.traffic import TrafficReport
from nornir_bgp.report.foretold import mismatch_words
from nornir_bgp.report.markdown import verdict
from nornir_bgp.report.printable import printable


class _Suite(TestSuite):
    """A suite with the attributes that Ant's schema asks for."""

    id = Attr()
    package = Attr()


def to_junit(report: DistributeReport) -> str:
    """Write one test case per check, and one for the verdict, which fails whenever the run did.

    Where the traffic was measured, each exit has one, too. What the model foretold otherwise is
    no failure of the run, and stands in the suite's output.

    Names are unique by router, prefix and run. The document satisfies both the strict schema of
    Ant's JUnit report, which fixes presence and order of everything, and that of Jenkins.
    """
    run = report.run or "dry run"
    suite = _Suite(f"nornir-bgp {run}")
    suite.id = "0"
    suite.package = "nornir_bgp"
    suite.hostname = "localhost"
    suite.timestamp = f"{report.started:%Y-%m-%dT%H:%M:%S}"
    suite.append(Properties())
    suite.add_testcases(
        [
            _verdict_case(report, run),
            *_check_cases(report.checks, run),
            *_traffic_cases(report.traffic, run),
        ]
    )
    told = SystemOut()
    told.text = printable("\n".join(map(mismatch_words, report.mispredicted)))
    suite.append(told)
    suite.append(SystemErr())
    document = JUnitXml()
    document.append(suite)
    written = BytesIO()
    document.write(written)
    return written.getvalue().decode() + "\n"


def _verdict_case(report: DistributeReport, run: str) -> TestCase:
    took = round(sum(report.seconds.values()), 3)
    case = TestCase(f"verdict {run}", "nornir_bgp.run", took)
    if not report.ok:
        failure = Failure(printable(verdict(report)), "run")
        failure.text = printable("\n".join(report.findings))
        case.result = failure
    return case


def _check_cases(checks: tuple[Check, ...], run: str) -> Iterator[TestCase]:
    seen: Counter[tuple[str, str]] = Counter()
    for check in checks:
        seen[check.router, check.prefix] += 1
        number = seen[check.router, check.prefix]
        again = f" ({number})" if number > 1 else ""
        name = f"{check.router} {check.prefix} {run}{again}"
        case = TestCase(name, f"nornir_bgp.{check.router}", 0)
        if check.status is not Status.PASS:
            kind = Error if check.status is Status.ERROR else Failure
            case.result = kind(printable(check.detail), check.status.value)
        yield case


def _traffic_cases(traffic: TrafficReport | None, run: str) -> Iterator[TestCase]:
    for exit_ in traffic.exits if traffic is not None else ():
        name = f"traffic {exit_.gateway} {exit_.neighbor} {run}"
        case = TestCase(name, "nornir_bgp.traffic", 0)
        if exit_.status is not Status.PASS:
            kind = Error if exit_.status is Status.ERROR else Failure
            case.result = kind(printable(exit_.detail), exit_.status.value)
        yield case
