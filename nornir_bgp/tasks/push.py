"""Put the override list of a gateway in place."""

from collections.abc import Mapping, Sequence

from nornir.core.task import Result, Task

from nornir_bgp.exceptions import CommandRefusedError
from nornir_bgp.frr.prefix_list import (
    Entry,
    ListChange,
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
    remove: bool = True,
    dry_run: bool | None = None,
) -> Result:
    """Make the override list of this gateway hold exactly its prefixes.

    Reads the list, sends only the difference, reads it back. In a dry run only the first.

    Args:
        task: the Nornir task.
        overrides: the prefixes of each gateway, by host name.
        policy: the names of the policy objects.
        remove: also take away what is not wanted; ``False`` for the phase that only adds.
        dry_run: send nothing; ``None``: as the Nornir object says.

    Returns:
        ``result`` the lines that were sent (or would be), ``diff`` the list before and after,
        ``changed`` whether the list is not what it was.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: FRR refused a line, or the list read back is not the one sent.
    """
    current = _read(task, policy.prefix_list)
    planned = planned_entries(current, overrides.get(task.host.name, ()))
    change = change_list(policy.prefix_list, current, planned)
    if not remove:
        change = ListChange(change.additions, ())
        added = [e for e in planned if e.network not in {c.network for c in current}]
        planned = tuple(sorted([*current, *added]))
    return _apply(
        task, policy.prefix_list, current, planned, change, dry_run=task.is_dry_run(dry_run)
    )


def restore(task: Task, lists: Mapping[str, Sequence[Entry]], policy: Policy) -> Result:
    """Put back the override list that a gateway had; otherwise like :func:`push`, and never dry.

    Args:
        task: the Nornir task.
        lists: the entries of each gateway's list, by host name.
        policy: the names of the policy objects.
    """
    current = _read(task, policy.prefix_list)
    planned = lists[task.host.name]
    change = change_list(policy.prefix_list, current, planned)
    return _apply(task, policy.prefix_list, current, planned, change, dry_run=False)


def _read(task: Task, name: str) -> tuple[Entry, ...]:
    return parse_prefix_lists(show(task, "show running-config")).get(name, ())


def _apply(
    task: Task,
    name: str,
    current: Sequence[Entry],
    planned: Sequence[Entry],
    change: ListChange,
    *,
    dry_run: bool,
) -> Result:
    if change.lines and not dry_run:
        configure(task, change.lines)
        found = _read(task, name)
        if set(found) != set(planned):
            raise CommandRefusedError(
                f"{task.host.name}: {name} is not what was sent; the difference is\n"
                + diff_lists(name, planned, found)
            )
    return Result(
        host=task.host,
        result=change.lines,
        diff=diff_lists(name, current, planned),
        changed=bool(change.lines) and not dry_run,
    )
