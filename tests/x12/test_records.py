"""What a remittance's header, claims and lines say, field by field, and the facts made of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from server.facts import ClaimAdjudication
from server.x12 import read_remittance, remittance_facts
from server.x12.records import Reference

ISA = (
    "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *260210*1200*^*00501*"
    "000000905*0*P*:~GS*HP*P*C*20260210*1200*77*X*005010X221A1~"
)
HEADER = (
    "ST*835*0001~BPR*I*95*C*ACH*CCP*01*1*DA*2*1123456789**01*3*DA*4*20260212~"
    "TRN*1*EFT9*1123456789*SUB~REF*EV*ETIN~DTM*405*20260209~"
    "N1*PR*MERIDIAN HEALTH*XV*MERID~N3*1 ST~N4*ATLANTA*GA*30303~REF*2U*2U001~REF*NF*12345~"
    "PER*BL*DESK*TE*8005550100~N1*PE*SPINE CLINIC*XX*1234567893~REF*TJ*123456789~"
    "LX*7~TS3*1999999984*11*20261231*1*100~"
)
CLAIM = (
    "CLP*A1*19*100*90*5*12*PCN1*22*7**470*1.5*.25~NM1*QC*1*DOE*JANE*Q***MI* M1 ~"
    "NM1*IL*1*DOE*JOHN****MI*S1~NM1*74*1*DOUGH***JR**C*M2~NM1*82*1*GRAY*M****XX*1679576722~"
    "NM1*TT*2*OTHER PLAN*****PI*OTHER~NM1*PR*2*FIRST PAYER*****PI*FIRST~"
    "MIA*0****N130***************N1*N2*N3*N4~MOA***MA01*MA02*MA03*MA04*MA05~"
    "REF*1L*GROUP7~REF*EA*RECORD~DTM*232*20260101~DTM*233*20260103~DTM*050*20260120~"
    "AMT*AU*100~QTY*CA*2~"
)
LINE = (
    "SVC*HC:22614:59:RT:LT:GA:add-on*100*90*0360*2*HC:22612:51*3~DTM*150*20260102~"
    "DTM*151*20260103~CAS*CO*45*10*1~REF*6R*L1~REF*HPI*1245319599~REF*LU*22~AMT*B6*90~"
    "AMT*AU*90~QTY*ZK*1~LQ*HE*N122~LQ*RX*70~LQ*HE*n674~"
)
PLB = "PLB*1234567893*20261231*WO:REF:1*-10*72*5*L6:A B*0~"


def file(claim: str = CLAIM + LINE, header: str = HEADER, plb: str = PLB) -> bytes:
    body = header + claim + plb
    end = f"SE*{body.count('~') + 1}*0001~GE*1*77~IEA*1*000000905~"
    return (ISA + body + end).encode()


def answer(claim: str = CLAIM + LINE, header: str = HEADER) -> ClaimAdjudication:
    ((found,), _) = remittance_facts(file(claim, header), "week.835")
    return found


def test_the_header() -> None:
    remittance = read_remittance(file())
    payment = remittance.payment
    assert (payment.amount, payment.credit_debit, payment.method) == (Decimal(95), "C", "ACH")
    assert (payment.paid_on, payment.produced) == (date(2026, 2, 12), date(2026, 2, 9))
    assert (payment.trace, payment.origin) == ("EFT9", "1123456789")
    assert (payment.control, payment.version) == ("0001", "005010X221A1")
    assert (payment.payer.name, payment.payer.qualifier, payment.payer.id) == (
        "MERIDIAN HEALTH",
        "XV",
        "MERID",
    )
    assert payment.payer.references == (Reference("2U", "2U001"), Reference("NF", "12345"))
    assert payment.payee.references == (Reference("TJ", "123456789"),)
    assert payment.references == (Reference("EV", "ETIN"),)
    assert len(list(remittance.claims())) == 1
    assert remittance.complete
    assert remittance.findings == []


def test_what_moved_outside_any_claim() -> None:
    remittance = read_remittance(file())
    list(remittance.claims())
    assert [(p.reason, p.reference, p.amount) for p in remittance.provider_adjustments] == [
        ("WO", "REF:1", Decimal(-10)),
        ("72", "", Decimal(5)),
        ("L6", "A B", Decimal(0)),
    ]
    one = remittance.provider_adjustments[0]
    assert (one.provider, one.fiscal_end, one.payment) == ("1234567893", date(2026, 12, 31), 0)
    assert file()[slice(*one.span)].startswith(b"PLB*")


def test_a_claim() -> None:
    (claim,) = read_remittance(file()).claims()
    fields = claim.fields
    assert (fields.claim, fields.status, fields.filing) == ("A1", "19", "12")
    assert (claim.charge, claim.paid, fields.patient_responsibility) == (100, 90, 5)
    assert (fields.payer_claim_control_number, fields.facility_code) == ("PCN1", "22")
    assert (fields.frequency, fields.drg) == ("7", "470")
    assert (fields.drg_weight, fields.discharge_fraction) == (Decimal("1.5"), Decimal("0.25"))
    assert [name.role for name in fields.names] == ["QC", "IL", "74", "82", "TT", "PR"]
    assert (fields.patient.id, fields.patient.middle) == ("M1", "Q")
    assert fields.name("74").suffix == ""
    assert fields.name("74").id == "M2"
    assert fields.subscriber.first == "JOHN"
    assert fields.name("XX") is None
    assert (fields.first_day, fields.last_day) == (date(2026, 1, 1), date(2026, 1, 3))
    assert fields.received == date(2026, 1, 20)
    assert fields.remarks == (
        "N130", "N1", "N2", "N3", "N4", "MA01", "MA02", "MA03", "MA04", "MA05",
    )  # fmt: skip
    assert fields.amounts == {"AU": Decimal(100)}
    assert fields.quantities == {"CA": Decimal(2)}
    assert fields.references[0] == Reference("1L", "GROUP7")
    assert fields.outpatient[2:] == ("MA01", "MA02", "MA03", "MA04", "MA05")
    assert (claim.provider, claim.header_number) == ("1999999984", "7")
    assert not fields.reversal


def test_a_line() -> None:
    (claim,) = read_remittance(file()).claims()
    (line,) = claim.lines
    fields = line.fields
    assert fields.procedure == ("HC", "22614", ("59", "RT", "LT", "GA"), "add-on")
    assert fields.submitted == ("HC", "22612", ("51",), "")
    assert (fields.revenue_code, fields.units_paid, fields.units_submitted) == ("0360", 2, 3)
    assert fields.units == 3
    assert (fields.first_day, fields.last_day) == (date(2026, 1, 2), date(2026, 1, 3))
    assert (fields.line_control, fields.rendering_npi) == ("L1", "1245319599")
    assert fields.allowed == Decimal(90)
    assert fields.remarks == ("N122", "N674")
    (adjustment,) = line.adjustments
    assert adjustment[:4] == ("CO", "45", Decimal(10), Decimal(1))
    data = file().decode().split("~")
    assert data[adjustment.segment - 1].startswith("CAS*CO*45")


def test_records_cannot_be_changed() -> None:
    (claim,) = read_remittance(file()).claims()
    for record, name in ((claim, "paid"), (claim.fields, "claim"), (claim.lines[0], "charge"),
                         (claim.payment, "trace"), (claim.payment.payer, "id")):  # fmt: skip
        with pytest.raises(AttributeError):
            setattr(record, name, None)


def test_the_payer_goes_by_every_id_and_no_other_payers() -> None:
    payer = answer().payer
    assert payer.ids == ("MERID", "1123456789", "2U001")
    assert payer.name == "MERIDIAN HEALTH"
    by_tax = answer(header=HEADER.replace("*XV*MERID", "*FI*MERID"))
    assert by_tax.payer.ids == ("1123456789", "2U001")


def test_facts_of_a_claim() -> None:
    fact = answer()
    assert (fact.patient.member_id, fact.patient.first_name) == ("M1", "JANE")
    assert (fact.billing_npi, fact.rendering_npi) == ("1234567893", "1679576722")
    assert (fact.crossover, fact.trace) == ("OTHER PLAN", "EFT9")
    assert (fact.produced, fact.payment_date) == (date(2026, 2, 9), date(2026, 2, 12))
    assert fact.institutional is True
    (line,) = fact.lines
    assert (line.procedure, line.submitted_procedure, line.units) == ("22614", "22612", 3)
    assert line.rendering_npi == "1245319599"
    assert fact.source.segment == 18
    assert (line.source.kind, line.source.name) == ("remittance", "week.835")
    assert len(line.source.digest) == 64


def test_without_a_production_date_the_payments_counts() -> None:
    fact = answer(header=HEADER.replace("DTM*405*20260209~", ""))
    assert fact.produced == date(2026, 2, 12)


def test_a_payee_without_npi_leaves_it_to_the_summary() -> None:
    fact = answer(header=HEADER.replace("*XX*1234567893", "*FI*123456789"))
    assert fact.billing_npi == "1999999984"
    other = HEADER.replace("*XX*1234567893", "*FI*123456789").replace("1999999984", "SITE1")
    assert answer(header=other).billing_npi == ""


def test_a_subscribers_id_stands_in_for_the_patients() -> None:
    fact = answer(CLAIM.replace("*MI* M1 ~", "~") + LINE)
    assert (fact.patient.member_id, fact.patient.first_name) == ("S1", "JANE")
    alone = CLAIM.replace("NM1*QC*1*DOE*JANE*Q***MI* M1 ~", "")
    assert answer(alone + LINE).patient.first_name == "JOHN"
    nobody = alone.replace("NM1*IL*1*DOE*JOHN****MI*S1~", "")
    assert answer(nobody + LINE).patient.member_id == ""


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("DTM*472*20260102~", (date(2026, 1, 2), date(2026, 1, 2))),
        ("DTM*472*20260102~DTM*150*20260103~", (date(2026, 1, 2), date(2026, 1, 2))),
        ("DTM*150*20260102~DTM*151*20260104~", (date(2026, 1, 2), date(2026, 1, 4))),
        ("DTM*150*20260102~", (date(2026, 1, 2), date(2026, 1, 2))),
        ("DTM*151*20260104~", (None, date(2026, 1, 4))),
        ("", (date(2026, 1, 1), date(2026, 1, 3))),
        ("DTM*472*~", (date(2026, 1, 1), date(2026, 1, 3))),
        ("DTM*472*20269902~", (date(2026, 1, 1), date(2026, 1, 3))),
    ],
)
def test_days_of_service(dates: str, expected: tuple[date | None, date | None]) -> None:
    line = LINE.replace("DTM*150*20260102~DTM*151*20260103~", dates)
    (found,) = answer(CLAIM + line).lines
    assert (found.first_day, found.last_day) == expected


@pytest.mark.parametrize(
    ("service", "procedure", "revenue", "institutional"),
    [
        ("SVC*NU:0450*100*90**1~", "", "0450", True),
        ("SVC*HC:99213*100*90*0510*1~", "99213", "0510", True),
        ("SVC*HC:99213*100*90**1~", "99213", "", None),
        ("SVC*HC:99213*100*90*187.50*1~", "99213", "187.50", None),
        ("SVC*hc:j1100:lt*100*90~", "J1100", "", None),
        ("SVC*HC*100*90~", "", "", None),
        ("SVC*HC:*100*90~", "", "", None),
        ("SVC*AD|D1110*100*90~", "D1110", "", None),
        ("SVC*HC>99213>25*100*90~", "99213", "", None),
    ],
)
def test_procedures(service: str, procedure: str, revenue: str, institutional: bool | None) -> None:
    claim = CLAIM.replace("MIA*0****N130***************N1*N2*N3*N4~", "")
    fact = answer(claim + service + "CAS*CO*45*10~")
    (line,) = fact.lines
    assert (line.procedure, line.revenue_code) == (procedure, revenue)
    assert line.submitted_procedure == procedure
    assert fact.institutional is institutional
    assert line.units == 1


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (".7", "0.7"),
        ("-.50", "-0.50"),
        ("+5", "5"),
        ("007.10", "7.10"),
        ("5.", "5"),
        (" 12 ", "12"),
    ],
)
def test_amounts_in_every_form(amount: str, expected: str) -> None:
    (claim,) = read_remittance(file(f"CLP*A*1*{amount}*{amount}**12*P~", plb="")).claims()
    assert format(claim.charge, "f") == expected


@pytest.mark.parametrize(
    "amount", ["1,000", "1e3", "NaN", "Infinity", "0x10", "١٢", "1_0", "-", "."]
)
def test_what_is_no_amount(amount: str) -> None:
    facts, found = remittance_facts(file(f"CLP*A*1*{amount}*0**12*P~"), "x")
    assert facts == []
    assert "bad_number" in {finding.code for finding in found}


def test_empty_triplets_between_others_are_no_adjustments() -> None:
    line = "SVC*HC:1*100*90~CAS*CO*45*4*****97*5*****16*1*2~"
    (claim,) = read_remittance(file(CLAIM + line)).claims()
    assert [a[:4] for a in claim.lines[0].adjustments] == [
        ("CO", "45", Decimal(4), None),
        ("CO", "97", Decimal(5), None),
        ("CO", "16", Decimal(1), Decimal(2)),
    ]


def test_six_triplets_with_quantities() -> None:
    triplets = "".join(f"*{n}*{n}.5*{n}" for n in range(1, 7))
    line = f"SVC*HC:1*100*76~CAS*CO{triplets}~"
    (claim,) = read_remittance(file(CLAIM + line)).claims()
    assert [a[:4] for a in claim.lines[0].adjustments] == [
        ("CO", str(n), Decimal(f"{n}.5"), Decimal(n)) for n in range(1, 7)
    ]


def test_a_path_is_closed_with_its_last_claim(tmp_path: Path) -> None:
    path = tmp_path / "week.835"
    path.write_bytes(file())
    remittance = read_remittance(path)
    assert remittance.name == "week.835"
    assert remittance.payer.id == "MERID"
    assert len(list(remittance.claims())) == 1
    assert remittance._stream.closed


def test_names_in_utf_8_and_in_latin_1() -> None:
    for encoding in ("utf-8", "latin-1"):
        claim = CLAIM.replace("DOE*JANE", "MÜLLER*ZOË")
        data = file(claim + LINE).decode().encode(encoding)
        ((fact,), _) = remittance_facts(data, "x")
        assert (fact.patient.last_name, fact.patient.first_name) == ("MÜLLER", "ZOË")
