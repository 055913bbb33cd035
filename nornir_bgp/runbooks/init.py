"""A project of one's own to start from."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import nornir_bgp
from nornir_bgp.exceptions import NornirBgpError
from nornir_bgp.runbooks.project_folder import new_project

SKELETON = Path(nornir_bgp.__file__).parent / "skeleton"
"""The reference network: links to its files in a clone, the files themselves in a wheel."""

TEMPLATE = "templates/frr.conf.j2"
GITIGNORE = ".gitignore"

FILES = (
    GITIGNORE,
    "config.yaml",
    "inventory/defaults.yaml",
    "inventory/groups.yaml",
    "inventory/hosts.yaml",
    "lab/daemons",
    "lab/install-packages",
    "lab/network.clab.yaml",
    "lab/packages.txt",
    "lab/sshd_config",
    "lab/vtysh.conf",
    "predictions/example.json",
    "predictions/test.json",
    TEMPLATE,
)
"""The project that ``init`` writes. The folders of Containerlab's images are not part of it: they
are built from the repository."""


def init(folder: Path) -> tuple[Path, ...]:
    """Write a project that works at once: the reference network with its lab.

    Args:
        folder: a new or an empty one; nothing in it is ever overwritten.

    Returns:
        The files.

    Raises:
        InputError: the folder holds something or cannot be written; nothing was written.
    """
    with new_project(folder) as draft:
        copy_skeleton(FILES, draft)
    return tuple(folder / name for name in FILES)


def copy_skeleton(names: Iterable[str], folder: Path) -> None:
    """Copy files of the skeleton into a draft folder, onto the disk.

    Raises:
        NornirBgpError: the package was installed without them.
    """
    for name in names:
        source, target = SKELETON / name, folder / name
        if not source.is_file():
            raise NornirBgpError(f"{source} is missing; install nornir-bgp anew")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
        with target.open("rb") as file:
            os.fsync(file.fileno())
