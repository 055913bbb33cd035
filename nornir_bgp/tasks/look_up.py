"""Read all that a router knows of one prefix."""

from typing import NamedTuple

from nornir.core.task import Result, Task

from nornir_bgp.frr.show_bgp import parse_prefix_json
from nornir_bgp.models.rib import PathDetail
from nornir_bgp.tasks.session import read, show


class Found(NamedTuple):
    """What a router knows of a prefix.

    Attributes:
        prefix: the prefix of its table that was found; empty: none was.
        paths: its paths, in the order of the table.
        running_config: ``show running-config`` as it was printed.
    """

    prefix: str
    paths: tuple[PathDetail, ...]
    running_config: str


def look_up(task: Task, prefix: str) -> Result:
    """Look up a prefix, or the longest one that holds an address; ``result`` is a :class:`Found`.

    Args:
        task: the Nornir task.
        prefix: an IPv4 prefix, or an address.
    """
    found, paths = read(task, f"show bgp ipv4 unicast {prefix} json", parse_prefix_json)
    return Result(host=task.host, result=Found(found, paths, show(task, "show running-config")))
