"""The lab as the security tests find it: as the lab's own tests do, and a manager's user."""

from pathlib import Path

import pytest

from nornir_bgp.lab.lab import Lab
from tests.lab.conftest import clean_lab, cli, nr, start_cli
from tests.security.manager import Manager

__all__ = ["clean_lab", "cli", "manager", "nr", "start_cli"]


@pytest.fixture
def manager(clean_lab: Lab, tmp_path: Path) -> Manager:
    return Manager(clean_lab, tmp_path)


@pytest.fixture
def repository() -> Path:
    return Path(__file__).parents[2]
