"""The public sample files, read into facts: what each says, and what is told about it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from server.facts import Adjustment
from server.x12 import claim_facts, remittance_facts
from server.x12.findings import MEANING

REAL = "Inteligenz_X12Parser__4010_FromNth_835_DeIdent_02.dat"

EXPECTED = {
    REAL: (375, 1552, 2439),
    "Inteligenz_X12Parser__5010_Example1.txt": (10, 9, 21),
    "LinuxForHealth_x12__cob-contractural-adjustment.835": (1, 1, 2),
    "LinuxForHealth_x12__demo.835": (2, 0, 2),
    "LinuxForHealth_x12__managed-care.835": (2, 2, 5),
    "LinuxForHealth_x12__medicare-part-a.835": (2, 0, 2),
    "LinuxForHealth_x12__secondary-payment.835": (2, 2, 5),
    "LinuxForHealth_x12__tertiary-payment.835": (1, 1, 1),
    "azoner_pyx12__835_mult_loops.txt": (1, 3, 3),
    "azoner_pyx12__x12testdata_835id.txt": (3, 3, 2),
    "azoner_pyx12__x12testdata_bad_header_looping.txt": (2, 6, 6),
    "keironstoddart_edi-835-parser__blue_cross_nc_sample.txt": (1, 3, 3),
    "keironstoddart_edi-835-parser__emedny_sample.txt": (3, 10, 4),
    "keironstoddart_edi-835-parser__united_healthcare_legacy_sample.txt": (2, 5, 7),
    "tigershark__5010-835-example-1.txt": (3, 9, 10),
    "tigershark__5010-835-example-2.txt": (2, 6, 6),
    "tigershark__5010-835-example-3.txt": (2, 2, 3),
    "tigershark__835-example-2.txt": (2, 2, 2),
    "tigershark__835-example.txt": (2, 2, 2),
    "tigershark__sample_835.txt": (0, 0, 0),
}
"""Claims, lines and adjustment triplets, counted by hand or with `grep` and `awk`."""


def facts(samples: Path, name: str):
    return remittance_facts((samples / "835" / name).read_bytes(), name)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_claim_line_and_adjustment_is_read(samples: Path, name: str) -> None:
    answers, _ = facts(samples, name)
    lines = [line for answer in answers for line in answer.lines]
    adjustments = sum(len(a.adjustments) for a in [*answers, *lines])
    assert (len(answers), len(lines), adjustments) == EXPECTED[name]


def test_every_sample_is_expected(samples: Path) -> None:
    assert {file.name for file in (samples / "835").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_adjustment_stands_in_the_bytes_its_source_names(samples: Path, name: str) -> None:
    data = (samples / "835" / name).read_bytes()
    answers, found = remittance_facts(data, name)
    for answer in answers:
        source = answer.source
        assert source is not None
        assert source.name == name
        assert data[source.start : source.end].startswith(b"CLP")
        for line in answer.lines:
            piece = data[line.source.start : line.source.end].decode("latin-1")
            assert piece.startswith("SVC")
            for adjustment in line.adjustments:
                assert adjustment.carc in piece
    for finding in found:
        assert MEANING[finding.code][0] == finding.severity


def test_the_one_real_denial_for_a_missing_service(samples: Path) -> None:
    answers, found = facts(samples, REAL)
    denied = [
        (answer, line)
        for answer in answers
        for line in answer.lines
        if any(a.carc == "107" for a in line.adjustments)
    ]
    ((answer, line),) = denied
    assert line.adjustments == (Adjustment("CO", "107", Decimal("260")),)
    assert (line.charge, line.paid, line.allowed) == (Decimal(260), Decimal(0), None)
    assert line.units == 1
    assert line.first_day == line.last_day == date(2011, 2, 24)
    assert line.line_control == "999X999999999999999999"
    assert line.remarks == ()
    assert answer.status == "19"
    assert answer.produced == date(2011, 4, 1)
    assert answer.crossover == "XXX - XXXXXXX XXX XXXX"
    assert answer.payer.name == "XXX - XXX X9 XXXX X"
    assert answer.payer.ids == ("9999999999", "99999")
    assert answer.rendering_npi == "9999999999"
    assert answer.order == 20
    assert not any(finding.severity == "fatal" for finding in found)


def test_dates_are_inherited_from_the_claim(samples: Path) -> None:
    answers, _ = facts(samples, "tigershark__5010-835-example-1.txt")
    assert {line.first_day for line in answers[0].lines} == {date(1900, 1, 1)}
    assert answers[1].lines[0].first_day == date(2011, 9, 2)


def test_the_day_a_claim_was_received_is_no_day_of_service(samples: Path) -> None:
    answers, _ = facts(samples, "keironstoddart_edi-835-parser__blue_cross_nc_sample.txt")
    assert {line.first_day for line in answers[0].lines} == {date(2010, 12, 31)}


def test_revenue_codes_make_a_claim_institutional(samples: Path) -> None:
    answers, _ = facts(samples, "tigershark__5010-835-example-2.txt")
    emergency = answers[0].lines[0]
    assert (emergency.procedure, emergency.revenue_code) == ("", "0450")
    assert [line.revenue_code for line in answers[1].lines] == [
        "0250",
        "0271",
        "0300",
        "0636",
        "0949",
    ]
    assert [answer.institutional for answer in answers] == [True, True]
    inpatient, _ = facts(samples, "LinuxForHealth_x12__demo.835")
    assert [answer.institutional for answer in inpatient] == [True, None]
    assert inpatient[1].remarks == ("MA02",)


def test_the_submitted_procedure_and_units_are_kept_apart(samples: Path) -> None:
    answers, _ = facts(samples, "keironstoddart_edi-835-parser__blue_cross_nc_sample.txt")
    line = answers[0].lines[0]
    assert (line.procedure, line.submitted_procedure) == ("59430", "59410")
    assert [line.line_control for line in answers[0].lines] == ["0001", "0002", "0003"]


def test_reversals_keep_their_signs(samples: Path) -> None:
    answers, _ = facts(samples, "azoner_pyx12__x12testdata_835id.txt")
    assert [(a.status, a.paid) for a in answers] == [
        ("22", Decimal("-210")),
        ("1", Decimal("200")),
        ("22", Decimal("-500.25")),
    ]
    assert answers[0].lines[0].adjustments == (Adjustment("CR", "45", Decimal("-100")),)


def test_quantities_are_no_group_codes(samples: Path) -> None:
    answers, _ = facts(samples, "Inteligenz_X12Parser__5010_Example1.txt")
    assert answers[2].lines[0].adjustments == (
        Adjustment("CO", "29", Decimal("162.13"), Decimal(0)),
        Adjustment("CO", "42", Decimal(0), Decimal(0)),
    )


def test_a_component_separator_of_its_own_is_seen(samples: Path) -> None:
    answers, found = facts(samples, "LinuxForHealth_x12__secondary-payment.835")
    line = answers[1].lines[0]
    assert (line.procedure, line.modifiers) == ("12345", ("26",))
    assert [finding.code for finding in found] == ["component_separator"]


def test_subscribers_stand_in_for_a_patient_without_an_id(samples: Path) -> None:
    answers, _ = facts(samples, "tigershark__835-example.txt")
    assert answers[0].patient.member_id == "123111111"
    assert answers[0].patient.first_name == "JOHN"


@pytest.mark.parametrize(
    ("name", "claims", "lines", "kind"),
    [
        ("Inteligenz_X12Parser__837_DeIdent_01.dat", 143, 235, "professional"),
        ("Inteligenz_X12Parser__MedicaidExample.txt", 5, 10, "professional"),
        ("Inteligenz_X12Parser__Example1.txt", 1, 3, "institutional"),
    ],
)
def test_claim_files(samples: Path, name: str, claims: int, lines: int, kind: str) -> None:
    data = (samples / "837" / name).read_bytes()
    found, _ = claim_facts(data, name)
    assert len(found) == claims
    assert Counter(claim.kind for claim in found) == {kind: claims}
    assert sum(len(claim.lines) for claim in found) == lines
    for claim in found:
        assert data[claim.source.start : claim.source.end].startswith(b"CLM*")
        assert claim.patient.member_id
        assert claim.payer.name
        for line in claim.lines:
            assert data[line.source.start : line.source.end].startswith(b"LX*")
            assert line.first_day is not None


def test_an_institutional_claim_in_full(samples: Path) -> None:
    name = "Inteligenz_X12Parser__Example1.txt"
    ((claim,), found) = claim_facts((samples / "837" / name).read_bytes(), name)
    assert found == []
    assert (claim.claim, claim.facility_code, claim.frequency) == ("2235057", "13", "1")
    assert claim.original_reference == "ASD0000123"
    assert claim.sent_on == date(2007, 8, 16)
    assert claim.patient.birth_date == date(1967, 8, 7)
    assert [line.revenue_code for line in claim.lines] == ["0300", "0320", "0270"]


def test_dependents_go_by_the_subscribers_id(samples: Path) -> None:
    name = "Inteligenz_X12Parser__837_DeIdent_01.dat"
    found, _ = claim_facts((samples / "837" / name).read_bytes(), name)
    assert found[-1].patient.first_name == "XXXXXXX"
    assert found[-1].patient.member_id == "999999999"
