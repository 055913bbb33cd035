"""The manager's process is killed in each phase of a run; then it is run again."""

import re
import signal
from contextlib import ExitStack

import pytest

from tests.lab.conftest import GATEWAYS, LIST, configure
from tests.lab.faults.ear import Step
from tests.lab.faults.fault import AS_BEFORE, AS_PLANNED, Fault
from tests.lab.faults.state import lists_of, tables_of

pytestmark = pytest.mark.lab

GROUP = "The manager's process"

COLLECT: list[Step] = [("GW1", "show bgp .*")]
PREVIEW: list[Step] = [("PE1", "show bgp ipv4 unicast json"), ("GW1", "show running-config")]
ADD: list[Step] = [("GW2", "ip prefix-list .*")] * 2
CONFIRM: list[Step] = [*ADD, ("GW2", "show bgp ipv4 unicast prefix-list .*")]
REMOVE: list[Step] = [("GW1", "no ip prefix-list .*")] * 2
PROVE: list[Step] = [*REMOVE, ("PE1", "show ip bgp")]
REVERT: list[Step] = [*PROVE, ("GW1", "ip prefix-list .*")]
SAVE: list[Step] = [*PROVE, ("GW[12]", "write memory")]
CANARY: list[Step] = [
    ("GW2", "ip prefix-list .*"),
    ("GW1", "no ip prefix-list .*"),
    ("PE[12]", "show ip bgp"),
    ("GW[12]", "show running-config"),
]
"""The gateways are read before the rest is sent: the canary is proven, nothing else has moved."""

MOVED_FIRST = "192.0.2.0/24"
ONE_MOVED = {
    "GW1": {"131.114.0.0/16", "203.0.113.0/24"},
    "GW2": {"198.51.100.0/24", MOVED_FIRST},
}
"""The gateways' lists when the smallest prefix has moved alone."""

PHASES = {
    "collect": COLLECT,
    "preview": PREVIEW,
    "canary": CANARY,
    "add": ADD,
    "confirm": CONFIRM,
    "remove": REMOVE,
    "prove": PROVE,
    "revert": REVERT,
    "save": SAVE,
}
SIGNALS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "Ctrl-C": signal.SIGINT}
OPTIONS = {"canary": "--canary", "save": "--save"}
"""The options without which a run has no such phase; there only the one signal is tried that the
program cannot hear."""
QUICK = {("SIGKILL", "add")}

KINDS = [
    (phase, name)
    for phase in PHASES
    for name in SIGNALS
    if phase not in OPTIONS or name == "SIGKILL"
]
CASES = [
    pytest.param(place, name, phase, marks=[] if (name, phase) in QUICK else pytest.mark.long)
    for place, (phase, name) in enumerate(KINDS, 1)
]

UNTOUCHED = ("collect", "preview")
"""The phases before the first line: whatever ends the run there, nothing is to be put back."""


