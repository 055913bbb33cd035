"""Every version's format, printed from FRR's format strings (see frr_format.py)."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.show_bgp import parse_json, parse_text
from nornir_bgp.models.rib import Path, Rib
from tests.frr.frr_format import VERSIONS, Row, Table, Version, print_json, print_text
from tests.frr.table_strategies import tables

versions = st.sampled_from(sorted(VERSIONS)).map(VERSIONS.__getitem__)


def rib_of(table: Table) -> Rib:
    return Rib(
        table.router_id,
        table.local_as,
        table.version,
        table.local_pref,
        {prefix: tuple(row.path for row in rows) for prefix, rows in table.routes.items()},
    )


@given(tables(), versions)
def test_text_of_every_version_reads_back(table: Table, version: Version) -> None:
    assert parse_text(print_text(table, version)) == rib_of(table)


@given(tables(huge=True), versions)
def test_numbers_wider_than_their_columns_read_back_or_are_refused(
    table: Table, version: Version
) -> None:
    """Numbers that run into each other are never read as others than those printed."""
    outcome: Rib | str
    try:
        outcome = parse_text(print_text(table, version))
    except TableSyntaxError as error:
        outcome = str(error)
    if isinstance(outcome, Rib):
        assert outcome == rib_of(table)
    else:
        assert "told apart" in outcome


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
def test_a_huge_local_pref_or_weight_alone_is_no_riddle(version: Version) -> None:
    rows = [
        Row(Path(True, True, False, False, "192.0.2.1", None, 2**32 - 1, 0, "65001", "i"), "*> "),
        Row(Path(True, False, False, True, "192.0.2.2", 2**32 - 1, 100, 2**32 - 1, "", "?"), "* i"),
    ]
    table = Table(7, "192.0.2.9", 100, 65001, {"198.51.100.0/24": rows})
    assert parse_text(print_text(table, version)) == rib_of(table)


@pytest.mark.parametrize(
    ("local_pref", "weight"), [(12_345_678, 9_999_999), (1_234_567, 12_345_678)]
)
def test_numbers_that_could_be_cut_twice_are_refused(local_pref: int, weight: int) -> None:
    path = Path(True, True, False, False, "192.0.2.1", None, local_pref, weight, "", "i")
    table = Table(7, "192.0.2.9", 100, 65001, {"198.51.100.0/24": [Row(path, "*> ")]})
    with pytest.raises(TableSyntaxError, match=r"line 10: expected numbers that can be told apart"):
        parse_text(print_text(table, VERSIONS["8.4"]))


@given(tables(min_routes=0, huge=True))
def test_json_reads_back(table: Table) -> None:
    rib = parse_json(print_json(table))
    assert rib.routes.keys() == table.routes.keys()
    for prefix, rows in table.routes.items():
        assert [path[:10] for path in rib.routes[prefix]] == [row.path[:10] for row in rows]
    assert rib == Rib(table.router_id, table.local_as, table.version, table.local_pref, rib.routes)


@given(tables(), versions, st.data())
def test_a_lost_or_repeated_line_is_never_overlooked(
    table: Table, version: Version, data: st.DataObject
) -> None:
    """Without a line, or with one twice, a text is an error, or says the same as before.

    (The same: without a line of the legend.)
    """
    lines = print_text(table, version).splitlines(keepends=True)
    number = data.draw(st.integers(0, len(lines) - 1))
    copies = data.draw(st.sampled_from([0, 2]))
    lines[number : number + 1] = [lines[number]] * copies
    try:
        rib = parse_text("".join(lines))
    except TableSyntaxError:
        return
    assert rib == rib_of(table)


@given(tables(), versions, st.data())
def test_a_text_that_was_cut_off_is_an_error(
    table: Table, version: Version, data: st.DataObject
) -> None:
    text = print_text(table, version)
    with pytest.raises(TableSyntaxError, match=r"line \d+: expected"):
        parse_text(text[: data.draw(st.integers(0, len(text) - 2))])


@given(tables(), versions, st.data())
def test_a_shifted_row_is_an_error(table: Table, version: Version, data: st.DataObject) -> None:
    """One blank more or less in a row, anywhere before its AS path, is an error.

    Inside the AS path it may be another AS path that FRR could have printed, and after a weight of
    seven digits or more the AS path may become part of it: no reader of the text can know.
    """
    text = print_text(table, version)
    first = text.index("Weight Path\n") + len("Weight Path\n")
    rows = text[first : text.index("\n\nDisplayed")].splitlines()
    number = data.draw(st.integers(0, len(rows) - 1))
    row = rows[number]
    ends = [r.path.as_path + " " + r.path.origin for paths in table.routes.values() for r in paths]
    end = max((len(e.strip()) for e in ends if row.endswith(" " + e.strip())), default=0)
    column = data.draw(st.integers(0, len(row) - end - 1))
    if data.draw(st.booleans()):
        rows[number] = row[:column] + " " + row[column:]
    else:
        assume(row[column] == " ")
        rows[number] = row[:column] + row[column + 1 :]
    with pytest.raises(TableSyntaxError, match=r"line \d+: expected"):
        parse_text(text[:first] + "\n".join(rows) + text[first + len("\n".join(rows)) :])
