"""An adopted network as the files of a project."""

from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from nornir_bgp.frr.adopt import Understood
from nornir_bgp.models.settings import Policy, Settings
from nornir_bgp.runbooks.init import GITIGNORE, TEMPLATE, copy_skeleton

_WIDTH = 100

_CONFIG = """\
Nornir's configuration, and under user_defined the settings of this network.
Relative paths start at this file's folder."""
_HOSTS = """\
Adopted from running configurations. Every change made here reaches the routers by
`nornir-bgp deploy`; look at `nornir-bgp deploy --dry-run` first."""
_GROUPS = """\
gateway: routers with an exit. edge: the routers whose tables prove a plan."""
_DEFAULTS = """\
What SSH needs; keys come from your agent or ~/.ssh, host keys are checked."""


def write_inventory(
    folder: Path,
    adopted: Mapping[str, Understood],
    *,
    username: str,
    port: int,
    settings: Settings,
) -> None:
    """Write configuration, inventory and template of an adopted network.

    Args:
        folder: an empty one.
        adopted: what SSH connects to -> the router behind it.
        username: the SSH user.
        port: the SSH port.
        settings: those that the network was read with; its policy and its lab go along.
    """
    copy_skeleton((GITIGNORE, TEMPLATE), folder)
    inventory = folder / "inventory"
    inventory.mkdir()
    hosts = {u.device.hostname: _host(address, u) for address, u in adopted.items()}
    _write(folder / "config.yaml", _CONFIG, _config(settings))
    _write(inventory / "hosts.yaml", _HOSTS, hosts)
    _write(inventory / "groups.yaml", _GROUPS, {"edge": {}, "gateway": {}})
    defaults = {"username": username, "platform": "frr", "port": port}
    _write(inventory / "defaults.yaml", _DEFAULTS, defaults)


def _config(settings: Settings) -> dict[str, object]:
    files = {f"{kind}_file": f"inventory/{kind}s.yaml" for kind in ("host", "group")}
    content: dict[str, object] = {
        "inventory": {
            "plugin": "SimpleInventory",
            "options": files | {"defaults_file": "inventory/defaults.yaml"},
        },
        "runner": {"plugin": "threaded", "options": {"num_workers": 20}},
        "logging": {"enabled": False},
    }
    own: dict[str, object] = {}
    if settings.policy != Policy():
        own["policy"] = settings.policy.model_dump(mode="json", exclude_defaults=True)
    if settings.lab is not None:
        lab = settings.lab
        own["lab"] = {
            "topology": str(Path(lab.topology).absolute()),
            "state": str(Path(lab.state).absolute()),
        }
    return content | ({"user_defined": own} if own else {})


def _host(address: str, understood: Understood) -> dict[str, object]:
    data = understood.device.model_dump(mode="json", exclude_defaults=True, exclude={"hostname"})
    return {
        "hostname": address,
        "groups": [] if understood.group is None else [understood.group],
        "data": data,
    }


def _write(path: Path, comment: str, content: Mapping[str, object]) -> None:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = _WIDTH
    text = StringIO()
    yaml.dump(_laid_out(content), text)
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    path.write_text(f"{head}{text.getvalue()}", "utf-8")


def _laid_out(value: object) -> object:
    """Return the same content, with what is short written in one line."""
    if isinstance(value, Mapping):
        mapping = CommentedMap({key: _laid_out(inner) for key, inner in value.items()})
        if _is_short(value):
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, Sequence) and not isinstance(value, str):
        sequence = CommentedSeq(_laid_out(inner) for inner in value)
        if not any(isinstance(inner, Mapping) for inner in value):
            sequence.fa.set_flow_style()
        return sequence
    return value


def _is_short(mapping: Mapping[str, object]) -> bool:
    """Tell whether a mapping is an interface, timers or a plain session."""
    plain = all(isinstance(value, str | int) for value in mapping.values())
    return plain and len(mapping) <= 3 and bool({"name", "ip", "keepalive"} & mapping.keys())
