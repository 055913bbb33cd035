"""Generated networks: each is one that the lab can run and the program can plan for."""

import json
from collections import Counter
from ipaddress import ip_interface, ip_network
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.lab.generated import DESTINATIONS, IPV6_DESTINATIONS, Size, draw
from nornir_bgp.lab.neighbours import crowded, neighbours
from nornir_bgp.lab.sizes import MOST_PREFIXES
from nornir_bgp.lab.spec import make_spec
from nornir_bgp.lab.topology import read_topology
from nornir_bgp.models.device import Device
from nornir_bgp.models.fields import family_of
from nornir_bgp.runbooks.generate import generate
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import load_nornir
from nornir_bgp.tasks.inventory import devices_of

REPOSITORY = Path(__file__).parents[2]
TOPOLOGY = "lab/network.clab.yaml"

SIZES = [
    pytest.param(Size(gateways=1, edges=1, customers=1, prefixes=1), id="smallest"),
    pytest.param(Size(gateways=3, edges=2, prefixes=40, ipv6=True, seed=7), id="dual-stack"),
    pytest.param(
        Size(gateways=9, edges=6, customers=3, prefixes=200, ipv6=True, capacities=(100, 400)),
        id="many-routers",
    ),
]


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("size", SIZES)
def test_topology_and_inventory_fit(size: Size, tmp_path: Path) -> None:
    folder = tmp_path / "network"
    assert {str(file.relative_to(folder)) for file in generate(folder, size)} == set(files(folder))
    nr = load_nornir(folder / "config.yaml")
    topology = read_topology(folder / TOPOLOGY)
    make_spec(topology, render(nr))
    devices = {device.hostname: device for device in devices_of(nr)}
    assert len(devices) == 2 * size.gateways + size.edges + size.customers
    network = network_of(nr)
    assert len(network.gateways) == len(network.exits) == size.gateways
    assert len(network.edges) == size.edges
    for link in topology.links:
        if {link.a.node, link.b.node} <= devices.keys():
            for one, other in zip(
                addresses(devices[link.a.node], link.a.interface),
                addresses(devices[link.b.node], link.b.interface),
                strict=True,
            ):
                assert ip_interface(one).network == ip_interface(other).network


def addresses(device: Device, interface: str) -> list[str]:
    found = next(i for i in device.interfaces if i.name == interface)
    return [str(address) for address in found.addresses]


@pytest.mark.parametrize("size", SIZES)
def test_every_session_has_two_ends(size: Size, tmp_path: Path) -> None:
    generate(tmp_path, size)
    devices = devices_of(load_nornir(tmp_path / "config.yaml"))
    owner = {address: device for device in devices for address in device.addresses}
    assert len(owner) == sum(len(device.addresses) for device in devices)
    for device in devices:
        for peer, session in device.sessions:
            other = owner[peer]
            assert session.remote_as == other.bgp.as_number
            assert any(
                address in device.addresses and back.remote_as == device.bgp.as_number
                for address, back in other.sessions
            )
    ours = [d for d in devices if d.hostname.startswith(("PE", "GW"))]
    for device in ours:
        families = 2 if size.ipv6 else 1
        internal = [peer for peer, session in device.sessions if session.remote_as == 65020]
        assert len(internal) == families * (len(ours) - 1)
        external = {"P": size.customers, "G": 1}[device.hostname[0]]
        assert len(device.sessions) - len(internal) == families * external


def test_the_topology_is_valid_containerlab_input(shared_data: Path, tmp_path: Path) -> None:
    generate(tmp_path, Size(gateways=8, edges=4, prefixes=100, ipv6=True))
    text = (shared_data / "containerlab" / "clab.schema.json").read_text()
    # ECMAScript's classes of letters and digits, in the pattern of IPv6 zones, are \\w in Python.
    schema = json.loads(text.replace(r"\\p{N}\\p{L}", r"\\w"))
    jsonschema.validate(yaml.safe_load((tmp_path / TOPOLOGY).read_text()), schema)


def test_the_seed_draws_the_network(tmp_path: Path) -> None:
    size = Size(gateways=4, edges=2, prefixes=300, ipv6=True)
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        generate(tmp_path / name, size.model_copy(update={"seed": seed}))
    assert files(tmp_path / "one") == files(tmp_path / "same")
    assert draw(size) == draw(size)
    assert draw(size).reach != draw(size.model_copy(update={"seed": 9})).reach
    different = files(tmp_path / "other")
    assert {n for n, text in files(tmp_path / "one").items() if text != different[n]} >= {
        "inventory/hosts.yaml",
        "predictions/generated.json",
    }


