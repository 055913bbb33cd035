"""Wait until a gateway's own tables show what its overrides say."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from nornir.core.task import Result, Task

from nornir_bgp.deadline import never, wait_for
from nornir_bgp.exceptions import CommandRefusedError, DeviceError, RouteGoneError
from nornir_bgp.frr.overrides import ListKey, Overrides, exact_prefix
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.models.fields import family_of
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.rib import Path
from nornir_bgp.models.settings import Policy
from nornir_bgp.tasks.push import AllOverrides
from nornir_bgp.tasks.session import read
from nornir_bgp.wording import shortened


def confirm(
    task: Task,
    wanted: AllOverrides,
    exits: Sequence[Exit],
    policy: Policy,
    seconds: float,
    *,
    exactly: bool,
    since: AllOverrides | None = None,
    stop: Callable[[], bool] = never,
) -> Result:
    """Wait until the routes of this gateway's exits have the preference that its overrides say.

    FRR applies a changed prefix-list after its route-map delay timer, so the table is believed
    and not the configuration. What a changed list raises must have a route: without one, as after
    a session that has gone, the gateway carries nothing, and no other may let go of it.

    Args:
        task: the Nornir task.
        wanted: the overrides of each gateway.
        exits: the exits of all gateways.
        policy: the names of the policy objects, and the preferences.
        seconds: the deadline.
        exactly: whether routes that no list permits must not have one of the policy's preferences
            either. Otherwise only the routes that its lists match are read.
        since: what the overrides were: then only the lists that are others now are looked at,
            and what they raise anew must have a route. ``None``: no route is missed.
        stop: says whether waiting has no purpose any more.

    Returns:
        ``result`` how many of the routes that were read have a preference of the policy's.

    Raises:
        DeviceUnreachableError: there is no session, or it was lost.
        CommandRefusedError: the time is up; the message names the prefixes that are not so.
        RouteGoneError: likewise, and what is to be raised has no route.
    """
    overrides = wanted[task.host.name]
    mine = [exit_ for exit_ in exits if exit_.gateway == task.host.name]
    peers = {str(session) for exit_ in mine for session in exit_.sessions}
    families = {family_of(peer) for peer in peers}
    if exactly:
        asked = [_Asked(f"show bgp ipv{family} unicast json") for family in sorted(families)]
    else:
        before = Overrides() if since is None else since[task.host.name]
        asked = [
            _Asked(
                f"show bgp ipv{key.family} unicast prefix-list {key.name} json",
                () if since is None else _raised_anew(key, before, overrides, policy),
            )
            for key in _changed_lists(before, overrides)
            if key.family in families
        ]
    host, found = task.host.name, 0

    def what_is_wrong() -> DeviceError | None:
        """Read on, as far as all is right, and say what is not."""
        nonlocal found
        while asked:
            routes = read(task, asked[0].command, parse_json).routes
            ours = [
                (prefix, path)
                for prefix, paths in routes.items()
                for path in paths
                if path.peer in peers
            ]
            faults = [_fault(*route, overrides, policy, exactly=exactly) for route in ours]
            if any(faults):
                return CommandRefusedError(
                    f"{host}: within {seconds:.0f} s its table did not become what its "
                    f"{policy.prefix_list} says: {shortened(list(filter(None, faults)))} "
                    f"(LOCAL_PREF {policy.local_preference})"
                )
            if gone := asked[0].gone({prefix for prefix, _ in ours}):
                return RouteGoneError(
                    f"{host}: {' and '.join(exit_.upstream for exit_ in mine)} no longer sends "
                    f"{shortened(gone)} (waited {seconds:.0f} s)"
                )
            found += sum(path.local_pref in policy.preferences for _, path in ours)
            asked.pop(0)
        return None

    wrong = wait_for(what_is_wrong, lambda fault: fault is None, seconds=seconds, stop=stop)
    if wrong is not None and not stop():
        raise wrong
    return Result(host=task.host, result=found)


class _Asked(NamedTuple):
    """A command that shows routes.

    Attributes:
        command: the command.
        present: the rules of which each must permit a route of one of the gateway's exits.
    """

    command: str
    present: Sequence[Entry] = ()

    def gone(self, prefixes: Collection[str]) -> list[str]:
        """Name what has no route, of the prefixes that have one.

        What an entry stands for that several prefixes share has none where nothing has.
        """
        return [
            exact or entry.rule
            for entry in self.present
            if (exact := exact_prefix(entry)) not in prefixes and (exact or not prefixes)
        ]


def _raised_anew(
    key: ListKey, before: Overrides, overrides: Overrides, policy: Policy
) -> list[Entry]:
    """The entries of a list that raise what was not raised before by an entry of its own.

    Each permitted a route when the plan was made.
    """
    if any(c.key == key and c.preference != policy.local_preference for c in overrides.clauses):
        return []
    held, raised = before.lists.get(key, ()), before.raised(policy.local_preference)
    return [
        entry
        for entry in overrides.lists[key]
        if entry not in held
        and entry.rule.startswith("permit ")
        and exact_prefix(entry) not in raised
    ]


def _changed_lists(before: Overrides, overrides: Overrides) -> Iterator[ListKey]:
    """The lists that clauses match, and that are not what they were."""
    for clause in overrides.clauses:
        entries = overrides.lists.get(clause.key, ())
        if entries and (entries != before.lists.get(clause.key) or clause not in before.clauses):
            yield clause.key


def _fault(
    prefix: str, path: Path, overrides: Overrides, policy: Policy, *, exactly: bool
) -> str | None:
    """Say what is wrong with the preference of a route."""
    expected = overrides.preference(prefix)
    if expected == path.local_pref or (expected is None and not exactly):
        return None
    if expected == policy.local_preference:
        return f"{prefix} is not raised"
    if expected is not None:
        return f"{prefix} has {path.local_pref or 'no preference'}, not {expected}"
    if path.local_pref == policy.local_preference:
        return f"{prefix} is raised"
    is_ours = path.local_pref in policy.preferences
    return f"{prefix} has {path.local_pref}, and no list permits it" if is_ours else None
