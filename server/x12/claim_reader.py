"""One claim of a remittance: its amounts, balanced, and what in it does not belong (loop 2100).

This is the inner loop of reading, so it goes to segments by their kinds, decodes no more than the
balances need, and leaves what is odd to slower paths that say what is wrong.
"""

from __future__ import annotations

import re
from decimal import Decimal

from server.x12.findings import Findings
from server.x12.kinds import (
    ADJUSTMENT,
    CLAIM_ONLY,
    DATE,
    DATES,
    REMARK,
    SERVICE,
)
from server.x12.parts import Part
from server.x12.records import Payment
from server.x12.remitted import RemittedClaim, RemittedLine, Sent
from server.x12.segments import UNKNOWN
from server.x12.values import AMOUNT, texts

_ZERO = Decimal(0)
_CAS_ELEMENTS = 20
_SVC_ELEMENTS = 8
_CLP_ELEMENTS = 15
_new = tuple.__new__
_CLAIM_ONLY = re.compile(b"[%s]" % bytes(CLAIM_ONLY))


class Oddities:
    """Says what is wrong with the claim whose segments `part` holds."""

    part: Part

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def add(self, code: str, index: int) -> None:
        start, end = self.part.span(index, index + 1)
        self.findings.add(code, self.part.number + index, start, end)

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

    def adjustments(self, elements: list[str], index: int) -> Decimal:
        """The sum of an odd `CAS`; empty triplets between others are no finding."""
        if len(elements) > _CAS_ELEMENTS:
            self.add("too_many_elements", index)
        if len(elements) < 4:
            self.add("missing_amount", index)
        if len(elements) < 2 or not elements[1].strip():
            self.add("missing_element", index)
        total = _ZERO
        for at in range(2, len(elements), 3):
            carc, text, count = (piece.strip() for piece in [*elements[at : at + 3], "", ""][:3])
            if not (carc or text or count):
                continue
            value = AMOUNT[text]
            if value is None:
                self.add("bad_number" if text else "missing_amount", index)
            else:
                total += value
            if count and AMOUNT[count] is None:
                self.add("bad_number", index)
            if not carc:
                self.add("bad_code", index)
        return total

    def places(self, head: int) -> None:
        """Segments that do not belong to a claim, or not where they stand."""
        for index, kind in enumerate(self.part.kinds):
            if kind == UNKNOWN:
                self.add("unknown_segment", index)
            elif (kind in CLAIM_ONLY and index > head) or (kind == REMARK and index < head):
                self.add("out_of_order", index)

    def claim(self, clp: list[str]) -> tuple[Decimal | None, Decimal | None]:
        """Charge and paid of an odd `CLP`."""
        if len(clp) > _CLP_ELEMENTS:
            self.add("too_many_elements", 0)
        for position in (1, 2, 7):
            if position >= len(clp) or not clp[position].strip():
                self.add("missing_element", 0)
        if len(clp) > 5 and clp[5].strip() and AMOUNT[clp[5]] is None:
            self.add("bad_number", 0)
        return self.required(clp, 3, 0), self.required(clp, 4, 0)

    def service(self, e: list[str], index: int) -> tuple[Decimal | None, Decimal | None]:
        """Charge and paid of an odd `SVC`."""
        if len(e) > _SVC_ELEMENTS:
            self.add("too_many_elements", index)
        if len(e) < 2 or not e[1].strip():
            self.add("missing_element", index)
        for position in (5, 7):
            text = e[position] if position < len(e) else ""
            if text.strip() and AMOUNT[text] is None:
                self.add("bad_number", index)
        return self.required(e, 2, index), self.required(e, 3, index)


def read_claim(
    part: Part, order: int, payment: Payment, provider: str, header_number: str, odd: Oddities
) -> RemittedClaim:
    """The claim whose segments `part` holds (`CLP` first), checked."""
    segs, kinds = part.segs, part.kinds
    odd.part = part
    first = kinds.find(SERVICE)
    head = first if first >= 0 else len(segs)
    own, taken = _adjustments(odd, 1, head)
    lines, charged, adjusted = _lines(odd, head) if first >= 0 else ((), _ZERO, _ZERO)
    if UNKNOWN in kinds or -1 < kinds.find(REMARK) < head or _CLAIM_ONLY.search(kinds, head):
        odd.places(head)
    at = kinds.find(DATE)
    while at >= 0:
        if not DATES[segs[at]][2]:
            odd.add("bad_date", at)
        at = kinds.find(DATE, at + 1)
    clp = texts(segs[0], part.separators.element)
    charge = paid = None
    if 8 <= len(clp) <= _CLP_ELEMENTS and clp[1] and clp[2] and clp[7]:
        charge, paid = AMOUNT[clp[3]], AMOUNT[clp[4]]
    if charge is None or paid is None or (clp[5] and AMOUNT[clp[5]] is None):
        charge, paid = odd.claim(clp)
    if charge is not None:
        if paid is not None and charge - taken - adjusted != paid:
            odd.add("claim_balance", 0)
        if lines and charged != charge:
            odd.add("claim_charge", 0)
    fields = (order, payment, charge, paid, own, lines, clp, part, head, provider, header_number)
    return _new(RemittedClaim, fields)


def _lines(odd: Oddities, head: int) -> tuple[tuple[RemittedLine, ...], Decimal, Decimal]:
    """The lines, what they charge together, and what their adjustments take off."""
    part = odd.part
    segs, find, size = part.segs, part.kinds.find, len(part.segs)
    separator, component = part.separators.element, part.separators.component
    lines: list[RemittedLine] = []
    charged = taken = _ZERO
    at = head
    while at >= 0:
        following = find(SERVICE, at + 1)
        end = following if following >= 0 else size
        e = segs[at].split(separator)
        charge = paid = None
        if len(e) == 6 and e[1] and (not e[5] or AMOUNT[e[5]] is not None):
            charge, paid = AMOUNT[e[2]], AMOUNT[e[3]]
        if charge is None or paid is None:
            charge, paid = odd.service(e, at)
        if len(e) > 1 and e[1][2:3] not in (component, ""):
            odd.once("component_separator", at)
        sent, adjusted = _adjustments(odd, at + 1, end)
        taken += adjusted
        if charge is not None:
            charged += charge
            if paid is not None and charge - adjusted != paid:
                odd.add("line_balance", at)
        fields = (len(lines), charge, paid, sent, e, part, at, end, head)
        lines.append(_new(RemittedLine, fields))
        at = following
    return tuple(lines), charged, taken


def _adjustments(odd: Oddities, first: int, last: int) -> tuple[Sent, Decimal]:
    """Each `CAS` among segments `first` to before `last`, and what they take off together."""
    part = odd.part
    segs, find, separator = part.segs, part.kinds.find, part.separators.element
    sent: Sent = []
    total = _ZERO
    at = find(ADJUSTMENT, first, last)
    while at >= 0:
        e = segs[at].split(separator)
        sent.append((at, e))
        size = len(e)
        value = AMOUNT[e[3]] if size == 4 and e[1] and e[2] else None
        if value is not None:
            total += value
        elif size == 7 and not e[4] and e[1] and e[2] and e[5]:
            value, second = AMOUNT[e[3]], AMOUNT[e[6]]
            if value is None or second is None:
                total += odd.adjustments(e, at)
            else:
                total += value + second
        else:
            total += odd.adjustments(e, at)
        at = find(ADJUSTMENT, at + 1, last)
    return sent, total
