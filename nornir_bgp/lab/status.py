"""What a lab looks like at one moment."""

from nornir_bgp.lab.topology import Role
from nornir_bgp.models.base import Model


class NodeStatus(Model):
    """One node.

    Attributes:
        name: its name.
        role: what it is.
        namespace: whether the process that keeps its namespaces runs.
        daemons: daemon -> whether it runs; empty for hosts and bridges.
        established: how many of its BGP sessions are established; ``None`` where it has none.
        configured: how many BGP sessions it is configured with; ``None`` likewise.
        ssh: whether SSH greets at its management address; ``None`` for hosts and bridges.
    """

    name: str
    role: Role
    namespace: bool
    daemons: dict[str, bool]
    established: int | None = None
    configured: int | None = None
    ssh: bool | None = None

    @property
    def complete(self) -> bool:
        """Whether everything of it runs and every session is established."""
        return (
            self.namespace
            and all(self.daemons.values())
            and self.established == self.configured
            and self.ssh is not False
        )


class LabStatus(Model):
    """A whole lab."""

    name: str
    up: bool
    nodes: tuple[NodeStatus, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the lab is up and every node complete."""
        return self.up and all(node.complete for node in self.nodes)
