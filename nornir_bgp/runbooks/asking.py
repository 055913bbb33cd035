"""Run a task on some routers and tell answers from failures."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from nornir.core import Nornir
from nornir.core.task import Result

from nornir_bgp.exceptions import DeviceError
from nornir_bgp.tasks.connection import CONNECTION

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answers(Generic[T]):
    """What the routers answered.

    Attributes:
        values: the ``result`` of each router that did what it was asked.
        diffs: its ``diff``.
        errors: why each of the others did not.
        changed: the routers that are not what they were, or may not be.
    """

    values: dict[str, T]
    diffs: dict[str, str]
    errors: dict[str, DeviceError]
    changed: frozenset[str]

    def complete(self) -> dict[str, T]:
        """Return the values.

        Raises:
            DeviceError: a router did not answer; the message names every one that did not.
        """
        if self.errors:
            first = next(iter(self.errors.values()))
            raise type(first)("; ".join(str(error) for error in self.errors.values())) from first
        return self.values


def ask(
    nr: Nornir,
    hosts: Collection[str],
    task: Callable[..., Result],
    answer: type[T],
    **arguments: Any,  # noqa: ANN401 - each task's own
) -> Answers[T]:
    """Run a task on the named routers in parallel, those that failed before included.

    A router that fails here is not left out of later runs: the failure is in the answer.

    Args:
        nr: the Nornir object.
        hosts: the routers.
        task: the Nornir task.
        answer: the type of its ``result``.
        **arguments: the task's own.

    Raises:
        Exception: the task failed by anything but a :class:`DeviceError`: a fault of ours.
    """
    chosen = nr.filter(filter_func=lambda host: host.name in hosts)
    failed_before = set(nr.data.failed_hosts)
    outcome = chosen.run(task=task, raise_on_error=False, on_failed=True, **arguments)
    nr.data.failed_hosts.intersection_update(failed_before)
    values: dict[str, T] = {}
    diffs: dict[str, str] = {}
    errors: dict[str, DeviceError] = {}
    for name, results in outcome.items():
        result = results[0]
        if isinstance(result.exception, DeviceError):
            errors[name] = result.exception
        elif result.exception is not None:
            raise result.exception
        elif not isinstance(result.result, answer):
            raise TypeError(f"{task.__name__} answered {type(result.result).__name__}")
        else:
            values[name] = result.result
            diffs[name] = result.diff or ""
    changed = frozenset(name for name, results in outcome.items() if results[0].changed)
    return Answers(values=values, diffs=diffs, errors=errors, changed=changed)


@contextmanager
def sessions(nr: Nornir) -> Iterator[None]:
    """Close the SSH sessions that a runbook opened when it ends."""
    try:
        yield
    finally:
        for host in nr.inventory.hosts.values():
            if CONNECTION in host.connections:
                host.close_connection(CONNECTION)
