"""What a remittance says, typed and frozen: payments, claims, lines, adjustments.

Amounts are decoded when a record is made, since the balances are checked then; everything else
when it is asked for, from the segments the record keeps. `segment` is the number of a record's
first segment in its file (ISA = 1), `span` its bytes, from the segment's name to past its last
terminator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from server.x12.kinds import (
    AMOUNT_OF,
    INPATIENT,
    NAME,
    OUTPATIENT,
    QUANTITY,
    REFERENCE,
    days,
    remarks,
    rows,
)
from server.x12.parts import Part
from server.x12.values import AMOUNT, CODE, amount, code, components, element

_ZERO = Decimal(0)
_new = tuple.__new__


class Adjustment(NamedTuple):
    """One `CAS` triplet: group code, CARC, amount, quantity."""

    group: str
    carc: str
    amount: Decimal
    quantity: Decimal | None


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
    person: bool
    last: str
    """Last name, or an organisation's name."""
    first: str
    middle: str
    suffix: str
    qualifier: str
    id: str


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


def _adjustments(sent: list[list[str]]) -> tuple[Adjustment, ...]:
    """Every triplet; empty ones between others are passed over, an unread amount is 0 (fatal)."""
    found: list[Adjustment] = []
    for e in sent:
        if len(e) == 4:
            value = AMOUNT[e[3]]
            if value is not None:
                found.append(_new(Adjustment, (CODE[e[1]], CODE[e[2]], value, None)))
                continue
        group = code(e, 1)
        for at in range(2, len(e), 3):
            carc, value, quantity = code(e, at), amount(e, at + 1), amount(e, at + 2)
            if carc or value is not None or quantity is not None:
                found.append(_new(Adjustment, (group, carc, value or _ZERO, quantity)))
    return tuple(found)


def _references(sent: list[list[str]]) -> tuple[Reference, ...]:
    return tuple(Reference(code(e, 1), element(e, 2)) for e in sent)


def _amounts(sent: list[list[str]]) -> dict[str, Decimal]:
    """Amounts (`AMT`) or quantities (`QTY`) by qualifier; the first of a qualifier counts."""
    found: dict[str, Decimal] = {}
    for e in sent:
        value = amount(e, 2)
        if value is not None:
            found.setdefault(code(e, 1), value)
    return found


def procedure(value: str, separator: str) -> Procedure:
    if not value:
        return Procedure()
    parts = components(value, separator)
    modifiers = tuple(m for m in (CODE[p] for p in parts[2:6]) if m)
    return Procedure(code(parts, 0), code(parts, 1), modifiers, element(parts, 6))


def _service_days(found: dict[str, date | None]) -> tuple[date | None, date | None] | None:
    """First and last day among a line's own dates; None where it has none."""
    if (day := found.get("472")) is not None:
        return day, day
    first, last = found.get("150"), found.get("151")
    return (first, last or first) if first or last else None


