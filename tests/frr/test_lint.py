"""The lint lets our own changes through, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.frr.lint import lint_change
from nornir_bgp.frr.lint_policy import lint_policy
from nornir_bgp.frr.overrides import ListKey, OverrideClause, Overrides, slot, template_clause
from nornir_bgp.frr.overrides_change import change_overrides
from nornir_bgp.frr.overrides_plan import Wanted, planned_overrides
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.frr.versions import rules_for
from nornir_bgp.models.settings import Policy

POLICY = Policy()
LIST = POLICY.prefix_list
CAREFUL = rules_for(None)
PLANNED = "ip prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 198.51.100.0/24"


def with_list(entries: tuple[Entry, ...]) -> Overrides:
    """Overrides of one list, that of the template's clause."""
    lists = {ListKey(4, LIST): entries} if entries else {}
    return Overrides((template_clause(4, POLICY),), lists)


def lint(*lines: str, before: tuple[Entry, ...] = (), after: tuple[Entry, ...] | None = None):
    """The findings, without what is said of the end where only a line is to be judged."""
    wanted = with_list(before if after is None else after)
    found = lint_change(lines, POLICY, CAREFUL, before=with_list(before), after=wanted)
    return found if after is not None else tuple(f for f in found if "do not lead" not in f)


prefixes = st.integers(0, 7).map(lambda n: f"10.0.{n}.0/24")
rules = st.builds(
    "{} {}{}".format,
    st.sampled_from(["permit", "deny"]),
    prefixes | st.just("0.0.0.0/0"),
    st.sampled_from(["", " le 25", " ge 25 le 32"]),
) | st.sampled_from(["permit any", "deny any"])
lists = st.lists(rules, max_size=6, unique=True).map(
    lambda found: tuple(Entry(5 * n, rule) for n, rule in enumerate(found, 1))
)
plans = st.lists(prefixes, max_size=5, unique=True)


@given(lists, plans)
def test_our_own_changes_pass(entries, wanted):
    current = with_list(entries)
    planned = planned_overrides(current, Wanted(tuple(wanted)), POLICY, CAREFUL)
    change = change_overrides(current, planned, POLICY)
    for lines, before, after in (
        (change.lines, current, planned),
        (change.raising, current, change.between),
        (change.lowering, change.between, planned),
    ):
        assert lint_change(lines, POLICY, CAREFUL, before=before, after=after) == ()
    back = change_overrides(planned, current, POLICY).lines
    ends = {"before": planned, "after": current}
    assert lint_change(back, POLICY, CAREFUL, put_back=True, **ends) == ()


@given(lists, plans, st.data())
def test_a_line_that_is_missing_or_twice_is_found(entries, wanted, data):
    current = with_list(entries)
    planned = planned_overrides(current, Wanted(tuple(wanted)), POLICY, CAREFUL)
    lines = list(change_overrides(current, planned, POLICY).lines)
    counting = [n for n, line in enumerate(lines) if " seq " in line]
    if not counting:
        return
    at = data.draw(st.sampled_from(counting))
    ends = {"before": current, "after": planned}
    for wrong in ([*lines[:at], *lines[at + 1 :]], [*lines[:at], lines[at], *lines[at:]]):
        assert lint_change(wrong, POLICY, CAREFUL, **ends)


@given(st.text(min_size=1), st.integers(0, len(PLANNED)))
def test_whatever_is_put_into_a_line_is_found(text, at):
    assert lint(PLANNED, after=(Entry(5, "permit 198.51.100.0/24"),)) == ()
    line = PLANNED[:at] + text + PLANNED[at:]
    assert lint(line, after=(Entry(5, "permit 198.51.100.0/24"),))


@given(st.text() | st.from_regex(r"(no )?(ip|route-map|match|set|exit|do|router) .*"))
def test_no_other_line_passes(line):
    assert lint(line)


