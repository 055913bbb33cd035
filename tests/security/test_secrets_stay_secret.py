"""A run with a password: the secret is in no artefact, however the run ends."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nornir.core import Nornir
from nornir.core.task import Result, Task

from nornir_bgp.exceptions import CommandRefusedError
from nornir_bgp.lab.lab import Lab
from nornir_bgp.tasks.session import configure as send
from tests.lab.conftest import configure, quickened
from tests.security.manager import (
    PASSWORD_PORT,
    REPOSITORY,
    ROUTERS,
    Manager,
    accept_passwords,
    refuse_passwords,
)

pytestmark = pytest.mark.lab

PASSWORD = f"Correct.Horse-{secrets.token_hex(8)}"
ENABLE = f"Battery.Staple-{secrets.token_hex(8)}"
MD5 = f"Bgp.Session-{secrets.token_hex(8)}"
WRONG = f"Not.The.One-{secrets.token_hex(8)}"
UNUSED_PORT = 2223
SECRETS = (PASSWORD, ENABLE, MD5, WRONG)

FORMATS = ("md", "html", "junit", "json", "prometheus")


@pytest.fixture(scope="module")
def password_lab(clean_lab: Lab) -> Iterator[Lab]:
    """Routers that take a password, one of which has a secret in its configuration."""
    accept_passwords(clean_lab, PASSWORD)
    peer = "neighbor 10.99.0.1"
    lines = [f"{peer} remote-as 65099", f"{peer} password {MD5}"]
    configure(clean_lab, "GW1", "router bgp 65020", *lines)
    with quickened(clean_lab):
        yield clean_lab
    configure(clean_lab, "GW1", "router bgp 65020", f"no {peer}")
    refuse_passwords(clean_lab)


def login(password: str) -> dict[str, object]:
    """Connection parameters with a password, an enable secret and no key."""
    extras = {"use_keys": False, "allow_agent": False, "secret": "env:ROUTER_ENABLE"}
    return {
        "port": PASSWORD_PORT,
        "password": password,
        "connection_options": {"frr": {"extras": extras}},
    }


def shown(*done: subprocess.CompletedProcess[str]) -> str:
    return "".join(d.stdout + d.stderr for d in done)


def assert_no_secret(manager: Manager, *done: subprocess.CompletedProcess[str]) -> None:
    """Search whatever was printed, and every file that was written."""
    texts = {"what was printed": shown(*done)}
    texts |= {str(path): path.read_text("utf-8", "replace") for path in manager.files()}
    found = [(name, s) for name, text in texts.items() for s in SECRETS if s in text]
    assert found == []


def everything(manager: Manager, **environment: str) -> list[subprocess.CompletedProcess[str]]:
    """Run a distribution each way that it can be told, then every report of it."""
    file = str(manager.project / "predictions/test.json")
    done = [manager.run("--verbose", "distribute", file, **environment)]
    done.append(manager.run("-v", "--log-format", "json", "verify", "--json", **environment))
    done += [manager.run("report", "--format", face, **environment) for face in FORMATS]
    return [*done, manager.run("history", "--json", **environment)]


def test_a_run_by_password(password_lab: Lab, manager: Manager):
    manager.make(login("env:ROUTER_PASSWORD"), session_logs="sessions")
    environment = {"ROUTER_PASSWORD": PASSWORD, "ROUTER_ENABLE": ENABLE}
    done = everything(manager, **environment)
    assert [d.returncode for d in done] == [0] * len(done), shown(*done)
    assert_no_secret(manager, *done)
    logs = list((manager.project / "sessions").iterdir())
    assert {log.name.split("-")[1] for log in logs} == set(ROUTERS.values())
    text = "".join(log.read_text() for log in logs)
    assert "show ip bgp" in text
    assert "neighbor 10.99.0.1 password <" in text
    for folder in (manager.project / "runs", manager.project / "sessions"):
        for path in (folder, *folder.rglob("*")):
            assert path.stat().st_mode & 0o077 == 0, f"{path} is not its owner's alone"


def test_a_password_in_a_private_file(password_lab: Lab, manager: Manager):
    manager.make(login("file:password.txt"))
    secret = manager.project / "password.txt"
    secret.write_text(f"{PASSWORD}\n")
    secret.chmod(0o640)
    file = str(manager.project / "predictions/test.json")
    refused = manager.run("plan", file, ROUTER_ENABLE=ENABLE)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"{secret} may be used by others than its owner; chmod 600 it" in refused.stderr
    secret.chmod(0o600)
    taken = manager.run("--verbose", "plan", file, ROUTER_ENABLE=ENABLE)
    assert taken.returncode == 0, taken.stderr
    assert_no_secret(manager, refused, taken)


@pytest.mark.parametrize(
    ("password", "port", "exit_code", "said"),
    [
        ("env:ROUTER_PASSWORD", PASSWORD_PORT, 4, "Authentication failed"),
        ("env:ROUTER_PASSWORD", UNUSED_PORT, 4, "Connection refused"),
        ("env:NOT_SET", PASSWORD_PORT, 2, "the environment has no NOT_SET; set it"),
        ("file:not-there.txt", PASSWORD_PORT, 2, "not-there.txt cannot be read: No such file"),
    ],
)
def test_a_run_that_fails(
    password_lab: Lab, manager: Manager, password: str, port: int, exit_code: int, said: str
):
    manager.make(login(password) | {"port": port}, session_logs="sessions", connection_attempts=2)
    known = (manager.home / ".ssh/known_hosts").read_text()
    (manager.home / ".ssh/known_hosts").write_text(
        known + known.replace(f":{PASSWORD_PORT}", f":{UNUSED_PORT}")
    )
    file = str(manager.project / "predictions/test.json")
    environment = {"ROUTER_PASSWORD": WRONG, "ROUTER_ENABLE": ENABLE}
    log = ["--log-format", "json"] if exit_code == 2 else []
    done = manager.run("--verbose", *log, "distribute", file, "--json", **environment)
    assert done.returncode == exit_code, done.stderr
    assert said in done.stderr
    assert ("again in" in done.stderr) == (port == UNUSED_PORT), "tried again, or once only"
    assert_no_secret(manager, done)


def test_a_plain_password_is_warned_of_and_still_kept(password_lab: Lab, manager: Manager):
    manager.make(login(PASSWORD), session_logs="sessions")
    file = str(manager.project / "predictions/test.json")
    done = [
        manager.run("--verbose", *words, ROUTER_ENABLE=ENABLE)
        for words in (["distribute", file], ["report", "--format", "json"])
    ]
    assert [d.returncode for d in done] == [0, 0], shown(*done)
    assert "defaults: its password stands in the inventory; write env:NAME" in done[0].stderr
    (manager.project / "inventory/defaults.yaml").unlink()
    assert_no_secret(manager, *done)


def test_a_fault_of_ours_shows_its_traceback_without_the_secret(
    password_lab: Lab, manager: Manager
):
    """A module that breaks at the worst moment: a session is being opened."""
    manager.make(login("env:ROUTER_PASSWORD"))
    broken = manager.folder / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import netmiko.cisco.cisco_ios as ios\n"
        "def broken(self, *a, **k):\n"
        "    raise RuntimeError(f'broken with {self}')\n"
        "ios.CiscoIosBase.session_preparation = broken\n"
    )
    file = str(manager.project / "predictions/test.json")
    done = manager.run(
        "--verbose",
        "distribute",
        file,
        ROUTER_PASSWORD=PASSWORD,
        ROUTER_ENABLE=ENABLE,
        PYTHONPATH=f"{broken}:{Path(__file__).parents[2]}",
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "broken with" in done.stderr
    assert_no_secret(manager, done)


def test_what_prints_nornir_objects_shows_no_secret(password_lab: Lab, manager: Manager):
    manager.make(login("env:ROUTER_PASSWORD"))
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from nornir_bgp.runbooks.session import load_nornir\n"
        "nr = load_nornir(Path(sys.argv[1]))\n"
        "host = nr.inventory.hosts['GW1']\n"
        "connection = host.get_connection('frr', nr.config)\n"
        "print(nr, nr.inventory.dict(), nr.config.dict(), host, host.dict(), host.connections,\n"
        "      connection, connection.find_prompt(), sep='\\n')\n"
        "host.close_connections()\n"
    )
    done = manager.execute(
        [sys.executable, "-c", program, str(manager.config)],
        ROUTER_PASSWORD=PASSWORD,
        ROUTER_ENABLE=ENABLE,
    )
    assert done.returncode == 0, done.stderr
    assert "GW1#" in done.stdout
    assert "env:ROUTER_PASSWORD" in done.stdout
    assert_no_secret(manager, done)


def test_a_deployment_shows_no_secret_of_a_router(password_lab: Lab, manager: Manager):
    template = str(REPOSITORY / "templates/frr.conf.j2")
    manager.make(login("env:ROUTER_PASSWORD"), template=template, connection_attempts=1)
    environment = {"ROUTER_PASSWORD": PASSWORD, "ROUTER_ENABLE": ENABLE}
    done = [
        manager.run("--verbose", "deploy", "--dry-run", "--replace", *words, **environment)
        for words in ((), ("--json",))
    ]
    for run in done:
        assert "neighbor 10.99.0.1 password <" in run.stdout, run.stderr
    assert_no_secret(manager, *done)


def test_a_refused_line_is_told_without_its_secret(password_lab: Lab, nr: Nornir):
    def refuse(task: Task) -> Result:
        unknown = f"neighbor 10.99.0.2 password {MD5}"
        with pytest.raises(CommandRefusedError) as refused:
            send(task, ["router bgp 65020", unknown])
        return Result(host=task.host, result=str(refused.value))

    gateway = nr.filter(name="GW1")
    said = gateway.run(refuse)["GW1"][0].result
    gateway.close_connections()
    assert "neighbor 10.99.0.2 password <" in said
    assert MD5 not in said
