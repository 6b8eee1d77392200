"""One claim of a remittance: its amounts, balanced, and what in it does not belong (loop 2100).

This is the inner loop of reading, so it goes to segments by their kinds, decodes no more than the
balances need, and leaves what is odd to slower paths that say what is wrong.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from server.x12.findings import Findings
from server.x12.kinds import (
    ADJUSTMENT,
    CLAIM_DATES,
    DATE,
    DATES,
    LINE_DATES,
    REFERENCE,
    REMARK,
    SERVICE,
)
from server.x12.parts import OPENS, Part
from server.x12.records import Payment
from server.x12.remitted import RemittedClaim, RemittedLine, Sent, Triplets, triplets
from server.x12.segments import UNKNOWN, Block
from server.x12.values import AMOUNT, CODE, number

_ZERO = Decimal(0)
_CAS_ELEMENTS = 20
_SVC_ELEMENTS = 8
_CLP_ELEMENTS = 15
_REMEMBERED = 5000
_new = tuple.__new__
_PLAIN = re.compile(r"[0-9]*\.?[0-9]{0,4}\Z").match
_GOOD_CLAIM_DATES: set[str] = set()
_GOOD_LINE_DATES: set[str] = set()
_GOOD_COUNTS: set[str] = set()
_GOOD_ADJUSTMENTS: dict[str, tuple[Decimal, Triplets]] = {}
"""`CAS` without oddity: what they take off, and their triplets. They repeat."""
_KEPT = 10_000
"""`DTM` of a claim or a line, `AMT` and `QTY` with a number: remembered, since they repeat."""


class Oddities:
    """Says what is wrong with a claim; segments go by their index in its block."""

    block: Block
    """The block whose claim is read."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def add(self, code: str, index: int) -> None:
        start, end = self.block.span(index, index + 1)
        self.findings.add(code, self.block.number + index, start, end)

    def once(self, code: str, index: int) -> None:
        if not self.findings.has(code):
            self.add(code, index)

    def required(self, elements: list[str], position: int, index: int) -> Decimal | None:
        """An amount that must stand; its absence or nonsense is a finding."""
        text = elements[position] if position < len(elements) else ""
        value = AMOUNT[text]
        if value is None:
            self.add("bad_number" if text.strip() else "missing_element", index)
        return value

    def adjustments(self, seg: str, index: int) -> tuple[Decimal, Triplets]:
        """What a `CAS` not seen before takes off, and its triplets; oddities are told."""
        e = seg.split(self.block.separators.element)
        total, size, good = _ZERO, len(e), True
        for at in range(2, size, 3):
            value = AMOUNT[e[at + 1]] if at + 1 < size else None
            count = e[at + 2] if at + 2 < size else ""
            if value is None or not e[at].strip() or (count and AMOUNT[count] is None):
                value, good = self._triplet(e[at : at + 3], index), False
            total += value
        if size < 4 or size > _CAS_ELEMENTS or not e[1].strip():
            self._group(e, index)
            good = False
        found = total, triplets(e)
        if good and len(_GOOD_ADJUSTMENTS) < _KEPT:
            _GOOD_ADJUSTMENTS[seg] = found
        return found

    def _triplet(self, e: list[str], index: int) -> Decimal:
        """An odd triplet's amount; an empty one between others is no finding."""
        carc, text, count = (piece.strip() for piece in [*e, "", ""][:3])
        if not (carc or text or count):
            return _ZERO
        value = AMOUNT[text]
        if value is None:
            self.add("bad_number" if text else "missing_amount", index)
        if count and AMOUNT[count] is None:
            self.add("bad_number", index)
        if not carc:
            self.add("bad_code", index)
        return value or _ZERO

    def _group(self, e: list[str], index: int) -> None:
        """A `CAS` without group or triplet, or with more triplets than it can hold."""
        if len(e) > _CAS_ELEMENTS:
            self.add("too_many_elements", index)
        if len(e) < 4:
            self.add("missing_amount", index)
        if len(e) < 2 or not e[1].strip():
            self.add("missing_element", index)

    def date(self, seg: str, index: int, good: set[str]) -> None:
        """A `DTM` not seen before; `good` are those of a claim or of a line."""
        qualifier, day = DATES[seg]
        here, there = CLAIM_DATES, LINE_DATES
        if good is _GOOD_LINE_DATES:
            here, there = there, here
        if day is None:
            self.add("bad_date", index)
        elif qualifier in here:
            _remember(seg, good)
        else:
            self.add("out_of_order" if qualifier in there else "unknown_segment", index)

    def counted(self, seg: str, index: int) -> None:
        """An `AMT` or `QTY` not seen before."""
        e = seg.split(self.block.separators.element)
        text = e[2] if len(e) > 2 else ""
        if AMOUNT[text] is not None:
            _remember(seg, _GOOD_COUNTS)
        else:
            self.add("unread_number" if text.strip() else "missing_element", index)

    def place(self, kind: int, index: int) -> None:
        """A segment that does not belong to a claim, or not where it stands."""
        self.add("unknown_segment" if kind == UNKNOWN else "out_of_order", index)

    def claim(self, clp: list[str], index: int) -> tuple[Decimal | None, Decimal | None]:
        """Charge and paid of an odd `CLP`."""
        if len(clp) > _CLP_ELEMENTS:
            self.add("too_many_elements", index)
        for position in (1, 2, 7):
            if position >= len(clp) or not clp[position].strip():
                self.add("missing_element", index)
        self._optional(clp, 5, index)
        for position in (12, 13):
            self._optional(clp, position, index, "unread_number")
        return self.required(clp, 3, index), self.required(clp, 4, index)

    def _optional(self, e: list[str], position: int, index: int, code: str = "bad_number") -> None:
        """A number that may be left out."""
        text = e[position] if position < len(e) else ""
        if text.strip() and AMOUNT[text] is None:
            self.add(code, index)

    def service(
        self, seg: str, index: int, known: dict[str, tuple[Decimal, Decimal]]
    ) -> tuple[Decimal | None, Decimal | None]:
        """Charge and paid of a `SVC` not seen before; `known` are those without oddity."""
        separators = self.block.separators
        e = seg.split(separators.element)
        if len(e) == 6 and separators.component in e[1] and (not e[5] or AMOUNT[e[5]] is not None):
            charge, paid = AMOUNT[e[2]], AMOUNT[e[3]]
            if charge is not None and paid is not None:
                if len(known) < _KEPT:
                    known[seg] = charge, paid
                return charge, paid
        return self._service(e, index)

    def _service(self, e: list[str], index: int) -> tuple[Decimal | None, Decimal | None]:
        """Charge and paid of an odd `SVC`; its other elements are looked at on the way."""
        if len(e) > 1 and e[1][2:3] not in (self.block.separators.component, ""):
            self.once("component_separator", index)
        if len(e) > _SVC_ELEMENTS:
            self.add("too_many_elements", index)
        if len(e) < 2 or not e[1].strip():
            self.add("missing_element", index)
        for position in (5, 7):
            self._optional(e, position, index)
        return self.required(e, 2, index), self.required(e, 3, index)


