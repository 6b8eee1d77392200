"""The records every source speaks: small, frozen, without behaviour of their own.

A remittance, a claim file, a charge export, a portal page and a hand-entered EOB all become these.
Money is `Decimal` in US dollars, dates are `date`, ids are text exactly as sent (trimmed), an
unknown text is "" and an unknown date or amount is None. Procedures and modifiers are upper case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

SourceKind = Literal["remittance", "claim_file", "charges", "portal", "hand", "mark"]
ClaimKind = Literal["professional", "institutional", "unknown"]
MarkKind = Literal["claim", "void", "appeal"]
LookOutcome = Literal["found", "pending", "not_found", "failed"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read: the evidence a decision cites. Not part of the fact's identity."""

    kind: SourceKind
    name: str
    """File name without folders, or portal id."""
    digest: str = ""
    """SHA-256 (hex) of the file or page."""
    segment: int | None = None
    """Number of the record's first segment in its file, ISA = 1; a CSV's row, header = 1."""
    start: int | None = None
    end: int | None = None
    """Byte span in the file, end exclusive."""
    seen_at: datetime | None = None
    """When a portal showed it (aware, UTC)."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Who answers: every id it went by (`N1*PR` XV/PI, `TRN03`, `NM1*PR`, `REF*2U`), its name."""

    ids: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """Who was treated. `member_id` is `NM109` of QC, else of IL (835); 2010BA/2010CA (837)."""

    member_id: str = ""
    last_name: str = ""
    first_name: str = ""
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class SubmittedLine:
    """One service line of a claim as sent (837 loop 2400)."""

    number: int
    """`LX01`, from 1."""
    procedure: str
    """`SV101-2` or `SV202-2`; "" where only a revenue code was sent."""
    modifiers: tuple[str, ...]
    units: Decimal
    charge: Decimal
    first_day: date | None
    last_day: date | None
    line_control: str = ""
    """`REF*6R`."""
    revenue_code: str = ""
    rendering_npi: str = ""
    """Line's own 2420A, else the claim's 2310B, else the billing provider."""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class SubmittedClaim:
    """One version of a claim as sent (837P or 837I loop 2300)."""

    claim: str
    """`CLM01`, the patient control number."""
    kind: ClaimKind
    payer: Payer
    patient: Patient
    billing_npi: str
    rendering_npi: str
    frequency: str
    """`CLM05-3`: 1 original, 7 replacement, 8 void (837I: the bill type's last digit)."""
    original_reference: str
    """`REF*F8`; "" where none."""
    sent_on: date | None
    """`BHT04`, else `GS04`."""
    charge: Decimal
    facility_code: str
    """`CLM05-1`: place of service (professional) or the bill type's first two digits."""
    lines: tuple[SubmittedLine, ...]
    order: int = 0
    """Position in its file, from 0."""
    notes: tuple[str, ...] = ()
    """`NTE*ADD` texts at claim level."""
    billing_tax_id: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One `CAS` triplet: group, CARC, amount, quantity."""

    group: str
    carc: str
    amount: Decimal
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Adjudication:
    """One payer answer for one line (835 loop 2110)."""

    procedure: str
    """Adjudicated, `SVC01-2`; "" where only a revenue code stands."""
    modifiers: tuple[str, ...]
    submitted_procedure: str
    """`SVC06-2` where present, else as `procedure`."""
    submitted_modifiers: tuple[str, ...]
    units: Decimal | None
    """Submitted units: `SVC07` where present, else `SVC05`, else 1."""
    charge: Decimal
    paid: Decimal
    allowed: Decimal | None
    """`AMT*B6`; None where absent."""
    first_day: date | None
    last_day: date | None
    line_control: str = ""
    """`REF*6R`."""
    revenue_code: str = ""
    """`SVC04`, or `SVC01-2` under qualifier NU."""
    rendering_npi: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    """RARCs at the line, `LQ*HE`."""
    order: int = 0
    """Position among the claim's lines, from 0."""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class ClaimAdjudication:
    """One payer answer for one claim with its lines (835 loop 2100, or a portal's page)."""

    claim: str
    """`CLP01`."""
    payer: Payer
    payer_claim_control_number: str
    """`CLP07`."""
    status: str
    """`CLP02`; for a portal's answer the same codes where they are known, else ""."""
    charge: Decimal
    paid: Decimal
    patient: Patient
    produced: date | None
    """`DTM*405`, else `BPR16`; for a portal the remittance date it shows, else None."""
    order: int
    """Position in its file, from 0: breaks ties of one date."""
    billing_npi: str = ""
    """Payee, `N1*PE` XX (or `REF*PQ`-like ids are not used); service provider by `TS301`."""
    rendering_npi: str = ""
    """`NM1*82`, else "" (the payee may be a group)."""
    facility_code: str = ""
    """`CLP08`."""
    frequency: str = ""
    """`CLP09`."""
    institutional: bool | None = None
    """True where an `SVC04` holds a revenue code or the claim bears `MIA`; None: not known."""
    adjustments: tuple[Adjustment, ...] = ()
    """Claim-level `CAS`."""
    remarks: tuple[str, ...] = ()
    """Claim-level RARCs, `MOA` 3-7 and `MIA` 5, 20-23."""
    lines: tuple[Adjudication, ...] = ()
    trace: str = ""
    """`TRN02`, the payment's number; part of what makes two answers the same answer."""
    payment_date: date | None = None
    crossover: str = ""
    """Name of the crossover carrier (`NM1*TT`), "" where none."""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """A signed-off (or not yet signed-off) record that a service was performed."""

    patient: Patient
    claim: str
    """"" : not billed yet."""
    service_date: date
    procedure: str
    modifiers: tuple[str, ...]
    units: Decimal
    charge: Decimal
    rendering_npi: str
    billing_npi: str
    signed_off: bool
    signed_at: datetime | None
    payer_id: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person says was sent, by which line, and when (`sent.csv`)."""

    claim: str
    procedure: str
    """"" : the whole claim."""
    sent_on: date
    kind: MarkKind
    line_control: str = ""
    new_claim: str = ""
    """The claim number it went out under, where that is another."""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What one look of a sweep (or of a person, through the extension) at one claim gave."""

    payer: Payer
    claim: str
    looked_at: datetime
    """Aware, UTC."""
    outcome: LookOutcome
    answers: tuple[ClaimAdjudication, ...] = ()
    """What the page said; `produced` None where the portal shows no remittance date."""
    portal: str = ""
    account: str = ""
    source: Source | None = None


Fact = SubmittedClaim | ClaimAdjudication | Charge | Mark | Look


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known about one patient (or about one case folder)."""

    claims: tuple[SubmittedClaim, ...] = ()
    answers: tuple[ClaimAdjudication, ...] = ()
    charges: tuple[Charge, ...] = ()
    marks: tuple[Mark, ...] = ()
    looks: tuple[Look, ...] = field(default=())
