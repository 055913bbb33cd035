"""Files of a run: whole or not at all, and for their owner alone."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nornir_bgp.exceptions import LockedError
from nornir_bgp.runbooks.files import PUBLIC, write_configurations, write_text, write_whole
from nornir_bgp.runbooks.lock import locked


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A user whose files are everybody's."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def started(program: str, *arguments: Path) -> Iterator[subprocess.Popen[str]]:
    """Python with a program; killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


KILLED = """
import os, random, signal, sys, time
from itertools import cycle
from pathlib import Path
from nornir_bgp.runbooks.files import write_whole

file, size = Path(sys.argv[1]), 300_000
whole = {letter * size for letter in "ab"}
for seed in range(60):
    child = os.fork()
    if child == 0:
        for letter in cycle("ab"):
            write_whole(file, letter * size)
    time.sleep(random.Random(seed).uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert not file.exists() or file.read_text() in whole
print(file.read_text()[:1])
"""


def test_a_program_that_is_killed_never_leaves_half_a_file(tmp_path: Path):
    """Killed 60 times, each time somewhere while it writes one file again and again."""
    file = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, file], capture_output=True, text=True, check=False
    )
    assert done.stdout in ("a\n", "b\n"), done.stderr
    drafts = set(tmp_path.iterdir()) - {file}
    assert drafts, "it was never killed while it wrote"
    assert all(draft.name.startswith(".report.json.") for draft in drafts)
    assert {mode(path) for path in (file, *drafts)} == {0o600}


def test_what_cannot_be_written_leaves_the_old_file_and_no_draft(tmp_path: Path):
    file = tmp_path / "plan.json"
    write_whole(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "new \ud800")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("plan.json", "old")]


def test_modes_do_not_hang_on_the_umask(open_umask: None, tmp_path: Path):
    write_whole(tmp_path / "private", "x")
    write_whole(tmp_path / "public", "x", mode=PUBLIC)
    write_text(tmp_path / "named", "x")
    write_configurations({"R1": "x"}, tmp_path)
    found = {path.name: mode(path) for path in tmp_path.iterdir()}
    assert found == {"private": 0o600, "public": 0o666, "named": 0o666, "R1.conf": 0o666}


def test_a_file_becomes_private_that_was_not(tmp_path: Path):
    file = tmp_path / "report.json"
    file.touch(mode=0o644)
    write_whole(file, "x")
    assert mode(file) == 0o600


def test_the_lock_and_its_holder_are_private_and_go(open_umask: None, tmp_path: Path):
    runs = tmp_path / "runs"
    with locked(runs):
        assert mode(runs) == 0o700
        assert {path.name: mode(path) for path in runs.iterdir()} == {
            "lock": 0o600,
            "lock.holder": 0o600,
        }
        with pytest.raises(LockedError, match=rf"process {os.getpid()} of .* since .* UTC"):
            locked(runs).__enter__()
    assert [path.name for path in runs.iterdir()] == ["lock"]


def test_a_holder_that_was_killed_holds_nothing(tmp_path: Path):
    runs = tmp_path / "runs"
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from nornir_bgp.runbooks.lock import locked\n"
        "with locked(Path(sys.argv[1])):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with started(program, runs) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=f"process {process.pid} of"):
            locked(runs).__enter__()
    assert "process" in (runs / "lock.holder").read_text()
    with locked(runs):
        assert f"process {os.getpid()} of" in (runs / "lock.holder").read_text()


FULL = """
import sys
from pathlib import Path
from nornir_bgp.runbooks.files import write_whole
from nornir_bgp.runbooks.lock import locked

folder = Path(sys.argv[1])
write_whole(folder / "f", "old")
try:
    write_whole(folder / "f", "x" * 2_000_000)
except OSError as error:
    print(error.strerror, sorted(p.name for p in folder.iterdir()), (folder / "f").read_text())
try:
    with (folder / "rest").open("wb", buffering=0) as rest:
        while rest.write(bytes(4096)):
            pass
except OSError as error:
    print(error.strerror)
with locked(folder):
    print("held", sorted(p.name for p in folder.iterdir()))
"""


def test_a_full_disk_leaves_the_old_file_and_a_lock_that_holds(tmp_path: Path):
    """A file system of 1 MiB in a mount namespace of its own; a recovery must run all the same."""
    mount = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" -c "$3" "$1"'
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
    done = subprocess.run(
        [*alone, tmp_path, sys.executable, FULL],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    full = "No space left on device"
    lines = [f"{full} ['f'] old", full, "held ['f', 'lock', 'rest']"]
    assert done.stdout.splitlines() == lines, done.stderr
    assert f"lock.holder: cannot be written: {full}" in done.stderr
