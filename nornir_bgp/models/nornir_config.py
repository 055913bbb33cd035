"""The files that Nornir reads, checked before it does: it takes unknown keys without a word."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, RootModel, field_validator

from nornir_bgp.models.base import Model
from nornir_bgp.models.documents import Document, Fault, KeyPath, input_error
from nornir_bgp.models.fields import Hostname, ServerName, UserName
from nornir_bgp.models.settings import Settings
from nornir_bgp.models.validation import misplaced, validated

FRR_CONNECTION = "frr"
"""The name of the connection plugin for FRR's routers."""

SECRET_EXTRAS = ("password", "passphrase", "secret")
"""The arguments of Netmiko that are secrets."""

_SECRET_FAULT = "is not text; write env:NAME or file:PATH, where the secret stands"  # noqa: S105


def _text_unshown(value: object) -> object:
    """Refuse what is no text without showing it: it may be a secret all the same."""
    if value is not None and not isinstance(value, str):
        raise ValueError(_SECRET_FAULT)
    return value


Text = Annotated[str, Field(strict=True)]
Secret = Annotated[str, BeforeValidator(_text_unshown)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]


class InventorySection(Model):
    """Where the inventory comes from: a plugin of Nornir and its arguments."""

    plugin: Text = "SimpleInventory"
    options: dict[str, object] = Field(default_factory=dict)
    transform_function: Text = ""
    transform_function_options: dict[str, object] = Field(default_factory=dict)


class RunnerSection(Model):
    """How tasks run: a plugin of Nornir and its arguments."""

    plugin: Text = "threaded"
    options: dict[str, object] = Field(default_factory=dict)


class NornirConfig(Model):
    """``config.yaml``."""

    inventory: InventorySection = InventorySection()
    runner: RunnerSection = RunnerSection()
    core: dict[str, object] = Field(default_factory=dict)
    ssh: dict[str, object] = Field(default_factory=dict)
    logging: dict[str, object] = Field(default_factory=dict)
    user_defined: Settings = Settings()


class Connection(Model):
    """Connection parameters of a host, a group or one connection plugin."""

    hostname: ServerName | None = None
    port: Port | None = None
    username: UserName | None = None
    password: Secret | None = None
    platform: Text | None = None


class ConnectionOptions(Connection):
    """Parameters of one connection plugin."""

    extras: dict[str, object] | None = None


class Defaults(Connection):
    """What holds for all hosts."""

    data: dict[str, object] = Field(default_factory=dict)
    connection_options: dict[str, ConnectionOptions] = Field(default_factory=dict)

    @field_validator("connection_options")
    @classmethod
    def _are_safe(cls, options: dict[str, ConnectionOptions]) -> dict[str, ConnectionOptions]:
        ours = options.get(FRR_CONNECTION)
        for name, fault in unsafe_extras((ours and ours.extras) or {}):
            raise misplaced((FRR_CONNECTION, "extras", name), fault)
        return options


class Element(Defaults):
    """A host or a group."""

    groups: tuple[Text, ...] = ()


class HostFile(RootModel[dict[Hostname, Element]]):
    """The hosts of an inventory."""


class GroupFile(RootModel[dict[Text, Element]]):
    """The groups of an inventory."""


def unsafe_extras(extras: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Find the arguments for Netmiko that would switch a check off or show a secret.

    Args:
        extras: the ``extras`` of our connection plugin.

    Yields:
        The argument's name, and what is wrong with it.
    """
    if extras.get("ssh_strict", True) is not True:
        yield (
            "ssh_strict",
            "host keys are always checked; remove it, and add the router's key to known_hosts",
        )
    if extras.get("session_log") is not None:
        yield (
            "session_log",
            "Netmiko's own log is not private; set session_logs under user_defined instead",
        )
    for name in SECRET_EXTRAS:
        if not isinstance(extras.get(name, ""), str | None):
            yield name, _SECRET_FAULT


def check_inventory(hosts: Document, groups: Document | None, defaults: Document | None) -> None:
    """Check the three files of a SimpleInventory; the last two may be missing or empty.

    Raises:
        InputError: unknown keys, wrong types, or a group that does not exist.
    """
    host_file = validated(HostFile, hosts.value, hosts)
    group_file = GroupFile({})
    if groups is not None and groups.value is not None:
        group_file = validated(GroupFile, groups.value, groups)
        _refuse_unknown_groups(group_file.root, group_file, groups)
    if defaults is not None and defaults.value is not None:
        validated(Defaults, defaults.value, defaults)
    _refuse_unknown_groups(host_file.root, group_file, hosts)


def _refuse_unknown_groups(
    elements: dict[str, Element], known: GroupFile, document: Document
) -> None:
    faults = []
    for name, element in elements.items():
        for n, group in enumerate(element.groups):
            if group not in known.root:
                path: KeyPath = (name, "groups", n)
                faults.append(Fault(path, f"no group {group!r}; add it to the groups or remove it"))
    if faults:
        raise input_error(document, faults)