class RemittedLine(NamedTuple):
    """One payer answer for one service line (loop 2110)."""

    order: int
    """Position among the claim's lines, from 0."""
    charge: Decimal | None
    """`SVC02`; None where it is empty."""
    paid: Decimal | None
    """`SVC03`; None where it is empty."""
    sent_adjustments: list[list[str]]
    """Each `CAS` as sent."""
    elements: list[str]
    """`SVC` as sent."""
    claim_segments: Part
    first: int
    last: int
    head: int
    """Where the claim's own segments end and its first line begins."""

    @property
    def segments(self) -> list[str]:
        """The line's segments as sent, without layout."""
        return self.claim_segments.segs[self.first : self.last]

    @property
    def segment(self) -> int:
        return self.claim_segments.number + self.first

    @property
    def span(self) -> tuple[int, int]:
        return self.claim_segments.span(self.first, self.last)

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """Every `CAS` triplet of the line."""
        return _adjustments(self.sent_adjustments)

    @property
    def procedure(self) -> Procedure:
        """Adjudicated procedure, `SVC01`."""
        e = self.elements
        return (
            procedure(e[1], self.claim_segments.separators.component) if len(e) > 1 else Procedure()
        )

    @property
    def submitted(self) -> Procedure:
        """Submitted procedure: `SVC06` where present, else `SVC01`."""
        e = self.elements
        if len(e) > 6 and e[6]:
            return procedure(e[6], self.claim_segments.separators.component)
        return self.procedure

    @property
    def revenue_code(self) -> str:
        """`SVC04`, or `SVC01-2` under qualifier NU."""
        procedure = self.procedure
        return element(self.elements, 4) or (procedure.code if procedure.qualifier == "NU" else "")

    @property
    def units_paid(self) -> Decimal | None:
        """`SVC05`."""
        return amount(self.elements, 5)

    @property
    def units_submitted(self) -> Decimal | None:
        """`SVC07`."""
        return amount(self.elements, 7)

    @property
    def units(self) -> Decimal:
        """Submitted units: `SVC07` where present, else `SVC05`, else 1."""
        for value in (self.units_submitted, self.units_paid):
            if value is not None:
                return value
        return Decimal(1)

    @property
    def days(self) -> tuple[date | None, date | None]:
        """First and last day of service: the line's (472, else 150 and 151), else the claim's."""
        part = self.claim_segments
        own = _service_days(days(part, self.first, self.last))
        return own or _statement_days(days(part, 1, self.head))

    def _rows(self, kind: int) -> list[list[str]]:
        return rows(self.claim_segments, kind, self.first, self.last)

    @property
    def references(self) -> tuple[Reference, ...]:
        return _references(self._rows(REFERENCE))

    def reference(self, qualifier: str) -> str:
        """The first `REF` of this qualifier; "" where none."""
        for e in self._rows(REFERENCE):
            if code(e, 1) == qualifier:
                return element(e, 2)
        return ""

    @property
    def line_control(self) -> str:
        """`REF*6R`."""
        return self.reference("6R")

    @property
    def rendering_npi(self) -> str:
        """`REF*HPI`; "" where the claim's provider rendered the line."""
        return self.reference("HPI")

    @property
    def amounts(self) -> dict[str, Decimal]:
        """`AMT` by qualifier."""
        return _amounts(self._rows(AMOUNT_OF))

    @property
    def quantities(self) -> dict[str, Decimal]:
        """`QTY` by qualifier."""
        return _amounts(self._rows(QUANTITY))

    @property
    def allowed(self) -> Decimal | None:
        """`AMT*B6`."""
        return self.amounts.get("B6")

    @property
    def remarks(self) -> tuple[str, ...]:
        """RARCs, `LQ*HE`."""
        return remarks(self.claim_segments, self.first, self.last)


def _statement_days(found: dict[str, date | None]) -> tuple[date | None, date | None]:
    """A claim's days (`DTM*232`, `233`); one alone is both where it is the first."""
    first, last = found.get("232"), found.get("233")
    return first, last or first


