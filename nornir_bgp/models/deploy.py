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
        changed: its configuration is not what it was.
        restored: the change failed and was put back.
        refused: a guard refused; nothing was sent.
        error: why it is not as rendered.
    """

    device: Hostname
    change: ConfigChange | None
    changed: bool
    restored: bool = False
    refused: bool = False
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
        """0 done; 4 a router could not be reached or refused a line; 6 only guards refused."""
        if self.ok:
            return 0
        return 6 if all(d.refused for d in self.devices if d.error) else 4
