"""Change the overrides of all gateways: all of them, or none."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from nornir.core import Nornir
from nornir.core.task import Result

from nornir_bgp.deadline import never, wait_for
from nornir_bgp.exceptions import CommandRefusedError, NornirBgpError, RouteGoneError
from nornir_bgp.frr.overrides import OverrideClause, Overrides
from nornir_bgp.frr.overrides_change import change_overrides, restoring_lines
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.models.network import Network
from nornir_bgp.models.report import GatewayChange
from nornir_bgp.models.settings import Policy
from nornir_bgp.runbooks.asking import Answers, ask
from nornir_bgp.tasks.confirm import confirm
from nornir_bgp.tasks.push import AllOverrides, push, restore

CONFIRM_SECONDS = 20.0
"""How long a gateway's table may take to show new overrides: the route-map delay timer (5 s by
default), and FRR's work."""

CONFIRM_SECONDS_PER_ENTRY = 0.01


@dataclass(slots=True)
class Change:
    """A change of the overrides, as far as it has come.

    Attributes:
        before: what each gateway had.
        planned: what it is to have in the end.
        sent: the lines that each gateway has taken, as far as it answered.
        touched: the gateways that were sent a line, or may have been.
        errors: why a gateway failed.
        findings: why the change cannot be, although no gateway failed.
    """

    before: AllOverrides
    planned: AllOverrides
    sent: dict[str, tuple[str, ...]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    errors: dict[str, NornirBgpError] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def note(self, answers: Answers[tuple[str, ...]]) -> bool:
        """Take down what gateways answered to lines; say whether all took them."""
        self.touched |= answers.changed
        self.errors |= answers.errors
        for gateway, lines in answers.values.items():
            if gateway in answers.changed:
                self.sent[gateway] = self.sent.get(gateway, ()) + lines
        return not answers.errors


def change_gateways(
    nr: Nornir,
    network: Network,
    change: Change,
    start: AllOverrides,
    end: AllOverrides,
    stop: Callable[[], bool] = never,
    *,
    joined: bool = False,
) -> bool:
    """Bring all gateways from one state of their overrides to another, in phases.

    Added everywhere, confirmed in the gateways' tables, then removed: a prefix that moves is
    raised at its new gateway before its old one lets go of it. What no edge router's table shows
    is confirmed at the end: backups, and that a gateway is drained, or no more.

    Args:
        nr: the Nornir object.
        network: the network.
        change: takes down what is done; its ``errors`` and ``findings`` say why it is not.
        start: what the gateways have now.
        end: what they are to have.
        stop: says, between two phases, whether to go no further.
        joined: entries may stand for several prefixes.

    Returns:
        Whether all is done. If not, nothing is put back yet.
    """
    policy = network.settings.policy
    changing = [gateway for gateway in network.gateways if start[gateway] != end[gateway]]
    between = {
        gateway: change_overrides(start[gateway], end[gateway], policy).between
        for gateway in network.gateways
    }
    sending = partial(ask, nr, changing, push, tuple, policy=policy, dry_run=False, joined=joined)

    def confirmed(
        gateways: Collection[str],
        wanted: AllOverrides,
        *,
        exactly: bool,
        since: AllOverrides | None = None,
    ) -> bool:
        found = ask(
            nr,
            gateways,
            confirm,
            int,
            wanted=wanted,
            exits=network.exits,
            policy=policy,
            seconds=_seconds(wanted),
            exactly=exactly,
            since=since,
            stop=stop,
        )
        for gateway, error in found.errors.items():
            if isinstance(error, RouteGoneError):
                change.findings.append(str(error))
            else:
                change.errors[gateway] = error
        return not found.errors and not stop()

    if not change.note(sending(wanted=end, expected=start, lower=False)) or stop():
        return False
    if not confirmed(changing, between, exactly=False, since=start):
        return False
    if not change.note(sending(wanted=end, expected=between)) or stop():
        return False
    unseen = [g for g in changing if _beneath(start[g], policy) != _beneath(end[g], policy)]
    return confirmed(unseen, end, exactly=True)


def _beneath(overrides: Overrides, policy: Policy) -> Mapping[OverrideClause, Sequence[Entry]]:
    """The lists that give less than what is raised, which no edge router's table shows."""
    return {
        clause: overrides.lists[clause.key]
        for clause in overrides.clauses
        if clause.preference < policy.local_preference and clause.key in overrides.lists
    }


def put_back(nr: Nornir, network: Network, change: Change) -> dict[str, NornirBgpError]:
    """Put every gateway that was touched back to what it had, by the same phases.

    A gateway that fails does not keep the others from being put back; it is asked again until
    ``put_back_deadline``, since it may be restarting. That a gateway is as it was is read from its
    configuration and from its table.

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
    nr: Nornir, network: Network, before: AllOverrides, gateways: Collection[str]
) -> dict[str, NornirBgpError]:
    """Try to put gateways back, and say which of them are not, and why.

    Where a list reads right and the table does not follow, bgpd has another list than zebra, as
    after its restart: then the list is entered anew.
    """
    stuck: dict[str, NornirBgpError] = {}

    def on(chosen: Collection[str], task: Callable[..., Result], **arguments: object) -> None:
        rest = [gateway for gateway in before if gateway in chosen and gateway not in stuck]
        policy = network.settings.policy
        answers = ask(nr, rest, task, object, policy=policy, wanted=before, **arguments)
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
    preview: Collection[GatewayChange], change: Change, policy: Policy
) -> tuple[GatewayChange, ...]:
    """Say what is to be said of each gateway if the program ends now."""
    return tuple(
        gateway.model_copy(
            update={
                "changed": True,
                "error": "interrupted before its end; nornir-bgp recover puts it back",
                "remaining": remaining_lines(gateway.gateway, change, policy),
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
    policy: Policy,
) -> tuple[GatewayChange, ...]:
    """Say what was tried on each gateway, and which of them is not put back."""
    return tuple(
        gateway.model_copy(
            update={
                "lines": change.sent.get(gateway.gateway, ()),
                "restored": gateway.gateway not in stuck,
                "changed": gateway.gateway in stuck,
                "error": _told(gateway.gateway, change, stuck),
                "remaining": remaining_lines(gateway.gateway, change, policy)
                if gateway.gateway in stuck
                else (),
            }
        )
        for gateway in preview
    )


def remaining_lines(gateway: str, change: Change, policy: Policy) -> tuple[str, ...]:
    """The configuration lines that put a gateway back whatever part of the change it took.

    They remove every entry that it may have and enter those that it had anew; that one which is
    to go is not there does no harm.
    """
    before, planned = change.before[gateway], change.planned[gateway]
    keys = {**before.lists, **planned.lists}
    possible = Overrides(
        clauses=tuple(sorted({*before.clauses, *planned.clauses})),
        lists={
            key: tuple(dict.fromkeys((*before.lists.get(key, ()), *planned.lists.get(key, ()))))
            for key in keys
        },
    )
    return restoring_lines(possible, before, policy)


def _told(gateway: str, change: Change, stuck: Mapping[str, NornirBgpError]) -> str | None:
    reasons = [str(change.errors[gateway])] if gateway in change.errors else []
    if gateway in stuck:
        reasons.insert(0, f"NOT PUT BACK: {stuck[gateway]}")
    return "; ".join(reasons) or None


def _seconds(wanted: AllOverrides) -> float:
    longest = max((sum(1 for _ in overrides.entries) for overrides in wanted.values()), default=0)
    return CONFIRM_SECONDS + CONFIRM_SECONDS_PER_ENTRY * longest
