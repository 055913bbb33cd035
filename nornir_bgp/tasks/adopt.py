"""Read what there is to know about a router that no inventory describes yet."""

from nornir.core.task import Result, Task

from nornir_bgp.frr.show_bgp_vrfs import parse_router_id
from nornir_bgp.models.base import Model
from nornir_bgp.tasks.session import read, show


class Running(Model):
    """What a router says of itself.

    Attributes:
        config: the output of ``show running-config``.
        router_id: the one that BGP uses; ``None``: there is no BGP process, or it has none.
    """

    config: str
    router_id: str | None


def read_running(task: Task) -> Result:
    """Read a router's configuration and the router id that BGP uses.

    Returns:
        ``result`` is a :class:`Running`.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: a command was answered with an error.
        TableSyntaxError: an answer is not what was asked for.
    """
    config = show(task, "show running-config")
    return Result(
        host=task.host,
        result=Running(
            config=config,
            router_id=read(task, "show bgp vrfs json", parse_router_id),
        ),
    )
