"""Change the override lists of all gateways: all of them, or none."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from nornir.core import Nornir

from nornir_bgp.exceptions import DeviceError
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.models.network import Network
from nornir_bgp.models.report import GatewayChange
from nornir_bgp.runbooks.asking import Answers, ask
from nornir_bgp.runbooks.interrupts import held_interrupts
from nornir_bgp.tasks.confirm import confirm_raised
from nornir_bgp.tasks.push import push, restore

CONFIRM_SECONDS = 20.0
"""How long a gateway's table may take to show new overrides: the route-map delay timer (5 s by
default), and FRR's work."""

CONFIRM_SECONDS_PER_ENTRY = 0.01

Overrides = Mapping[str, Sequence[str]]
"""The prefixes that are raised at each gateway."""

Lists = Mapping[str, Sequence[Entry]]
"""The entries of each gateway's override list."""


def preview_change(nr: Nornir, network: Network, overrides: Overrides) -> tuple[GatewayChange, ...]:
    """Say what would be sent; nothing is touched.

    Raises:
        DeviceError: a gateway could not be asked.
    """
    policy = network.settings.policy
    answers = ask(
        nr, network.gateways, push, tuple, overrides=overrides, policy=policy, dry_run=True
    )
    lines = answers.complete()
    return tuple(
        GatewayChange(
            gateway=gateway, changed=False, diff=answers.diffs[gateway], lines=lines[gateway]
        )
        for gateway in network.gateways
    )


def change_overrides(
    nr: Nornir,
    network: Network,
    overrides: Overrides,
    before: Lists,
    preview: tuple[GatewayChange, ...],
) -> tuple[GatewayChange, ...]:
    """Bring all gateways to their overrides, in phases: add everywhere, confirm, then remove.

    So a prefix that moves is raised at its new gateway before its old one lets go of it. If any
    gateway fails in any phase, every gateway is put back to the list it had; so it is, too, when
    the program itself fails or is interrupted.

    Args:
        nr: the Nornir object.
        network: the network.
        overrides: the prefixes that are to be raised at each gateway.
        before: the entries that each gateway's list has now.
        preview: what :func:`preview_change` said.

    Returns:
        What was done on each gateway; where one has an ``error``, none is changed except those
        whose error says that they could not be put back.
    """
    if not any(change.lines for change in preview):
        return preview
    sent: dict[str, tuple[str, ...]] = {}
    changed: set[str] = set()
    with held_interrupts() as raise_if_interrupted:
        try:
            for answers in _phases(nr, network, overrides):
                changed |= answers.changed
                for gateway, lines in answers.values.items():
                    if gateway in answers.changed:
                        sent[gateway] = sent.get(gateway, ()) + lines
                if answers.errors:
                    return put_back(nr, network, before, preview, answers.errors)
                raise_if_interrupted()
        except BaseException:
            put_back(nr, network, before, preview, {})
            raise
    return tuple(
        change.model_copy(
            update={"changed": change.gateway in changed, "lines": sent.get(change.gateway, ())}
        )
        for change in preview
    )


def _phases(
    nr: Nornir, network: Network, overrides: Overrides
) -> Iterator[Answers[tuple[str, ...]]]:
    """Run one phase after the other and yield what the gateways answered."""
    policy = network.settings.policy
    asked = partial(ask, nr, network.gateways, answer=tuple, overrides=overrides, policy=policy)
    longest = max(len(prefixes) for prefixes in overrides.values())
    seconds = CONFIRM_SECONDS + CONFIRM_SECONDS_PER_ENTRY * longest
    yield asked(push, lower=False, dry_run=False)
    yield asked(confirm_raised, exits=network.exits, seconds=seconds)
    yield asked(push, dry_run=False)


def put_back(
    nr: Nornir,
    network: Network,
    before: Lists,
    changes: tuple[GatewayChange, ...],
    errors: Mapping[str, DeviceError],
) -> tuple[GatewayChange, ...]:
    """Put every gateway back to the list it had.

    Args:
        nr: the Nornir object.
        network: the network.
        before: the entries that each gateway's list had.
        changes: what is known of each gateway's change so far.
        errors: why a gateway failed, if it did.

    Returns:
        The changes, each with ``restored``, or with an ``error`` that says that it is not.
    """
    answers = ask(
        nr, network.gateways, restore, tuple, lists=before, policy=network.settings.policy
    )

    def told(gateway: str) -> str | None:
        stuck = answers.errors.get(gateway)
        reasons = [str(errors[gateway])] if gateway in errors else []
        return "; ".join([f"NOT PUT BACK: {stuck}"] * (stuck is not None) + reasons) or None

    return tuple(
        change.model_copy(
            update={
                "restored": change.gateway not in answers.errors,
                "changed": change.gateway in answers.errors,
                "error": told(change.gateway),
            }
        )
        for change in changes
    )
