"""What is asked of a plan, put together from files, settings and options."""

from collections.abc import Collection
from dataclasses import dataclass

from nornir_bgp.models.planning import Planning
from nornir_bgp.models.series import PredictionSeries
from nornir_bgp.models.settings import Settings
from nornir_bgp.runbooks.predictions import Predictions, locate, read_series
from nornir_bgp.solver.choose import Choice

PREDICTIONS, PLANNING = "predictions.json", "planning.json"
"""The files of a run's evidence that say what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for.

    Attributes:
        series: the predictions.
        planning: what the plan is to be like.
        solver: which method; ``auto``: the one that fits.
        strict: refuse where a predicted prefix has no route.
    """

    series: PredictionSeries
    planning: Planning
    solver: Choice = "auto"
    strict: bool = False

    @classmethod
    def of(
        cls,
        predictions: Predictions,
        settings: Settings,
        *,
        solver: Choice,
        planning: Planning | None,
        slot: str | None = None,
        strict: bool = False,
    ) -> "Asked":
        """Read predictions, and put what is asked for together.

        Raises:
            InputError: the predictions are wrong, or have no such slot.
            RefusedError: they are too old.
        """
        series = read_series(locate(predictions, settings))
        return cls(
            series=series if slot is None else series.only(slot),
            planning=settings.planning if planning is None else planning,
            solver=solver,
            strict=strict,
        )

    @property
    def predicted(self) -> Collection[str]:
        """Every predicted prefix, in order of first appearance."""
        return dict.fromkeys(p for slot in self.series.slots for p in slot.matrix.loads)

    @property
    def kept(self) -> dict[str, str]:
        """What the evidence of a run keeps of it: file -> text."""
        return {
            PREDICTIONS: self.series.model_dump_json(indent=2),
            PLANNING: self.planning.model_dump_json(indent=2),
        }
