"""The options that say what is asked of a plan."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

MATRIX = {"C1": {"10.0.0.0/24": 60, "10.0.1.0/24": 30, "10.0.2.0/24": 10}}
GATEWAYS = {
    "gateways": {
        "GW1": {"upstream": "UP1", "capacity": 100, "cost": 2.0},
        "GW2": {"upstream": "UP2", "capacity": 100},
    }
}
OFFLINE = ("plan", "m.json", "--offline", "--gateways", "g.json")


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    """A matrix and gateways in a folder without a configuration."""
    (tmp_path / "m.json").write_text(json.dumps(MATRIX))
    (tmp_path / "g.json").write_text(json.dumps(GATEWAYS))


def loads(answer: str) -> dict[str, int]:
    return {name: one["load"] for name, one in json.loads(answer)["gateways"].items()}


def test_no_configuration_is_needed(run: Run):
    done = run(*OFFLINE, "--json")
    assert (done.code, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert loads(done.stdout) == {"GW1": 40, "GW2": 60}
    assert (answer["max_utilisation"], answer["bound"], answer["gap"]) == (0.6, 0.6, 0.0)
    assert (answer["moved"], answer["lines"]) == (None, 3)
    assert answer["explanation"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--pin", "10.0.0.0/24=GW1"], {"GW1": 60, "GW2": 40}),
        (["--pin", "10.0.0.0/23=GW2"], {"GW1": 10, "GW2": 90}),
        (["--ban", "10.0.0.0/8=GW1"], {"GW1": 0, "GW2": 100}),
        (["--objectives", "cost"], {"GW1": 0, "GW2": 100}),
        (["--objectives", "cost,balance", "--ceiling", "0.9"], {"GW1": 10, "GW2": 90}),
        (["--coverage", "0.6"], {"GW1": 40, "GW2": 60}),
    ],
)
def test_an_option_does_what_it_says(run: Run, options, expected):
    done = run(*OFFLINE, "--json", *options)
    assert (done.code, loads(done.stdout)) == (0, expected), done.stderr


def test_options_go_over_the_settings(run: Run, tmp_path: Path):
    settings = "user_defined: {planning: {pins: {10.0.0.0/24: GW1}, bans: {10.0.1.0/24: GW2}}}"
    (tmp_path / "config.yaml").write_text(settings)
    assert loads(run(*OFFLINE, "--json").stdout) == {"GW1": 90, "GW2": 10}
    done = run(*OFFLINE, "--json", "--pin", "10.0.0.0/24=GW2")
    assert loads(done.stdout) == {"GW1": 40, "GW2": 60}


def test_one_plan_for_each_slot(run: Run, tmp_path: Path):
    (tmp_path / "later.json").write_text(json.dumps({"C1": {"10.0.0.0/24": 10, "10.0.1.0/24": 90}}))
    files = ("plan", "m.json", "later.json", "--offline", "--gateways", "g.json")
    plans = json.loads(run(*files, "--per-slot", "--slot-moves", "1", "--json").stdout)
    assert [plan["slot"] for plan in plans] == [0, 1]
    assert plans[1]["moved"] <= 1
    worst = json.loads(run(*files, "--json").stdout)
    assert worst["slot"] == 1
    assert [exit_["slots"][1] for exit_ in worst["exits"]] == [e["load"] for e in worst["exits"]]
    shown = run(*files)
    assert "slot 1, total load 100" in shown.stdout
    assert "capacity" in shown.stdout


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--pin", "10.0.0.0/24"], 2, "--pin 10.0.0.0/24: write PREFIX=GATEWAY"),
        (["--pin", "10.0.0.0/24=GW9"], 2, "no gateway GW9"),
        (["--pin", "x=GW1"], 2, "--pin: 'x' selects nothing"),
        (["--pin", "10.0.0.0/8=GW1", "--pin", "10.0.0.0/8=GW2"], 2, "pinned to two gateways"),
        (["--pin", "10.0.0.0/8=GW1", "--ban", "10.0.0.0/24=GW1"], 2, "may not use the gateway"),
        (["--ban", "10.0.0.0/24=GW1", "--ban", "10.0.0.0/8=GW2"], 6, "banned from every gateway"),
        (["--objectives", "balance,speed"], 2, "--objectives: 'speed' is not allowed"),
        (["--objectives", "moves,moves"], 2, "moves is given twice"),
        (["--ceiling", "1.5"], 2, "--ceiling: 1.5 is not allowed"),
        (["--ceiling", "0.5"], 6, "GW"),
        (["--coverage", "0"], 2, "--coverage: 0.0 is not allowed"),
        (["--overrides", "few"], 2, "few"),
        (["--slot", "1"], 2, "there is no slot 1"),
        (["--slot-moves", "1"], 2, "--per-slot"),
        (["--slot", "0", "--per-slot"], 2, "give one"),
    ],
)
def test_what_is_refused(run: Run, options, code, said):
    done = run(*OFFLINE, *options)
    assert done.code == code
    assert said in done.stderr


def test_a_file_of_gateways_is_for_offline_plans(run: Run):
    done = run("plan", "m.json", "--gateways", "g.json")
    assert (done.code, done.stdout) == (2, "")
    assert "add --offline" in done.stderr


def test_a_wrong_file_of_gateways_is_named_with_its_place(run: Run, tmp_path: Path):
    (tmp_path / "g.json").write_text('{"gateways": {"GW1": {"upstream": "UP1"}},\n"reech": {}}')
    done = run(*OFFLINE)
    assert done.code == 2
    assert "g.json:2:1: reech: unknown key" in done.stderr


def test_what_cannot_be_minimal_is_told(run: Run):
    done = run(*OFFLINE, "--overrides", "minimal")
    assert done.code == 0
    assert "overrides minimal was passed over" in done.stdout
    assert "every planned one is raised" in " ".join(done.stdout.split())


def test_blanks_in_a_list_do_no_harm(run: Run):
    assert run(*OFFLINE, "--objectives", "cost, balance").code == 0
