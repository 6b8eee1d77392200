"""The claims and lines of a remittance.

Amounts are decoded when a record is made, since the balances are checked then; everything else
when it is asked for (`fields`), in one pass over the segments the record keeps.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from server.x12.kinds import (
    AMOUNT_OF,
    DATE,
    DATES,
    INPATIENT,
    NAME,
    OUTPATIENT,
    QUANTITY,
    REFERENCE,
    REMARK,
    REMARKS,
)
from server.x12.parts import Part
from server.x12.records import (
    Adjustment,
    ClaimFields,
    LineFields,
    Name,
    Payment,
    Procedure,
    Reference,
)
from server.x12.values import AMOUNT, CODE, amount, code, components, element, plain, texts

Sent = list[tuple[int, list[str]]]
"""Segments as sent, each with its index in its part."""

_ZERO = Decimal(0)
_new = tuple.__new__
_REMEMBERED = 5000


class _Procedures(dict[str, Procedure]):
    """Composites (C003) as procedures, remembered: they repeat."""

    def __init__(self, separator: str) -> None:
        super().__init__()
        self._separator = separator

    def __missing__(self, value: str) -> Procedure:
        parts = components(value, self._separator)
        modifiers = tuple(modifier for modifier in map(CODE.__getitem__, parts[2:6]) if modifier)
        procedure = Procedure(code(parts, 0), code(parts, 1), modifiers, element(parts, 6))
        if len(self) >= _REMEMBERED:
            self.clear()
        self[value] = procedure
        return procedure


@lru_cache(maxsize=64)
def procedures(separator: str) -> _Procedures:
    """The procedures of files with this component separator."""
    return _Procedures(separator)


def _adjustments(sent: Sent, number: int) -> tuple[Adjustment, ...]:
    """Every triplet; empty ones between others are passed over, an unread amount is 0 (fatal)."""
    found: list[Adjustment] = []
    for at, e in sent:
        if len(e) == 4:
            value = AMOUNT[e[3]]
            if value is not None:
                found.append(_new(Adjustment, (CODE[e[1]], CODE[e[2]], value, None, number + at)))
                continue
        group = code(e, 1)
        for first in range(2, len(e), 3):
            carc, value, quantity = code(e, first), amount(e, first + 1), amount(e, first + 2)
            if carc or value is not None or quantity is not None:
                found.append(Adjustment(group, carc, value or _ZERO, quantity, number + at))
    return tuple(found)


class RemittedLine(NamedTuple):
    """One payer answer for one service line (loop 2110)."""

    order: int
    """Position among the claim's lines, from 0."""
    charge: Decimal | None
    """`SVC02`; None where it is empty."""
    paid: Decimal | None
    """`SVC03`; None where it is empty."""
    sent_adjustments: Sent
    """Each `CAS`."""
    elements: list[str]
    """`SVC`."""
    part: Part
    """The claim's segments."""
    first: int
    last: int
    """Which of them are the line's: `first` to before `last`."""
    head: int
    """Where the claim's own segments end and its first line begins."""

    @property
    def segment(self) -> int:
        return self.part.number + self.first

    @property
    def span(self) -> tuple[int, int]:
        return self.part.span(self.first, self.last)

    @property
    def segments(self) -> list[str]:
        """The line's segments as sent, without layout."""
        return self.part.segs[self.first : self.last]

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """Every `CAS` triplet of the line."""
        return _adjustments(self.sent_adjustments, self.part.number)

    @property
    def fields(self) -> LineFields:
        """Everything else the line says, decoded now."""
        e = self.elements
        known = procedures(self.part.separators.component)
        procedure = known[e[1]] if len(e) > 1 else Procedure()
        submitted = known[e[6]] if len(e) > 6 and e[6] else procedure
        revenue = CODE[e[4]] if len(e) > 4 else ""
        if procedure.qualifier == "NU" and not revenue:
            revenue = procedure.code
        units = AMOUNT[e[5]] if len(e) > 5 else None
        original = AMOUNT[e[7]] if len(e) > 7 else None
        found = _line_finds(self.part, self.first, self.last, self.head)
        return _new(LineFields, (procedure, submitted, revenue, units, original, *found))


def _line_finds(
    part: Part, first: int, last: int, head: int
) -> tuple[date | None, date | None, str, str, Decimal | None, tuple[str, ...]]:
    """A line's days, line control, rendering NPI, allowed amount and RARCs, in one pass."""
    segs, kinds, separator = part.segs, part.kinds, part.separators.element
    control = npi = ""
    allowed: Decimal | None = None
    rarcs: list[str] = []
    service = start = end = None
    for at in range(first + 1, last):
        kind = kinds[at]
        if kind == DATE:
            qualifier, day, _ = DATES[segs[at]]
            if qualifier == "472":
                service = service or day
            elif qualifier == "150":
                start = start or day
            elif qualifier == "151":
                end = end or day
        elif kind == REFERENCE:
            e = segs[at].split(separator)
            qualifier = CODE[e[1]] if len(e) > 2 else ""
            if qualifier == "6R":
                control = control or plain(e[2])
            elif qualifier == "HPI":
                npi = npi or plain(e[2])
        elif kind == AMOUNT_OF:
            e = segs[at].split(separator)
            if allowed is None and len(e) > 2 and CODE[e[1]] == "B6":
                allowed = AMOUNT[e[2]]
        elif kind == REMARK and (remark := REMARKS[segs[at]]):
            rarcs.append(remark)
    if service is not None:
        start = end = service
    elif start is None and end is None:
        start, end = _statement_days(part, head)
    return start, end or start, control, npi, allowed, tuple(rarcs)


