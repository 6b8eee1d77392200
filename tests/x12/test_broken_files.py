"""Files that are cut off, miscounted, out of order or no remittance at all: never in silence."""

from __future__ import annotations

import random
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_835 import Style, remittance, render

from server.x12 import Finding, read_remittance, remittance_facts
from server.x12.findings import KEPT_PER_CODE, MEANING
from server.x12.remittance import Remittance

MADE = remittance(11, claims=3)
DATA = render(MADE.segments)


def findings(data: bytes, chunk: int = 1 << 17) -> list[Finding]:
    file = Remittance(BytesIO(data), chunk=chunk)
    for _ in file.claims():
        pass
    account = file.account
    assert account["size"] == len(data)
    assert account["segments"] + account["layout"] + account["reported"] == len(data)
    return file.findings


def codes(data: bytes) -> set[str]:
    return {finding.code for finding in findings(data)}


def is_fatal(data: bytes) -> bool:
    return any(finding.severity == "fatal" for finding in findings(data))


@pytest.mark.parametrize("kept", range(len(MADE.segments)))
def test_a_file_cut_off_after_any_segment_is_refused(kept: int) -> None:
    data = render(MADE.segments[:kept]) if kept else b""
    facts, found = remittance_facts(data, "cut.835")
    assert facts == []
    assert any(finding.severity == "fatal" for finding in found)


def test_a_file_cut_off_at_any_byte_is_refused() -> None:
    whole = len(DATA) - len("~")
    for size in range(whole):
        assert is_fatal(DATA[:size]), size
    assert codes(DATA[:whole]) == {"missing_terminator"}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_cut_off_at_any_byte_between_lines_is_refused(newline: str) -> None:
    data = render(MADE.segments, Style(newline=newline))
    whole = len(data.rstrip()) - len("~")
    for size in range(whole):
        assert is_fatal(data[:size]), size


def test_a_second_interchange_cut_off_spoils_the_file() -> None:
    for size in range(len("ISA"), len(DATA) - 1, 97):
        assert is_fatal(DATA + DATA[:size]), size


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("nothing", b"", "empty"),
        ("blanks", b" \r\n\x00\n", "empty"),
        ("mark only", b"\xef\xbb\xbf", "empty"),
        ("page", b"<!DOCTYPE html><html><body>Sign in ISA*00*</body></html>", "html"),
        ("page with blanks", b"\n\n  <html>\n", "html"),
        ("page around a file", b"<html>" + DATA + b"</html>", "html"),
        ("text", b"Dear provider, your file is attached.", "not_x12"),
        ("PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "not_x12"),
        ("zip", b"PK\x03\x04\x14\x00\x00\x00", "not_x12"),
        ("UTF-16", "ISA*00*".encode("utf-16"), "not_x12"),
        ("noise", bytes(random.Random(1).randrange(256) for _ in range(4000)), "not_x12"),
        ("an ISA only", DATA[:106], "truncated"),
        ("half an ISA", DATA[:60], "truncated"),
        ("an ISA that is none", b"ISA*00*" + b"A" * 300, "bad_isa"),
        ("a middle", DATA[400:], "not_x12"),
        ("a claim file", DATA.replace(b"ST*835", b"ST*837"), "wrong_transaction"),
        ("an acknowledgment", DATA.replace(b"ST*835", b"ST*999"), "wrong_transaction"),
        ("no end of a segment", DATA[:300] + b"A" * (3 << 20), "segment_too_long"),
    ],
)
def test_what_is_no_remittance_is_named(name: str, content: bytes, code: str) -> None:
    facts, found = remittance_facts(content, "x.835")
    assert facts == []
    assert found[0].severity == "fatal"
    assert code in {finding.code for finding in found}


def without(name: str) -> bytes:
    return render([segment for segment in MADE.segments if segment[0] != name])


def test_a_missing_isa_is_named_and_the_rest_read() -> None:
    for dropped in (1, 2):
        segments = MADE.segments[dropped:-1] if dropped == 1 else MADE.segments[dropped:-2]
        facts, found = remittance_facts(render(segments), "x")
        assert len(facts) == 3
        assert [f.code for f in found if f.severity != "warning"] == ["missing_isa"]


