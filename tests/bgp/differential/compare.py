"""What FRR showed beside what the model says, path by path."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from nornir_bgp.bgp.domain import Domain
from nornir_bgp.bgp.propagation import Outcome
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.models.rib import Path, Rib
from tests.bgp.differential.races import Arrivals
from tests.bgp.differential.sample import Sample, Seen
from tests.bgp.differential.several import is_one_of_several

NO_ROUTE = "no route takes part"


class Mismatch(NamedTuple):
    """A prefix that a router does not route as the model says.

    Attributes:
        seed: the network.
        step: after which round or event, from 0.
        router: the router.
        prefix: the prefix.
        live: FRR's paths.
        predicted: the model's.
    """

    seed: int
    step: int
    router: str
    prefix: str
    live: tuple[Path, ...]
    predicted: tuple[Path, ...]

    def __str__(self) -> str:
        """Both tables, one below the other."""
        return "\n".join(
            [
                f"seed {self.seed}, step {self.step}, {self.router}, {self.prefix}",
                *(f"  FRR    {_line(path)}" for path in self.live),
                *(f"  model  {_line(path)}" for path in self.predicted),
            ]
        )


class Compared(NamedTuple):
    """How a network compares.

    Attributes:
        tables: how many times a router's paths to a prefix were compared, over all steps.
        pairs: how many router-prefix pairs these were about.
        reasons: in how many of the pairs each rule decided in some step, by FRR's word.
        raced: how many of the tables differ in their order by a race of messages alone.
        cycles: how many prefixes never settled, on FRR and in the model.
        several: how many settled in another of the stable states that the model names.
        mismatches: where they differ.
    """

    tables: int
    pairs: int
    reasons: Counter[str]
    raced: int
    cycles: int
    several: int
    mismatches: tuple[Mismatch, ...]


def compare(sample: Sample, seen: Seen, outcomes: Sequence[Outcome]) -> Compared:
    """Compare the tables of all routers after each step, field by field and in their order."""
    comparison = _Comparison(sample, outcomes[0].domain)
    for step, outcome in enumerate(outcomes):
        live = {router: parse_json(text) for router, text in seen.tables[step].items()}
        comparison.take(step, live, frozenset(seen.changing[step]), outcome)
    return comparison.result()


class _Comparison:
    """The comparison of one network, step by step.

    A prefix that goes on changing has to be one that the model calls a cycle, and one that has
    settled otherwise has to be in a state that the model knows; from then on what it does is FRR's
    race, and it is left out.
    """

    def __init__(self, sample: Sample, domain: Domain) -> None:
        self._sample = sample
        self._domain = domain
        self._arrivals = Arrivals(domain.routers)
        self._cycling: set[str] = set()
        self._several: set[str] = set()
        self._decided: set[tuple[str, str, str]] = set()
        self._tables = self._raced = 0
        self._mismatches: list[Mismatch] = []

    def take(
        self, step: int, live: Mapping[str, Rib], changing: Set[str], outcome: Outcome
    ) -> None:
        """Compare the state after one step.

        Args:
            step: the step.
            live: FRR's tables.
            changing: the prefixes that go on changing on FRR.
            outcome: what the model says.
        """
        self._arrivals.see(live, step)
        cycles = {prefix for cycle in outcome.cycles for prefix in cycle.prefixes}
        for prefix in cycles.symmetric_difference(changing) - self._left_out:
            self._mismatches.append(self._mismatch(step, "all routers", prefix))
        self._cycling |= cycles & changing
        different: dict[str, list[Mismatch]] = {}
        for router, table in live.items():
            known = table.routes.keys() - self._left_out
            self._tables += len(known)
            self._decided |= {(router, p, _reason(table.routes[p])) for p in known}
            for mismatch in self._mismatches_of(step, router, table, outcome):
                different.setdefault(mismatch.prefix, []).append(mismatch)
        for prefix, there in different.items():
            if is_one_of_several(self._sample, self._domain, step, prefix, live):
                self._several.add(prefix)
            else:
                self._mismatches += there

    def result(self) -> Compared:
        """Say how it went."""
        return Compared(
            self._tables,
            len({(router, prefix) for router, prefix, _ in self._decided}),
            Counter(reason for _, _, reason in self._decided),
            self._raced,
            len(self._cycling),
            len(self._several),
            tuple(self._mismatches),
        )

    @property
    def _left_out(self) -> set[str]:
        return self._cycling | self._several

    def _mismatches_of(
        self, step: int, router: str, live: Rib, outcome: Outcome
    ) -> Iterator[Mismatch]:
        options = self._domain.routers[router].options
        for prefix, shown, said in _differences(live, outcome.rib(router)):
            if prefix in self._left_out:
                continue
            candidates, _ = outcome.table(router, prefix)
            if self._arrivals.raced((router, prefix), shown, said, candidates, options):
                self._raced += 1
            else:
                yield self._mismatch(step, router, prefix, shown, said)

    def _mismatch(
        self,
        step: int,
        router: str,
        prefix: str,
        shown: tuple[Path, ...] = (),
        said: tuple[Path, ...] = (),
    ) -> Mismatch:
        return Mismatch(self._sample.seed, step, router, prefix, shown, said)


def _differences(
    live: Rib, predicted: Rib
) -> Iterator[tuple[str, tuple[Path, ...], tuple[Path, ...]]]:
    heads = [(rib.router_id, rib.local_as, rib.default_local_pref) for rib in (live, predicted)]
    assert heads[0] == heads[1]
    for prefix in sorted(live.routes.keys() | predicted.routes.keys()):
        both = _paths(live.routes, prefix), _paths(predicted.routes, prefix)
        if both[0] != both[1]:
            yield prefix, *both


def _paths(routes: Mapping[str, tuple[Path, ...]], prefix: str) -> tuple[Path, ...]:
    return routes.get(prefix, ())


def _reason(paths: Sequence[Path]) -> str:
    return next((path.reason for path in paths if path.reason is not None), NO_ROUTE)


def _line(path: Path) -> str:
    marks = "".join(
        mark if there else " "
        for mark, there in zip(
            "*>=i", (path.valid, path.best, path.multipath, path.internal), strict=True
        )
    )
    return (
        f"{marks} {path.next_hop:15} from {path.peer or 'itself':15} med {path.metric} "
        f"lp {path.local_pref} w {path.weight} [{path.as_path}] {path.origin} {path.reason or ''}"
    )
