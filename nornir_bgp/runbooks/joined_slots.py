"""Slots of time of several files, joined: in one window and one unit, each slot once."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from nornir_bgp.exceptions import InputError
from nornir_bgp.forecast.history import Customers
from nornir_bgp.models.planning import Unit
from nornir_bgp.models.prediction import MAX_TOTAL
from nornir_bgp.models.series import PredictionSeries
from nornir_bgp.runbooks.flow_options import DEFAULT_WINDOW, FlowOptions, check_window

_Value = TypeVar("_Value", int, Unit)


def common_window(documents: Mapping[Path, PredictionSeries], options: FlowOptions) -> int:
    """Return the seconds of a slot: those of the documents and of the options, or the default.

    Raises:
        InputError: a document does not say them, two differ, or they do not fit into a day.
    """
    found = {str(file): document.window_seconds for file, document in documents.items()}
    if options.window is not None:
        found["--window"] = options.window
    window = _common(found, "window_seconds") or DEFAULT_WINDOW
    check_window(window)
    return window


def common_unit(documents: Mapping[Path, PredictionSeries], options: FlowOptions) -> Unit:
    """Return the unit of the loads: that of the documents and of the options, or bit/s.

    Raises:
        InputError: a document does not say it, or two differ.
    """
    found = {str(file): document.unit for file, document in documents.items()}
    if options.unit is not None:
        found["--unit"] = options.unit
    return _common(found, "unit") or "bit/s"


def _common(found: Mapping[str, _Value | None], field: str) -> _Value | None:
    """Return what all sources say; ``None``: there is no source.

    Args:
        found: source -> what it says.
        field: what that is called in a document.

    Raises:
        InputError: one does not say it, or two differ.
    """
    sources = {value: source for source, value in found.items()}
    if None in sources:
        raise InputError(f"{sources[None]}: does not say its {field}; add it")
    if len(sources) > 1:
        told = ", ".join(f"{value} in {source}" for value, source in sources.items())
        raise InputError(f"{field} is not the same everywhere: {told}; give files that agree")
    return next(iter(sources), None)


def numbered(file: Path, document: PredictionSeries, window: int) -> dict[int, Customers]:
    """Number the slots of a document since 1970.

    Raises:
        InputError: it is a forecast, or a slot does not begin at a multiple of the window.
    """
    if document.error is not None:
        raise InputError(f"{file}: is a forecast, not what was measured; leave it out")
    slots: dict[int, Customers] = {}
    for slot in document.slots:
        if slot.start is None:
            raise InputError(f"{file}: a slot does not say when it begins; add its start")
        number, rest = divmod(slot.start.timestamp(), window)
        if rest:
            raise InputError(
                f"{file}: the slot of {slot.start.isoformat()} does not begin at a multiple of "
                f"{window} s; move its start"
            )
        slots[int(number)] = slot.matrix.customers
    return slots


def add_slots(
    slots: dict[int, Customers], more: Mapping[int, Customers], window: int, of: str
) -> None:
    """Add what was measured to what is there.

    Two files have one slot in common where a flow that was exported in the time of the one began
    in that of the other; what they carry is added up.

    Args:
        slots: number of the slot since 1970 -> customer -> prefix -> load; is added to.
        more: the same of another file.
        window: seconds of a slot.
        of: the name of that file, for messages.

    Raises:
        InputError: a slot is the same in both, so that it would count twice.
    """
    for slot, customers in more.items():
        if slot not in slots:
            slots[slot] = customers
        elif slots[slot] == customers and any(any(row.values()) for row in customers.values()):
            raise InputError(
                f"{of}: the slot of {_moment(slot, window)} is the same in another file, and would "
                "count twice; give it once"
            )
        else:
            slots[slot] = _sum(slots[slot], customers)


def _sum(one: Customers, other: Customers) -> Customers:
    return {
        customer: dict(Counter(one.get(customer, {})) + Counter(other.get(customer, {})))
        for customer in {**one, **other}
    }


def _moment(slot: int, window: int) -> str:
    return f"{datetime.fromtimestamp(slot * window, UTC):%Y-%m-%d %H:%M} UTC"


def check_totals(slots: Mapping[int, Customers], window: int, files: str) -> None:
    """Refuse loads that no document of ours may hold.

    Raises:
        InputError: the total of a slot is too large.
    """
    for slot, customers in slots.items():
        if sum(sum(row.values()) for row in customers.values()) > MAX_TOTAL:
            raise InputError(
                f"{files}: the load of the slot of {_moment(slot, window)} is over {MAX_TOTAL}; "
                "correct the bytes that are wrong, or give a larger --unit"
            )
