"""The network ends as planned or as it was: failed proofs, killed runs, two managers, rollback."""

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_bgp.deadline import wait_for
from nornir_bgp.lab.lab import Lab
from nornir_bgp.runbooks.session import load_settings
from tests.lab.conftest import GATEWAYS, Cli, StartCli, configure, override_prefixes, overrides

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("quick_gateways")]

ROOT = Path(__file__).parents[2]
TEST = str(ROOT / "predictions/test.json")
EXAMPLE = str(ROOT / "predictions/example.json")


def lists(lab: Lab) -> dict[str, tuple]:
    return {gateway: overrides(lab, gateway) for gateway in GATEWAYS}


@pytest.fixture
def at_test(clean_lab: Lab, cli: Cli) -> dict[str, tuple]:
    """The plan of test.json stands; the lists that it made."""
    assert cli("distribute", TEST).returncode == 0
    return lists(clean_lab)


@pytest.fixture
def stubborn_edge(clean_lab: Lab) -> Iterator[None]:
    """PE1 lowers what GW2 tells it, so that no plan that uses GW2 can be proven."""
    session = ("router bgp 65020", "address-family ipv4 unicast")
    configure(clean_lab, "PE1", "route-map LOWER permit 10", "set local-preference 50")
    configure(clean_lab, "PE1", *session, "neighbor 172.16.0.4 route-map LOWER in")
    yield
    configure(clean_lab, "PE1", *session, "no neighbor 172.16.0.4 route-map LOWER in")
    configure(clean_lab, "PE1", "no route-map LOWER")
    clean_lab.wait_settled()


@pytest.fixture
def impatient(lab_config: Path) -> Path:
    """A configuration whose proof may take twelve seconds."""
    config = lab_config.with_name("impatient.yaml")
    text = lab_config.read_text()
    config.write_text(text.replace("user_defined:\n", "user_defined:\n  verify_deadline: 12.0\n"))
    return config


def test_a_failed_proof_puts_the_network_back(
    clean_lab: Lab, cli: Cli, at_test, stubborn_edge, impatient: Path
):
    done = cli("distribute", EXAMPLE, "--json", config=impatient)
    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout)
    failed = {(c["router"], c["prefix"]) for c in report["checks"] if c["status"] != "pass"}
    assert failed == {("PE1", "131.114.0.0/16")}
    assert [(c["restored"], c["changed"]) for c in report["changes"]] == [(True, False)] * 2
    assert lists(clean_lab) == at_test
    assert "put back" in cli("report").stdout

    kept = cli("distribute", EXAMPLE, "--keep", config=impatient)
    assert kept.returncode == 3, kept.stderr
    assert override_prefixes(clean_lab, "GW2") == ["131.114.0.0/16"]


def test_two_managers_at_once(clean_lab: Lab, cli: Cli, start_cli: StartCli, at_test):
    first = start_cli("distribute", EXAMPLE)
    try:
        wait_for(lambda: lists(clean_lab), lambda found: found != at_test, seconds=60)
        first.send_signal(signal.SIGSTOP)  # it holds its lock for as long as this test likes
        second = cli("distribute", TEST)
        assert second.returncode == 5
        assert f"process {first.pid} of" in second.stderr
        assert cli("deploy").returncode == 5
        assert cli("distribute", TEST, "--dry-run").returncode == 0
    finally:
        first.send_signal(signal.SIGCONT)
        first.communicate(timeout=120)
    assert first.returncode == 0
    assert override_prefixes(clean_lab, "GW2") == ["131.114.0.0/16"]


def test_a_killed_run_is_put_back_by_recover(
    clean_lab: Lab, cli: Cli, start_cli: StartCli, at_test
):
    assert cli("recover").stdout == "no run was interrupted\n"
    assert kill_in_the_middle(clean_lab, start_cli, at_test, signal.SIGKILL) == -signal.SIGKILL
    killed = json.loads(cli("history", "--json").stdout)[0]
    assert "interrupted before its end" in killed["error"]
    done = cli("recover")
    assert done.returncode == 0, done.stderr
    assert "was interrupted and is put back" in done.stdout
    assert lists(clean_lab) == at_test
    assert cli("recover").stdout == "no run was interrupted\n"
    assert cli("verify", TEST).returncode == 0
    recovered = json.loads(cli("history", "--json").stdout)[0]
    assert (recovered["run"], recovered["error"]) == (killed["run"], "interrupted")
    assert all(change["restored"] for change in recovered["changes"])


