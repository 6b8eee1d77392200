"""Facts and lines for tests, with what matters named and the rest filled in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from server.facts import (
    Adjudication,
    Adjustment,
    Charge,
    ClaimAdjudication,
    Patient,
    Payer,
    Source,
    SubmittedClaim,
    SubmittedLine,
)
from server.store.line_columns import LineRecord

DAY = date(2026, 3, 2)
ACME = Payer(("60054",), "ACME HEALTH")


def patient(member: str = "M1", last: str = "Testcase", first: str = "Ann") -> Patient:
    return Patient(member, last, first, date(1980, 1, 1))


def answer_line(procedure: str = "22614", paid: str = "0", **other: Any) -> Adjudication:
    charge = Decimal("1150.00")
    cas = () if Decimal(paid) else (Adjustment("CO", "107", charge),)
    named: dict[str, Any] = {
        "procedure": procedure,
        "modifiers": (),
        "submitted_procedure": procedure,
        "submitted_modifiers": (),
        "units": Decimal(1),
        "charge": charge,
        "paid": Decimal(paid),
        "allowed": None,
        "first_day": DAY,
        "last_day": DAY,
        "adjustments": cas,
        "source": Source("remittance", "one.835", "ab" * 32, 12, 100, 140),
    }
    return Adjudication(**(named | other))


def answer(claim: str = "C1", member: str = "M1", **other: Any) -> ClaimAdjudication:
    named: dict[str, Any] = {
        "claim": claim,
        "payer": ACME,
        "payer_claim_control_number": "ICN" + claim,
        "status": "1",
        "charge": Decimal("1150.00"),
        "paid": Decimal(0),
        "patient": Patient(member, "TESTCASE", "ANN"),
        "produced": date(2026, 3, 20),
        "order": 0,
        "lines": (answer_line(),),
        "trace": "T1",
        "source": Source("remittance", "one.835", "ab" * 32, 10, 60, 140),
    }
    return ClaimAdjudication(**(named | other))


def claim(number: str = "C1", member: str = "M1", **other: Any) -> SubmittedClaim:
    line = SubmittedLine(
        1, "22614", (), Decimal(1), Decimal("1150.00"), DAY, DAY, rendering_npi="1234567893"
    )
    named: dict[str, Any] = {
        "claim": number,
        "kind": "professional",
        "payer": ACME,
        "patient": patient(member),
        "billing_npi": "1234567893",
        "rendering_npi": "1234567893",
        "frequency": "1",
        "original_reference": "",
        "sent_on": date(2026, 3, 5),
        "charge": Decimal("1150.00"),
        "facility_code": "21",
        "lines": (line,),
        "source": Source("claim_file", "one.837", "cd" * 32, 20, 0, 10),
    }
    return SubmittedClaim(**(named | other))


def charge(member: str = "M1", procedure: str = "22612", **other: Any) -> Charge:
    named: dict[str, Any] = {
        "patient": patient(member),
        "claim": "",
        "service_date": DAY,
        "procedure": procedure,
        "modifiers": (),
        "units": Decimal(1),
        "charge": Decimal("4200.00"),
        "rendering_npi": "1234567893",
        "billing_npi": "1234567893",
        "signed_off": True,
        "signed_at": None,
    }
    return Charge(**(named | other))


def line(claim: str = "C1", **other: Any) -> LineRecord:
    named: dict[str, Any] = {
        "claim": claim,
        "payer": "acme",
        "payer_name": "ACME HEALTH",
        "patient": patient(),
        "payer_claim_control_number": "ICN" + claim,
        "line_control": "",
        "procedure": "22614",
        "modifiers": (),
        "first_day": DAY,
        "last_day": DAY,
        "units": Decimal(1),
        "charge": Decimal("1150.00"),
        "amount": Decimal("1150.00"),
        "groups": ("CO",),
        "carcs": ("107",),
        "rarcs": ("N122",),
        "denied_on": date(2026, 3, 20),
        "produced": date(2026, 3, 20),
        "state": "ready",
        "reason": "primary_not_billed",
        "route": "replacement_claim",
        "deadline": date(2026, 9, 16),
        "as_of": date(2026, 4, 1),
        "missing": ("22612",),
        "detail": {"steps": [["1", False, "final"]], "evidence": []},
    }
    return LineRecord(**(named | other))
