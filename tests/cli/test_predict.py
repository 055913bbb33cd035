"""`predict` on the command line: from exports to a plan, and what is refused."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from nornir_bgp.models.schemas import schema_of
from nornir_bgp.models.series import parse_series
from tests.cli.conftest import Run

BEGIN = datetime(2026, 1, 1, 10, tzinfo=UTC)
LOADS = {"198.51.100.0/24": 800, "203.0.113.0/24": 500, "2001:db8::/32": 300}
"""Mbit/s of each prefix."""

GATEWAYS = {
    "gateways": {
        "GW1": {"upstream": "UP1", "capacity": 10**9},
        "GW2": {"upstream": "UP2", "capacity": 10**9},
    }
}


def write_export(file: Path, slots: int = 12) -> None:
    """Traffic that swings from slot to slot, alike for all prefixes."""
    lines = ["timestamp,customer,prefix,bytes"]
    for slot in range(slots):
        start = BEGIN + timedelta(seconds=300 * slot)
        for n, (prefix, load) in enumerate(LOADS.items()):
            octets = load * (1 + slot % 2) * 10**6 * 300 // 8
            lines.append(f"{start:%Y-%m-%d %H:%M:%S},C{1 + n % 2},{prefix},{octets}")
    file.write_text("\n".join(lines) + "\n")


@pytest.fixture
def history(run: Run, tmp_path: Path) -> Path:
    write_export(tmp_path / "flows.csv")
    (tmp_path / "gateways.json").write_text(json.dumps(GATEWAYS))
    done = run("predict", "flows", "flows.csv", "-o", "history.json")
    assert done.code == 0, done.stderr
    return tmp_path / "history.json"


def test_flows_become_loads(history):
    series = parse_series(history.read_text(), "history.json")
    assert (series.unit, series.window_seconds, series.error) == ("bit/s", 300, None)
    assert [slot.start for slot in series.slots] == [
        BEGIN + timedelta(seconds=300 * slot) for slot in range(12)
    ]
    assert series.slots[1].matrix.loads == {p: 2 * load * 10**6 for p, load in LOADS.items()}


def test_the_edges_may_be_left_out(run, history):
    done = run("predict", "flows", "flows.csv", "--trim", "--unit", "Mbit/s")
    trimmed = parse_series(done.stdout, "standard output")
    assert len(trimmed.slots) == 10
    assert trimmed.slots[0].matrix.loads == {p: 2 * load for p, load in LOADS.items()}


def test_the_next_slot_is_forecast_with_its_error_and_can_be_planned_for(run, history):
    done = run("predict", "next", history, "--gateways", "gateways.json", "-o", "next.json")
    assert done.code == 0, done.stderr
    series = parse_series(Path("next.json").read_text(), "next.json")
    assert series.slots[0].start == BEGIN + timedelta(hours=1)
    # All prefixes swing alike: whatever level is forecast, its plan is the best there is.
    assert series.error == 0
    report = json.loads(
        run("predict", "backtest", history, "--gateways", "gateways.json", "--json").stdout
    )
    scores = {score["method"]: score for score in report["scores"]}
    assert scores["last"]["error"] == pytest.approx((6 * 1600) / (3 * 1600 + 3 * 3200))
    assert scores["last"]["loss"] == 0
    assert scores["yesterday"]["error"] is None


def test_a_forecast_goes_to_standard_output(run, history):
    done = run("predict", "next", history, "--method", "ewma", "--slots", "2")
    assert done.code == 0, done.stderr
    document = json.loads(done.stdout)
    assert len(document["slots"]) == 2
    assert [*Draft202012Validator(schema_of("predictions")).iter_errors(document)] == []
    assert "its error is not known" in done.stderr


def test_addresses_are_matched_with_routes_and_the_others_named(run, tmp_path):
    rows = [("198.51.100.9", 500), ("198.51.7.9", 250), ("203.0.113.9", 200), ("2001:db8::9", 50)]
    lines = ["firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows"]
    lines += [f"2026-01-01 10:00:00.000,0.0,TCP,192.0.2.1,1,{a},2,1,{n},1" for a, n in rows]
    with gzip.open(tmp_path / "flows.csv.gz", "wt") as file:
        file.write("\n".join(lines))
    path = {"valid": True, "bestpath": True, "pathFrom": "internal", "weight": 0, "path": "65004"}
    path |= {"peerId": "172.16.0.3", "origin": "IGP", "nexthops": [{"ip": "172.16.0.3"}]}
    for name, prefixes in (
        ("rib4.json", ("198.51.0.0/16", "198.51.100.0/24")),
        ("rib6.json", ("2001:db8::/32",)),
    ):
        routes = {prefix: [path] for prefix in prefixes}
        header = {"routerId": "192.168.3.1", "localAS": 65020, "tableVersion": 1}
        header["defaultLocPrf"] = 100
        (tmp_path / name).write_text(json.dumps({**header, "routes": routes}))
    (tmp_path / "customers.json").write_text('{"C1": ["192.0.2.0/24"]}')
    flows = ("predict", "flows", "flows.csv.gz", "--window", "1")
    ribs = ("--rib", "rib4.json", "--rib", "rib6.json")
    done = run(*flows, *ribs, "--sampling", "10", "--customers", "customers.json")
    assert done.code == 0, done.stderr
    assert json.loads(done.stdout)["slots"][0]["customers"] == {
        "C1": {"198.51.0.0/16": 20_000, "198.51.100.0/24": 40_000, "2001:db8::/32": 4_000}
    }
    assert "2.0 kB, 20.00% of all, went where no route leads" in done.stderr
    assert "203.0.113.0/24 (20.00%)" in done.stderr
    refused = run(*flows)
    assert refused.code == 2
    assert "flows.csv.gz:2: 198.51.100.9 is an address" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        ((), "timestamp,customer,prefix,bytes\n2026-01-01,C1,::/0,x", "flows.csv:2: 'x' is not"),
        ((), "a,b\n", "flows.csv:1: not a flow export that is known"),
        ((), "", "flows.csv: no traffic that a route holds"),
        (("--window", "7"), "", "a window of 7 s does not fit into a day"),
        (("--sampling", "0"), "", "a sampling rate of 0 is none"),
        (("--timezone", "Mars/Base"), "", "there is no time zone 'Mars/Base'"),
        (("--customers", "flows.csv"), '{"C1": ["10.0.0.1/8"]}', "write 10.0.0.0/8"),
        (
            ("--customers", "flows.csv"),
            '{"C1": ["::/0"],\n "C2": ["::/0"]}',
            "flows.csv:2:9: C2[0]: ::/0 is C1's already",
        ),
        (("--gateways", "flows.csv", "--collect"), "", "config.yaml: no such file"),
        (("--rib", "flows.csv"), "a\n", "flows.csv: not a file of routes that is known"),
    ],
)
def test_bad_input_is_named(run, tmp_path, arguments, text, said):
    (tmp_path / "flows.csv").write_text(text)
    done = run("predict", "flows", "flows.csv", *arguments, "-o", "out.json")
    assert done.code == 2
    assert said in done.stderr
    assert not (tmp_path / "out.json").exists()


def test_a_file_is_given_once(run, history, tmp_path):
    (tmp_path / "link.csv").symlink_to("flows.csv")
    for name in ("flows.csv", tmp_path / "flows.csv", "link.csv"):
        done = run("predict", "flows", "flows.csv", name)
        assert done.code == 2
        assert f"{name}: is given twice, and would count twice" in done.stderr


def test_a_load_that_no_document_holds_is_refused(run, tmp_path):
    lines = ["timestamp,customer,prefix,bytes", *[f"2026-01-01,C1,::/0,{2**63 - 1}"] * 40]
    (tmp_path / "flows.csv").write_text("\n".join(lines))
    done = run("predict", "flows", "flows.csv")
    assert done.code == 2
    assert "the load of the slot of 2026-01-01 00:00 UTC is over" in done.stderr


def test_a_byte_order_mark_is_no_part_of_the_header(run, history, tmp_path):
    content = (tmp_path / "flows.csv").read_bytes()
    (tmp_path / "marked.csv").write_bytes(b"\xef\xbb\xbf" + content)
    marked = run("predict", "flows", "marked.csv")
    assert marked.stdout.strip() == history.read_text().strip()


def test_a_torn_file_is_refused_or_its_part_used(run, tmp_path):
    write_export(tmp_path / "flows.csv", slots=2000)
    packed = gzip.compress((tmp_path / "flows.csv").read_bytes())
    (tmp_path / "torn.gz").write_bytes(packed[: len(packed) // 2])
    done = run("predict", "flows", "torn.gz")
    assert done.code == 2
    assert "cannot be unpacked" in done.stderr
    used = run("predict", "flows", "torn.gz", "--skip-bad")
    assert used.code == 0
    assert 0 < len(json.loads(used.stdout)["slots"]) < 2000
    assert "the rest is lost" in used.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"window_seconds": 900}, "does not begin at a multiple of 900 s"),
        ({"window_seconds": 7}, "a window of 7 s does not fit into a day"),
        ({"unit": None}, "does not say its unit"),
        ({"window_seconds": None}, "does not say its window_seconds"),
    ],
)
def test_a_history_that_does_not_say_enough_is_refused(run, history, change, said):
    document = json.loads(history.read_text()) | change
    history.write_text(json.dumps({k: v for k, v in document.items() if v is not None}))
    done = run("predict", "next", history)
    assert done.code == 2
    assert said in done.stderr


def test_histories_are_joined_and_a_slot_is_given_once(run, history, tmp_path):
    document = json.loads(history.read_text())
    halves = [
        dict(document, slots=document["slots"][:6]),
        dict(document, slots=document["slots"][6:]),
    ]
    for n, half in enumerate(halves):
        (tmp_path / f"{n}.json").write_text(json.dumps(half))
    joined = run("predict", "next", "1.json", "0.json", "--method", "last")
    assert joined.stdout == run("predict", "next", history, "--method", "last").stdout
    twice = run("predict", "next", "0.json", history)
    assert twice.code == 2
    assert "the slot of 2026-01-01 10:00 UTC is the same in another file" in twice.stderr


def test_flows_that_two_exports_cut_apart_are_put_together_again(run, tmp_path):
    """Flows of 10:55 are in the export of the hour before, and in the next one, which saw them end.

    The traffic is 8 kbit/s at each time; the first and the last slot of all are not whole.
    """
    header = "timestamp_start,timestamp_end".upper() + ",DST_NET,DST_MASK,BYTES"
    hours = {"a.csv": [("10:50", "10:57")], "b.csv": [("10:57", "11:02"), ("11:02", "11:08")]}
    for name, flows in hours.items():
        lines = [header]
        for begin, end in flows:
            minutes = int(end[3:]) - int(begin[3:]) + (60 if end[:2] > begin[:2] else 0)
            day = "2026-01-01"
            lines.append(f"{day} {begin}:00,{day} {end}:00,192.0.2.0,24,{60_000 * minutes}")
        (tmp_path / name).write_text("\n".join(lines))
        assert run("predict", "flows", name, "-o", f"{name}.json").code == 0
    together = run("predict", "flows", "a.csv", "b.csv")
    apart = run("predict", "flows", "b.csv.json", "a.csv.json")
    assert apart.stdout == together.stdout
    loads = [slot.matrix.total for slot in parse_series(apart.stdout, "standard output").slots]
    assert loads == [8000, 8000, 8000, 4800]
    trimmed = run("predict", "backtest", "a.csv.json", "b.csv.json", "--trim", "--json")
    assert json.loads(trimmed.stdout)["slots"] == 2
    done = run("predict", "next", "a.csv.json", "b.csv.json", "--trim", "--method", "last")
    assert parse_series(done.stdout, "standard output").slots[0].matrix.total == 8000
    refused = run("predict", "flows", "a.csv", "--trim")
    assert refused.code == 2
    assert "nothing is left without the first and the last slot" in refused.stderr


def test_a_forecast_is_no_history(run, history):
    run("predict", "next", history, "--gateways", "gateways.json", "-o", "next.json")
    done = run("predict", "next", history, "next.json")
    assert done.code == 2
    assert "next.json: is a forecast, not what was measured" in done.stderr


def test_a_forecast_of_what_is_over_is_told(run, history, time_machine):
    time_machine.move_to(BEGIN + timedelta(minutes=64))
    assert "are over" not in run("predict", "next", history, "--method", "last").stderr
    time_machine.move_to(BEGIN + timedelta(minutes=66))
    done = run("predict", "next", history, "--method", "last")
    assert "were over at 2026-01-01 11:05 UTC" in done.stderr


def test_what_a_unit_rounds_away_is_told(run, history):
    done = run("predict", "flows", "flows.csv", "--unit", "Gbit/s")
    # 300 Mbit/s in every other slot, of 1600 and 3200 in turn.
    assert "warning: 67.5 GB, 6.25% of what is routed" in done.stderr
    assert "warning" not in run("predict", "flows", "flows.csv", "--unit", "Mbit/s").stderr


def test_the_forecast_s_error_is_in_the_plan(run, history):
    """By it distribute decides whether a change is worth it."""
    document = json.loads(history.read_text())
    document |= {"error": 0.4, "slots": document["slots"][:1]}
    Path("wrong.json").write_text(json.dumps(document))
    done = run("plan", "wrong.json", "--offline", "--gateways", "gateways.json", "--json")
    assert done.code == 0, done.stderr
    assert json.loads(done.stdout)["error"] == 0.4


def test_a_method_that_needs_a_longer_history_is_refused(run, history):
    done = run("predict", "next", history, "--method", "yesterday")
    assert done.code == 2
    assert "yesterday needs 288 slots, and 12 are measured" in done.stderr


def test_slots_of_which_nothing_is_left_may_be_the_same(run, history):
    document = json.loads(history.read_text())
    document["slots"] = [document["slots"][0] | {"customers": {"C1": {"203.0.113.0/24": 0}}}]
    Path("nothing.json").write_text(json.dumps(document))
    Path("again.json").write_text(json.dumps(document))
    done = run("predict", "flows", "nothing.json", "again.json", history)
    assert done.code == 0, done.stderr
    found = parse_series(done.stdout, "standard output").slots[0].matrix.loads
    assert found == {prefix: 10**6 * load for prefix, load in LOADS.items()}