@pytest.mark.parametrize("terminator", ["~", "\n", "\r\n"])
def test_a_missing_isa_leaves_the_separators_to_be_told(terminator: str) -> None:
    data = b"~".join(DATA.split(b"~")[2:-3]) + b"~"
    data = data.replace(b"~", terminator.encode())
    facts, found = remittance_facts(data, "x")
    assert len(facts) == 3
    assert {f.code for f in found} == {"missing_isa"}


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b"SE*", b"SE*1", "se_count"),
        (b"GE*1*", b"GE*2*", "ge_count"),
        (b"GE*1*77", b"GE*1*78", "ge_control"),
        (b"IEA*1*000000905", b"IEA*3*000000905", "iea_count"),
        (b"IEA*1*000000905", b"IEA*1*000000906", "iea_control"),
        (b"*0001~GE", b"*0002~GE", "se_control"),
        (b"GE*1*77~", b"", "missing_ge"),
        (b"DTM*405*20260209", b"DTM*405*20260230", "bad_date"),
        (b"N3*1 PAYER PLAZA~", b"N9*1 PAYER PLAZA~", "unknown_segment"),
        (b"LX*1~", b"LX*1~ZZZ*1~", "unknown_segment"),
        (b"~BPR*", b"~bpr*", "lower_case_id"),
        (b"~BPR*", b"~Bpr*", "lower_case_id"),
        (b"DTM*405*20260209~", b"DTM*405*20260209~DTM*405*20260210~", "unknown_segment"),
        (b"~N1*PE*", b"~N1*PR*SECOND~N1*PE*", "second_header"),
        (b"IEA*1*000000905~", b"IEA*1*000000905~~\n~", "stray_terminator"),
        (b"IEA*1*000000905~", b"IEA*1*000000905~XYZ", "trailing_content"),
    ],
)
def test_each_thing_wrong_is_a_finding_and_the_claims_are_read(
    before: bytes, after: bytes, code: str
) -> None:
    assert before in DATA
    data = DATA.replace(before, after, 1)
    facts, found = remittance_facts(data, "x")
    assert len(facts) == 3
    assert code in {finding.code for finding in found}
    assert all(finding.severity != "fatal" for finding in found)


def test_content_before_the_isa_is_reported() -> None:
    facts, found = remittance_facts(b"X-Header: a portal\r\n\r\n" + DATA, "x")
    assert len(facts) == 3
    assert [(f.code, f.start, f.end) for f in found] == [("leading_content", 0, 22)]


