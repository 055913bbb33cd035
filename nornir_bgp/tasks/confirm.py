"""Wait until a gateway's own table shows the raised preference."""

from collections.abc import Mapping, Sequence

from nornir.core.task import Result, Task

from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import CommandRefusedError
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.settings import Policy
from nornir_bgp.tasks.session import read


def confirm_raised(
    task: Task,
    overrides: Mapping[str, Sequence[str]],
    exits: Sequence[Exit],
    policy: Policy,
    seconds: float,
) -> Result:
    """Wait until what this gateway's exits sent for its overrides is raised in its table.

    FRR applies a changed prefix-list after its route-map delay timer, so the table is believed
    and not the configuration. Only the routes that the list matches are read. A prefix that the
    upstream no longer sends is not waited for.

    Args:
        task: the Nornir task.
        overrides: the prefixes of each gateway, by host name.
        exits: the exits of all gateways.
        policy: the names of the policy objects, and the preference.
        seconds: the deadline.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: the time is up; the message names the prefixes that are not raised.
    """
    prefixes = overrides.get(task.host.name, ())
    if not prefixes:
        return Result(host=task.host, result=())
    peers = {str(exit_.neighbor) for exit_ in exits if exit_.gateway == task.host.name}
    command = f"show bgp ipv4 unicast prefix-list {policy.prefix_list} json"

    def not_raised() -> tuple[str, ...]:
        routes = read(task, command, parse_json).routes
        return tuple(
            prefix
            for prefix in prefixes
            if any(
                path.peer in peers and path.local_pref != policy.local_preference
                for path in routes.get(prefix, ())
            )
        )

    missing = wait_for(not_raised, lambda left: not left, seconds=seconds)
    if missing:
        raise CommandRefusedError(
            f"{task.host.name}: after {seconds:.0f} s its table does not show LOCAL_PREF "
            f"{policy.local_preference} for {', '.join(missing)}"
        )
    return Result(host=task.host, result=tuple(prefixes))
