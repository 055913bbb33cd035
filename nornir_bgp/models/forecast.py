"""How good forecasts of traffic are."""

from typing import Annotated, Literal

from pydantic import Field

from nornir_bgp.models.base import Model

Method = Literal["last", "yesterday", "ewma", "holt-winters"]
"""``last``: as in the last slot; ``yesterday``: as in the same slot one day before; ``ewma``: the
mean of all before, exponentially weighted; ``holt-winters``: level, trend and time of day."""

_Share = Annotated[float, Field(ge=0)]


class MethodScore(Model):
    """What one method of forecasting has achieved on measured traffic.

    Attributes:
        method: its name.
        error: the sum of the absolute errors of all prefixes, as a share of all traffic, 0.1 for
            ten per cent; ``None``: it could not forecast, or there was no traffic.
        loss: the mean share of the largest load (or utilisation, where every exit has a capacity)
            that is there only because a plan was made on the forecast, and not on what came;
            ``None``: likewise, or the exits are not known, or carry none of it.
        worst_loss: the largest such share.
        why_not: why there is no error, in words.
    """

    method: Method
    error: _Share | None = None
    loss: _Share | None = None
    worst_loss: _Share | None = None
    why_not: str = ""


class BacktestReport(Model):
    """The methods of forecasting on one history, each from the same moments on.

    Attributes:
        window_seconds: how long a slot is.
        slots: how many slots the history has.
        gaps: in how many of them nothing was measured.
        customers: how many customers it has.
        prefixes: how many prefixes it has.
        exits: how many exits plans were made for; ``None``: they are not known.
        learned: how many slots there were to learn from before the first forecast.
        origins: how many forecasts each method has made.
        horizon: how many slots ahead the forecast slot was.
        scores: the methods.
        best: the method with the smallest loss or, where exits are not known, with the smallest
            error; ``None``: none could forecast.
        remarks: what is to be known of the files that were read.
    """

    window_seconds: int
    slots: int
    gaps: int
    customers: int
    prefixes: int
    exits: int | None
    learned: int
    origins: int
    horizon: int
    scores: tuple[MethodScore, ...]
    best: Method | None = None
    remarks: tuple[str, ...] = ()

    def score_of(self, method: Method) -> MethodScore:
        """Return the score of a method; one that did not take part has none."""
        return next((s for s in self.scores if s.method == method), MethodScore(method=method))


def best_of(scores: tuple[MethodScore, ...]) -> Method | None:
    """Choose the method with the smallest loss, then with the smallest error, then the first."""
    able = [score for score in scores if score.error is not None]
    if not able:
        return None
    return min(able, key=lambda s: (s.loss or 0.0, s.error or 0.0)).method
