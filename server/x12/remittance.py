"""Reads remittances (X12 835, 4010 and 5010) claim by claim, in bounded memory.

What does not fit is a finding; a fatal one means that nothing of the file may be taken. Since a
truncated file shows itself at its end only, whoever stores something asks `findings` after the last
claim.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple

from server.x12.claim_reader import read_claim
from server.x12.findings import Finding, Findings
from server.x12.records import (
    Part,
    Party,
    Payment,
    ProviderAdjustment,
    Reference,
    RemittedClaim,
)
from server.x12.segments import Segmenter
from server.x12.values import AMOUNT, DAY, amount, code, components, element

_OPENING = ("ISA", "GS", "ST", "BPR", "N1", "LX", "TS3", "TS2", "CLP", "PLB", "SE", "GE", "IEA")
_MEMBERS = {
    "ISA": {"TA1"},
    "GS": set[str](),
    "ST": set[str](),
    "BPR": {"NTE", "TRN", "CUR", "REF", "DTM"},
    "N1": {"N2", "N3", "N4", "REF", "PER", "RDM"},
    "LX": set[str](),
    "TS3": set[str](),
    "TS2": set[str](),
    "PLB": set[str](),
    "SE": set[str](),
    "GE": set[str](),
    "IEA": set[str](),
}
"""What may follow each opening segment before the next one (the claim's own: `claim_reader`)."""


_ENVELOPE = ("ISA", "GS", "ST", "SE", "GE", "IEA")


@lru_cache(maxsize=64)
def _marks(separator: str) -> frozenset[str]:
    """The first three characters of segments that open a part."""
    return frozenset((name + separator)[:3] for name in _OPENING) | frozenset(_OPENING)


@dataclass
class _Header:
    """A transaction's header while it is read."""

    payment: Payment
    payer: Party = field(default_factory=Party)
    payee: Party = field(default_factory=Party)
    claims: int = 0
    paid: Decimal = Decimal(0)
    moved: Decimal = Decimal(0)


class _Open(NamedTuple):
    """An envelope segment that waits for its closing one."""

    control: str
    number: int
    span: tuple[int, int]


class Remittance:
    """One 835 file. `claims()` may be taken once; the rest grows as it is."""

    def __init__(self, stream: BinaryIO, name: str = "", chunk: int | None = None) -> None:
        self.name = name
        self.payments: list[Payment] = []
        """One a transaction; complete when the claims are."""
        self.provider_adjustments: list[ProviderAdjustment] = []
        """Every `PLB` pair; complete when the claims are."""
        self.complete = False
        self._findings = Findings()
        self._segmenter = (
            Segmenter(stream, self._findings, chunk) if chunk else Segmenter(stream, self._findings)
        )
        self._interchange: _Open | None = None
        self._group: _Open | None = None
        self._transaction: _Open | None = None
        self._groups = self._transactions = 0
        self._version = ""
        self._other = False
        self._header: _Header | None = None
        self._payment: Payment | None = None
        self._provider = self._header_number = ""
        self._order = 0
        self._seen_835 = self._seen_other = False
        self._last: Part | None = None
        self._ahead: deque[RemittedClaim] = deque()
        self._source = self._read()

    # What a caller asks for

    def claims(self) -> Iterator[RemittedClaim]:
        """The claims in file order; each is forgotten when the next one is taken."""
        while self._ahead:
            yield self._ahead.popleft()
        yield from self._source

    @property
    def findings(self) -> list[Finding]:
        """What is wrong so far; complete after the last claim."""
        return self._findings.all()

    @property
    def fatal(self) -> bool:
        """Whether a fatal finding stands so far."""
        return self._findings.fatal

    @property
    def payer(self) -> Party:
        """The first transaction's payer; reads ahead to the first claim where need be."""
        return self._first_payment().payer

    @property
    def payee(self) -> Party:
        """The first transaction's payee; reads ahead to the first claim where need be."""
        return self._first_payment().payee

    @property
    def payment(self) -> Payment:
        """The first transaction's payment; reads ahead to the first claim where need be."""
        return self._first_payment()

    @property
    def account(self) -> dict[str, int]:
        """Where every byte went: `size` is the sum of `segments`, `reported` and `layout`."""
        cut = self._segmenter
        return {
            "size": cut.size,
            "segments": cut.in_segments,
            "reported": cut.passed_over,
            "layout": cut.layout,
        }

    def _first_payment(self) -> Payment:
        if not self.payments and not self.complete:
            claim = next(self._source, None)
            if claim is not None:
                self._ahead.append(claim)
        return self.payments[0] if self.payments else Payment(0, 0, (0, 0))

    # Parts: runs of segments, each opened by one of _OPENING

    def _parts(self) -> Iterator[Part]:
        pending: Part | None = None
        for segs, raw, start, number, separators, terminated in self._segmenter.blocks():
            marks = _marks(separators.element)
            cuts = [i for i, seg in enumerate(segs) if seg[:3] in marks]
            same = raw is segs
            if not cuts or cuts[0] > 0:
                until = cuts[0] if cuts else len(segs)
                pending = _joined(pending, segs[:until], None if same else raw[:until], terminated)
            if cuts and pending:
                yield pending
                pending = None
            position = start + sum(map(len, raw[: cuts[0]])) + cuts[0] if cuts else start
            cuts.append(len(segs))
            for cut, until in pairwise(cuts):
                run = segs[cut:until]
                own = run if same else raw[cut:until]
                part = Part(run, own, position, number + cut, separators, terminated)
                if until == len(segs):
                    pending = part
                else:
                    yield part
                    position += sum(map(len, own)) + until - cut
        if pending:
            yield pending

    def _read(self) -> Iterator[RemittedClaim]:
        for part in self._parts():
            self._last = part
            name = part.segs[0].split(part.separators.element, 1)[0]
            if self._other and name not in _ENVELOPE:
                continue
            if name == "CLP":
                yield self._claim(part)
            elif handler := _HANDLERS.get(name):
                handler(self, part)
                if not self._other:
                    self._check_members(part, name)
            else:
                self._unknown(part, 0)
        self._finish()

    def _check_members(self, part: Part, name: str) -> None:
        allowed, separator = _MEMBERS[name], part.separators.element
        for index in range(1, len(part.segs)):
            if part.segs[index].split(separator, 1)[0] not in allowed:
                self._unknown(part, index)

    def _unknown(self, part: Part, index: int) -> None:
        self._add("unknown_segment", part, index)

    def _add(self, code_: str, part: Part, index: int = 0, detail: str = "") -> None:
        start, end = part.span(index, index + 1)
        self._findings.add(code_, part.number + index, start, end, detail)

    def _finish(self) -> None:
        """The end of the file: what is still open was cut off."""
        self._close_interchange()
        last = self._last
        if last and not last.terminated and not self._findings.fatal:
            self._add("missing_terminator", last, len(last.segs) - 1)
        if not self._findings.fatal:
            if self._seen_other and not self._seen_835:
                self._findings.add("wrong_transaction")
            elif not self._order:
                self._findings.add("no_claims")
        self.complete = True

    # Envelope

    def _isa(self, part: Part) -> None:
        self._close_interchange()
        e = _elements(part)
        self._interchange = _Open(element(e, 13), part.number, part.span(0, 1))
        self._groups = 0

    def _close_interchange(self) -> None:
        self._close_group()
        if self._interchange:
            self._cut_off(self._interchange, "ISA without IEA")
            self._interchange = None

    def _close_group(self) -> None:
        if self._transaction:
            self._cut_off(self._transaction, "ST without SE")
            self._end_transaction()
        if self._group:
            self._findings.add("missing_ge", self._group.number, *self._group.span)
            self._group = None

    def _cut_off(self, opened: _Open, detail: str) -> None:
        self._findings.add("truncated", opened.number, *opened.span, detail)

    def _gs(self, part: Part) -> None:
        self._close_group()
        e = _elements(part)
        self._group = _Open(element(e, 6), part.number, part.span(0, 1))
        self._version = code(e, 8)
        self._groups += 1
        self._transactions = 0

    def _st(self, part: Part) -> None:
        if self._transaction:
            self._cut_off(self._transaction, "ST without SE")
            self._end_transaction()
        e = _elements(part)
        control = element(e, 2)
        self._transaction = _Open(control, part.number, part.span(0, 1))
        self._transactions += 1
        self._other = code(e, 1) != "835"
        if self._other:
            self._seen_other = True
            return
        self._seen_835 = True
        if not self._group and self._interchange:
            self._add("missing_gs", part)
        payment = Payment(
            len(self.payments), part.number, part.span(0, 1), control, self._version or code(e, 3)
        )
        self._header = _Header(payment)
        self._payment = None
        self._provider = self._header_number = ""

    def _se(self, part: Part) -> None:
        opened = self._transaction
        if not opened:
            self._add("outside_transaction", part)
            return
        e = _elements(part)
        if self._other:
            self._findings.add(
                "other_transaction", opened.number, opened.span[0], part.span(0, 1)[1]
            )
        else:
            if amount(e, 1) != part.number - opened.number + 1:
                self._add("se_count", part, 0, f"{part.number - opened.number + 1} were found")
            if element(e, 2) != opened.control:
                self._add("se_control", part)
        self._end_transaction()

    def _end_transaction(self) -> None:
        header = self._header
        if header and not self._other:
            payment = self._payment or self._freeze()
            due = header.paid - header.moved
            if payment.amount is not None and payment.amount != due and not self._findings.fatal:
                self._findings.add("payment_balance", payment.segment, *payment.span)
        self._transaction = self._header = self._payment = None
        self._other = False

    def _ge(self, part: Part) -> None:
        if self._transaction:
            self._cut_off(self._transaction, "ST without SE")
            self._end_transaction()
        e = _elements(part)
        if not self._group:
            self._add("unknown_segment", part)
            return
        if amount(e, 1) != self._transactions:
            self._add("ge_count", part, 0, f"{self._transactions} were found")
        if element(e, 2) != self._group.control:
            self._add("ge_control", part)
        self._group = None

    def _iea(self, part: Part) -> None:
        self._close_group()
        e = _elements(part)
        if not self._interchange:
            self._add("unknown_segment", part)
            return
        if amount(e, 1) != self._groups:
            self._add("iea_count", part, 0, f"{self._groups} were found")
        same = element(e, 2) == self._interchange.control
        if not same and not part.terminated:
            self._cut_off(self._interchange, "IEA ends too soon")
        elif not same:
            self._add("iea_control", part)
        self._interchange = None

    # Header

    def _current(self, part: Part) -> _Header:
        """The header being read; one of its own where no ST opened it."""
        if not self._header:
            self._add("outside_transaction", part)
            self._header = _Header(
                Payment(len(self.payments), part.number, part.span(0, 1), "", self._version)
            )
            self._payment = None
        return self._header

    def _freeze(self) -> Payment:
        """The payment of the header as it stands; the first time it joins `payments`."""
        header = self._header
        assert header  # noqa: S101  (callers hold a header)
        payment = replace(header.payment, payer=header.payer, payee=header.payee)
        if len(self.payments) == payment.order:
            self.payments.append(payment)
        self._payment = payment
        return payment

    def _bpr(self, part: Part) -> None:
        header = self._current(part)
        e = _elements(part)
        total = amount(e, 2)
        if total is None:
            self._add("bad_number" if element(e, 2) else "missing_element", part)
        known = {
            "amount": total,
            "handling": code(e, 1),
            "credit_debit": code(e, 3),
            "method": code(e, 4),
            "paid_on": self._day(e, 16, part, 0),
        }
        references = []
        for index, seg in enumerate(part.segs[1:], start=1):
            e = seg.split(part.separators.element)
            if e[0] == "TRN" and "trace" not in known:
                known["trace"], known["origin"] = element(e, 2), element(e, 3)
            elif e[0] == "DTM" and code(e, 1) == "405":
                known["produced"] = self._day(e, 2, part, index)
            elif e[0] == "REF":
                references.append(Reference(code(e, 1), element(e, 2)))
        header.payment = replace(header.payment, references=tuple(references), **known)  # type: ignore[arg-type]

    def _day(self, elements: list[str], position: int, part: Part, index: int) -> object:
        text = element(elements, position)
        day = DAY[text]
        if text and day is None:
            self._add("bad_date", part, index)
        return day

    def _n1(self, part: Part) -> None:
        header = self._current(part)
        e = _elements(part)
        if header.claims:
            self._add("second_header", part)
        references = tuple(
            Reference(code(r, 1), element(r, 2))
            for r in (seg.split(part.separators.element) for seg in part.segs[1:])
            if r[0] == "REF"
        )
        party = Party(element(e, 2), code(e, 3), element(e, 4), references)
        if code(e, 1) == "PR":
            header.payer = party
        elif code(e, 1) == "PE":
            header.payee = party
        else:
            self._unknown(part, 0)
        self._payment = None

    def _lx(self, part: Part) -> None:
        self._current(part)
        self._header_number, self._provider = element(_elements(part), 1), ""

    def _ts3(self, part: Part) -> None:
        self._current(part)
        self._provider = element(_elements(part), 1)

    def _ts2(self, part: Part) -> None:
        self._current(part)

    # Money

    def _claim(self, part: Part) -> RemittedClaim:
        header = self._header or self._current(part)
        payment = self._payment or self._freeze()
        claim = read_claim(
            part, self._order, payment, self._provider, self._header_number, self._findings
        )
        self._order += 1
        header.claims += 1
        if claim.paid is not None:
            header.paid += claim.paid
        return claim

    def _plb(self, part: Part) -> None:
        header = self._current(part)
        payment = self._payment or self._freeze()
        e = _elements(part)
        span = part.span(0, 1)
        day = self._day(e, 2, part, 0)
        for at in range(3, len(e), 2):
            value = AMOUNT[e[at + 1]] if at + 1 < len(e) else None
            if value is None:
                if element(e, at) or (at + 1 < len(e) and element(e, at + 1)):
                    self._add("bad_number", part)
                continue
            reason, _, reference = _reason(element(e, at), part.separators.component)
            header.moved += value
            self.provider_adjustments.append(
                ProviderAdjustment(
                    payment.order,
                    element(e, 1),
                    day,
                    reason,
                    reference,
                    value,  # type: ignore[arg-type]
                    part.number,
                    span,
                )
            )


def _reason(value: str, separator: str) -> tuple[str, str, str]:
    """Reason code and reference of `PLB03` and its like (C042)."""
    parts = components(value, separator)
    return code(parts, 0), "", element(parts, 1)


def _elements(part: Part) -> list[str]:
    return part.segs[0].split(part.separators.element)


def _joined(
    pending: Part | None, segs: list[str], raw: list[str] | None, terminated: bool
) -> Part | None:
    """A part continued by the next block's first segments (`raw` None: the same list)."""
    if pending is None or not segs:
        return pending
    joined = pending.segs + segs
    if raw is None and pending.raw is pending.segs:
        return pending._replace(segs=joined, raw=joined, terminated=terminated)
    return pending._replace(
        segs=joined, raw=pending.raw + (segs if raw is None else raw), terminated=terminated
    )


_HANDLERS: dict[str, Callable[[Remittance, Part], None]] = {
    "ISA": Remittance._isa,
    "GS": Remittance._gs,
    "ST": Remittance._st,
    "BPR": Remittance._bpr,
    "N1": Remittance._n1,
    "LX": Remittance._lx,
    "TS3": Remittance._ts3,
    "TS2": Remittance._ts2,
    "PLB": Remittance._plb,
    "SE": Remittance._se,
    "GE": Remittance._ge,
    "IEA": Remittance._iea,
}


def read_remittance(file: bytes | BinaryIO | Path, name: str = "") -> Remittance:
    """Open a remittance: bytes, an open binary file, or a path (closed with its last claim)."""
    if isinstance(file, bytes):
        return Remittance(io.BytesIO(file), name)
    if isinstance(file, Path):
        return Remittance(file.open("rb"), name or file.name)
    return Remittance(file, name)
