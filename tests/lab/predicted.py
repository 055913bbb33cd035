"""Compare the tables that the model computes with those of a running lab, field by field."""

from collections.abc import Iterator, Mapping, Sequence

from nornir_bgp.bgp.domain import Domain, Event, Reconfigured, Resource
from nornir_bgp.bgp.propagation import Outcome, propagate
from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.rib import Path, Rib

RACING = ("CE1", "CE2")
"""They hear each route from PE1 and PE2 within one moment. Which one comes first, and whether the
second is there when the first is selected, differs from time to time on FRR itself: so do the
order of the two, and whether it says that the router id decided or the older path."""


def live(lab: Lab, router: str) -> Rib:
    return parse_json(lab.vtysh(router, "show bgp ipv4 unicast json"))


def differences(
    predicted: Mapping[str, Rib], lab: Lab, *, ordered: bool = True, racing: Sequence[str] = RACING
) -> list[str]:
    """Say where a router's table is another than the predicted one; the version is not."""
    return [
        line
        for router in predicted
        for line in _of_router(
            router,
            predicted[router],
            live(lab, router),
            ordered and router not in racing,
            router in racing,
        )
    ]


def _of_router(
    router: str, predicted: Rib, actual: Rib, ordered: bool, races: bool
) -> Iterator[str]:
    for field in ("router_id", "local_as", "default_local_pref"):
        if actual.routes and getattr(predicted, field) != getattr(actual, field):
            yield f"{router}: {field}"
    for prefix in sorted({*predicted.routes, *actual.routes}):
        then, now = (
            [_comparable(path, races) for path in rib.routes.get(prefix, ())]
            for rib in (predicted, actual)
        )
        if not ordered:
            then.sort(key=str)
            now.sort(key=str)
        if then != now:
            yield f"{router} {prefix}:\n  predicted {then}\n  actual    {now}"


def _comparable(path: Path, races: bool) -> Path:
    if races and path.multipath:  # which of two is best, and which is beside it, races as well
        path = path._replace(best=True, multipath=False)
    if races and path.reason in ("Older Path", "Router ID"):
        return path._replace(reason=None)
    return path


class Twin:
    """The reference network twice, in the lab and in the model; the same happens to both.

    Attributes:
        domain: the model's network.
        events: what has happened.
    """

    def __init__(self, lab: Lab, domain: Domain) -> None:
        self.lab = lab
        self.domain = domain
        self.events: list[Event | Reconfigured] = []

    def outcome(self) -> Outcome:
        return propagate(self.domain, (), self.events)

    def tables(self) -> dict[str, Rib]:
        outcome = self.outcome()
        return {router: outcome.rib(router) for router in self.domain.routers}

    def set_links(self, *links: str, up: bool) -> None:
        """Pull or plug cables, all at once."""
        for link in links:
            near, far = link.split(":")
            self.lab.set_link(near, far, up=up)
        self.happens({self.domain.resource(link) for link in links}, fails=not up)

    def happens(self, resources: set[Resource], *, fails: bool) -> None:
        self.events.append(Event(frozenset(resources), fails=fails))

    def compare(
        self, *, seconds: float = 30.0, ordered: bool = True, without: str | None = None
    ) -> None:
        """Fail unless the tables become equal, but for one router's."""
        tables = {router: table for router, table in self.tables().items() if router != without}
        left = wait_for(
            lambda: differences(tables, self.lab, ordered=ordered),
            lambda found: not found,
            seconds=seconds,
            interval=0.3,
        )
        assert not left, "\n".join(left)
