"""How long a million predictions take to read, without a fault and with one near the end.

python benchmarks/read_predictions.py
"""

import json
import time

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.prediction import parse_predictions

rows = {
    f"C{c}": {
        f"{a}.{b}.{d}.0/24": a + b + d
        for a in range(1 + c * 4, 5 + c * 4)
        for b in range(256)
        for d in range(256)
    }
    for c in range(4)
}
text = json.dumps(rows, indent=1)
began = time.perf_counter()
matrix = parse_predictions(text, "predictions.json")
print(f"{len(matrix.loads):,} predictions: {time.perf_counter() - began:.2f} s")

faulty = text.replace('"16.255.255.0/24"', '"16.255.255.7/24"')
began = time.perf_counter()
try:
    parse_predictions(faulty, "predictions.json")
except InputError as error:
    print(f"with a fault: {time.perf_counter() - began:.2f} s: {str(error).splitlines()[0]}")
