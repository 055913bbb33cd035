"""A table as a stream: the same as the whole text, piece by piece, in bounded memory."""

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr import show_bgp_rows, show_bgp_text
from nornir_bgp.frr.show_bgp import parse_text, stream_text
from tests.frr.frr_format import VERSIONS, Table, Version, print_text
from tests.frr.table_strategies import tables

versions = st.sampled_from(sorted(VERSIONS)).map(VERSIONS.__getitem__)

HEAD = (
    "BGP table version is 5, local router ID is 192.0.2.1, vrf id 0\n",
    "Default local pref 100, local AS 65001\n",
    "\n",
    "   Network          Next Hop            Metric LocPrf Weight Path\n",
)
ROW = "*> 10.0.0.0/8       10.0.12.2               50             0 65002 i\n"
FURTHER = "*                   10.0.12.3                0             0 65003 i\n"


@given(tables(min_routes=0), versions, st.booleans())
def test_a_stream_is_the_whole_text(table: Table, version: Version, crlf: bool) -> None:
    text = print_text(table, version)
    if crlf:
        text = text.replace("\n", "\r\n")
    streamed = stream_text(text.splitlines(keepends=True))
    whole = parse_text(text)
    assert (streamed.router_id, streamed.local_as) == (whole.router_id, whole.local_as)
    assert (streamed.version, streamed.default_local_pref) == (
        whole.version,
        whole.default_local_pref,
    )
    assert list(streamed) == list(whole.routes.items())


@given(tables(huge=True), versions, st.data())
def test_a_stream_breaks_where_the_whole_text_does(
    table: Table, version: Version, data: st.DataObject
) -> None:
    text = print_text(table, version)
    at = data.draw(st.integers(0, len(text) - 1))
    text = text[:at] + data.draw(st.sampled_from("x 9\n>")) + text[at + 1 :]

    def outcome(parse: str) -> object:
        try:
            if parse == "whole":
                return dict(parse_text(text).routes)
            return dict(stream_text(text.splitlines(keepends=True)))
        except TableSyntaxError as error:
            return str(error)

    whole, streamed = outcome("whole"), outcome("stream")
    if streamed != whole:  # it does not remember all networks, to see that one comes again
        assert "was there before" in str(whole)


def long_table(prefixes: int) -> Iterator[str]:
    """Every prefix has its own AS path, so that nothing that is remembered helps."""
    yield from HEAD
    for n in range(prefixes):
        a, b, c = 1 + n // 65536, n // 256 % 256, n % 256
        yield ROW.replace("10.0.0.0/8       ", f"{f'{a}.{b}.{c}.0/24':17}").replace("i", f"{n} i")
        yield FURTHER.replace("65003", f"65003 {n + 1}")
    yield "\n"
    yield f"Displayed  {prefixes} routes and {2 * prefixes} total paths\n"


def peak(prefixes: int) -> int:
    tracemalloc.start()
    try:
        assert sum(len(paths) for _, paths in stream_text(long_table(prefixes))) == 2 * prefixes
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered has its bounds; here they are lower, so that a shorter table tells."""
    monkeypatch.setattr(show_bgp_rows, "_REMEMBERED", 2**10)
    monkeypatch.setattr(show_bgp_text, "_REMEMBERED", 2**10)
    assert peak(16_000) < 1.1 * peak(4_000)


def test_routes_come_before_the_fault_that_ends_them() -> None:
    lines = [*HEAD, ROW, FURTHER, ROW.replace("10.0.0.0/8 ", "11.0.0.0/8 "), "garbage\n"]
    streamed = iter(stream_text(lines))
    assert next(streamed)[0] == "10.0.0.0/8"
    with pytest.raises(TableSyntaxError, match=r"line 8: expected status codes.*'garbage'"):
        list(streamed)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        # a block that was met before is counted line by line all the same
        ([ROW, FURTHER, ROW.replace("10.", "11.", 1), FURTHER, "x\n"], "line 9: expected status"),
        ([ROW, FURTHER, ROW, FURTHER], "line 7: expected a further network"),
        ([FURTHER], "line 5: expected a network, in the first row"),
        (["\n", "Displayed  1 routes and 1 total paths\n"], "line 6: expected a count of the 0"),
        ([], "line 5: expected more: the table is cut off"),
        ([ROW], "line 6: expected more: the table is cut off"),
        ([ROW, "\n"], "line 7: expected 'Displayed"),
        ([ROW, "\n", FURTHER], "line 7: expected 'Displayed"),
    ],
)
def test_faults_have_their_line(rows: list[str], message: str) -> None:
    with pytest.raises(TableSyntaxError, match=message):
        list(stream_text([*HEAD, *rows]))
