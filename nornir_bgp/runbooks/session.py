"""From ``config.yaml`` to a Nornir object, strictly."""

import logging
from pathlib import Path

from nornir import InitNornir
from nornir.core import Nornir
from nornir.core.exceptions import PluginNotRegistered
from pydantic import ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.documents import written
from nornir_bgp.models.nornir_config import InventorySection, NornirConfig, check_inventory
from nornir_bgp.models.settings import Settings
from nornir_bgp.models.validation import faults_of, validated
from nornir_bgp.models.yaml_text import YamlDocument, read_yaml
from nornir_bgp.runbooks.files import read_text
from nornir_bgp.tasks.secrets import anchor_secrets


def load_nornir(config: Path) -> Nornir:
    """Start Nornir from a configuration file that is checked first.

    Relative paths in the file, and those of secrets in the inventory, start at its folder, so that
    it serves from any working directory. Nornir's own logging, which writes a file into the
    working directory, is off.

    Raises:
        InputError: the configuration or a file of the inventory is missing or wrong.
    """
    content = _read_config(config)
    settings = _resolved(content.user_defined, config.parent)
    inventory = content.inventory
    if inventory.plugin == "SimpleInventory":
        inventory = _checked_inventory(inventory, config.parent)
    logging.getLogger("nornir").addHandler(logging.NullHandler())
    try:
        nr = InitNornir(
            inventory=inventory.model_dump(),
            runner=content.runner.model_dump(),
            core=content.core,
            ssh=content.ssh,
            logging={"enabled": False},
            user_defined=settings.model_dump(),
        )
    except (PluginNotRegistered, TypeError) as error:  # TypeError: arguments of a plugin
        raise InputError(f"{config}: Nornir does not take it: {error}; correct it") from error
    anchor_secrets(nr.inventory, config.parent)
    return nr


def load_settings(config: Path) -> Settings:
    """Read the settings alone; relative paths start at the file's folder.

    Raises:
        InputError: the configuration is missing or wrong.
    """
    return _resolved(_read_config(config).user_defined, config.parent)


def settings_of(nr: Nornir) -> Settings:
    """Return the settings of a Nornir object, also of one that the user started.

    Relative paths in it start at the working directory, as Nornir's own do.

    Raises:
        InputError: ``user_defined`` is wrong; a line for each fault.
    """
    data = nr.config.user_defined
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise InputError(
            "\n".join(
                f"{written(('user_defined', *fault.path))}: {fault.message}"
                for fault in faults_of(error, data)
            )
        ) from None


def _read_config(config: Path) -> NornirConfig:
    document = _read(config)
    return validated(NornirConfig, document.value, document)


def _read(path: Path) -> YamlDocument:
    return read_yaml(read_text(path), str(path))


def _resolved(settings: Settings, folder: Path) -> Settings:
    lab = settings.lab and settings.lab.model_copy(
        update={
            "topology": str(folder / settings.lab.topology),
            "state": str(folder / settings.lab.state),
        }
    )
    return settings.model_copy(
        update={
            "runs": str(folder / settings.runs),
            "template": str(folder / settings.template),
            "session_logs": settings.session_logs and str(folder / settings.session_logs),
            "lab": lab,
        }
    )


def _checked_inventory(section: InventorySection, folder: Path) -> InventorySection:
    """Check the inventory's files, and give their paths from the configuration's folder."""
    paths = {
        option: folder / Path(str(section.options.get(option, default))).expanduser()
        for option, default in (
            ("host_file", "hosts.yaml"),
            ("group_file", "groups.yaml"),
            ("defaults_file", "defaults.yaml"),
        )
    }
    documents = {
        option: _read(path)
        for option, path in paths.items()
        # the other files are optional, but one that the configuration names must exist
        if option == "host_file" or option in section.options or path.exists()
    }
    check_inventory(
        documents["host_file"], documents.get("group_file"), documents.get("defaults_file")
    )
    options = section.options | {option: str(path) for option, path in paths.items()}
    return section.model_copy(update={"options": options})
