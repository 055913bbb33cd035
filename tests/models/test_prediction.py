"""The prediction matrix: what is read, and every way in which a file can be wrong."""

import ipaddress
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.prediction import MAX_TOTAL, PredictionMatrix, parse_predictions

networks = st.one_of(
    st.builds(
        lambda a, n: str(ipaddress.IPv4Network((a, n), strict=False)),
        st.integers(0, 2**32 - 1),
        st.integers(0, 32),
    ),
    st.builds(
        lambda a, n: str(ipaddress.IPv6Network((a, n), strict=False)),
        st.integers(0, 2**128 - 1),
        st.integers(0, 128),
    ),
)
names = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8)
matrices = st.dictionaries(
    names,
    st.dictionaries(networks, st.integers(0, 2**50), min_size=1, max_size=6),
    min_size=1,
    max_size=4,
)


def test_the_reference_matrix(pytestconfig):
    file = pytestconfig.rootpath / "predictions/test.json"
    matrix = parse_predictions(file.read_text(), str(file))
    assert matrix.total == 295
    assert list(matrix.loads.items()) == [
        ("198.51.100.0/24", 150),
        ("203.0.113.0/24", 75),
        ("131.114.0.0/16", 20),
        ("192.0.2.0/24", 50),
    ]


@given(matrices)
def test_loads_are_merged_over_customers_and_none_is_lost(rows):
    matrix = parse_predictions(json.dumps(rows), "p.json")
    assert matrix.customers == rows
    assert list(matrix.loads) == list(dict.fromkeys(p for row in rows.values() for p in row))
    assert matrix.total == sum(load for row in rows.values() for load in row.values())
    for prefix, load in matrix.loads.items():
        assert load == sum(row.get(prefix, 0) for row in rows.values())


@given(matrices)
def test_its_json_is_read_back(rows):
    matrix = PredictionMatrix(customers=rows)
    assert parse_predictions(matrix.model_dump_json(), "p.json") == matrix


@given(st.integers(0, 2**64 - 1))
def test_a_prefix_in_two_spellings_is_refused(high):
    network = ipaddress.IPv6Network((high << 64, 64))
    rows = {"C1": {str(network): 1, network.exploded: 2}}
    with pytest.raises(InputError, match="given twice in different spellings"):
        parse_predictions(json.dumps(rows), "p.json")
    with pytest.raises(ValidationError, match="given twice in different spellings"):
        PredictionMatrix(customers=rows)


