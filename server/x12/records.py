"""What a remittance says, typed and frozen: payments, names, procedures, adjustments.

`segment` is the number of a record's first segment in its file (ISA = 1), `span` its bytes, from
the segment's name to past its last terminator. Claims and lines: `server.x12.remitted`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Adjustment(NamedTuple):
    """One `CAS` triplet: group code, CARC, amount, quantity."""

    group: str
    carc: str
    amount: Decimal
    quantity: Decimal | None
    segment: int


class Reference(NamedTuple):
    """One `REF`: qualifier and value."""

    qualifier: str
    value: str


class Procedure(NamedTuple):
    """A medical procedure identifier (C003: `SVC01`, `SVC06`)."""

    qualifier: str = ""
    code: str = ""
    modifiers: tuple[str, ...] = ()
    description: str = ""


class Name(NamedTuple):
    """One `NM1`: who, under which role."""

    role: str
    """`NM101`: QC patient, IL subscriber, 74 corrected, 82 rendering, TT crossover, PR, GB."""
    kind: str
    """`NM102`: 1 a person, 2 an organisation."""
    last: str
    """Last name, or an organisation's name."""
    first: str
    middle: str
    suffix: str
    qualifier: str
    id: str


class LineFields(NamedTuple):
    """What a line says beside its amounts (loop 2110)."""

    procedure: Procedure
    """Adjudicated, `SVC01`."""
    submitted: Procedure
    """Submitted, `SVC06` where present, else as adjudicated."""
    revenue_code: str
    """`SVC04`, or `SVC01-2` under qualifier NU."""
    units_paid: Decimal | None
    """`SVC05`."""
    units_submitted: Decimal | None
    """`SVC07`."""
    first_day: date | None
    last_day: date | None
    """Days of service: the line's (`DTM*472`, else 150 and 151), else the claim's (232, 233)."""
    line_control: str
    """`REF*6R`."""
    rendering_npi: str
    """`REF*HPI`; "" where the claim's provider rendered the line."""
    allowed: Decimal | None
    """`AMT*B6`."""
    remarks: tuple[str, ...]
    """RARCs, `LQ*HE`."""

    @property
    def units(self) -> Decimal:
        """Submitted units: `SVC07` where present, else `SVC05`, else 1."""
        for value in (self.units_submitted, self.units_paid):
            if value is not None:
                return value
        return Decimal(1)


class ClaimFields(NamedTuple):
    """What a claim says beside its amounts (loop 2100)."""

    claim: str
    """`CLP01`, the patient control number."""
    status: str
    """`CLP02`."""
    patient_responsibility: Decimal | None
    """`CLP05`."""
    filing: str
    """`CLP06`, the claim filing indicator."""
    payer_claim_control_number: str
    """`CLP07`."""
    facility_code: str
    """`CLP08`."""
    frequency: str
    """`CLP09`."""
    drg: str
    """`CLP11`."""
    drg_weight: Decimal | None
    """`CLP12`."""
    discharge_fraction: Decimal | None
    """`CLP13`."""
    names: tuple[Name, ...]
    """Every `NM1`."""
    first_day: date | None
    last_day: date | None
    """Statement period: `DTM*232` and `233`, the first alone is both."""
    received: date | None
    """`DTM*050`, the day the payer received the claim; no day of service."""
    references: tuple[Reference, ...]
    """Every `REF`."""
    amounts: Mapping[str, Decimal]
    """`AMT` by qualifier."""
    quantities: Mapping[str, Decimal]
    """`QTY` by qualifier."""
    inpatient: tuple[str, ...]
    """`MIA` as sent, without its name; empty where none."""
    outpatient: tuple[str, ...]
    """`MOA` as sent, without its name; empty where none."""
    remarks: tuple[str, ...]
    """RARCs: `MIA05`, `20` to `23`, `MOA03` to `07`, an `LQ*HE` before any line."""

    def name(self, role: str) -> Name | None:
        """The first name of this role; None where none."""
        for name in self.names:
            if name.role == role:
                return name
        return None

    @property
    def patient(self) -> Name | None:
        return self.name("QC")

    @property
    def subscriber(self) -> Name | None:
        return self.name("IL")

    @property
    def reversal(self) -> bool:
        """Whether this takes an earlier answer back (`CLP02` 22)."""
        return self.status == "22"


@dataclass(frozen=True, slots=True)
class Party:
    """Payer or payee as the header names it (loops 1000A and 1000B)."""

    name: str = ""
    qualifier: str = ""
    id: str = ""
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """One transaction's header: what was paid, how, by whom, to whom (BPR, TRN, DTM, N1)."""

    order: int
    """Position among the file's transactions, from 0."""
    segment: int
    span: tuple[int, int]
    control: str = ""
    """`ST02`."""
    version: str = ""
    """`GS08`, else `ST03`."""
    amount: Decimal | None = None
    """`BPR02`."""
    credit_debit: str = ""
    method: str = ""
    handling: str = ""
    paid_on: date | None = None
    """`BPR16`."""
    trace: str = ""
    """`TRN02`."""
    origin: str = ""
    """`TRN03`, the payer's id with its bank."""
    produced: date | None = None
    """`DTM*405`."""
    payer: Party = Party()
    payee: Party = Party()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One pair of a `PLB`: money moved outside any claim."""

    payment: int
    """`Payment.order`."""
    provider: str
    fiscal_end: date | None
    reason: str
    reference: str
    amount: Decimal
    segment: int
    span: tuple[int, int]
