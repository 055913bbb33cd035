"""The plain form of device data: a YAML file with a top-level ``devices:`` list."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from nornir_bgp.models.base import Model
from nornir_bgp.models.device import Device
from nornir_bgp.models.documents import Fault, KeyPath, input_error
from nornir_bgp.models.validation import validated
from nornir_bgp.models.yaml_text import read_yaml


class DeviceFile(Model):
    """One file of devices."""

    devices: Annotated[tuple[Device, ...], Field(min_length=1)]


def parse_device_files(texts: Mapping[str, str]) -> tuple[Device, ...]:
    """Read the devices of several files, in the files' order.

    Args:
        texts: name of the file -> its text.

    Raises:
        InputError: a fault of syntax or of content, or a hostname that is given twice, in one file
            or in two.
    """
    devices: list[Device] = []
    first_places: dict[str, str] = {}
    for source, text in texts.items():
        document = read_yaml(text, source)
        in_file = validated(DeviceFile, document.value, document).devices
        paths: list[KeyPath] = [("devices", n, "hostname") for n in range(len(in_file))]
        places = document.places(paths)
        for path, device in zip(paths, in_file, strict=True):
            if device.hostname in first_places:
                message = (
                    f"hostname {device.hostname} is given twice, first in "
                    f"{first_places[device.hostname]}; rename or remove one"
                )
                raise input_error(document, [Fault(path, message)])
            first_places[device.hostname] = places[path]
            devices.append(device)
    return tuple(devices)