@pytest.mark.parametrize(
    "line",
    [
        "", "!", "exit", "end", "do show version", "write memory", "configure terminal",
        PLANNED + "\n", PLANNED + "\nexit", PLANNED + " ", " " + PLANNED, PLANNED + "\r",
        PLANNED.replace(" seq 5", ""),
        PLANNED.replace("seq 5", "seq 05"),
        PLANNED.replace("seq 5", "seq \u0665"),
        PLANNED.replace("seq 5", "seq 4294967296"),
        PLANNED.replace("ip ", "ipv6 ", 1),
        PLANNED.replace("100.0/24", "100.1/24"),
        PLANNED.replace("198", "0198"),
        PLANNED.replace("LOCAL", "EXPORT"),
        f"no ip prefix-list {LIST}",
        f"no ip prefix-list {LIST} description",
        "no route-map LOCAL_PREF_MAP",
        "no route-map LOCAL_PREF_MAP permit 20",
        "route-map LOCAL_PREF_MAP permit 9",
        "route-map LOCAL_PREF_MAP permit 10",
        "route-map LOCAL_PREF_MAP permit 11",
        "route-map LOCAL_PREF_MAP permit 012",
        "route-map LOCAL_PREF_MAP permit 999",
        "route-map LOCAL_PREF_MAP deny 20",
        "route-map EXPORT_MAP permit 10",
        "match ip address prefix-list LOCAL_PREF_PREFIX_LIST",
        "set local-preference 200",
        "no match ip address prefix-list LOCAL_PREF_PREFIX_LIST",
        "no route-map LOCAL_PREF_MAP optimization",
        "router bgp 65020",
    ],
)  # fmt: skip
def test_lines_outside_the_policy_objects(line):
    [finding] = lint(line)
    assert repr(line) in finding


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("permit any", "more than one prefix"),
        ("permit 0.0.0.0/0 le 32", "more than one prefix"),
        ("permit 198.51.100.0/24 le 25", "more than one prefix"),
        ("permit 198.51.100.0/24 ge 25", "more than one prefix"),
        ("permit 0.0.0.0/0", "wider than /8"),
        ("permit 128.0.0.0/7", "wider than /8"),
        ("deny 198.51.100.0/24", "hides what others permit"),
        ("permit 198.51.100.0/24 ge 26 le 25", "out of order"),
        ("permit 198.51.100.0/24 le 23", "out of order"),
    ],
)
def test_too_wide_is_found_but_may_be_removed_or_made_anew(rule, said):
    line, entry = f"ip prefix-list {LIST} seq 5 {rule}", Entry(5, rule)
    [finding] = lint(line)
    assert repr(line) in finding
    assert said in finding
    if "order" not in said:
        assert lint(f"no {line}", before=(entry,), after=()) == ()
        assert lint(f"no {line}", line, before=(entry,), after=(entry,)) == ()


def test_eight_bits_are_enough():
    assert lint(f"ip prefix-list {LIST} seq 5 permit 20.0.0.0/8") == ()


@pytest.mark.parametrize(
    ("version", "lines", "found"),
    [
        ("8.4.4", ("no {5}",), True),
        ("10.0.1", ("no {5}",), False),
        ("8.4.4", ("no {5}", "no {10}", "{10}"), False),
        ("8.4.4", ("{15}",), True),
        ("10.0.1", ("{15}",), False),
        ("10.4.1", ("{15}",), True),
        ("11.0", ("no {5}",), True),
    ],
)
def test_what_is_a_fault_depends_on_the_version(version, lines, found):
    """Two entries for one network, and one that repeats another."""
    entries = {
        5: Entry(5, "permit 198.51.100.0/24 le 25"),
        10: Entry(10, "permit 198.51.100.0/24"),
        15: Entry(15, "permit 198.51.100.0/24"),
    }
    texts = {str(n): f"ip prefix-list {LIST} seq {n} {e.rule}" for n, e in entries.items()}
    sent = []
    after = {5, 10}
    for line in lines:
        number = line.strip("no {}")
        sent.append(line.replace(f"{{{number}}}", texts[number]))
        after = after - {int(number)} if line.startswith("no") else after | {int(number)}
    said = lint_change(
        sent,
        POLICY,
        rules_for(version),
        before=with_list((entries[5], entries[10])),
        after=with_list(tuple(entries[n] for n in sorted(after))),
    )
    assert bool(said) is found


