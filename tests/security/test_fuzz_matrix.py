"""Matrices that somebody made to harm: ``ip prefix-list … permit P``, or an InputError."""

import json
import re
from ipaddress import IPv4Network, IPv6Network, ip_network

from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.overrides import Overrides
from nornir_bgp.frr.overrides_change import change_overrides
from nornir_bgp.frr.overrides_plan import Wanted, planned_overrides
from nornir_bgp.frr.versions import rules_for
from nornir_bgp.models.prediction import parse_predictions
from nornir_bgp.models.settings import Policy
from nornir_bgp.runbooks.predictions import read_predictions
from tests.security.fuzzing import many, size
from tests.security.hostile import ADDRESSES, text, values

POLICY = Policy()
LINE = re.compile(
    rf"(ip|ipv6) prefix-list {POLICY.prefix_list} seq (?P<seq>[1-9][0-9]*) "
    r"permit (?P<prefix>[0-9a-f:./]+)",
    re.ASCII,
)

prefixes = st.one_of(
    st.builds(
        lambda address, bits: str(IPv4Network((address, bits), strict=False)),
        st.integers(0, 2**32 - 1),
        st.integers(0, 32),
    ),
    st.builds(
        lambda address, bits: str(IPv6Network((address, bits), strict=False)),
        st.integers(0, 2**128 - 1),
        st.integers(0, 128),
    ),
    st.sampled_from(ADDRESSES),
    text,
)
loads = st.one_of(st.integers(0, 1000), st.integers(0, 1000), values)
matrices = st.dictionaries(
    st.one_of(st.sampled_from(["C1", "C2"]), text),
    st.one_of(st.dictionaries(prefixes, loads, max_size=4), values),
    max_size=3,
)


def is_canonical(prefix: object) -> bool:
    """By Python's own library: a network, spelled as it spells it."""
    try:
        return str(ip_network(prefix)) == prefix
    except ValueError:
        return False


good = st.dictionaries(
    st.sampled_from(["C1", "C2"]),
    st.dictionaries(prefixes.filter(is_canonical), st.integers(0, 9), max_size=4),
    min_size=1,
)


def assert_exactly(written: str) -> bool:
    """Read a matrix; whether it was taken: then its lines are those of its prefixes."""
    try:
        matrix = read_predictions(parse_predictions(written, "m.json"))
    except InputError:
        return False
    named = {prefix for row in json.loads(written).values() for prefix in row}
    nothing = Overrides()
    planned = planned_overrides(nothing, Wanted(tuple(matrix.loads)), POLICY, rules_for("8.4.4"))
    lines = change_overrides(nothing, planned, POLICY).lines
    matches = [LINE.fullmatch(line) for line in lines]
    assert all(matches)
    sent = [match["prefix"] for match in matches if match]
    assert all(map(is_canonical, sent))
    assert all((match[1] == "ipv6") == (":" in match["prefix"]) for match in matches if match)
    assert len(set(sent)) == len(sent)
    # What the file says in another spelling (10.0.0.0/08) is the same network.
    assert set(sent) == {str(ip_network(prefix)) for prefix in named}
    return True


@size(1500, 30_000)
def test_a_matrix(examples: int):
    @many(examples)
    @given(matrices)
    def each(matrix) -> None:
        assert_exactly(json.dumps(matrix))

    each()


@size(300, 5_000)
def test_a_matrix_that_is_right_is_taken(examples: int):
    @many(examples)
    @given(good.filter(lambda matrix: any(matrix.values())))
    def each(matrix) -> None:
        assert assert_exactly(json.dumps(matrix))

    each()


@size(700, 15_000)
def test_the_text_of_a_matrix(examples: int):
    """Its text itself is cut, repeated in part, or has something else put in."""

    @many(examples)
    @given(
        st.one_of(matrices, good).map(json.dumps),
        st.integers(0, 400),
        st.integers(0, 400),
        st.one_of(
            text, st.sampled_from(["{", "}", '"', ",", ":", "[", "NaN", "\\u0000", "//", "'"])
        ),
    )
    def each(written: str, start: int, stop: int, piece: str) -> None:
        assert_exactly(written[:start] + piece + written[stop:])

    each()
