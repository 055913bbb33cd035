"""What is said in a session, and what comes back."""

import json
import re
from pathlib import Path

import pytest
from nornir.core.task import Result, Task

from nornir_bgp.lab.lab import Lab
from nornir_bgp.runbooks.session import load_nornir
from nornir_bgp.tasks.session import show

pytestmark = pytest.mark.lab

COMMANDS = ["show bgp ipv4 unicast json", "show running-config", "show version"]


def test_a_session_says_the_commands_and_nothing_else(lab: Lab, lab_config: Path, tmp_path: Path):
    """An empty line more, as of who looks for the prompt, mixes prompts into the answers."""
    nr = load_nornir(lab_config).filter(name="GW1")
    nr.config.user_defined["session_logs"] = str(tmp_path)

    def answers(task: Task) -> Result:
        return Result(task.host, [show(task, command) for command in COMMANDS])

    done = nr.run(answers)["GW1"]
    nr.close_connections()
    assert not done.failed, done.exception
    (log,) = tmp_path.iterdir()
    said = re.findall(r"^GW1# (.*)$", log.read_text().replace("\r", ""), re.MULTILINE)
    first = said.index(COMMANDS[0])
    assert said[first : first + len(COMMANDS)] == COMMANDS
    table, running, version = done[0].result
    assert json.loads(table)["routerId"] == "192.168.3.3"
    assert running.startswith("Building configuration...")
    assert running.rstrip().endswith("end")
    assert version.startswith("FRRouting ")
