"""Hypothesis strategies: random BGP tables as FRR could hold them."""

from ipaddress import IPv4Network, IPv6Network

from hypothesis import strategies as st

from nornir_bgp.models.rib import Path
from tests.frr.frr_format import Row, Table

AS_NUMBERS = st.integers(1, 2**32 - 1)


def _joined(opening: str, separator: str, closing: str) -> st.SearchStrategy[str]:
    members = st.lists(AS_NUMBERS.map(str), min_size=1, max_size=4)
    return members.map(lambda numbers: opening + separator.join(numbers) + closing)


AS_PATHS = st.lists(
    st.one_of(
        AS_NUMBERS.map(str), _joined("{", ",", "}"), _joined("(", " ", ")"), _joined("[", ",", "]")
    ),
    max_size=6,
).map(" ".join)
PREFIXES = {
    4: st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(
        lambda pair: str(IPv4Network(pair, strict=False))
    ),
    6: st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 128)).map(
        lambda pair: str(IPv6Network(pair, strict=False))
    ),
}
NEXT_HOPS = {
    4: st.ip_addresses(v=4).map(str),
    6: st.ip_addresses(v=6).map(str) | st.sampled_from(["::", "fe80::1", "2001:db8:13::3"]),
}
SUFFIXES = st.tuples(
    st.sampled_from(["", "(r2)", "(a-router.with.a.long.name.example)"]),
    st.sampled_from(["", "@0", "@17", "@-"]),
    st.sampled_from(["", "<"]),
).map("".join)
# LocPrf and weight: usual ones fit their columns, with a blank before them; huge ones do not.
USUAL = st.tuples(st.none() | st.integers(0, 999_999), st.integers(0, 999_999))
HUGE = st.tuples(st.none() | st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))


@st.composite
def _rows(draw: st.DrawFn, family: int, *, huge: bool) -> Row:
    codes = draw(
        st.tuples(st.sampled_from(" RSs*"), st.sampled_from(" hd>="), st.sampled_from(" i"))
    )
    state, choice, source = codes
    local_pref, weight = draw(HUGE if huge else USUAL)
    path = Path(
        valid=state in "*sS" and choice != "h",
        best=choice == ">",
        multipath=choice == "=",
        internal=source == "i",
        next_hop=draw(NEXT_HOPS[family]),
        metric=draw(st.none() | st.integers(0, 2**32 - 1)),
        local_pref=local_pref,
        weight=weight,
        as_path=draw(AS_PATHS),
        origin=draw(st.sampled_from("ie?")),
    )
    return Row(path, "".join(codes), draw(st.sampled_from(" VIN")), draw(SUFFIXES))


@st.composite
def tables(draw: st.DrawFn, *, min_routes: int = 1, huge: bool = False) -> Table:
    """Tables of one family with up to six prefixes of up to four paths."""
    family = draw(st.sampled_from([4, 6]))
    rows = st.lists(_rows(family, huge=huge), min_size=1, max_size=4)
    return Table(
        version=draw(st.integers(0, 2**32)),
        router_id=draw(NEXT_HOPS[4]),
        local_pref=draw(st.integers(0, 2**32 - 1)),
        local_as=draw(AS_NUMBERS),
        routes=draw(st.dictionaries(PREFIXES[family], rows, min_size=min_routes, max_size=6)),
    )
