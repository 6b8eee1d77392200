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
from server.x12.segments import UNKNOWN, Block
from server.x12.values import AMOUNT

_ZERO = Decimal(0)
_CAS_ELEMENTS = 20
_SVC_ELEMENTS = 8
_CLP_ELEMENTS = 15
_new = tuple.__new__
_CLAIM_ONLY = re.compile(b"[%s]" % bytes(CLAIM_ONLY))


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

    def adjustments(self, e: list[str], index: int) -> Decimal:
        """What a `CAS` of more than one triplet takes off; what is odd about it is told."""
        total = _ZERO
        size = len(e)
        for at in range(2, size, 3):
            value = AMOUNT[e[at + 1]] if at + 1 < size else None
            count = e[at + 2] if at + 2 < size else ""
            if value is None or not e[at] or (count and AMOUNT[count] is None):
                value = self._triplet(e[at : at + 3], index)
            total += value
        if size < 4 or size > _CAS_ELEMENTS or not e[1].strip():
            self._group(e, index)
        return total

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

    def places(self, first: int, head: int, last: int) -> None:
        """Segments that do not belong to a claim, or not where they stand."""
        for index in range(first, last):
            kind = self.block.kinds[index]
            if kind == UNKNOWN:
                self.add("unknown_segment", index)
            elif (kind in CLAIM_ONLY and index > head) or (kind == REMARK and index < head):
                self.add("out_of_order", index)

    def claim(self, clp: list[str], index: int) -> tuple[Decimal | None, Decimal | None]:
        """Charge and paid of an odd `CLP`."""
        if len(clp) > _CLP_ELEMENTS:
            self.add("too_many_elements", index)
        for position in (1, 2, 7):
            if position >= len(clp) or not clp[position].strip():
                self.add("missing_element", index)
        if len(clp) > 5 and clp[5].strip() and AMOUNT[clp[5]] is None:
            self.add("bad_number", index)
        return self.required(clp, 3, index), self.required(clp, 4, index)

    def service(self, e: list[str], index: int) -> tuple[Decimal | None, Decimal | None]:
        """Charge and paid of an odd `SVC`; its other elements are looked at on the way."""
        if len(e) > 1 and e[1][2:3] not in (self.block.separators.component, ""):
            self.once("component_separator", index)
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
    block, first, last = part
    segs, kinds = block.segs, block.kinds
    odd.block = block
    own, lines, charged, taken, head = _sections(odd, first, last)
    if (
        kinds.find(UNKNOWN, first, last) >= 0
        or kinds.find(REMARK, first, head) >= 0
        or _CLAIM_ONLY.search(kinds, head, last)
    ):
        odd.places(first, head, last)
    at = kinds.find(DATE, first, last)
    while at >= 0:
        if not DATES[segs[at]][2]:
            odd.add("bad_date", at)
        at = kinds.find(DATE, at + 1, last)
    clp = segs[first].split(block.separators.element)
    charge = paid = None
    if 8 <= len(clp) <= _CLP_ELEMENTS and clp[1] and clp[2] and clp[7]:
        charge, paid = AMOUNT[clp[3]], AMOUNT[clp[4]]
    if charge is None or paid is None or (clp[5] and AMOUNT[clp[5]] is None):
        charge, paid = odd.claim(clp, first)
    if charge is not None:
        if paid is not None and charge - taken != paid:
            odd.add("claim_balance", first)
        if lines and charged != charge:
            odd.add("claim_charge", first)
    fields = (order, payment, charge, paid, own, lines, clp, part, head, provider, header_number)
    return _new(RemittedClaim, fields)


def _sections(
    odd: Oddities, first: int, last: int
) -> tuple[Sent, tuple[RemittedLine, ...], Decimal, Decimal, int]:
    """The claim's own section and its lines', each with its adjustments; lines are balanced.

    Answers the claim's own `CAS`, the lines, what these charge together, what all adjustments take
    off together, and where the claim's own segments end.
    """
    block = odd.block
    segs, find = block.segs, block.kinds.find
    separator, component = block.separators.element, block.separators.component
    own: Sent = []
    lines: list[RemittedLine] = []
    charged = taken = _ZERO
    head = at = first
    while at >= 0:
        following = find(SERVICE, at + 1, last)
        end = following if following >= 0 else last
        sent: Sent = []
        adjusted = _ZERO
        cas = find(ADJUSTMENT, at + 1, end)
        while cas >= 0:
            e = segs[cas].split(separator)
            sent.append((cas, e))
            value = AMOUNT[e[3]] if len(e) == 4 and e[1] and e[2] else None
            adjusted += odd.adjustments(e, cas) if value is None else value
            cas = find(ADJUSTMENT, cas + 1, end)
        taken += adjusted
        if at == first:
            own, head = sent, end
        else:
            e = segs[at].split(separator)
            charge = paid = None
            if len(e) == 6 and component in e[1] and (not e[5] or AMOUNT[e[5]] is not None):
                charge, paid = AMOUNT[e[2]], AMOUNT[e[3]]
            if charge is None or paid is None:
                charge, paid = odd.service(e, at)
            if charge is not None:
                charged += charge
                if paid is not None and charge - adjusted != paid:
                    odd.add("line_balance", at)
            fields = (len(lines), charge, paid, sent, e, block, at, end, first, head)
            lines.append(_new(RemittedLine, fields))
        at = following
    return own, tuple(lines), charged, taken, head
