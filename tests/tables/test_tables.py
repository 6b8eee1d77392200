"""Charges, marks and looks from the files people hand in."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from server.tables import TableError, read_charges, read_observations, read_sent

HEADER = (
    "patient_id,claim_id,service_date,procedure,modifiers,units,charge,rendering_npi,"
    "billing_npi,signed_off,signed_at"
)
ROW = 'M1,,2026-01-15,22612,RT 59,2,"4,000.50",111,999,yes,2026-01-16T09:30:00'


def charges(text: str | bytes) -> tuple:
    return read_charges(text if isinstance(text, bytes) else text.encode(), "charges.csv")


def test_a_row_of_charges() -> None:
    (one,) = charges(f"{HEADER}\n{ROW}\n")
    assert one.patient.member_id == "M1"
    assert (one.claim, one.service_date, one.procedure) == ("", date(2026, 1, 15), "22612")
    assert one.modifiers == ("RT", "59")
    assert (one.units, one.charge) == (Decimal(2), Decimal("4000.50"))
    assert (one.rendering_npi, one.billing_npi) == ("111", "999")
    assert one.signed_off
    assert one.signed_at == datetime(2026, 1, 16, 9, 30)  # noqa: DTZ001
    assert (one.source.kind, one.source.name, one.source.segment) == ("charges", "charges.csv", 2)


@pytest.mark.parametrize(
    "content",
    [
        f"\ufeff{HEADER}\n{ROW}\n".encode(),
        f"{HEADER}\r\n\r\n{ROW}\r\n,,,,,,,,,,\r\n".encode(),
        f"{HEADER}\n{ROW}\n".encode("utf-16"),
        f"{HEADER.upper()}\n{ROW}\n".encode(),
        f"{HEADER.replace('_', ' ')},what_else\n{ROW},x\n".encode(),
        HEADER.replace(",", ";").encode() + b"\n" + ROW.replace(",", ";").encode()
        .replace(b"4;000", b"4000"),
        HEADER.replace(",", "\t").encode() + b"\n" + ROW.replace('"4,000.50"', "4000.50")
        .replace(",", "\t").encode(),
        b"\n\n" + f"{HEADER}\n{ROW}".encode(),
    ],
)  # fmt: skip
def test_what_is_tolerated(content: bytes) -> None:
    (one,) = charges(content)
    assert one.charge == Decimal("4000.50")


def test_optional_columns() -> None:
    text = f"{HEADER},payer_id,patient_first_name,patient_birth_date\n{ROW},P1,Anna,05/04/1970\n"
    (one,) = charges(text)
    assert (one.payer_id, one.patient.first_name) == ("P1", "Anna")
    assert one.patient.birth_date == date(1970, 5, 4)


def test_missing_optional_cells_are_unknown() -> None:
    (one,) = charges("patient_id,service_date,procedure,charge,signed_off\nM1,20260115,g0008,5,n\n")
    assert (one.procedure, one.units, one.signed_off, one.signed_at) == ("G0008", 1, False, None)


@pytest.mark.parametrize("amount", ["-4000", "(4000)", "$-4,000", "-4000.00"])
def test_negative_amounts(amount: str) -> None:
    (one,) = charges(f'{HEADER}\nM1,,2026-01-15,22612,,-1,"{amount}",1,9,yes,\n')
    assert one.charge == -4000


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("a,b\n1,2\n", r"charges\.csv:1: no column patient_id"),
        (f"{HEADER},units\n{ROW},1\n", "two columns units"),
        (f"{HEADER}\n{ROW.replace('2026-01-15', 'soon')}\n", ":2: column service_date is not"),
        (f"{HEADER}\n{ROW.replace('2026-01-15', '')}\n", ":2: column service_date is empty"),
        (f"{HEADER}\n{ROW.replace('22612', '')}\n", ":2: column procedure is empty"),
        (f"{HEADER}\n\n{ROW.replace('yes', 'maybe')}\n", ":3: column signed_off is neither"),
        (f"{HEADER}\n{ROW.replace('999,', '999,x,')}\n", ":2: 12 cells under 11 columns"),
        (f"{HEADER}\n{ROW.replace('4,000.50', 'NaN')}\n", ":2: column charge is not a number"),
        (f"{HEADER}\n{ROW.replace('4,000.50', '1e99')}\n", ":2: column charge is not a number"),
        (f"{HEADER}\n{ROW.replace('4,000.50', '4,00')}\n", ":2: column charge is not a number"),
        (f"{HEADER}\n{ROW.replace('4,000.50', '')}\n", ":2: column charge is empty"),
        ("<html></html>", "a web page"),
        ("ISA*00*", "an X12 file"),
        (b"\x00\x01", "a binary file"),
    ],
)
def test_errors_name_the_place_and_no_value(content: str | bytes, says: str) -> None:
    with pytest.raises(TableError, match=says) as raised:
        charges(content)
    for value in ("maybe", "NaN", "soon", "M1"):
        assert value not in str(raised.value)


def test_sent() -> None:
    header = "claim,procedure,sent_on,kind,new_claim"
    text = f"{header}\nC1,22614,2026-02-15,claim,C9\nC2,,2/16/2026,VOID,\n"
    one, two = read_sent(text.encode(), "sent.csv")
    assert (one.claim, one.procedure, one.sent_on, one.kind) == (
        "C1",
        "22614",
        date(2026, 2, 15),
        "claim",
    )
    assert (one.new_claim, one.line_control) == ("C9", "")
    assert (two.procedure, two.sent_on, two.kind) == ("", date(2026, 2, 16), "void")
    assert two.source.segment == 3


def test_a_procedure_with_its_modifiers() -> None:
    (one,) = read_sent(b"claim,procedure,sent_on,kind\nC1,22614-59,2026-02-15,claim\n", "sent.csv")
    assert one.procedure == "22614"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("C1,22614,,claim", "sent_on is empty"),
        (",22614,2026-02-15,claim", "claim is empty"),
        ("C1,22614,2026-02-15,letter", "kind is none of"),
    ],
)
def test_sent_errors(row: str, says: str) -> None:
    with pytest.raises(TableError, match=says):
        read_sent(f"claim,procedure,sent_on,kind\n{row}\n".encode(), "sent.csv")


LOOK = {
    "payer": "MRD01",
    "claim": "C1",
    "looked_at": "2026-02-28T08:00:00Z",
    "outcome": "found",
    "lines": [
        {
            "procedure": "22614-59",
            "modifiers": ["RT"],
            "date": "2026-01-15",
            "charge": "$1,150.00",
            "paid": 0,
            "adjustments": [{"group": "CO", "carc": "107", "amount": 1150}],
            "remarks": ["n122"],
        }
    ],
}


def looks(*found: object) -> tuple:
    return read_observations(json.dumps(list(found)).encode(), "observations.json")


def test_a_look_without_a_date_is_no_adjudication() -> None:
    (one,) = looks(LOOK)
    assert one.payer.ids == ("MRD01",)
    assert one.looked_at == datetime(2026, 2, 28, 8, tzinfo=UTC)
    (answer,) = one.answers
    assert answer.produced is None
    (line,) = answer.lines
    assert (line.procedure, line.modifiers) == ("22614", ("59", "RT"))
    assert (line.charge, line.paid, line.remarks) == (Decimal(1150), 0, ("N122",))
    assert line.adjustments[0].amount == 1150
    assert line.source.seen_at == one.looked_at


@pytest.mark.parametrize("where", ["look", "line"])
def test_a_remittance_date_at_either_place(where: str) -> None:
    line = {**LOOK["lines"][0], "remittance_date": "2026-02-10"} if where == "line" else None
    found = {**LOOK, "lines": [line]} if line else {**LOOK, "remittance_date": "2026-02-10"}
    (one,) = looks(found)
    assert one.answers[0].produced == date(2026, 2, 10)


def test_codes_without_amounts() -> None:
    line = {"procedure": "22614", "charge": 1150, "paid": 150, "codes": ["CO-45", "PR 1", "N1"]}
    line["adjustments"] = [{"carc": "CO-107"}, "nothing"]
    (one,) = looks({**LOOK, "lines": [line]})
    found = [(a.group, a.carc, a.amount) for a in one.answers[0].lines[0].adjustments]
    assert found == [("CO", "107", 0), ("CO", "45", 0), ("PR", "1", 0), ("", "N1", 0)]
    line = {"procedure": "22614", "charge": 1150, "paid": 150, "codes": "CO-107"}
    (one,) = looks({**LOOK, "lines": [line]})
    assert one.answers[0].lines[0].adjustments[0].amount == 1000


def test_the_same_under_other_names() -> None:
    line = {
        "procedure": "22614",
        "date_of_service": "2026-01-15",
        "charge_amount": 1150,
        "paid_amount": 100,
        "adjustments": [
            ["CO", "107", "1000"],
            {"group_code": "CO", "reason_code": "45", "amount": 50},
        ],
    }
    (one,) = looks({**LOOK, "lines": [line]})
    (read,) = one.answers[0].lines
    assert (read.first_day, read.charge, read.paid) == (date(2026, 1, 15), 1150, 100)
    found = [(a.group, a.carc, a.amount) for a in read.adjustments]
    assert found == [("CO", "107", 1000), ("CO", "45", 50)]


@pytest.mark.parametrize(
    ("word", "status"), [("Denied", "4"), ("in process", "5"), ("19", "19"), ("?", "")]
)
def test_statuses(word: str, status: str) -> None:
    (one,) = looks({**LOOK, "lines": [{**LOOK["lines"][0], "status": word}]})
    assert one.answers[0].status == status


def test_lines_of_different_dates_are_different_answers() -> None:
    lines = [{**LOOK["lines"][0], "remittance_date": day} for day in ("2026-02-10", "2026-02-20")]
    (one,) = looks({**LOOK, "lines": lines})
    assert [answer.order for answer in one.answers] == [0, 1]


def test_little_is_needed() -> None:
    (one,) = looks({"claim": "C1", "looked_at": "2026-02-28", "outcome": "not_found"})
    assert (one.outcome, one.answers) == ("not_found", ())
    assert one.looked_at == datetime(2026, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe\x00", "not readable as JSON"),
        (b"5", "not a list"),
        (b"[5]", "observation 1: not an object"),
        (b"[{}]", "observation 1: looked_at is missing"),
        (b'[{"looked_at": "soon"}]', "looked_at is no date"),
        (b'[{"looked_at": "2026-01-01"}]', "claim is missing"),
        (b'[{"looked_at": "2026-01-01", "claim": "C", "outcome": "maybe"}]', "outcome is none"),
        (b'[{"looked_at": "2026-01-01", "claim": "C", "lines": 5}]', "lines is no list"),
        (b'[{"looked_at": "2026-01-01", "claim": "C", "lines": [5]}]', "line 1: not an object"),
        (
            b'[{"looked_at": "2026-01-01", "claim": "C", "lines": [{"charge": "x"}]}]',
            "charge is no number",
        ),
    ],
)
def test_observation_errors(content: bytes, says: str) -> None:
    with pytest.raises(TableError, match=says):
        read_observations(content, "observations.json")


def test_one_object_is_a_list_of_one() -> None:
    (one,) = read_observations(json.dumps(LOOK).encode(), "o.json")
    assert one.claim == "C1"


@pytest.mark.parametrize(
    "told",
    [
        {"adjustments": ["CO-107 1150.00"]},
        {"adjustments": {"CO-107": 1150}},
        {"adjustments": [{"code": "CO*107", "amount": "$1,150.00"}]},
        {"denial_codes": ["CO 107"]},
    ],
)
def test_adjustments_in_other_words(told: dict) -> None:
    (one,) = looks({**LOOK, "lines": [{"procedure": "22614", "charge": 1150, **told}]})
    (found,) = one.answers[0].lines[0].adjustments
    assert (found.group, found.carc, found.amount) == ("CO", "107", 1150)


def test_said_to_be_paid_without_an_amount() -> None:
    (one,) = looks({**LOOK, "lines": [{"procedure": "22614", "charge": 1150, "status": "Paid"}]})
    assert one.answers[0].lines[0].allowed == 1150
