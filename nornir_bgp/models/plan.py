"""Exits, and the assignment of prefixes to them."""

from typing import Annotated

from pydantic import Field

from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import Family, Flag, Hostname, IPAddress, Label, Load, Prefix
from nornir_bgp.models.simulation import Prediction


class Exit(Model):
    """The link of a gateway to an upstream: the unit that carries load.

    Attributes:
        gateway: the border router.
        neighbor: the upstream's address on the session: the IPv4 one, or the IPv6 one where there
            is no other.
        upstream: the provider's name.
        capacity: what the link carries, in the unit of the predictions, if known; both families
            share it.
        neighbor_ipv6: the upstream's address on the link's second session, of IPv6; ``None``:
            there is one session alone.
        cost: what the upstream asks for each unit of load above ``commit``, if known.
        commit: the load that is paid for in any case, in the unit of the predictions.
    """

    gateway: Hostname
    neighbor: IPAddress
    upstream: Label
    capacity: Annotated[int, Field(gt=0)] | None = None
    neighbor_ipv6: IPAddress | None = None
    cost: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    commit: Load = 0

    @property
    def sessions(self) -> tuple[IPAddress, ...]:
        """The upstream's address on each session of the link."""
        return tuple(a for a in (self.neighbor, self.neighbor_ipv6) if a is not None)

    def session(self, family: Family) -> IPAddress | None:
        """Return the upstream's address on the session of one family, if there is one."""
        return next((a for a in self.sessions if a.version == family), None)


class ExitPlan(Exit):
    """What one exit is to carry.

    Attributes:
        load: the sum of the loads of its prefixes, and ``rest``.
        prefixes: the planned ones, in prediction order.
        rest: the load of predicted prefixes that are left to BGP, which takes them here.
        utilisation: the share of the capacity that the load takes, if that is known.
        overrides: which of its prefixes are raised; ``None``: every one.
        backups: the prefixes of other gateways that are to come here when their own fails.
        slots: the load in each slot of a series; empty where there is one alone.
    """

    load: Load
    prefixes: tuple[Prefix, ...]
    rest: Load = 0
    utilisation: float | None = None
    overrides: tuple[Prefix, ...] | None = None
    backups: tuple[Prefix, ...] = ()
    slots: tuple[Load, ...] = ()

    @property
    def raised(self) -> tuple[str, ...]:
        """The prefixes whose preference is raised here."""
        return self.prefixes if self.overrides is None else self.overrides


class GatewayPlan(Model):
    """What one gateway is to carry over all its exits, ``rest`` included."""

    load: Load
    prefixes: tuple[Prefix, ...]


class Plan(Model):
    """An assignment of prefixes to exits, with the proof of its quality.

    Attributes:
        total_load: the sum of the exits' loads; unrouted prefixes are not counted.
        solver: what found the assignment: ``dp``, ``cpsat`` or ``scale``.
        reason: why that solver was used.
        optimal: the value is proven to be the smallest possible. The value is the largest
            utilisation where the capacity of every exit is known, else the largest exit load.
        status: what is proven, in words.
        max_utilisation: the largest utilisation of an exit whose capacity is known, if any is.
        bound: a proven lower bound of the value.
        gap: (value - bound) / value; 0 where that is 0.
        moved: how many planned prefixes leave the gateway that they use today, if that is known.
        must_move: how many of these may not stay: pins, bans, a drained gateway, or no route.
        lines: how many lines of configuration bring it about, if that is known; offline: from
            routers without overrides.
        exits: the assignment.
        gateways: its sum per router.
        loads: the load of each planned prefix; empty in plans that older versions wrote.
        unrouted: predicted prefixes that no gateway has a route to.
        drained: the gateways that are kept free of traffic.
        aggregate: entries of the lists are joined where exactly the same routes stay selected.
        left: how many predicted prefixes are left to BGP.
        slot: of a series, the slot, from 0, whose loads are shown: the worst.
        error: the predictions' own: the share of the largest load that their errors cost, if told.
        explanation: the plan in sentences: each objective with what was reached, and what is to
            be heeded.
        warnings: those sentences of the explanation that are to be heeded.
        prediction: what it brings about; ``None`` in plans that older versions wrote.
    """

    total_load: Load
    solver: str
    reason: str
    optimal: bool
    status: str
    max_utilisation: float | None = None
    bound: Load | float
    gap: float
    moved: int | None = None
    must_move: int = 0
    lines: int | None = None
    exits: tuple[ExitPlan, ...]
    gateways: dict[Hostname, GatewayPlan]
    loads: dict[Prefix, Load] = Field(default_factory=dict)
    unrouted: tuple[Prefix, ...] = ()
    drained: tuple[Hostname, ...] = ()
    aggregate: Flag = False
    left: int = 0
    slot: int | None = None
    error: float | None = None
    explanation: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    prediction: Prediction | None = None

    @property
    def gateway_of(self) -> dict[str, str]:
        """The planned gateway of each prefix."""
        return {prefix: e.gateway for e in self.exits for prefix in e.prefixes}

    @property
    def overrides(self) -> dict[str, tuple[str, ...]]:
        """The prefixes that are raised at each gateway."""
        return {
            name: tuple(p for e in self.exits if e.gateway == name for p in e.raised)
            for name in self.gateways
        }

    def rest_at(self, gateway: str) -> int:
        """Return the load at a gateway that is left to BGP."""
        return sum(exit_.rest for exit_ in self.exits if exit_.gateway == gateway)

    @property
    def backups(self) -> dict[str, tuple[str, ...]]:
        """The prefixes of other gateways that each gateway is the backup of."""
        return {
            name: tuple(p for e in self.exits if e.gateway == name for p in e.backups)
            for name in self.gateways
        }
