"""Put the overrides of a gateway in place."""

from collections.abc import Mapping, Sequence

from nornir.core.task import Result, Task

from nornir_bgp.exceptions import CommandRefusedError, DeviceError, UnsafeChangeError
from nornir_bgp.frr.lint import lint_change
from nornir_bgp.frr.overrides import Overrides, diff_overrides, parse_overrides
from nornir_bgp.frr.overrides_change import change_overrides, restoring_lines
from nornir_bgp.frr.versions import rules_of
from nornir_bgp.models.settings import Policy
from nornir_bgp.tasks.session import configure, show

AllOverrides = Mapping[str, Overrides]
"""The overrides of each gateway, by host name."""


def push(
    task: Task,
    wanted: AllOverrides,
    policy: Policy,
    *,
    expected: AllOverrides | None = None,
    lower: bool = True,
    joined: bool = False,
    dry_run: bool | None = None,
) -> Result:
    """Make the overrides of this gateway exactly these.

    Reads them, sends only the difference, reads them back. In a dry run only the first.

    Args:
        task: the Nornir task.
        wanted: what they are to be; see :func:`nornir_bgp.frr.overrides_plan.planned_overrides`.
        policy: the names and numbers of the policy objects.
        expected: what they are believed to be: where that is not so, somebody else has changed
            them, and nothing is sent. ``None``: whatever they are.
        lower: also take away what is no longer wanted; ``False`` for the step that only raises.
        joined: entries may stand for several prefixes.
        dry_run: send nothing; ``None``: as the Nornir object says.

    Returns:
        ``result`` the lines that were sent (or would be), ``diff`` the overrides before and after,
        ``changed`` whether they are not what they were. ``failed`` with a DeviceError in
        ``exception`` where FRR refused a line, the session was lost, or what is read back is not
        what was sent: then ``changed`` means that they may not be what they were.

    Raises:
        DeviceUnreachableError: they could not be read; nothing was sent.
        CommandRefusedError: they are not the expected ones; nothing was sent.
        UnsafeChangeError: the lines are not what they should be, a fault of ours; nothing was
            sent.
    """
    host, running = task.host.name, _running_config(task)
    current, planned = parse_overrides(running, policy), wanted[host]
    if expected is not None and current != expected[host]:
        raise CommandRefusedError(
            f"{host}: its {policy.prefix_list} was changed by somebody else; nothing was sent. The "
            f"difference is\n{diff_overrides(expected[host], current, policy)}"
        )
    change = change_overrides(current, planned, policy)
    lines, then = (change.lines, planned) if lower else (change.raising, change.between)
    _lint(host, running, policy, lines, current, then, joined=joined)
    return _send(task, policy, lines, current, then, dry_run=task.is_dry_run(dry_run))


def restore(
    task: Task, wanted: AllOverrides, policy: Policy, *, lower: bool = True, anew: bool = False
) -> Result:
    """Put back the overrides that a gateway had; otherwise like :func:`push`, and never dry.

    Args:
        task: the Nornir task.
        wanted: what they were, wide entries of a person's included.
        policy: the names and numbers of the policy objects.
        lower: also take away what was not there.
        anew: enter every entry anew, also where all reads right: a bgpd that was restarted may
            hold other lists than the running configuration shows, which is that of all daemons
            together.
    """
    running, before = _running_config(task), wanted[task.host.name]
    current = parse_overrides(running, policy)
    change = change_overrides(current, before, policy)
    lines, then = (change.lines, before) if lower else (change.raising, change.between)
    if anew or current.contradicts_itself:
        current = current.of_last_numbers()
        lines, then = restoring_lines(current, before, policy), before
    _lint(task.host.name, running, policy, lines, current, then, put_back=True)
    return _send(task, policy, lines, current, then, dry_run=False)


def read_overrides(task: Task, policy: Policy) -> Overrides:
    """Return the overrides of a gateway."""
    return parse_overrides(_running_config(task), policy)


def _running_config(task: Task) -> str:
    return show(task, "show running-config")


def _lint(
    host: str,
    running_config: str,
    policy: Policy,
    lines: Sequence[str],
    current: Overrides,
    wanted: Overrides,
    *,
    joined: bool = False,
    put_back: bool = False,
) -> None:
    findings = lint_change(
        lines,
        policy,
        rules_of(running_config),
        before=current,
        after=wanted,
        joined=joined,
        put_back=put_back,
    )
    if findings:
        told = "\n".join(findings)
        raise UnsafeChangeError(f"{host}: the change is not safe, nothing was sent to it:\n{told}")


def _send(
    task: Task,
    policy: Policy,
    lines: tuple[str, ...],
    current: Overrides,
    wanted: Overrides,
    *,
    dry_run: bool,
) -> Result:
    """Send lines and read the overrides back; see :func:`push`."""
    outcome = Result(
        host=task.host,
        result=lines,
        diff=diff_overrides(current, wanted, policy),
        changed=bool(lines) and not dry_run,
    )
    if outcome.changed:
        try:
            configure(task, lines, together=True)
            found = read_overrides(task, policy)
            if found != wanted:
                raise CommandRefusedError(
                    f"{task.host.name}: {policy.prefix_list} is not what was sent; the difference "
                    f"is\n{diff_overrides(wanted, found, policy)}"
                )
        except DeviceError as error:
            outcome.failed, outcome.exception = True, error
    return outcome
