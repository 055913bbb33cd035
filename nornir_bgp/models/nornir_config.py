"""The files that Nornir reads, checked before it does: it takes unknown keys without a word."""

from typing import Annotated

from pydantic import Field, RootModel

from nornir_bgp.models.base import Model
from nornir_bgp.models.documents import Document, Fault, KeyPath, input_error
from nornir_bgp.models.fields import Hostname
from nornir_bgp.models.settings import Settings
from nornir_bgp.models.validation import validated

Text = Annotated[str, Field(strict=True)]
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

    hostname: Text | None = None
    port: Port | None = None
    username: Text | None = None
    password: Text | None = None
    platform: Text | None = None


class ConnectionOptions(Connection):
    """Parameters of one connection plugin."""

    extras: dict[str, object] | None = None


class Defaults(Connection):
    """What holds for all hosts."""

    data: dict[str, object] = Field(default_factory=dict)
    connection_options: dict[str, ConnectionOptions] = Field(default_factory=dict)


class Element(Defaults):
    """A host or a group."""

    groups: tuple[Text, ...] = ()


class HostFile(RootModel[dict[Hostname, Element]]):
    """The hosts of an inventory."""


class GroupFile(RootModel[dict[Text, Element]]):
    """The groups of an inventory."""


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
