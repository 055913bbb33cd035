"""Where the network sends prefixes by itself, and where it would when an exit fails.

What the tables show of a prefix that no gateway raises is what the network does by itself. For one
that is raised the decision model says it: the network is computed as it is, which must give the
tables that the routers have, and once more without the automation's lists.
"""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from nornir_bgp.bgp.comparison import mismatches, selected
from nornir_bgp.bgp.exits import NO_WAY, Border, Leaving, leaving
from nornir_bgp.bgp.present import Order, announcements_of, is_by_age
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.bgp.representatives import Representatives, representatives
from nornir_bgp.frr.overrides import parse_overrides
from nornir_bgp.frr.overrides_plan import Wanted, planned_overrides
from nornir_bgp.frr.versions import rules_of
from nornir_bgp.models.fields import family_of
from nornir_bgp.models.natural import Natural
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.routing import Router
from nornir_bgp.models.state import RouterState
from nornir_bgp.runbooks.drained import drained_now
from nornir_bgp.runbooks.modelled import domain_of, doubts, routers_of_states, with_overrides
from nornir_bgp.wording import shortened

_log = logging.getLogger(__name__)

MODELLED = 20_000
"""Of more prefixes, only the first so many are put to the model."""


def natural_exits(
    network: Network,
    states: Mapping[str, RouterState],
    prefixes: Collection[str],
    drained: Collection[str] | None = None,
) -> Natural:
    """Say where the network sends prefixes without any override.

    Args:
        network: the network.
        states: all its routers, as they were read for the model.
        prefixes: the prefixes. What becomes of one that a gateway's lists treat, and where any
            goes when its exit fails, is known by the model alone, and so for IPv4 alone, and of
            many prefixes for the first :data:`MODELLED` alone.
        drained: the gateways that are kept free of traffic; ``None``: as on the routers.

    Returns:
        What is known; a model that fails, or is wrong about the tables of now, leaves a doubt.
    """
    border = Border(
        exits=network.exits,
        edges=tuple(edge for edge in network.edges if edge in states),
        routers=tuple(router for router in network.routers if router in states),
        gateway_at=network.gateway_at,
    )
    now = frozenset(drained_now(network, states))
    then = now if drained is None else frozenset(drained)
    treated = frozenset(prefixes)  # who is drained decides on every prefix
    if now == then:
        treated = frozenset(_treated(network, states, prefixes, now))
    model = _asked(network, states, border, prefixes, treated, then)
    known: dict[str, Leaving] = {}
    for prefix in prefixes:
        if prefix not in treated:
            known[prefix] = _shown(border, states, model.routers, prefix)
        elif prefix in model.leaving and not model.is_doubtful:
            known[prefix] = model.leaving[prefix]
    exit_of = {prefix: one.gateway(border.exits) for prefix, one in known.items()}
    return Natural(
        exit_of=exit_of,
        split=frozenset(prefix for prefix, one in known.items() if len(one.shares) > 1),
        fallback={
            exit_.gateway: dict(_fallbacks(exit_, border, known, exit_of, model))
            for exit_ in border.exits
        },
        sure=frozenset(
            prefix
            for prefix, one in known.items()
            if len(one.gateways) == 1 and not one.by_age and model.routers
        ),
        doubts=model.doubts,
    )


def _treated(
    network: Network,
    states: Mapping[str, RouterState],
    prefixes: Collection[str],
    drained: Collection[str],
) -> Iterator[str]:
    """The prefixes to which some gateway gives a preference, other than that of a drained one."""
    policy = network.settings.policy
    overrides = {
        gateway: parse_overrides(states[gateway].running_config, policy)
        for gateway in network.gateways
        if gateway in states
    }
    for prefix in prefixes:
        for gateway, standing in overrides.items():
            preference = standing.preference(prefix)
            if preference is not None and not (
                gateway in drained and preference == policy.drain_preference
            ):
                yield prefix
                break


def _shown(
    border: Border,
    states: Mapping[str, RouterState],
    routers: Mapping[str, Router],
    prefix: str,
) -> Leaving:
    """Say how a prefix leaves by the tables that the routers have."""
    gateways: set[str | None] = set()
    of_edges: list[list[str | None]] = []
    for router in border.entries:
        rib = states[router].rib_of(prefix)
        if rib is None:  # it does not route the family
            continue
        found = [border.gateway_at.get(path.via) for path in selected(rib, prefix)] or [None]
        gateways.update(found)
        if router in border.edges:
            of_edges.append(found)
    shares: dict[str | None, Fraction] = {}
    for found in of_edges:
        for gateway in found:
            part = Fraction(1, len(of_edges) * len(found))
            shares[gateway] = shares.get(gateway, Fraction()) + part
    by_age = any(
        is_by_age(states[name].routes(prefix), router.options) for name, router in routers.items()
    )
    return Leaving(shares, frozenset(gateways), senders=frozenset(), by_age=by_age)


