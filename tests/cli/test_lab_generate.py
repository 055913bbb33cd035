"""``nornir-bgp lab generate``."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_the_command_writes_the_project(run: Run, tmp_path: Path) -> None:
    options = ("--gateways", 2, "--edges", 1, "--prefixes", 12, "--ipv6", "--capacities", "30,10")
    done = run("lab", "generate", "network", *map(str, options))
    assert done.code == 0, done.stderr
    assert set(done.stdout.split()) == {f"network/{name}" for name in files(tmp_path / "network")}
    assert "a network of 7 routers is in network/" in done.stderr
    assert run("lab", "generate", "network").code == 2
    as_json = json.loads(run("lab", "generate", "--json", "other").stdout)
    assert set(as_json["files"]) == {f"other/{name}" for name in files(tmp_path / "other")}


@pytest.mark.parametrize("capacities", ["", "1,", "x", "-5", "0", str(2**63)])
def test_bad_capacities_are_refused(capacities: str, run: Run, tmp_path: Path) -> None:
    done = run("lab", "generate", "network", "--capacities", capacities)
    assert done.code == 2
    assert "--capacities" in done.stderr
    assert not (tmp_path / "network").exists()


def test_an_offline_plan_of_hundreds_of_prefixes_says_why_it_has_no_preview(
    run: Run, tmp_path: Path
) -> None:
    options = ("--gateways", 4, "--edges", 2, "--prefixes", 500)
    assert run("lab", "generate", "network", *map(str, options)).code == 0
    predictions = "network/predictions/generated.json"
    done = run("--config", "network/config.yaml", "plan", predictions, "--offline", "--json")
    assert done.code == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["total_load"] > 0
    assert plan["prediction"]["missing"] == (
        "6,024 routes to compute from the inventory are too many; ask the routers"
    )
