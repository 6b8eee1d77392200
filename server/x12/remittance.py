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
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from server.x12.claim_reader import Oddities, read_claim
from server.x12.envelope import NAMES, Envelope
from server.x12.findings import Finding, Findings
from server.x12.kinds import CLAIM, CLAIM_KINDS
from server.x12.parts import OPENS, Part, parts
from server.x12.records import Party, Payment, ProviderAdjustment, Reference
from server.x12.remitted import RemittedClaim
from server.x12.segments import CHUNK, Segmenter
from server.x12.values import AMOUNT, DAY, amount, code, components, element, plain

_MEMBERS: dict[str, tuple[str, ...]] = {
    "ISA": ("TA1",),
    "GS": (),
    "ST": (),
    "BPR": ("NTE", "CUR", "REF"),
    "N1": ("N2", "N3", "N4", "REF", "PER", "RDM"),
    "LX": (),
    "TS3": (),
    "TS2": (),
    "PLB": (),
    "SE": (),
    "GE": (),
    "IEA": (),
}
"""Segments that open a part, and what may follow before the next one (CLP: `kinds`)."""
_HEADER_PARTS = ("ST", "BPR", "N1", "LX", "TS3", "TS2", "PLB")
"""`TRN`, `DTM` and a transaction's own `REF` follow `BPR`; they are read wherever they stand."""
_KINDS = {**CLAIM_KINDS, **{name: OPENS + 1 + n for n, name in enumerate(_MEMBERS)}}


_NOBODY = Party()


@dataclass
class _Header:
    """A transaction's header while it is read."""

    payment: Payment
    payer: Party = _NOBODY
    payee: Party = _NOBODY
    named: set[str] = field(default_factory=set)
    """`N101` of the parties read."""
    bpr: bool = False
    claims: bool = False
    """Whether a claim was read below it."""
    paid: Decimal = Decimal(0)
    moved: Decimal = Decimal(0)


