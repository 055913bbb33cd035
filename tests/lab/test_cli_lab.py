"""``nornir-bgp lab …`` on the session's lab, which it leaves as it is."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from nornir_bgp.lab.lab import Lab

pytestmark = pytest.mark.lab

Cli = Callable[..., subprocess.CompletedProcess[str]]


def test_up_on_a_running_lab(lab: Lab, cli: Cli):
    done = cli("lab", "up")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"lab {lab.name} is already up; nothing was changed\n"
    assert cli("--quiet", "lab", "up").stderr == ""


def test_up_tells_of_a_changed_inventory(lab: Lab, lab_config: Path, cli: Cli, tmp_path: Path):
    content = yaml.safe_load(lab_config.read_text())
    template = Path(content["user_defined"]["template"])
    changed = tmp_path / "frr.conf.j2"
    changed.write_text(template.read_text() + "! another line\n")
    content["user_defined"]["template"] = str(changed)
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(content))
    done = cli("lab", "up", config=config)
    assert done.returncode == 0
    assert "nothing was changed" in done.stderr
    assert "warning: it was started from another topology or inventory" in done.stderr


def test_status(lab: Lab, cli: Cli):
    table = cli("lab", "status")
    assert table.returncode == 0
    for node in lab.spec.nodes:
        assert node.name in table.stdout
    assert "zebra bgpd bfdd sshd" in table.stdout
    document = json.loads(cli("lab", "status", "--json").stdout)
    assert document["up"] is True
    assert [node["name"] for node in document["nodes"]] == [node.name for node in lab.spec.nodes]


def test_status_of_a_damaged_lab(lab: Lab, cli: Cli):
    lab.stop_daemon("UP1", "bfdd")
    try:
        shown = cli("lab", "status")
        assert shown.returncode == 3
        assert "bfdd (down)" in shown.stdout
    finally:
        lab.start_daemon("UP1", "bfdd")
        lab.wait_established()


def test_exec(lab: Lab, cli: Cli):
    done = cli("lab", "exec", "Customer2", "--", "sh", "-c", "hostname; pwd; exit 5")
    assert done.returncode == 5
    name, folder = done.stdout.splitlines()
    assert name == "Customer2"
    assert Path(folder).is_dir()
    assert folder != "/"
    assert cli("lab", "exec", "GW1", "--", "pwd").stdout == "/\n"
    direct = cli("lab", "exec", "manager", "--", "printenv", "NORNIR_BGP_DIRECT")
    assert direct.stdout == "1\n"
    wrong = cli("lab", "exec", "GW7", "--", "true")
    assert wrong.returncode == 2
    assert "has no node GW7" in wrong.stderr


def test_shell_on_a_router_is_vtysh(lab: Lab, lab_config: Path):
    """On a terminal of its own, as a person would use it."""
    command = f"nornir-bgp --config {lab_config} lab shell PE2"
    done = subprocess.run(
        ["script", "--quiet", "--return", "--command", command, "/dev/null"],
        input="show version\nexit\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=_path_with_the_command(),
    )
    assert done.returncode == 0, done.stdout
    assert "PE2# " in done.stdout
    assert "FRRouting" in done.stdout


def test_a_lab_that_is_not_up(lab_config: Path, cli: Cli, tmp_path: Path):
    content = yaml.safe_load(lab_config.read_text())
    content["user_defined"]["lab"]["state"] = str(tmp_path / "state")
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(content))
    status = cli("lab", "status", "--json", config=config)
    assert status.returncode == 4
    assert json.loads(status.stdout) == {"name": "nornir-bgp", "up": False, "nodes": []}
    for verb in (("exec", "PE1", "--", "true"), ("shell", "PE1")):
        done = cli("lab", *verb, config=config)
        assert done.returncode == 4
        assert "lab nornir-bgp is not up; start it with `nornir-bgp lab up`" in done.stderr
    down = cli("lab", "down", config=config)
    assert (down.returncode, down.stderr) == (0, "the lab was not up\n")
    assert not (tmp_path / "state").exists()


def test_no_lab_is_configured(lab_config: Path, cli: Cli, tmp_path: Path):
    content = yaml.safe_load(lab_config.read_text())
    del content["user_defined"]["lab"]
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(content))
    for verb in ("up", "down", "status"):
        done = cli("lab", verb, config=config)
        assert done.returncode == 2
        assert "names no lab" in done.stderr


def _path_with_the_command() -> dict[str, str]:
    folder = Path(sys.executable).parent
    return os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
