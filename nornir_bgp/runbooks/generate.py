"""A project with a network of any size to try things on."""

from pathlib import Path

import yaml
from orjson import OPT_INDENT_2, dumps

from nornir_bgp.lab.generated import Size, draw
from nornir_bgp.lab.generated_files import documents
from nornir_bgp.runbooks.init import GITIGNORE, SKELETON, TEMPLATE, copy_skeleton
from nornir_bgp.runbooks.project_folder import new_project

TOPOLOGY = "lab/network.clab.yaml"
PREDICTIONS = "predictions/generated.json"

_COPIED = (
    GITIGNORE,
    "config.yaml",
    "inventory/defaults.yaml",
    "lab/daemons",
    "lab/install-packages",
    "lab/packages.txt",
    "lab/sshd_config",
    "lab/vtysh.conf",
    TEMPLATE,
)
_NAME = "generated"
_WIDTH = 160


def generate(folder: Path, size: Size) -> tuple[Path, ...]:
    """Write a project whose network is drawn from a seed: inventory, topology and predictions.

    Args:
        folder: a new or an empty one; nothing in it is ever overwritten.
        size: how large the network is to be.

    Returns:
        The files.

    Raises:
        InputError: the folder holds something or cannot be written; nothing was written.
    """
    reference = yaml.safe_load((SKELETON / TOPOLOGY).read_text("utf-8"))
    found = documents(draw(size), name=_NAME, node_groups=reference["topology"]["groups"])
    written = {
        TOPOLOGY: _yaml(found.topology, size),
        "inventory/hosts.yaml": _yaml(found.hosts, size),
        "inventory/groups.yaml": _yaml(found.groups, size),
        PREDICTIONS: dumps(found.predictions, option=OPT_INDENT_2).decode() + "\n",
    }
    with new_project(folder) as draft:
        copy_skeleton(_COPIED, draft)
        for name, text in written.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_text(text, "utf-8")
    return tuple(folder / name for name in (*_COPIED, *written))


def _yaml(content: object, size: Size) -> str:
    asked = ", ".join(f"{name} {value}" for name, value in size.model_dump().items())
    text: str = yaml.dump(
        content, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=None, width=_WIDTH
    )
    return f"# Made by `nornir-bgp lab generate`: {asked}.\n{text}"
