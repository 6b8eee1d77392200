"""Claim files: every level, provider, note and number of a claim, and what is wrong with one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import made_837
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.x12 import claim_facts, read_claims
from server.x12.claim_file import ClaimFile

PLAIN = made_837.professional(newline="")


def one(data: bytes):
    ((claim,), _) = claim_facts(data, "x")
    return claim


def test_a_professional_claim() -> None:
    claim = one(PLAIN)
    assert (claim.claim, claim.kind, claim.frequency) == ("P1", "professional", "1")
    assert (claim.facility_code, claim.charge) == ("11", Decimal(1500))
    assert (claim.payer.ids, claim.payer.name) == (("MERID",), "MERIDIAN HEALTH")
    assert claim.patient.member_id == "MEMBER001"
    assert claim.patient.birth_date == date(1970, 1, 1)
    assert (claim.billing_npi, claim.billing_tax_id) == (made_837.NPI["billing"], "123456789")
    assert claim.rendering_npi == made_837.NPI["rendering"]
    assert claim.sent_on == date(2026, 1, 10)
    assert [line.line_control for line in claim.lines] == ["L1A", "L1B", "L1C"]
    assert claim.lines[1].modifiers == ("25",)
    assert {line.first_day for line in claim.lines} == {date(2026, 1, 5)}


def test_a_dependent_is_the_patient() -> None:
    claim = one(made_837.professional(dependent=True))
    assert (claim.patient.first_name, claim.patient.member_id) == ("JOHN", "MEMBER001")
    assert claim.patient.birth_date == date(2010, 2, 3)


def test_a_subscribers_own_claim_after_a_dependents() -> None:
    both = made_837.professional(newline="", dependent=True)
    own = PLAIN[PLAIN.index(b"HL*2") : PLAIN.index(b"SE*")].replace(b"HL*2*1", b"HL*4*1")
    own = own.replace(b"CLM*P1", b"CLM*P2")
    claims, _ = claim_facts(both.replace(b"SE*", own + b"SE*"), "x")
    assert [(c.claim, c.patient.first_name) for c in claims] == [("P1", "JOHN"), ("P2", "JANE")]


def test_an_institutional_claim() -> None:
    claim = one(made_837.institutional())
    assert (claim.kind, claim.facility_code, claim.frequency) == ("institutional", "13", "1")
    assert claim.lines[0].revenue_code == "0360"
    assert (claim.lines[1].procedure, claim.lines[1].units) == ("", Decimal(4))
    assert claim.rendering_npi == claim.billing_npi


def test_what_a_scrub_asks_for() -> None:
    (claim,) = read_claims(PLAIN).claims()
    assert claim.diagnoses == ("M4316", "M5416")
    first, _, third = claim.lines
    assert (first.diagnosis_pointers, third.diagnosis_pointers) == ((1, 2), (2,))
    assert (first.place_of_service, third.place_of_service) == ("", "22")
    assert (first.unit, first.number) == ("UN", 1)
    assert [r.qualifier for r in claim.references] == ["D9"]
    assert claim.provider("82").last == "GRAY"
    assert claim.provider("77") is None


def test_a_lines_own_provider_and_dates() -> None:
    data = PLAIN.replace(
        b"DTP*472*D8*20260105~REF*6R*L1A~",
        b"DTP*472*RD8*20260105-20260107~REF*6R*L1A~"
        b"NM1*82*1*YANG*CRISTINA****XX*1245319599~REF*6R*NOT MINE~",
    )
    line = one(data).lines[0]
    assert (line.first_day, line.last_day) == (date(2026, 1, 5), date(2026, 1, 7))
    assert (line.rendering_npi, line.line_control) == ("1245319599", "L1A")


def test_statement_dates_stand_in_for_an_institutional_lines() -> None:
    data = made_837.institutional().replace(b"DTP*472*D8*20260105~", b"")
    line = one(data).lines[0]
    assert (line.first_day, line.last_day) == (date(2026, 1, 5), date(2026, 1, 6))


def test_notes_and_the_original_reference() -> None:
    data = PLAIN.replace(b"HI*ABK", b"REF*F8*PCN1~NTE*ADD*SEE P0~NTE*TPO*NOT THIS~HI*ABK")
    claim = one(data)
    assert (claim.notes, claim.original_reference) == (("SEE P0",), "PCN1")


def test_version_4010_names_a_tax_id_in_the_name() -> None:
    data = PLAIN.replace(b"*XX*1234567893", b"*24*123456789").replace(b"REF*EI*123456789~", b"")
    claim = one(data)
    assert (claim.billing_npi, claim.billing_tax_id) == ("", "123456789")


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b"*1150*UN", b"*1,150*UN", "bad_number"),
        (b"CLM*P1*1500*", b"CLM*P1*1501*", "claim_charge"),
        (b"CLM*P1*1500*", b"CLM*P1**", "missing_element"),
        (b"CLM*P1*", b"CLM**", "missing_element"),
        (b"UN*1***1:2", b"UN*x***1:2", "bad_number"),
        (b"SE*", b"SE*1", "se_count"),
        (b"DTP*472*D8*20260105~REF*6R*L1A", b"REF*6R*L1A", "missing_date"),
        (b"SV1*HC:99213:25*200*UN*1***1~", b"", "missing_segment"),
        (b"LX*1~", b"SE*9*0001~ST*837*0002~LX*1~", "unknown_segment"),
    ],
)
def test_what_is_wrong_is_told(before: bytes, after: bytes, code: str) -> None:
    assert before in PLAIN
    file = read_claims(PLAIN.replace(before, after, 1))
    list(file.claims())
    assert code in {finding.code for finding in file.findings}


def test_a_truncated_claim_file_gives_nothing() -> None:
    whole = len(PLAIN) - 1
    for size in range(0, whole, 7):
        claims, found = claim_facts(PLAIN[:size], "x")
        assert claims == []
        assert found[0].severity == "fatal", size


def test_a_path_and_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(PLAIN)
    assert len(list(read_claims(path).claims())) == 1
    assert len(list(read_claims(BytesIO(PLAIN)).claims())) == 1


@given(claims=st.integers(1, 6), chunk=st.integers(1, 400), dependent=st.booleans())
@settings(max_examples=40, deadline=None)
def test_chunks_of_any_size_read_alike(claims: int, chunk: int, dependent: bool) -> None:
    data = made_837.professional(claims, dependent=dependent)
    file = ClaimFile(BytesIO(data), chunk=chunk)
    found = list(file.claims())
    assert [claim.claim for claim in found] == [f"P{n}" for n in range(1, claims + 1)]
    for claim in found:
        assert data[slice(*claim.span)].startswith(b"CLM*")
        assert data[slice(*claim.span)].endswith(b"C~")
    assert file.findings == []


@given(data=st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_claims_or_findings(data: bytes) -> None:
    claims, found = claim_facts(data, "x")
    assert claims or found
