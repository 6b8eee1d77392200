"""One claim of a remittance: its amounts, balanced, and what in it does not belong (loop 2100)."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from server.x12.findings import Findings
from server.x12.parts import Part
from server.x12.records import Adjustment, Payment, RemittedClaim, RemittedLine
from server.x12.values import AMOUNT, CODE, DAY

_ZERO = Decimal(0)
_CAS_ELEMENTS = 20
_SVC_ELEMENTS = 8
_CLP_ELEMENTS = 15
_new = tuple.__new__


class _Marks(NamedTuple):
    """Segment names with the separator that follows them."""

    cas: str
    svc: str
    dtm: str
    lq: str
    anywhere: frozenset[str]
    claim_only: frozenset[str]


@lru_cache(maxsize=64)
def _marks(separator: str) -> _Marks:
    def named(*names: str) -> frozenset[str]:
        return frozenset(name + separator for name in names)

    return _Marks(
        "CAS" + separator,
        "SVC" + separator,
        "DTM" + separator,
        "LQ" + separator,
        named("REF", "AMT", "QTY"),
        named("NM1", "MOA", "MIA", "PER"),
    )


class _GoodDates(dict[str, bool]):
    """Whether a `DTM` holds a date, remembered by the whole segment: they repeat."""

    def __missing__(self, seg: str) -> bool:
        e = seg.split(seg[3])
        good = len(e) > 2 and (not e[2].strip() or DAY[e[2]] is not None)
        if len(self) > 5000:
            self.clear()
        self[seg] = good
        return good


_GOOD_DATES = _GoodDates()


class _Reader:
    """Decodes one claim's segments."""

    def __init__(self, part: Part, findings: Findings) -> None:
        self.part = part
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

    def adjustments(self, elements: list[str], index: int, into: list[Adjustment]) -> None:
        """Every triplet of a `CAS`; empty ones between others are passed over."""
        group = CODE[elements[1]] if len(elements) > 1 else ""
        if len(elements) > _CAS_ELEMENTS:
            self.add("too_many_elements", index)
        if len(elements) < 4:
            self.add("missing_amount", index)
        if not group:
            self.add("missing_element", index)
        for at in range(2, len(elements), 3):
            carc, text, count = [*elements[at : at + 3], "", ""][:3]
            if not (carc.strip() or text.strip() or count.strip()):
                continue
            value = AMOUNT[text]
            quantity = AMOUNT[count] if count.strip() else None
            if value is None:
                self.add("bad_number" if text.strip() else "missing_amount", index)
                value = _ZERO
            if count.strip() and quantity is None:
                self.add("bad_number", index)
            if not carc.strip():
                self.add("bad_code", index)
            into.append(Adjustment(group, CODE[carc], value, quantity))


def read_claim(
    part: Part, order: int, payment: Payment, provider: str, header_number: str, findings: Findings
) -> RemittedClaim:
    """The claim whose segments `part` holds (`CLP` first), checked."""
    segs, separator = part.segs, part.separators.element
    cas, svc, dtm, lq, anywhere, claim_only = _marks(separator)
    reader = _Reader(part, findings)
    clp = segs[0].split(separator)
    charge = reader.required(clp, 3, 0)
    paid = reader.required(clp, 4, 0)
    _check_claim_elements(reader, clp)

    own: list[Adjustment] = []
    current = own
    starts: list[tuple[int, list[str], list[Adjustment]]] = []
    for index, seg in enumerate(segs):
        mark = seg[:4]
        if mark == cas:
            e = seg.split(separator)
            value = AMOUNT[e[3]] if len(e) == 4 else None
            if value is not None and e[1] and e[2]:
                current.append(_new(Adjustment, (CODE[e[1]], CODE[e[2]], value, None)))
            else:
                reader.adjustments(e, index, current)
        elif mark == svc:
            current = []
            starts.append((index, seg.split(separator), current))
        elif mark == dtm:
            if not _GOOD_DATES[seg]:
                reader.add("bad_date", index)
        elif mark in anywhere:
            pass
        elif mark in claim_only or mark[:3] == lq:
            if bool(starts) is not (mark[:3] == lq):
                reader.add("out_of_order", index)
        elif index:
            reader.add("unknown_segment", index)
        index += 1
    return _assemble(
        reader, clp, charge, paid, own, starts, (order, payment, provider, header_number)
    )


def _check_claim_elements(reader: _Reader, clp: list[str]) -> None:
    if len(clp) > _CLP_ELEMENTS:
        reader.add("too_many_elements", 0)
    for position in (1, 2, 7):
        if position >= len(clp) or not clp[position].strip():
            reader.add("missing_element", 0)
    if len(clp) > 5 and clp[5].strip() and AMOUNT[clp[5]] is None:
        reader.add("bad_number", 0)


def _assemble(
    reader: _Reader,
    clp: list[str],
    charge: Decimal | None,
    paid: Decimal | None,
    own: list[Adjustment],
    starts: list[tuple[int, list[str], list[Adjustment]]],
    rest: tuple[int, Payment, str, str],
) -> RemittedClaim:
    """Lines and claim as records; the balances of each."""
    part = reader.part
    size = len(part.segs)
    head = starts[0][0] if starts else size
    taken = sum([a[2] for a in own], _ZERO)
    charged = _ZERO
    lines: list[RemittedLine] = []
    for order, (first, e, adjustments) in enumerate(starts):
        last = starts[order + 1][0] if order + 1 < len(starts) else size
        line_charge, line_paid = _line_amounts(reader, e, first)
        adjusted = sum([a[2] for a in adjustments], _ZERO)
        taken += adjusted
        if line_charge is not None:
            charged += line_charge
            if line_paid is not None and line_charge - adjusted != line_paid:
                reader.add("line_balance", first)
        lines.append(
            _new(
                RemittedLine,
                (order, line_charge, line_paid, tuple(adjustments), e, part, first, last, head),
            )
        )
    if charge is not None:
        if paid is not None and charge - taken != paid:
            reader.add("claim_balance", 0)
        if starts and charged != charge:
            reader.add("claim_charge", 0)
    order, payment, provider, header_number = rest
    fields = (order, payment, charge, paid, tuple(own), tuple(lines), clp, part, head)
    return _new(RemittedClaim, (*fields, provider, header_number))


def _line_amounts(
    reader: _Reader, e: list[str], index: int
) -> tuple[Decimal | None, Decimal | None]:
    """`SVC02` and `SVC03`; the other amounts and the procedure are checked on the way."""
    if len(e) > _SVC_ELEMENTS:
        reader.add("too_many_elements", index)
    separator = reader.part.separators.component
    if len(e) > 1 and e[1][2:3] not in (separator, ""):
        reader.once("component_separator", index)
    if len(e) > 3 and e[1]:
        charge, paid = AMOUNT[e[2]], AMOUNT[e[3]]
        counts = (AMOUNT[n] for n in (e[5:6] + e[7:8]) if n)
        if charge is not None and paid is not None and None not in counts:
            return charge, paid
    if len(e) < 2 or not e[1].strip():
        reader.add("missing_element", index)
    for position in (5, 7):
        text = e[position] if position < len(e) else ""
        if text.strip() and AMOUNT[text] is None:
            reader.add("bad_number", index)
    return reader.required(e, 2, index), reader.required(e, 3, index)
