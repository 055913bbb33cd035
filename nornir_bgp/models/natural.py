"""Where a network sends prefixes by itself, and what a plan need not raise for that reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nornir_bgp.models.plan import ExitPlan, Plan

_MINIMAL = "minimal overrides"


@dataclass(frozen=True, slots=True)
class Natural:
    """Where a network sends prefixes without any override.

    Traffic enters at the edge routers in equal parts. Where they choose several gateways, the exit
    is the one that most of it leaves by, the first of equals in inventory order.

    Attributes:
        exit_of: prefix -> the gateway of its exit; ``None``: most of its traffic leaves by none.
            A prefix of which that is not known is missing.
        split: the prefixes that leave by several gateways.
        fallback: gateway -> prefix -> the gateway of its exit when that gateway's link to its
            upstream has failed; likewise.
        sure: the prefixes that every router of ours sends by the gateway of their exit alone, for
            reasons that last: not since one route is older than another.
        doubts: why nothing, or not all, is known, in words.
    """

    exit_of: Mapping[str, str | None]
    split: frozenset[str] = frozenset()
    fallback: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    sure: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()

    def leaves_by(self, prefix: str, gateway: str) -> bool:
        """Say whether a prefix needs no override to leave by a gateway, everywhere."""
        return prefix in self.sure and self.exit_of[prefix] == gateway


def minimal(planned: Plan, natural: Natural) -> Plan:
    """Return a plan that raises only what the network would not do by itself.

    A prefix that has a planned backup is raised in any case: the backup's preference would beat
    that of its own exit.
    """
    backed = {prefix for exit_ in planned.exits for prefix in exit_.backups}

    def raised(exit_: ExitPlan) -> tuple[str, ...]:
        return tuple(
            prefix
            for prefix in exit_.prefixes
            if prefix in backed or not natural.leaves_by(prefix, exit_.gateway)
        )

    exits = tuple(exit_.model_copy(update={"overrides": raised(exit_)}) for exit_ in planned.exits)
    listed = sum(len(exit_.raised) for exit_ in exits)
    told = (
        f"{_MINIMAL}: {listed:,} of {len(planned.gateway_of):,} planned prefixes are raised; the "
        "others leave by their gateway by themselves"
    )
    before = (sentence for sentence in planned.explanation if not sentence.startswith(_MINIMAL))
    explanation = (*before, told)
    return planned.model_copy(update={"exits": exits, "explanation": explanation})
