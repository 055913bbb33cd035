"""From host data of a Nornir inventory to validated devices."""

from collections.abc import Collection
from pathlib import Path

from nornir.core import Nornir
from nornir.core.inventory import Host
from pydantic import ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.device import Device
from nornir_bgp.models.device_policy import reserved_names
from nornir_bgp.models.documents import Fault, KeyPath, written
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.validation import faults_of
from nornir_bgp.models.yaml_text import YamlDocument, read_yaml

_FILES = {"host_file": "hosts.yaml", "group_file": "groups.yaml", "defaults_file": "defaults.yaml"}
"""The options of Nornir's SimpleInventory and their defaults."""


def devices_of(nr: Nornir, policy: Policy | None = None) -> tuple[Device, ...]:
    """Validate the data of every host, with what it inherits from its groups and defaults.

    Args:
        nr: the Nornir object.
        policy: the names that no device may take for objects of its own; ``None``: any will do.

    Returns:
        The devices in inventory order, each named as its host.

    Raises:
        InputError: a line for each fault, with the host, the key and, for a SimpleInventory, the
            file and line.
    """
    devices: list[Device] = []
    faults: list[tuple[Host, Fault]] = []
    for host in nr.inventory.hosts.values():
        if host.extended_data().get("hostname", host.name) != host.name:
            wrong = "a router is named by its key in the inventory; remove hostname from its data"
            faults.append((host, Fault(("hostname",), wrong)))
        try:
            device = _validated(host)
            devices.append(device)
            if policy is not None:
                faults.extend((host, fault) for fault in reserved_names(device, policy))
        except ValidationError as error:
            faults.extend((host, fault) for fault in faults_of(error, _data(host)))
    if faults:
        places = _places(nr, [(host, fault.path) for host, fault in faults])
        raise InputError(
            "\n".join(
                place + _message(host, fault)
                for place, (host, fault) in zip(places, faults, strict=True)
            )
        )
    return tuple(devices)


def device_of(host: Host) -> Device:
    """Validate the data of one host, with what it inherits.

    Raises:
        InputError: a line for each fault, with the host and the key.
    """
    try:
        return _validated(host)
    except ValidationError as error:
        faults = faults_of(error, _data(host))
        raise InputError("\n".join(_message(host, fault) for fault in faults)) from None


def _data(host: Host) -> dict[str, object]:
    return {**host.extended_data(), "hostname": host.name}


def _validated(host: Host) -> Device:
    return Device.model_validate(_data(host))


def _message(host: Host, fault: Fault) -> str:
    return ": ".join(filter(None, (host.name, written(fault.path), fault.message)))


def _places(nr: Nornir, located: Collection[tuple[Host, KeyPath]]) -> list[str]:
    """Return ``file:line:column: `` of each datum of a host, or nothing where no file is known."""
    if nr.config.inventory.plugin != "SimpleInventory":
        return ["" for _ in located]
    documents: dict[Path, YamlDocument] = {}
    places: list[str] = []
    for host, path in located:
        option, owner = _owner(host, path)
        file = Path(nr.config.inventory.options.get(option, _FILES[option])).expanduser()
        if file not in documents:
            documents[file] = read_yaml(file.read_text("utf-8"), str(file))
        inside = (*owner, "data", *path)
        places.append(f"{documents[file].places([inside])[inside]}: ")
    return places


def _owner(host: Host, path: KeyPath) -> tuple[str, KeyPath]:
    """Say which file holds a datum, and under which name."""
    key = path[0] if path else None
    if key in host.data:
        return "host_file", (host.name,)
    for group in host.extended_groups():
        if key in group.data:
            return "group_file", (group.name,)
    if key in host.defaults.data:
        return "defaults_file", ()
    return "host_file", (host.name,)
