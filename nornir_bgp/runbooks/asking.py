"""Run a task on some routers and tell answers from failures."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from nornir.core import Nornir
from nornir.core.task import Result

from nornir_bgp.exceptions import NornirBgpError, ProgramFaultError
from nornir_bgp.runbooks.retention import prune_session_logs
from nornir_bgp.runbooks.session import settings_of
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
    errors: dict[str, NornirBgpError]
    changed: frozenset[str]

    def complete(self) -> dict[str, T]:
        """Return the values.

        Raises:
            NornirBgpError: a router did not answer; the message names every one that did not.
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

    A router that fails here, in whatever way, keeps nobody from hearing the others, and is not
    left out of later runs: the failure is in the answer.

    Args:
        nr: the Nornir object.
        hosts: the routers.
        task: the Nornir task.
        answer: the type of its ``result``.
        **arguments: the task's own.
    """
    if not hosts:  # Nornir would warn of it
        return Answers(values={}, diffs={}, errors={}, changed=frozenset())
    chosen = nr.filter(filter_func=lambda host: host.name in hosts)
    failed_before = set(nr.data.failed_hosts)
    outcome = chosen.run(task=task, raise_on_error=False, on_failed=True, **arguments)
    nr.data.failed_hosts.intersection_update(failed_before)
    values: dict[str, T] = {}
    diffs: dict[str, str] = {}
    errors: dict[str, NornirBgpError] = {}
    changed: set[str] = set()
    for name, results in outcome.items():
        result = results[0]
        if result.changed:
            changed.add(name)
        if isinstance(result.exception, NornirBgpError):
            errors[name] = result.exception
        elif result.exception is not None:
            errors[name] = _fault(name, result.exception)
            changed.add(name)  # nobody knows how far it came
        elif isinstance(result.result, answer):
            values[name] = result.result
            diffs[name] = result.diff or ""
        else:
            wrong = TypeError(f"{task.__name__} answered {type(result.result).__name__}")
            errors[name] = _fault(name, wrong)
    return Answers(values=values, diffs=diffs, errors=errors, changed=frozenset(changed))


def _fault(router: str, cause: BaseException) -> ProgramFaultError:
    fault = ProgramFaultError(f"{router}: {type(cause).__name__}: {cause}")
    fault.__cause__ = cause
    return fault


@contextmanager
def sessions(nr: Nornir) -> Iterator[None]:
    """Close the SSH sessions that a runbook opened when it ends, and keep their logs bounded."""
    try:
        yield
    finally:
        for host in nr.inventory.hosts.values():
            if CONNECTION in host.connections:
                host.close_connection(CONNECTION)
        settings = settings_of(nr)
        if settings.session_logs is not None:
            prune_session_logs(Path(settings.session_logs), settings.keep_runs)
