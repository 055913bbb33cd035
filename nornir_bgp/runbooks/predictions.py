"""From what a user names to predictions."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.series import PredictionSeries, PredictionSlot, joined, parse_series
from nornir_bgp.models.settings import Settings
from nornir_bgp.runbooks.files import read_text
from nornir_bgp.runbooks.newest import is_folder, newest_matrix, refuse_stale

Predictions = str | Path | PredictionMatrix | PredictionSeries | Sequence[str | Path]
"""A prediction file, a folder of which the newest is meant, or the content of one; or several
files, one after the other in time."""

Located = PredictionMatrix | PredictionSeries | tuple[Path, ...]
"""The content of a file, or the files to read."""


def locate(
    predictions: Predictions, settings: Settings, max_age: timedelta | None = None
) -> Located:
    """Put the newest matrix of a folder in the folder's place; anything else stays.

    Args:
        predictions: what the user gave.
        settings: their ``max_age`` holds for the newest matrix of a folder.
        max_age: holds instead, and for a file that the user named, too; ``None``: was not given.

    Raises:
        InputError: the folder holds no matrix; no file is given; or ``max_age`` is given for a
            matrix of no file.
        RefusedError: the matrix is too old, or from the future.
    """
    if isinstance(predictions, PredictionMatrix | PredictionSeries):
        if max_age is not None:
            raise InputError("max_age: a matrix that is no file has no age; leave it out")
        return predictions
    named = (predictions,) if isinstance(predictions, str | Path) else tuple(predictions)
    if not named:
        raise InputError("there are no predictions; name at least one file")
    return tuple(_located(Path(path), settings, max_age) for path in named)


def source_of(located: Located) -> str:
    """Say where predictions come from; empty: from the caller."""
    return ", ".join(map(str, located)) if isinstance(located, tuple) else ""


def read_series(located: Located) -> PredictionSeries:
    """Read predictions of one slot of time or several.

    Raises:
        InputError: a file is missing or wrong.
    """
    if isinstance(located, PredictionMatrix):
        series = PredictionSeries(slots=(PredictionSlot(matrix=located),))
    elif isinstance(located, PredictionSeries):
        series = located
    else:
        sources = tuple(map(str, located))
        parts = tuple(
            parse_series(read_text(path), source)
            for path, source in zip(located, sources, strict=True)
        )
        series = parts[0] if len(parts) == 1 else joined(parts, sources)
    return series


def read_predictions(predictions: Located | Predictions) -> PredictionMatrix:
    """Read predictions of one slot of time, as a job needs them that looks at one moment.

    Raises:
        InputError: as :func:`read_series` says; or there are several slots.
    """
    if isinstance(predictions, str | Path):
        predictions = (Path(predictions),)
    elif not isinstance(predictions, PredictionMatrix | PredictionSeries):
        predictions = tuple(map(Path, predictions))
    series = read_series(predictions)
    if len(series.slots) > 1:
        raise InputError(
            f"{source_of(predictions) or 'the predictions'}: has {len(series.slots)} slots of "
            "time; give one"
        )
    return series.slots[0].matrix


def _located(path: Path, settings: Settings, max_age: timedelta | None) -> Path:
    if is_folder(path):
        path = newest_matrix(path)
        refuse_stale(path, settings.max_age if max_age is None else max_age)
    elif max_age is not None:
        refuse_stale(path, max_age)
    return path
