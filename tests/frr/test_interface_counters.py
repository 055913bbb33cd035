"""The parser of /proc/net/dev, against this machine's own kernel and broken text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.interface_counters import PATH, parse_sent_bytes

CAPTURED = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo \
colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0 \
    0       0          0
  eth1:    4517      54    0    0    0     0          0         0     4361      56    0    0    0 \
    0       0          0
bond0.12:18446744073709551615 1 2 3 4 5 6 7 18446744073709551614 9 10 11 12 13 14 15
eth0:1:       1 1 0 0 0 0 0 0        2 1 0 0 0 0 0 0
"""
"""Its first four lines are of a router of the lab (Linux 6)."""


def test_what_was_captured():
    assert parse_sent_bytes(CAPTURED) == {
        "lo": 0,
        "eth1": 4361,
        "bond0.12": 2**64 - 2,
        "eth0:1": 2,
    }


def test_this_machines_kernel():
    found = parse_sent_bytes(Path(PATH).read_text("utf-8"))
    assert found["lo"] >= 0
    for name, sent in found.items():
        now = int(Path(f"/sys/class/net/{name}/statistics/tx_bytes").read_text())
        assert sent <= now


@pytest.mark.parametrize(
    "text",
    [
        "",
        "% Unknown command: /proc/net/dev\n",
        CAPTURED.replace("carrier", "carriers"),
        CAPTURED.splitlines()[0],
        CAPTURED.replace("4361", ""),
        CAPTURED.replace("4361", "-1"),
        CAPTURED.replace("4361", "\N{ARABIC-INDIC DIGIT FOUR}"),
        CAPTURED + "eth9 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        CAPTURED + "eth9:\n",
    ],
)
def test_anything_else_is_refused(text: str):
    with pytest.raises(TableSyntaxError):
        parse_sent_bytes(text)


counters = st.lists(st.integers(0, 2**64 - 1), min_size=16, max_size=16)
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_.:-]{0,14}", fullmatch=True)


@given(st.dictionaries(names, counters))
def test_whatever_the_kernel_prints_is_read(interfaces: dict[str, list[int]]):
    # net/core/net-procfs.c: "%6s: %7llu ..." with a blank between any two counters
    lines = [f"{name:>6}: {' '.join(f'{n:>7}' for n in row)}" for name, row in interfaces.items()]
    text = "\n".join([*CAPTURED.splitlines()[:2], *lines]) + "\n"
    assert parse_sent_bytes(text) == {name: row[8] for name, row in interfaces.items()}


@given(st.text())
def test_no_text_does_anything_but_be_refused(text: str):
    with pytest.raises(TableSyntaxError):
        parse_sent_bytes(text)
