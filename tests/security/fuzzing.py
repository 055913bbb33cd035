"""Documents with something hostile in them, and how many of them a test tries."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.security.hostile import text, values


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of everything in a document but the document itself."""
    members = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    found = []
    for key, member in members:
        found.append((*path, key))
        if isinstance(member, dict | list):
            found += places(member, (*path, key))
    return found


def changed(document: Any, changes: list[tuple[tuple[str | int, ...], object]]) -> Any:
    """A copy with other values at some places; a place that is gone by then stays so."""
    document = deepcopy(document)
    for path, value in changes:
        owner = document
        try:
            for key in path[:-1]:
                owner = owner[key]
            owner[path[-1]] = deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue
    return document


def mutations(document: object) -> st.SearchStrategy[list[tuple[tuple[str | int, ...], object]]]:
    """One to three hostile values, each at some place; sometimes under a key of its own."""
    known = st.sampled_from(places(document))
    beside = st.builds(lambda path, key: (*path[:-1], key), known, text)
    return st.lists(
        st.tuples(st.one_of(known, known, known, beside), values), min_size=1, max_size=3
    )


def size(quick: int, thorough: int) -> pytest.MarkDecorator:
    """Run a test with so many ``examples`` for every change, and with so many in the long run."""
    return pytest.mark.parametrize(
        "examples",
        [
            quick,
            pytest.param(thorough, marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
        ],
    )


def many(examples: int) -> settings:
    """So many cases, each of which must end soon.

    A few are the same ones each time, so that a change is blamed for what it broke alone; many
    look for what nobody has seen.
    """
    return settings(
        max_examples=examples,
        derandomize=examples < 2000,
        deadline=5000,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
