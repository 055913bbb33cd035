"""An MRT file as mrtparse reads it, as JSON.

It is a program of its own, since mrtparse changes the signals of its process.

python mrt_by_mrtparse.py FILE
"""

import json
import sys

from mrtparse import Reader

ATTRIBUTES = {1: "origin", 2: "as_path", 3: "next_hop", 4: "med", 5: "local_pref"}

routes = []
peers = []
for record in Reader(sys.argv[1]):
    data = record.data
    peers = data.get("peer_entries", peers)
    if list(data["subtype"]) != [2]:
        continue
    for entry in data["rib_entries"]:
        peer = peers[entry["peer_index"]]
        route = {
            "prefix": f"{data['prefix']}/{data['length']}",
            "since": next(iter(entry["originated_time"])),
            "peer": [peer["peer_ip"], int(peer["peer_as"]), peer["peer_bgp_id"]],
        }
        for attribute in entry["path_attributes"]:
            kind = next(iter(attribute["type"]))
            value = attribute["value"]
            if kind == 1:
                value = next(iter(value))
            elif kind == 2:
                value = [[next(iter(s["type"])), list(map(int, s["value"]))] for s in value]
            elif kind == 8:
                route["communities"] = value
            if kind in ATTRIBUTES:
                route[ATTRIBUTES[kind]] = value
        routes.append(route)
print(json.dumps(routes))
