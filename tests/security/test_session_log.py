"""The log of an SSH session."""

import logging
import re
from pathlib import Path

import pytest

from nornir_bgp.tasks.session_log import SessionLog

SECRET = "Hush.Hush-1"  # noqa: S105 - nobody's


def log_of(folder: Path, *pieces: bytes, host: str = "192.0.2.1") -> Path:
    log = SessionLog(folder / "sessions", host, [SECRET, ""])
    for piece in pieces:
        assert log.write(piece) == len(piece)
    log.close()
    log.close()
    return log.path


def test_it_is_private_and_named_by_time_and_host(tmp_path: Path):
    path = log_of(tmp_path, b"GW1# show version\r\n", b"GW1# ")
    assert re.fullmatch(r"\d{8}T\d{6}\.\d{6}Z-192\.0\.2\.1-[0-9a-f]{6}\.log", path.name)
    assert path.read_text() == "GW1# show version\nGW1# \n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_every_session_has_its_own(tmp_path: Path):
    assert len({log_of(tmp_path, b"x\n") for _ in range(50)}) == 50


def test_a_session_that_said_nothing_leaves_nothing(tmp_path: Path):
    assert not log_of(tmp_path).parent.exists()


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_secrets_are_hidden_wherever_the_text_is_cut(tmp_path: Path, size: int):
    text = (
        b" neighbor 10.0.0.1 password Bgp.Secret-2\r\n"
        b"Password: " + SECRET.encode() + b"\r\nGW1# echo " + SECRET.encode() + b" \x1b[2J"
    )
    path = log_of(tmp_path, *(text[n : n + size] for n in range(0, len(text), size)))
    told = path.read_text()
    assert "Secret-2" not in told
    assert SECRET not in told
    assert "\x1b" not in told
    assert told.startswith(" neighbor 10.0.0.1 password <")


@pytest.mark.parametrize("host", ["../../etc/cron.d/x", "fe80::1%eth0", "a b", "\0", "x" * 300])
def test_a_host_is_no_path(tmp_path: Path, host: str):
    path = log_of(tmp_path, b"x\n", host=host)
    assert path.parent == tmp_path / "sessions"
    assert path.exists()


def test_a_log_that_cannot_be_written_is_told_once(tmp_path: Path, caplog):
    (tmp_path / "sessions").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        log_of(tmp_path, b"one\n", b"two\n", b"three\n")
    assert [r.levelname for r in caplog.records] == ["WARNING"]
    assert "the session's log cannot be written" in caplog.text
