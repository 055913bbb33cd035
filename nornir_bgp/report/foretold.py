"""Predictions in words: rows of tables, and sentences, for every kind of report."""

from collections.abc import Collection, Iterator

from nornir_bgp.models.simulation import FailureCase, LoadReport, Mismatch, Prediction
from nornir_bgp.wording import shortened

_CAUSE = "a fault of the model or a network not as described"


def mismatch_words(mismatch: Mismatch) -> str:
    """Say where the model was wrong."""
    return f"{mismatch}: {_CAUSE}"


def amount_words(load: float) -> str:
    """Write a load: whole where it is, else with one decimal."""
    return f"{load:,.0f}" if load == int(load) else f"{load:,.1f}"


NORMAL = "none"
"""What the row of the table of single failures is called in which nothing fails."""


def failure_header(gateways: Collection[str]) -> tuple[str, ...]:
    """The columns of the table of single failures."""
    return ("failure", *gateways, "moved", "lost", "exceeded")


def failure_row(case: FailureCase, gateways: Collection[str]) -> tuple[str, ...]:
    """One row of the table of single failures; a gateway that is gone carries nothing."""
    exceeded = case.exceeded if case.converges else (*case.exceeded, "does not come to rest")
    return (
        case.failure,
        *(amount_words(case.gateways.get(gateway, 0.0)) for gateway in gateways),
        f"{case.moved:,}",
        shortened(case.lost) or "0",
        ", ".join(exceeded) or "no",
    )


def failure_cases(
    loads: LoadReport | None, cases: Collection[FailureCase]
) -> tuple[FailureCase, ...]:
    """The rows of the table: what is where nothing fails, then what does something."""
    known = {} if loads is None else loads.gateways
    normal = (FailureCase(failure=NORMAL, gateways=known),) if known else ()
    return (*normal, *(case for case in cases if not case.harmless))


def gateways_of(cases: Collection[FailureCase]) -> tuple[str, ...]:
    """The gateways that some case knows the load of, in their order."""
    return tuple(dict.fromkeys(gateway for case in cases for gateway in case.gateways))


def harmless_words(number: int) -> str:
    """Say that failures do nothing."""
    if number == 1:
        return "1 other failure of a link, session or router changes nothing."
    return f"{number:,} other failures of a link, session or router change nothing."


def doubts_of(prediction: Prediction) -> Iterator[str]:
    """What stands against a prediction: where the model is wrong now, and what it does not know."""
    if prediction.missing:
        yield f"no preview: {prediction.missing}"
    yield from map(mismatch_words, prediction.mismatches)
    yield from prediction.warnings
