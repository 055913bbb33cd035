"""The C library, to which FRR hands its patterns, is the judge of what they match."""

import ctypes

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from nornir_bgp.bgp.regular_expression import BORDER, compiled
from nornir_bgp.exceptions import InputError

REG_EXTENDED, REG_NOSUB = 1, 8
C = ctypes.CDLL(None)
C.regfree.restype = None


class Judge:
    """A pattern that the C library has compiled; ``None`` stands where it refuses one."""

    def __init__(self, pattern: str) -> None:
        self.memory = ctypes.create_string_buffer(256)  # more than a regex_t takes
        text = pattern.replace("_", BORDER).encode()
        self.taken = C.regcomp(self.memory, text, REG_EXTENDED | REG_NOSUB) == 0

    def matches(self, text: str) -> bool:
        return bool(C.regexec(self.memory, text.encode(), 0, None, 0) == 0)

    def close(self) -> None:
        if self.taken:
            C.regfree(self.memory)


def agree(pattern: str, texts: list[str]) -> None:
    judge = Judge(pattern)
    try:
        assume(judge.taken)
        for text in texts:
            assert (compiled(pattern).search(text) is not None) == judge.matches(text), text
    finally:
        judge.close()


PATHS = st.lists(st.sampled_from(["65004", "65010", "6501", "4", "174", "3356"]), max_size=4).map(
    " ".join
)
ATOMS = st.sampled_from(
    [
        *("65004", "6501", "4", "_", ".", "[0-9]", "[^4]", "[[:digit:]]", "[4-6]", " ", "174"),
        *(r"\.", r"[\d]", r"\d", "[]4]", "[[:space:]_]", "^", "$", r"\<4", r"4\>", r"\{"),
    ]
)
REPEATS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,2}", "{2,}", "+?", "*?", "?+"])


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.tuples(parts, REPEATS).map("".join), min_size=1, max_size=4).map("".join)


PATTERNS = st.recursive(
    _joined(ATOMS),
    lambda inner: _joined(
        st.one_of(
            inner.map("({})".format),
            st.tuples(inner, inner).map(lambda two: "({}|{})".format(*two)),
        )
    ),
    max_leaves=4,
)


@given(PATTERNS, st.lists(PATHS, min_size=1, max_size=8))
@example("_65010_", ["65010", "165010", "65010 4", "4 65010", "4 650101"])
@example("^(65004|174)_[0-9]+$", ["65004 4", "65004 4 4", "174 3356"])
@example("(_65010)+$", ["65010 65010", "65010 4"])
@example("4+?", ["", "4", "44", "5"])
@example("^4+?$", ["", "4", "44"])
@example("^4{2}{2}$", ["4", "44", "444", "4444"])
@example(r"^[\d]+$", ["d", "4", "\\"])
@example(r"^\d$", ["4", "d"])
@example("^$", ["", "4"])
@example("a|*b", ["b", "*b", "a"])
@example("{1,2,65004}", ["65004", "{1,2,65004}"])
@example("[_]", ["1", "_", "(", "4 4"])
def test_a_pattern_matches_what_the_c_library_says(pattern: str, texts: list[str]) -> None:
    agree(pattern, texts)


@given(st.text("04_^$.*+?()[]{}|\\,-: d", max_size=8), st.lists(PATHS, min_size=1, max_size=4))
def test_any_text_that_the_c_library_takes_is_taken(pattern: str, texts: list[str]) -> None:
    agree(pattern, [*texts, pattern, ""])


def test_what_is_no_pattern_is_refused() -> None:
    for pattern in ("(65004", "4{99999999999}"):
        with pytest.raises(InputError, match="not a regular expression"):
            compiled(pattern)
