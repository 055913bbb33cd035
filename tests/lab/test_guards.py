"""What keeps a run from doing harm: the canary, little gain, others' routes, plans that expire."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from nornir.core import Nornir
from nornir.core.task import Result, Task

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import ProgramFaultError
from nornir_bgp.frr.show_bgp import parse_end_of_rib
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.series import FORMAT
from nornir_bgp.runbooks import change
from nornir_bgp.tasks.push import push
from tests.lab.conftest import GATEWAYS, Cli, StartCli, configure, overrides

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("quick_gateways")]

ROOT = Path(__file__).parents[2]
TEST = str(ROOT / "predictions/test.json")
EXAMPLE = str(ROOT / "predictions/example.json")

Configured = Callable[..., Path]


def lists(lab: Lab) -> dict[str, tuple]:
    return {gateway: overrides(lab, gateway) for gateway in GATEWAYS}


@pytest.fixture(scope="module")
def configured(lab_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Configured:
    """Make a configuration with other settings."""
    folder = tmp_path_factory.mktemp("configured")

    def make(**settings: object) -> Path:
        content = yaml.safe_load(lab_config.read_text())
        content["user_defined"] |= settings
        path = folder / f"{len(list(folder.iterdir()))}.yaml"
        path.write_text(yaml.safe_dump(content))
        return path

    return make


@pytest.fixture
def at_test(clean_lab: Lab, cli: Cli) -> dict[str, tuple]:
    """The plan of test.json stands; the lists that it made."""
    done = cli("distribute", TEST)
    assert done.returncode == 0, done.stderr
    return lists(clean_lab)


def test_a_canary_goes_first(clean_lab: Lab, cli: Cli, at_test):
    done = cli("distribute", EXAMPLE, "--canary", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert list(report["seconds"]) == [
        "collect",
        "plan",
        "predict",
        "preview",
        "canary",
        "push",
        "prove",
    ]
    assert {change["gateway"]: len(change["lines"]) for change in report["changes"]} == {
        "GW1": 2,
        "GW2": 2,
    }
    assert cli("verify", EXAMPLE).returncode == 0


def test_a_canary_that_fails_keeps_the_others_where_they_are(
    clean_lab: Lab, cli: Cli, at_test, configured: Configured
):
    """PE1 lowers what GW1 tells it, and the canary moves there."""
    session = ("router bgp 65020", "address-family ipv4 unicast")
    configure(clean_lab, "PE1", "route-map LOWER permit 10", "set local-preference 50")
    configure(clean_lab, "PE1", *session, "neighbor 172.16.0.3 route-map LOWER in")
    try:
        config = configured(canary=True, verify_deadline=8.0)
        done = cli("distribute", EXAMPLE, "--json", config=config)
    finally:
        configure(clean_lab, "PE1", *session, "no neighbor 172.16.0.3 route-map LOWER in")
        configure(clean_lab, "PE1", "no route-map LOWER")
    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout)
    assert {check["prefix"] for check in report["checks"]} == {"198.51.100.0/24"}
    sent = [line for change in report["changes"] for line in change["lines"]]
    assert len(sent) == 2
    assert all("198.51.100.0/24" in line for line in sent)
    assert all(change["restored"] for change in report["changes"])
    assert lists(clean_lab) == at_test
    clean_lab.wait_settled()


def test_a_change_without_enough_gain_is_not_made(
    clean_lab: Lab, cli: Cli, at_test, tmp_path: Path
):
    erring = tmp_path / "erring.json"
    slot = {"customers": json.loads(Path(EXAMPLE).read_text())}
    erring.write_text(json.dumps({"format": FORMAT, "error": 0.9, "slots": [slot]}))
    runs = json.loads(cli("history", "--json").stdout)
    for arguments, why in (
        ((EXAMPLE, "--min-gain", "0.9"), "min_gain is 90%"),
        ((str(erring),), "the predictions' own error is 90.0% of it"),
    ):
        done = cli("distribute", *arguments, "--json")
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert report["left_alone"].endswith(why)
        assert (report["run"], report["ok"]) == (None, True)
        assert lists(clean_lab) == at_test
    assert json.loads(cli("history", "--json").stdout) == runs


@pytest.mark.parametrize(("accepted", "code"), [(0, 3), (None, 0)])
def test_what_others_do_meanwhile_is_told_from_what_a_run_does(
    clean_lab: Lab,
    cli: Cli,
    start_cli: StartCli,
    at_test,
    configured: Configured,
    accepted: int | None,
    code: int,
):
    """CE1 announces another prefix while the plan is pushed."""
    session = ("router bgp 65001", "address-family ipv4 unicast")
    config = configured(bounds={"max_churn": accepted})
    run = start_cli("distribute", EXAMPLE, "--json", config=config)
    wait_for(lambda: lists(clean_lab), lambda found: found != at_test, seconds=60)
    configure(clean_lab, "CE1", *session, "network 100.64.0.0/24")
    try:
        stdout, stderr = run.communicate(timeout=180)
    finally:
        configure(clean_lab, "CE1", *session, "no network 100.64.0.0/24")
    clean_lab.wait_settled()
    assert run.returncode == code, stderr
    report = json.loads(stdout)
    told = "PE1: 10.0.1.1 now sends 100.64.0.0/24 (AS path 65001, origin i)"
    assert told in report["churn" if code == 0 else "findings"]
    assert (lists(clean_lab) == at_test) == (code != 0)
    assert all(change["restored"] == (code != 0) for change in report["changes"])


def test_a_fault_of_ours_puts_everything_back(
    clean_lab: Lab, nr: Nornir, at_test, monkeypatch: pytest.MonkeyPatch
):
    """Nobody knows how far GW2's task came; GW1 has taken its lines."""

    def faulty(task: Task, *arguments: object, **options: object) -> Result:
        result = push(task, *arguments, **options)
        if task.host.name == "GW2":
            raise ZeroDivisionError("a fault")
        return result

    monkeypatch.setattr(change, "push", faulty)
    with pytest.raises(ProgramFaultError, match="GW2: ZeroDivisionError: a fault"):
        runbooks.distribute(nr, EXAMPLE)
    assert lists(clean_lab) == at_test
    assert runbooks.recover(nr) == ()
    assert runbooks.verify(nr, TEST).ok


