"""Devices without an inventory: files with a ``devices:`` list become a Nornir object."""

from pathlib import Path

from nornir.core import Nornir
from nornir.core.inventory import Host

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.device_file import parse_device_files
from nornir_bgp.models.settings import Settings
from nornir_bgp.runbooks.files import read_text
from nornir_bgp.runbooks.memory import nornir_of


def load_plain(path: Path, settings: Settings) -> Nornir:
    """Make a Nornir object, in memory, of device files.

    Args:
        path: a YAML file, or a folder whose ``.yaml`` and ``.yml`` files are read one after
            another in the order of their names.
        settings: the settings that the object carries.

    Raises:
        InputError: a file is missing or wrong, or the folder holds none.
    """
    texts = {str(file): read_text(file) for file in _files(path)}
    devices = parse_device_files(texts)
    hosts = (Host(name=d.hostname, data=d.model_dump()) for d in devices)
    return nornir_of(hosts, settings, source="device files")


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        files = sorted(
            file
            for file in path.iterdir()
            if file.suffix in (".yaml", ".yml") and not file.name.startswith(".")
        )
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if not files:
        raise InputError(f"{path}: no .yaml file in this folder; put the device files there")
    return files
