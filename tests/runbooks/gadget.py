"""A network that never comes to rest, as an inventory."""

from pathlib import Path

import yaml

from tests.conftest import REPOSITORY


def bad_gadget(folder: Path) -> Path:
    """BAD GADGET (Griffin, Shepherd and Wilfong, 2002): three ASes around a fourth.

    Each likes the way by its neighbour, on one side, to the destination better than its own direct
    one, and none can have it while the others have theirs.

    Returns:
        The ``config.yaml``.
    """
    hosts: dict[str, object] = {}
    centre = {"interfaces": [], "bgp": {"as_number": 64500, "router_id": "192.168.9.9"}}
    centre["bgp"] |= {"neighbors": [], "networks": ["198.51.100.0/24"]}
    for n in (1, 2, 3):
        after, before = n % 3 + 1, (n + 1) % 3 + 1
        centre["interfaces"].append({"name": f"eth{n}", "ipv4_address": f"10.9.{n}.9/24"})
        centre["bgp"]["neighbors"].append({"ip": f"10.9.{n}.1", "remote_as": 64500 + n})
        data = {
            "interfaces": [
                {"name": "eth0", "ipv4_address": f"10.9.{n}.1/24"},
                {"name": "eth1", "ipv4_address": f"10.8.{n}.1/24"},
                {"name": "eth2", "ipv4_address": f"10.8.{before}.2/24"},
            ],
            "as_path_lists": {"BY-NEIGHBOR": [{"permit": f"^{64500 + after} 64500$"}]},
            "route_maps": {
                "LIKED": [
                    {
                        "permit": 10,
                        "match": {"as_path": "BY-NEIGHBOR"},
                        "set": {"local_preference": 200},
                    }
                ],
                "REFUSED": [{"deny": 10}],
            },
            "bgp": {
                "as_number": 64500 + n,
                "router_id": f"192.168.9.{n}",
                "neighbors": [
                    {"ip": f"10.9.{n}.9", "remote_as": 64500},
                    {"ip": f"10.8.{n}.2", "remote_as": 64500 + after, "route_map_in": "LIKED"},
                    {
                        "ip": f"10.8.{before}.1",
                        "remote_as": 64500 + before,
                        "route_map_in": "REFUSED",
                    },
                ],
            },
        }
        hosts[f"R{n}"] = {"hostname": f"10.9.{n}.1", "data": data}
    hosts["CENTRE"] = {"hostname": "10.9.1.9", "data": centre}
    (folder / "hosts.yaml").write_text(yaml.safe_dump(hosts), "utf-8")
    config = folder / "config.yaml"
    settings = {"template": str(REPOSITORY / "templates" / "frr.conf.j2")}
    content = {
        "inventory": {"plugin": "SimpleInventory", "options": {"host_file": "hosts.yaml"}},
        "runner": {"plugin": "threaded"},
        "user_defined": settings,
    }
    config.write_text(yaml.safe_dump(content), "utf-8")
    return config
