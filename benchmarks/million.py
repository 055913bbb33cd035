"""A plan for 16 gateways and 1,000,000 prefixes by the command line, files included.

    python benchmarks/million.py [SEEDS]

The instances are those of scale.py. Each is written down as predictions and as a file of gateways
with what they reach; the seconds are from the command to the last byte of its JSON answer.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scale import instance

from nornir_bgp.solver import Problem

EXITS, PREFIXES = 16, 1_000_000

ROOM = 1_000
"""So many times the capacities of scale.py: what matters is the balance, not the ceiling."""


def write(problem: Problem, folder: Path) -> tuple[Path, Path]:
    """Write predictions.json and gateways.json."""
    names = [f"{1 + n // 65_536}.{n // 256 % 256}.{n % 256}.0/24" for n in range(PREFIXES)]
    masks = problem.masks.tolist()
    gateways = {
        f"GW{e + 1}": {"upstream": f"UP{e + 1}", "capacity": ROOM * capacity}
        for e, capacity in enumerate(problem.capacities or ())
    }
    reach = {
        f"GW{e + 1}": [n for n, mask in zip(names, masks, strict=True) if mask >> e & 1]
        for e in range(EXITS)
    }
    files = folder / "predictions.json", folder / "gateways.json"
    files[0].write_text(json.dumps({"C": dict(zip(names, problem.loads[0].tolist(), strict=True))}))
    files[1].write_text(json.dumps({"gateways": gateways, "reach": reach}))
    return files


def processor() -> float:
    """Return the seconds of the processor of all programs that have run."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(seeds: int) -> None:
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            files = write(instance(seed, EXITS, PREFIXES), Path(folder))
            sizes = " and ".join(f"{file.stat().st_size / 1e6:,.0f}" for file in files)
            program = str(Path(sys.executable).with_name("nornir-bgp"))
            command = [program, "plan", str(files[0]), "--offline", "--gateways", str(files[1])]
            before = processor()
            began = time.perf_counter()
            done = subprocess.run([*command, "--json"], capture_output=True, check=True)
            clock = time.perf_counter() - began
            seconds = processor() - before
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # the largest
        plan = json.loads(done.stdout)
        print(
            f"seed {seed}: {clock:.1f} s, {seconds:.1f} s of the processor, "
            f"at most {memory:,.0f} MiB so far; gap {plan['gap']:.1e}, "
            f"{plan['solver']}; files of {sizes} MB, answer of {len(done.stdout) / 1e6:,.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
