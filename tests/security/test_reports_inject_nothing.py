"""What a router says cannot command the reader's terminal, page or tool, in any face of a report.

The judges are readers of each format that others wrote.
"""

import io
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from prometheus_client.parser import text_string_to_metric_families

from nornir_bgp.cli.context import CliContext
from nornir_bgp.cli.main import main
from nornir_bgp.cli.show import show_changes, show_checks, show_history, show_plan
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.report.html import to_html
from nornir_bgp.report.junit import to_junit
from nornir_bgp.report.markdown import to_markdown
from nornir_bgp.report.printable import json_printable, printable
from nornir_bgp.report.prometheus import to_prometheus
from nornir_bgp.runbooks.evidence import Evidence, load_report
from tests.report.runs import hostile
from tests.security.hostile import LINES

SAID = {
    "AS path": 'GW1: UP1 now sends 192.0.2.0/24 (AS path 65004 <img src=x onerror="alert(1)">)',
    "description": "to </td></tr><script>alert(1)</script> | x | y",
    "FRR's error": "% Unknown command: \x1b[2J\x1b[H\x1b]0;owned\x07 neighbor 10.0.5.1 \x9b31m",
    "session": "GW1# \x1b]8;;https://example.net\x07click\x1b]8;;\x07\r\x08\x08",
    "direction": "198.51.100.0/24 \u202e4/2.0.291\u202c \u2066x\u2069 \u200b",
    "Markdown": "![x](https://example.net) [x](javascript:alert) <b>x</b> `y` **z** ~~~ # h &lt;",
    "fence": "```\n# heading\n~~~~\n````\n- x",
    "list": "- - - x",
    "number": "1. x",
    "rule": "---",
    "table": "| x | y |\n| --- | --- |",
    "XML": "]]> <!-- x --> <?x?> &quot; \x00\x0b\ufffe\uffff\ud800",
    "Prometheus": 'x"} 1\nnornir_bgp_last_run_ok 1\n# HELP',
    "Rich": "[bold red]x[/] [link=https://example.net]y[/link] :skull:",
    "JSON": '", "ok": true, "x": "\x7f\u2028\U000e0001',
}
hard = pytest.mark.parametrize("said", SAID.values(), ids=SAID)

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])

Shape = list[tuple[str, str]]


def shape(markdown: str) -> Shape:
    """The structure that a reader of Markdown sees, without its texts."""
    found: Shape = []
    for token in MARKDOWN.parse(markdown):
        found.append((token.type, token.tag))
        found += [(c.type, c.tag) for c in token.children or () if c.type != "text"]
    return found


def words(markdown: str) -> str:
    """The texts that a reader of Markdown sees."""
    return " ".join(
        piece.content for token in MARKDOWN.parse(markdown) for piece in (token.children or [token])
    )


def is_harmless(text: str) -> bool:
    return all(c.isprintable() or c in "\n\t" for c in text)


@hard
def test_markdown_keeps_its_structure(said: str):
    report = to_markdown(hostile(said))
    assert is_harmless(report)
    assert shape(report) == shape(to_markdown(hostile("harmless")))
    assert " ".join(printable(said).split()) in words(report)


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(st.text(alphabet="-+*#>`~_[]()!|<&\\ .=:1a\n", max_size=12), st.sampled_from(LINES))
)
def test_no_text_changes_the_structure_of_markdown(said: str):
    if said.strip():
        assert shape(to_markdown(hostile(said))) == shape(to_markdown(hostile("harmless")))


@hard
def test_html_keeps_its_elements(said: str):
    def tags(report: DistributeReport) -> list[str]:
        page = to_html(report)
        assert is_harmless(page)
        root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
        return [str(element.tag) for element in root.iter() if element.tag != "span"]

    assert tags(hostile(said)) == tags(hostile("harmless"))


@hard
def test_metrics_and_xml_say_what_they_say(said: str):
    metrics = to_prometheus(hostile(said))
    assert is_harmless(metrics)
    assert metrics == to_prometheus(hostile("harmless"))
    assert list(text_string_to_metric_families(metrics))
    assert is_harmless(to_junit(hostile(said)))


def shown(show: Callable[[CliContext], None], *, colour: bool) -> str:
    """What the command line prints."""
    stream = io.StringIO()
    with redirect_stdout(stream), pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORCE_COLOR" if colour else "NO_COLOR", "1")
        patch.setenv("TERM", "xterm-256color")
        show(CliContext(given_config=None, quiet=False, verbose=False))
    return stream.getvalue()


@hard
@pytest.mark.parametrize("colour", [False, True])
def test_a_terminal_is_not_commanded(said: str, colour: bool):
    def everything(cli: CliContext) -> None:
        report = hostile(said)
        show_plan(cli.console, report.plan)
        show_changes(cli.console, report.changes, dry_run=False)
        show_checks(cli.console, report.checks)
        show_history(cli.console, (report,))
        for finding in report.findings:
            cli.console.print(finding, style="bold red")

    text = shown(everything, colour=colour)
    # Colours are the program's own: SGR sequences, and no other.
    for piece in text.split("\x1b")[1:]:
        sequence, _, text_after = piece.partition("m")
        assert sequence.startswith("[")
        assert set(sequence[1:]) <= set("0123456789;")
        assert is_harmless(text_after)
    assert ("\x1b" in text) == colour
    assert is_harmless(text.partition("\x1b")[0])


def utf8(said: str) -> str:
    """JSON of this program is UTF-8, which has no lone surrogates."""
    return said.replace("\ud800", "")


@hard
def test_json_says_the_same_in_harmless_letters(said: str):
    document = hostile(utf8(said)).model_dump_json()
    text = shown(lambda cli: cli.answer(document), colour=False)
    assert is_harmless(text)
    assert json.loads(text) == json.loads(document)


@given(st.text())
def test_escapes_leave_json_what_it_is(said: str):
    document = json.dumps({said: [said]}, ensure_ascii=False)
    assert json.loads(json_printable(document)) == {said: [said]}
    assert is_harmless(json_printable(document))


@hard
def test_files_of_a_run_can_be_shown(tmp_path: Path, said: str):
    report = hostile(utf8(said))
    evidence = Evidence(tmp_path, report.started)
    evidence.write("after/GW1.table.txt", said)
    evidence.write("GW1.diff", said)
    evidence.write("report.json", report.model_dump_json(indent=2))
    for file in evidence.folder.rglob("*.*"):
        assert is_harmless(file.read_text("utf-8")), file
    assert load_report(tmp_path, evidence.run) == report


@hard
def test_errors_are_harmless(said: str, capsys: pytest.CaptureFixture[str], monkeypatch):
    def fail(**_: object) -> None:
        raise RuntimeError(said)

    monkeypatch.setattr("nornir_bgp.cli.main.app", fail)
    for words_given in ([], ["--verbose"], ["--log-format", "json"]):
        monkeypatch.setattr(sys, "argv", ["nornir-bgp", *words_given])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        told = capsys.readouterr().err
        assert "a fault of nornir-bgp: RuntimeError" in told
        assert is_harmless(told)
