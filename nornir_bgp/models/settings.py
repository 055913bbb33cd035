"""The settings of a network: ``user_defined`` in ``config.yaml``."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import Age, FileName, Flag, PolicyName, Prefix
from nornir_bgp.models.planning import Planning

Seconds = Annotated[float, Field(strict=True, gt=0, le=3600)]
Clause = Annotated[int, Field(strict=True, ge=1, le=65535)]
Preference = Annotated[int, Field(strict=True, ge=1, le=2**32 - 1)]


class Policy(Model):
    """The policy objects on the routers.

    Attributes:
        route_map: inbound on every exit.
        prefix_list: what the route-map's first clause matches; the automation owns every list
            whose name begins so.
        first_clause: the clause that raises the preference; the one after it does so for IPv6,
            on a router that has an IPv6 exit.
        last_clause: the clause that lets the rest pass; those between are the automation's.
        local_preference: what a planned prefix gets.
        backup_preference: what it gets at the gateway that is its planned backup.
        drain_preference: what every route gets at a gateway that is drained; less than routes
            have elsewhere.
        export_map: outbound on every exit.
        export_list: the own and customer prefixes that it lets out.
    """

    route_map: PolicyName = "LOCAL_PREF_MAP"
    prefix_list: PolicyName = "LOCAL_PREF_PREFIX_LIST"
    first_clause: Clause = 10
    last_clause: Clause = 999
    local_preference: Preference = 200
    backup_preference: Preference = 150
    drain_preference: Preference = 50
    export_map: PolicyName = "EXPORT_MAP"
    export_list: PolicyName = "EXPORT_PREFIX_LIST"

    @property
    def preferences(self) -> frozenset[int]:
        """What the automation gives to routes."""
        return frozenset({self.local_preference, self.backup_preference, self.drain_preference})

    @model_validator(mode="after")
    def _clauses_in_order(self) -> Self:
        if self.first_clause + 1 >= self.last_clause:
            raise ValueError(
                "first_clause (IPv4) and the clause after it (IPv6) must come before last_clause"
            )
        return self

    @model_validator(mode="after")
    def _preferences_in_order(self) -> Self:
        """Compare what is given; a default that does not fit is refused where it is needed."""
        names = ("drain_preference", "backup_preference", "local_preference")
        given = [(name, getattr(self, name)) for name in names if name in self.model_fields_set]
        for (lower, less), (higher, more) in pairwise(given):
            if less >= more:
                raise ValueError(f"{lower} {less} must be below {higher} {more}")
        return self

    @model_validator(mode="after")
    def _names_are_apart(self) -> Self:
        if self.export_list.startswith(self.prefix_list):
            raise ValueError(
                f"export_list {self.export_list} begins with prefix_list {self.prefix_list}, and "
                "every list that does is the automation's; choose another name"
            )
        if self.export_map == self.route_map:
            raise ValueError(f"export_map and route_map are both {self.route_map}; choose two")
        return self


Share = Annotated[float, Field(strict=True, ge=0, le=1)]


class Bounds(Model):
    """How much one run may change; ``None``: as much as it likes.

    Attributes:
        max_moves: the largest number of prefixes that change their gateway.
        max_shift: the largest share of the planned traffic that does.
        allowed: the only prefixes that may.
        max_shrink: the largest share of its prefixes, and of its total, that a matrix may lose
            against the last run.
        max_churn: how many routes of prefixes that are not planned may come or go by themselves
            while a run lasts, before it is taken for the run's own doing and put back; ``None``:
            any number, as a network with the whole Internet table needs.
        min_gain: leave the network alone where the largest exit load would fall by less than this
            share of it.
    """

    max_moves: Annotated[int, Field(strict=True, ge=0)] | None = None
    max_shift: Share | None = None
    allowed: frozenset[Prefix] | None = None
    max_shrink: Share = 0.5
    max_churn: Annotated[int, Field(strict=True, ge=0)] | None = 0
    min_gain: Share = 0.0


class LabSettings(Model):
    """Where the built-in lab is: its topology file and the folder of its state.

    Relative paths start at the folder of ``config.yaml``.
    """

    topology: FileName = "lab/network.clab.yaml"
    state: FileName = ".lab"


class Settings(Model):
    """Everything that a site may set.

    Attributes:
        policy: names, clauses and preference on the routers.
        planning: what is asked of a plan.
        bounds: how much one run may change.
        save: write the configuration on the gateways after a proven change, so that it survives
            their restart.
        canary: move the smallest prefix first, alone, and prove it before the others follow.
        plan_max_age: how long a plan is good for; ``verify`` says when the network runs on an
            older one, and ``rollback`` refuses to go back to one. ``None``: for ever.
        max_age: how old the newest matrix of a folder of predictions may be; ``None``: any age.
        keep_runs: how many runs the folder of the evidence keeps; the one whose plan stands, and
            those that were interrupted, stay in any case.
        connection_attempts: how often an SSH session is tried, with growing pauses between. A
            command or line that was sent is never sent again.
        session_logs: a folder that takes one log for each SSH session; ``None``: the folder of
            the run, or no log where there is none.
        allow_transit: distribute although an exit has no outbound policy.
        edge_group: the inventory group of the routers that ``verify`` asks.
        verify_deadline: how long ``verify`` waits for the tables, in seconds.
        put_back_deadline: how long a gateway that does not answer is asked again and again to take
            its list back, in seconds, before a person is called.
        runs: the folder of the evidence.
        template: the template of ``render`` and ``deploy``.
        lab: the built-in lab that the inventory describes; absent: a real network.
    """

    policy: Policy = Policy()
    planning: Planning = Planning()
    bounds: Bounds = Bounds()
    save: Flag = False
    canary: Flag = False
    plan_max_age: Age | None = None
    max_age: Age | None = None
    keep_runs: Annotated[int, Field(strict=True, ge=2)] = 1000
    connection_attempts: Annotated[int, Field(strict=True, ge=1, le=10)] = 3
    session_logs: FileName | None = None
    allow_transit: Flag = False
    edge_group: str = "edge"
    verify_deadline: Seconds = 30.0
    put_back_deadline: Seconds = 60.0
    runs: FileName = "runs"
    template: FileName = "templates/frr.conf.j2"
    lab: LabSettings | None = None