def test_a_plan_that_cannot_be_saved_stands(clean_lab: Lab, cli: Cli, at_test):
    """With one file for all daemons the login may not write it."""
    file = "/etc/frr/vtysh.conf"
    clean_lab.run("GW1", ["sed", "-i", "s/^no service integrated/service integrated/", file])
    try:
        done = cli("distribute", TEST, "--save")
    finally:
        clean_lab.run("GW1", ["sed", "-i", "s/^service integrated/no service integrated/", file])
    assert done.returncode == 4
    assert "the plan stands and is proven, but a restart would lose it: GW1" in done.stderr
    assert lists(clean_lab) == at_test


def test_no_way_back_to_routes_that_are_no_more(clean_lab: Lab, cli: Cli, at_test):
    session = ("router bgp 65005", "address-family ipv4 unicast")
    run = json.loads(cli("history", "--json").stdout)[0]["run"]
    configure(clean_lab, "UP2", *session, "no network 198.51.100.0/24")
    try:
        clean_lab.wait_settled()
        done = cli("rollback", run)
    finally:
        configure(clean_lab, "UP2", *session, "network 198.51.100.0/24")
        clean_lab.wait_settled()
    assert done.returncode == 6, done.stdout
    assert "UP2 sends GW2 no 198.51.100.0/24" in done.stderr
    assert lists(clean_lab) == at_test


def test_a_plan_expires(cli: Cli, at_test, configured: Configured):
    done = cli("verify", "--json", config=configured(plan_max_age="1s"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["expired"]
    assert "older than plan_max_age" in done.stderr
    back = cli("rollback", "--dry-run", config=configured(plan_max_age="1s"))
    assert back.returncode == 6
    assert "older than plan_max_age; if it is meant all the same, use --force" in back.stderr
    assert (
        cli("rollback", "--dry-run", "--force", config=configured(plan_max_age="1s")).returncode
        == 0
    )
    fresh = cli("verify", "--json", config=configured(plan_max_age="1d"))
    assert not json.loads(fresh.stdout)["expired"]
    assert fresh.stderr == ""


def test_end_of_rib_is_read_from_frr(clean_lab: Lab):
    def came(neighbor: str) -> bool:
        return parse_end_of_rib(clean_lab.vtysh("GW1", f"show bgp neighbors {neighbor} json"))

    assert came("10.0.5.1")
    configure(clean_lab, "GW1", "router bgp 65020", "neighbor 10.0.5.7 remote-as 65007")
    try:
        assert not came("10.0.5.7")
    finally:
        configure(clean_lab, "GW1", "router bgp 65020", "no neighbor 10.0.5.7")
