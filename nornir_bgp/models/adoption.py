"""What adopting an existing network answers."""

from typing import Literal

from nornir_bgp.models.base import Model
from nornir_bgp.models.device import Device

Group = Literal["gateway", "edge"]
"""The groups of the inventory whose members can be told from a router's configuration."""


class AdoptedDevice(Model):
    """One router of a network that was there before.

    Every line of its running configuration is in the device's rendered configuration or in one of
    the four last attributes, under the headers that it stands in. Secrets in them are masked.

    Attributes:
        address: what SSH connected to.
        device: what the inventory says of it from now on.
        group: what it was taken for; ``None``: no part of our own AS, or nothing that could tell.
        assumed: what was decided without the running configuration saying it, a sentence each.
        would_change: what a deploy of the inventory would change, as a diff: the lines that the
            device model has no words for and a deploy does not tolerate; empty: it would send
            nothing.
        not_understood: the lines that the device model has no words for; a deploy leaves them.
        kept: the router's own basics, and what may carry the manager's session: not in the
            inventory either, and not even a replacing deploy removes them.
        overrides: the override lists and their clauses, which are ``distribute``'s own.
    """

    address: str
    device: Device
    group: Group | None
    assumed: tuple[str, ...]
    would_change: str
    not_understood: tuple[str, ...]
    kept: tuple[str, ...]
    overrides: tuple[str, ...]


class Adoption(Model):
    """An existing network, read into an inventory.

    Attributes:
        folder: the project that was written.
        devices: the routers, in the order in which they were named.
    """

    folder: str
    devices: tuple[AdoptedDevice, ...]

    @property
    def exit_code(self) -> int:
        """0 a deploy of the inventory would change nothing; 3 it would."""
        return 3 if any(adopted.would_change for adopted in self.devices) else 0
