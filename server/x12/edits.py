"""What a corrected claim is to differ in from the original (`server.x12.correct`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Literal

from server.errors import UserError

LineKey = int | str
"""A line by its number (`LX01`) or by its line control number (`REF*6R`)."""


class CorrectionError(UserError):
    """The edits do not fit the claim; one line, without a patient's value."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The new envelope's numbers and time. Each number must be new to the receiver."""

    interchange: str
    """`ISA13`, up to nine digits."""
    group: str
    """`GS06`, one to nine digits."""
    transaction: str
    """`ST02`, four to nine letters or digits."""
    reference: str
    """`BHT03`."""
    day: date
    time: time


@dataclass(frozen=True, slots=True)
class AddedLine:
    """A service line to add. What is None is taken from the line named by `before`."""

    procedure: str
    charge: Decimal
    units: Decimal
    first_day: date
    last_day: date | None = None
    unit: str = "UN"
    """UN units, MJ minutes (anesthesia)."""
    modifiers: tuple[str, ...] = ()
    line_control: str = ""
    before: LineKey | None = None
    """The line it stands before (an add-on's); None: it stands last."""
    rendering_npi: str = ""
    """Given where it is not the claim's; its name is found in the file, or given."""
    rendering_last_name: str = ""
    rendering_first_name: str = ""
    place_of_service: str | None = None
    diagnosis_pointers: tuple[int, ...] | None = None
    revenue_code: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A service line to change; what is None stays."""

    line: LineKey
    procedure: str | None = None
    modifiers: tuple[str, ...] | None = None
    units: Decimal | None = None
    charge: Decimal | None = None
    line_control: str | None = None


@dataclass(frozen=True, slots=True)
class Edits:
    """What is to differ from the original. Without a claim nothing does."""

    claim: str = ""
    """`CLM01` of the claim to write."""
    order: int | None = None
    """Its position in the file, from 0, where several bear that number."""
    frequency: Literal["1", "7", "8"] | None = None
    """`CLM05-3` (837I: the bill type's last digit)."""
    payer_claim_control_number: str | None = None
    """`REF*F8`; "" takes it away."""
    related_claim_field: Literal["REF*F8", "NTE*ADD"] | None = None
    related_claim: str = ""
    """What the payer wants in that field."""
    new_claim: str | None = None
    """A new `CLM01`."""
    added: tuple[AddedLine, ...] = ()
    changed: tuple[ChangedLine, ...] = ()
    dropped: tuple[LineKey, ...] = ()
    stamp: Stamp | None = None
    """None: the original's envelope numbers stay."""
