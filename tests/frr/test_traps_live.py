"""FRR's traps, on live FRR: each is seen to happen by a naive edit, and then not by ours.

What happens depends on the version, so the naive edit's outcome is compared with the rules that
nornir_bgp.frr.versions has for the FRR that is installed: with another one these tests say whether
the data are right.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nornir_bgp.frr.hazards import hazards
from nornir_bgp.frr.lint import lint_change
from nornir_bgp.frr.lint_policy import lint_policy
from nornir_bgp.frr.overrides import ListKey, Overrides, template_clause
from nornir_bgp.frr.prefix_list import Entry, planned_entries
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.frr.versions import Trap
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.state import GatewayState
from tests.frr.gateway_pair import LIST, POLICY, UPSTREAM, Pair, running_pair
from tests.frr.one_list import ListChange, change_list

pytestmark = pytest.mark.lab

X, LOWER, UPPER = "10.0.0.0/24", "10.0.0.0/25", "10.0.0.128/25"
OTHER = "192.0.2.0/24"
SENT = ("0.0.0.0/0", "10.0.0.0/16", X, LOWER, UPPER, "10.0.1.0/24", OTHER)
EXITS = (Exit(gateway="GW1", neighbor=UPSTREAM, upstream="UP1"),)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with running_pair(SENT) as found:
        yield found


@pytest.fixture(scope="module")
def traps(pair: Pair) -> frozenset[Trap]:
    """What the installed FRR is said to do."""
    return frozenset(pair.rules.traps)


@pytest.fixture(autouse=True)
def no_list(pair: Pair) -> None:
    pair.write_list()


def one_list(entries: tuple[Entry, ...]) -> Overrides:
    """Overrides of the one list that the template's clause matches."""
    lists = {ListKey(4, LIST): entries} if entries else {}
    return Overrides((template_clause(4, POLICY),), lists)


def line(seq: int, rule: str) -> str:
    return f"ip prefix-list {LIST} seq {seq} {rule}"


def bring(pair: Pair, wanted: tuple[str, ...]) -> ListChange:
    """Let our own lines make the list hold exactly these prefixes."""
    current = pair.entries()
    planned = planned_entries(current, wanted)
    change = send(pair, current, planned)
    assert pair.raised() == set(wanted)
    return change


def send(pair: Pair, current: tuple[Entry, ...], planned: tuple[Entry, ...]) -> ListChange:
    change = change_list(LIST, current, planned)
    lists = {"before": one_list(current), "after": one_list(planned)}
    assert lint_change(change.lines, POLICY, pair.rules, put_back=True, **lists) == ()
    pair.configure(*change.lines)
    assert pair.entries() == planned
    return change


def refused(pair: Pair, *lines: str, after: tuple[Entry, ...]) -> str:
    """What the lint says about lines; it must say something."""
    lists = {"before": one_list(pair.entries()), "after": one_list(after)}
    found = lint_change(lines, POLICY, pair.rules, **lists)
    assert found
    return "\n".join(found)


@pytest.mark.parametrize(
    ("sibling", "goes"),
    [
        (f"permit {X} le 25", f"permit {X}"),
        (f"permit {X} le 25", f"deny {X}"),
        (f"permit {X} ge 24", f"permit {X} ge 26"),
        ("permit any", "permit 0.0.0.0/0"),
    ],
)
def test_removing_one_entry_of_a_network_switches_the_other_off(pair, traps, sibling, goes):
    for rules in ((sibling, goes), (goes, sibling)):
        entries = pair.write_list(*rules)
        [leaving] = [e for e in entries if e.rule == goes]
        [staying] = [e for e in entries if e.rule == sibling]
        pair.configure(f"no {line(*leaving)}")
        assert pair.entries() == (staying,)
        assert (pair.raised() == set()) is (Trap.LOSES_SIBLINGS in traps)
        pair.vtysh("clear bgp * soft in")
        assert (pair.raised() == set()) is (Trap.LOSES_SIBLINGS in traps)

        entries = pair.write_list(*rules)
        refused(pair, f"no {line(*leaving)}", after=(staying,))
        send(pair, entries, (staying,))
        assert X in pair.raised()
        pair.write_list(*rules)
        bring(pair, (X,))


