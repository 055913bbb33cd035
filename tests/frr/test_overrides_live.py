"""Overrides of all kinds on live FRR: its table is the judge, and its configuration comes back."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nornir_bgp.frr import overrides_plan
from nornir_bgp.frr.batches import END, START, batches
from nornir_bgp.frr.lint import lint_change
from nornir_bgp.frr.overrides import Overrides, parse_overrides
from nornir_bgp.frr.overrides_change import change_overrides, restoring_lines
from nornir_bgp.frr.overrides_plan import Wanted, planned_overrides
from nornir_bgp.frr.versions import Trap
from tests.frr.gateway_pair import LIST, POLICY, Pair, running_pair

pytestmark = pytest.mark.lab

SENT = (
    *(f"10.0.{n}.0/24" for n in range(8)),
    *("10.0.0.0/16", "10.0.2.0/23", "10.0.3.128/25", "192.0.2.0/24"),
)
LISTED = SENT[:-1]

live = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with running_pair(SENT) as found:
        yield found


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overrides_plan, "LONGEST", 3)


@st.composite
def wishes(draw: st.DrawFn) -> Wanted:
    tier = st.sampled_from(["raised", "raised", "backup", ""])
    chosen = {prefix: draw(tier) for prefix in LISTED}
    return Wanted(
        raised=tuple(p for p, t in chosen.items() if t == "raised"),
        backup=tuple(p for p, t in chosen.items() if t == "backup"),
        drained=draw(st.integers(0, 2)) == 0,
        aggregate_over=SENT if draw(st.booleans()) else None,
    )


def read(pair: Pair) -> Overrides:
    return parse_overrides(pair.running(), POLICY)


def text(pair: Pair) -> list[str]:
    """The lines of the running configuration, but for the weight by which tables are read.

    FRR shows lists in the order in which they came to be, so that one which goes and comes again
    stands behind the others.
    """
    return sorted(re.sub(r"  neighbor \S+ weight \d+\n", "", pair.running()).splitlines())


def expected(wanted: Wanted) -> dict[str, int | None]:
    rest = POLICY.drain_preference if wanted.drained else None
    of_tiers = dict.fromkeys(wanted.raised, 200) | dict.fromkeys(wanted.backup, 150)
    return {prefix: of_tiers.get(prefix, rest) for prefix in SENT}


def send(pair: Pair, lines: tuple[str, ...], *, together: bool) -> None:
    if not together:
        pair.configure(*lines)
        return
    for batch in batches(lines):
        pair.configure(START, *batch, END)


@given(st.lists(wishes(), min_size=2, max_size=2), st.booleans())
@settings(live, max_examples=5)
def test_frr_does_what_is_planned_and_comes_back(pair: Pair, successive, together):
    there_and_back(pair, successive, together=together)


@pytest.mark.long
@given(st.lists(wishes(), min_size=1, max_size=3), st.booleans())
@settings(live, max_examples=60)
def test_frr_does_what_is_planned_and_comes_back_many_times(pair: Pair, successive, together):
    there_and_back(pair, successive, together=together)


def there_and_back(pair: Pair, successive: list[Wanted], *, together: bool) -> None:
    """The steps of each change, all the changes back again, and the text that was there."""
    passed = []
    for wanted in successive:
        passed.append((text(pair), current := read(pair)))
        planned = planned_overrides(current, wanted, POLICY, pair.rules)
        change = change_overrides(current, planned, POLICY)
        ends = {"before": current, "after": planned}
        assert lint_change(change.lines, POLICY, pair.rules, joined=True, **ends) == ()
        send(pair, change.raising, together=together)
        assert read(pair) == change.between
        between = pair.learned()
        assert between == {prefix: change.between.preference(prefix) for prefix in SENT}
        send(pair, change.lowering, together=together)
        assert read(pair) == planned
        assert pair.learned() == expected(wanted)
    for was, before in reversed(passed):
        current = read(pair)
        lines = change_overrides(current, before, POLICY).lines
        ends = {"before": current, "after": before}
        assert lint_change(lines, POLICY, pair.rules, put_back=True, **ends) == ()
        send(pair, lines, together=together)
        assert text(pair) == was


def test_all_is_entered_anew(pair: Pair):
    """By hand, in whatever state the router is: what is not there does no harm."""
    before = planned_overrides(read(pair), Wanted(LISTED[:5], LISTED[5:7]), POLICY, pair.rules)
    pair.configure(*change_overrides(read(pair), before, POLICY).lines)
    was = text(pair)
    wanted = Wanted(LISTED[4:], drained=True)
    change = change_overrides(before, planned_overrides(before, wanted, POLICY, pair.rules), POLICY)
    pair.configure(*change.raising)
    possible = change_overrides(before, change.between, POLICY).between
    pair.configure(*restoring_lines(possible, before, POLICY))
    assert text(pair) == was
    assert pair.learned() == expected(Wanted(LISTED[:5], LISTED[5:7]))
    pair.configure(*change_overrides(before, Overrides(before.clauses[:1]), POLICY).lines)


def test_what_goes_and_comes_again_in_one_commit_has_not_moved(pair: Pair):
    """So a removal and an addition are never sent together: the entry stays as FRR lost it."""
    wide, exact = (
        f"ip prefix-list {LIST} seq {seq} permit 10.0.1.0/24{more}"
        for seq, more in ((5, " le 25"), (10, ""))
    )
    lines = (f"no {exact}", f"no {wide}", wide)
    loses = Trap.LOSES_SIBLINGS in pair.rules.traps
    pair.configure(wide, exact)
    pair.configure(START, *lines, END)
    assert ("10.0.1.0/24" in pair.raised()) is not loses
    pair.configure(f"no {wide}", wide, exact)
    send(pair, lines, together=True)
    assert "10.0.1.0/24" in pair.raised()
    pair.configure(f"no {wide}")


@given(st.lists(st.sampled_from(["no ", ""]), max_size=30))
def test_no_batch_adds_and_removes(signs):
    lines = [f"{sign}ip prefix-list L seq {n} permit 10.9.0.0/16" for n, sign in enumerate(signs)]
    cut = list(batches(lines, 4))
    assert [line for batch in cut for line in batch] == lines
    assert all(len({line.startswith("no ") for line in batch}) == 1 for batch in cut)
    assert all(len(batch) <= 4 for batch in cut)
