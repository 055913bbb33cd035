"""Run networks on FRR and in the model, several at a time, and keep what differs."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from tests.bgp.differential.compare import Compared, compare
from tests.bgp.differential.generate import generate
from tests.bgp.differential.live import DisturbedError, run_on_frr
from tests.bgp.differential.predict import configs_of, predict
from tests.bgp.differential.sample import Sample, Seen


@dataclass(frozen=True, slots=True)
class Case:
    """A network and what FRR showed of it: a comparison that needs no FRR any more."""

    sample: Sample
    seen: Seen


CASE = TypeAdapter(Case)

STARTS = 3
"""How often a network is started, at most."""


class Examined(NamedTuple):
    """One network.

    Attributes:
        seed: what it was made from.
        case: the network, and what FRR showed.
        compared: FRR and the model.
        seconds: how long FRR and the model took.
        disturbed: why it had to be started again, each time.
    """

    seed: int
    case: Case
    compared: Compared
    seconds: tuple[float, float]
    disturbed: tuple[str, ...]


def examine(sample: Sample) -> Examined:
    """Run one network on FRR and in the model."""
    began = time.perf_counter()
    configs = configs_of(sample)
    disturbed: list[str] = []
    while True:
        try:
            seen = run_on_frr(sample, configs)
            break
        except DisturbedError as error:
            disturbed.append(str(error).rstrip().rpartition("\n")[2])
            if len(disturbed) == STARTS:
                raise
    between = time.perf_counter()
    compared = compare(sample, seen, predict(sample, configs))
    ended = time.perf_counter()
    seconds = (between - began, ended - between)
    return Examined(sample.seed, Case(sample, seen), compared, seconds, tuple(disturbed))


def examine_seeds(seeds: Iterable[int], jobs: int) -> Iterator[Examined]:
    """Examine the networks of many seeds; each is told of as soon as it is done."""
    with ProcessPoolExecutor(jobs) as pool:
        futures = [pool.submit(_examine_seed, seed) for seed in seeds]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _examine_seed(seed: int) -> Examined:
    return examine(generate(seed))


def read_case(file: Path) -> Case:
    """Read a case that was kept."""
    return CASE.validate_json(file.read_bytes())


def recheck(case: Case) -> Compared:
    """Compare what FRR showed once with what the model says now."""
    return compare(case.sample, case.seen, predict(case.sample, configs_of(case.sample)))


def keep(examined: Examined, prefix: str, folder: Path) -> Path:
    """Write the case of one prefix into a file, with the tables of both side by side.

    The network is run again with this prefix alone.
    """
    small = examine(examined.case.sample.only(prefix))
    file = folder / f"seed{examined.seed}-{prefix.replace('/', '-')}.json"
    folder.mkdir(parents=True, exist_ok=True)
    file.write_bytes(CASE.dump_json(small.case, indent=1))
    shown = [m for m in examined.compared.mismatches if m.prefix == prefix]
    again = small.compared.mismatches
    file.with_suffix(".txt").write_text(
        "\n".join([*map(str, shown), "", f"alone: {len(again)} mismatches", *map(str, again), ""]),
        "utf-8",
    )
    return file
