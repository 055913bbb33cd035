"""What cron and systemd run, as they run it: no terminal, hardly an environment, another folder."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.lab.lab import Lab
from tests.cli.test_contrib import CONTRIB, cron_commands, unit
from tests.lab.conftest import EDGES, GATEWAYS, LIST, configure, override_prefixes, overrides

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("quick_gateways")]

PREDICTIONS = Path(__file__).parents[2] / "predictions"
AT_GW2 = {"test": ["198.51.100.0/24"], "example": ["131.114.0.0/16"]}


class Manager:
    """A manager node: the places that contrib/ names lie in a folder of the test's own."""

    def __init__(self, folder: Path, lab_config: Path) -> None:
        self.predictions, self.metrics = folder / "predictions", folder / "metrics"
        self.runs, self.elsewhere = folder / "runs", folder / "elsewhere"
        for path in (self.predictions, self.metrics, self.elsewhere):
            path.mkdir()
        content = yaml.safe_load(lab_config.read_text("utf-8"))
        content["user_defined"] |= {
            "runs": str(self.runs),
            "verify_deadline": 5.0,
            "keep_runs": 2,
        }
        config = folder / "config.yaml"
        config.write_text(yaml.safe_dump(content), "utf-8")
        self.places = {
            "/opt/nornir-bgp/bin/nornir-bgp": Path(sys.executable).with_name("nornir-bgp"),
            "/etc/nornir-bgp/config.yaml": config,
            "/var/lib/nornir-bgp/predictions": self.predictions,
            "/var/lib/nornir-bgp/metrics": self.metrics,
        }

    def predict(self, name: str, *, age: float = 0.0, text: str | None = None) -> Path:
        """Write a matrix into the folder, as of some seconds ago."""
        path = self.predictions / f"{name}.json"
        path.write_text(text or (PREDICTIONS / f"{name}.json").read_text("utf-8"), "utf-8")
        written = time.time() - age
        os.utime(path, (written, written))
        return path

    def cron(self, verb: str) -> subprocess.CompletedProcess[str]:
        """Run the line of contrib/crontab that has this verb, as cron does: by a shell."""
        (command,) = (c for c in cron_commands() if f" {verb} " in c)
        return self._run(["/bin/sh", "-c", self._here(command)])

    def service(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run what a service of contrib/ starts, as systemd does: without a shell."""
        return self._run(
            shlex.split(self._here(unit(CONTRIB / f"{name}.service")["Service"]["ExecStart"]))
        )

    def metric(self, name: str, file: str = "nornir_bgp") -> float | None:
        text = (self.metrics / f"{file}.prom").read_text("utf-8")
        return next(
            (
                sample.value
                for family in text_string_to_metric_families(text)
                for sample in family.samples
                if sample.name == f"nornir_bgp_{name}"
            ),
            None,
        )

    def run_ids(self) -> list[str]:
        return sorted(path.name for path in self.runs.iterdir() if path.is_dir())

    def _here(self, command: str) -> str:
        for place, here in self.places.items():
            assert place in command or "predictions" in place, f"{place} is not in {command}"
            command = command.replace(place, str(here))
        assert not re.search(r"/(opt|etc|var/lib)/nornir-bgp", command)
        return command

    def _run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        setsid, env = shutil.which("setsid"), shutil.which("env")
        assert setsid
        assert env
        environment = ["PATH=/usr/bin:/bin", f"HOME={self.elsewhere}", "SHELL=/bin/sh"]
        return subprocess.run(
            [setsid, "--wait", env, "-i", *environment, *words],
            cwd=self.elsewhere,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )


@pytest.fixture(scope="module")
def manager(
    clean_lab: Lab,
    quick_gateways: None,
    lab_config: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Manager:
    """The plan of test.json stands, put there by cron's line."""
    manager = Manager(tmp_path_factory.mktemp("manager"), lab_config)
    manager.predict("test", age=60)
    done = manager.cron("distribute")
    assert (done.returncode, done.stderr) == (0, "")
    assert "As planned: 4 lines sent, 8 checks passed." in done.stdout
    assert override_prefixes(clean_lab, "GW2") == AT_GW2["test"]
    return manager


@pytest.fixture
def untouched(clean_lab: Lab, manager: Manager) -> Iterator[None]:
    """Neither the lists nor the edge routers' tables move, and no run is left."""

    def state() -> tuple:
        tables = [parse_json(clean_lab.vtysh(e, "show bgp ipv4 unicast json")) for e in EDGES]
        return [overrides(clean_lab, g) for g in GATEWAYS], tables, manager.run_ids()

    before = state()
    yield
    after = state()
    assert [table.version for table in after[1]] == [table.version for table in before[1]]
    assert after == before
    assert not list(manager.elsewhere.iterdir()), "nothing is written where it was started"


@pytest.fixture
def predictions(manager: Manager, tmp_path: Path) -> Iterator[Path]:
    """The folder of matrices; what a test does to it is undone, however the test ends."""
    kept = shutil.copytree(manager.predictions, tmp_path / "kept")
    yield manager.predictions
    shutil.rmtree(manager.predictions)
    shutil.copytree(kept, manager.predictions)


@pytest.mark.usefixtures("untouched", "predictions")
def test_cron_says_and_does_nothing_where_nothing_has_changed(manager: Manager):
    manager.predict("later", text=(PREDICTIONS / "test.json").read_text("utf-8"))
    done = manager.cron("distribute")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert manager.metric("last_run_exit_code") == 0
    assert manager.metric("lines_changed") == 0
    assert time.time() - manager.metric("last_success_timestamp_seconds") < 30


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("age", "text", "code", "said"),
    [
        (3 * 3600 + 5, None, 6, "example.json was written 3 h "),
        (-3600, None, 6, "in the future: a clock is wrong"),
        (-60, '{"C1": {"198.51.100.0/24": 150', 2, "example.json:1:"),
    ],
    ids=["stale", "from the future", "half written"],
)
def test_a_matrix_that_is_none_to_act_on(
    manager: Manager, predictions: Path, age, text, code, said
):
    last = manager.metric("last_success_timestamp_seconds")
    for path in predictions.iterdir():
        path.unlink()
    manager.predict("example", age=age, text=text)
    done = manager.cron("distribute")
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1, "one line, for the mail"
    assert manager.metric("last_run_exit_code") == code
    assert manager.metric("last_run_ok") == 0
    assert manager.metric("last_success_timestamp_seconds") == last


