"""Every fault of the files that `render` reads: exit 2, the place, and nothing written."""

import shutil
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent
TEMPLATE = REPOSITORY / "templates" / "frr.conf.j2"

GOOD = """\
devices:
  - hostname: R1
    interfaces:
      - {name: eth0, ipv4_address: 10.0.0.0/31}
    bgp:
      as_number: 65001
      router_id: 192.0.2.1
      neighbors:
        - {ip: 10.0.0.1, remote_as: 65002}
      networks: [198.51.100.0/24]
"""

ADDRESS = "{name: eth0, ipv4_address: 10.0.0.0/31}"
NEIGHBOR = "{ip: 10.0.0.1, remote_as: 65002}"
AT = "devices[0]"

# name: (what of GOOD, replaced by what, what the message begins with after the file's name)
DEVICE_FAULTS = {
    "not YAML": ("[198", "[[198", ":11:1: not YAML"),
    "empty": (GOOD, "", ":1:1: an empty value is not a mapping"),
    "no devices": (GOOD, "devices: []", ":1:1: devices: is empty"),
    "no list": (GOOD, "devices: {}", ":1:1: devices: a mapping is not a list"),
    "key twice": (
        "65001",
        "65001\n      as_number: 1",
        ":7:7: devices[0].bgp.as_number: key given",
    ),
    "unknown key": ("    bgp:", "    asn: 1\n    bgp:", f":5:5: {AT}.asn: unknown key"),
    "unknown key below": (
        NEIGHBOR,
        "{ip: 10.0.0.1, remote_as: 1, x: 1}",
        f":9:40: {AT}.bgp.neighbors[0].x: unknown key",
    ),
    "missing key": ("      as_number: 65001\n", "", f":5:5: {AT}.bgp.as_number: is missing"),
    "missing hostname": ("hostname: R1", "setup_bgp_localpref_map: no", f":2:5: {AT}.hostname"),
    "hostname": ("R1", "../R1", f":2:5: {AT}.hostname: '../R1' is not allowed; write"),
    "control character": ("R1", '"R\\e1"', f":2:5: {AT}.hostname: 'R\\x1b1' is not allowed"),
    "interface name": ("eth0", '"eth 0"', f":4:10: {AT}.interfaces[0].name: 'eth 0'"),
    "interface address": (
        "10.0.0.0/31",
        "10.0.0.300/31",
        f":4:22: {AT}.interfaces[0].ipv4_address",
    ),
    "no length": ("10.0.0.0/31", "10.0.0.0", f":4:22: {AT}.interfaces[0].ipv4_address: '10.0.0.0'"),
    "wrong family": ("10.0.0.0/31", "fd00::1/64", f":4:22: {AT}.interfaces[0].ipv4_address"),
    "number as address": ("10.0.0.0/31", "167772160", f":4:22: {AT}.interfaces[0].ipv4_address"),
    "interface twice": (
        ADDRESS,
        f"{ADDRESS}\n      - {{name: eth0}}",
        f":5:10: {AT}.interfaces[1].name: interface eth0 is given twice",
    ),
    "AS number": ("65001", "0", f":6:7: {AT}.bgp.as_number: 0 is not allowed"),
    "AS number as text": ("65001", '"65001"', f":6:7: {AT}.bgp.as_number: '65001' is not a whole"),
    "router id": ("192.0.2.1", "192.0.2.256", f":7:7: {AT}.bgp.router_id: '192.0.2.256' is not"),
    "neighbor address": ("10.0.0.1,", "10.0.0,", f":9:12: {AT}.bgp.neighbors[0].ip: '10.0.0'"),
    "multicast neighbor": ("10.0.0.1,", "224.0.0.1,", f":9:12: {AT}.bgp.neighbors[0].ip: '224"),
    "own address": (
        "10.0.0.1,",
        "10.0.0.0,",
        f":9:12: {AT}.bgp.neighbors[0].ip: neighbor 10.0.0.0",
    ),
    "neighbor twice": (
        NEIGHBOR,
        f"{NEIGHBOR}\n        - {NEIGHBOR}",
        f":10:12: {AT}.bgp.neighbors[1].ip: neighbor 10.0.0.1 is given twice",
    ),
    "neighbor also a group's": (
        NEIGHBOR,
        f"{NEIGHBOR}\n        - {{is_group: true, group_name: G, remote_as: 1, "
        "group_members: [10.0.0.1]}",
        f":10:73: {AT}.bgp.neighbors[1].group_members[0]: neighbor 10.0.0.1 is given twice",
    ),
    "empty group": (
        NEIGHBOR,
        "{is_group: true, group_name: G, remote_as: 1, group_members: []}",
        f":9:57: {AT}.bgp.neighbors[0].group_members: is empty",
    ),
    "exit without map": (
        "remote_as: 65002",
        "remote_as: 65002, use_localpref_map: true",
        f":2:5: {AT}: neighbor 10.0.0.1 has use_localpref_map, but the device has no map",
    ),
    "flag as text": ("65002", "65002, bfd: yes", f":9:44: {AT}.bgp.neighbors[0].bfd: 'yes' is not"),
    "interval without BFD": (
        "65002",
        "65002, bfd_interval: 200",
        f":9:11: {AT}.bgp.neighbors[0]: bfd_interval is",
    ),
    "short hold time": (
        "65002",
        "65002, timers: {keepalive: 3, hold: 5}",
        f":9:44: {AT}.bgp.neighbors[0].timers: hold time 5 s is less than three",
    ),
    "injected line": (
        "65002",
        '65002, description: "a\\nno router bgp"',
        f":9:44: {AT}.bgp.neighbors[0].description: 'a\\nno router bgp' is not allowed",
    ),
    "network with host bits": (".100.0/24", ".100.1/24", f":10:18: {AT}.bgp.networks[0]: '198"),
    "network twice": (
        "[198.51.100.0/24]",
        "[198.51.100.0/24, 198.51.100.0/24]",
        f":10:35: {AT}.bgp.networks[1]: network 198.51.100.0/24 is given twice",
    ),
    "hostname twice": (
        GOOD,
        GOOD + GOOD.removeprefix("devices:\n"),
        ":11:5: devices[1].hostname: hostname R1 is given twice, first in d.yaml:2:5",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), DEVICE_FAULTS.values(), ids=DEVICE_FAULTS)
