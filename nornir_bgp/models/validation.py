"""From pydantic's errors to messages that name the file, the place and the mend."""

import datetime
from typing import TypeGuard, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from nornir_bgp.models.documents import Document, Fault, KeyPath, input_error

M = TypeVar("M", bound=BaseModel)

_MISPLACED = "misplaced"

_MENDS = {
    "missing": "is missing; add it",
    "extra_forbidden": "unknown key; correct its spelling or remove it",
    "bool_type": "is not true or false; write one of them",
    "int_type": "is not a whole number; write one, without quotes",
    "float_type": "is not a number; write one, without quotes",
    "string_type": "is not text; write text, in quotes if it looks like a number",
    "model_type": "is not a mapping; write keys and values",
    "model_attributes_type": "is not a mapping; write keys and values",
    "dict_type": "is not a mapping; write keys and values",
    "tuple_type": "is not a list; write one",
    "too_short": "is empty; give at least one",
}
"""What the commonest kinds of pydantic error mean to the writer of the document."""

_LONGEST_INTEGER = 10_000
"""Bits of the largest integer that is shown: Python writes none of more than 4300 digits."""

_NAMED_BY_KEY = ("missing", "extra_forbidden", "too_short")


def misplaced(path: KeyPath, message: str) -> PydanticCustomError:
    """Make an error for a model's validator that blames one field inside the model."""
    return PydanticCustomError(_MISPLACED, "{message}", {"message": message, "path": path})


def validated(model: type[M], value: object, document: Document, path: KeyPath = ()) -> M:
    """Make a model of one part of a document.

    Args:
        model: what it must be.
        value: the part.
        document: where it comes from.
        path: where in the document it is.

    Raises:
        InputError: a line for each fault, with file, line, column, path and mend.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise input_error(
            document,
            [Fault((*path, *fault.path), fault.message) for fault in faults_of(error, value)],
        ) from None


def faults_of(error: ValidationError, value: object) -> tuple[Fault, ...]:
    """List the faults that pydantic found in a value, each path as the value has it."""
    return tuple(
        Fault(_path(details, value), _message(details))
        for details in error.errors(include_url=False)
        # a list whose elements are at fault is also reported as too short
        if not (details["type"] == "too_short" and details["input"])
    )


def _path(details: ErrorDetails, value: object) -> KeyPath:
    """Return pydantic's location without the names of union members, which no document holds."""
    path: list[str | int] = []
    location = details["loc"]
    for n, key in enumerate(location):
        is_missing = details["type"] == "missing" and n == len(location) - 1
        if _holds(value, key):
            value = value[key]
        elif not is_missing:
            continue
        path.append(key)
    if details["type"] == _MISPLACED:
        path.extend(details["ctx"]["path"])
    return tuple(path)


def _holds(value: object, key: str | int) -> TypeGuard[dict[str | int, object]]:
    """Tell whether a mapping or a list has an element of this key."""
    if isinstance(value, dict):
        return key in value
    return isinstance(value, list | tuple) and isinstance(key, int) and key < len(value)


def _message(details: ErrorDetails) -> str:
    kind, text = details["type"], details["msg"]
    if kind == _MISPLACED:
        return text
    if kind == "value_error":
        return str(details["ctx"]["error"])
    shown = _shown(details["input"])
    mend = _MENDS.get(kind)
    if mend is None:
        return f"{shown} is not allowed; {text.replace('Input should be', 'it must be', 1)}"
    return mend if kind in _NAMED_BY_KEY else f"{shown} {mend}"


def _shown(value: object) -> str:
    if value is None:
        return "an empty value"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER:
        return "a number of thousands of digits"
    if isinstance(value, str | int | float | datetime.date):
        text = repr(value) if isinstance(value, str) else str(value)
        return text if len(text) <= 60 else f"{text[:57]}..."
    return f"a value of type {type(value).__name__}"