RUNNING = """\
frr version 8.4.4
ip prefix-list EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24
ip prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 198.51.100.0/24
!
route-map LOCAL_PREF_MAP permit 10
 match ip address prefix-list LOCAL_PREF_PREFIX_LIST
 set local-preference 200
exit
!
route-map LOCAL_PREF_MAP permit 999
exit
!
"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("route-map LOCAL_PREF_MAP permit 20\nexit\n", "permit 20 has no condition"),
        ("route-map LOCAL_PREF_MAP permit 20\n set metric 5\nexit\n", "permit 20 has no cond"),
        (f"ip prefix-list {LIST} description x\n", f"no ip prefix-list {LIST} description"),
        (f"ip prefix-list {LIST}_B description x\n", "_B has a description"),
        (f"ipv6 prefix-list {LIST} description x\n", f"no ipv6 prefix-list {LIST} description"),
        (f"ip prefix-list {LIST}_B seq 5 permit any\n", "would raise every route"),
        (f"ip prefix-list {LIST}_B seq 5 permit 0.0.0.0/1 le 24\n", "would raise 0.0.0.0/1"),
    ],
)
def test_what_would_stand_on_the_router(more, said):
    assert lint_policy(RUNNING, with_list(()), POLICY) == ()
    [finding] = lint_policy(RUNNING + more, with_list(()), POLICY)
    assert said in finding


def test_what_need_not_be_mended():
    for more in (
        "route-map LOCAL_PREF_MAP deny 20\nexit\n",
        "route-map THEIRS permit 20\nexit\n",
        "ip prefix-list EXPORT_PREFIX_LIST description ours\n",
        "ip prefix-list THEIRS seq 5 permit any\n",
        f"ip prefix-list {LIST}_B seq 5 deny any\n",
    ):
        assert lint_policy(RUNNING + more, with_list(()), POLICY) == ()


def test_an_export_list_without_entries_lets_everything_out():
    emptied = RUNNING.replace("LIST seq 5 permit 1.0.0.0/24", "LIST description ours")
    [finding] = lint_policy(emptied, with_list(()), POLICY)
    assert "has a description and no entry" in finding
    assert "no ip prefix-list EXPORT_PREFIX_LIST description" in finding


def test_the_list_after_the_change_counts():
    wide = (Entry(5, "permit any"),)
    assert lint_policy(RUNNING, with_list(wide), POLICY)
    standing = RUNNING.replace("permit 198.51.100.0/24", "permit any")
    assert lint_policy(standing, with_list(()), POLICY) == ()


SLOT = slot(12, 4, 200, POLICY)
DRAIN = slot(12, 4, POLICY.drain_preference, POLICY)
FIRST = f"ip prefix-list {LIST}_12 seq 5 permit 198.51.100.0/24"
EVERYTHING = f"ip prefix-list {LIST}_12 seq 5 permit 0.0.0.0/0 le 32"


def with_slot(clause: OverrideClause, *entries: Entry) -> Overrides:
    lists = {clause.key: entries} if entries else {}
    return Overrides((template_clause(4, POLICY), clause), lists)


def test_a_slot_is_made_and_removed():
    full = with_slot(SLOT, Entry(5, "permit 198.51.100.0/24"))
    ends = {"before": with_list(()), "after": full}
    lines = (*SLOT.lines(POLICY), FIRST)
    assert lint_change(lines, POLICY, CAREFUL, **ends) == ()
    back = (f"no {FIRST}", "no route-map LOCAL_PREF_MAP permit 12")
    ends = {"before": full, "after": with_list(())}
    assert lint_change(back, POLICY, CAREFUL, **ends) == ()
    [finding] = lint_change(back[::-1], POLICY, CAREFUL, **ends)
    assert "removes a clause whose list has entries" in finding


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("route-map LOCAL_PREF_MAP permit 12", FIRST), "inside of clause 12; leave that"),
        ((*SLOT.lines(POLICY)[:2], "exit", FIRST), "do not lead to the clauses"),
        (("route-map LOCAL_PREF_MAP permit 12", "exit", FIRST), "do not lead to the clauses"),
        ((*SLOT.lines(POLICY)[:3], "set metric 5", "exit", FIRST), "'set metric 5' is no line"),
        (
            (*SLOT.lines(POLICY)[:2], "set local-preference 300", "exit", FIRST),
            "a preference that is none of the policy's",
        ),
        (
            (*SLOT.lines(POLICY)[:1], f"match ip address prefix-list {LIST}_13", "exit"),
            "about another list than that of clause 12",
        ),
        (
            (*SLOT.lines(POLICY)[:2], f"no match ip address prefix-list {LIST}_12", "exit"),
            "leaves a clause without a condition",
        ),
    ],
)
def test_a_slot_that_is_not_as_it_is_to_be(lines, said):
    ends = {
        "before": with_list(()),
        "after": with_slot(SLOT, Entry(5, "permit 198.51.100.0/24")),
    }
    assert any(said in finding for finding in lint_change(lines, POLICY, CAREFUL, **ends))


def test_a_slot_in_the_middle_would_match_everything_for_a_while():
    late = Overrides((template_clause(4, POLICY), slot(13, 4, 200, POLICY)))
    both = Overrides((template_clause(4, POLICY), SLOT, slot(13, 4, 200, POLICY)))
    ends = {"before": late, "after": both}
    [finding] = lint_change(SLOT.lines(POLICY), POLICY, CAREFUL, **ends)
    assert "makes a clause before another" in finding
    theirs = Overrides((template_clause(4, POLICY),), taken=(12,))
    ends = {"before": theirs, "after": theirs}
    [finding] = lint_change(SLOT.lines(POLICY)[:1], POLICY, CAREFUL, **ends)
    assert "somebody else's" in finding


def test_everything_is_permitted_where_it_drains_alone():
    lines = (*DRAIN.lines(POLICY), EVERYTHING)
    ends = {
        "before": with_list(()),
        "after": with_slot(DRAIN, Entry(5, "permit 0.0.0.0/0 le 32")),
    }
    assert lint_change(lines, POLICY, CAREFUL, **ends) == ()
    assert lint_policy(RUNNING, ends["after"], POLICY) == ()
    raising = (*SLOT.lines(POLICY), EVERYTHING)
    ends["after"] = with_slot(SLOT, Entry(5, "permit 0.0.0.0/0 le 32"))
    [finding] = lint_change(raising, POLICY, CAREFUL, **ends)
    assert "matches more than one prefix" in finding
    [finding] = lint_policy(RUNNING, ends["after"], POLICY)
    assert "would raise 0.0.0.0/0" in finding


def test_joined_entries_pass_where_they_are_planned():
    rules = ("deny 10.1.0.0/16 le 32", "permit 10.0.0.0/8 le 24")
    entries = tuple(Entry(5 * n, rule) for n, rule in enumerate(rules, 1))
    lines = [f"ip prefix-list {LIST} seq {e.seq} {e.rule}" for e in entries]
    ends = {"before": with_list(()), "after": with_list(entries)}
    assert len(lint_change(lines, POLICY, CAREFUL, **ends)) == 2
    assert lint_change(lines, POLICY, CAREFUL, joined=True, **ends) == ()
    wide = f"ip prefix-list {LIST} seq 5 permit 0.0.0.0/0 ge 8 le 24"
    ends["after"] = with_list((Entry(5, "permit 0.0.0.0/0 ge 8 le 24"),))
    [finding] = lint_change((wide,), POLICY, CAREFUL, joined=True, **ends)
    assert "wider than /8" in finding
