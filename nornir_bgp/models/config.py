"""What separates a router's running configuration from the one it should have."""

from nornir_bgp.models.base import Model


class ConfigChange(Model):
    """The way from one configuration to another.

    Attributes:
        commands: what to send in configuration mode, in order, each section left again; empty:
            the router is as it should be.
        diff: the lines that go and come, under the headers they stand in, with the sign in the
            first column.
        unmanaged: the running lines that are neither rendered nor the automation's, under the
            headers they stand in, with FRR's indentation; only a replacing deploy removes them.
        kept: those that even a replacing deploy leaves: they are the router's own (``frr``,
            ``log``, ``service`` …) or may carry the manager's session.
    """

    commands: tuple[str, ...]
    diff: str
    unmanaged: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """There is nothing to send."""
        return not self.commands
