"""Long lists in one sentence."""

from collections.abc import Collection
from itertools import islice


def shortened(words: Collection[str], most: int = 3) -> str:
    """Name the first of some words, and count the rest: ``a, b, c and 5 more``."""
    shown = ", ".join(islice(words, most))
    more = len(words) - most
    return shown if more <= 0 else f"{shown} and {more:,} more"