def line_with(**changes: str) -> bytes:
    service = changes.get("service", "SVC*HC:99213*100*60**1~")
    cas = changes.get("cas", "CAS*CO*45*40~")
    clp = changes.get("clp", "CLP*A*1*100*60**12*P1*11*1~")
    bpr = changes.get("bpr", "60")
    body = (
        f"ST*835*0001~BPR*I*{bpr}*C*CHK************20260212~TRN*1*E*1~DTM*405*20260209~"
        f"N1*PR*P~N1*PE*C~LX*1~{clp}NM1*QC*1*D*J~{service}DTM*472*20260101~{cas}"
    )
    head = DATA[:106].decode() + "GS*HP*A*B*20260210*1200*77*X*005010X221A1~"
    return (head + body + f"SE*{body.count('~') + 1}*0001~GE*1*77~IEA*1*000000905~").encode()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"cas": "CAS*CO*45*39.99~"}, {"line_balance", "claim_balance"}),
        ({"clp": "CLP*A*1*100*60.01**12*P1~"}, {"claim_balance", "payment_balance"}),
        ({"clp": "CLP*A*1*110*70**12*P1~", "bpr": "70"}, {"claim_charge"}),
        ({"bpr": "61"}, {"payment_balance"}),
        ({"cas": "CAS*CO*45*****~CAS*CO*45*40~"}, {"missing_amount"}),
        ({"cas": "CAS*CO*45*40*X~"}, {"bad_number"}),
        ({"cas": "CAS*CO**40~"}, {"bad_code"}),
        ({"cas": "CAS**45*40~"}, {"missing_element"}),
        ({"cas": "CAS* *45*40~"}, {"missing_element"}),
        ({"cas": "CAS*CO* *40~"}, {"bad_code"}),
        ({"cas": "CAS*CO*45*4O~"}, {"bad_number", "line_balance", "claim_balance"}),
        ({"cas": "CAS*CO*45*4e1~"}, {"bad_number", "line_balance", "claim_balance"}),
        ({"cas": "CAS*CO*45*NaN~"}, {"bad_number", "line_balance", "claim_balance"}),
        ({"cas": "CAS*CO" + "*45*40**" * 1 + "**" * 9 + "~"}, {"too_many_elements"}),
        ({"service": "SVC*HC>99213*100*60**1~"}, {"component_separator"}),
        ({"service": "SVC**100*60**1~"}, {"missing_element"}),
        ({"service": "SVC*HC:99213*100*60**one~"}, {"bad_number"}),
        ({"service": "SVC*HC:99213*100*60**1*HC:1*2*3*4~"}, {"too_many_elements"}),
        ({"clp": "CLP*A*1*100*60*ten*12*P1~"}, {"bad_number"}),
        ({"clp": "CLP*A*1*100*60~"}, {"missing_element"}),
        ({"clp": "CLP**1*100*60**12*P1~"}, {"missing_element"}),
        ({"cas": "CAS*CO*45*40~NM1*82*1*X~"}, {"out_of_order"}),
        ({"clp": "CLP*A*1*100*60**12*P1~LQ*HE*N1~"}, {"out_of_order"}),
        ({"cas": "CAS*CO*45*40~LQ*HE*N1~LQ~"}, set()),
        ({"cas": "CAS*CO*45*40~AMT*B6*6O~"}, {"unread_number"}),
        ({"cas": "CAS*CO*45*40~AMT*B6~"}, {"missing_element"}),
        ({"cas": "CAS*CO*45*40~QTY*ZK*one~"}, {"unread_number"}),
        ({"clp": "CLP*A*1*100*60**12*P1****470*1,5~"}, {"unread_number"}),
        ({"clp": "CLP*A*1*100*60**12*P1****470*1.5*.5~"}, set()),
        ({"cas": "CAS*CO*45*40~DTM*472*~"}, {"bad_date"}),
        ({"cas": "CAS*CO*45*40~DTM*232*20260101~"}, {"out_of_order"}),
        ({"clp": "CLP*A*1*100*60**12*P1~DTM*472*20260101~"}, {"out_of_order"}),
        ({"cas": "CAS*CO*45*40~DTM*009*20260101~"}, {"unknown_segment"}),
        ({"cas": "CAS*CO*45*40~PLB*1*20261231*WO:1*5*:2*-5~"}, {"bad_code"}),
        ({"cas": "CAS*CO*45*40~CASX*1~"}, {"unknown_segment"}),
        ({"cas": "CAS*CO*45*40~DTM*472*2026011~"}, {"bad_date"}),
        ({"cas": "CAS*CO*45*40~N1*PR*OTHER~"}, {"second_header"}),
    ],
)
def test_balances_and_elements(changes: dict[str, str], expected: set[str]) -> None:
    assert codes(line_with(**changes)) == expected


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("CAS*CO**0~", "bad_code"),
        ("CAS*CO*45*O~", "bad_number"),
        ("CAS*CO*45*0*2*253~", "missing_amount"),
        ("AMT*B6*six~", "unread_number"),
        ("DTM*472*20261301~", "bad_date"),
        ("SVC*HC:1*0*0**one~", "bad_number"),
        ("SVC*HC:1*0~", "missing_element"),
    ],
)
def test_what_is_odd_is_told_each_time_it_stands(part: str, code: str) -> None:
    """What repeats is remembered, but never that it is odd."""
    data = line_with(cas=f"CAS*CO*45*40~{part}LQ*HE*N1~{part}")
    for _ in range(2):
        assert [f.code for f in findings(data)].count(code) == 2


