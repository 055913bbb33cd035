"""Strict JSON: Python's own parser is the oracle for what is JSON and what it means."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.documents import Fault, KeyPath, input_error
from nornir_bgp.models.json_text import read_json

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
layouts = st.sampled_from([None, 0, 2])


def every_path(value: object, path: KeyPath = ()) -> list[KeyPath]:
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    else:
        return []
    return [p for key, v in members for p in [(*path, key), *every_path(v, (*path, key))]]


@given(values.filter(lambda v: v != float("inf") and v != float("-inf")), layouts, st.booleans())
def test_reads_what_json_reads_and_finds_every_path(value, indent, ascii_only):
    try:
        text = json.dumps(value, indent=indent, ensure_ascii=ascii_only, allow_nan=False)
    except ValueError:
        return
    document = read_json(text, "f.json")
    assert document.value == json.loads(text)
    paths = every_path(value)
    offsets = document.offsets(paths)
    assert set(offsets) == set(paths)
    for path, offset in offsets.items():
        start, _ = json.JSONDecoder().raw_decode(text, offset)
        found = value
        for key in path[:-1]:
            found = found[key]
        assert start == (path[-1] if isinstance(path[-1], str) else found[path[-1]])


@given(st.lists(st.tuples(st.text(max_size=3), st.integers()), min_size=1, max_size=5), st.data())
def test_a_key_given_twice_is_refused_at_its_second_place(pairs, data):
    pairs = list(dict(pairs).items())
    again = data.draw(st.sampled_from(pairs))[0]
    lines = [f"{json.dumps(key)}: {n}" for key, n in [*pairs, (again, 0)]]
    text = '{"outer": [{\n' + ",\n".join(lines) + "}]}"
    with pytest.raises(InputError, match="key given twice") as caught:
        read_json(text, "f.json")
    assert str(caught.value).startswith(f"f.json:{len(lines) + 1}:1: ")


CASES = {
    "empty": ("", "1:1: the file is empty"),
    "not JSON": ('{"a": 1,\n "b" 2}', "2:6: not JSON"),
    "no end": ('{"a": {', "1:8: not JSON"),
    "text after it": ("{}\n{}", "2:1: not JSON"),
    "trailing comma in an object": ('{"a": 1,\n}', "1:8: trailing comma; remove it"),
    "trailing comma in a list": ("[1, 2 , ]", "1:7: trailing comma; remove it"),
    "NaN": ('{"a":\n NaN}', "2:2: NaN is not JSON"),
    "infinite": ('["Infinity", -Infinity]', "1:14: -Infinity is not JSON"),
    "nested too deeply": ("[" * 200_000, "1:1: the document is nested too deeply"),
    "endless number": ('{"a": ' + "9" * 5000 + "}", "1:7: a number of more than 4300 digits"),
    "raw control character": ('{"a\x07": 1}', "1:4: not JSON"),
    "byte order mark": ("\ufeff{}", "1:1: not JSON"),
}


@pytest.mark.parametrize(("text", "message"), CASES.values(), ids=CASES)
def test_bad_syntax_is_refused_with_its_place(text, message):
    with pytest.raises(InputError) as caught:
        read_json(text, "f.json")
    assert str(caught.value).startswith(f"f.json:{message}")
    assert caught.value.exit_code == 2


def test_many_faults_are_cut_and_a_missing_key_is_placed_at_its_owner():
    document = read_json('{"a": {"b": 1}}', "f.json")
    faults = [Fault(("a", "b", "c"), "is missing; add it")] * 25
    lines = str(input_error(document, faults)).splitlines()
    assert lines[0] == "f.json:1:8: a.b.c: is missing; add it"
    assert lines[20:] == ["f.json: and 5 more faults"]
