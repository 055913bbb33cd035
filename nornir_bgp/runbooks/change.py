"""Change the override lists of all gateways: all of them, or none."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial

from nornir.core import Nornir
from nornir.core.task import Result

from nornir_bgp.deadline import never, wait_for
from nornir_bgp.exceptions import CommandRefusedError, NornirBgpError
from nornir_bgp.frr.prefix_list import Entry, change_list, enter_anew
from nornir_bgp.models.network import Network
from nornir_bgp.models.report import GatewayChange
from nornir_bgp.runbooks.asking import Answers, ask
from nornir_bgp.tasks.confirm import confirm
from nornir_bgp.tasks.push import Lists, push, restore

CONFIRM_SECONDS = 20.0
"""How long a gateway's table may take to show new overrides: the route-map delay timer (5 s by
default), and FRR's work."""

CONFIRM_SECONDS_PER_ENTRY = 0.01


@dataclass(slots=True)
class Change:
    """A change of the override lists, as far as it has come.

    Attributes:
        before: the entries that each gateway's list had.
        planned: the entries that it is to have in the end.
        sent: the lines that each gateway has taken, as far as it answered.
        touched: the gateways that were sent a line, or may have been.
        errors: why a gateway failed.
    """

    before: Lists
    planned: Lists
    sent: dict[str, tuple[str, ...]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    errors: dict[str, NornirBgpError] = field(default_factory=dict)

    def note(self, answers: Answers[tuple[str, ...]]) -> bool:
        """Take down what gateways answered to lines; say whether all took them."""
        self.touched |= answers.changed
        self.errors |= answers.errors
        for gateway, lines in answers.values.items():
            if gateway in answers.changed:
                self.sent[gateway] = self.sent.get(gateway, ()) + lines
        return not answers.errors


def change_lists(
    nr: Nornir,
    network: Network,
    change: Change,
    start: Lists,
    end: Lists,
    stop: Callable[[], bool] = never,
) -> bool:
    """Bring all gateways from one state of their lists to another, in phases.

    Added everywhere, confirmed in the gateways' tables, then removed: a prefix that moves is
    raised at its new gateway before its old one lets go of it.

    Args:
        nr: the Nornir object.
        network: the network.
        change: takes down what is done; where a gateway fails, its ``errors`` say why.
        start: the entries that the lists have now.
        end: the entries that they are to have.
        stop: says, between two phases, whether to go no further.

    Returns:
        Whether all is done. If not, nothing is put back yet.
    """
    policy = network.settings.policy
    changing = [gateway for gateway in network.gateways if set(start[gateway]) != set(end[gateway])]
    between = {
        gateway: change_list(policy.prefix_list, start[gateway], end[gateway]).between
        for gateway in network.gateways
    }
    sending = partial(ask, nr, changing, push, tuple, policy=policy, dry_run=False)
    if not change.note(sending(lists=end, expected=start, lower=False)) or stop():
        return False
    raised = ask(
        nr,
        changing,
        confirm,
        int,
        lists=between,
        exits=network.exits,
        policy=policy,
        seconds=_seconds(between),
        exactly=False,
        stop=stop,
    )
    change.errors |= raised.errors
    if raised.errors or stop():
        return False
    return change.note(sending(lists=end, expected=between))


def put_back(nr: Nornir, network: Network, change: Change) -> dict[str, NornirBgpError]:
    """Put every gateway that was touched back to the list it had, by the same phases.

    A gateway that fails does not keep the others from being put back; it is asked again until
    ``put_back_deadline``, since it may be restarting. That a gateway is as it was is read from its
    list and from its table.

    Args:
        nr: the Nornir object.
        network: the network.
        change: what was done.

    Returns:
        The gateways that are not put back, and why.
    """
    stuck: dict[str, NornirBgpError] = {}

    def try_the_rest() -> bool:
        nonlocal stuck
        rest = stuck.keys() or change.touched
        stuck = _put_back_once(nr, network, change.before, rest)
        return not stuck

    wait_for(try_the_rest, bool, seconds=network.settings.put_back_deadline, interval=2.0)
    return stuck


def _put_back_once(
    nr: Nornir, network: Network, before: Lists, gateways: Collection[str]
) -> dict[str, NornirBgpError]:
    """Try to put gateways back, and say which of them are not, and why.

    Where a list reads right and the table does not follow, bgpd has another list than zebra, as
    after its restart: then the list is entered anew.
    """
    stuck: dict[str, NornirBgpError] = {}

    def on(chosen: Collection[str], task: Callable[..., Result], **arguments: object) -> None:
        rest = [gateway for gateway in before if gateway in chosen and gateway not in stuck]
        policy = network.settings.policy
        answers = ask(nr, rest, task, object, policy=policy, lists=before, **arguments)
        stuck.update(answers.errors)

    def until_the_table_follows(*, exactly: bool) -> None:
        confirming = partial(on, task=confirm, exits=network.exits, seconds=_seconds(before))
        silent = set(stuck)
        confirming(gateways, exactly=exactly)
        # One that cannot be asked needs no lines, but to be asked again.
        deaf = {g for g in stuck.keys() - silent if isinstance(stuck[g], CommandRefusedError)}
        for gateway in deaf:
            del stuck[gateway]
        on(deaf, restore, anew=True)
        confirming(deaf, exactly=exactly)

    on(gateways, restore, lower=False)
    until_the_table_follows(exactly=False)
    on(gateways, restore)
    until_the_table_follows(exactly=True)
    return stuck


def changes_under_way(
    preview: Collection[GatewayChange], change: Change, list_name: str
) -> tuple[GatewayChange, ...]:
    """Say what is to be said of each gateway if the program ends now."""
    return tuple(
        gateway.model_copy(
            update={
                "changed": True,
                "error": "interrupted before its end; nornir-bgp recover puts it back",
                "remaining": remaining_lines(gateway.gateway, change, list_name),
            }
        )
        if gateway.lines
        else gateway
        for gateway in preview
    )


def changes_of(preview: Collection[GatewayChange], change: Change) -> tuple[GatewayChange, ...]:
    """Say what was done on each gateway by a change that stands."""
    return tuple(
        gateway.model_copy(
            update={
                "changed": gateway.gateway in change.sent,
                "lines": change.sent.get(gateway.gateway, ()),
            }
        )
        for gateway in preview
    )


def changes_put_back(
    preview: Collection[GatewayChange],
    change: Change,
    stuck: Mapping[str, NornirBgpError],
    list_name: str,
) -> tuple[GatewayChange, ...]:
    """Say what was tried on each gateway, and which of them is not put back."""
    return tuple(
        gateway.model_copy(
            update={
                "lines": change.sent.get(gateway.gateway, ()),
                "restored": gateway.gateway not in stuck,
                "changed": gateway.gateway in stuck,
                "error": _told(gateway.gateway, change, stuck),
                "remaining": remaining_lines(gateway.gateway, change, list_name)
                if gateway.gateway in stuck
                else (),
            }
        )
        for gateway in preview
    )


def remaining_lines(gateway: str, change: Change, list_name: str) -> tuple[str, ...]:
    """The configuration lines that put a gateway back whatever part of the change it took.

    They remove every entry that it may have and enter those that it had anew; that one which is
    to go is not there does no harm.
    """
    possible: dict[Entry, None] = dict.fromkeys(change.before[gateway])
    possible |= dict.fromkeys(change.planned[gateway])
    return enter_anew(list_name, tuple(possible), change.before[gateway])


def _told(gateway: str, change: Change, stuck: Mapping[str, NornirBgpError]) -> str | None:
    reasons = [str(change.errors[gateway])] if gateway in change.errors else []
    if gateway in stuck:
        reasons.insert(0, f"NOT PUT BACK: {stuck[gateway]}")
    return "; ".join(reasons) or None


def _seconds(lists: Mapping[str, Collection[object]]) -> float:
    longest = max((len(entries) for entries in lists.values()), default=0)
    return CONFIRM_SECONDS + CONFIRM_SECONDS_PER_ENTRY * longest
