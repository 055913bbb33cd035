"""Which traps a version is said to have; on the installed FRR, test_traps_live asks FRR itself."""

from dataclasses import replace

import pytest

from nornir_bgp.frr.hazards import hazards, remarks
from nornir_bgp.frr.overrides import ListKey, Overrides, parse_overrides, template_clause
from nornir_bgp.frr.overrides_plan import Wanted, planned_overrides
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.frr.versions import RULES, Trap, quirks_of, rules_for, rules_of
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.quirks import FRR_8_4, NO_QUIRKS, FrrQuirks
from nornir_bgp.models.rib import Path, Rib
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.state import GatewayState

POLICY = Policy()
LIST = f"ip prefix-list {POLICY.prefix_list}"
X = "198.51.100.0/24"
ALWAYS = {Trap.REMOVES_BY_NUMBER, Trap.EMPTY_PERMITS}


@pytest.mark.parametrize(
    ("version", "traps"),
    [
        ("8.4.4", {Trap.LOSES_SIBLINGS, Trap.IGNORES_TWINS, Trap.KEEPS_ANY, Trap.SCANS}),
        ("8.5", {Trap.LOSES_SIBLINGS, Trap.IGNORES_TWINS, Trap.KEEPS_ANY, Trap.SCANS}),
        ("9.1.2-dev", {Trap.LOSES_SIBLINGS, Trap.REPEATS_UNNUMBERED}),
        ("10.0.1", {Trap.REPEATS_UNNUMBERED}),
        ("10.4.1-my-build", {Trap.IGNORES_TWINS, Trap.SCANS}),
    ],
)
def test_the_traps_of_a_known_version(version, traps):
    rules = rules_for(version)
    assert set(rules.traps) == traps | ALWAYS
    assert rules.word is None


@pytest.mark.parametrize("version", [None, "", "8.3", "7.5.1", "10.5", "11.0.2", "84", "x8.4", "8"])
def test_another_version_gets_all_of_them_and_a_word(version):
    rules = rules_for(version)
    assert rules.traps == RULES
    assert rules.word is not None
    assert "as if it had the faults of all" in rules.word


AGGREGATES_MENDED = replace(FRR_8_4, aggregate_by_head=False, aggregate_next_hop_is_ipv6=False)
MED_MENDED = replace(AGGREGATES_MENDED, reflected_med=False)


@pytest.mark.parametrize(
    ("config", "quirks"),
    [
        ("hostname GW1\nrouter bgp 65020\n", FRR_8_4),
        ("frr version 7.5.1\n", FRR_8_4),
        ("frr version 8.4.4\n", FRR_8_4),
        ("frr version 9.1.2-dev\n", FRR_8_4),
        ("frr version 10.0\n", AGGREGATES_MENDED),
        ("frr version 10.4.1-my-build\n", AGGREGATES_MENDED),
        ("frr version 10.5\n", MED_MENDED),
        ("frr version 10.6.1\n", MED_MENDED),
        ("frr version 10.7.0\n", NO_QUIRKS),
        ("frr version 11.0\n", NO_QUIRKS),
        ("frr version my-build\n", FRR_8_4),
    ],
)
def test_the_faults_in_bgp_of_a_version(config: str, quirks: FrrQuirks) -> None:
    """10.0 to 10.5 were read; what is not known for certain to be mended is there."""
    assert quirks_of(config) == quirks


def running(version: str, *rules: str) -> str:
    lines = (f"{LIST} seq {5 * n} {rule}" for n, rule in enumerate(rules, 1))
    clause = template_clause(4, POLICY).lines(POLICY)
    return "\n".join(
        [f"frr version {version}", *lines, clause[0], *map(" {}".format, clause[1:]), ""]
    )


def state(text: str, local_pref: int | None) -> GatewayState:
    path = Path(
        *(True, True, False, False, "10.0.5.1", None, local_pref, 0, "65004", "i"), "10.0.5.1"
    )
    rib = Rib("192.168.3.3", 65020, 1, 100, {X: (path,), "2001:db8::/32": (path,)})
    return GatewayState("", rib, {}, text, frozenset({"10.0.5.1"}), {})


EXITS = (Exit(gateway="GW1", neighbor="10.0.5.1", upstream="UP1"),)


def test_a_permitted_route_that_is_not_raised():
    text = running("8.4.4", f"permit {X}")
    assert hazards(state(text, 200), EXITS, POLICY) == ()
    assert hazards(state(running("8.4.4", f"deny {X}"), 100), EXITS, POLICY) == ()
    assert hazards(state(text, None), (), POLICY) == ()
    [finding] = hazards(state(text, None), EXITS, POLICY)
    assert f"permits {X}, but LOCAL_PREF 200 is not set: on FRR 8.4.4 an entry loses" in finding
    assert f"no {LIST} seq 5 permit {X}; {LIST} seq 5 permit {X}" in finding


def test_a_list_that_could_not_be_put_back():
    twins = (f"permit {X}", f"permit {X}")
    assert hazards(state(running("10.0.1", *twins), 200), EXITS, POLICY) == ()
    [finding] = hazards(state(running("10.4.1", *twins), 200), EXITS, POLICY)
    assert "could not be put back" in finding
    assert f"no {LIST} seq 10 permit {X}" in finding


@pytest.mark.parametrize(
    ("text", "planned", "said"),
    [
        (running("8.4.4", f"permit {X}"), [X], []),
        (running("8.4.4", f"permit {X}", f"deny {X} le 25"), [X], ["2 entries for 198.51.100.0"]),
        (running("10.0.1", f"permit {X}", f"deny {X} le 25"), [X], []),
        (running("10.0.1", f"permit {X}", f"permit {X}"), [X], ["2 times"]),
        (running("8.4.4"), [f"10.{n}.0.0/16" for n in range(200)], []),
        (running("8.4.4"), [f"10.{n % 256}.{n}.0/24" for n in range(256)], []),
        (running("9.1"), [f"10.0.{n}.0/24" for n in range(1000)], []),
        (running("11.0"), [X], ["FRR 11.0 is none of 8.4 to before 10.5"]),
        ("", [X], ["FRR without a version is none of"]),
    ],
)
def test_remarks(text, planned, said):
    current = parse_overrides(text, POLICY)
    wanted = planned_overrides(current, Wanted(tuple(planned)), POLICY, rules_of(text))
    found = remarks(rules_of(text), current, wanted)
    assert len(found) == len(said)
    assert all(words in sentence for words, sentence in zip(said, found, strict=True))


def test_a_list_that_takes_long():
    """Joined entries that overlap stand in one list, however many they are."""
    key = ListKey(4, POLICY.prefix_list)
    entries = tuple(Entry(n, f"permit 10.0.0.0/8 ge {n}") for n in range(1, 1001))
    wanted = Overrides((template_clause(4, POLICY),), {key: entries})
    [found] = remarks(rules_for("8.4.4"), Overrides(), wanted)
    assert "adding 1,000 entries to the 0 of LOCAL_PREF_PREFIX_LIST takes about 9 s" in found
    assert remarks(rules_for("9.1"), Overrides(), wanted) == ()
