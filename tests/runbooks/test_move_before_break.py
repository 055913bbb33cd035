"""Why a change of any length is hitless: the lists after each single line, FRR's timer or not.

FRR may apply the lists at any line of any gateway, as often as it likes while thousands are sent.
So what must hold holds after every line: a prefix that is planned now and then is raised somewhere,
and nowhere but at its old gateway or its new one.
"""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.frr.prefix_list import Entry, planned_entries
from tests.frr.one_list import change_list

GATEWAYS = ("GW1", "GW2", "GW3")
PREFIXES = [f"10.0.{n}.0/24" for n in range(12)]

Plan = dict[str, str]
plans = st.lists(
    st.dictionaries(st.sampled_from(PREFIXES), st.sampled_from(GATEWAYS)), min_size=2, max_size=5
)


def raised_after_each(entries: tuple[Entry, ...], lines: tuple[str, ...]) -> Iterator[set[str]]:
    """The prefixes that a gateway raises, before the first line and after each one."""
    rules = {entry.seq: entry.rule for entry in entries}
    for line in ("", *lines):
        words = line.split()
        if words[:1] == ["no"]:
            del rules[int(words[5])]
        elif words:
            rules[int(words[4])] = " ".join(words[5:])
        yield {rule.removeprefix("permit ") for rule in rules.values()}


def planned_at(plan: Plan, gateway: str) -> set[str]:
    return {prefix for prefix, its in plan.items() if its == gateway}


@given(plans)
def test_after_every_line_a_prefix_is_at_its_old_gateway_or_its_new_one(successive: list[Plan]):
    lists: dict[str, tuple[Entry, ...]] = dict.fromkeys(GATEWAYS, ())
    for number, new in enumerate(successive):
        old = successive[number - 1] if number else {}
        for gateway in GATEWAYS:
            wanted = planned_entries(lists[gateway], sorted(planned_at(new, gateway)))
            change = change_list("L", lists[gateway], wanted)
            either = planned_at(old, gateway) | planned_at(new, gateway)
            for raised in raised_after_each(lists[gateway], change.raising):
                assert planned_at(old, gateway) <= raised <= either
            for raised in raised_after_each(change.between, change.lowering):
                assert planned_at(new, gateway) <= raised <= either
            lists[gateway] = wanted
