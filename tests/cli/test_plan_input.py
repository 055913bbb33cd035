"""What `plan`, `distribute`, `verify` and `report` refuse: the code, the place, nothing touched."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of the reference network, whose lab is not up."""
    for name in ("config.yaml", "inventory", "predictions", "lab", "templates"):
        source = REPOSITORY / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    return tmp_path


def files(folder: Path) -> set[Path]:
    """What is there, but for the lock, which a run takes before it asks any router."""
    runs = folder / "runs"
    return set(folder.rglob("*")) - {runs, runs / "lock"}


@pytest.mark.parametrize("verb", [["plan", "--offline"], ["plan"], ["distribute"], ["verify"]])
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"C1": {"10.0.0.0/8": 1}', "bad.json:1:25"),
        ('{"C1": {"10.0.0.0/8": 1},}', "bad.json:1:25"),
        ('{"C1": {"10.0.0.0/8": 1,\n "10.0.0.0/8": 2}}', "bad.json:2:2"),
        ('{"C1": {"10.0.0.0/8": 1.5}}', "bad.json:1:9"),
        ('{"C1": {"10.0.0.1/8": 1}}', "write 10.0.0.0/8"),
        ('{"C1": {}}', "bad.json:1:1: the matrix is empty"),
        ('{"C1": {"2001:db8::1/32": 1}}', "write 2001:db8::/32"),
        (None, "bad.json: no such file"),
    ],
)
def test_bad_predictions(run: Run, project: Path, verb, text, place):
    if text is not None:
        (project / "bad.json").write_text(text)
    before = files(project)
    done = run(*verb, "bad.json")
    assert done.code == 2
    assert place in done.stderr
    assert files(project) == before


def remove_gateways(hosts: str) -> str:
    return hosts.replace("use_localpref_map: true", "use_localpref_map: false")


def second_exit(hosts: str) -> str:
    old = "        - ip: 10.0.5.1\n"
    return hosts.replace(
        old, "        - {ip: 10.0.5.7, remote_as: 65009, use_localpref_map: true}\n" + old
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (remove_gateways, "the inventory has no gateway"),
        (lambda hosts: hosts.replace("groups: [edge]", "groups: [gateway]"), "group 'edge'"),
        (second_exit, "GW1 has several exits"),
        (lambda hosts: hosts.replace("as_number: 65020", "as_numbr: 65020", 1), "as_numbr"),
    ],
)
def test_bad_inventory(run: Run, project: Path, change: Callable[[str], str], said):
    hosts = project / "inventory/hosts.yaml"
    hosts.write_text(change(hosts.read_text()))
    done = run("plan", "predictions/test.json", "--offline")
    assert done.code == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["distribute", "predictions/test.json"], 4, "lab nornir-bgp is not up"),
        (["plan", "predictions/test.json"], 4, "start it with `nornir-bgp lab up`"),
        (["trace", "predictions/test.json"], 4, "lab nornir-bgp is not up"),
        (["verify"], 2, "holds no run whose plan"),
        (["verify", "--run", "../x"], 2, "holds no run '../x'"),
        (["verify", "predictions/test.json", "--run", "x"], 2, "give one"),
        (["report"], 2, "holds no run yet"),
        (["report", "x"], 2, "holds no run 'x'"),
        (["report", "--format", "pdf"], 2, "pdf"),
        (["plan", "predictions/test.json", "--solver", "magic"], 2, "magic"),
        (["plan"], 2, "PREDICTIONS"),
        (["--config", "other.yaml", "plan", "predictions/test.json"], 2, "other.yaml"),
    ],
)
def test_bad_usage(run: Run, project: Path, arguments, code, said):
    before = files(project)
    done = run(*arguments)
    assert done.code == code
    assert said in done.stderr
    assert files(project) == before


def test_a_knapsack_that_is_too_large_names_the_other_solver(run: Run, project: Path):
    rates = {f"10.0.{n}.0/24": 10**12 + n for n in range(40)}
    (project / "bits.json").write_text(json.dumps({"C1": rates}))
    done = run("plan", "bits.json", "--offline", "--solver", "dp")
    assert done.code == 2
    assert "cpsat" in done.stderr
    assert run("plan", "bits.json", "--offline").code == 0


def test_json_stands_alone_on_stdout_and_is_the_same_each_time(run: Run, project: Path):
    first = run("plan", "predictions/test.json", "--offline", "--json")
    assert (first.code, first.stderr) == (0, "")
    assert json.loads(first.stdout)["gateways"]["GW1"]["load"] == 145
    assert run("plan", "predictions/test.json", "--offline", "--json").stdout == first.stdout


@pytest.mark.parametrize("solver", ["dp", "cpsat", "auto"])
def test_every_solver_gives_the_first_exit_the_smaller_half(run: Run, project: Path, solver):
    for name, halves in {"test": [145, 150], "example": [115, 120]}.items():
        done = run("plan", f"predictions/{name}.json", "--offline", "--json", "--solver", solver)
        assert [e["load"] for e in json.loads(done.stdout)["exits"]] == halves


def test_an_interrupted_run_on_a_gateway_that_is_no_more_stays_open(run: Run, project: Path):
    journal = project / "runs/20260101T000000Z-0000/journal.json"
    journal.parent.mkdir(parents=True)
    entries = [[5, "permit 192.0.2.0/24"]]
    lists = [{"family": 4, "name": "LOCAL_PREF_PREFIX_LIST", "entries": entries}]
    before, planned = {"clauses": [], "lists": lists}, {"clauses": [], "lists": []}
    journal.write_text(json.dumps({"before": {"GW9": before}, "planned": {"GW9": planned}}))
    done = run("recover")
    assert done.code == 2
    assert "may have changed GW9" in done.stderr
    assert journal.exists()