class Remittance:
    """One 835 file. `claims()` may be taken once; the rest grows as it is."""

    def __init__(
        self, stream: BinaryIO, name: str = "", chunk: int = CHUNK, close: bool = False
    ) -> None:
        """`close`: the stream is closed with its last claim."""
        self.name = name
        self._stream = stream if close else None
        self.payments: list[Payment] = []
        """One a transaction; complete when the claims are."""
        self.provider_adjustments: list[ProviderAdjustment] = []
        """Every `PLB` pair; complete when the claims are."""
        self.complete = False
        self._findings = Findings()
        self._segmenter = Segmenter(stream, self._findings, _KINDS, chunk)
        self._odd = Oddities(self._findings)
        self._envelope = Envelope(self._findings, "835", self._begin, self._end)
        self._header: _Header | None = None
        self._payment: Payment | None = None
        self._provider = self._header_number = ""
        self._ahead: deque[RemittedClaim] = deque()
        self._source = self._read()

    # What a caller asks for

    def claims(self) -> Iterator[RemittedClaim]:
        """The claims in file order; each is forgotten when the next one is taken."""
        ahead = list(self._ahead)
        self._ahead.clear()
        return chain(ahead, self._source)

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

    # Reading

    def _read(self) -> Iterator[RemittedClaim]:
        envelope, odd, order = self._envelope, self._odd, 0
        part = None
        for part in parts(self._segmenter):
            block, first, _ = part
            if block.kinds[first] != CLAIM:
                self._take(part)
            elif not envelope.other:
                header = self._header or self._current(part)
                payment = self._payment or self._freeze()
                claim = read_claim(part, order, payment, self._provider, self._header_number, odd)
                order += 1
                header.claims = True
                if (paid := claim.paid) is not None:
                    header.paid += paid
                yield claim
        self._finish(part, order)

    def _take(self, part: Part) -> None:
        """Anything but a claim."""
        name = part.name
        if name in NAMES:
            self._envelope.read(name, part)
        elif self._envelope.other:
            return
        elif handler := _HANDLERS.get(name):
            handler(self, part)
        else:
            self._add("unknown_segment", part)
        if not self._envelope.other and part.last - part.first > 1:
            self._members(part, name)

    def _members(self, part: Part, name: str) -> None:
        """What follows the segment that opens a part; parties read their own `REF`."""
        allowed = _MEMBERS.get(name, ())
        for index, e in enumerate(part.elements()):
            if not index:
                continue
            if e[0] in ("TRN", "DTM") and name in _HEADER_PARTS:
                self._said(e, part, index)
                if name != "BPR":
                    self._add("out_of_order", part, index)
            elif e[0] == "REF" and name in ("ST", "BPR"):
                self._said(e, part, index)
            elif e[0] not in allowed:
                self._add("unknown_segment", part, index)

    def _said(self, e: list[str], part: Part, index: int) -> None:
        """A `TRN`, `DTM*405` or `REF` of the header; the first of a kind counts."""
        header = self._current(part)
        payment, name = header.payment, e[0]
        if name == "REF":
            more = Reference(code(e, 1), element(e, 2))
            header.payment = replace(payment, references=(*payment.references, more))
        elif name == "TRN" and not payment.trace:
            header.payment = replace(payment, trace=element(e, 2), origin=element(e, 3))
        elif name == "DTM" and code(e, 1) == "405" and payment.produced is None:
            header.payment = replace(payment, produced=self._day(e, 2, part, index))
        else:
            self._add("unknown_segment", part, index)
        self._payment = None

    def _add(self, code_: str, part: Part, index: int = 0, detail: str = "") -> None:
        start, end = part.span_of(index)
        self._findings.add(code_, part.number + index, start, end, detail)

    def _finish(self, last: Part | None, claims: int) -> None:
        self._envelope.finish()
        if last and not last.terminated and not self._findings.fatal:
            self._add("missing_terminator", last, len(last.segs) - 1)
        if not claims and not self._findings.fatal:
            self._findings.add("no_claims")
        if self._stream:
            self._stream.close()
        self.complete = True

    def _begin(self, part: Part) -> None:
        control, version = element(part.opening, 2), code(part.opening, 3)
        self._header = _Header(
            Payment(
                len(self.payments),
                part.number,
                part.span_of(0),
                control,
                self._envelope.version or version,
            )
        )
        self._payment = None
        self._provider = self._header_number = ""

    def _end(self) -> None:
        if header := self._header:
            payment = self._payment or self._freeze()
            due = header.paid - header.moved
            total = header.payment.amount
            if not header.bpr:
                self._findings.add("missing_segment", payment.segment, *payment.span, "BPR")
            elif total is not None and total != due and not self._findings.fatal:
                self._findings.add("payment_balance", payment.segment, *payment.span)
        self._header = self._payment = None

    # Header

    def _current(self, part: Part) -> _Header:
        """The header being read; one of its own where no ST opened it."""
        if not self._header:
            self._add("outside_transaction", part)
            self._header = _Header(Payment(len(self.payments), part.number, part.span_of(0)))
            self._payment = None
        return self._header

    def _freeze(self) -> Payment:
        """The payment of the header as it stands, as it is in `payments` from then on."""
        header = self._header
        assert header  # noqa: S101  (callers hold a header)
        payment = replace(header.payment, payer=header.payer, payee=header.payee)
        self.payments[payment.order :] = [payment]
        self._payment = payment
        return payment

    def _bpr(self, part: Part) -> None:
        header = self._current(part)
        if header.bpr:
            self._add("unknown_segment", part)
            return
        if header.claims:
            self._add("out_of_order", part)
        e = part.opening
        total = amount(e, 2)
        if total is None:
            self._add("bad_number" if element(e, 2) else "missing_element", part)
        header.bpr, self._payment = True, None
        header.payment = replace(
            header.payment,
            amount=total,
            handling=code(e, 1),
            credit_debit=code(e, 3),
            method=code(e, 4),
            paid_on=self._day(e, 16, part, 0),
        )

    def _day(self, elements: list[str], position: int, part: Part, index: int) -> date | None:
        text = element(elements, position)
        day = DAY[text]
        if text and day is None:
            self._add("bad_date", part, index)
        return day

    def _n1(self, part: Part) -> None:
        header = self._current(part)
        e = part.opening
        if header.claims or code(e, 1) in header.named:
            self._add("second_header", part)
        header.named.add(code(e, 1))
        references = tuple(
            Reference(code(r, 1), element(r, 2)) for r in part.elements() if r[0] == "REF"
        )
        party = Party(element(e, 2), code(e, 3), element(e, 4), references)
        if code(e, 1) == "PR":
            header.payer = party
        elif code(e, 1) == "PE":
            header.payee = party
        else:
            self._add("unknown_segment", part)
        self._payment = None

    def _lx(self, part: Part) -> None:
        self._current(part)
        self._header_number, self._provider = element(part.opening, 1), ""

    def _ts3(self, part: Part) -> None:
        self._current(part)
        self._provider = element(part.opening, 1)

    def _ts2(self, part: Part) -> None:
        self._current(part)

    # Money

    def _plb(self, part: Part) -> None:
        header = self._current(part)
        payment = self._payment or self._freeze()
        e = part.opening
        span = part.span_of(0)
        day = self._day(e, 2, part, 0)
        for at in range(3, len(e), 2):
            value = AMOUNT[e[at + 1]] if at + 1 < len(e) else None
            if value is None:
                if element(e, at) or (at + 1 < len(e) and element(e, at + 1)):
                    self._add("bad_number", part)
                continue
            reason = components(element(e, at), part.separators.component)
            if not code(reason, 0):
                self._add("bad_code", part)
            header.moved += value
            self.provider_adjustments.append(
                ProviderAdjustment(
                    payment.order,
                    element(e, 1),
                    day,
                    code(reason, 0),
                    plain(part.separators.component.join(reason[1:])),
                    value,
                    part.number,
                    span,
                )
            )


_HANDLERS: dict[str, Callable[[Remittance, Part], None]] = {
    "BPR": Remittance._bpr,
    "N1": Remittance._n1,
    "LX": Remittance._lx,
    "TS3": Remittance._ts3,
    "TS2": Remittance._ts2,
    "PLB": Remittance._plb,
}


def read_remittance(file: bytes | BinaryIO | Path, name: str = "") -> Remittance:
    """Open a remittance: bytes, an open binary file, or a path (closed with its last claim)."""
    if isinstance(file, bytes):
        return Remittance(io.BytesIO(file), name)
    if isinstance(file, Path):
        return Remittance(file.open("rb"), name or file.name, close=True)
    return Remittance(file, name)
