"""The JSON Schemas say what the program does: jsonschema and the program judge the same files."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.adoption import AdoptedDevice, Adoption
from nornir_bgp.models.device_file import parse_device_files
from nornir_bgp.models.gateways_file import parse_gateways
from nornir_bgp.models.report import VerifyReport
from nornir_bgp.models.schema_names import PURPOSES
from nornir_bgp.models.schemas import schema_of
from nornir_bgp.models.series import parse_series
from nornir_bgp.runbooks.session import load_nornir, load_settings
from nornir_bgp.tasks.inventory import devices_of
from tests.report.runs import ENDINGS

REPOSITORY = Path(__file__).parents[2]
INVENTORY = REPOSITORY / "inventory"

VALIDATORS = {
    name: Draft202012Validator(schema_of(name), format_checker=FormatChecker()) for name in PURPOSES
}

HOST = {
    "hostname": "172.16.0.3",
    "port": 22,
    "groups": ["gateway"],
    "connection_options": {"frr": {"extras": {"fast_cli": True}, "port": 22}},
    "data": {
        "interfaces": [
            {
                "name": "eth1",
                "ipv4_address": "10.0.5.0/31",
                "ipv6_address": "2001:db8::1/64",
                "ospf": {"cost": 5, "point_to_point": True, "hello_interval": 1},
            }
        ],
        "static_routes": [{"prefix": "10.99.0.0/16", "next_hop": "10.0.5.1"}],
        "prefix_lists": {"NETS": [{"permit": "10.0.0.0/8", "ge": 9}, {"deny": "any", "seq": 9}]},
        "ipv6_prefix_lists": {"NETS": [{"permit": "2001:db8::/32", "le": 48}]},
        "as_path_lists": {"PATHS": [{"permit": "^65004_"}]},
        "community_lists": {"BLUE": [{"permit": "65020:1 no-export"}]},
        "expanded_community_lists": {"ANY": [{"deny": "_65020:[0-9]+_"}]},
        "route_maps": {
            "IN": [
                {
                    "permit": 10,
                    "match": {"prefix_list": "NETS", "community": "BLUE", "origin": "igp"},
                    "set": {"metric_change": -5, "prepend": [65020], "community": "none"},
                    "goto": "next",
                },
                {"deny": 20, "match": {"as_path": "PATHS"}},
            ]
        },
        "setup_bgp_localpref_map": True,
        "export_prefixes": ["1.0.0.0/24", "2001:db8::/32"],
        "bgp": {
            "as_number": 65020,
            "router_id": "192.168.3.3",
            "disable_import_check": False,
            "networks": ["1.0.0.0/24", {"prefix": "2.0.0.0/24", "route_map": "IN"}],
            "aggregates": [{"prefix": "10.0.0.0/8", "summary_only": True}],
            "cluster_id": "192.168.3.3",
            "confederation": {"identifier": 65100, "members": [65021]},
            "bestpath": {"med_confed": True},
            "maximum_paths_ibgp": 2,
            "equal_cluster_length": True,
            "neighbors": [
                {
                    "ip": "10.0.5.1",
                    "remote_as": 65004,
                    "use_localpref_map": True,
                    "upstream": "UP1",
                    "description": "to UP1",
                    "capacity": 10,
                    "bfd": True,
                    "timers": {"keepalive": 3, "hold": 9, "connect": 5},
                },
                {
                    "is_group": True,
                    "group_name": "IBGP",
                    "remote_as": 65020,
                    "group_members": ["172.16.0.1", "2001:db8::2"],
                    "timers": {"keepalive": 3, "hold": 9},
                    "next_hop_self": "force",
                    "route_reflector_client": True,
                    "update_source": "eth1",
                    "route_map_in": "IN",
                    "prefix_list_out": "NETS",
                },
            ],
        },
    },
}
INHERITED = "setup_bgp_localpref_map"
EXAMPLES: dict[str, object] = {
    "predictions": {"C1": {"198.51.100.0/24": 150, "2001:db8::/32": 0}, "C2": {}},
    "gateways": {
        "gateways": {
            "GW1": {"upstream": "UP1", "capacity": 10, "cost": 1.5, "commit": 3},
            "GW2": {"upstream": "UP2", "neighbor": "10.0.6.1"},
        },
        "reach": {"GW1": ["198.51.100.0/24", "2001:db8::/32"]},
    },
    "config": {
        "inventory": {"plugin": "SimpleInventory", "options": {"host_file": "hosts.yaml"}},
        "runner": {"plugin": "threaded", "options": {"num_workers": 20}},
        "core": {"raise_on_error": False},
        "logging": {"enabled": False},
        "user_defined": {
            "planning": {
                "objectives": ["survive", "balance"],
                "ceiling": 0.9,
                "pins": {"192.0.2.0/24": "GW1", "65004:100": "GW2"},
                "bans": {"10.0.0.0/8": ["GW1", "GW2"], "65004:1:1": "GW1"},
                "overrides": "minimal",
                "unit": "Mbit/s",
            },
            "policy": {"route_map": "M", "first_clause": 10, "local_preference": 300},
            "bounds": {"max_moves": 5, "max_shift": 0.5, "allowed": ["192.0.2.0/24"]},
            "plan_max_age": "36h",
            "session_logs": "logs",
            "verify_deadline": 20,
            "keep_runs": 2,
            "lab": {"topology": "lab.yaml", "state": ".lab"},
        },
    },
    "hosts": {"GW1": HOST},
    "groups": {"gateway": {"username": "netadmin", "data": {INHERITED: True}}},
    "defaults": {"platform": "frr", "port": 22, "data": {}},
    "devices": {"devices": [{"hostname": "GW1", **HOST["data"]}]},
}
INHERITING: dict[str, object] = {
    "hosts": {"GW1": HOST | {"data": {k: v for k, v in HOST["data"].items() if k != INHERITED}}},
    "groups": EXAMPLES["groups"],
    "defaults": {},
}
"""An inventory whose host inherits: what a host has itself would hide what its group has."""


def judge_file(name: str, document: object, folder: Path) -> None:
    """Read a document as the program reads it; an InputError refuses."""
    text = json.dumps(document)  # which is YAML as well
    if name == "predictions":
        parse_series(text, name)
    elif name == "gateways":
        parse_gateways(text, name)
    elif name == "devices":
        parse_device_files({name: text})
    elif name == "config":
        (folder / "config.yaml").write_text(text, "utf-8")
        load_settings(folder / "config.yaml")
    else:
        for file, content in (INHERITING | {name: document}).items():
            (folder / f"{file}.yaml").write_text(json.dumps(content), "utf-8")
        (folder / "config.yaml").write_text(
            "inventory: {options: {group_file: groups.yaml, defaults_file: defaults.yaml}}", "utf-8"
        )
        devices_of(load_nornir(folder / "config.yaml"))


def program_accepts(name: str, document: object, folder: Path) -> bool:
    try:
        judge_file(name, document, folder)
    except InputError:
        return False
    return True


def paths_in(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path]
    members = value.items() if isinstance(value, dict) else ()
    members = enumerate(value) if isinstance(value, list) else members
    for key, member in members:
        found.extend(paths_in(member, (*path, key)))
    return found


NEAR_MISSES = st.sampled_from(
    [
        *("", " ", "GW1", "-a", "a\n", "a" * 64, "a" * 81, "eth0.100", "ok name", "a  b", "naïve"),
        *("10.0.0.1", "10.0.0.1/32", "10.0.0.1/33", "10.0.0.0/024", "010.0.0.0/8", "1.2.3/8"),
        *("2001:db8::/32", "2001:db8::1/32", "::/0", "::1", "::ffff:1.2.3.4/128", "fe80::1%eth0"),
        *("0.0.0.0", "224.0.0.1", "0.0.0.0/0", "10.0.0.0/255.0.0.0", "1/8", "٣.0.0.0/8"),
        *("36h", "0h", "1h30m", "7 d", "PT1H", "true", "5", "0.5"),
        *(0, 1, 2, 3, -1, 11, 65535, 65536, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 0.5, 1.0, 1.5),
        *(None, True, False, [], {}, ["10.0.0.0/8", "10.0.0.0/8"], ["x"], {"x": 1}),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, width=32)
VALUES = NEAR_MISSES | SCALARS.filter(lambda v: v not in (float("inf"), -float("inf"))) | st.text()


@st.composite
def edits(draw: st.DrawFn, document: object) -> object:
    """A document with one or two places replaced, removed, or a key added."""
    document = deepcopy(document)
    for _ in range(draw(st.integers(1, 2))):
        *owner, last = draw(st.sampled_from(paths_in(document)[1:] or [("x",)]))
        place = document
        for key in owner:
            place = place[key]
        action = draw(st.sampled_from(["replace", "replace", "replace", "remove", "add"]))
        if action == "remove" and last in (place if isinstance(place, dict) else ()):
            del place[last]
        elif action == "add" and isinstance(place, dict):
            place[draw(st.text() | st.sampled_from(["GW2", "10.0.0.0/8", "hostnme"]))] = draw(
                VALUES
            )
        else:
            place[last] = deepcopy(draw(VALUES))
    return document


@pytest.mark.parametrize("name", PURPOSES)
def test_is_a_schema(name: str):
    Draft202012Validator.check_schema(schema_of(name))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("config", REPOSITORY / "config.yaml"),
        *((name, INVENTORY / f"{name}.yaml") for name in ("hosts", "groups", "defaults")),
        *(("predictions", file) for file in sorted((REPOSITORY / "predictions").glob("*.json"))),
        *(("devices", file) for file in sorted((REPOSITORY / "tests/render").glob("*.yaml"))),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_our_own_files_are_valid(name: str, file: Path):
    document = yaml.safe_load(file.read_text("utf-8"))
    assert [error.message for error in VALIDATORS[name].iter_errors(document)] == []


@pytest.mark.parametrize("name", EXAMPLES)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_what_the_schema_refuses_the_program_refuses(name: str, data: st.DataObject, tmp_path):
    document = data.draw(edits(EXAMPLES[name]))
    if not VALIDATORS[name].is_valid(document):
        assert not program_accepts(name, document, tmp_path)


@pytest.mark.parametrize("name", EXAMPLES)
def test_both_accept_the_example(name: str, tmp_path: Path):
    assert VALIDATORS[name].is_valid(EXAMPLES[name])
    assert program_accepts(name, EXAMPLES[name], tmp_path)


def with_value(name: str, *path: str | int, value: object) -> object:
    document = deepcopy(EXAMPLES[name])
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


BGP = ("GW1", "data", "bgp")
WRONG: dict[str, Callable[[], tuple[str, object]]] = {
    "an unknown setting": lambda: (
        "config",
        with_value("config", "user_defined", "sav", value=True),
    ),
    "an age that is none": lambda: (
        "config",
        with_value("config", "user_defined", "plan_max_age", value="PT1H"),
    ),
    "a share over 1": lambda: (
        "config",
        with_value("config", "user_defined", "bounds", "max_shift", value=50),
    ),
    "a name with a blank": lambda: (
        "config",
        with_value("config", "user_defined", "policy", "route_map", value="MY MAP"),
    ),
    "a host's name": lambda: ("hosts", {"GW 1": HOST}),
    "an unknown key of a host": lambda: ("hosts", {"GW1": HOST | {"hostnme": "x"}}),
    "an unknown key of a device": lambda: (
        "hosts",
        with_value("hosts", "GW1", "data", "bpg", value={}),
    ),
    "an address without length": lambda: (
        "hosts",
        with_value("hosts", "GW1", "data", "interfaces", 0, "ipv4_address", value="10.0.5.0"),
    ),
    "an AS number of 0": lambda: ("hosts", with_value("hosts", *BGP, "as_number", value=0)),
    "a neighbor without AS": lambda: (
        "hosts",
        with_value("hosts", *BGP, "neighbors", 0, value={"ip": "10.0.5.1"}),
    ),
    "a neighbor that is no address": lambda: (
        "hosts",
        with_value("hosts", *BGP, "neighbors", 0, "ip", value="10.0.5"),
    ),
    "a description of two lines": lambda: (
        "hosts",
        with_value("hosts", *BGP, "neighbors", 0, "description", value="to UP1\nexit"),
    ),
    "data of a group": lambda: ("groups", with_value("groups", "gateway", "data", "bpg", value={})),
    "a port": lambda: ("defaults", with_value("defaults", "port", value=70000)),
    "no device": lambda: ("devices", {"devices": []}),
    "a prefix": lambda: ("predictions", {"C1": {"198.51.100.0/33": 1}}),
    "a slot without customers": lambda: (
        "predictions",
        {"format": "nornir-bgp-predictions/1", "slots": [{}]},
    ),
    "no slot": lambda: ("predictions", {"format": "nornir-bgp-predictions/1", "slots": []}),
    "another format": lambda: ("predictions", {"format": "2", "slots": [{"customers": {"C": {}}}]}),
    "a gateway's capacity": lambda: (
        "gateways",
        with_value("gateways", "gateways", "GW1", "capacity", value=0),
    ),
    "a reached prefix": lambda: ("gateways", with_value("gateways", "reach", "GW1", 0, value="x")),
    "an objective": lambda: (
        "config",
        with_value("config", "user_defined", "planning", "objectives", value=["speed"]),
    ),
    "a load": lambda: ("predictions", {"C1": {"198.51.100.0/24": -1}}),
    "a load in quotes": lambda: ("predictions", {"C1": {"198.51.100.0/24": "1"}}),
    "an empty matrix": lambda: ("predictions", {}),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_both_refuse(wrong: str, tmp_path: Path):
    name, document = WRONG[wrong]()
    assert not VALIDATORS[name].is_valid(document)
    assert not program_accepts(name, document, tmp_path)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_the_program_prints_is_valid(ending: str):
    report = ENDINGS[ending]
    verified = VerifyReport(ok=report.ok, checks=report.checks, seconds=1.5)
    for name, answer in (("report", report), ("plan", report.plan), ("verify", verified)):
        document = json.loads(answer.model_dump_json())
        assert [error.message for error in VALIDATORS[name].iter_errors(document)] == []
        assert VALIDATORS[name].is_valid(document | {"of a later version": 1})
        assert not VALIDATORS[name].is_valid({k: document[k] for k in list(document)[1:]})


def test_what_an_adoption_prints_is_valid():
    (device,) = parse_device_files({"d.json": json.dumps(EXAMPLES["devices"])})
    adopted = AdoptedDevice(
        address="192.0.2.1",
        device=device,
        group=None,
        assumed=("in no group",),
        would_change="-ip address 10.0.0.1/24",
        not_understood=("ip route 10.0.0.0/8 Null0",),
        kept=(),
        overrides=(),
    )
    document = json.loads(Adoption(folder="mine", devices=(adopted,)).model_dump_json())
    schema = VALIDATORS["adoption"]
    assert [error.message for error in schema.iter_errors(document)] == []
    document["devices"][0]["device"]["bgp"]["as_number"] = 0
    assert not schema.is_valid(document)


def fields_of(schema: dict[str, object]) -> list[tuple[str, str, dict[str, object]]]:
    models = {"": schema, **schema.get("$defs", {})}
    return [
        (model, field, made)
        for model, body in models.items()
        for field, made in body.get("properties", {}).items()
    ]


def test_every_setting_is_described():
    fields = fields_of(schema_of("config")["$defs"]["Settings"])
    assert len(fields) > 10
    assert [field for _, field, made in fields if not made.get("description")] == []
