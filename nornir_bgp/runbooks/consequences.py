"""What a network carries after a change, and what every single failure does to that."""

from nornir_bgp.bgp.domain import Announcement, Domain
from nornir_bgp.bgp.forwarding import Ways
from nornir_bgp.bgp.propagation import Outcome, classes_of, propagate
from nornir_bgp.bgp.single_failures import Traffic, single_failures
from nornir_bgp.models.simulation import Prediction

FAILURE_WORK = 100_000
"""Up to so many routes, over all single failures, what these do is computed with each plan."""


def with_failures(
    prediction: Prediction,
    domain: Domain,
    announcements: tuple[Announcement, ...],
    after: Outcome,
    traffic: Traffic,
) -> Prediction:
    """Add what the network carries, and what every single failure does to that.

    Args:
        prediction: what is known.
        domain: the network with the planned overrides.
        announcements: what the external peers send.
        after: how the network settles after the change.
        traffic: the traffic; of other prefixes nothing is computed.
    """
    known = {demand.prefix for demand in traffic.demands}
    concerned = tuple(a for a in announcements if a.prefix in known)
    routes = sum(max(len(alike.told), 1) for alike in classes_of(domain, concerned))
    work = len(domain.resources()) * routes
    if work > FAILURE_WORK:
        left_out = (
            f"what single failures do was left out: {work:,} routes to compute; ask "
            "nornir-bgp simulate --collect --all-single-failures"
        )
        return prediction.model_copy(
            update={
                "loads": traffic.loads(domain, Ways(after)),
                "warnings": (*prediction.warnings, left_out),
            }
        )
    normal = propagate(domain, concerned)
    cases = tuple(single_failures(concerned, normal, (), traffic))
    return prediction.model_copy(
        update={
            "loads": traffic.loads(domain, Ways(normal)),
            "failures": tuple(case for case in cases if not case.harmless),
            "harmless": sum(case.harmless for case in cases),
        }
    )
