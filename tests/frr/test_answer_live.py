"""What vtysh says of itself when its reader is slow, on live FRR."""

import os
import pty
import re
import subprocess
import time

import pytest

from nornir_bgp.frr.answer import without_notices
from nornir_bgp.frr.versions import minor_of
from tests.frr.gateway_pair import running_pair

pytestmark = pytest.mark.lab

SLOW = 5.5
"""Seconds: FRR's limit is five."""

ROUTES = tuple(f"10.{n // 256}.{n % 256}.0/24" for n in range(600))
"""So many that their table does not fit into a terminal's buffer."""


def read_until(terminal: int, pattern: str, text: str = "") -> str:
    """Read a terminal until what was read matches."""
    while not re.search(pattern, text):
        text += os.read(terminal, 65536).decode()
    return text.replace("\r", "")


def test_a_slow_reader_gets_the_answer_and_nothing_else() -> None:
    with running_pair(ROUTES) as pair:
        plain = pair.vtysh("show bgp ipv4 unicast json").stdout
        terminal, theirs = pty.openpty()
        with subprocess.Popen(
            pair.command("vtysh", "-N", "GW1"), stdin=theirs, stdout=theirs, stderr=theirs
        ) as vtysh:
            os.close(theirs)
            try:
                prompt = read_until(terminal, r"\S+# $").splitlines()[-1]
                command = "show bgp ipv4 unicast json"
                os.write(terminal, b"terminal length 0\n")
                read_until(terminal, rf"length 0\s+{re.escape(prompt)}$")
                os.write(terminal, f"{command}\n".encode())
                time.sleep(SLOW)
                text = read_until(terminal, rf"{re.escape(prompt)}\s*$|STARVATION.*\n")
            finally:
                vtysh.kill()
                os.close(terminal)
    answer = text.partition(command)[2].lstrip("\n")
    if minor_of(pair.rules.version) in ((8, 4), (8, 5)):
        assert "STARVATION: task vtysh" in answer
    assert without_notices(answer).removesuffix(prompt).strip() == plain.strip()
