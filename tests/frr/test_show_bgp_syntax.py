"""Texts and documents that are not quite a table: each is an error that names the place."""

import re
from pathlib import Path as File

import pytest

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.as_number import parse_as_number
from nornir_bgp.frr.show_bgp import (
    parse_advertised_json,
    parse_json,
    parse_summary_json,
    parse_text,
)

TEXT = """\
BGP table version is 5, local router ID is 192.0.2.1, vrf id 0
Default local pref 100, local AS 65001
Status codes:  s suppressed, d damped, h history, * valid, > best, = multipath,
               i internal, r RIB-failure, S Stale, R Removed
Nexthop codes: @NNN nexthop's vrf id, < announce-nh-self
Origin codes:  i - IGP, e - EGP, ? - incomplete
RPKI validation codes: V valid, I invalid, N Not found

   Network          Next Hop            Metric LocPrf Weight Path
*> 198.51.100.0/24  10.0.12.2               50             0 65002 i
* i                 10.0.12.3                0    100      0 65003 i
*> 198.51.100.192/26
                    0.0.0.0                  0         32768 i

Displayed  2 routes and 3 total paths
"""
CAPTURED = File(__file__).parent / "fixtures" / "frr-8.4.4" / "r1-ipv4.json"


def test_the_text_is_a_table() -> None:
    assert len(parse_text(TEXT).routes) == 2
    assert parse_text("\n" + TEXT.replace("\n", "\r\n") + "\n\n") == parse_text(TEXT)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (TEXT, "", "line 1: expected more: the table is cut off"),
        (TEXT, "% Unknown command\n", "line 1: expected 'BGP table version is ...'; found '% Unk"),
        ("BGP table", "R1# show bgp\nBGP table", "line 1: expected 'BGP table version"),
        ("local AS 65001", "local AS", "line 2: expected 'Default local pref"),
        ("local AS 65001", "local AS 0", "line 2: expected"),
        ("Status codes", "Some codes", "line 3: expected the legend or"),
        ("   Network ", "  Network ", "line 9: expected the legend or"),
        ("Metric LocPrf", "LocPrf Metric", "line 9: expected the legend or"),
        ("*> 198.51.100.0", "*X 198.51.100.0", "line 10: expected status codes such as '*>i'"),
        ("198.51.100.0/24 ", "198.51.100.0/44 ", "line 10: expected a network ("),
        ("198.51.100.0/24 ", "198.51.100.0    ", "line 10: expected a network ("),
        ("198.51.100.192/26\n", "198.51.100.192/26 \n", "line 12: expected a network ("),
        ("*> 198.51.100.0/24 ", "*>                 ", "line 10: expected a network, in the fir"),
        ("192/26\n  ", "192/26\n x", "line 13: expected the rest of the row above, after 20 bl"),
        ("10.0.12.2 ", "10.0.12.x ", "line 10: expected a next hop"),
        ("10.0.12.2  ", "10.0.12.256", "line 10: expected a next hop ('10.0.12.256' is no addr"),
        ("10.0.12.2               50", "10.0.12.2               5x", "line 10: expected metric"),
        ("     50    ", "     050   ", "line 10: expected metric"),
        ("             0 65002 i", "               65002 i", "line 10: expected metric"),
        ("0 65002 i", "0 65002 x", "line 10: expected an AS path and an origin (i, e or ?)"),
        ("0 65002 i", "0 65002", "line 10: expected an AS path and an origin (i, e or ?)"),
        ("0 65002 i", "0 {65002 i", "line 10: expected an AS path and an origin (i, e or ?)"),
        ("198.51.100.192/26", "198.51.100.0/24", "line 12: expected"),
        ("32768 i\n\n", "32768 i\n", "line 14: expected status codes"),
        ("2 routes", "3 routes", "line 15: expected a count of the 2 routes and 3 paths above"),
        ("3 total", "4 total", "line 15: expected a count of the 2 routes and 3 paths above"),
        ("total paths\n", "total paths\nR1# ", "line 16: expected nothing after the table"),
        ("total paths\n", "total paths\n" + TEXT, "line 16: expected nothing after the table"),
    ],
)
def test_text_that_is_not_a_table(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(TableSyntaxError, match=re.escape(message)):
        parse_text(TEXT.replace(old, new, 1))


def test_garbage_before_the_numbers_of_a_wrapped_row() -> None:
    """Late 10.x begins them two columns further: what stands there must be blank."""
    rows = """\
     Network          Next Hop            Metric LocPrf Weight Path
 *>  2001:db8:1::/48  fe80::c0b0:59ff:fe2c:1e1f
                                               0             0 65002 i
"""
    text = TEXT[: TEXT.index("   Network")] + rows + "\nDisplayed 1 routes and 1 total paths\n"
    assert parse_text(text).routes["2001:db8:1::/48"][0].metric == 0
    for place in (36, 37):
        broken = text.replace("\n" + " " * place + " ", "\n" + " " * place + "x")
        assert broken != text
        with pytest.raises(TableSyntaxError, match="line 11: expected metric"):
            parse_text(broken)


def test_a_network_may_stand_in_one_place_only() -> None:
    row = "*> 198.51.100.0/24  10.0.12.2               50             0 65002 i\n"
    doubled = TEXT.replace("\n\nDisplayed  2 routes and 3", f"\n{row}\nDisplayed  3 routes and 4")
    with pytest.raises(TableSyntaxError, match="line 14: expected a further network"):
        parse_text(doubled)


def test_an_empty_table_holds_nothing_else() -> None:
    with pytest.raises(TableSyntaxError, match="line 2: expected nothing after the table"):
        parse_text("No BGP prefixes displayed, 0 exist\n*> 10.0.0.0/8\n")
    with pytest.raises(TableSyntaxError, match="line 1: expected 'BGP table version"):
        parse_text("No BGP prefixes displayed, 5 exist\n")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"localAS": 65001', '"localAS": ', "not JSON: line 7, column"),
        ('"localAS": 65001,', "", "no table header: 'localAS'"),
        ('"localAS": 65001', '"localAS": 0', "0 is not an AS number"),
        ('"weight":0', '"heaviness":0', "0.0.0.0/0: not a list of paths: KeyError 'weight'"),
        ('"origin":"IGP"', '"origin":"FOO"', "0.0.0.0/0: not a list of paths: KeyError 'FOO'"),
        (',"used":true', "", "0.0.0.0/0: not a list of paths"),
        ('"routes": {', '"totalRoutes": 3, "routes": {', "17 routes, but totalRoutes is 3"),
    ],
)
def test_json_that_is_not_a_table(old: str, new: str, message: str) -> None:
    document = CAPTURED.read_text("utf-8")
    assert old in document
    two_next_hops = '"nexthops":[{"ip":"192.0.2.1"},'
    if "used" in old:
        document = document.replace('"nexthops":[', two_next_hops, 1)
    with pytest.raises(TableSyntaxError, match=re.escape(message)):
        parse_json(document.replace(old, new, 1))


