"""What ``--verbose`` tells: every task on every router, as it ends."""

from collections.abc import Callable

from nornir.core.inventory import Host
from nornir.core.task import AggregatedResult, MultiResult, Task


class Narrator:
    """A Nornir processor that says what each task did on each router."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Create the processor.

        Args:
            say: is given one line for each task and router.
        """
        self._say = say

    def task_started(self, task: Task) -> None:
        """Nothing to tell yet."""

    def task_completed(self, task: Task, result: AggregatedResult) -> None:
        """Everything has been told."""

    def task_instance_started(self, task: Task, host: Host) -> None:
        """Nothing to tell yet."""

    def task_instance_completed(self, task: Task, host: Host, result: MultiResult) -> None:
        """Say what a task did on a router."""
        outcome = result[0]
        word = "changed" if outcome.changed else "done"
        if outcome.failed:
            word = f"failed: {outcome.exception or outcome.result}"
        self._say(f"{host.name}: {task.name}: {word}")

    def subtask_instance_started(self, task: Task, host: Host) -> None:
        """Nothing to tell yet."""

    def subtask_instance_completed(self, task: Task, host: Host, result: MultiResult) -> None:
        """The task above tells."""
