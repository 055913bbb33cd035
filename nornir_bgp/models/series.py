"""Predictions for several slots of time, and what is known about them."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    SkipValidation,
    WithJsonSchema,
    model_serializer,
)

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.base import Model
from nornir_bgp.models.documents import Document, Fault, input_error
from nornir_bgp.models.fields import Load, Prefix
from nornir_bgp.models.json_text import read_json
from nornir_bgp.models.planning import Unit
from nornir_bgp.models.prediction import PredictionMatrix, matrix_in
from nornir_bgp.models.validation import validated

FORMAT = "nornir-bgp-predictions/1"
"""What a document of slots says of itself."""


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{value!r} is no time with its zone; write one as 2026-01-01T00:00:00Z")
    return moment


Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""A time with its zone."""

_Customer = Annotated[str, Field(min_length=1)]
Customers = Annotated[dict[_Customer, dict[Prefix, Load]], Field(min_length=1)]
"""Customer -> prefix -> load."""


class SlotDocument(Model):
    """One slot of a document.

    Attributes:
        start: when it begins.
        customers: customer, then prefix, then load.
    """

    start: Moment | None = None
    customers: SkipValidation[Customers]


class SeriesDocument(Model):
    """A document of slots, as it is written.

    Attributes:
        format: what kind of document it is.
        unit: the unit of the loads, where it is known.
        window_seconds: how long a slot is.
        error: the share of the largest load that is expected to be there only because predictions
            err.
        slots: the slots, in the order of time.
    """

    format: Literal["nornir-bgp-predictions/1"]
    unit: Unit | None = None
    window_seconds: Annotated[int, Field(strict=True, gt=0)] | None = None
    error: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] | None = None
    slots: Annotated[tuple[SlotDocument, ...], Field(min_length=1)]


class PredictionSlot(Model):
    """The predictions for one slot of time.

    Attributes:
        start: when it begins, if that is told.
        matrix: what is predicted.
    """

    start: datetime | None = None
    matrix: PredictionMatrix


class PredictionSeries(Model):
    """Predictions for one slot of time or several; its JSON is what :func:`parse_series` reads.

    Attributes:
        slots: in the order of time; at least one.
        unit: the unit of the loads; ``None``: not told.
        window_seconds: how long a slot is; ``None``: not told.
        error: the share of the largest load that is expected to be there only because predictions
            err; ``None``: not told.
    """

    slots: Annotated[tuple[PredictionSlot, ...], Field(min_length=1)]
    unit: Unit | None = None
    window_seconds: int | None = None
    error: float | None = None

    @model_serializer
    def _as_in_the_file(self) -> object:
        known = {"unit": self.unit, "window_seconds": self.window_seconds, "error": self.error}
        only = self.slots[0]
        if len(self.slots) == 1 and {only.start, *known.values()} == {None}:
            return only.matrix
        return {
            "format": FORMAT,
            **{name: value for name, value in known.items() if value is not None},
            "slots": [
                {"customers": slot.matrix}
                if slot.start is None
                else {"start": slot.start.isoformat(), "customers": slot.matrix}
                for slot in self.slots
            ],
        }

    @property
    def largest(self) -> PredictionMatrix:
        """The matrix of the slot with the largest total, the first of equals."""
        return max(self.slots, key=lambda slot: slot.matrix.total).matrix

    def only(self, wanted: str) -> "PredictionSeries":
        """Return the series of one of its slots alone.

        Args:
            wanted: the slot's number, from 0, or a time in it, as ``2026-01-01T00:05:00Z``.

        Raises:
            InputError: there is no such slot.
        """
        return self.model_copy(update={"slots": (self.slots[self._index(wanted)],)})

    def _index(self, wanted: str) -> int:
        if wanted.isascii() and wanted.isdecimal():
            number = int(wanted)
            if number >= len(self.slots):
                raise InputError(
                    f"there is no slot {number}; the predictions have 0 to {len(self.slots) - 1}"
                )
            return number
        try:
            moment = _moment(wanted)
        except ValueError as error:
            raise InputError(f"slot: {error}, or the number of a slot, from 0") from None
        found = [n for n, slot in enumerate(self.slots) if slot.start and slot.start <= moment]
        if not found or not self._holds(found[-1], moment):
            raise InputError(f"the predictions have no slot of {wanted}; give a slot's number")
        return found[-1]

    def _holds(self, number: int, moment: datetime) -> bool:
        """Tell whether a slot that has begun is not over yet."""
        start = self.slots[number].start
        if start is None or self.window_seconds is None:
            return True
        return moment < start + timedelta(seconds=self.window_seconds)


def parse_series(text: str, source: str) -> PredictionSeries:
    """Read predictions: a matrix, or a document of slots.

    Args:
        text: a JSON document: a matrix, as :func:`~nornir_bgp.models.prediction.parse_predictions`
            reads it, or ``{"format": "nornir-bgp-predictions/1", "slots": [...], ...}``.
        source: the name of its file, for messages.

    Raises:
        InputError: a line for each fault, with its place.
    """
    document = read_json(text, source)
    value = document.value
    if not isinstance(value, dict) or not isinstance(value.get("format"), str):
        return PredictionSeries(slots=(PredictionSlot(matrix=matrix_in(document, value, ())),))
    written = validated(SeriesDocument, value, document)
    _check_order(written, document)
    return PredictionSeries(
        slots=tuple(
            PredictionSlot(
                start=slot.start,
                matrix=matrix_in(document, slot.customers, ("slots", n, "customers")),
            )
            for n, slot in enumerate(written.slots)
        ),
        unit=written.unit,
        window_seconds=written.window_seconds,
        error=written.error,
    )


def joined(parts: tuple[PredictionSeries, ...], sources: tuple[str, ...]) -> PredictionSeries:
    """Join series, one after the other; the error of the whole is the largest.

    Raises:
        InputError: they are in different units.
    """
    units = {part.unit: source for part, source in zip(parts, sources, strict=True)}
    if len(units) > 1:
        told = ", ".join(
            f"{source} in {unit or 'an unknown unit'}" for unit, source in units.items()
        )
        raise InputError(f"the loads are not in one unit: {told}; write them in one")
    windows = {part.window_seconds for part in parts}
    return PredictionSeries(
        slots=tuple(slot for part in parts for slot in part.slots),
        unit=parts[0].unit,
        window_seconds=windows.pop() if len(windows) == 1 else None,
        error=max((part.error for part in parts if part.error is not None), default=None),
    )


def _check_order(written: SeriesDocument, document: Document) -> None:
    last: datetime | None = None
    for n, slot in enumerate(written.slots):
        if slot.start is not None and last is not None and slot.start <= last:
            told = f"{slot.start.isoformat()} is not after the slot before; put them in order"
            raise input_error(document, [Fault(("slots", n, "start"), told)])
        last = slot.start or last
