"""A Nornir object in memory: hosts that no file of an inventory names."""

import logging
from collections.abc import Iterable

from nornir.core import Nornir
from nornir.core.configuration import Config, InventoryConfig
from nornir.core.inventory import Defaults, Groups, Host, Hosts, Inventory
from nornir.plugins.runners import ThreadedRunner

from nornir_bgp.models.settings import Settings


def nornir_of(hosts: Iterable[Host], settings: Settings, *, source: str) -> Nornir:
    """Make a Nornir object of hosts alone; Nornir's own logging is off.

    Args:
        hosts: the hosts, no two of one name.
        settings: the settings that the object carries.
        source: what the hosts were made from, in the place of an inventory plugin's name.
    """
    logging.getLogger("nornir").addHandler(logging.NullHandler())
    return Nornir(
        inventory=Inventory(
            hosts=Hosts({host.name: host for host in hosts}), groups=Groups(), defaults=Defaults()
        ),
        config=Config(inventory=InventoryConfig(plugin=source), user_defined=settings.model_dump()),
        runner=ThreadedRunner(),
    )
