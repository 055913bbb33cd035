"""Where a secret stands: what is read, what is refused, and what is never shown."""

from pathlib import Path

import pytest
import yaml

from nornir_bgp.exceptions import InputError
from nornir_bgp.runbooks.session import load_nornir
from nornir_bgp.tasks.secrets import plain_secrets, revealed

REPOSITORY = Path(__file__).parents[2]


def private(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_what_a_reference_stands_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("A_SECRET", "one two")
    assert revealed("env:A_SECRET", "x") == "one two"
    for content in (b"pass w\xc3\xb6rd", b"pass w\xc3\xb6rd\n"):
        assert revealed(f"file:{private(tmp_path / 'f', content)}", "x") == "pass wörd"
    assert revealed("plain", "x") == "plain"


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o602, 0o644, 0o610])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int):
    file = private(tmp_path / "f", b"hidden", mode)
    with pytest.raises(InputError, match=r"x: .* may be used by others than its owner; chmod 600"):
        revealed(f"file:{file}", "x")


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("env:", "names no variable; write env:NAME"),
        ("env:A-B", "names no variable"),
        ("env:EMPTY", "the environment has no EMPTY; set it"),
        ("file:", "cannot be read: Is a directory"),
        ("file:/no/such", "cannot be read: No such file"),
        ("file:/dev/zero", "is no file"),
        ("file:a\0b", "is no file's name"),
    ],
)
def test_a_reference_to_nothing(monkeypatch: pytest.MonkeyPatch, reference: str, said: str):
    monkeypatch.setenv("EMPTY", "")
    with pytest.raises(InputError, match=said):
        revealed(reference, "GW1: password")


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines\n", b"\xff", b"a\0b", b"a" * 5000])
def test_a_file_that_holds_no_secret(tmp_path: Path, content: bytes):
    file = private(tmp_path / "f", content)
    with pytest.raises(InputError, match="does not hold one line of text"):
        revealed(f"file:{file}", "x")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A configuration whose inventory has secrets in every place where one may stand."""
    extras = {"secret": "file:enable.txt", "passphrase": "plain words"}
    inventory = {
        "hosts": {
            "R1": {
                "hostname": "192.0.2.1",
                "groups": ["g"],
                "password": "file:~/pw",
                "connection_options": {"frr": {"password": "env:PW", "extras": extras}},
            }
        },
        "groups": {"g": {"password": "file:/etc/pw"}},
        "defaults": {"password": "in plain sight"},
    }
    options = {f"{k}_file": f"{k}.yaml" for k in ("host", "group", "defaults")}
    for name, content in inventory.items():
        (tmp_path / f"{name.removesuffix('s') if name != 'defaults' else name}.yaml").write_text(
            yaml.safe_dump(content)
        )
    config = {"inventory": {"plugin": "SimpleInventory", "options": options}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    return tmp_path


def test_paths_start_at_the_configuration(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/me")
    nr = load_nornir(project / "config.yaml")
    host = nr.inventory.hosts["R1"]
    options = host.connection_options["frr"]
    assert host.password == "file:/home/me/pw"  # noqa: S105 - a reference
    assert nr.inventory.groups["g"].password == "file:/etc/pw"  # noqa: S105
    assert options.password == "env:PW"  # noqa: S105
    assert options.extras == {"secret": f"file:{project}/enable.txt", "passphrase": "plain words"}


def test_secrets_in_the_inventory_itself_are_named_and_not_shown(project: Path):
    warnings = plain_secrets(load_nornir(project / "config.yaml").inventory)
    assert [warning.partition(" stands")[0] for warning in warnings] == [
        "defaults: its password",
        "R1: its passphrase",
    ]
    assert not any("plain sight" in w or "plain words" in w for w in warnings)


@pytest.mark.parametrize("place", ["password", "connection_options: {frr: {extras: {secret"])
@pytest.mark.parametrize("value", ["31415926", "0x2FEFD8A6", "[31415926]", "{31415926: 1}", "true"])
def test_a_secret_of_another_type_is_refused_and_not_shown(project: Path, place: str, value: str):
    (project / "defaults.yaml").write_text(f"{place}: {value}{'}}}' if '{' in place else ''}\n")
    with pytest.raises(InputError) as refused:
        load_nornir(project / "config.yaml")
    assert "31415926" not in str(refused.value) or "a key must be text" in str(refused.value)
    assert "804245158" not in str(refused.value)
    assert "defaults.yaml:1:" in str(refused.value)


def test_the_parser_prints_no_line_of_an_inventory(project: Path, capsys, recwarn):
    (project / "defaults.yaml").write_text("username: &a me\npassword: &a Hunter.2\n")
    with pytest.raises(InputError, match=r"defaults.yaml:2:11: anchor given twice; rename one"):
        load_nornir(project / "config.yaml")
    assert not recwarn.list
    assert capsys.readouterr() == ("", "")
