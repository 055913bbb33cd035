"""What a plan is made under: the exits as they are, who reaches what, and where traffic goes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nornir.core import Nornir

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.fields import family_of
from nornir_bgp.models.gateways_file import GatewaysFile
from nornir_bgp.models.natural import Natural
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.planning import Planning, Unit
from nornir_bgp.runbooks.asking import ask
from nornir_bgp.runbooks.drained import drained_now
from nornir_bgp.runbooks.live_links import live_exits
from nornir_bgp.runbooks.natural import natural_exits
from nornir_bgp.runbooks.observe import leaving_by
from nornir_bgp.runbooks.seen import Seen
from nornir_bgp.solver.pins import Tagged
from nornir_bgp.solver.planner import Known
from nornir_bgp.tasks.tagged import read_tagged


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a plan is made under.

    Attributes:
        exits: the exits, with the capacity that counts.
        reach: for each the prefixes that it has a route to; ``None``: every exit reaches all.
        known: where traffic goes, as far as that is known.
        natural: what the network does by itself, if that was asked for.
        seen: the routers were read.
    """

    exits: tuple[Exit, ...]
    reach: Sequence[Collection[str] | None] | None = None
    known: Known = field(default_factory=Known)
    natural: Natural | None = None
    seen: bool = False


def on_paper(
    exits: tuple[Exit, ...], planning: Planning, predicted: Collection[str]
) -> Circumstances:
    """Return what is known without asking: an exit reaches all of the families that it speaks.

    Args:
        exits: the exits.
        planning: what is asked of the plan.
        predicted: the prefixes that it is about.

    Raises:
        InputError: a pin or ban names a community, which only routers know of.
    """
    _refuse_communities(planning)
    families = set(map(family_of, predicted))
    if all(exit_.session(family) is not None for exit_ in exits for family in families):
        return Circumstances(exits=exits, known=_unseen(planning))
    return Circumstances(
        exits=exits,
        known=_unseen(planning),
        reach=[
            frozenset(p for p in predicted if exit_.session(family_of(p)) is not None)
            for exit_ in exits
        ],
    )


def from_file(gateways: GatewaysFile, planning: Planning) -> Circumstances:
    """Return what a file of gateways says.

    Raises:
        InputError: a pin or ban names a community, which only routers know of.
    """
    _refuse_communities(planning)
    return Circumstances(
        exits=gateways.exits,
        known=_unseen(planning),
        reach=[gateways.reach.get(exit_.gateway) for exit_ in gateways.exits],
    )


def as_seen(
    nr: Nornir,
    network: Network,
    seen: Seen,
    planning: Planning,
    predicted: Collection[str],
    *,
    unit: Unit | None,
    drained: Collection[str] | None = None,
) -> Circumstances:
    """Return what was seen of the network.

    Args:
        nr: the Nornir object, which asks for communities where pins and bans name some.
        network: the network.
        seen: its routers; every gateway answered.
        planning: what is asked of the plan.
        predicted: the prefixes that it is about.
        unit: the unit of the loads, if it is known.
        drained: the gateways that are to be free of traffic; ``None``: as on the routers.

    Raises:
        DeviceError: a gateway did not say which routes carry a community.
    """
    states = seen.gateways.values
    exits, remarks = live_exits(network.exits, states, unit)
    free = drained_now(network, states) if drained is None else frozenset(drained)
    natural = None
    if planning.needs_natural():
        natural = natural_exits(network, seen.routers, predicted, free)
        remarks = (*remarks, *natural.doubts)
    if seen.others.errors:
        silent = ", ".join(seen.others.errors)
        remarks = (*remarks, f"{silent} did not answer: where traffic goes now is not known")
    return Circumstances(
        exits=exits,
        reach=[states[exit_.gateway].reached(exit_) for exit_ in exits],
        known=Known(
            today=None if seen.others.errors else dict(_today(network, seen, predicted)),
            natural=None if natural is None else natural.exit_of,
            fallback=None if natural is None else natural.fallback,
            drained=tuple(gateway for gateway in network.gateways if gateway in free),
            tagged=_tagged(nr, network, planning),
            remarks=tuple(remarks),
        ),
        natural=natural,
        seen=True,
    )


def _unseen(planning: Planning) -> Known:
    """Return what is known where no router was asked: what cannot be heeded then."""
    if planning.overrides == "explicit":
        return Known()
    told = "where BGP sends prefixes by itself is not known: every planned one is raised"
    return Known(remarks=(f"overrides minimal was passed over: {told}",))


def _today(network: Network, seen: Seen, predicted: Collection[str]) -> Iterator[tuple[str, str]]:
    """The gateway by which every edge router alone sends a prefix now, where there is one."""
    ways = [leaving_by(network, predicted, state) for state in seen.edges(network).values()]
    for prefix in predicted:
        different = {gateways[prefix] for gateways in ways if prefix in gateways}
        if len(different) == 1 and len(only := different.pop()) == 1:
            yield prefix, only[0]


def _tagged(nr: Nornir, network: Network, planning: Planning) -> Tagged:
    """Ask for the communities of pins and bans, if there are any."""
    communities = planning.communities
    if not communities:
        return {}
    asked = {gateway for gateways in communities.values() for gateway in gateways}
    answers: Mapping[str, dict[str, frozenset[str]]] = ask(
        nr,
        sorted(asked & set(network.gateways)),
        read_tagged,
        dict,
        communities=communities,
        exits=network.exits,
    ).complete()
    return {
        community: {
            gateway: found[community] for gateway, found in answers.items() if community in found
        }
        for community in communities
    }


def _refuse_communities(planning: Planning) -> None:
    if planning.communities:
        raise InputError(
            f"{', '.join(planning.communities)}: only gateways say which routes carry a "
            "community; plan without --offline, or pin and ban prefixes"
        )