def _statement_days(part: Part, head: int) -> tuple[date | None, date | None]:
    """A claim's days (`DTM*232`, `233`)."""
    start = end = None
    at = part.kinds.find(DATE, 1, head)
    while at >= 0:
        qualifier, day, _ = DATES[part.segs[at]]
        if qualifier == "232":
            start = start or day
        elif qualifier == "233":
            end = end or day
        at = part.kinds.find(DATE, at + 1, head)
    return start, end or start


class RemittedClaim(NamedTuple):
    """One payer answer for one claim (loop 2100) with its lines."""

    order: int
    """Position in its file, from 0."""
    payment: Payment
    charge: Decimal | None
    """`CLP03`; None where it is empty."""
    paid: Decimal | None
    """`CLP04`; None where it is empty."""
    sent_adjustments: Sent
    """Each of the claim's own `CAS`."""
    lines: tuple[RemittedLine, ...]
    elements: list[str]
    """`CLP`."""
    part: Part
    """Its segments, lines included."""
    head: int
    """How many of them are the claim's own."""
    provider: str
    """`TS301` of the group of claims it stands in; "" where none."""
    header_number: str
    """`LX01`."""

    @property
    def segment(self) -> int:
        return self.part.number

    @property
    def span(self) -> tuple[int, int]:
        return self.part.span(0, len(self.part.segs))

    @property
    def segments(self) -> list[str]:
        """All of its segments as sent, lines included, without layout."""
        return self.part.segs

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """Every triplet of the claim's own `CAS`."""
        return _adjustments(self.sent_adjustments, self.part.number)

    @property
    def fields(self) -> ClaimFields:
        """Everything else the claim says, decoded now."""
        found = _ClaimFinds(self.part, self.head)
        e = self.elements + [""] * (14 - len(self.elements))
        days = found.days
        return _new(
            ClaimFields,
            (
                e[1],
                CODE[e[2]],
                AMOUNT[e[5]],
                CODE[e[6]],
                e[7],
                e[8],
                e[9],
                e[11],
                AMOUNT[e[12]],
                AMOUNT[e[13]],
                tuple(found.names),
                days.get("232"),
                days.get("233") or days.get("232"),
                days.get("050"),
                tuple(found.references),
                found.amounts,
                found.quantities,
                found.inpatient,
                found.outpatient,
                tuple(found.remarks),
            ),
        )


class _ClaimFinds:
    """What a claim's segments hold, gathered in one pass.

    Names, `MIA` and `MOA` belong to the claim wherever they stand in it.
    """

    def __init__(self, part: Part, head: int) -> None:
        self.names: list[Name] = []
        self.days: dict[str, date | None] = {}
        self.references: list[Reference] = []
        self.amounts: dict[str, Decimal] = {}
        self.quantities: dict[str, Decimal] = {}
        self.inpatient: tuple[str, ...] = ()
        self.outpatient: tuple[str, ...] = ()
        self.remarks: list[str] = []
        segs, kinds, separator = part.segs, part.kinds, part.separators.element
        for at in range(1, head):
            kind = kinds[at]
            if kind == NAME:
                self.names.append(_name(texts(segs[at], separator)))
            elif kind == DATE:
                qualifier, day, _ = DATES[segs[at]]
                self.days.setdefault(qualifier, day)
            elif kind == REFERENCE:
                e = texts(segs[at], separator)
                self.references.append(Reference(code(e, 1), element(e, 2)))
            elif kind in (AMOUNT_OF, QUANTITY):
                self._amount(segs[at].split(separator), kind)
            elif kind in (INPATIENT, OUTPATIENT):
                self._note(texts(segs[at], separator), kind)
            elif kind == REMARK and (remark := REMARKS[segs[at]]):
                self.remarks.append(remark)
        for kind in (NAME, INPATIENT, OUTPATIENT):
            at = kinds.find(kind, head)
            while at >= 0:
                e = texts(segs[at], separator)
                if kind == NAME:
                    self.names.append(_name(e))
                else:
                    self._note(e, kind)
                at = kinds.find(kind, at + 1)

    def _amount(self, e: list[str], kind: int) -> None:
        value = amount(e, 2)
        if value is not None:
            into = self.amounts if kind == AMOUNT_OF else self.quantities
            into.setdefault(code(e, 1), value)

    def _note(self, e: list[str], kind: int) -> None:
        """`MIA` and `MOA`: the remark codes among their elements."""
        if kind == INPATIENT:
            self.inpatient = self.inpatient or tuple(e[1:])
            places = e[5:6] + e[20:24]
        else:
            self.outpatient = self.outpatient or tuple(e[1:])
            places = e[3:8]
        self.remarks += [CODE[place] for place in places if place]


def _name(e: list[str]) -> Name:
    if len(e) < 10:
        e = e + [""] * (10 - len(e))
    return _new(Name, (CODE[e[1]], CODE[e[2]], e[3], e[4], e[5], e[7], CODE[e[8]], e[9]))