@pytest.mark.parametrize("parse", [parse_json, parse_summary_json, parse_advertised_json])
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("% Unknown command", "not JSON: line 1, column 1"),
        ("", "not JSON"),
        ("[]", "a JSON list, not an object"),
        ('{"warning": "No such thing"}', "with a warning: No such thing"),
        ('{"routes": 5, "ipv4Unicast": 5, "advertisedRoutes": 5}', "json"),
    ],
)
def test_json_that_is_no_answer(parse: type[object], answer: str, message: str) -> None:
    with pytest.raises(TableSyntaxError, match=message):
        parse(answer)  # type: ignore[call-arg]


def test_json_that_was_cut_off() -> None:
    document = CAPTURED.read_bytes().rstrip()
    for end in range(0, len(document), 101):
        with pytest.raises(TableSyntaxError, match="not JSON"):
            parse_json(document[:end])


def test_as_numbers() -> None:
    """RFC 5396: ``1.10`` is 65546."""
    assert [parse_as_number(n) for n in (65001, "65001", "1.10", "65535.65535")] == [
        65001,
        65001,
        65546,
        2**32 - 1,
    ]
    for bad in ("", "x", "0", "-1", "1.65536", "65536.1", str(2**32), "1.2.3"):
        with pytest.raises(ValueError, match=r"not an AS number|invalid literal"):
            parse_as_number(bad)


def test_asdot_is_read_in_text_and_json() -> None:
    assert parse_text(TEXT.replace("local AS 65001", "local AS 1.10")).local_as == 65546
    document = CAPTURED.read_text("utf-8").replace('"localAS": 65001', '"localAS": "1.10"')
    assert parse_json(document).local_as == 65546