HALF = MAX_TOTAL // 2 + 1
SHAPE = 'write {"customer": {"prefix": load, ...}, ...}'
CASES = {
    "a list": ("[]", f"1:1: not a prediction matrix; {SHAPE}"),
    "prefixes without customer": ('{"10.0.0.0/8": 1}', '1:2: ["10.0.0.0/8"]: not a customer'),
    "empty": ("{}", "1:1: the matrix is empty"),
    "no prefix": ('{"C1": {}}', "1:1: the matrix is empty"),
    "negative": ('{"C1": {\n"10.0.0.0/8": -1}}', '2:1: C1["10.0.0.0/8"]: the load -1 is negative'),
    "float": ('{"C1": {"10.0.0.0/8": 1.0}}', '1:9: C1["10.0.0.0/8"]: the load is a decimal'),
    "exponent": ('{"C1": {"10.0.0.0/8": 1e3}}', '1:9: C1["10.0.0.0/8"]: the load is a decimal'),
    "overflow": ('{"C1": {"10.0.0.0/8": 1e999}}', '1:9: C1["10.0.0.0/8"]: the load is a decimal'),
    "boolean": ('{"C1": {"10.0.0.0/8": true}}', '1:9: C1["10.0.0.0/8"]: the load is a boolean'),
    "string": ('{"C1": {"10.0.0.0/8": "5"}}', '1:9: C1["10.0.0.0/8"]: the load is a string'),
    "null": ('{"C1": {"10.0.0.0/8": null}}', '1:9: C1["10.0.0.0/8"]: the load is null'),
    "object": ('{"C1": {"10.0.0.0/8": {}}}', '1:9: C1["10.0.0.0/8"]: the load is an object'),
    "list": ('{"C1": {"10.0.0.0/8": [1]}}', '1:9: C1["10.0.0.0/8"]: the load is a list'),
    "NaN": ('{"C1": {"10.0.0.0/8": NaN}}', "1:23: NaN is not JSON"),
    "infinite": ('{"C1": {"10.0.0.0/8": Infinity}}', "1:23: Infinity is not JSON"),
    "large": (f'{{"C1": {{"10.0.0.0/8": {2**63}}}}}', '1:9: C1["10.0.0.0/8"]: the load is over'),
    "large total": (
        f'{{"C1": {{"10.0.0.0/8": {HALF}}}, "C2": {{"11.0.0.0/8": {HALF}}}}}',
        f"1:1: the total load is over {MAX_TOTAL}",
    ),
    "host bits": (
        '{"C1": {"198.51.100.1/24": 1}}',
        "1:9: C1[\"198.51.100.1/24\"]: '198.51.100.1/24' has host bits set; write 198.51.100.0/24",
    ),
    "IPv6 host bits": ('{"C1": {"2001:db8::1/32": 1}}', '1:9: C1["2001:db8::1/32"]: '),
    "mask": ('{"C1": {"10.0.0.0/33": 1}}', '1:9: C1["10.0.0.0/33"]: '),
    "dotted mask": ('{"C1": {"10.0.0.0/255.0.0.0": 1}}', '1:9: C1["10.0.0.0/255.0.0.0"]: '),
    "no mask": ('{"C1": {"10.0.0.0": 1}}', "1:9: C1[\"10.0.0.0\"]: '10.0.0.0' has no prefix"),
    "no prefix at all": ('{"C1": {"default/0": 1}}', '1:9: C1["default/0"]: '),
    "octet": ('{"C1": {"10.0.0.256/32": 1}}', '1:9: C1["10.0.0.256/32"]: '),
    "zone": ('{"C1": {"fe80::%eth0/64": 1}}', '1:9: C1["fe80::%eth0/64"]: '),
    "blank": ('{"C1": {" 10.0.0.0/8": 1}}', '1:9: C1[" 10.0.0.0/8"]: '),
    "newline in a prefix": ('{"C1": {"10.0.0.0/8\\n": 1}}', '1:9: C1["10.0.0.0/8\\n"]: '),
    "control character in a name": ('{"C\\u001b[2J": {}}', '1:2: ["C\\u001b[2J"]: a customer'),
    "surrogate in a name": ('{"\\ud800": {}}', '1:2: ["\\ud800"]: a customer'),
    "no name": ('{"": {}}', '1:2: [""]: a customer'),
    "key twice": ('{"C1": {"10.0.0.0/8": 1,\n"10.0.0.0/8": 2}}', '2:1: C1["10.0.0.0/8"]: key'),
    "customer twice": ('{"C1": {"10.0.0.0/8": 1},\n"C1": {}}', "2:1: C1: key given twice"),
}


@pytest.mark.parametrize(("text", "message"), CASES.values(), ids=CASES)
def test_bad_input_is_refused_with_its_place(text, message):
    with pytest.raises(InputError) as caught:
        parse_predictions(text, "p.json")
    assert str(caught.value).startswith(f"p.json:{message}")
    assert caught.value.exit_code == 2
    assert not set(str(caught.value)) & {"\x1b", "\ud800"}


def test_every_fault_has_its_line():
    text = '{"C1": {"a/8": 1,\n"10.0.0.0/8": -1},\n"C2": 5}'
    with pytest.raises(InputError) as caught:
        parse_predictions(text, "p.json")
    places = [line.split(": ")[0] for line in str(caught.value).splitlines()]
    assert places == ["p.json:1:9", "p.json:2:1", "p.json:3:1"]
