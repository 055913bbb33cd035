"""What the model of BGP foretells: tables, loads, what a failure does, and why a route is best."""

from typing import Literal

from pydantic import Field

from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import Hostname, Prefix


class ExitLoad(Model):
    """What leaves by one exit.

    Attributes:
        gateway: the border router.
        neighbor: the upstream's address on the session.
        upstream: the provider's name.
        load: in the unit of the predictions.
        capacity: what the link carries, if known.
    """

    gateway: Hostname
    neighbor: str
    upstream: str
    load: float
    capacity: int | None = None

    @property
    def exceeded(self) -> bool:
        """The load is more than the link carries."""
        return self.capacity is not None and self.load > self.capacity


class LinkLoad(Model):
    """What one router sends to a neighbour.

    Attributes:
        sender: the router.
        receiver: the neighbour: a router, or a peer beyond the network.
        load: in the unit of the predictions.
    """

    sender: Hostname
    receiver: str
    load: float


class Undelivered(Model):
    """Traffic that does not arrive.

    Attributes:
        prefix: its destination.
        router: where it ends; of a loop, one of its routers; the customer's name, where the router
            at which its traffic enters is down.
        load: in the unit of the predictions.
        reason: ``no route``, ``loop`` or ``no entry``.
        loop: the routers among which it goes round.
    """

    prefix: Prefix
    router: str
    load: float
    reason: Literal["no route", "loop", "no entry"]
    loop: tuple[Hostname, ...] = ()


class LoadReport(Model):
    """Where the predicted traffic goes.

    Attributes:
        exits: the load of every exit, in inventory order.
        links: the load of every link that carries any, by sender and receiver.
        undelivered: what does not arrive.
    """

    exits: tuple[ExitLoad, ...] = ()
    links: tuple[LinkLoad, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()

    @property
    def gateways(self) -> dict[str, float]:
        """The load of each gateway over its exits."""
        sums: dict[str, float] = {}
        for exit_ in self.exits:
            sums[exit_.gateway] = sums.get(exit_.gateway, 0.0) + exit_.load
        return sums


class FailureCase(Model):
    """What one failure does.

    Attributes:
        failure: what fails, as ``link GW1:UP1``.
        gateways: the load of each gateway then; empty where there are no predictions.
        moved: how many prefixes some entry router then sends by another way out.
        lost: the prefixes that some entry router can then not deliver any more.
        exceeded: the links that would carry more than they can, in words.
        converges: the network comes to rest.
    """

    failure: str
    gateways: dict[Hostname, float] = Field(default_factory=dict)
    moved: int = 0
    lost: tuple[Prefix, ...] = ()
    exceeded: tuple[str, ...] = ()
    converges: bool = True

    @property
    def harmless(self) -> bool:
        """No prefix takes another way out, and none is lost."""
        return self.converges and not (self.moved or self.lost or self.exceeded)


class PredictedRoute(Model):
    """What one router is to select for one prefix.

    Attributes:
        gateways: the gateways of the selected path and of those that share the load with it.
        next_hops: their next hops, likewise.
        local_pref: what the selected path counts with.
    """

    gateways: tuple[Hostname, ...]
    next_hops: tuple[str, ...]
    local_pref: int | None


class PredictedTable(Model):
    """The table that one router is to have.

    Attributes:
        router: the router.
        text: the table as ``show ip bgp`` prints it, cut where it is long.
        routes: what it selects for each prefix; none where it has no route.
    """

    router: Hostname
    text: str
    routes: dict[Prefix, PredictedRoute] = Field(default_factory=dict)


class Mismatch(Model):
    """A route that the model foretells otherwise than it is.

    Attributes:
        router: the router.
        prefix: the prefix.
        predicted: what the model says, in words.
        actual: what the router's table says, in words.
    """

    router: Hostname
    prefix: Prefix
    predicted: str
    actual: str

    def __str__(self) -> str:
        return f"{self.router}: {self.prefix}: predicted {self.predicted}, actual {self.actual}"


class Prediction(Model):
    """What a plan brings about, worked out before anything is sent.

    It holds for the routes that the upstreams sent when it was made.

    Attributes:
        tables: the edge routers' tables, of the planned prefixes.
        loads: where the predicted traffic goes.
        failures: what each single failure does then; only those that do something.
        harmless: how many single failures do nothing.
        mismatches: where the model foretells the tables of now otherwise than they are; then the
            network is not as it is described, or the model is wrong.
        warnings: what the model does not know about the network, and other doubts.
        missing: why there is no prediction; ``None``: there is one.
    """

    tables: tuple[PredictedTable, ...] = ()
    loads: LoadReport = LoadReport()
    failures: tuple[FailureCase, ...] = ()
    harmless: int = 0
    mismatches: tuple[Mismatch, ...] = ()
    warnings: tuple[str, ...] = ()
    missing: str | None = None


class Oscillation(Model):
    """Why a network does not come to rest.

    Attributes:
        prefixes: the prefixes that it happens to.
        routers: the routers that change for ever.
        states: the best routes at each step of one round.
    """

    prefixes: tuple[Prefix, ...]
    routers: tuple[Hostname, ...]
    states: tuple[str, ...]


class SimulationReport(Model):
    """A network that was computed.

    Attributes:
        source: where the routers come from: ``inventory``, ``network`` or ``TOTEM domain``.
        failed: what was made to fail.
        converged: every router has come to rest.
        oscillations: what does not.
        tables: the tables of the routers that were asked for.
        loads: where the predicted traffic goes; ``None``: no predictions were given.
        failures: what each single failure does; ``None``: that was not asked.
        mismatches: where the model foretells the tables of now otherwise than they are; empty
            where nothing was collected.
        warnings: what the model does not know about the network, and other doubts.
    """

    source: Literal["inventory", "network", "TOTEM domain"]
    failed: tuple[str, ...] = ()
    converged: bool = True
    oscillations: tuple[Oscillation, ...] = ()
    tables: tuple[PredictedTable, ...] = ()
    loads: LoadReport | None = None
    failures: tuple[FailureCase, ...] | None = None
    mismatches: tuple[Mismatch, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 the network comes to rest; 3 it does not."""
        return 0 if self.converged else 3


class ExplainedPath(Model):
    """One path of the prefix, and what became of it.

    Attributes:
        source: who sent it, in words.
        next_hop: its next hop.
        as_path: its AS path.
        local_pref: what it counts with.
        selected: it is the best one.
        multipath: it shares the load with the best one.
        verdict: why it is, or is not, selected, in words.
    """

    source: str
    next_hop: str
    as_path: str
    local_pref: int
    selected: bool
    multipath: bool
    verdict: str


class Explanation(Model):
    """Why a router sends a prefix where it does.

    Attributes:
        router: the router.
        prefix: the prefix.
        state: ``live`` or ``predicted``.
        text: one paragraph for a person.
        paths: the paths that there were: the selected one, those beside it, and the others, each
            by who sent it.
        gateway: the gateway by which the selected path leaves; ``None``: by none of ours.
        reason: FRR's word for the rule that decided; ``None``: nothing is selected.
        policy: the policy clause that gave the selected path its LOCAL_PREF, in words; ``None``:
            none did.
    """

    router: Hostname
    prefix: Prefix
    state: Literal["live", "predicted"]
    text: str
    paths: tuple[ExplainedPath, ...] = ()
    gateway: Hostname | None = None
    reason: str | None = None
    policy: str | None = None