@pytest.mark.parametrize(("place", "name", "phase"), CASES)
def test_killed(fault: Fault, place: int, name: str, phase: str):
    options = [OPTIONS[phase]] if phase in OPTIONS else []
    with ExitStack() as meanwhile:
        if phase == "revert":
            lower_at_pe1(fault, meanwhile)
        if phase == "save":
            keep_saved(fault)
        runs = len(history(fault))
        struck = fault.ear.when(PHASES[phase], lambda _: fault.manager.strike(SIGNALS[name]))
        killed = fault.distribute(*options)
        assert struck.is_set(), f"{killed}\n{fault.transcript()}"
    by_itself = name != "SIGKILL" and phase not in UNTOUCHED
    assert killed.code == (130 if by_itself or name == "Ctrl-C" else -SIGNALS[name]), killed
    if by_itself or phase in UNTOUCHED:
        assert fault.lists_are(AS_BEFORE), f"{killed}\n{fault.transcript()}"
    if phase == "canary":
        assert prefixes_of(fault) == ONE_MOVED, f"{killed}\n{fault.transcript()}"
        ways = {table[MOVED_FIRST] for table in tables_of(fault.lab).values()}
        assert ways == {("GW2", 200)}, f"the canary was not proven: {ways}"
    left = history(fault)
    assert len(left) == runs + (phase not in UNTOUCHED), left
    if phase in UNTOUCHED:
        assert not [h for h in fault.ear.heard if re.match(r"(no )?ip prefix-list", h.line)]
    fault.ear.forget()
    again = fault.distribute(*options)
    assert again.code == 0, f"{killed}\n{again}\n{fault.transcript()}"
    if phase == "save":
        assert saved(fault) == prefixes_of(fault)
    fault.ends(
        killed,
        (GROUP, place, f"{name} in the phase *{phase}*, then run again"),
        code=killed.code,
        lists=AS_PLANNED,
        tables=AS_PLANNED,
        says=r"interrupted by SIG[A-Z]+; run \S+: every gateway is put back" if by_itself else "",
        word="" if by_itself else word_of(left[0], phase),
        then=f"{'as before at once; ' if by_itself else ''}again: 0",
    )


def history(fault: Fault) -> list[str]:
    """What `nornir-bgp history` says of each run, the latest first."""
    outcome = fault.manager.run("history")
    assert outcome.code == 0, outcome
    verdict = r"(?:As planned|NOT as planned|FAILED|Failed).*?"
    return re.findall(rf" ({verdict})(?= \d{{8}}T\d{{6}}Z-|$)", outcome.said)


def word_of(said: str, phase: str) -> str:
    """What the row says of a run that could say nothing itself, before it was run again."""
    if phase in UNTOUCHED:
        return "no run is left in `history`; nothing was sent"
    wanted = "As planned: 8 lines sent" if phase == "save" else "interrupted before its end"
    assert wanted in said, said
    return f"`history`: “{said}”"


def prefixes_of(fault: Fault) -> dict[str, set[str]]:
    return {gw: {entry.network for entry in found} for gw, found in lists_of(fault.lab).items()}


def saved(fault: Fault) -> dict[str, set[str]]:
    """The prefixes in the lists that bgpd would start with."""
    read = {gw: fault.lab.run(gw, ["cat", "/etc/frr/bgpd.conf"], check=True) for gw in GATEWAYS}
    rule = rf"^ip prefix-list {LIST} seq \d+ permit (\S+)$"
    return {gw: set(re.findall(rule, file.stdout, re.MULTILINE)) for gw, file in read.items()}


def keep_saved(fault: Fault) -> None:
    """What gateways have saved is to be, after the test, what it was."""
    kept = "/run/lab/frr.kept"
    for gateway in GATEWAYS:
        fault.lab.run(gateway, ["cp", "-a", "/etc/frr", kept], check=True)
        back = ["sh", "-ec", f"cp -a {kept}/. /etc/frr; rm -r {kept}"]
        fault.mends.callback(fault.lab.run, gateway, back, check=True)


def lower_at_pe1(fault: Fault, meanwhile: ExitStack) -> None:
    """PE1 lowers what GW2 tells it, so that no plan that uses GW2 can be proven."""
    session = ("router bgp 65020", "address-family ipv4 unicast")
    rule = "neighbor 172.16.0.4 route-map LOWER in"
    clause = "route-map LOWER permit 10"
    lowered = "match ip address prefix-list LOWERED"
    entry = "ip prefix-list LOWERED seq 5 permit 131.114.0.0/16"
    other = "route-map LOWER permit 20"
    configure(fault.lab, "PE1", entry, clause, lowered, "set local-preference 50", "exit", other)
    configure(fault.lab, "PE1", *session, rule)
    meanwhile.callback(configure, fault.lab, "PE1", "no ip prefix-list LOWERED")
    meanwhile.callback(configure, fault.lab, "PE1", "no route-map LOWER")
    meanwhile.callback(configure, fault.lab, "PE1", *session, f"no {rule}")
