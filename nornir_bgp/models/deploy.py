"""What a deploy answers."""

from nornir_bgp.models.base import Model
from nornir_bgp.models.config import ConfigChange
from nornir_bgp.models.fields import Hostname


class DeviceDeploy(Model):
    """What was done on one router.

    Attributes:
        device: the router.
        change: what separated it from its rendered configuration; ``None`` where it could not be
            read or a guard refused.
        changed: its configuration is not what it was, or, with an error, may not be.
        restored: the change failed and was put back.
        refused: a guard refused; nothing was sent.
        fault: what failed is nornir-bgp, and not the router.
        error: why it is not as rendered.
    """

    device: Hostname
    change: ConfigChange | None
    changed: bool
    restored: bool = False
    refused: bool = False
    fault: bool = False
    error: str | None = None


class DeployReport(Model):
    """What a deploy did on all routers.

    Attributes:
        dry_run: nothing was touched.
        replace: unmanaged lines were to be removed.
        ok: every router is as rendered, or (dry run) could be read.
        devices: the routers in inventory order.
    """

    dry_run: bool
    replace: bool
    ok: bool
    devices: tuple[DeviceDeploy, ...]

    @property
    def exit_code(self) -> int:
        """Say the most alarming outcome of all routers.

        Returns:
            0 done; 1 a fault of ours; 3 a router could not be put back; 4 a router could not be
            reached or refused a line, and is as it was; 6 only guards refused.
        """
        failed = [device for device in self.devices if device.error is not None]
        if any(device.fault for device in failed):
            return 1
        if any(device.changed for device in failed):
            return 3
        if any(not device.refused for device in failed):
            return 4
        return 6 if failed else 0
