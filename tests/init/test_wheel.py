"""The package as `pip install` gives it, without the repository: init, lab, change, proof."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_bgp.runbooks.init import FILES

REPOSITORY = Path(__file__).parents[2]
SOURCES = (
    *("config.yaml", "inventory", "lab", "predictions", "templates"),
    *("nornir_bgp", "pyproject.toml", "README.md", "LICENSE"),
)


def run(*command: str | Path, cwd: Path, seconds: int = 120) -> subprocess.CompletedProcess[str]:
    """Run a program that knows nothing of the repository or of this environment."""
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "USER", "LANG")}
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``nornir-bgp`` from a wheel, in an environment of its own; its libraries are this one's."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "keys", "*.egg-info")
    for name in SOURCES:
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, source / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(REPOSITORY / name, source / name)
    pip = (sys.executable, "-m", "pip", "--quiet")
    offline = ("--no-deps", "--no-build-isolation")
    built = run(*pip, "wheel", *offline, "--wheel-dir", folder, source, cwd=folder)
    assert built.returncode == 0, built.stderr
    shutil.rmtree(source)

    environment = folder / "environment"
    venv.create(environment)
    python = environment / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    install = ("--python", python, "install", "--no-deps", "--no-index", wheel)
    installed = run(*pip, *install, cwd=folder)
    assert installed.returncode == 0, installed.stderr
    site = next(environment.glob("lib/python*/site-packages"))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    place = run(python, "-c", "import nornir_bgp; print(nornir_bgp.__file__)", cwd=folder)
    assert place.stdout.startswith(str(site)), place.stdout + place.stderr
    return environment / "bin" / "nornir-bgp"


@pytest.fixture
def project(program: Path, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "mine"
    done = run(program, "init", folder, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    yield folder
    run(program, "lab", "down", cwd=folder)


def test_the_wheel_carries_the_whole_skeleton(project: Path) -> None:
    assert {str(p.relative_to(project)) for p in project.rglob("*") if p.is_file()} == set(FILES)
    for name in set(FILES) - {".gitignore"}:
        assert (project / name).read_bytes() == (REPOSITORY / name).read_bytes()
    assert os.access(project / "lab" / "install-packages", os.X_OK)


@pytest.mark.lab
@pytest.mark.long
def test_a_new_project_plans_pushes_and_proves(program: Path, project: Path) -> None:
    up = run(program, "lab", "up", cwd=project)
    assert up.returncode == 0, up.stderr
    done = run(program, "distribute", "predictions/test.json", "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)["plan"]
    assert {name: gateway["load"] for name, gateway in plan["gateways"].items()} == {
        "GW1": 145,
        "GW2": 150,
    }
    verified = run(program, "verify", "--json", cwd=project)
    assert verified.returncode == 0, verified.stderr
    assert len(json.loads(verified.stdout)["checks"]) == 8
    assert (project / "runs").is_dir()
    assert run(program, "deploy", "--dry-run", cwd=project).returncode == 0
