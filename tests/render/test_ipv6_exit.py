"""Both families of an exit at work, on FRR: preference in, and nothing but our own out."""

import json
import subprocess
from pathlib import Path

import pytest

from nornir_bgp.models.settings import Settings
from nornir_bgp.runbooks.files import write_configurations
from nornir_bgp.runbooks.plain import load_plain
from nornir_bgp.runbooks.render import render

HERE = Path(__file__).parent
TEMPLATE = HERE.parent.parent / "templates" / "frr.conf.j2"


def learned(table: str) -> dict[str, int | None]:
    """Read FRR's JSON table: prefix -> LOCAL_PREF of its path, without the router's own routes."""
    return {
        prefix: paths[0].get("locPrf")
        for prefix, paths in json.loads(table)["routes"].items()
        if paths[0]["path"]
    }


@pytest.mark.lab
def test_preference_and_export_policy_work_in_both_families(tmp_path):
    nr = load_plain(HERE / "ipv6_exit.yaml", Settings())
    write_configurations(render(nr, template=TEMPLATE), tmp_path)
    done = subprocess.run(
        [HERE / "exchange_routes.sh", tmp_path, "GW", "UP"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    tables = [learned(line) for line in done.stdout.splitlines()]
    assert tables == [
        {"131.114.0.0/16": 200, "198.51.100.0/24": None},
        {"2001:db8:a::/48": 200, "2001:db8:b::/48": None},
        {"1.0.0.0/24": None},
        {"2001:db8:1::/48": None},
    ]
