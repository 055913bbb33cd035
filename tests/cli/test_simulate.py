"""``simulate`` and ``explain`` on the command line: output, JSON and exit codes."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from nornir_bgp.frr.show_bgp import parse_text
from nornir_bgp.models.schema_names import SchemaName
from nornir_bgp.models.schemas import schema_of
from nornir_bgp.models.simulation import Explanation, SimulationReport
from tests.cli.conftest import Run
from tests.conftest import REPOSITORY
from tests.runbooks.gadget import bad_gadget

CONFIG = ("--config", REPOSITORY / "config.yaml")
PREDICTIONS = REPOSITORY / "predictions" / "test.json"


def valid_by(name: SchemaName, document: object) -> None:
    assert [e.message for e in Draft202012Validator(schema_of(name)).iter_errors(document)] == []


def test_a_table_is_printed_as_a_router_prints_it(run: Run):
    done = run(*CONFIG, "simulate", "PE1")
    assert done.code == 0
    assert "* i192.0.2.0/24     172.16.0.4               0    100      0 65005 i" in done.stdout
    begin = done.stdout.index("BGP table version")
    assert len(parse_text(done.stdout[begin:]).routes) == 6


def test_json_is_one_document(run: Run):
    done = run(*CONFIG, "simulate", "PE1", "--predictions", PREDICTIONS, "--json")
    report = SimulationReport.model_validate_json(done.stdout)
    assert [table.router for table in report.tables] == ["PE1"]
    assert json.loads(done.stdout)["loads"]["exits"][0]["load"] == 295
    valid_by("simulation", json.loads(done.stdout))


def test_single_failures_stand_in_place_of_tables(run: Run):
    done = run(*CONFIG, "simulate", "--all-single-failures", "--predictions", PREDICTIONS)
    assert done.code == 0
    assert "BGP table version" not in done.stdout
    rows = {
        tuple(line.split()[:2]): line.split()[2:4]
        for line in done.stdout.splitlines()
        if line.startswith((" link", " node", " session"))
    }
    assert rows["link", "GW1:UP1"] == ["0", "295"]
    assert rows["node", "GW1"] == ["0", "295"]
    assert "21 other failures of a link, session or router change nothing." in done.stdout


def test_without_predictions_prefixes_are_counted(run: Run):
    done = run(*CONFIG, "simulate", "--all-single-failures", "--json")
    cases = {case["failure"]: case for case in json.loads(done.stdout)["failures"]}
    assert cases["link GW1:UP1"]["moved"] == 4
    assert cases["node CE1"]["lost"] == ["1.0.0.0/24"]
    assert cases["node CE1"]["gateways"] == {}


def test_no_rest_is_exit_code_3(run: Run, tmp_path: Path):
    done = run("--config", bad_gadget(tmp_path), "simulate")
    assert done.code == 3
    assert "does not come to rest: 198.51.100.0/24" in done.stdout


def test_explain(run: Run):
    done = run(*CONFIG, "explain", "PE1", "192.0.2.0/24", "--predicted")
    assert done.code == 0
    assert done.stdout.startswith("PE1 sends 192.0.2.0/24 to GW1 (172.16.0.3)")
    done = run(*CONFIG, "explain", "PE1", "192.0.2.0/24", "--predicted", "--json")
    assert Explanation.model_validate_json(done.stdout).gateway == "GW1"
    valid_by("explanation", json.loads(done.stdout))


@pytest.mark.parametrize(
    "words",
    [
        ("simulate", "PE9"),
        ("simulate", "--fail", "nothing"),
        ("simulate", "--rib", "GW1"),
        ("simulate", "--rib", "=file"),
        ("simulate", "--rib", "GW1=/no/such/file"),
        ("explain", "PE1", "somewhere"),
        ("explain", "PE1", "192.0.2.0/24", "--collect"),
        ("explain", "PE9", "192.0.2.0/24", "--predicted"),
    ],
)
def test_wrong_words_are_exit_code_2(run: Run, words: tuple[str, ...]):
    done = run(*CONFIG, *words)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
