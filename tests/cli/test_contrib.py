"""The files that a service manager and cron read: they parse, are hardened, and name what is."""

import re
import shlex
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CONTRIB = Path(__file__).parents[2] / "contrib"
UNITS = sorted([*CONTRIB.glob("*.service"), *CONTRIB.glob("*.timer")])
SERVICES = [path for path in UNITS if path.suffix == ".service"]


def unit(path: Path) -> ConfigParser:
    """A unit's sections; of a setting that is given twice, both values."""
    parser = ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str
    parser.read_string(path.read_text("utf-8"))
    return parser


def cron_commands() -> list[str]:
    lines = (CONTRIB / "crontab").read_text("utf-8").splitlines()
    jobs = [line for line in lines if line and not re.match(r"#|[A-Z]+=", line)]
    return [line.split(None, 5)[5] for line in jobs]


def command_lines() -> list[str]:
    services = [unit(path)["Service"]["ExecStart"] for path in SERVICES]
    return [*services, *cron_commands()]


def test_every_timer_has_its_service():
    timers = {path.stem for path in UNITS if path.suffix == ".timer"}
    assert timers == {path.stem for path in SERVICES} == {"nornir-bgp", "nornir-bgp-verify"}


@pytest.mark.parametrize("command", command_lines())
def test_the_program_takes_the_options(run: Run, command: str, tmp_path: Path):
    """As far as the configuration, which this machine does not have."""
    words = shlex.split(command.replace("/var/lib/nornir-bgp/metrics", str(tmp_path)))
    assert words[0] == "/opt/nornir-bgp/bin/nornir-bgp"
    assert "%" not in command, "cron takes it for a line feed, systemd for a specifier"
    done = run(*(word for word in words[1:] if word != ">/dev/null"))
    assert done.code == 2
    assert "/etc/nornir-bgp/config.yaml: no such file" in done.stderr
    (metrics,) = tmp_path.iterdir()
    assert "_exit_code 2.0" in metrics.read_text()


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_may_do_nothing_but_its_job(path: Path):
    service = unit(path)["Service"]
    assert service["User"] not in ("", "root")
    assert service["CapabilityBoundingSet"] == ""
    assert service["ProtectSystem"] == "strict"
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "MemoryDenyWriteExecute"):
        assert service[name] == "yes"
    assert set(service["RestrictAddressFamilies"].split()) == {"AF_UNIX", "AF_INET", "AF_INET6"}
    # What it writes lies in its own folder, which systemd makes.
    written = re.findall(r"--metrics (\S+)/[^/]+\.prom", service["ExecStart"])
    assert [f"/var/lib/{d}" for d in service["StateDirectory"].split() if "metrics" in d] == written


@pytest.mark.long  # systemd is installed for the long tests only
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_takes_the_unit(path: Path, tmp_path: Path):
    """With a program that this machine has in the place of ours."""
    for each in UNITS:
        text = each.read_text("utf-8").replace("/opt/nornir-bgp/bin/nornir-bgp", "/bin/true")
        (tmp_path / each.name).write_text(text)
    done = analyze("verify", str(tmp_path / path.name))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.long  # systemd is installed for the long tests only
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_systemd_finds_little_exposed(path: Path):
    """1.5 of 10 is less than most of what a distribution ships; a fresh service has 9.2 or more."""
    done = analyze("security", "--offline=true", "--threshold=15", str(path))
    assert done.returncode == 0, done.stdout


@pytest.mark.long  # systemd is installed for the long tests only
def test_the_times_are_those_that_the_comments_say():
    for name, times in {"nornir-bgp": 4, "nornir-bgp-verify": 12}.items():
        calendar = unit(CONTRIB / f"{name}.timer")["Timer"]["OnCalendar"]
        done = analyze(
            "calendar", "--iterations=13", "--base-time=2026-01-01 00:59:59 UTC", calendar
        )
        elapses = re.findall(r"2026-01-01 01:(\d\d):00", done.stdout)
        assert len(set(elapses)) == times, done.stdout


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
