"""How cover sheet and letter say things."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal

from server.co107.decision import Route
from server.co107.packet import PacketLine
from server.facts import Patient, Source

ROUTES: dict[Route, str] = {
    "replacement_claim": "Replacement claim (frequency 7)",
    "new_claim": "New claim (frequency 1)",
    "void_and_new": "Void (frequency 8), then a new claim",
    "reopening": "Reopening by the payer, no 837",
}

REASONS = {
    "primary_not_billed": "The primary service was performed and signed off, but never billed.",
    "reference_found": "The payer asks for a claim reference, and exactly one claim fits.",
    "facility_claim_found": "The reading needs the facility's claim, and exactly one fits.",
    "primary_paid_same_claim": "The primary is paid on the same claim.",
    "primary_paid_other_claim": "The primary is paid on another claim.",
}


def money(amount: Decimal) -> str:
    """`$1,150.00`."""
    return f"${amount:,.2f}"


def day(value: date | None) -> str:
    """`March 1, 2026`, or a dash."""
    return f"{value:%B} {value.day}, {value.year}" if value is not None else "-"


def short_day(value: date | None) -> str:
    """`03/01/2026`, or a dash."""
    return f"{value:%m/%d/%Y}" if value is not None else "-"


def units(value: Decimal | None) -> str:
    """A count without needless zeros, or a dash."""
    return f"{value.normalize():f}" if value is not None else "-"


def coded(line: PacketLine) -> str:
    """`22614-59`."""
    return "-".join((line.procedure, *line.modifiers)) or "-"


def person(patient: Patient) -> str:
    """`ROE, ANNA`, or a dash."""
    return ", ".join(filter(None, (patient.last_name, patient.first_name))) or "-"


def place(source: Source | None) -> str:
    """Where a fact stands: file and segment, row, or portal and time."""
    if source is None:
        return ""
    if source.kind == "portal":
        seen = f", seen {source.seen_at:%Y-%m-%d %H:%M} UTC" if source.seen_at else ""
        return f"{source.name}{seen}"
    if source.segment is None:
        return source.name
    kind = "row" if source.kind in ("charges", "mark", "hand") else "segment"
    return f"{source.name}, {kind} {source.segment}"


def latin(text: str) -> str:
    """Text as the PDF's own fonts can show it: what they cannot becomes its plain letter or `?`."""
    plain = text.replace("–", "-").replace("—", "-").replace("’", "'")
    out = []
    for letter in plain:
        if ord(letter) < 256:
            out.append(letter)
            continue
        base = unicodedata.normalize("NFKD", letter).encode("latin-1", "ignore").decode("latin-1")
        out.append(base or "?")
    return "".join(out)
