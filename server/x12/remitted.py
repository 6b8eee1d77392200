"""The claims and lines of a remittance.

Amounts are decoded when a record is made, since the balances are checked then; everything else
when it is asked for (`fields`), in one pass over the segments the record keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from server.x12.kinds import (
    ADJUSTMENT,
    ALLOWED,
    AMOUNT_OF,
    DATE,
    DATES,
    INPATIENT,
    NAME,
    OUTPATIENT,
    OUTPATIENTS,
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
from server.x12.segments import Block
from server.x12.values import AMOUNT, CODE, amount, code, components, element, number, plain, texts

Triplets = tuple[tuple[str, str, Decimal, "Decimal | None"], ...]
"""What one `CAS` holds: group code, CARC, amount, quantity of each triplet."""
Sent = list[tuple[int, Triplets]]
"""Each `CAS` with its index in its block."""

_Service = tuple[Procedure, Procedure, str, "Decimal | None", "Decimal | None"]
_ZERO = Decimal(0)
_new = tuple.__new__
_REMEMBERED = 5000
_BLANKS = [""] * 14
_NONE: Mapping[str, Decimal] = MappingProxyType({})
_CLAIM_ONLY = re.compile(b"[%s]" % bytes((NAME, INPATIENT, OUTPATIENT)))


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


class _Services(dict[str, _Service]):
    """`SVC` as what `LineFields` says of it, remembered whole."""

    def __init__(self, separator: str) -> None:
        super().__init__()
        self._procedures = procedures(separator)

    def __missing__(self, seg: str) -> _Service:
        e = seg.split(seg[3]) if len(seg) > 3 else [seg]
        known = self._procedures
        procedure = known[e[1]] if len(e) > 1 else Procedure()
        submitted = known[e[6]] if len(e) > 6 and e[6] else procedure
        revenue = CODE[e[4]] if len(e) > 4 else ""
        if procedure.qualifier == "NU" and not revenue:
            revenue = procedure.code
        units, original = amount(e, 5), amount(e, 7)
        found = procedure, submitted, revenue, units, original
        if len(self) < _REMEMBERED:
            self[seg] = found
        return found


class _References(dict[str, str]):
    """Whether a line's `REF` holds its line control or its provider, by its first characters."""

    def __missing__(self, head: str) -> str:
        qualifier = code(head.split(head[3]), 1) if len(head) > 3 else ""
        wanted = qualifier if qualifier in ("6R", "HPI") else ""
        if len(self) >= _REMEMBERED:
            self.clear()
        self[head] = wanted
        return wanted


_REFERENCES = _References()


@lru_cache(maxsize=8)
def procedures(separator: str) -> _Procedures:
    """The procedures of files with this component separator."""
    return _Procedures(separator)


@lru_cache(maxsize=8)
def _services(separator: str) -> _Services:
    return _Services(separator)


def triplets(e: list[str]) -> Triplets:
    """Those of a `CAS`; empty ones are passed over, an unread amount is 0 (and fatal)."""
    found = []
    group = code(e, 1)
    for first in range(2, len(e), 3):
        carc, value, quantity = code(e, first), amount(e, first + 1), amount(e, first + 2)
        if carc or value is not None or quantity is not None:
            found.append((group, carc, value or _ZERO, quantity))
    return tuple(found)


def _adjustments(sent: Sent, number: int) -> tuple[Adjustment, ...]:
    return tuple(
        [_new(Adjustment, (*triplet, number + at)) for at, found in sent for triplet in found]
    )


class RemittedLine(NamedTuple):
    """One payer answer for one service line (loop 2110)."""

    order: int
    """Position among the claim's lines, from 0."""
    charge: Decimal | None
    """`SVC02`; None where it is empty."""
    paid: Decimal | None
    """`SVC03`; None where it is empty."""
    sent_adjustments: Sent
    """What each `CAS` says."""
    block: Block
    first: int
    last: int
    """The line's segments: those of `block` from `first` to before `last`."""
    claim: int
    head: int
    """The claim's own segments: from `claim` to before `head`."""

    @property
    def segment(self) -> int:
        return self.block.number + self.first

    @property
    def span(self) -> tuple[int, int]:
        return self.block.span(self.first, self.last)

    @property
    def segments(self) -> list[str]:
        """The line's segments as sent, without layout."""
        return self.block.segs[self.first : self.last]

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """Every `CAS` triplet of the line."""
        return _adjustments(self.sent_adjustments, self.block.number)

    @property
    def fields(self) -> LineFields:
        """Everything else the line says, decoded now."""
        block = self.block
        service = _services(block.separators.component)[block.segs[self.first]]
        return _new(LineFields, (*service, *_line_finds(self)))