def _remember(seg: str, good: set[str]) -> None:
    if len(good) > _REMEMBERED:
        good.clear()
    good.add(seg)


@lru_cache(maxsize=8)
def _good_services(_component: str) -> dict[str, tuple[Decimal, Decimal]]:
    """`SVC` without oddity where this is the component separator: charge and paid."""
    return {}


def _adjusted(seg: str, separator: str, index: int, odd: Oddities) -> tuple[Decimal, Triplets]:
    """What a `CAS` not seen before takes off, and its triplets: most hold one."""
    e = seg.split(separator)
    value = group = carc = None
    if len(e) == 4:
        group, carc, value = CODE[e[1]], CODE[e[2]], AMOUNT[e[3]]
    if not group or not carc or value is None:
        return odd.adjustments(seg, index)
    found = value, ((group, carc, value, None),)
    if len(_GOOD_ADJUSTMENTS) < _KEPT:
        _GOOD_ADJUSTMENTS[seg] = found
    return found


def read_claim(
    part: Part, order: int, payment: Payment, provider: str, header_number: str, odd: Oddities
) -> RemittedClaim:
    """The claim whose segments `part` holds (`CLP` first), checked.

    One loop that looks at every segment once. It is long, since a call for each line would cost a
    tenth of all reading.
    """
    block, first, last = part
    segs, kinds, separators = block.segs, block.kinds, block.separators
    separator, services = separators.element, _good_services(separators.component)
    odd.block = block
    own: Sent = []
    sent = own
    lines: list[RemittedLine] = []
    charged = taken = adjusted = _ZERO
    start, head, good, astray = first, last, _GOOD_CLAIM_DATES, False
    # One further than the claim: what stands there opens another part, and so ends the last line.
    for at, kind in enumerate(kinds[first + 1 : last + 1], first + 1):
        if kind == ADJUSTMENT:
            seg = segs[at]
            off, found = _GOOD_ADJUSTMENTS.get(seg) or _adjusted(seg, separator, at, odd)
            adjusted += off
            sent.append((at, found))
        elif kind == DATE:
            if segs[at] not in good:
                odd.date(segs[at], at, good)
        elif kind == SERVICE or kind >= OPENS:
            taken += adjusted
            if start > first:
                seg = segs[start]
                charge, paid = services.get(seg) or odd.service(seg, start, services)
                if charge is not None:
                    charged += charge
                    if paid is not None and charge - adjusted != paid:
                        odd.add("line_balance", start)
                fields = (len(lines), charge, paid, sent, block, start, at, first, head)
                lines.append(_new(RemittedLine, fields))
            else:
                head, good = at, _GOOD_LINE_DATES
            start, sent, adjusted = at, [], _ZERO
        elif kind > REFERENCE:
            if segs[at] not in _GOOD_COUNTS:
                odd.counted(segs[at], at)
        elif kind < REFERENCE and (kind == UNKNOWN or (kind == REMARK) is not (start > first)):
            odd.place(kind, at)
            astray = True
    clp = segs[first].split(separator)
    charge, paid = _claim_amounts(clp, charged, taken, bool(lines), odd, first)
    whole = (order, payment, charge, paid, own, tuple(lines), clp, part, head)
    return _new(RemittedClaim, (*whole, provider, header_number, astray))


def _claim_amounts(
    clp: list[str], charged: Decimal, taken: Decimal, lines: bool, odd: Oddities, at: int
) -> tuple[Decimal | None, Decimal | None]:
    """Charge and paid of a claim, held against its lines' charges and all its adjustments."""
    charge = paid = None
    if 8 <= len(clp) <= _CLP_ELEMENTS and clp[1] and clp[2] and clp[7]:
        charge, paid = number(clp[3]), number(clp[4])
    if charge is None or paid is None or len(clp) > 12 or not _PLAIN(clp[5]):
        charge, paid = odd.claim(clp, at)
    if charge is not None:
        if paid is not None and charge - taken != paid:
            odd.add("claim_balance", at)
        if lines and charged != charge:
            odd.add("claim_charge", at)
    return charge, paid