def test_a_composites_separator_is_odd_in_its_own_file_only() -> None:
    """The same `SVC` is right where ISA16 names its separator and odd where it names another."""
    right = line_with(service="SVC*HC>99213*100*60**1~").replace(b"*P*:~", b"*P*>~")
    for _ in range(2):
        assert codes(right) == set()
        assert codes(line_with(service="SVC*HC>99213*100*60**1~")) == {"component_separator"}
        assert codes(line_with()) == set()


def header(*segments: str) -> bytes:
    """A remittance of one claim below the header given."""
    clp = ["CLP*A*1*60*60**12*P1", "SVC*HC:99213*60*60", "DTM*472*20260101"]
    body = ["ST*835*0001", *segments, *clp]
    body.append(f"SE*{len(body) + 1}*0001")
    whole = ["GS*HP*A*B*20260210*1200*77*X*005010X221A1", *body, "GE*1*77", "IEA*1*000000905"]
    return DATA[:106] + "".join(f"{segment}~" for segment in whole).encode()


BPR = "BPR*I*60*C*CHK************20260212"


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ((BPR, "TRN*1*E1*9", "DTM*405*20260209", "N1*PR*P", "N1*PE*C"), set()),
        (("TRN*1*E1*9", "DTM*405*20260209", "N1*PR*P"), {"missing_segment", "out_of_order"}),
        (("DTM*405*20260209", "TRN*1*E1*9", BPR, "N1*PR*P"), {"out_of_order"}),
        (("N1*PR*P", "DTM*405*20260209", "N1*PE*C", BPR, "TRN*1*E1*9"), {"out_of_order"}),
        ((BPR, "N1*PR*P", "N1*PE*C", "LX*1", "TRN*1*E1*9", "DTM*405*20260209"), {"out_of_order"}),
        ((BPR, "TRN*1*E1*9", "DTM*405*20260209", "N1*PR*P", BPR), {"unknown_segment"}),
        ((BPR, "TRN*1*E1*9", "TRN*1*E2*8", "DTM*405*20260209", "N1*PR*P"), {"unknown_segment"}),
    ],
)
def test_a_header_is_read_whatever_its_order(segments: tuple[str, ...], expected: set[str]) -> None:
    data = header(*segments)
    assert codes(data) == expected
    (answer,), _ = remittance_facts(data, "x")
    assert answer.produced == date(2026, 2, 9)
    assert (answer.trace, answer.payer.name) == ("E1", "P")


def test_a_payment_after_its_claims_is_told_and_balanced() -> None:
    for amount, odd in (("60", set()), ("61", {"payment_balance"})):
        data = header("N1*PR*P").replace(b"SE*6", f"BPR*I*{amount}*C*CHK~SE*7".encode())
        assert codes(data) == {"out_of_order"} | odd
        file = read_remittance(data)
        assert len(list(file.claims())) == 1
        assert [str(payment.amount) for payment in file.payments] == [amount]


@pytest.mark.parametrize(
    ("own", "line", "days"),
    [
        ("DTM*472*20260103~", "", (date(2026, 1, 3), date(2026, 1, 3))),
        ("DTM*150*20260103~DTM*151*20260104~", "", (date(2026, 1, 3), date(2026, 1, 4))),
        ("", "DTM*232*20260105~DTM*233*20260106~", (date(2026, 1, 5), date(2026, 1, 6))),
        ("DTM*232*20260103~", "DTM*472*20260107~", (date(2026, 1, 7), date(2026, 1, 7))),
    ],
)
def test_days_are_read_where_they_strayed(own: str, line: str, days: tuple[date, date]) -> None:
    data = line_with(clp=f"CLP*A*1*100*60**12*P1~{own}", cas=f"CAS*CO*45*40~{line}")
    data = data.replace(b"DTM*472*20260101~", b"").replace(b"SE*13", b"SE*12")
    (claim,) = read_remittance(data).claims()
    fields = claim.lines[0].fields
    assert (fields.first_day, fields.last_day) == days


def test_predetermined_and_reversed_amounts_balance() -> None:
    clp = "CLP*A*22*-100*-60**12*P1~"
    service = "SVC*HC:99213*-100*-60**1~"
    data = line_with(clp=clp, service=service, cas="CAS*CR*45*-40~", bpr="-60")
    assert codes(data) == set()
    (claim,) = read_remittance(data).claims()
    assert claim.fields.reversal


