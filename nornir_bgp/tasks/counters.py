"""Read the counters of a gateway's interfaces."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nornir.core.task import Result, Task

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.interface_counters import PATH, parse_sent_bytes
from nornir_bgp.tasks.session import read_file


@dataclass(frozen=True, slots=True)
class Reading:
    """What some interfaces have sent.

    Attributes:
        at: when it was read, by the clock of :func:`time.monotonic`.
        sent: interface -> bytes.
    """

    at: float
    sent: Mapping[str, int]


def read_counters(task: Task, interfaces: Mapping[str, Collection[str]]) -> Result:
    """Read how many bytes some interfaces have sent.

    Args:
        task: the Nornir task.
        interfaces: router -> the interfaces that are wanted.

    Returns:
        ``result`` is a :class:`Reading`.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: the counters cannot be read.
        TableSyntaxError: the router has no such interface, or what was read are no counters.
    """
    name = task.host.name
    text = read_file(task, PATH)
    at = time.monotonic()
    try:
        counters = parse_sent_bytes(text)
    except TableSyntaxError as error:
        raise TableSyntaxError(f"{name}: {PATH}: {error}") from error
    absent = [interface for interface in interfaces[name] if interface not in counters]
    if absent:
        raise TableSyntaxError(
            f"{name} has no interface {', '.join(absent)}; it has {', '.join(counters)}"
        )
    sent = {interface: counters[interface] for interface in interfaces[name]}
    return Result(host=task.host, result=Reading(at, sent))
