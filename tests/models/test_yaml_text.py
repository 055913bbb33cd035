import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.yaml_text import read_yaml

TEXT = """\
devices:
  - hostname: A   # the first
    bgp: {as_number: 1,
          networks: [10.0.0.0/8]}
  - hostname: B
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("devices",), "1:1"),
        (("devices", 0), "2:5"),
        (("devices", 0, "bgp"), "3:5"),
        (("devices", 0, "bgp", "networks"), "4:11"),
        (("devices", 0, "bgp", "networks", 0), "4:22"),
        (("devices", 1, "hostname"), "5:5"),
        (("devices", 1, "bgp", "as_number"), "5:5"),  # missing: where its owner is
        (("other",), "1:1"),
    ],
)
def test_places(path, place):
    assert read_yaml(TEXT, "d.yaml").places([path]) == {path: f"d.yaml:{place}"}


CASES = {
    "open list": ("a: [1\nb: 2", "2:2: not YAML"),
    "tab": ("a:\n\tb: 1", "2:1: not YAML"),
    "key twice": ("a: 1\nb: 2\na: 3", "3:1: a: key given twice, first in line 1; keep one"),
    "key twice below": ("x:\n  - a: 1\n    a: 1", "3:5: x[0].a: key given twice"),
    "key twice in flow style": ("{a: 1, a: 2}", "1:8: a: key given twice"),
    "key in two spellings": ("a: 1\n'a': 2", "2:1: a: key given twice"),
    "numeric key": ("1: a", "1:1: a key must be text; put '1' in quotes"),
    "list as key": ("[a]: 1", "1:1: a key must be text"),
    "foreign tag": ("a: !!python/object:os.x {}", "1:4: not YAML"),
    "two documents": ("a: 1\n---\nb: 1", "2:1: not YAML"),
    "control character": ("a: 1\nb: x\x07", "2:5: control character '\\x07'; remove it"),
    "nested too deeply": ("[" * 20_000, "1:1: the document is nested too deeply"),
    "unknown alias": ("a: *b", "1:4: not YAML"),
    "no date": ("b: 1\na: 2001-99-99", "2:4: not a value: month must be in 1..12"),
}


@pytest.mark.parametrize(("text", "message"), CASES.values(), ids=CASES)
def test_bad_text_is_refused_with_its_place(text, message):
    with pytest.raises(InputError) as caught:
        read_yaml(text, "d.yaml")
    assert str(caught.value).startswith(f"d.yaml:{message}")


@given(st.lists(st.sampled_from(["no", "on", "1:20", "1:2:3:4:5:6:7:8", "0x", "y"])))
def test_words_that_yaml_1_1_would_change_stay_text(words):
    assert read_yaml("a: [" + ", ".join(words) + "]", "d").value == {"a": words}


def test_an_alias_to_an_owner_is_read_without_end():
    document = read_yaml("&top {a: [*top]}", "d.yaml")
    assert document.places([("a", 0, "a", 0)]) == {("a", 0, "a", 0): "d.yaml:1:1"}
