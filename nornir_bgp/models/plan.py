"""Exits, and the assignment of prefixes to them."""

from typing import Annotated

from pydantic import Field

from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import Hostname, IPAddress, Label, Load, Prefix
from nornir_bgp.models.simulation import Prediction


class Exit(Model):
    """One eBGP session of a gateway to an upstream: the unit that carries load.

    Attributes:
        gateway: the border router.
        neighbor: the upstream's address on the session.
        upstream: the provider's name.
        capacity: what the link carries, in the unit of the predictions, if known.
    """

    gateway: Hostname
    neighbor: IPAddress
    upstream: Label
    capacity: Annotated[int, Field(gt=0)] | None = None


class ExitPlan(Exit):
    """What one exit is to carry: the sum of its loads, and its prefixes in prediction order."""

    load: Load
    prefixes: tuple[Prefix, ...]


class GatewayPlan(Model):
    """What one gateway is to carry over all its exits."""

    load: Load
    prefixes: tuple[Prefix, ...]


class Plan(Model):
    """An assignment of prefixes to exits, with the proof of its quality.

    Attributes:
        total_load: the sum of all planned loads; unrouted prefixes are not counted.
        solver: what found the assignment: ``dp`` or ``cpsat``.
        reason: why that solver was used.
        optimal: the largest exit load is proven to be the smallest possible.
        status: what is proven, in words.
        bound: a proven lower bound of the largest exit load.
        gap: (largest load - bound) / largest load; 0 where that is 0.
        exits: the assignment.
        gateways: its sum per router.
        loads: the load of each planned prefix; empty in plans that older versions wrote.
        unrouted: predicted prefixes that no gateway has a route to.
        prediction: what it brings about; ``None`` in plans that older versions wrote.
    """

    total_load: Load
    solver: str
    reason: str
    optimal: bool
    status: str
    bound: Load
    gap: float
    exits: tuple[ExitPlan, ...]
    gateways: dict[Hostname, GatewayPlan]
    loads: dict[Prefix, Load] = Field(default_factory=dict)
    unrouted: tuple[Prefix, ...] = ()
    prediction: Prediction | None = None

    @property
    def gateway_of(self) -> dict[str, str]:
        """The planned gateway of each prefix."""
        return {prefix: e.gateway for e in self.exits for prefix in e.prefixes}

    @property
    def overrides(self) -> dict[str, tuple[str, ...]]:
        """The prefixes that are raised at each gateway."""
        return {name: gateway.prefixes for name, gateway in self.gateways.items()}