def test_an_entry_that_is_switched_off_is_seen_and_its_mend_is_right(pair: Pair, traps):
    entries = pair.write_list(f"permit {X} le 25", f"permit {X}")
    assert hazards(state(pair), EXITS, POLICY) == ()
    pair.configure(f"no {line(*entries[1])}")
    found = hazards(state(pair), EXITS, POLICY)
    assert bool(found) is (Trap.LOSES_SIBLINGS in traps)
    for finding in found:
        assert f"{LIST} permits {X}, {LOWER}, {UPPER}, but LOCAL_PREF 200 is not set" in finding
        pair.configure(*finding.partition("anew: ")[2].split("; "))
    assert pair.raised() == {X, LOWER, UPPER}
    assert hazards(state(pair), EXITS, POLICY) == ()


def state(pair: Pair) -> GatewayState:
    pair.raised()
    rib = parse_json(pair.vtysh("show bgp ipv4 unicast json").stdout)
    return GatewayState(
        text="",
        rib=rib,
        advertised={},
        running_config=pair.running(),
        established=frozenset({UPSTREAM}),
        young={},
    )


def test_an_entry_under_a_second_number_is_ignored(pair: Pair, traps):
    first, second = Entry(5, f"permit {X}"), Entry(20, f"permit {X}")
    pair.write_list(first.rule)
    pair.configure(line(*second))
    assert (pair.entries() == (first,)) is (Trap.IGNORES_TWINS in traps)
    pair.configure(f"no {line(*first)}")
    assert (pair.raised() == set()) is (Trap.IGNORES_TWINS in traps)

    pair.write_list(first.rule)
    said = refused(pair, line(*second), f"no {line(*first)}", after=(second,))
    assert ("repeats entry 5" in said) is (Trap.IGNORES_TWINS in traps)
    assert bring(pair, (X,)).lines == ()
    send(pair, (first,), (second,))
    assert pair.raised() == {X}


def test_a_line_without_a_number(pair: Pair, traps):
    unnumbered = f"ip prefix-list {LIST} permit {X}"
    pair.configure(unnumbered, unnumbered)
    assert (len(pair.entries()) == 2) is (Trap.REPEATS_UNNUMBERED in traps)
    assert "is no line of the overrides" in refused(pair, unnumbered, after=())
    assert all(" seq " in sent for sent in bring(pair, (OTHER,)).lines)


def test_what_replaces_any_in_place_goes_on_matching_more(pair: Pair, traps):
    pair.write_list("permit any")
    pair.configure(line(5, f"permit {X}"))
    assert pair.entries() == (Entry(5, f"permit {X}"),)
    assert (pair.raised() == {X, LOWER, UPPER}) is (Trap.KEEPS_ANY in traps)

    pair.write_list("permit any")
    assert "replaces" in refused(pair, line(5, f"permit {X}"), after=(Entry(5, f"permit {X}"),))
    bring(pair, (X,))
    # also where the number is the same
    send(pair, pair.write_list("permit any"), (Entry(5, f"permit {X}"),))
    assert pair.raised() == {X}


def test_a_removal_takes_away_what_another_writer_has_put_there(pair: Pair):
    """FRR keeps no two writers apart: each has read the list, and adds under the free number."""
    mine, theirs = Entry(5, f"permit {X}"), Entry(5, f"permit {OTHER}")
    pair.configure(line(*mine))
    pair.configure(line(*theirs))
    pair.configure(f"no {line(*mine)}")
    assert pair.entries() == ()

    pair.configure(line(*theirs))
    said = refused(pair, f"no {line(*mine)}", after=())
    assert f"does not name 'permit {OTHER}', which stands there" in said


def test_the_removal_of_what_is_not_there_is_no_error(pair: Pair):
    pair.write_list(f"permit {X}")
    pair.configure(f"no {line(10, f'permit {OTHER}')}")
    assert pair.entries() == (Entry(5, f"permit {X}"),)
    said = refused(pair, f"no {line(10, f'permit {OTHER}')}", after=pair.entries())
    assert "removes what does not stand there" in said


def test_a_list_that_does_not_exist_raises_nothing(pair: Pair):
    bring(pair, (X, OTHER))
    assert bring(pair, ()).lowering
    assert LIST not in pair.running().replace(f"match ip address prefix-list {LIST}", "")