@pytest.mark.usefixtures("untouched")
def test_an_empty_folder(manager: Manager, predictions: Path):
    for path in predictions.iterdir():
        path.rename(path.with_name(f".{path.name}"))
    done = manager.cron("distribute")
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds no prediction matrix" in done.stderr


def test_the_services_log_objects_mend_drift_and_keep_few_runs(clean_lab: Lab, manager: Manager):
    manager.predict("example")
    done = manager.service("nornir-bgp")
    assert done.returncode == 0, done.stderr
    assert override_prefixes(clean_lab, "GW2") == AT_GW2["example"]
    records = [json.loads(line) for line in done.stderr.splitlines()]
    phases = [record["phase"] for record in records if record["event"] == "phase ended"]
    assert {"collect", "plan", "preview", "push", "prove"} <= set(phases)
    assert all(record["seconds"] >= 0 for record in records if record["event"] == "phase ended")
    (run,) = {record["run"] for record in records if "run" in record}
    assert run == manager.run_ids()[-1]

    assert manager.cron("verify").returncode == 0
    assert manager.metric("drift", "nornir_bgp_verify") == 0
    assert 0 < manager.metric("plan_age_seconds", "nornir_bgp_verify") < 60
    configure(clean_lab, "GW1", f"no ip prefix-list {LIST}")
    drifted = manager.service("nornir-bgp-verify")
    assert drifted.returncode == 3
    assert manager.metric("drift", "nornir_bgp_verify") == 1
    assert manager.metric("verify_exit_code", "nornir_bgp_verify") == 3

    mended = manager.cron("distribute")
    assert mended.returncode == 0, mended.stderr
    assert "As planned: 3 lines sent" in mended.stdout
    runs = manager.run_ids()
    assert len(runs) == 2, "of three runs, as many as keep_runs says"
    assert run in runs
