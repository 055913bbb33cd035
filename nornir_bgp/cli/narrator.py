"""What ``--verbose`` tells: every task on every router, as it ends."""

import logging
import time

from nornir.core.inventory import Host
from nornir.core.task import AggregatedResult, MultiResult, Task

_log = logging.getLogger(__name__)


class Narrator:
    """A Nornir processor that logs what each task did on each router."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}

    def task_started(self, task: Task) -> None:
        """Nothing to tell yet."""

    def task_completed(self, task: Task, result: AggregatedResult) -> None:
        """Everything has been told."""

    def task_instance_started(self, task: Task, host: Host) -> None:
        """Nothing to tell yet; a router has one task at a time."""
        self._began[host.name] = time.monotonic()

    def task_instance_completed(self, task: Task, host: Host, result: MultiResult) -> None:
        """Log what a task did on a router."""
        outcome = result[0]
        word = "changed" if outcome.changed else "done"
        if outcome.failed:
            word = f"failed: {outcome.exception or outcome.result}"
        _log.debug(
            "%s: %s: %s",
            host.name,
            task.name,
            word,
            extra={
                "event": "task",
                "host": host.name,
                "task": task.name,
                "changed": outcome.changed,
                "failed": outcome.failed,
                "seconds": round(time.monotonic() - self._began[host.name], 3),
            },
        )

    def subtask_instance_started(self, task: Task, host: Host) -> None:
        """Nothing to tell yet."""

    def subtask_instance_completed(self, task: Task, host: Host, result: MultiResult) -> None:
        """The task above tells."""
