"""Put the override list of a gateway in place."""

from collections.abc import Mapping, Sequence

from nornir.core.task import Result, Task

from nornir_bgp.exceptions import CommandRefusedError, DeviceError, UnsafeChangeError
from nornir_bgp.frr.lint import lint_change
from nornir_bgp.frr.prefix_list import (
    Entry,
    change_list,
    diff_lists,
    enter_anew,
    parse_prefix_lists,
)
from nornir_bgp.frr.versions import rules_of
from nornir_bgp.models.settings import Policy
from nornir_bgp.tasks.session import configure, show

Lists = Mapping[str, Sequence[Entry]]
"""The entries of each gateway's override list, by host name."""


def push(
    task: Task,
    lists: Lists,
    policy: Policy,
    *,
    expected: Lists | None = None,
    lower: bool = True,
    dry_run: bool | None = None,
) -> Result:
    """Make the override list of this gateway hold exactly these entries.

    Reads the list, sends only the difference, reads it back. In a dry run only the first.

    Args:
        task: the Nornir task.
        lists: what the lists are to hold; see :func:`~nornir_bgp.frr.prefix_list.planned_entries`.
        policy: the names of the policy objects.
        expected: what the lists are believed to hold: where that is not so, somebody else has
            changed the list, and nothing is sent. ``None``: whatever they hold.
        lower: also take away what is no longer wanted; ``False`` for the step that only raises.
        dry_run: send nothing; ``None``: as the Nornir object says.

    Returns:
        ``result`` the lines that were sent (or would be), ``diff`` the list before and after,
        ``changed`` whether the list is not what it was. ``failed`` with a DeviceError in
        ``exception`` where FRR refused a line, the session was lost, or the list read back is not
        the one sent: then ``changed`` means that it may not be what it was.

    Raises:
        DeviceUnreachableError: the list could not be read; nothing was sent.
        CommandRefusedError: the list is not the expected one; nothing was sent.
        UnsafeChangeError: the lines are not what they should be, a fault of ours; nothing was
            sent.
    """
    name, host = policy.prefix_list, task.host.name
    running, planned = _running_config(task), lists[host]
    current = _overrides(running, policy)
    if expected is not None and set(current) != set(expected[host]):
        raise CommandRefusedError(
            f"{host}: its {name} was changed by somebody else; nothing was sent. The difference "
            f"is\n{diff_lists(name, expected[host], current)}"
        )
    change = change_list(name, current, planned)
    lines, wanted = (change.lines, planned) if lower else (change.raising, change.between)
    _lint(host, running, policy, lines, current, wanted, put_back=False)
    return _send(task, policy, lines, current, wanted, dry_run=task.is_dry_run(dry_run))


def restore(
    task: Task, lists: Lists, policy: Policy, *, lower: bool = True, anew: bool = False
) -> Result:
    """Put back the override list that a gateway had; otherwise like :func:`push`, and never dry.

    Args:
        task: the Nornir task.
        lists: the entries that the lists had, wide ones of a person's included.
        policy: the names of the policy objects.
        lower: also take away what was not there.
        anew: enter every entry anew, also where the list reads right: a bgpd that was restarted
            may hold another list than the running configuration shows, which is that of all
            daemons together.
    """
    name, running, before = policy.prefix_list, _running_config(task), lists[task.host.name]
    current = _overrides(running, policy)
    change = change_list(name, current, before)
    lines, wanted = (change.lines, before) if lower else (change.raising, change.between)
    standing = {entry.seq: entry for entry in current}
    # Two entries under one number: the daemons hold different lists, and each has one of them.
    if anew or len(standing) < len(current):
        current = tuple(standing.values())
        lines, wanted = enter_anew(name, current, before), before
    _lint(task.host.name, running, policy, lines, current, wanted, put_back=True)
    return _send(task, policy, lines, current, wanted, dry_run=False)


def read_overrides(task: Task, policy: Policy) -> tuple[Entry, ...]:
    """Return the entries of a gateway's override list."""
    return _overrides(_running_config(task), policy)


def _running_config(task: Task) -> str:
    return show(task, "show running-config")


def _overrides(running_config: str, policy: Policy) -> tuple[Entry, ...]:
    return parse_prefix_lists(running_config).get(policy.prefix_list, ())


def _lint(
    host: str,
    running_config: str,
    policy: Policy,
    lines: Sequence[str],
    current: Sequence[Entry],
    wanted: Sequence[Entry],
    *,
    put_back: bool,
) -> None:
    findings = lint_change(
        lines,
        policy,
        rules_of(running_config),
        before={policy.prefix_list: current},
        after={policy.prefix_list: wanted},
        put_back=put_back,
    )
    if findings:
        told = "\n".join(findings)
        raise UnsafeChangeError(f"{host}: the change is not safe, nothing was sent to it:\n{told}")


def _send(
    task: Task,
    policy: Policy,
    lines: tuple[str, ...],
    current: Sequence[Entry],
    wanted: Sequence[Entry],
    *,
    dry_run: bool,
) -> Result:
    """Send lines and read the list back; see :func:`push`."""
    name = policy.prefix_list
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
