"""``nornir-bgp init``: a project that works, or nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nornir_bgp.exceptions import InputError
from nornir_bgp.lab.topology import read_topology
from nornir_bgp.models.settings import Settings
from nornir_bgp.runbooks import init as runbook
from nornir_bgp.runbooks.adopt import adopt_network
from nornir_bgp.runbooks.init import FILES, init
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import load_nornir

REPOSITORY = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("nornir-bgp")


def files_in(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "init", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_project_is_the_reference_network(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert init(folder) == tuple(folder / name for name in FILES)
    assert files_in(folder) == set(FILES)
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    for name in set(FILES) - {".gitignore"}:
        assert (folder / name).read_bytes() == (REPOSITORY / name).read_bytes()
    assert os.access(folder / "lab" / "install-packages", os.X_OK)
    nr = load_nornir(folder / "config.yaml")
    assert render(nr) == render(load_nornir(REPOSITORY / "config.yaml"))
    assert network_of(nr).gateways == ("GW1", "GW2")
    routers = read_topology(folder / "lab" / "network.clab.yaml").with_role("router")
    for source in {source for router in routers for source in router.binds.values()}:
        assert source.is_relative_to(folder)
        assert source.exists() or {"keys", "output"} & set(source.parts)


def test_what_the_program_writes_later_is_ignored_by_git(tmp_path: Path) -> None:
    init(tmp_path)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    for path in ("runs/x/report.html", ".lab/x/id_ed25519", "output/GW1.conf", "lab/keys/id"):
        checked = ["git", "-C", tmp_path, "check-ignore", "--quiet", path]
        assert subprocess.run(checked, check=False).returncode == 0, path
    subprocess.run(["git", "-C", tmp_path, "add", "--all"], check=True)
    listed = ["git", "-C", tmp_path, "ls-files"]
    found = subprocess.run(listed, check=True, capture_output=True, text=True).stdout
    assert set(found.splitlines()) == set(FILES)


def test_an_empty_folder_stays_the_same_folder(tmp_path: Path) -> None:
    """It may be where the user stands, or a mount point."""
    before = tmp_path.stat().st_ino
    done = run(".", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"folder": ".", "files": list(FILES)}
    assert tmp_path.stat().st_ino == before
    assert files_in(tmp_path) == set(FILES)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: (p.mkdir(), (p / "notes.txt").write_text("mine")), "not empty, it holds notes"),
        (lambda p: p.write_text("mine"), "a file"),
        (lambda p: p.symlink_to("nowhere"), "a link to nothing"),
        (lambda p: p.parent.rmdir(), "there is no folder"),
    ],
)
def test_nothing_is_overwritten(tmp_path: Path, make: object, message: str) -> None:
    target = tmp_path / "above" / "mine"
    target.parent.mkdir()
    make(target)
    before = {p: p.is_file() and p.read_text() for p in tmp_path.rglob("*")}
    with pytest.raises(InputError, match=message) as refused:
        init(target)
    assert str(target) in str(refused.value)
    with pytest.raises(InputError) as also:  # before any router is asked
        adopt_network(target, ["192.0.2.1"], username="x", port=22, settings=Settings())
    assert str(also.value) == str(refused.value)
    assert {p: p.is_file() and p.read_text() for p in tmp_path.rglob("*")} == before


def test_a_refusal_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = run(tmp_path, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{tmp_path}: not empty, it holds notes.txt" in done.stderr


@pytest.mark.parametrize("option", [("--username", "netadmin"), ("--port", "22")])
def test_what_is_for_reading_routers_is_refused_without_it(
    tmp_path: Path, option: tuple[str, str]
) -> None:
    done = run(tmp_path / "mine", *option, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{option[0]} is how routers are read with --from-running" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("existing", [False, True])
def test_a_full_disk_leaves_nothing(tmp_path: Path, existing: bool) -> None:
    """For real: a file system of five pages."""
    script = """
    mount -t tmpfs -o size=20k tmpfs "$1"
    if [ "$3" = True ]; then mkdir "$1/mine"; fi
    "$2" init "$1/mine"; echo "exit $?"; find "$1" -mindepth 1
    """
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    arguments = ["sh", "-c", script, "sh", str(tmp_path), str(PROGRAM), str(existing)]
    done = subprocess.run(
        ["unshare", *user, "--mount", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "No space left on device" in done.stderr
    left = [f"{tmp_path}/mine"] if existing else []
    assert done.stdout.splitlines() == ["exit 2", *left]


def test_somebody_quicker_keeps_what_is_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that appears while the draft is written; what was moved before it goes back."""
    copy = runbook.copy_skeleton

    def copy_slowly(names: object, draft: Path) -> None:
        copy(names, draft)
        (tmp_path / "config.yaml").write_text("theirs")

    monkeypatch.setattr(runbook, "copy_skeleton", copy_slowly)
    with pytest.raises(InputError, match=r"config\.yaml is there already"):
        init(tmp_path)
    assert files_in(tmp_path) == {"config.yaml"}
    assert (tmp_path / "config.yaml").read_text() == "theirs"
