"""AS paths: FRR's text of them, and what the decision process counts in them."""

import os
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.bgp.as_path import EMPTY_PATH, AsPath, Kind, Segment

NUMBERS = st.integers(0, 2**32 - 1)


@st.composite
def paths(draw: st.DrawFn) -> AsPath:
    """Paths as FRR has them after it has read them: no two plain sequences stand side by side."""
    path = EMPTY_PATH
    for kind in draw(st.lists(st.sampled_from(Kind), max_size=4)):
        numbers = draw(st.lists(NUMBERS, min_size=1, max_size=5))
        path = path.prepended(numbers, kind)
    return path


@pytest.mark.parametrize(
    ("text", "hops", "confed_hops", "neighbour", "member"),
    [
        ("", 0, 0, None, None),
        ("65004", 1, 0, 65004, None),
        ("65004 65010 65004", 3, 0, 65004, None),
        ("65004 {65011,65012}", 2, 0, 65004, None),
        ("{65011,65012} 65004", 2, 0, None, None),
        ("(64512 64513) 65004", 1, 2, 65004, 64512),
        ("(64512) [64513,64514] 65004 {1,2}", 2, 2, 65004, 64512),
        ("[64513,64514] 65004", 1, 1, 65004, None),
        ("(64512 64513)", 0, 2, None, 64512),
        ("(64512) {1,2}", 1, 1, None, 64512),
        ("4294967295", 1, 0, 4294967295, None),
    ],
)
def test_a_path_is_counted(
    text: str, hops: int, confed_hops: int, neighbour: int | None, member: int | None
) -> None:
    path = AsPath.parse(text)
    assert str(path) == text
    assert (path.hops, path.confed_hops) == (hops, confed_hops)
    assert (path.neighbour, path.member) == (neighbour, member)


@pytest.mark.parametrize(
    "text",
    ["x", "1.5", "-1", "4294967296", "{1,2", "1}", "{}", "( )", "1,2", "{1 (2)}", "(1]", "1 Local"],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an AS path"):
        AsPath.parse(text)


def test_a_set_is_put_in_order_and_said_once() -> None:
    assert str(AsPath.parse(" 7  {3,1,3, 2} ")) == "7 {1,2,3}"


@given(paths())
def test_text_comes_back(path: AsPath) -> None:
    again = AsPath.parse(str(path))
    assert again == path
    assert hash(again) == hash(path)
    assert AsPath.parse(str(path)) is again


def test_a_path_is_itself_in_another_process() -> None:
    """Where texts have other hashes."""
    program = (
        "import pickle, sys; from nornir_bgp.bgp.as_path import AsPath;"
        "path = pickle.load(sys.stdin.buffer);"
        "assert {AsPath.parse('65004 {1,2}'): 1}[path] == 1"
    )
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            input=pickle.dumps(AsPath.parse("65004 {1,2}")),
            env={**os.environ, "PYTHONHASHSEED": seed},
        )


@given(paths(), NUMBERS)
def test_numbers_are_counted_in_all_segments(path: AsPath, number: int) -> None:
    everything = [n for segment in path.segments for n in segment.numbers]
    for wanted in {number, *everything}:
        assert path.count(wanted) == everything.count(wanted)


@given(paths(), st.lists(NUMBERS, min_size=1, max_size=300), st.sampled_from(Kind))
def test_prepending_adds_its_length(path: AsPath, numbers: list[int], kind: Kind) -> None:
    longer = path.prepended(numbers, kind)
    loses_confed = kind is Kind.SEQUENCE and path.member is not None
    confed = 0 if loses_confed else path.confed_hops
    added = 1 if kind in (Kind.SET, Kind.CONFED_SET) else len(numbers)
    if kind in (Kind.SEQUENCE, Kind.SET):
        assert (longer.hops, longer.confed_hops) == (path.hops + added, confed)
    else:
        assert (longer.hops, longer.confed_hops) == (path.hops, confed + added)
    assert longer.segments[0].kind is kind
    assert longer.prepended(()) is longer


def test_sequences_are_joined_and_sets_are_not() -> None:
    path = AsPath.parse("65004 {1,2}")
    assert path.prepended((65020,)).segments == (
        Segment(Kind.SEQUENCE, (65020, 65004)),
        Segment(Kind.SET, (1, 2)),
    )
    assert str(AsPath.parse("{1,2}").prepended((4, 3), Kind.SET)) == "{3,4} {1,2}"
    assert str(AsPath.parse("(64512) 1").prepended((64513,), Kind.CONFED_SEQUENCE)) == (
        "(64513 64512) 1"
    )


def test_a_confederation_is_left_behind() -> None:
    path = AsPath.parse("(64512) [64513,64514] 65004 {1,2}")
    assert str(path.without_confederation()) == "65004 {1,2}"
    assert str(path.prepended((65020,))) == "65020 65004 {1,2}"
    plain = AsPath.parse("65004")
    assert plain.without_confederation() is plain


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("65004 1", "65004 2", True),
        ("65004 1", "65005 1", False),
        ("", "", True),
        ("", "65004", False),
        ("{65004,65005}", "{65004,65005}", False),
        ("(64512) 65004", "(64513) 65004 7", True),  # the first AS outside the confederation
        ("(64512) 65004", "65004", True),
        ("(64512) 1", "(64512) 2", True),  # the first member
        ("(64512)", "", False),
        ("[64512] 1", "[64512] 2", False),
    ],
)
def test_the_neighbouring_as_is_compared(one: str, other: str, same: bool) -> None:
    first, second = AsPath.parse(one), AsPath.parse(other)
    assert first.same_neighbour(second) is same
    assert second.same_neighbour(first) is same