class RemittedClaim(NamedTuple):
    """One payer answer for one claim (loop 2100) with its lines."""

    order: int
    """Position in its file, from 0."""
    payment: Payment
    charge: Decimal | None
    """`CLP03`; None where it is empty."""
    paid: Decimal | None
    """`CLP04`; None where it is empty."""
    sent_adjustments: list[list[str]]
    """Each of the claim's own `CAS` as sent."""
    lines: tuple[RemittedLine, ...]
    elements: list[str]
    """`CLP` as sent."""
    part: Part
    head: int
    provider: str
    """`TS301` of the group of claims it stands in; "" where none."""
    header_number: str
    """`LX01`."""

    @property
    def segments(self) -> list[str]:
        """All of its segments as sent, lines included, without layout."""
        return self.part.segs

    @property
    def segment(self) -> int:
        return self.part.number

    @property
    def span(self) -> tuple[int, int]:
        return self.part.span(0, len(self.part.segs))

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """Every triplet of the claim's own `CAS`."""
        return _adjustments(self.sent_adjustments)

    @property
    def claim(self) -> str:
        """`CLP01`, the patient control number."""
        return element(self.elements, 1)

    @property
    def status(self) -> str:
        """`CLP02`."""
        return code(self.elements, 2)

    @property
    def patient_responsibility(self) -> Decimal | None:
        """`CLP05`."""
        return amount(self.elements, 5)

    @property
    def filing(self) -> str:
        """`CLP06`, the claim filing indicator."""
        return code(self.elements, 6)

    @property
    def payer_claim_control_number(self) -> str:
        """`CLP07`."""
        return element(self.elements, 7)

    @property
    def facility_code(self) -> str:
        """`CLP08`."""
        return element(self.elements, 8)

    @property
    def frequency(self) -> str:
        """`CLP09`."""
        return element(self.elements, 9)

    @property
    def drg(self) -> str:
        """`CLP11`."""
        return element(self.elements, 11)

    @property
    def drg_weight(self) -> Decimal | None:
        """`CLP12`."""
        return amount(self.elements, 12)

    @property
    def discharge_fraction(self) -> Decimal | None:
        """`CLP13`."""
        return amount(self.elements, 13)

    @property
    def reversal(self) -> bool:
        """Whether this takes an earlier answer back (`CLP02` 22)."""
        return self.status == "22"

    @property
    def own_segments(self) -> list[str]:
        """The segments before the first line."""
        return self.part.segs[: self.head]

    def _own(self, kind: int) -> list[list[str]]:
        return rows(self.part, kind, 1, self.head)

    def _all(self, kind: int) -> list[list[str]]:
        return rows(self.part, kind, 1, len(self.part.segs))

    @property
    def names(self) -> tuple[Name, ...]:
        """Every `NM1` of the claim."""
        return tuple(_name(e) for e in self._all(NAME))

    def name(self, role: str) -> Name | None:
        """The first `NM1` of this role; None where none."""
        for e in self._all(NAME):
            if code(e, 1) == role:
                return _name(e)
        return None

    @property
    def patient(self) -> Name | None:
        return self.name("QC")

    @property
    def subscriber(self) -> Name | None:
        return self.name("IL")

    @property
    def references(self) -> tuple[Reference, ...]:
        return _references(self._own(REFERENCE))

    @property
    def days(self) -> tuple[date | None, date | None]:
        """Statement period: `DTM*232` and `233`."""
        return _statement_days(days(self.part, 1, self.head))

    @property
    def received(self) -> date | None:
        """`DTM*050`, the day the payer received the claim; no day of service."""
        return days(self.part, 1, self.head).get("050")

    @property
    def amounts(self) -> dict[str, Decimal]:
        """`AMT` by qualifier."""
        return _amounts(self._own(AMOUNT_OF))

    @property
    def quantities(self) -> dict[str, Decimal]:
        """`QTY` by qualifier."""
        return _amounts(self._own(QUANTITY))

    @property
    def outpatient(self) -> tuple[str, ...]:
        """`MOA` as sent, without its name; empty where none."""
        return tuple(next(iter(self._all(OUTPATIENT)), [])[1:])

    @property
    def inpatient(self) -> tuple[str, ...]:
        """`MIA` as sent, without its name; empty where none."""
        return tuple(next(iter(self._all(INPATIENT)), [])[1:])

    @property
    def remarks(self) -> tuple[str, ...]:
        """Claim-level RARCs: `MIA05`, `20` to `23`, `MOA03` to `07`, `LQ*HE` before any line."""
        found = [code(mia, n) for mia in self._all(INPATIENT) for n in (5, 20, 21, 22, 23)]
        found += [code(moa, n) for moa in self._all(OUTPATIENT) for n in range(3, 8)]
        found += remarks(self.part, 1, self.head)
        return tuple(remark for remark in found if remark)


def _name(e: list[str]) -> Name:
    return Name(
        code(e, 1),
        code(e, 2) != "2",
        element(e, 3),
        element(e, 4),
        element(e, 5),
        element(e, 7),
        code(e, 8),
        element(e, 9),
    )
