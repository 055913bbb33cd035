"""Save a router's configuration, so that it survives a restart."""

from nornir.core.task import Result, Task

from nornir_bgp.exceptions import CommandRefusedError
from nornir_bgp.tasks.session import show


def save(task: Task) -> Result:
    """Run ``write memory``; ``result`` is what the router answered.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: a file was not written, as under ``service integrated-vtysh-config``,
            where the SSH login may not write the one file.
    """
    answer = show(task, "write memory")
    if "Configuration saved" not in answer or "denied" in answer or "rror" in answer:
        raise CommandRefusedError(
            f"{task.host.name}: 'write memory' was answered {' '.join(answer.split())!r}"
        )
    return Result(host=task.host, result=answer)
