"""Run a network on FRR, in namespaces that end with it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.bgp.differential.sample import SEEN, TASK, Sample, Seen, Task
from tests.frr.namespaces import SPACES

REPOSITORY = Path(__file__).parents[3]
RUN_SECONDS = 240.0


class DisturbedError(Exception):
    """FRR did not start or settle in time, or the IGP moved: the machine was too busy."""


def run_on_frr(sample: Sample, configs: dict[str, str]) -> Seen:
    """Run a network and return what its routers showed.

    Raises:
        DisturbedError: FRR did not start or settle, or refused a configuration.
    """
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user", "--map-auto")
    done = subprocess.run(
        ["unshare", *user, *SPACES, "--ipc", sys.executable, "-m", "tests.bgp.differential.inside"],
        input=TASK.dump_json(Task(sample, configs)),
        capture_output=True,
        check=False,
        cwd=REPOSITORY,
        timeout=RUN_SECONDS,
    )
    if done.returncode != 0:
        raise DisturbedError(f"seed {sample.seed}: {done.stderr.decode(errors='replace')[-4000:]}")
    return SEEN.validate_json(done.stdout)
