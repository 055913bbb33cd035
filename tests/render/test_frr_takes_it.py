"""FRR is the judge of a rendered configuration: it accepts it, and keeps every line of it."""

import subprocess
from pathlib import Path

import pytest

from nornir_bgp.models.settings import Policy, Settings
from nornir_bgp.runbooks.plain import load_plain
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import load_nornir

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
TEMPLATE = REPOSITORY / "templates" / "frr.conf.j2"

OTHER_NAMES = Policy(
    route_map="PREFER",
    prefix_list="PREFERRED",
    first_clause=20,
    last_clause=65535,
    local_preference=4294967295,
    export_map="OUT",
    export_list="OURS",
)


def configurations() -> dict[str, str]:
    every = HERE / "every_feature.yaml"
    plain = render(load_plain(every, Settings()), template=TEMPLATE)
    renamed = render(load_plain(every, Settings(policy=OTHER_NAMES)), template=TEMPLATE)
    return {
        **render(load_nornir(REPOSITORY / "config.yaml")),
        **plain,
        **{f"{name}-renamed": text for name, text in renamed.items()},
    }


@pytest.mark.parametrize("file", sorted((HERE / "as_before").iterdir()), ids=lambda f: f.stem)
def test_an_inventory_without_policies_renders_as_ever(file):
    """Byte for byte as the first template did, which knew no policies, options or OSPF."""
    assert configurations()[file.stem] == file.read_text()


@pytest.mark.lab
@pytest.mark.parametrize("name", configurations())
def test_frr_accepts_it_and_keeps_every_line(name, tmp_path):
    text = configurations()[name]
    file = tmp_path / f"{name}.conf"
    file.write_text(text)
    checked = subprocess.run(
        ["vtysh", "-C", "-f", file], capture_output=True, text=True, timeout=20, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stderr
    loaded = subprocess.run(
        [HERE / "load_into_frr.sh", file, name.removesuffix("-renamed")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr
    assert set(text.splitlines()) - set(loaded.stdout.splitlines()) == set()


def sections(text: str) -> dict[str, list[str]]:
    """Split a configuration into its sections: header -> lines inside."""
    found: dict[str, list[str]] = {}
    inside: list[str] = []
    for line in text.splitlines():
        if not line.startswith(" ") or line.startswith(" address-family"):
            inside = found.setdefault(line.strip(), [])
        else:
            inside.append(line.strip())
    return found


def test_the_lists_of_overrides_are_not_rendered():
    for text in configurations().values():
        assert "prefix-list LOCAL_PREF_PREFIX_LIST seq" not in text


def test_an_empty_export_list_lets_nothing_out():
    found = sections(configurations()["EVERY-2"])
    assert [line for line in found if "EXPORT" in line] == ["route-map EXPORT_MAP deny 999"]
    assert "neighbor 10.0.5.1 route-map EXPORT_MAP out" in found["address-family ipv4 unicast"]


def test_without_export_prefixes_there_is_no_outbound_policy(tmp_path):
    text = (HERE / "every_feature.yaml").read_text().replace("export_prefixes: []\n", "\n")
    file = tmp_path / "d.yaml"
    file.write_text(text)
    found = render(load_plain(file, Settings()), template=TEMPLATE)["EVERY-2"]
    assert "EXPORT" not in found
    assert "route-map LOCAL_PREF_MAP in" in found


def test_ipv6_exits_get_clauses_of_their_own():
    found = sections(configurations()["EVERY-1"])
    assert found["route-map LOCAL_PREF_MAP permit 10"] == [
        "match ip address prefix-list LOCAL_PREF_PREFIX_LIST",
        "set local-preference 200",
    ]
    assert found["route-map LOCAL_PREF_MAP permit 11"] == [
        "match ipv6 address prefix-list LOCAL_PREF_PREFIX_LIST",
        "set local-preference 200",
    ]
    assert found["route-map EXPORT_MAP permit 11"] == [
        "match ipv6 address prefix-list EXPORT_PREFIX_LIST"
    ]
    assert "route-map LOCAL_PREF_MAP permit 11" not in sections(configurations()["GW1"])
