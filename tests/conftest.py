"""What all tests share: the published data, and one running lab."""

import logging
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, settings

from nornir_bgp.lab.lab import Lab
from nornir_bgp.runbooks.lab import lab_down, lab_up
from nornir_bgp.runbooks.session import load_nornir, load_settings

pytest_plugins = ["tests.lab.faults.recorder"]  # --fault-table, for the whole suite

REPOSITORY = Path(__file__).parent.parent

# How fast a test is says nothing beside the labs of other tests.
settings.register_profile(
    "beside labs", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("beside labs")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What tests of hostile text have said is no UTF-8; it could not travel between processes."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that runs in this process says how much is logged; the next test says so anew."""
    names = ("", "nornir", "paramiko", "netmiko", "nornir_bgp", "nornir_bgp.cli")
    levels = {name: logging.getLogger(name).level for name in names}
    handlers = list(logging.getLogger().handlers)
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.getLogger().handlers = handlers
    logging.captureWarnings(capture=False)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the published data.

    It is ``NORNIR_BGP_DATA``; with that set, a file that is missing fails its test. Without it,
    the folder beside the repository is taken, and where there is none the test is skipped.
    """
    named = os.environ.get("NORNIR_BGP_DATA")
    if named is not None:
        return Path(named)
    beside = REPOSITORY.parent / "shared" / "data"
    if not beside.is_dir():
        pytest.skip("no data folder")
    return beside


@pytest.fixture(scope="session")
def lab_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ``config.yaml`` of the reference network whose lab and runs lie in a temporary folder."""
    folder = tmp_path_factory.mktemp("lab")
    content = yaml.safe_load((REPOSITORY / "config.yaml").read_text("utf-8"))
    options = content["inventory"]["options"]
    content["inventory"]["options"] = {
        option: str(REPOSITORY / file) for option, file in options.items()
    }
    settings = content["user_defined"]
    settings["lab"] = {
        "topology": str(REPOSITORY / settings["lab"]["topology"]),
        "state": str(folder / "state"),
    }
    settings["runs"] = str(folder / "runs")
    settings["template"] = str(REPOSITORY / "templates" / "frr.conf.j2")
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(content), "utf-8")
    return config


@pytest.fixture(scope="session")
def lab(lab_config: Path) -> Iterator[Lab]:
    """The reference network, running, with every session established.

    One lab serves the whole session: a test that changes it puts it back.
    """
    try:
        yield lab_up(load_nornir(lab_config))
    finally:
        lab_down(load_settings(lab_config))
