"""One fault, from the network before it to the row that says what became of it."""

import re
import signal
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.lab.lab import Lab
from tests.lab.faults.ear import Deed, Ear, Heard, Step
from tests.lab.faults.manager import Manager, Outcome
from tests.lab.faults.pings import Pings
from tests.lab.faults.state import PREFIXES, Way, lists_of, overrides_for, tables_for, tables_of
from tests.lab.faults.table import Row

AT_FIRST = dict.fromkeys(PREFIXES, "GW1") | {"198.51.100.0/24": "GW2"}
"""The plan that stands before each fault."""

PLANNED = dict.fromkeys(PREFIXES, "GW2") | {"198.51.100.0/24": "GW1"}
"""The plan of the run that the fault strikes: all four prefixes move."""

AS_BEFORE, AS_PLANNED = "as before", "as planned"

_SETTLED_SECONDS = 30.0

Tables = dict[str, dict[str, Way]]
Lists = dict[str, frozenset[Entry]]


@dataclass
class Fault:
    """What a test of one fault works with.

    Attributes:
        lab: the lab, where the plan ``AT_FIRST`` stands.
        ear: hears what is typed on the routers.
        manager: the program, with a folder of runs of its own.
        matrix: the predictions whose plan is ``PLANNED``.
        first: those whose plan stands.
        pings: what the customers notice.
        mends: undoes what the fault did to the lab.
        before: the gateways' lists before the run.
        planned: the run's plan.
        tables: what the edge routers' tables may be called, by name.
        row: what was recorded.
    """

    lab: Lab
    ear: Ear
    manager: Manager
    matrix: Path
    first: Path
    pings: Pings
    stop_pings: Callable[[], None]
    mends: ExitStack
    before: Lists
    planned: dict[str, str] = field(default_factory=PLANNED.copy)
    tables: dict[str, Tables] = field(default_factory=dict)
    row: Row | None = None

    def __post_init__(self) -> None:
        self.tables[AS_BEFORE] = tables_for(AT_FIRST)
        self.plans(self.planned)

    def plans(self, assignment: dict[str, str]) -> None:
        """Expect another plan."""
        self.planned = assignment
        self.tables[AS_PLANNED] = tables_for(assignment)

    @property
    def runs(self) -> Path:
        """The folder of the manager's runs."""
        return self.manager.config.parent / "runs"

    def distribute(self, *options: str) -> Outcome:
        """Run the change to its end."""
        return self.manager.run("distribute", str(self.matrix), *options)

    def strikes(self, steps: list[Step], deed: Deed, *options: str) -> Outcome:
        """Run the change, and do the deed when the last of the steps is heard.

        The run must have come to that line.
        """
        struck = self.ear.when(steps, deed)
        outcome = self.distribute(*options)
        assert struck.is_set(), f"the run never came to {steps}: {outcome}\n{self.transcript()}"
        return outcome

    def cut(self, heard: Heard) -> bool:
        """Cut the session in which a line was heard, which is lost: its sshd process is killed."""
        self.lab.run(heard.router, ["kill", "-KILL", str(heard.session)], check=True)
        return False

    def signal(self, router: str, daemon: str, name: str) -> None:
        """Send a router's daemon a signal; one that is killed is dead when this returns."""
        number = self.lab.processes(router)[daemon]
        self.lab.run(router, ["kill", f"-{name}", str(number)], check=True)
        if name == "KILL":
            dead = wait_for(
                lambda: self.lab.processes(router)[daemon] is None, bool, seconds=10, interval=0.01
            )
            assert dead, f"{daemon} of {router} survived SIGKILL"

    def held(self, prefix: str, gateway: str) -> bool:
        """Whether nobody took a prefix off a gateway's list."""
        removal = re.compile(rf"no ip prefix-list .* permit {re.escape(prefix)}")
        return not any(
            heard.router == gateway and removal.fullmatch(heard.line) for heard in self.ear.heard
        )

    def transcript(self) -> str:
        """What was typed, for messages."""
        return "\n".join(f"{h.router} {h.line}" for h in self.ear.heard)

    def lists_are(self, name: str) -> bool:
        """Whether the gateways' lists are as before, entry by entry, or as planned."""
        lists = lists_of(self.lab)
        if name == AS_BEFORE:
            return lists == self.before
        return {gw: {e.rule for e in found} for gw, found in lists.items()} == overrides_for(
            self.planned
        )

    def settles(self, lists: str, tables: str, *, told: object = "") -> None:
        """Wait until lists and tables are what they are named; fail where they do not become it."""
        assert wait_for(lambda: self.lists_are(lists), bool, seconds=5), (
            f"the lists are not {lists}: {lists_of(self.lab)}, before {self.before}\n"
            f"{told}\n{self.transcript()}"
        )
        wanted = self.tables[tables]
        found = wait_for(
            lambda: tables_of(self.lab), lambda found: found == wanted, seconds=_SETTLED_SECONDS
        )
        assert found == wanted, f"the tables are not {tables}\n{told}\n{self.transcript()}"

    def ends(
        self,
        outcome: Outcome,
        fault: tuple[str, int, str],
        *,
        code: int,
        lists: str,
        tables: str,
        says: str = "",
        word: str = "",
        then: str = "",
        gap: float = 0.0,
        why: str = "",
    ) -> None:
        """Compare what became of the fault with the promise, and record the row.

        Args:
            outcome: how the run ended that the fault struck.
            fault: the row's group, its place there, and what was done.
            code: the exit code.
            lists: what the gateways' lists are.
            tables: what the edge routers' tables are.
            says: a regular expression; what it finds in the run's words is the row's.
            word: what the row says instead of that.
            then: what came after the run, for the row.
            gap: the longest time, in seconds, for which a flow may lose its packets.
            why: the reason for the gap, for the row.
        """
        assert outcome.code == code, f"{outcome}\n{self.transcript()}"
        self.settles(lists, tables, told=outcome)
        found = re.search(says, outcome.said)
        assert found, f"{says!r} is not in {outcome.said}"
        self.stop_pings()
        assert self.pings.silence <= gap, f"lost for more than {gap} s: {self.pings.flows}"
        assert min(flow.sent for flow in self.pings.flows.values()) > 40, "nobody pinged"
        lost = f"{self.pings.lost} of {self.pings.sent:,}"
        if self.pings.lost:
            lost += f", for at most {self.pings.silence:.1f} s: {why}"
        exit_ = f"killed by {signal.Signals(-code).name}" if code < 0 else str(code)
        self.row = Row(
            *fault,
            exit=f"{exit_}; {then}" if then else exit_,
            gateways=lists,
            edges=tables,
            lost=lost,
            says=word or f"“{found[0]}”",
        )
