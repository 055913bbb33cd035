import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent
CONFIG = REPOSITORY / "config.yaml"
TEMPLATE = REPOSITORY / "templates" / "frr.conf.j2"
ROUTERS = ["CE1", "CE2", "GW1", "GW2", "PE1", "PE2", "UP1", "UP2"]

DEVICE = """\
devices:
  - hostname: {name}
    interfaces: [{{name: eth0, ipv4_address: 10.0.0.0/31}}]
    bgp: {{as_number: 1, router_id: 1.1.1.1, neighbors: [{{ip: {neighbor}, remote_as: 2}}]}}
"""


def rendered(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_inventory_from_any_folder(run, tmp_path):
    outcome = run("--config", CONFIG, "render")
    assert (outcome.code, outcome.stdout) == (0, "")
    assert outcome.stderr == "8 configurations in output/\n"
    assert rendered(tmp_path / "output") == [f"{router}.conf" for router in ROUTERS]
    assert "hostname GW1\n" in (tmp_path / "output" / "GW1.conf").read_text()


def test_a_second_run_changes_nothing(run, tmp_path):
    run("--config", CONFIG, "render")
    first = {path: path.read_bytes() for path in (tmp_path / "output").iterdir()}
    run("--config", CONFIG, "render")
    assert {path: path.read_bytes() for path in (tmp_path / "output").iterdir()} == first


def test_a_folder_of_files_without_a_configuration(run, tmp_path):
    (tmp_path / "input").mkdir()
    for name in ("b", "a"):
        text = DEVICE.format(name=name, neighbor="10.0.0.1")
        (tmp_path / "input" / f"{name}.yml").write_text(text)
    (tmp_path / "input" / "notes.txt").write_text("not a device")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "frr.conf.j2").symlink_to(TEMPLATE)
    outcome = run("render")
    assert (outcome.code, outcome.stdout) == (0, "")
    assert rendered(tmp_path / "output") == ["a.conf", "b.conf"]


def test_a_template_of_the_users_own_and_policy_from_the_configuration(run, tmp_path):
    (tmp_path / "d.yaml").write_text(DEVICE.format(name="R1", neighbor="10.0.0.1"))
    (tmp_path / "t.j2").write_text("{{ device.hostname }} {{ policy.route_map }}\n")
    (tmp_path / "config.yaml").write_text("user_defined: {policy: {route_map: PREFER}}\n")
    assert run("render", "d.yaml", "deep/out", "t.j2").code == 0
    assert (tmp_path / "deep" / "out" / "R1.conf").read_text() == "R1 PREFER\n"


def test_a_neighbor_in_no_connected_network_is_a_warning(run, tmp_path):
    (tmp_path / "d.yaml").write_text(DEVICE.format(name="R1", neighbor="10.9.9.9"))
    outcome = run("render", "d.yaml", "out", TEMPLATE)
    assert outcome.code == 0
    assert "warning: R1: neighbor 10.9.9.9 is in no connected network\n" in outcome.stderr
    assert rendered(tmp_path / "out") == ["R1.conf"]
    assert run("--quiet", "render", "d.yaml", "out", TEMPLATE) == (0, "", "")


@pytest.mark.parametrize(
    "arguments", [["nosuch"], ["--nosuch"], ["render", "a", "b", "c", "d"], ["render", "--nosuch"]]
)
def test_usage_errors_exit_with_2(run, arguments):
    outcome = run(*arguments)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "Usage: nornir-bgp" in outcome.stderr


def test_a_fault_of_ours_exits_with_1_and_shows_its_traceback_only_when_asked(run, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ArithmeticError("the sky fell")

    monkeypatch.setattr("nornir_bgp.runbooks.plain.load_plain", broken)
    outcome = run("render", "d.yaml")
    assert outcome.code == 1
    assert "ArithmeticError: the sky fell" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert "Traceback" in run("--verbose", "render", "d.yaml").stderr


def test_the_installed_command_starts_without_the_heavy_libraries(tmp_path):
    program = Path(sys.executable).with_name("nornir-bgp")
    environment = os.environ | {"NO_COLOR": "1"}
    shown = subprocess.run(
        [program, "--version"], cwd=tmp_path, env=environment, capture_output=True, check=True
    )
    assert shown.stdout.startswith(b"nornir-bgp 0.")
    code = (
        "import sys, nornir_bgp.cli.main; "
        "print(*sorted({'ortools', 'netmiko', 'nornir', 'numpy', 'jinja2'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert loaded.stdout.strip() == b""


def test_a_bad_file_through_the_installed_command(tmp_path):
    (tmp_path / "d.yaml").write_text("devices: [\n")
    program = Path(sys.executable).with_name("nornir-bgp")
    done = subprocess.run(
        [program, "render", "d.yaml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: d.yaml:2:1: not YAML")
    assert [path.name for path in tmp_path.iterdir()] == ["d.yaml"]