@given(seed=st.integers(0, 10**6), at=st.integers(2, 200))
@settings(max_examples=150, deadline=None)
def test_a_segment_lost_is_never_lost_in_silence(seed: int, at: int) -> None:
    segments = remittance(seed, claims=2).segments
    at = 2 + at % (len(segments) - 3)
    data = render(segments[:at] + segments[at + 1 :])
    assert findings(data), segments[at]


@given(seed=st.integers(0, 10**6), at=st.integers(2, 200))
@settings(max_examples=150, deadline=None)
def test_a_segment_doubled_is_never_doubled_in_silence(seed: int, at: int) -> None:
    segments = remittance(seed, claims=2).segments
    at = 2 + at % (len(segments) - 3)
    data = render(segments[: at + 1] + segments[at:])
    assert findings(data), segments[at]


@given(seed=st.integers(0, 10**6), moves=st.lists(st.integers(0, 10**6), min_size=2, max_size=2))
@settings(max_examples=150, deadline=None)
def test_segments_in_another_order_lose_no_adjustment(seed: int, moves: list[int]) -> None:
    """Within a claim's own segments or a line's, order does not matter; elsewhere it is told."""
    made = remittance(seed, claims=2)
    segments = list(made.segments)
    one, two = (2 + move % (len(segments) - 4) for move in moves)
    segments[one], segments[two] = segments[two], segments[one]
    data = render(segments)
    file = read_remittance(data)
    read = sum(len(c.adjustments) + sum(len(x.adjustments) for x in c.lines) for c in file.claims())
    assert read == made.adjustments or file.findings


@given(data=st.binary(max_size=600))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_accounted_for(data: bytes) -> None:
    assert findings(data), "bytes without a claim and without a finding"


@given(
    edits=st.lists(st.tuples(st.integers(0, len(DATA) - 1), st.binary(max_size=4)), max_size=6),
    chunk=st.sampled_from([1 << 17, 64, 5]),
)
@settings(max_examples=300, deadline=None)
def test_any_damage_is_accounted_for(edits: list[tuple[int, bytes]], chunk: int) -> None:
    data = bytearray(DATA)
    for at, put in edits:
        data[at : at + len(put)] = put
    found = findings(bytes(data), chunk)
    assert all(finding.code in MEANING for finding in found)


def test_no_finding_holds_anything_of_the_file() -> None:
    """Words that stand in the damaged file and in a message are words of the message's own."""
    secret = "ZQXJKV"
    for at in range(len(MADE.segments)):
        segments = [list(segment) for segment in MADE.segments]
        segments[at] = [secret if n else v for n, v in enumerate(segments[at])]
        for data in (render(segments), render(segments).replace(b"NM1*", b"ZQXJKV*")):
            assert all(secret not in finding.message for finding in findings(data))


def test_many_findings_of_one_kind_are_counted_not_kept() -> None:
    bad = b"ZZ9*1~" * (KEPT_PER_CODE + 500)
    found = findings(DATA.replace(b"LX*1~", b"LX*1~" + bad))
    told = [finding for finding in found if finding.code == "unknown_segment"]
    assert len(told) == KEPT_PER_CODE + 1
    assert told[-1].message.endswith("and 500 more")


def test_a_file_without_a_claim_says_so() -> None:
    segments = [s for s in remittance(4, claims=0).segments if s[0] != "LX"]
    assert "no_claims" in codes(render(segments))


def test_claims_outside_any_transaction_are_told() -> None:
    segments = [s for s in MADE.segments if s[0] not in ("ST", "SE")]
    assert "outside_transaction" in codes(render(segments))


def test_a_transaction_of_another_kind_between_is_told() -> None:
    start = DATA.index(b"ST*835")
    end = DATA.index(b"GE*")
    other = b"ST*999*0009~AK1*HP*1~SE*3*0009~"
    data = (DATA[:end] + other + DATA[end:]).replace(b"GE*1*", b"GE*2*")
    assert start < end
    facts, found = remittance_facts(data, "x")
    assert len(facts) == 3
    assert [f.code for f in found] == ["other_transaction"]
