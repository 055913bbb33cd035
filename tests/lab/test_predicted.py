"""What plans foretell, and what a network says that is not as it was described."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.rib import Path as BgpPath
from nornir_bgp.runbooks import foretell
from nornir_bgp.runbooks.evidence import load_report
from tests.conftest import REPOSITORY
from tests.lab.conftest import Cli, clear_overrides, configure
from tests.lab.predicted import live

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("quick_gateways")]

TEST = REPOSITORY / "predictions" / "test.json"
PLANNED = {
    "131.114.0.0/16": "GW1",
    "192.0.2.0/24": "GW1",
    "198.51.100.0/24": "GW2",
    "203.0.113.0/24": "GW1",
}


@pytest.fixture
def no_overrides(clean_lab: Lab) -> Iterator[Lab]:
    clear_overrides(clean_lab)
    yield clean_lab
    clear_overrides(clean_lab)


@pytest.fixture
def default_route(no_overrides: Lab) -> Iterator[Lab]:
    """GW1 tells a default route that it has made up, which the model does not know."""
    family = ("router bgp 65020", "address-family ipv4 unicast")
    configure(no_overrides, "GW1", *family, "neighbor IBGP default-originate")

    def has_default() -> bool:
        return all("0.0.0.0/0" in live(no_overrides, edge).routes for edge in ("PE1", "PE2"))

    try:
        assert wait_for(has_default, bool, seconds=20)
        yield no_overrides
    finally:
        configure(no_overrides, "GW1", *family, "no neighbor IBGP default-originate")
        wait_for(has_default, lambda found: not found, seconds=20)


def routes_of(prediction: dict[str, object]) -> dict[tuple[str, str], tuple[list[str], int]]:
    return {
        (table["router"], prefix): (route["gateways"], route["local_pref"])
        for table in prediction["tables"]
        for prefix, route in table["routes"].items()
    }


EXPECTED = {
    (edge, prefix): ([gateway], 200)
    for edge in ("PE1", "PE2")
    for prefix, gateway in PLANNED.items()
}


@pytest.mark.parametrize("how", [(), ("--offline",)])
def test_plan_shows_the_tables_to_come(no_overrides: Lab, cli: Cli, how: tuple[str, ...]):
    done = cli("plan", str(TEST), "--json", *how)
    assert done.returncode == 0, done.stderr
    prediction = json.loads(done.stdout)["prediction"]
    assert routes_of(prediction) == EXPECTED
    assert (prediction["mismatches"], prediction["missing"]) == ([], None)
    loads = {case["failure"]: case["gateways"] for case in prediction["failures"]}
    assert loads["link GW1:UP1"] == loads["node GW1"] == {"GW1": 0, "GW2": 295}
    assert loads["link GW2:UP2"] == loads["node GW2"] == {"GW1": 295, "GW2": 0}
    told = cli("plan", str(TEST), *how)
    assert "*>i198.51.100.0/24  172.16.0.4               0    200      0 65005 i" in told.stdout
    assert live(no_overrides, "PE1").local_pref(best(no_overrides, "198.51.100.0/24")) == 100


def best(lab: Lab, prefix: str) -> BgpPath:
    found = live(lab, "PE1").best(prefix)
    assert found is not None
    return found


def test_offline_says_what_it_cannot_know(cli: Cli, tmp_path: Path):
    matrix = tmp_path / "elsewhere.json"
    matrix.write_text('{"C1": {"100.64.0.0/16": 5, "192.0.2.0/24": 7}}', "utf-8")
    done = cli("plan", str(matrix), "--offline", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["total_load"] == 12
    assert plan["prediction"]["tables"] == []
    assert "does not tell who announces 100.64.0.0/16" in plan["prediction"]["missing"]


def test_a_dry_run_shows_it_and_touches_nothing(no_overrides: Lab, cli: Cli, nr: Nornir):
    done = cli("distribute", str(TEST), "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert routes_of(report["plan"]["prediction"]) == EXPECTED
    assert best(no_overrides, "198.51.100.0/24").local_pref == 100


def test_a_network_that_is_not_as_described_is_told(default_route: Lab, nr: Nornir, cli: Cli):
    """The change is proven all the same, and the run says what the model did not know."""
    simulated = runbooks.simulate(nr, collect=True)
    found = {(m.router, m.prefix, m.predicted, m.actual) for m in simulated.mismatches}
    assert {
        (edge, "0.0.0.0/0", "no route", "GW1 at LOCAL_PREF 100") for edge in ("PE1", "PE2")
    } <= found
    assert any("GW1: not modelled:" in w and "default-originate" in w for w in simulated.warnings)

    report = runbooks.distribute(nr, TEST)
    assert (report.ok, report.exit_code, report.findings) == (True, 0, ())
    assert {(m.router, m.prefix) for m in report.mispredicted} == {
        ("PE1", "0.0.0.0/0"),
        ("PE2", "0.0.0.0/0"),
    }
    assert report.plan.prediction is not None
    assert any("default-originate" in w for w in report.plan.prediction.warnings)
    assert routes_of(report.plan.prediction.model_dump()) == {
        key: (tuple(gateways), local_pref) for key, (gateways, local_pref) in EXPECTED.items()
    }
    for form in ("md", "html", "junit", "json", "prometheus"):
        told = cli("report", "--format", form)
        assert told.returncode == 0
        assert (
            "nornir_bgp_mispredicted 2.0" if form == "prometheus" else "0.0.0.0/0"
        ) in told.stdout


def test_verify_compares_with_what_was_foretold(
    no_overrides: Lab, nr: Nornir, monkeypatch: pytest.MonkeyPatch
):
    """A model that is wrong about one prefix: its run and each later proof say so."""
    right = foretell.foretell

    def wrong(*arguments: object) -> foretell.Foretold:
        foretold = right(*arguments)
        table = foretold.tables["PE1"]
        routes = {p: paths for p, paths in table.routes.items() if p != "192.0.2.0/24"}
        tables = {**foretold.tables, "PE1": replace(table, routes=routes)}
        edges = [
            t.model_copy(
                update={"routes": {**t.routes, "192.0.2.0/24": t.routes["198.51.100.0/24"]}}
            )
            if t.router == "PE1"
            else t
            for t in foretold.prediction.tables
        ]
        prediction = foretold.prediction.model_copy(update={"tables": tuple(edges)})
        told = replace(foretold, prediction=prediction)
        vars(told)["tables"] = tables  # where the tables are kept once they were asked for
        return told

    monkeypatch.setattr("nornir_bgp.runbooks.prepare.foretell", wrong)
    report = runbooks.distribute(nr, TEST)
    assert (report.ok, report.exit_code) == (True, 0)
    assert [str(m) for m in report.mispredicted] == [
        "PE1: 192.0.2.0/24: predicted no route, actual GW1 at LOCAL_PREF 200"
    ]
    proof = runbooks.verify(nr)
    assert (proof.ok, proof.exit_code) == (True, 0)
    assert [str(m) for m in proof.mispredicted] == [
        "PE1: 192.0.2.0/24: predicted GW2 at LOCAL_PREF 200, actual GW1 at LOCAL_PREF 200"
    ]


def test_a_model_that_fails_stops_no_change(
    no_overrides: Lab, nr: Nornir, monkeypatch: pytest.MonkeyPatch
):
    def fails(*_: object) -> object:
        raise ArithmeticError("no model today")

    monkeypatch.setattr("nornir_bgp.runbooks.foretell.propagate", fails)
    report = runbooks.distribute(nr, TEST)
    assert (report.ok, report.exit_code, report.mispredicted) == (True, 0, ())
    assert report.plan.prediction is not None
    assert report.plan.prediction.missing == "the model failed: ArithmeticError: no model today"
    runs = Path(runbooks.settings_of(nr).runs)
    assert load_report(runs, report.run) == report
    assert not (runs / str(report.run) / "predicted").exists()


@pytest.fixture(scope="class")
def the_plan(clean_lab: Lab, nr: Nornir) -> Iterator[None]:
    clear_overrides(clean_lab)
    assert runbooks.distribute(nr, TEST).ok
    yield
    clear_overrides(clean_lab)


@pytest.mark.usefixtures("the_plan")
class TestExplain:
    def test_a_raised_route(self, nr: Nornir):
        told = runbooks.explain(nr, "PE1", "198.51.100.1")
        assert (told.prefix, told.gateway, told.reason) == (
            "198.51.100.0/24",
            "GW2",
            "First path received",
        )
        assert told.policy is not None
        assert "LOCAL_PREF_MAP permit 10" in told.policy
        assert "LOCAL_PREF_PREFIX_LIST" in told.policy
        assert "UP2" in told.text

    @pytest.mark.parametrize("prefix", ["131.114.0.0/16", "1.0.0.0/24", "198.51.100.0/24"])
    @pytest.mark.parametrize("router", ["PE1", "PE2", "GW1", "GW2"])
    def test_live_and_computed_tell_the_same(self, nr: Nornir, router: str, prefix: str):
        told = runbooks.explain(nr, router, prefix)
        computed = runbooks.explain(nr, router, prefix, predicted=True, collect=True)
        assert computed.model_copy(update={"state": "live"}) == told

    def test_what_stood_against_the_other_path(self, nr: Nornir):
        told = runbooks.explain(nr, "GW2", "131.114.0.0/16")
        verdicts = {path.source: path.verdict for path in told.paths}
        assert verdicts == {
            "GW1": "selected",
            "UP2": "the selected one has LOCAL_PREF 200, not 100",
        }
        assert told.reason == "Local Pref"

    def test_its_own_and_no_route(self, nr: Nornir):
        assert runbooks.explain(nr, "CE1", "1.0.0.0/24").text.startswith("CE1 announces")
        assert "has no route" in runbooks.explain(nr, "PE1", "100.64.0.0/16").text

    def test_on_the_command_line(self, cli: Cli):
        done = cli("explain", "PE1", "198.51.100.1")
        assert done.returncode == 0, done.stderr
        assert "PE1 sends 198.51.100.0/24 to GW2 (172.16.0.4)" in done.stdout
        assert (
            json.loads(cli("explain", "PE1", "198.51.100.1", "--json").stdout)["gateway"] == "GW2"
        )


def test_the_evidence_holds_the_tables_beside_each_other(no_overrides: Lab, nr: Nornir):
    report = runbooks.distribute(nr, TEST)
    folder = Path(runbooks.settings_of(nr).runs) / str(report.run)
    for moment in ("before", "predicted", "after"):
        names = {file.name for file in (folder / moment).glob("*.table.txt")}
        assert names == {f"{router}.table.txt" for router in ("PE1", "PE2", "GW1", "GW2")}
