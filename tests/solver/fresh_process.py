"""The same program in processes of its own: nothing may hang on how Python hashes words."""

import subprocess
import sys


def outputs(program: str) -> set[bytes]:
    """Return what a program prints under two seeds of the hashes; equal outputs are one."""
    return {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "77")
    }