@pytest.mark.parametrize("ipv6", [False, True])
def test_the_largest_table_has_its_place(ipv6: bool) -> None:
    drawn = draw(Size(gateways=2, edges=1, prefixes=MOST_PREFIXES, ipv6=ipv6))
    assert len(drawn.reach) == MOST_PREFIXES
    networks = [ip_network(prefix) for prefix in drawn.reach]
    for family, block in ((4, DESTINATIONS), (6, IPV6_DESTINATIONS)):
        of_family = [n for n in networks if n.version == family]
        ends = [(int(n.network_address), int(n.broadcast_address)) for n in of_family]
        assert all(last < first for (_, last), (first, _) in pairwise(ends))
        if of_family:
            assert ends[0][0] >= int(block.network_address)
            assert ends[-1][1] <= int(block.broadcast_address)
    assert sum(n.version == 6 for n in networks) == (MOST_PREFIXES // 4 if ipv6 else 0)


def test_gateways_reach_different_prefixes_and_none_is_alone() -> None:
    drawn = draw(Size(gateways=8, edges=4, prefixes=5000))
    masks = Counter(drawn.reach.values())
    assert len(masks) > 40
    assert min(map(len, masks)) >= 3
    far = {mask for mask in drawn.far if mask}
    assert len(far) > 1  # BGP by itself does not treat all upstreams alike


def test_an_upstream_announces_what_its_gateway_reaches(tmp_path: Path) -> None:
    size = Size(gateways=3, edges=1, prefixes=80, ipv6=True)
    generate(tmp_path, size)
    devices = {d.hostname: d for d in devices_of(load_nornir(tmp_path / "config.yaml"))}
    drawn = draw(size)
    for number in range(3):
        announced = {own.prefix for own in devices[f"UP{number + 1}"].bgp.own_networks}
        assert announced == {p for p, reach in drawn.reach.items() if number in reach}
        assert announced


def test_predictions_are_heavy_tailed_and_fit_the_links() -> None:
    size = Size(gateways=4, edges=2, prefixes=3000, ipv6=True, capacities=(100_000, 40_000))
    drawn = draw(size)
    loads = {p: load for row in drawn.predictions.values() for p, load in row.items()}
    assert loads.keys() == drawn.reach.keys()
    assert {family_of(prefix) for prefix in loads} == {4, 6}
    ordered = sorted(loads.values(), reverse=True)
    assert sum(ordered[:300]) > 0.5 * sum(ordered)
    capacity = 2 * 140_000
    assert 0.4 * capacity < sum(ordered) < 0.61 * capacity
    assert ordered[0] <= 0.6 * capacity / (3 * 4) + 1


def test_capacities_stand_at_the_links(tmp_path: Path) -> None:
    generate(tmp_path, Size(gateways=3, edges=1, prefixes=9, ipv6=True, capacities=(1000, 400)))
    exits = network_of(load_nornir(tmp_path / "config.yaml")).exits
    assert [exit_.capacity for exit_ in exits] == [1000, 400, 1000]
    assert all(len(exit_.sessions) == 2 for exit_ in exits)


def test_a_used_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        generate(tmp_path, Size(gateways=1, edges=1, prefixes=1))
    assert set(files(tmp_path)) == {"mine"}


@pytest.mark.parametrize(
    "wrong", [{"gateways": 0}, {"edges": 33}, {"prefixes": 10_001}, {"capacities": (0,)}]
)
def test_impossible_sizes_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Size.model_validate({"gateways": 2, "edges": 1, "prefixes": 5, **wrong})


def test_a_lab_too_large_for_the_kernels_table_says_so(tmp_path: Path) -> None:
    """The reference needs 20 entries on its LAN, 2 for each cable and 2 for each managed node."""
    nr = load_nornir(REPOSITORY / "config.yaml")
    reference = make_spec(read_topology(REPOSITORY / TOPOLOGY), render(nr))
    assert neighbours(reference) == 5 * 4 + 2 * 8 + 2 * 11
    limit = tmp_path / "gc_thresh3"
    limit.write_text("58\n")
    assert crowded(reference, limit) == ""
    limit.write_text("57\n")
    assert "58 ARP entries, and this machine has room for 57" in crowded(reference, limit)
    assert crowded(reference, tmp_path / "missing") == ""
