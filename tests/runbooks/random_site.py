"""Random networks of one AS with gateways, as their routers would answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from hypothesis import strategies as st

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.domain import Announcement, Domain
from nornir_bgp.bgp.propagation import Outcome, propagate
from nornir_bgp.bgp.route import Origin, Route
from nornir_bgp.frr.overrides import parse_overrides
from nornir_bgp.frr.overrides_plan import Wanted, planned_overrides
from nornir_bgp.frr.versions import rules_of
from nornir_bgp.models.device import Device
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit, ExitPlan, GatewayPlan, Plan
from nornir_bgp.models.settings import Policy, Settings
from nornir_bgp.models.state import RouterState
from nornir_bgp.runbooks.modelled import domain_of, routers_of_states

POLICY = Policy()
PREFIXES = tuple(f"198.51.{number}.0/24" for number in range(5))

Wishes = Mapping[str, Wanted]
"""Gateway -> what it is to prefer."""


@dataclass(frozen=True)
class Site:
    """A network.

    Attributes:
        gateways: its border routers, each with one upstream.
        edges: where traffic enters.
        costs: (edge, gateway) or (gateway, gateway) -> the OSPF cost of their link.
        options: lines of every BGP process.
        next_hop_self: the gateways name themselves as next hop to the others.
        announced: prefix -> gateway -> the route that its upstream sends.
    """

    gateways: tuple[str, ...]
    edges: tuple[str, ...]
    costs: Mapping[tuple[str, str], int]
    options: tuple[str, ...]
    next_hop_self: bool
    announced: Mapping[str, Mapping[str, Route]]

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.gateways, *self.edges)

    @cached_property
    def network(self) -> Network:
        exits = tuple(
            Exit(gateway=g, neighbor=peer(n), upstream=f"UP{n}")
            for n, g in enumerate(self.gateways)
        )
        devices = tuple(
            Device.model_validate(
                {
                    "hostname": name,
                    "interfaces": [{"name": "lo", "ipv4_address": f"{loopback(number)}/32"}],
                    "bgp": {"as_number": 65000, "router_id": loopback(number), "neighbors": []},
                }
            )
            for number, name in enumerate(self.names)
        )
        return Network(settings=Settings(), devices=devices, exits=exits, edges=self.edges)

    @property
    def sent(self) -> tuple[Announcement, ...]:
        return tuple(
            Announcement(gateway, route.next_hop, prefix, route)
            for prefix, routes in self.announced.items()
            for gateway, route in routes.items()
        )

    def domain(self, wishes: Wishes) -> Domain:
        """The network as the model sees it, with what the gateways are to prefer."""
        states = {
            name: RouterState("", None, {}, self._config(number, wishes.get(name, Wanted())))
            for number, name in enumerate(self.names)
        }
        return domain_of(routers_of_states(states), self.network.devices)

    def states(self, wishes: Wishes) -> dict[str, RouterState]:
        """What the routers say of themselves."""
        outcome = propagate(self.domain(wishes), self.sent)
        return {
            name: RouterState(
                "", outcome.rib(name), {}, self._config(number, wishes.get(name, Wanted()))
            )
            for number, name in enumerate(self.names)
        }

    def outcome(self, wishes: Wishes) -> Outcome:
        return propagate(self.domain(wishes), self.sent)

    def _config(self, number: int, wanted: Wanted) -> str:
        name = self.names[number]
        lines = [
            "frr version 8.4.4",
            "interface lo",
            f" ip address {loopback(number)}/32",
            " ip ospf area 0",
        ]
        for link, ((one, other), cost) in enumerate(self.costs.items()):
            if name in (one, other):
                lines += [
                    f"interface link{link}",
                    f" ip address 10.1.{link}.{int(name == other)}/31",
                    " ip ospf area 0",
                    " ip ospf network point-to-point",
                    f" ip ospf cost {cost}",
                ]
        is_gateway = name in self.gateways
        if is_gateway:
            lines += [
                "interface up",
                f" ip address 10.2.{number}.0/31",
                " ip ospf area 0",
                " ip ospf passive",
            ]
        lines += ["router ospf", "router bgp 65000", f" bgp router-id {loopback(number)}"]
        lines += [" no bgp ebgp-requires-policy", *self.options]
        others = [n for n in range(len(self.names)) if n != number]
        lines += [f" neighbor {loopback(n)} remote-as 65000" for n in others]
        lines += [f" neighbor {loopback(n)} update-source lo" for n in others]
        if is_gateway:
            lines.append(f" neighbor {peer(number)} remote-as {65100 + number}")
        lines.append(" address-family ipv4 unicast")
        if is_gateway:
            lines.append(f"  neighbor {peer(number)} route-map LOCAL_PREF_MAP in")
            if self.next_hop_self:
                lines += [f"  neighbor {loopback(n)} next-hop-self" for n in others]
        lines.append(" exit-address-family")
        lines += [
            "route-map LOCAL_PREF_MAP permit 10",
            " match ip address prefix-list LOCAL_PREF_PREFIX_LIST",
            " set local-preference 200",
            "route-map LOCAL_PREF_MAP permit 999",
        ]
        template = parse_overrides("\n".join((*lines, "")), POLICY)
        overrides = planned_overrides(template, wanted, POLICY, rules_of(lines[0]))
        lines += overrides.config_lines(POLICY)
        return "\n".join((*lines, ""))


def peer(gateway: int) -> str:
    return f"10.2.{gateway}.1"


def loopback(number: int) -> str:
    return f"10.255.0.{number + 1}"


def plan_of(
    site: Site,
    gateway_of: Mapping[str, str],
    backup_of: Mapping[str, str] | None = None,
    drained: tuple[str, ...] = (),
) -> Plan:
    """A plan that puts each prefix, and its backup, where it is said."""
    exits = tuple(
        ExitPlan(
            **exit_.model_dump(),
            load=1,
            prefixes=tuple(p for p, g in gateway_of.items() if g == exit_.gateway),
            backups=tuple(p for p, g in (backup_of or {}).items() if g == exit_.gateway),
        )
        for exit_ in site.network.exits
    )
    return Plan(
        total_load=len(exits),
        solver="dp",
        reason="",
        optimal=True,
        status="",
        bound=1,
        gap=0.0,
        exits=exits,
        gateways={e.gateway: GatewayPlan(load=1, prefixes=e.prefixes) for e in exits},
        loads=dict.fromkeys(gateway_of, 1),
        drained=drained,
    )


@st.composite
def sites(draw: st.DrawFn) -> Site:
    gateways = tuple(f"GW{n}" for n in range(draw(st.integers(2, 4))))
    edges = tuple(f"PE{n}" for n in range(draw(st.integers(1, 3))))
    costs = st.integers(1, 3)
    announced = {}
    for prefix in PREFIXES:
        heard = draw(st.sets(st.sampled_from(range(len(gateways))), min_size=1))
        announced[prefix] = {
            gateways[n]: Route(
                peer(n),
                AsPath.parse(f"{65100 + n}" + " 64999" * draw(st.integers(0, 2))),
                draw(st.sampled_from([Origin.IGP, Origin.IGP, Origin.INCOMPLETE])),
                med=draw(st.sampled_from([None, None, 10])),
            )
            for n in sorted(heard)
        }
    known = [" bgp deterministic-med", " bgp bestpath compare-routerid", " maximum-paths ibgp 1"]
    options = [line for line in known if draw(st.booleans())]
    return Site(
        gateways,
        edges,
        {(e, g): draw(costs) for e in edges for g in gateways}
        | dict.fromkeys(combinations(gateways, 2), 2),
        tuple(options),
        draw(st.booleans()),
        announced,
    )


@st.composite
def assignments(draw: st.DrawFn, site: Site) -> dict[str, str]:
    """Each prefix at a gateway whose upstream sends it."""
    return {p: draw(st.sampled_from(sorted(routes))) for p, routes in site.announced.items()}


def wishes_of(plan: Plan) -> dict[str, Wanted]:
    """What the gateways are to prefer by a plan."""
    return {
        gateway: Wanted(raised, plan.backups[gateway], gateway in plan.drained)
        for gateway, raised in plan.overrides.items()
    }