def test_a_bad_device_file(run, tmp_path, old, new, message):
    assert old in GOOD
    (tmp_path / "d.yaml").write_text(GOOD.replace(old, new))
    outcome = run("render", "d.yaml", "out", TEMPLATE)
    assert outcome.stderr.startswith(f"error: d.yaml{message}")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert [p.name for p in tmp_path.iterdir()] == ["d.yaml"]


def test_a_hostname_in_two_files_of_a_folder(run, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "b.yaml").write_text(GOOD)
    (folder / "a.yaml").write_text("# first\n" + GOOD)
    outcome = run("render", "in", "out", TEMPLATE)
    assert outcome.code == 2
    assert "in/b.yaml:2:5: devices[0].hostname: hostname R1 is given twice" in outcome.stderr
    assert "first in in/a.yaml:3:5" in outcome.stderr
    assert not (tmp_path / "out").exists()


TEMPLATE_FAULTS = {
    "syntax": ("line 1\n{% if %}\n", ":2: Expected an expression"),
    "open block": ("{% if true %}\n\n", ":2: Unexpected end of template"),
    "unknown name": ("hostname x\n\n{{ devise.hostname }}\n", ":3: UndefinedError: 'devise'"),
    "unknown field": ("{{ device.bgp.asn }}", ":1: UndefinedError: "),
    "unknown filter": ("\n{{ device | nosuch }}", ":2: No filter named 'nosuch'"),
    "in a macro": ("{% macro m() %}\n{{ nosuch + 1 }}\n{% endmacro %}\n{{ m() }}", ":2: Undefined"),
    "in Python": ("\n{{ 1 // 0 }}", ":2: ZeroDivisionError"),
    "missing include": ("\n{% include 'nosuch' %}", ":2: TemplateNotFound: "),
}


@pytest.mark.parametrize(("text", "message"), TEMPLATE_FAULTS.values(), ids=TEMPLATE_FAULTS)
def test_a_bad_template(run, tmp_path, text, message):
    (tmp_path / "d.yaml").write_text(GOOD)
    (tmp_path / "t.j2").write_text(text)
    outcome = run("render", "d.yaml", "out", "t.j2")
    assert outcome.stderr.startswith(f"error: t.j2{message}")
    assert "mend the template (for R1)" in outcome.stderr
    assert (outcome.code, outcome.stdout) == (2, "")
    assert not (tmp_path / "out").exists()


def test_missing_and_unusable_files(run, tmp_path):
    (tmp_path / "d.yaml").write_text(GOOD)
    (tmp_path / "latin1.yaml").write_bytes(b"devices: \xe4")
    (tmp_path / "empty").mkdir()
    for arguments, message in [
        (("nosuch.yaml",), "nosuch.yaml: no such file"),
        (("latin1.yaml",), "latin1.yaml: not UTF-8 text at byte 9"),
        (("empty",), "empty: no .yaml file in this folder"),
        (("d.yaml", "out", "nosuch.j2"), "nosuch.j2: no such file"),
        (("d.yaml", "out", "empty"), "empty: cannot be read: Is a directory"),
        (("d.yaml",), "templates/frr.conf.j2: no such file"),
        ((), "config.yaml: no such file; name the configuration with --config"),
    ]:
        outcome = run("render", *arguments)
        assert outcome.stderr.startswith(f"error: {message}"), arguments
        assert outcome.code == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("output", ["file", "file/below", "/proc/nosuch", "taken"])
