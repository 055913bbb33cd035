"""Networks with several stable states: which of them FRR comes to is a race.

Some networks (DISAGREE, and reflectors whose routers prefer one another's route) settle in one of
several states, by the order of messages. The model names them all, and FRR's must be one.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice, permutations

from nornir_bgp.bgp.domain import Announcement, Domain
from nornir_bgp.bgp.propagation import Outcome, outcomes, propagate
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.rib import Path, Rib
from tests.bgp.differential.predict import announcements_after, configs_of, predict
from tests.bgp.differential.sample import Sample

ORDERS = 60
"""How many orders of announcements are tried."""

LIMIT = 2_000
"""How many states of a prefix are looked at."""


def is_one_of_several(
    sample: Sample, domain: Domain, step: int, prefix: str, live: Mapping[str, Rib]
) -> bool:
    """Whether FRR's tables of a prefix are a stable state of the model, which is not the only one.

    What the model says of the prefix alone must be another one: else it has gone wrong where it
    computed all prefixes together.

    Args:
        sample: the network.
        domain: likewise, as the model computes it.
        step: after which round or event.
        prefix: the prefix.
        live: FRR's tables.
    """
    alone = sample.only(prefix)
    if _equals(predict(alone, configs_of(alone))[step], prefix, live):
        return False
    standing = [one for one in announcements_after(sample, step) if one.prefix == prefix]
    last = {(one.router, one.peer): one for one in standing}
    return any(_equals(state, prefix, live) for state in _states(domain, [*last.values()]))


def _states(domain: Domain, announcements: Sequence[Announcement]) -> Iterator[Outcome]:
    """Stable states: what other orders of the announcements lead to, or else other messages'."""
    for order in islice(permutations(announcements), ORDERS):
        state = propagate(domain, [one._replace(time=k) for k, one in enumerate(order)])
        if state.converged:
            yield state
    with suppress(InputError):
        yield from outcomes(domain, announcements, limit=LIMIT)


def _equals(state: Outcome, prefix: str, live: Mapping[str, Rib]) -> bool:
    return all(
        _unordered(state.rib(router).routes.get(prefix, ()))
        == _unordered(table.routes.get(prefix, ()))
        for router, table in live.items()
    )


def _unordered(paths: Sequence[Path]) -> frozenset[Path]:
    return frozenset(path._replace(reason=None) for path in paths)