def _fallbacks(
    failed: Exit,
    border: Border,
    known: Mapping[str, Leaving],
    exit_of: Mapping[str, str | None],
    model: "_Model",
) -> Iterator[tuple[str, str | None]]:
    """Say where each prefix goes when an exit has failed, as far as that is known."""
    gateway = failed.gateway
    for prefix, leaves in known.items():
        if prefix in model.leaving and gateway in model.leaving[prefix].senders:
            then = model.failed.get(gateway, {}).get(prefix)
            yield prefix, None if then is None else then.gateway(border.exits)
        elif prefix in model.leaving or gateway not in leaves.gateways:
            yield prefix, exit_of[prefix]


@dataclass(frozen=True, slots=True)
class _Model:
    """What the model says.

    Attributes:
        routers: our routers; none: it failed.
        leaving: how prefixes leave without an override, where it foretells the tables of now.
        failed: gateway -> how those leave that it sends by its exit, once that has failed; one
            that has no route then is missing.
        is_doubtful: it may be wrong about prefixes whose overrides hide that now.
        doubts: why it does not know all.
    """

    routers: Mapping[str, Router] = field(default_factory=dict)
    leaving: Mapping[str, Leaving] = field(default_factory=dict)
    failed: Mapping[str, Mapping[str, Leaving]] = field(default_factory=dict)
    is_doubtful: bool = False
    doubts: tuple[str, ...] = ()


def _asked(
    network: Network,
    states: Mapping[str, RouterState],
    border: Border,
    prefixes: Collection[str],
    treated: Collection[str],
    drained: Collection[str],
) -> _Model:
    """Ask the model, which must not keep a plan from being made."""
    known = [prefix for prefix in prefixes if family_of(prefix) == 4]
    computed = frozenset(known[:MODELLED])
    try:
        model = _modelled(network, states, border, computed, drained)
    except Exception as error:  # a fault of the model is not one of the plan
        _log.warning("the model of BGP failed: %s: %s", type(error).__name__, error)
        _log.debug("the model failed", exc_info=True)
        return _Model(doubts=(f"the model failed: {type(error).__name__}: {error}",))
    wrong = computed - model.leaving.keys()
    unknown = sorted(p for p in treated if model.is_doubtful or p not in model.leaving)
    told = list(model.doubts if unknown else ())
    if wrong:
        told.append(f"the model foretells the tables of now otherwise: {shortened(sorted(wrong))}")
    if len(computed) < len(prefixes):
        told.append(
            f"where {len(prefixes) - len(computed):,} prefixes go when their exit fails is not "
            f"known: the model takes IPv4 alone, and {MODELLED:,} prefixes at most"
        )
    if unknown:
        told.append(f"not known without the override of now: {shortened(unknown)}")
    return replace(model, doubts=tuple(told))


def _modelled(
    network: Network,
    states: Mapping[str, RouterState],
    border: Border,
    prefixes: frozenset[str],
    drained: Collection[str],
) -> _Model:
    tables = {name: state.rib for name, state in states.items()}
    routers = routers_of_states(states)
    peer_ids = {name: state.peer_ids for name, state in states.items()}
    now = domain_of(routers, network.devices, peer_ids)
    # In one order, whatever came first in fact: what hangs on that is not to be relied on.
    told = announcements_of(routers, tables, prefixes, Order.NONE)
    present = propagate(now, told)
    wrong = {
        mismatch.prefix
        for router, table in tables.items()
        for mismatch in mismatches(router, present.rib(router), table, border.gateway_at, prefixes)
    }
    right = prefixes - wrong
    bare = replace(now, routers=dict(_bare(network, states, routers, drained)))
    told = tuple(one for one in told if one.prefix in right)
    outcome = propagate(bare, told)
    by_itself = leaving(outcome, border)
    natural = {prefix: by_itself.get(prefix, NO_WAY) for prefix in right}
    few = representatives(outcome, told)
    failed = {
        exit_.gateway: _without(
            exit_,
            border,
            few,
            {p for p, one in natural.items() if exit_.gateway in one.senders},
        )
        for exit_ in border.exits
    }
    found = (*doubts(now, collected=True), *present.doubts())
    return _Model(routers, natural, failed, is_doubtful=bool(found), doubts=found)


def _without(
    failed: Exit, border: Border, few: Representatives, concerned: Collection[str]
) -> dict[str, Leaving]:
    """Say how those prefixes leave that an exit sends, once it has failed."""
    peers = {(failed.gateway, str(address)) for address in failed.sessions}
    chosen = {few.of[prefix] for prefix in concerned}
    heard = [
        one
        for one in few.announcements
        if one.prefix in chosen and (one.router, one.peer) not in peers
    ]
    found = leaving(propagate(few.domain, heard), border)
    return {p: found[stands] for p in concerned if (stands := few.of[p]) in found}


def _bare(
    network: Network,
    states: Mapping[str, RouterState],
    routers: Mapping[str, Router],
    drained: Collection[str],
) -> Iterator[tuple[str, Router]]:
    """The routers without overrides, but that some gateways are drained."""
    policy = network.settings.policy
    for name, router in routers.items():
        if name in network.gateways:
            config = states[name].running_config
            wanted = Wanted(drained=name in drained)
            overrides = planned_overrides(
                parse_overrides(config, policy), wanted, policy, rules_of(config)
            )
            yield name, with_overrides(router, overrides, policy)
        else:
            yield name, router
