"""Random networks on FRR and in the model: how many tables, and where they differ.

    python benchmarks/differential.py [--runs 500] [--seed 1] [--jobs 4] [--keep FOLDER]

Prints each mismatch with both tables, and at the end how many router-prefix pairs were compared
and how often each rule of the decision decided. With ``--keep`` the networks of mismatches are
written into a folder as regression cases, with one prefix each. 500 networks take a quarter of an
hour on two processors.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # the tests' own modules

from tests.bgp.differential.examine import Examined, examine_seeds, keep


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1, help="the first of the seeds")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--keep", type=Path, help="a folder for the cases of mismatches")
    options = parser.parse_args()

    began = time.perf_counter()
    done: list[Examined] = []
    seeds = range(options.seed, options.seed + options.runs)
    for examined in examine_seeds(seeds, options.jobs):
        done.append(examined)
        for mismatch in examined.compared.mismatches:
            print(mismatch)
        if examined.compared.mismatches and options.keep is not None:
            kept = {mismatch.prefix for mismatch in examined.compared.mismatches}
            print(*(keep(examined, prefix, options.keep) for prefix in sorted(kept)), sep="\n")
        print(f"\r{len(done)} of {options.runs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    _print_summary(done, time.perf_counter() - began)
    return 1 if any(examined.compared.mismatches for examined in done) else 0


def _print_summary(done: list[Examined], seconds: float) -> None:
    reasons: Counter[str] = sum((one.compared.reasons for one in done), Counter())
    routers = sum(len(one.case.sample.devices) for one in done)
    print(f"networks {len(done)}, routers {routers}, seconds {seconds:.0f}")
    print(f"router-prefix pairs {sum(one.compared.pairs for one in done)}")
    print(f"tables compared {sum(one.compared.tables for one in done)}")
    print(f"  of these in an order that FRR's race decided {sum(o.compared.raced for o in done)}")
    print(f"prefixes that never settle {sum(one.compared.cycles for one in done)}")
    print(f"prefixes in another stable state {sum(one.compared.several for one in done)}")
    print(f"mismatches {sum(len(one.compared.mismatches) for one in done)}")
    print(f"networks started again {sum(bool(one.disturbed) for one in done)}")
    for one in done:
        for why in one.disturbed:
            print(f"  seed {one.seed}: {why}")
    print(f"seconds in the model {sum(one.seconds[1] for one in done):.1f}")
    print("pairs in which a rule decided:")
    for reason, count in reasons.most_common():
        print(f"  {count:7} {reason}")


if __name__ == "__main__":
    sys.exit(main())
