"""What FRR answers: JSON, and what vtysh says in between."""

import re
from typing import cast

import orjson

from nornir_bgp.exceptions import TableSyntaxError

_STARVED = re.compile(
    r"^(\S+# )?\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (\[[\w-]+\])?(\[EC \d+\])? ?"
    r"(STARVATION|CPU HOG|SLOW THREAD): task vtysh\w* .*\n?",
    re.MULTILINE,
)
"""What vtysh before FRR 10 says, behind the next prompt, when a command took it five seconds: a
large table over a slow path does."""


def without_notices(answer: str) -> str:
    """Return an answer without what vtysh says of itself."""
    return _STARVED.sub("", answer) if ": task vtysh" in answer else answer


def parse_answer(text: str | bytes) -> dict[str, object]:
    """Read one JSON object.

    Raises:
        TableSyntaxError: it is no JSON, or a warning of FRR in place of the answer.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise TableSyntaxError(
            f"FRR's answer is not JSON: line {error.lineno}, column {error.colno}: {error.msg}; "
            f"it begins with {error.doc[:60]!r}"
        ) from None
    if not isinstance(document, dict):
        raise TableSyntaxError(f"FRR's answer is a JSON {type(document).__name__}, not an object")
    if warning := document.get("warning"):
        raise TableSyntaxError(f"FRR answered with a warning: {warning}")
    return cast(dict[str, object], document)
