"""What flow exports say: lines in the formats that pmacct and nfdump document."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from nornir_bgp.forecast.clock import Clock
from nornir_bgp.forecast.exports import BadLineError, ExportLog, UnknownExportError, read_export
from nornir_bgp.forecast.flow import Flow
from nornir_bgp.forecast.rows import Reading

START = int(datetime(2026, 1, 1, 14, 31, 47, tzinfo=UTC).timestamp()) * 1000

PMACCT_JSON = """\
{"event_type": "purge_init", "writer_id": "default_print/4711"}
{"event_type": "purge", "label": "C1", "tag": 7, "iface_in": 15, "ip_src": "192.0.2.7", \
"ip_dst": "203.0.113.9", "mask_dst": 24, "port_dst": 443, "ip_proto": "tcp", "sampling_rate": 100, \
"timestamp_start": "2026-01-01 14:31:47.220000", "timestamp_end": "2026-01-01 14:33:00.0", \
"stamp_inserted": "2026-01-01 14:31:00", "packets": 3, "bytes": 1500}
{"event_type": "purge", "label": "C2", "tag": 8, "iface_in": 15, "ip_src": "2001:db8::7", \
"ip_dst": "2001:db8:1::9", "mask_dst": 48, "port_dst": 443, "ip_proto": "tcp", "sampling_rate": 0, \
"timestamp_start": "2026-01-01 14:31:47.220000", "timestamp_end": "1970-01-01 00:00:00.0", \
"stamp_inserted": "2026-01-01 14:31:00", "packets": 1, "bytes": 64}
{"event_type": "purge_close", "writer_id": "default_print/4711"}
"""
PMACCT_NETWORKS = """\
{"event_type":"purge","net_dst":"203.0.113.0","mask_dst":24,"stamp_inserted":"1767277907","bytes":9}
"""
PMACCT_CSV = """\
TAG,LABEL,SRC_IP,DST_IP,SRC_MASK,DST_MASK,TIMESTAMP_START,TIMESTAMP_END,PACKETS,BYTES
7,C1,192.0.2.7,203.0.113.9,0,24,2026-01-01 14:31:47.220000,2026-01-01 14:33:00.0,3,1500
"""
NFDUMP_OLD = """\
ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt,in,out,sas,das,smk,dmk,dtos,dir,nh,nhb,\
svln,dvln,ismc,odmc,idmc,osmc,mpls1,mpls2,mpls3,mpls4,mpls5,mpls6,mpls7,mpls8,mpls9,mpls10,cl,sl,\
al,ra,eng,exid,tr
2026-01-01 14:31:47,2026-01-01 14:33:00,73.000,192.0.2.7,203.0.113.9,443,10693,TCP,...A....,66,24,\
9,1500,0,0,435,471,64500,0,22,24,0,0,10.10.16.154,0.0.0.0,0,323,00:00:00:00:00:00,\
00:00:00:00:00:00,00:00:00:00:00:00,00:00:00:00:00:00,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,0-0-0,\
0-0-0,0-0-0,0-0-0,    0.000,    0.000,    0.000,10.10.10.10,0/0,1,2026-01-01 14:33:05.000
Summary
flows,bytes,packets,avg_bps,avg_pps,avg_bpp
1,1500,9,164,0,166
"""
NFDUMP_NEW = """\
firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows
2026-01-01 14:31:47.220,72.780,TCP,192.0.2.7,443,203.0.113.9,10693,9,1500,1
2026-01-01 14:31:47.220,00:01:12.780,TCP,192.0.2.7,443,203.0.113.9,10693,9,1500,1
"""
PLAIN = """\
timestamp,customer,prefix,bytes
2026-01-01T14:31:47Z,C1,203.0.113.0/24,1500
2026-01-01T16:31:47+02:00,"C2, the other",2001:db8::/32,64
"""


def read(text: str, **options) -> tuple[list[Flow], ExportLog]:
    flows: list[Flow] = []
    skip_bad = options.pop("skip_bad", False)
    reading = Reading(Clock(UTC), **options)
    log = read_export(text.splitlines(keepends=True), reading, flows.append, skip_bad=skip_bad)
    return flows, log


def test_pmacct_json():
    flows, log = read(PMACCT_JSON)
    assert flows == [
        Flow(START + 220, START + 73_000, "203.0.113.9", 150_000, "192.0.2.7", None, 24),
        Flow(START + 220, START + 220, "2001:db8:1::9", 64, "2001:db8::7", None, 48),
    ]
    assert (log.form, log.flows, log.octets) == ("pmacct JSON", 2, 150_064)
    assert log.skipped.total() == 2


def test_pmacct_json_by_network():
    assert read(PMACCT_NETWORKS)[0] == [Flow(START, START, "203.0.113.0/24", 9)]


def test_a_key_names_the_customer():
    assert [flow.customer for flow in read(PMACCT_JSON, customer="label")[0]] == ["C1", "C2"]
    assert [flow.customer for flow in read(PMACCT_JSON, customer="tag")[0]] == ["7", "8"]


def test_a_flow_whose_customer_is_left_empty_is_somebody_else_s():
    lines = PMACCT_JSON.replace('"label": "C2"', '"label": ""')
    flows, _ = read(lines, customer="label")
    assert [flow.customer for flow in flows] == ["C1", ""]
    with pytest.raises(BadLineError, match="None is neither text nor a whole number"):
        read(PMACCT_JSON.replace('"label": "C2"', '"label": null'), customer="label")


def test_a_given_sampling_rate_is_in_place_of_the_export_s():
    assert [flow.octets for flow in read(PMACCT_JSON, sampling=10)[0]] == [15_000, 640]


def test_pmacct_csv():
    flows, log = read(PMACCT_CSV)
    wanted = Flow(START + 220, START + 73_000, "203.0.113.9", 1500, "192.0.2.7", None, 24)
    assert (flows, log.form) == ([wanted], "pmacct CSV")


def test_pmacct_s_markers_in_csv():
    flows, log = read(f"--START (1767277800+60)--\n{PMACCT_CSV}--END--\n")
    assert flows == read(PMACCT_CSV)[0]
    assert (log.flows, log.skipped.total()) == (1, 2)


@pytest.mark.parametrize("header", ["", NFDUMP_NEW.partition("\n")[0] + "\n"])
@pytest.mark.parametrize("said", ["No matched flows", "No matching flows"])
def test_nfdump_without_flows(header, said):
    flows, log = read(f"{header}{said}\n")
    assert (flows, log.flows, log.bad) == ([], 0, 0)


def test_nfdump_that_does_not_know_the_end():
    flows, _ = read(
        "firstSeen,lastSeen,srcAddr,dstAddr,bytes\n"
        "2026-01-01 14:31:47.220,0000-00-00 00:00:00.000,192.0.2.7,203.0.113.9,5\n"
    )
    assert flows == [Flow(START + 220, START + 220, "203.0.113.9", 5, "192.0.2.7")]


def test_nfdump_fast_csv_has_milliseconds():
    flows, _ = read(
        "cnt,af,firstSeen,lastSeen,proto,srcAddr,srcPort,dstAddr,dstPort,srcAS,dstAS,input,output,"
        "flags,srcTos,packets,bytes\n"
        f"1,2,{START + 220},{START + 73_000},6,192.0.2.7,443,203.0.113.9,10693,0,0,1,2,...A....,0,"
        "9,1500\n"
    )
    assert flows == [Flow(START + 220, START + 73_000, "203.0.113.9", 1500, "192.0.2.7")]


@pytest.mark.parametrize("times", [1, 2])
def test_nfdump_old_csv_and_two_of_them_one_behind_another(times):
    flows, log = read(NFDUMP_OLD * times)
    wanted = Flow(START, START + 73_000, "203.0.113.9", 1500, "192.0.2.7", None, 24)
    assert (flows, log.form) == ([wanted] * times, "nfdump CSV")


def test_nfdump_new_csv():
    flows, log = read(NFDUMP_NEW)
    wanted = Flow(START + 220, START + 73_000, "203.0.113.9", 1500, "192.0.2.7")
    assert (flows, log.form) == ([wanted, wanted], "nfdump CSV")


def test_plain_csv():
    flows, _ = read(PLAIN)
    assert flows == [
        Flow(START, START, "203.0.113.0/24", 1500, None, "C1"),
        Flow(START, START, "2001:db8::/32", 64, None, "C2, the other"),
    ]


def test_times_without_a_zone_are_of_the_zone_that_is_given():
    rome = Clock(ZoneInfo("Europe/Rome"))
    assert rome.milliseconds("2026-01-01 15:31:47.5") == START + 500
    assert rome.milliseconds("2026-07-01 16:31:47") == rome.milliseconds("2026-07-01T14:31:47Z")
    assert rome.milliseconds("2026-01-01 14:31:47Z") == START
    assert rome.milliseconds(1767277907.25) == START + 250


PLAIN_HEADER = "timestamp,customer,prefix,bytes\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (PLAIN_HEADER + "yesterday,C1,203.0.113.0/24,1", 2, "'yesterday' is not a time"),
        (PLAIN_HEADER + "2026-01-01 00:00:00,C1,203.0.113.0/24,-1", 2, "'-1' is not a whole"),
        (PLAIN_HEADER + "2026-01-01 00:00:00,C1,203.0.113.0/24,1.5", 2, "'1.5' is not a whole"),
        (PLAIN_HEADER + "\n2026-01-01 00:00:00,C1", 3, "2 columns, and the header has 4"),
        (PLAIN_HEADER + "0001-01-01 00:00:00+23:00,C1,::/0,1", 2, "is not a time"),
        (PLAIN_HEADER + "1969-12-31 23:59:59,C1,::/0,1", 2, "is not a time"),
        (PLAIN_HEADER + f"2026-01-01 00:00:00,C1,::/0,{2**63}", 2, "more than a flow can have"),
        (PLAIN_HEADER + "2026-01-01 00:00:00,C\a,203.0.113.0/24,1", 2, "no customer's name"),
        (PMACCT_JSON + '{"event_type": "purge", "bytes"', 5, "unexpected end of data"),
        (PMACCT_JSON + "[1]", 5, "not a JSON object"),
        (PMACCT_NETWORKS + '{"net_dst": "0.0.0.0"}', 2, "'stamp_inserted' is missing"),
        (PMACCT_NETWORKS + PMACCT_NETWORKS.replace("9}", "null}"), 2, "None is not a whole"),
        (NFDUMP_NEW.replace("72.780", "-1"), 2, "'-1' is not a duration"),
        (NFDUMP_NEW.replace("72.780", "nan"), 2, "'nan' is not a duration"),
        (NFDUMP_NEW.replace("72.780", "1e300"), 2, "is none"),
    ],
)
def test_a_bad_line_is_named_or_passed_over(text, line, said):
    with pytest.raises(BadLineError) as error:
        read(text)
    assert error.value.line == line
    assert said in str(error.value)
    flows, log = read(text, skip_bad=True)
    assert (log.bad, log.first_bad and log.first_bad.line, len(flows)) == (1, line, log.flows)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b,c\n1,2,3\n", "not a flow export that is known; give pmacct's"),
        ('{"C1": {"203.0.113.0/24": 1}}', "not a flow export that is known"),
        ("ts,te,sa,da\n", "looks like nfdump CSV, but has no bytes (ibyt or bytes or inBytes)"),
        ('{"ip_dst": "192.0.2.1", "bytes": 1}', "looks like pmacct JSON, but has no time"),
    ],
)
@pytest.mark.parametrize("skip_bad", [False, True])
def test_an_unknown_export_is_refused_whatever_is_passed_over(text, said, skip_bad):
    with pytest.raises(UnknownExportError) as error:
        read(text, skip_bad=skip_bad)
    assert said in str(error.value)


def test_a_customer_s_column_that_is_not_there_is_refused():
    with pytest.raises(UnknownExportError, match="there is no 'label' to take the customer from"):
        read(NFDUMP_NEW, customer="label")


def test_an_empty_export_has_no_flows():
    assert read("\n\n") == ([], ExportLog())