def _line_finds(
    line: RemittedLine,
) -> tuple[date | None, date | None, str, str, Decimal | None, tuple[str, ...]]:
    """A line's days, line control, rendering NPI, allowed amount and RARCs, in one pass."""
    block = line.block
    segs, kinds, separator = block.segs, block.kinds, block.separators.element
    control = npi = ""
    allowed: Decimal | None = None
    rarcs: list[str] = []
    service = start = end = None
    for at, kind in enumerate(kinds[line.first + 1 : line.last], line.first + 1):
        if kind == ADJUSTMENT:
            continue
        if kind == DATE:
            qualifier, day = DATES[segs[at]]
            if qualifier == "472":
                service = service or day
            elif qualifier in ("150", "232"):
                start = start or day
            elif qualifier in ("151", "233"):
                end = end or day
        elif kind == REFERENCE:
            seg = segs[at]
            if wanted := _REFERENCES[seg[:8]]:
                e = seg.split(separator)
                value = plain(e[2]) if len(e) > 2 else ""
                if wanted == "6R":
                    control = control or value
                else:
                    npi = npi or value
        elif kind == AMOUNT_OF:
            if allowed is None:
                allowed = ALLOWED[segs[at]]
        elif kind == REMARK and (remark := REMARKS[segs[at]]):
            rarcs.append(remark)
    if service is not None:
        start = end = service
    elif start is None and end is None:
        start, end = _statement_days(block, line.claim, line.head)
    return start, end or start, control, npi, allowed, tuple(rarcs)


def _statement_days(block: Block, first: int, head: int) -> tuple[date | None, date | None]:
    """A claim's days (`DTM*232`, `233`; a line's qualifiers where they stray here)."""
    start = end = None
    at = block.kinds.find(DATE, first, head)
    while at >= 0:
        qualifier, day = DATES[block.segs[at]]
        if qualifier in ("232", "472", "150"):
            start = start or day
        elif qualifier in ("233", "151"):
            end = end or day
        at = block.kinds.find(DATE, at + 1, head)
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
    """Where its own segments end, in the part's block."""
    provider: str
    """`TS301` of the group of claims it stands in; "" where none."""
    header_number: str
    """`LX01`."""
    astray: bool
    """Whether segments of it stand out of place, in its lines."""

    @property
    def segment(self) -> int:
        return self.part.number

    @property
    def span(self) -> tuple[int, int]:
        return self.part.span

    @property
    def segments(self) -> list[str]:
        """All of its segments as sent, lines included, without layout."""
        return self.part.segs

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """Every triplet of the claim's own `CAS`."""
        return _adjustments(self.sent_adjustments, self.part.block.number)

    @property
    def fields(self) -> ClaimFields:
        """Everything else the claim says, decoded now."""
        block, first, last = self.part
        e = texts(block.segs[first], block.separators.element)
        if len(e) < 14:
            e += _BLANKS[len(e) :]
        owed = number(e[5]) if e[5] else None
        clp = (e[1], CODE[e[2]], owed, CODE[e[6]], e[7], e[8], e[9], e[11])
        places: Iterable[int] = range(first + 1, self.head)
        if self.astray:
            found = _CLAIM_ONLY.finditer(block.kinds, self.head, last)
            places = (*places, *(match.start() for match in found))
        weights = AMOUNT[e[12]], AMOUNT[e[13]]
        return _new(ClaimFields, (*clp, *weights, *_claim_finds(block, places)))


def _claim_finds(block: Block, places: Iterable[int]) -> tuple[object, ...]:
    """The rest of `ClaimFields`, from `names` on, in one pass.

    Names, `MIA` and `MOA` belong to the claim wherever they stand in it.
    """
    segs, kinds, separator = block.segs, block.kinds, block.separators.element
    names: list[Name] = []
    references: list[Reference] = []
    counts: list[tuple[int, list[str]]] = []
    inpatient: tuple[str, ...] = ()
    outpatient: tuple[str, ...] = ()
    rarcs: list[str] = []
    start = end = received = None
    for at in places:
        kind, seg = kinds[at], segs[at]
        if kind == DATE:
            qualifier, day = DATES[seg]
            if qualifier in ("232", "472", "150"):
                start = start or day
            elif qualifier in ("233", "151"):
                end = end or day
            elif qualifier == "050":
                received = received or day
        elif kind == NAME:
            names.append(_name(seg, separator))
        elif kind == REFERENCE:
            e = texts(seg, separator)
            references.append(Reference(code(e, 1), element(e, 2)))
        elif kind in (AMOUNT_OF, QUANTITY):
            counts.append((kind, seg.split(separator)))
        elif kind == OUTPATIENT:
            said, remarks = OUTPATIENTS[seg]
            outpatient = outpatient or said
            rarcs += remarks
        elif kind == INPATIENT:
            e = texts(seg, separator)
            inpatient = inpatient or tuple(e[1:])
            rarcs += [CODE[remark] for remark in (*e[5:6], *e[20:24]) if remark]
        elif kind == REMARK and (remark := REMARKS[seg]):
            rarcs.append(remark)
    amounts, quantities = _counted(counts) if counts else (_NONE, _NONE)
    return (
        *(tuple(names), start, end or start, received, tuple(references)),
        *(amounts, quantities, inpatient, outpatient, tuple(rarcs)),
    )


def _counted(
    sent: list[tuple[int, list[str]]],
) -> tuple[Mapping[str, Decimal], Mapping[str, Decimal]]:
    """`AMT` and `QTY` by qualifier; the first of a qualifier counts."""
    found: dict[int, dict[str, Decimal]] = {AMOUNT_OF: {}, QUANTITY: {}}
    for kind, e in sent:
        if (value := amount(e, 2)) is not None:
            found[kind].setdefault(CODE[e[1]], value)
    return found[AMOUNT_OF], found[QUANTITY]


def _name(seg: str, separator: str) -> Name:
    e = texts(seg, separator)
    if len(e) < 10:
        e += _BLANKS[len(e) :]
    return _new(Name, (CODE[e[1]], CODE[e[2]], e[3], e[4], e[5], e[7], CODE[e[8]], e[9]))
