"""Change the override lists of all gateways: all of them, or none."""

from collections.abc import Mapping, Sequence
from functools import partial

from nornir.core import Nornir

from nornir_bgp.exceptions import DeviceError
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.models.network import Network
from nornir_bgp.models.report import GatewayChange
from nornir_bgp.runbooks.asking import ask
from nornir_bgp.tasks.confirm import confirm_raised
from nornir_bgp.tasks.push import push, restore

CONFIRM_SECONDS = 20.0
"""How long a gateway's table may take to show new overrides: the route-map delay timer (5 s by
default) and FRR's work on a long list."""

Overrides = Mapping[str, Sequence[str]]
"""The prefixes that are raised at each gateway."""


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
    before: Mapping[str, Sequence[Entry]],
    preview: tuple[GatewayChange, ...],
) -> tuple[GatewayChange, ...]:
    """Bring all gateways to their overrides, in phases: add everywhere, confirm, then remove.

    So a prefix that moves is raised at its new gateway before its old one lets go of it. If any
    gateway fails in any phase, every gateway is put back to the list it had.

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
    policy = network.settings.policy
    if not any(change.lines for change in preview):
        return preview
    push_new = partial(ask, nr, network.gateways, push, tuple, overrides=overrides, policy=policy)
    confirm = partial(
        ask,
        nr,
        network.gateways,
        confirm_raised,
        tuple,
        overrides=overrides,
        exits=network.exits,
        policy=policy,
        seconds=CONFIRM_SECONDS,
    )
    for phase in (partial(push_new, remove=False), confirm, push_new):
        errors = phase().errors
        if errors:
            return _put_back(nr, network, before, preview, errors)
    return tuple(c.model_copy(update={"changed": bool(c.lines)}) for c in preview)


def _put_back(
    nr: Nornir,
    network: Network,
    before: Mapping[str, Sequence[Entry]],
    preview: tuple[GatewayChange, ...],
    errors: Mapping[str, DeviceError],
) -> tuple[GatewayChange, ...]:
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
        for change in preview
    )
