"""``--fault-table FILE``: collects the rows of all faults, and writes the page if none is missing.

A test leaves its row in its report, which also comes from another process (pytest-xdist). A plugin
of its own, since where tests run in several processes only the one that collects nothing, and so
loads no ``conftest.py`` below the first, hears of all reports.
"""

import json
from pathlib import Path

import pytest

from tests.lab.faults.table import PROPERTY, Row, missing, write_page

_FOLDER = "tests/lab/faults/"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fault-table",
        metavar="FILE",
        help="write the measured table of faults; all of them must have been run, and passed",
    )


def pytest_configure(config: pytest.Config) -> None:
    page = config.getoption("--fault-table", None)
    if page is None or hasattr(config, "workerinput"):  # workers send their reports
        return
    path = config.invocation_params.dir / page
    if not path.parent.is_dir():
        raise pytest.UsageError(f"--fault-table {page}: {path.parent} is no folder")
    config.pluginmanager.register(Recorder(path))


class Recorder:
    """Hears how every test ends; only those of faults decide whether the page is written."""

    def __init__(self, page: Path) -> None:
        self.page = page
        self._rows: list[Row] = []
        self._not_passed: dict[str, str] = {}
        self._told = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.nodeid.startswith(_FOLDER):
            return
        if not report.passed:
            self._not_passed[report.nodeid] = report.outcome
        elif report.when == "teardown":
            self._rows += [
                Row(**json.loads(str(row)))
                for name, row in report.user_properties
                if name == PROPERTY
            ]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        lacking = [f"{test}: {outcome}" for test, outcome in self._not_passed.items()]
        lacking += missing(self._rows)
        if lacking:
            self._told = "\n".join([f"{self.page} is not written:", *lacking])
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        else:
            write_page(self.page, self._rows)
            self._told = f"{self.page} is written: {len(self._rows)} faults"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("table of faults")
        terminalreporter.line(self._told)
