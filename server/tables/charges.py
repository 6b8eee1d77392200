"""Signed-off charges from a CSV: `patient_id` (the member id), `claim_id` (empty: not billed),
`service_date`, `procedure`, `modifiers` (parted by blanks), `units`, `charge`, `rendering_npi`,
`billing_npi`, `signed_off` (yes/no), `signed_at`; optional `payer_id`, `patient_first_name`,
`patient_birth_date`.
"""

from __future__ import annotations

from decimal import Decimal

from server.facts import Charge, Patient
from server.tables.rows import Row, read_rows

REQUIRED = ("patient_id", "service_date", "procedure", "charge", "signed_off")
COLUMNS = (
    "patient_id",
    "claim_id",
    "service_date",
    "procedure",
    "modifiers",
    "units",
    "charge",
    "rendering_npi",
    "billing_npi",
    "signed_off",
    "signed_at",
    "payer_id",
    "patient_first_name",
    "patient_birth_date",
)


def read_charges(content: bytes, name: str) -> tuple[Charge, ...]:
    """The charges of a file, row by row; all or none.

    Money in US dollars; a negative row takes back its twin. A missing column of providers or
    units leaves them unknown or 1. Raises TableError naming row and column.
    """
    return tuple(_charge(row) for row in read_rows(content, name, REQUIRED))


def _charge(row: Row) -> Charge:
    day = row.day("service_date")
    if day is None:
        raise row.error("service_date", "is empty")
    if not row.code("procedure"):
        raise row.error("procedure", "is empty")
    patient = Patient(
        member_id=row.text("patient_id"),
        first_name=row.text("patient_first_name"),
        birth_date=row.day("patient_birth_date"),
    )
    return Charge(
        patient=patient,
        claim=row.text("claim_id"),
        service_date=day,
        procedure=row.code("procedure"),
        modifiers=row.modifiers("modifiers"),
        units=row.amount("units", Decimal(1)),
        charge=row.amount("charge"),
        rendering_npi=row.text("rendering_npi"),
        billing_npi=row.text("billing_npi"),
        signed_off=row.yes("signed_off"),
        signed_at=row.moment("signed_at"),
        payer_id=row.text("payer_id"),
        source=row.source("charges"),
    )
