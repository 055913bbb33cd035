"""What a plan has beyond loads is in every report of it, and only where there is some."""

import io
import json
from ipaddress import ip_address

import pytest
from rich.console import Console

from nornir_bgp.cli.show import show_plan
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.planning import Planning
from nornir_bgp.report.html import to_html
from nornir_bgp.report.markdown import to_markdown
from nornir_bgp.report.prometheus import to_prometheus
from nornir_bgp.solver.planner import Known, make_plan
from tests.report.runs import run
from tests.report.test_html import parsed, rows, said
from tests.report.test_prometheus import samples

GATEWAYS = [f"GW{n}" for n in range(1, 9)]
LOADS = {f"10.0.{n}.0/24": (n + 1) ** 3 for n in range(60)}
EXITS = tuple(
    Exit(
        gateway=gateway,
        neighbor=ip_address(f"192.0.2.{n + 1}"),
        upstream=f"UP{n + 1}",
        capacity=1_000_000 * (n + 1),
    )
    for n, gateway in enumerate(GATEWAYS)
)
TODAY = {prefix: GATEWAYS[n % 8] for n, prefix in enumerate(LOADS)}
PLAN = make_plan(
    LOADS,
    EXITS,
    planning=Planning(coverage=0.9, backups=True),
    known=Known(
        today=TODAY,
        natural={p: "GW4" if gateway == "GW3" else gateway for p, gateway in TODAY.items()},
        fallback={gateway: {} for gateway in GATEWAYS},
        drained=("GW3",),
        remarks=("the link of GW2 is slow",),
    ),
).model_copy(update={"lines": 123})
PLAIN = make_plan(
    LOADS, [exit_.model_copy(update={"capacity": None}) for exit_ in EXITS], solver="scale"
)


def on_a_terminal(plan) -> str:
    written = io.StringIO()
    show_plan(Console(file=written, width=200), plan)
    return written.getvalue()


def test_the_page_has_a_row_for_each_exit():
    found = rows(parsed(to_html(run(plan=PLAN))), "exits")
    number = [[cell.replace(",", "") for cell in row[1:]] for row in found]
    assert [row[0] for row in found] == [f"{e.gateway} → {e.upstream}" for e in EXITS]
    for told, exit_ in zip(number, PLAN.exits, strict=True):
        load, _, capacity, used, rest, backups, prefixes = told
        assert int(load) == exit_.load == sum(LOADS[p] for p in exit_.prefixes) + int(rest)
        assert int(capacity) == exit_.capacity
        assert float(used.rstrip("%")) == pytest.approx(100 * exit_.load / exit_.capacity, abs=0.05)
        assert (int(backups), int(prefixes)) == (len(exit_.backups), len(exit_.prefixes))
    carried = sum(int(row[0]) for row in number)
    assert carried == sum(LOADS.values())
    assert number[2][0] == number[2][-1] == "0"  # it is drained


def test_the_page_names_the_planned_backup_of_each_prefix():
    found = {row[0]: row[4] for row in rows(parsed(to_html(run(plan=PLAN))), "assignment")}
    backups = {p: gateway for gateway, of in PLAN.backups.items() for p in of}
    assert found == {prefix: backups.get(prefix, "none") for prefix in PLAN.gateway_of}
    assert len(backups) == len(PLAN.gateway_of)


@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_every_sentence_is_in_the_report(write):
    text = write(run(plan=PLAN)).replace("\\", "")
    for sentence in (*PLAN.explanation, *PLAN.warnings):
        assert sentence.removeprefix("solver: ") in text
    assert "To be heeded" in text


@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_an_ordinary_plan_has_none_of_it(write):
    text = write(run(plan=PLAIN))
    words = ("To be heeded", "eft to BGP", "drained</span>", ", drained", "ackup of")
    assert [word for word in words if word in text] == []


def test_the_terminal_says_it_too():
    text = on_a_terminal(PLAN)
    for word in ("capacity", "used", "left to BGP", "backup of", "GW3 → 192.0.2.3, drained"):
        assert word in text
    assert f"moved: {PLAN.moved} of {len(PLAN.gateway_of)} prefixes; lines: 123" in text
    assert all(warning in text for warning in PLAN.warnings)
    plain = on_a_terminal(PLAIN)
    assert not [word for word in ("capacity", "used", "left", "backup", "moved") if word in plain]


def test_moved_is_what_leaves_its_gateway():
    gateway_of = PLAN.gateway_of
    assert PLAN.moved == sum(TODAY[prefix] != gateway for prefix, gateway in gateway_of.items())
    assert json.loads(PLAN.model_dump_json())["moved"] == PLAN.moved > 0


def test_the_metrics_say_it():
    found = samples(to_prometheus(run(plan=PLAN)))
    assert found["prefixes_moved",] == PLAN.moved
    assert found["prefixes_left",] == len(LOADS) - len(PLAN.gateway_of) > 0
    assert found["plan_warnings",] == len(PLAN.warnings) > 0
    stranded = make_plan({"192.0.2.0/24": 1}, EXITS, [()] * len(EXITS))
    assert samples(to_prometheus(run(plan=stranded)))["prefixes_unrouted",] == 1
    assert [found["drained", gateway] for gateway in GATEWAYS] == [0, 0, 1, 0, 0, 0, 0, 0]
    for exit_ in PLAN.exits:
        assert found["utilisation", exit_.gateway, exit_.upstream] == exit_.load / exit_.capacity


def test_the_fullest_gateway_comes_first_where_capacities_are_known():
    values = [
        said(dd)
        for plan in (PLAN, PLAIN)
        for dd in parsed(to_html(run(plan=plan, checks=()))).findall(".//dd[@class='number']")[:1]
    ]
    assert values[0].endswith("%")
    assert not values[1].endswith("%")
