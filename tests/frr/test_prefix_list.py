"""The override list: what is sent brings any list to exactly the planned one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.frr.prefix_list import (
    Entry,
    PrefixList,
    parse_prefix_lists,
    planned_entries,
)
from tests.frr.one_list import change_list

RUNNING = """
ip prefix-list EXPORT_PREFIX_LIST seq 5 permit 1.0.0.0/24
ip prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 131.114.0.0/16
ip prefix-list LOCAL_PREF_PREFIX_LIST seq 10 deny 192.0.2.0/24 le 32
ip prefix-list LOCAL_PREF_PREFIX_LIST description by hand
ipv6 prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 2001:db8::/32
ip prefix-list OPEN seq 5 permit any
"""

prefixes = st.integers(0, 15).map(lambda n: f"10.0.{n}.0/24")
rules = st.builds(
    "{} {}{}".format,
    st.sampled_from(["permit", "deny"]),
    prefixes,
    st.sampled_from(["", " le 25", " ge 25 le 32"]),
)
# FRR holds a rule once: a line that repeats one under a new number is ignored.
lists = st.dictionaries(rules, st.integers(1, 40), max_size=12).map(
    lambda numbers: tuple(
        Entry(seq, rule) for seq, rule in sorted({s: r for r, s in numbers.items()}.items())
    )
)


class FrrList:
    """A prefix-list as FRR keeps it, fed with configuration lines.

    It refuses what FRR refuses or ignores: a removal of what is not there, a number in use, and
    a rule that another number holds.
    """

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = dict(entries)

    def send(self, line: str) -> None:
        words = line.split()
        remove = words[0] == "no"
        seq, rule = int(words[4 + remove]), " ".join(words[5 + remove :])
        if remove:
            assert self.entries.pop(seq) == rule
        else:
            assert seq not in self.entries
            assert rule not in self.entries.values()
            self.entries[seq] = rule


def test_running_configuration_is_read():
    assert parse_prefix_lists(RUNNING) == {
        "EXPORT_PREFIX_LIST": (Entry(5, "permit 1.0.0.0/24"),),
        "LOCAL_PREF_PREFIX_LIST": (
            Entry(5, "permit 131.114.0.0/16"),
            Entry(10, "deny 192.0.2.0/24 le 32"),
        ),
        "OPEN": (Entry(5, "permit any"),),
    }


@given(lists, st.lists(prefixes, unique=True))
def test_the_lines_lead_to_exactly_the_plan(current, wanted):
    planned = planned_entries(current, wanted)
    assert sorted(e.rule for e in planned) == sorted(f"permit {p}" for p in wanted)
    router = FrrList(current)
    change = change_list("L", current, planned)
    for line in change.raising:
        router.send(line)
    assert tuple(sorted(router.entries.items())) == change.between
    assert set(planned) <= set(change.between)
    assert not (planned and any(e.rule.startswith("deny") for e in change.between))
    lowered = {e for e in current if e.rule.startswith("permit")} - set(change.between)
    assert {e.network for e in lowered} <= set(wanted) | {
        e.network for e in current if e.seq in {p.seq for p in planned}
    }
    for line in change.lowering:
        router.send(line)
    assert tuple(sorted(router.entries.items())) == planned
    assert change_list("L", planned, planned_entries(planned, wanted)).lines == ()


@given(lists, lists)
def test_a_list_can_be_put_back(before, now):
    router = FrrList(now)
    for line in change_list("L", now, before).lines:
        router.send(line)
    assert tuple(sorted(router.entries.items())) == before


@given(lists, st.lists(prefixes, unique=True))
def test_what_stays_keeps_its_number(current, wanted):
    planned = planned_entries(current, wanted)
    stays = {e for e in current if e.rule in {f"permit {p}" for p in wanted}}
    assert stays <= set(planned)


def test_an_entry_that_shares_its_network_with_one_that_goes_is_made_anew():
    """FRR 8.4.4 otherwise switches it off silently."""
    current = (Entry(5, "permit 10.0.0.0/24"), Entry(10, "permit 10.0.0.0/24 le 25"))
    assert change_list("L", current, planned_entries(current, ["10.0.0.0/24"])).lines == (
        "no ip prefix-list L seq 10 permit 10.0.0.0/24 le 25",
        "no ip prefix-list L seq 5 permit 10.0.0.0/24",
        "ip prefix-list L seq 5 permit 10.0.0.0/24",
    )


def test_a_deny_goes_before_what_it_hides_is_raised():
    current = (Entry(1, "deny 10.0.0.0/16 le 32"), Entry(5, "permit 10.0.1.0/24"))
    change = change_list("L", current, planned_entries(current, ["10.0.0.0/24"]))
    assert change.raising == (
        "no ip prefix-list L seq 1 deny 10.0.0.0/16 le 32",
        "ip prefix-list L seq 10 permit 10.0.0.0/24",
    )
    assert change.lowering == ("no ip prefix-list L seq 5 permit 10.0.1.0/24",)


def test_a_number_at_the_end_of_the_range_is_no_obstacle():
    current = (Entry(4294967295, "permit 10.0.0.0/24"),)
    planned = planned_entries(current, ["10.0.0.0/24", "10.0.1.0/24"])
    assert planned == (Entry(5, "permit 10.0.1.0/24"), *current)


@pytest.mark.parametrize(
    ("rules", "permitted"),
    [
        (["permit any"], True),
        (["permit 10.0.0.0/8"], False),
        (["permit 10.1.2.0/24"], True),
        (["permit 10.0.0.0/8 le 24"], True),
        (["permit 10.0.0.0/8 le 23"], False),
        (["permit 10.0.0.0/8 ge 24"], True),
        (["permit 10.0.0.0/8 ge 25"], False),
        (["permit 10.0.0.0/8 ge 20 le 24"], True),
        (["permit 11.0.0.0/8 le 32"], False),
        (["permit 10.1.2.0/25 le 32"], False),
        (["deny 10.1.0.0/16 le 32", "permit any"], False),
        (["permit 10.1.2.0/24", "deny any"], True),
        ([], False),
    ],
)
def test_which_routes_a_list_permits(rules, permitted):
    """As FRR documents ``ip prefix-list``; the lab's tests compare with FRR itself."""
    entries = [Entry(5 * n, rule) for n, rule in enumerate(rules, 1)]
    assert PrefixList(entries).permits("10.1.2.0/24") is permitted


@pytest.mark.parametrize(
    ("rules", "permitted"),
    [
        (["permit any"], True),
        (["permit ::/0"], False),
        (["permit 2001:db8:1::/48"], True),
        (["permit 2001:DB8:1:0::/48"], True),
        (["permit 2001:db8::/32 le 48"], True),
        (["permit 2001:db8::/32 le 47"], False),
        (["permit 2001:db8::/32 ge 48"], True),
        (["permit 2001:db8::/32 ge 49"], False),
        (["deny 2001:db8::/32 ge 40", "permit any"], False),
    ],
)
def test_which_routes_an_ipv6_list_permits(rules, permitted):
    entries = [Entry(5 * n, rule) for n, rule in enumerate(rules, 1)]
    assert PrefixList(entries, 6).permits("2001:db8:1::/48") is permitted
    assert not PrefixList(entries, 6).permits("10.1.2.0/24")
