"""Who runs a lab: this user, and, where that is root, an ordinary user made for the test."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[2]

# An ordinary user cannot read root's home, where Python and the repository may lie: show them,
# bound into a folder of the user's, in a mount namespace that ends with the command.
_AS_USER = """
mount --bind "$1" "$3/python"; mount --bind "$2" "$3/site"; mount --bind "$4" "$3/repository"
home=$3; user=$5; python=$6; shift 6
cd "$home"
exec setpriv --reuid "$user" --regid "$user" --init-groups env --ignore-environment \
    PATH=/usr/bin:/bin HOME="$home" USER="$user" PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH="$home/repository:$home/site" MARK="$MARK" "$home/python/bin/$python" "$@"
"""


@dataclass(frozen=True)
class Person:
    """A user and a folder of theirs.

    Attributes:
        home: the folder; ``config.yaml`` in it names a lab whose state lies there.
        user: the user's name, or ``None`` for ourselves.
    """

    home: Path
    user: str | None

    @property
    def config(self) -> Path:
        return self.home / "config.yaml"

    @property
    def state(self) -> Path:
        return self.home / "state" / "nornir-bgp"

    def command(self, *arguments: str) -> list[str]:
        """Python with these arguments, as this person."""
        if self.user is None:
            return [sys.executable, *arguments]
        base = Path(sys.base_prefix)
        python = f"python{sys.version_info.major}.{sys.version_info.minor}"
        site = sysconfig.get_path("purelib")
        places = [str(base), site, str(self.home), str(REPOSITORY), self.user, python]
        return ["unshare", "--mount", "sh", "-ec", _AS_USER, "sh", *places, *arguments]

    def start(self, code: str, *arguments: str, mark: str = "") -> subprocess.Popen[str]:
        """Start a Python program; ``mark`` shows in its environment and its children's."""
        return subprocess.Popen(
            self.command("-c", code, *arguments),
            env=os.environ | {"MARK": mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``nornir-bgp`` with this person's configuration."""
        code = "from nornir_bgp.cli.main import main; main()"
        process = self.start(code, "--config", str(self.config), *arguments)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def write_config(folder: Path, repository: Path, *, topology: Path | None = None) -> Path:
    """Write a ``config.yaml`` for the reference network, or for another topology of it."""
    content = yaml.safe_load((REPOSITORY / "config.yaml").read_text("utf-8"))
    options = content["inventory"]["options"]
    content["inventory"]["options"] = {k: str(repository / v) for k, v in options.items()}
    settings = content["user_defined"]
    settings["template"] = str(repository / "templates" / "frr.conf.j2")
    settings["runs"] = str(folder / "runs")
    settings["lab"] = {
        "topology": str(topology or repository / "lab" / "network.clab.yaml"),
        "state": str(folder / "state"),
    }
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(content), "utf-8")
    return config


@contextmanager
def ourselves(folder: Path) -> Iterator[Person]:
    """The user who runs the tests."""
    write_config(folder, REPOSITORY)
    yield Person(folder, None)


@contextmanager
def ordinary_user(name: str) -> Iterator[Person]:
    """A new user with subordinate ids, removed afterwards; we must be root."""
    home = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    _run(["useradd", "--no-create-home", "--home-dir", str(home), name])
    try:
        for place in ("python", "site", "repository"):
            (home / place).mkdir()
        write_config(home, home / "repository")
        _run(["chown", "-R", f"{name}:{name}", str(home)])
        yield Person(home, name)
    finally:
        _run(["userdel", name])
        shutil.rmtree(home)


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)