def test_an_unwritable_output(run, tmp_path, output):
    (tmp_path / "d.yaml").write_text(GOOD)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "taken" / "R1.conf").mkdir(parents=True)
    outcome = run("render", "d.yaml", output, TEMPLATE)
    assert outcome.stderr.startswith(f"error: {output}: cannot be written: ")
    assert outcome.code == 2
    assert (tmp_path / "file").read_text() == "mine"
    assert [p.name for p in (tmp_path / "taken").iterdir()] == ["R1.conf"]


# name: (file, what of it, replaced by what, the text that is blamed, what the message then says)
SITE_FAULTS = {
    "configuration": ("config.yaml", "runner:", "runers:", "runers:", "runers: unknown key"),
    "key twice": (
        "config.yaml",
        "logging:",
        "inventory:",
        "inventory:\n  en",
        "inventory: key given",
    ),
    "setting": (
        "config.yaml",
        "user_defined:",
        "user_defined:\n  verify_deadline: soon",
        "verify_deadline",
        "user_defined.verify_deadline: 'soon' is not a number",
    ),
    "clauses": (
        "config.yaml",
        "user_defined:",
        "user_defined:\n  policy: {first_clause: 998}",
        "policy:",
        "user_defined.policy: first_clause",
    ),
    "host key": (
        "inventory/hosts.yaml",
        "hostname: 172.16.0.3",
        "hostnam: 172.16.0.3",
        "hostnam: ",
        "GW1.hostnam: unknown key",
    ),
    "host twice": (
        "inventory/hosts.yaml",
        "GW2:",
        "GW1:",
        "GW1:\n  hostname: 172.16.0.4",
        "GW1: key given twice, first in line ",
    ),
    "host name": ("inventory/hosts.yaml", "GW2:", "G W:", "G W:", '["G W"]: '),
    "unknown group": (
        "inventory/hosts.yaml",
        "[upstream]",
        "[upstraem]",
        "upstraem",
        "UP1.groups[0]: no group 'upstraem'",
    ),
    "group data twice": (
        "inventory/groups.yaml",
        "  data:\n    setup",
        "  data: {}\n  data:\n    setup",
        "data:\n    setup",
        "gateway.data: key given twice",
    ),
    "device": (
        "inventory/hosts.yaml",
        "router_id: 192.168.3.3",
        "router_id: 3",
        "router_id: 3\n",
        "GW1: bgp.router_id: 3 is not text",
    ),
    "inherited data": (
        "inventory/groups.yaml",
        "1.0.0.0/24",
        "1.0.0.1/24",
        "1.0.0.1/24",
        "GW1: export_prefixes[0]: '1.0.0.1/24' has host bits set",
    ),
    "unknown device key": (
        "inventory/hosts.yaml",
        "    interfaces:\n      - {name: lo0, ipv4_address: 192.168.3.3/32}",
        "    mtu: 1500\n    interfaces:\n      - {name: lo0, ipv4_address: 192.168.3.3/32}",
        "mtu: ",
        "GW1: mtu: unknown key",
    ),
    "missing device key": (
        "inventory/hosts.yaml",
        "bgp:\n      as_number: 65004\n      router_id: 192.168.4.1\n",
        "bgp:\n      as_number: 65004\n",
        "bgp:\n      as_number: 65004\n",
        "UP1: bgp.router_id: is missing",
    ),
    "defaults": (
        "inventory/defaults.yaml",
        "port: 22",
        "port: ssh",
        "port: ssh",
        "port: 'ssh' is not a whole number",
    ),
}


def copy_site(folder: Path) -> None:
    shutil.copy(REPOSITORY / "config.yaml", folder)
    shutil.copytree(REPOSITORY / "inventory", folder / "inventory")
    shutil.copytree(REPOSITORY / "templates", folder / "templates")


@pytest.mark.parametrize(
    ("file", "old", "new", "blamed", "message"), SITE_FAULTS.values(), ids=SITE_FAULTS
)
def test_a_bad_configuration_or_inventory(run, tmp_path, file, old, new, blamed, message):
    copy_site(tmp_path)
    text = (tmp_path / file).read_text()
    assert old in text
    changed = text.replace(old, new, 1)
    (tmp_path / file).write_text(changed)
    before = changed[: changed.rindex(blamed)]
    place = f"{file}:{before.count(chr(10)) + 1}:{len(before.rpartition(chr(10))[2]) + 1}"
    outcome = run("render")
    assert outcome.stderr.startswith(f"error: {place}: {message}")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("SimpleInventory", "Nosuch", "config.yaml: Nornir does not take it"),
        ("hosts.yaml", "hosst.yaml", "inventory/hosst.yaml: no such file"),
        ("groups.yaml", "grups.yaml", "inventory/grups.yaml: no such file"),
    ],
)
def test_a_configuration_that_names_what_is_not_there(run, tmp_path, old, new, message):
    copy_site(tmp_path)
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text().replace(old, new))
    outcome = run("render")
    assert outcome.stderr.startswith(f"error: {message}")
    assert outcome.code == 2
    assert not (tmp_path / "output").exists()
