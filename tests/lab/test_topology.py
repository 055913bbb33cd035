"""The topology file: Containerlab's own schema, and what the built-in lab makes of it."""

import json
import subprocess
from ipaddress import IPv4Address
from pathlib import Path

import jsonschema
import pytest
import yaml

from nornir_bgp.exceptions import InputError
from nornir_bgp.lab.spec import make_spec
from nornir_bgp.lab.topology import Role, read_topology
from nornir_bgp.runbooks.session import load_nornir
from nornir_bgp.tasks.inventory import devices_of

REPOSITORY = Path(__file__).parents[2]
REFERENCE = REPOSITORY / "lab" / "network.clab.yaml"

SMALL = """
name: small
topology:
  groups:
    router: {kind: linux, binds: [daemons:/etc/frr/daemons]}
  nodes:
    R1: {group: router}
    R2: {group: router, mgmt-ipv4: 172.20.20.3, binds: ["__clabNodeName__.conf:/etc/x.conf:ro"]}
    m: {kind: linux, group: manager, exec: ["ip route replace default via 'a b'"]}
    sw: {kind: bridge}
  links:
    - endpoints: ["R1:eth1", "R2:eth1"]
    - endpoints: ["m:eth1", "sw:p1"]
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "t.clab.yaml"
    file.write_text(text)
    return file


def test_the_reference_topology_is_valid_containerlab_input(shared_data: Path):
    text = (shared_data / "containerlab" / "clab.schema.json").read_text()
    # ECMAScript's classes of letters and digits, in the pattern of IPv6 zones, are \\w in Python.
    schema = json.loads(text.replace(r"\\p{N}\\p{L}", r"\\w"))
    topology = yaml.safe_load(REFERENCE.read_text())
    jsonschema.validate(topology, schema)
    topology["topology"]["nodes"]["CE1"]["mgmt-ip"] = "172.20.20.11"
    with pytest.raises(jsonschema.ValidationError, match="mgmt-ip"):
        jsonschema.validate(topology, schema)


def test_the_reference_topology_and_the_inventory_fit():
    topology = read_topology(REFERENCE)
    nr = load_nornir(REPOSITORY / "config.yaml")
    devices = {device.hostname: device for device in devices_of(nr)}
    assert {n.name for n in topology.with_role(Role.ROUTER)} == devices.keys()
    ends = {(end.node, end.interface) for link in topology.links for end in (link.a, link.b)}
    for name, device in devices.items():
        wired = {i.name for i in device.interfaces if i.name.startswith("eth")}
        assert wired == {interface for node, interface in ends if node == name}
        address = IPv4Address(str(nr.inventory.hosts[name].hostname))
        assert address in device.addresses | {topology.nodes[name].mgmt_ipv4}
    # The two ends of a cable are in one subnet.
    for link in topology.links:
        if {link.a.node, link.b.node} <= devices.keys():
            a, b = (
                next(
                    i.ipv4_address for i in devices[end.node].interfaces if i.name == end.interface
                )
                for end in (link.a, link.b)
            )
            assert a is not None
            assert b is not None
            assert a.network == b.network
            assert a != b


def test_inheritance_and_free_addresses(tmp_path: Path):
    topology = read_topology(write(tmp_path, SMALL))
    assert [(n.name, n.role) for n in topology.nodes.values()] == [
        ("R1", Role.ROUTER),
        ("R2", Role.ROUTER),
        ("m", Role.MANAGER),
        ("sw", Role.BRIDGE),
    ]
    # .1 is the bridge's, .3 is R2's.
    assert [str(n.mgmt_ipv4) for n in topology.nodes.values()] == [
        "172.20.20.2",
        "172.20.20.3",
        "172.20.20.4",
        "None",
    ]
    assert topology.nodes["R2"].binds == {
        "/etc/frr/daemons": tmp_path / "daemons",
        "/etc/x.conf": tmp_path / "R2.conf",
    }
    assert topology.manager.exec_lines == (("ip", "route", "replace", "default", "via", "a b"),)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("R1: {group: router}", "R1: {group: route}", r":7:5: topology.nodes.R1: kind None"),
        ("kind: linux, group: manager", "kind: linux, group: boss", "write `router`, `host`"),
        ("kind: linux, group: manager", "kind: linux, group: host", "0 nodes have `group: manager"),
        ("kind: bridge", "kind: ovs-bridge", "runs `linux` and `bridge`"),
        ('"R2:eth1"', '"R3:eth1"', r":12:7: topology.links\[0\]: R3:eth1: there is no node R3"),
        ('"m:eth1"', '"R1:eth1"', "another link ends at R1:eth1"),
        ('"m:eth1"', '"m:eth0"', "eth0 is the management interface"),
        ('"m:eth1"', '"m"', r"topology.links\[1\].endpoints\[0\]"),
        ("172.20.20.3", "10.0.0.1", "10.0.0.1 is not in the management network"),
        ("172.20.20.3", "nonsense", "mgmt-ipv4"),
        ("name: small", "name: a/b", "name"),
        ("'a b'", "'a b", "mend the quotes"),
        ("sw: {kind: bridge}", "sw: {kind: bridge}\n    sw: {kind: bridge}", "given twice"),
        ("name: small", "name: [", "not YAML"),
        ("name: small", "prefix: x", "name: is missing"),
    ],
)
def test_a_wrong_topology_names_file_place_and_mend(
    tmp_path: Path, old: str, new: str, message: str
):
    assert old in SMALL
    file = write(tmp_path, SMALL.replace(old, new))
    with pytest.raises(InputError, match=message) as error:
        read_topology(file)
    assert str(error.value).startswith(str(file))


def test_two_nodes_with_one_address(tmp_path: Path):
    text = SMALL.replace("R1: {group: router}", "R1: {group: router, mgmt-ipv4: 172.20.20.3}")
    with pytest.raises(InputError, match=r"172\.20\.20\.3 is R1's too"):
        read_topology(write(tmp_path, text))


def test_a_missing_topology(tmp_path: Path):
    with pytest.raises(InputError, match=r"absent\.yaml: No such file.*lab\.topology"):
        read_topology(tmp_path / "absent.yaml")


def test_topology_and_inventory_must_name_the_same_routers():
    topology = read_topology(REFERENCE)
    configs = {node.name: "" for node in topology.with_role(Role.ROUTER)}
    assert set(make_spec(topology, configs).routers) == configs.keys()
    with pytest.raises(InputError, match=r"device GW9 of the inventory is no router"):
        make_spec(topology, configs | {"GW9": ""})
    del configs["GW2"]
    with pytest.raises(InputError, match=r"router GW2 .* is not in the inventory"):
        make_spec(topology, configs)


def test_a_router_needs_its_bound_files(tmp_path: Path):
    topology = read_topology(write(tmp_path, SMALL))
    with pytest.raises(InputError, match=r"daemons: No such file or directory; router R1 binds it"):
        make_spec(topology, {"R1": "", "R2": ""})
    (tmp_path / "daemons").write_text('bgpd=yes\nospfd=no # not now\nbgpd_options="-A ::1 -n"\n')
    with pytest.raises(InputError, match=r"R1 .* binds no file to /etc/frr/vtysh\.conf"):
        make_spec(topology, {"R1": "", "R2": ""})


def test_what_a_router_is_made_of(tmp_path: Path):
    files = {"daemons": 'bgpd=yes\nospfd=no # not now\nbgpd_options="-A ::1 -n"\n'}
    files |= {"vtysh.conf": "v", "sshd_config": "s"}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    binds = "[daemons:/etc/frr/daemons, vtysh.conf:/etc/frr/vtysh.conf, "
    binds += "sshd_config:/etc/ssh/sshd_config]"
    text = SMALL.replace("[daemons:/etc/frr/daemons]", binds)
    config = "interface lo7\n ip address 192.0.2.1/32\n ipv6 address 2001:db8::1/64\nexit\n"
    config += "interface eth1\nexit\ninterface lo\nexit\n"
    spec = make_spec(read_topology(write(tmp_path, text)), {"R1": config, "R2": ""})
    router = spec.node("R1").router
    assert router is not None
    assert router.daemons == {"zebra": (), "bgpd": ("-A", "::1", "-n")}
    assert router.loopbacks == ("lo7",)
    assert router.addresses == ("172.20.20.2", "192.0.2.1", "2001:db8::1")
    assert (router.vtysh_conf, router.sshd_config) == ("v", "s")
    with pytest.raises(InputError, match="no node X; it has R1, R2, m, sw"):
        spec.node("X")


@pytest.mark.parametrize(
    "script", ["install-packages", "frr/start-router", "manager/start-manager"]
)
def test_the_scripts_are_shell(script: str):
    file = REPOSITORY / "lab" / script
    assert file.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", file], check=False).returncode == 0
