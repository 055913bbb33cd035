"""One row of a flow export, as a flow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nornir_bgp.forecast.clock import Clock
from nornir_bgp.forecast.columns import Columns, Key
from nornir_bgp.forecast.flow import Flow

Row = Sequence[str] | Mapping[str, object]
"""A line of CSV, or a JSON object."""

_LONGEST = 366 * 86400
"""Seconds of the longest flow that is taken for one."""

_FACTORS = (1, 60, 3600, 86400)

_MOST = 2**63 - 1
"""The most bytes of a flow: more is in no counter, nor in a document of ours."""

_NEVER = "0000-"
"""How the time begins that exporters write where they do not know one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read.

    Attributes:
        clock: reads their times.
        customer: the column or key that names the customer; ``None``: the format's own.
        sampling: what every count is multiplied by; ``None``: by the rate that the row carries,
            or 1.
    """

    clock: Clock
    customer: str | None = None
    sampling: int | None = None


def flow_of_row(row: Row, columns: Columns, reading: Reading) -> Flow:
    """Read a row.

    Raises:
        ValueError: a value is missing or wrong.
    """
    begin = reading.clock.milliseconds(_value(row, columns.begin))
    destination, length = _destination(row, columns)
    rate = reading.sampling
    if rate is None:
        rate = 1 if columns.rate is None else max(1, _whole(row, columns.rate))
    octets = _whole(row, columns.octets) * rate
    if octets > _MOST:
        raise ValueError(f"{octets} bytes are more than a flow can have")
    return Flow(
        begin=begin,
        end=_end(row, columns, begin, reading),
        destination=destination,
        octets=octets,
        source=None if columns.source is None else _text(row, columns.source),
        customer=None if columns.customer is None else _name(_text(row, columns.customer)),
        length=length,
    )


def _end(row: Row, columns: Columns, begin: int, reading: Reading) -> int:
    """When a flow ended; exporters that do not know write none, or one before it began, as 1970."""
    if columns.end is not None:
        written = _value(row, columns.end)
        if str(written).startswith(_NEVER):
            return begin
        end = max(begin, reading.clock.milliseconds(written))
    elif columns.duration is not None:
        end = begin + _duration(_text(row, columns.duration))
    else:
        return begin
    if end - begin > _LONGEST * 1000:
        raise ValueError(f"a flow that took {(end - begin) // 86_400_000} days is none")
    return end


def _duration(text: str) -> int:
    """Read a duration as nfdump writes it: ``3.000`` seconds, ``00:01:48.000``, with days before.

    Returns:
        Milliseconds.
    """
    parts = text.replace("d ", ":").split(":")
    try:
        numbers = [float(part) for part in reversed(parts)]
        if len(numbers) > len(_FACTORS) or not all(number >= 0 for number in numbers):
            raise ValueError
        return round(1000 * sum(f * n for f, n in zip(_FACTORS, numbers, strict=False)))
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a duration; write seconds") from None


def _destination(row: Row, columns: Columns) -> tuple[str, int | None]:
    """Return the destination, and the length of its prefix where that is said beside it."""
    length = None if columns.length is None else _whole(row, columns.length)
    if columns.destination is not None:
        return _text(row, columns.destination), length or None  # 0 where a router did not know it
    if columns.network is None or length is None:
        raise ValueError("a network without its length; let the exporter write the mask, too")
    return f"{_text(row, columns.network)}/{length}", None


def _value(row: Row, key: Key) -> object:
    try:
        return row[key]  # type: ignore[index]  # a number for CSV, text for JSON
    except KeyError:
        raise ValueError(f"{key!r} is missing") from None


def _text(row: Row, key: Key) -> str:
    value = _value(row, key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{value!r} is neither text nor a whole number")
    return str(value).strip()


def _whole(row: Row, key: Key) -> int:
    value = _value(row, key)
    try:
        number = int(value) if isinstance(value, int | str) else -1
    except ValueError:
        number = -1
    if number < 0:
        raise ValueError(f"{value!r} is not a whole number from 0")
    return number


def _name(text: str) -> str:
    if not text.isprintable():
        raise ValueError(f"{text!r} is no customer's name; write printable text")
    return text
