"""Nothing that git would publish looks like a key or a password."""

import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

IN_YAML = "a secret in YAML"
PATTERNS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "an OpenSSH private key": r"b3BlbnNzaC1rZXktdj" + "E",
    "a key of a cloud": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token": r"\b(gh[pousr]_[A-Za-z0-9]{36}|glpat-[A-Za-z0-9_-]{20}|xox[abpr]-[0-9A-Za-z-]{10})",
    "a password's hash": r"\$(1|5|6|y|2[aby])\$[./A-Za-z0-9]{2,}\$?[./A-Za-z0-9]{20}",
    "a password in an address": r"\b[a-z]+://[^/\s:@{}<]+:[^/\s:@{}<]+@",
    IN_YAML: r"(?m)^\s*(password|passphrase|secret):\s*(?!env:|file:|null|\{|$)\S",
}


def published() -> list[Path]:
    """Every file that git has, or would take."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a clone")
    done = subprocess.run(
        ["git", "-C", REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    paths = (REPOSITORY / name for name in done.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def test_nothing_looks_like_a_secret():
    found = []
    for path in published():
        text = path.read_text("utf-8", "replace")
        for what, pattern in PATTERNS.items():
            if what == IN_YAML and path.suffix not in (".yaml", ".yml", ".md"):
                continue
            found += [f"{path.name}: {what}: {m[0]}" for m in re.finditer(pattern, text)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("-----BEGIN OPENSSH " + "PRIVATE KEY-----", "a private key"),
        ("$6$" + "saltsalt$" + "a" * 86, "a password's hash"),
        ("  password: " + "hunter2", IN_YAML),
        ("https://user:" + "word@example.net", "a password in an address"),
        ("AKIA" + "A" * 16, "a key of a cloud"),
    ],
)
def test_what_looks_like_one_is_seen(text: str, what: str):
    assert re.search(PATTERNS[what], text)


@pytest.mark.parametrize("text", ["password: env:NAME", "  secret: file:x", "password:", "a: b"])
def test_a_reference_is_none(text: str):
    assert not [what for what, pattern in PATTERNS.items() if re.search(pattern, text)]
