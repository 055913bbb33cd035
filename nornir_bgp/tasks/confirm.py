"""Wait until a gateway's own table shows what its override list says."""

from collections.abc import Callable, Sequence

from nornir.core.task import Result, Task

from nornir_bgp.deadline import never, wait_for
from nornir_bgp.exceptions import CommandRefusedError
from nornir_bgp.frr.prefix_list import PrefixList
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.settings import Policy
from nornir_bgp.tasks.push import Lists
from nornir_bgp.tasks.session import read
from nornir_bgp.wording import shortened


def confirm(
    task: Task,
    lists: Lists,
    exits: Sequence[Exit],
    policy: Policy,
    seconds: float,
    *,
    exactly: bool,
    stop: Callable[[], bool] = never,
) -> Result:
    """Wait until the routes of this gateway's exits are raised as its list says.

    FRR applies a changed prefix-list after its route-map delay timer, so the table is believed
    and not the configuration. A prefix that the upstream no longer sends is not waited for.

    Args:
        task: the Nornir task.
        lists: the entries of each gateway's list.
        exits: the exits of all gateways.
        policy: the names of the policy objects, and the preference.
        seconds: the deadline.
        exactly: whether routes that the list does not permit must not be raised either. Otherwise
            only the routes that it matches are read.
        stop: says whether waiting has no purpose any more.

    Returns:
        ``result`` how many routes are raised.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: the time is up; the message names the prefixes that are not so.
    """
    planned = PrefixList(lists[task.host.name])
    if not exactly and not lists[task.host.name]:
        return Result(host=task.host, result=0)
    peers = {str(exit_.neighbor) for exit_ in exits if exit_.gateway == task.host.name}
    matched = "" if exactly else f" prefix-list {policy.prefix_list}"
    command = f"show bgp ipv4 unicast{matched} json"

    def states() -> tuple[int, list[str]]:
        """Count the raised routes, and name those that are not as the list says."""
        raised, wrong = 0, []
        for prefix, paths in read(task, command, parse_json).routes.items():
            for path in paths:
                if path.peer not in peers:
                    continue
                is_raised = path.local_pref == policy.local_preference
                raised += is_raised
                is_to_be = planned.permits(prefix)
                if is_raised != is_to_be and (is_to_be or exactly):
                    wrong.append(f"{prefix} is {'' if is_raised else 'not '}raised")
        return raised, wrong

    raised, wrong = wait_for(states, lambda found: not found[1], seconds=seconds, stop=stop)
    if wrong and not stop():
        raise CommandRefusedError(
            f"{task.host.name}: within {seconds:.0f} s its table did not become what its "
            f"{policy.prefix_list} says: {shortened(wrong)} (LOCAL_PREF "
            f"{policy.local_preference})"
        )
    return Result(host=task.host, result=raised)
