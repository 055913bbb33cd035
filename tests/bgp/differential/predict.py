"""What the model says of a sample: its inventory rendered, read back and propagated."""

from pathlib import Path

from nornir_bgp.bgp.domain import Announcement, Domain, Event, ExternalPeer, Resource
from nornir_bgp.bgp.propagation import Outcome, propagate
from nornir_bgp.frr.routing_config import parse_router
from nornir_bgp.models.device import Device
from nornir_bgp.models.settings import Policy
from nornir_bgp.tasks.render import template_environment
from tests.bgp.differential.sample import Neighbour, Sample, SessionEvent

TEMPLATES = Path(__file__).parents[3] / "templates"

_TEMPLATE = template_environment(TEMPLATES).get_template("frr.conf.j2")


def configs_of(sample: Sample) -> dict[str, str]:
    """Render the configuration of every router."""
    devices = [Device.model_validate(data) for data in sample.devices]
    return {d.hostname: _TEMPLATE.render(device=d, policy=Policy()) for d in devices}


def predict(sample: Sample, configs: dict[str, str]) -> tuple[Outcome, ...]:
    """Compute the network after each round and each event."""
    domain = domain_of(sample, configs)
    events = [_event(sample, event) for event in sample.events]
    rounds = len(sample.rounds)
    return (
        *(propagate(domain, announcements_of(sample, k)) for k in range(1, rounds + 1)),
        *(
            propagate(domain, announcements_of(sample, rounds), events[:k])
            for k in range(1, len(events) + 1)
        ),
    )


def domain_of(sample: Sample, configs: dict[str, str]) -> Domain:
    """Return the network that the model computes."""
    routers = {name: parse_router(config, name) for name, config in configs.items()}
    return Domain(routers, tuple(_peer(neighbour) for neighbour in sample.neighbours))


def announcements_of(sample: Sample, rounds: int) -> tuple[Announcement, ...]:
    """Return what has been sent in the first rounds."""
    routers = {neighbour.address: neighbour.router for neighbour in sample.neighbours}
    return tuple(
        Announcement(routers[sent.address], sent.address, sent.prefix, sent.route, time)
        for time, sent_round in enumerate(sample.rounds[:rounds])
        for sent in sent_round
    )


def announcements_after(sample: Sample, step: int) -> tuple[Announcement, ...]:
    """Return what the neighbours have told, and not taken back, after a round or an event."""
    events = sample.events[: max(0, step + 1 - len(sample.rounds))]
    up = {event.address: not event.fails for event in events}
    told = announcements_of(sample, min(step + 1, len(sample.rounds)))
    return tuple(one for one in told if up.get(one.peer, True))


def _peer(neighbour: Neighbour) -> ExternalPeer:
    return ExternalPeer(
        neighbour.router,
        neighbour.address,
        neighbour.as_number,
        neighbour.router_id,
        name=neighbour.address,  # a neighbour that is attached twice is two sessions
    )


def _event(sample: Sample, event: SessionEvent) -> Event:
    router = next(n.router for n in sample.neighbours if n.address == event.address)
    return Event(frozenset({Resource("session", router, event.address)}), event.fails)