@pytest.mark.parametrize(
    "how",
    [
        signal.SIGTERM,
        pytest.param(signal.SIGINT, marks=pytest.mark.long),
        pytest.param(signal.SIGHUP, marks=pytest.mark.long),
    ],
)
def test_a_signal_puts_the_network_back_at_once(
    clean_lab: Lab, cli: Cli, start_cli: StartCli, at_test, how
):
    assert kill_in_the_middle(clean_lab, start_cli, at_test, how) == 130
    assert lists(clean_lab) == at_test
    assert cli("recover").stdout == "no run was interrupted\n"


def test_a_killed_run_is_put_back_by_the_next(
    clean_lab: Lab, cli: Cli, start_cli: StartCli, at_test, lab_config: Path
):
    kill_in_the_middle(clean_lab, start_cli, at_test, signal.SIGKILL)
    assert lists(clean_lab) != at_test
    runs = Path(load_settings(lab_config).runs)
    (journal,) = runs.glob("*/journal.json")
    journal.with_name("report.json").write_text("{")  # the routers matter more than what is told
    again = json.loads(cli("distribute", TEST, "--json").stdout)
    assert again["ok"]
    assert [c["lines"] for c in again["changes"]] == [[], []], "it was put back before it was read"
    shutil.rmtree(journal.parent)


def kill_in_the_middle(lab: Lab, start_cli: StartCli, before, how: signal.Signals) -> int:
    run = start_cli("distribute", EXAMPLE)
    wait_for(lambda: lists(lab), lambda found: found != before, seconds=60)
    run.send_signal(how)
    run.communicate(timeout=120)
    return run.returncode


def test_rollback_and_history(clean_lab: Lab, cli: Cli, at_test):
    assert cli("distribute", EXAMPLE).returncode == 0
    done = cli("rollback", "--json")
    assert done.returncode == 0, done.stderr
    assert {g: sorted(override_prefixes(clean_lab, g)) for g in GATEWAYS} == {
        gateway: sorted(e.network for e in entries) for gateway, entries in at_test.items()
    }
    runs = json.loads(cli("history", "--json").stdout)
    back, example, test = runs[:3]
    assert back["predictions"] == f"plan of run {test['run']}"
    assert (example["predictions"], test["predictions"]) == (EXAMPLE, TEST)
    again = json.loads(cli("rollback", example["run"], "--json").stdout)
    assert again["ok"]
    assert override_prefixes(clean_lab, "GW2") == ["131.114.0.0/16"]
    printed = cli("history").stdout
    assert back["run"] in printed
    assert "As planned" in printed


def test_a_saved_change_survives_a_restart(clean_lab: Lab, cli: Cli, at_test):
    assert cli("distribute", EXAMPLE, "--save").returncode == 0
    saved = lists(clean_lab)
    for daemon in ("bgpd", "zebra"):
        clean_lab.stop_daemon("GW1", daemon)
    for daemon in ("zebra", "bgpd"):
        clean_lab.start_daemon("GW1", daemon)
    clean_lab.wait_established()
    clean_lab.wait_settled()
    assert lists(clean_lab) == saved
    assert cli("verify", EXAMPLE).returncode == 0


def test_a_plan_beyond_the_bounds_touches_nothing(
    clean_lab: Lab, cli: Cli, at_test, lab_config: Path, tmp_path: Path
):
    config = lab_config.with_name("bounded.yaml")
    text = lab_config.read_text()
    config.write_text(
        text.replace("user_defined:\n", "user_defined:\n  bounds: {max_moves: 1, max_shift: 0.2}\n")
    )
    done = cli("distribute", EXAMPLE, config=config)
    assert done.returncode == 6
    assert "2 prefixes move, max_moves is 1" in done.stderr
    assert "max_shift is 20%" in done.stderr

    truncated = tmp_path / "truncated.json"
    truncated.write_text('{"C1": {"203.0.113.0/24": 35}}')
    done = cli("distribute", str(truncated))
    assert done.returncode == 6
    assert "the prefixes shrank from 4 to 1" in done.stderr
    assert lists(clean_lab) == at_test