def test_a_list_without_entries_raises_everything(pair: Pair):
    pair.write_list(f"permit {X}")
    described = f"ip prefix-list {LIST} description"
    pair.configure(f"{described} by hand", f"no {line(5, f'permit {X}')}")
    assert pair.raised() == set(SENT)

    [finding] = lint_policy(pair.running(), one_list(()), POLICY)
    pair.configure(finding.partition("remove it: ")[2])
    assert pair.raised() == set()
    assert lint_policy(pair.running(), one_list(()), POLICY) == ()


def test_a_permit_clause_without_a_condition_raises_everything(pair: Pair):
    clause, match = "route-map LOCAL_PREF_MAP permit 10", f"match ip address prefix-list {LIST}"
    pair.configure(clause, f"no {match}")
    try:
        assert pair.raised() == set(SENT)
        assert refused(pair, clause, f"no {match}", after=())
    finally:
        pair.configure(clause, match)
    open_clause = "route-map LOCAL_PREF_MAP permit 20"
    pair.configure(open_clause, "set local-preference 150")
    try:
        assert set(pair.learned().values()) == {150}
        [finding] = lint_policy(pair.running(), one_list(()), POLICY)
        pair.configure(finding.partition("remove it: ")[2])
    finally:
        pair.vtysh("configure terminal", f"no {open_clause}")
    assert set(pair.learned().values()) == {None}


def test_vtysh_hides_a_refusal_on_its_standard_input(pair: Pair):
    bad, good = line(5, "permit 10.1.0.0/16 ge 20 le 18"), line(10, f"permit {X}")
    naive = pair.run("vtysh", "-N", "GW1", stdin=f"configure terminal\n{bad}\n{good}\n")
    assert naive.returncode == 0
    assert "% Configuration failed" in naive.stdout
    assert pair.entries() == (Entry(10, f"permit {X}"),)

    stops = pair.vtysh("configure terminal", bad, line(15, f"permit {OTHER}"))
    assert stops.returncode != 0
    assert len(pair.entries()) == 1
    assert "out of order" in refused(pair, bad, after=pair.entries())


networks = st.sampled_from([X, X, "10.0.0.0/16", "10.0.0.0/16", "10.0.0.0/8", *SENT])


@st.composite
def rules(draw: st.DrawFn) -> str:
    """An entry as people write them: of networks that overlap, with any bounds."""
    action = draw(st.sampled_from(["permit", "permit", "permit", "deny"]))
    if draw(st.integers(0, 9)) == 0:
        return f"{action} any"
    network = draw(networks)
    shortest = int(network.partition("/")[2]) + 1
    ge = draw(st.none() | st.integers(shortest, 31))
    le = draw(st.none() | st.integers(shortest if ge is None else ge, 32))
    bounds = (f" {word} {bound}" for word, bound in (("ge", ge), ("le", le)) if bound is not None)
    return f"{action} {network}{''.join(bounds)}"


hand_made = st.lists(rules(), max_size=5, unique=True)
plans = st.lists(st.sampled_from(SENT), max_size=4, unique=True)
live = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@given(hand_made, plans)
@settings(live, max_examples=15)
def test_any_list_is_brought_to_the_plan_and_back(pair: Pair, by_hand, wanted):
    to_the_plan_and_back(pair, by_hand, wanted)


@pytest.mark.long
@given(hand_made, plans)
@settings(live, max_examples=150)
def test_any_list_is_brought_to_the_plan_and_back_many_times(pair: Pair, by_hand, wanted):
    to_the_plan_and_back(pair, by_hand, wanted)


def to_the_plan_and_back(pair: Pair, by_hand: list[str], wanted: list[str]) -> None:
    """FRR's table is the judge: in between both lists count, then the plan, then the old one."""
    current = pair.write_list(*by_hand)
    before = pair.raised()
    planned = planned_entries(current, wanted)
    change = change_list(LIST, current, planned)
    lists = {"before": one_list(current), "after": one_list(planned)}
    if "0.0.0.0/0" not in wanted:
        assert lint_change(change.lines, POLICY, pair.rules, **lists) == ()
    pair.configure(*change.raising)
    between = pair.raised()
    assert before | set(wanted) <= between
    pair.configure(*change.lowering)
    assert pair.raised() == set(wanted)
    send(pair, planned, current)
    assert pair.raised() == before
