"""A lab of the benchmarks' own: the reference network with its state in a folder that goes."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.lab.lab import Lab

REPOSITORY = Path(__file__).parent.parent


@contextmanager
def own_lab() -> Iterator[tuple[Nornir, Lab]]:
    """Start the lab, and end it."""
    with tempfile.TemporaryDirectory() as folder:
        nr = runbooks.load_nornir(REPOSITORY / "config.yaml")
        settings = runbooks.settings_of(nr).lab
        assert settings is not None
        state = settings.model_copy(update={"state": f"{folder}/state"})
        nr.config.user_defined |= {"runs": f"{folder}/runs", "lab": state.model_dump()}
        lab = runbooks.lab_up(nr)
        try:
            yield nr, lab
        finally:
            lab.down()
