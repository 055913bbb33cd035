"""Put the override list of a gateway in place."""

from collections.abc import Mapping, Sequence

from nornir.core.task import Result, Task

from nornir_bgp.exceptions import CommandRefusedError, DeviceError
from nornir_bgp.frr.prefix_list import (
    Entry,
    change_list,
    diff_lists,
    parse_prefix_lists,
    planned_entries,
)
from nornir_bgp.models.settings import Policy
from nornir_bgp.tasks.session import configure, show


def push(
    task: Task,
    overrides: Mapping[str, Sequence[str]],
    policy: Policy,
    *,
    lower: bool = True,
    dry_run: bool | None = None,
) -> Result:
    """Make the override list of this gateway hold exactly its prefixes.

    Reads the list, sends only the difference, reads it back. In a dry run only the first.

    Args:
        task: the Nornir task.
        overrides: the prefixes of each gateway, by host name.
        policy: the names of the policy objects.
        lower: also take away what is no longer wanted; ``False`` for the step that only raises.
        dry_run: send nothing; ``None``: as the Nornir object says.

    Returns:
        ``result`` the lines that were sent (or would be), ``diff`` the list before and after,
        ``changed`` whether the list is not what it was. ``failed`` with a DeviceError in
        ``exception`` where FRR refused a line, the session was lost, or the list read back is not
        the one sent: then ``changed`` means that it may not be what it was.

    Raises:
        DeviceUnreachableError: the list could not be read; nothing was sent.
    """
    current = read_overrides(task, policy)
    planned = planned_entries(current, overrides.get(task.host.name, ()))
    return _apply(task, policy, current, planned, lower=lower, dry_run=task.is_dry_run(dry_run))


def restore(task: Task, lists: Mapping[str, Sequence[Entry]], policy: Policy) -> Result:
    """Put back the override list that a gateway had; otherwise like :func:`push`, and never dry.

    Args:
        task: the Nornir task.
        lists: the entries of each gateway's list, by host name.
        policy: the names of the policy objects.
    """
    current = read_overrides(task, policy)
    return _apply(task, policy, current, lists[task.host.name], lower=True, dry_run=False)


def read_overrides(task: Task, policy: Policy) -> tuple[Entry, ...]:
    """Return the entries of a gateway's override list."""
    return parse_prefix_lists(show(task, "show running-config")).get(policy.prefix_list, ())


def _apply(
    task: Task,
    policy: Policy,
    current: Sequence[Entry],
    planned: Sequence[Entry],
    *,
    lower: bool,
    dry_run: bool,
) -> Result:
    name = policy.prefix_list
    change = change_list(name, current, planned)
    lines, wanted = (change.lines, planned) if lower else (change.raising, change.between)
    outcome = Result(
        host=task.host,
        result=lines,
        diff=diff_lists(name, current, wanted),
        changed=bool(lines) and not dry_run,
    )
    if outcome.changed:
        try:
            configure(task, lines)
            found = read_overrides(task, policy)
            if set(found) != set(wanted):
                raise CommandRefusedError(
                    f"{task.host.name}: {name} is not what was sent; the difference is\n"
                    + diff_lists(name, wanted, found)
                )
        except DeviceError as error:
            outcome.failed, outcome.exception = True, error
    return outcome
