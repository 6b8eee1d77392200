"""Interchange, group and transaction: what opens must close, counted and numbered alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from server.x12.findings import Findings
from server.x12.parts import Part
from server.x12.values import amount, code, element

NAMES = ("ISA", "GS", "ST", "SE", "GE", "IEA")


class _Open(NamedTuple):
    """An envelope segment that waits for its closing one."""

    control: str
    number: int
    span: tuple[int, int]


class Envelope:
    """Follows `NAMES` through a file and reports what does not fit.

    `begin` is called with each `ST` part of the wanted kind, `end` when it is over, closed or not.
    """

    def __init__(
        self,
        findings: Findings,
        wanted: str,
        begin: Callable[[Part], None],
        end: Callable[[], None],
    ) -> None:
        self._findings = findings
        self._wanted = wanted
        self._begin = begin
        self._end = end
        self._interchange: _Open | None = None
        self._group: _Open | None = None
        self._transaction: _Open | None = None
        self._groups = self._transactions = 0
        self._seen = False
        self._seen_other = False
        self.other = False
        """Whether a transaction of another kind is open, to be passed over."""
        self.version = ""
        """`GS08` of the group."""
        self.group_date = ""
        """`GS04` of the group."""

    def read(self, name: str, part: Part) -> None:
        """Take one envelope segment (`name` is one of `NAMES`)."""
        _READ[name](self, part)

    def finish(self) -> None:
        """The end of the file: what is still open was cut off."""
        self._close_interchange()
        if self._seen_other and not self._seen:
            self._findings.add("wrong_transaction")

    def add(self, code_: str, part: Part, detail: str = "") -> None:
        """A finding at the part's opening segment."""
        self._findings.add(code_, part.number, *part.span_of(0), detail)

    def _cut_off(self, opened: _Open, detail: str) -> None:
        self._findings.add("truncated", opened.number, *opened.span, detail)

    def _isa(self, part: Part) -> None:
        self._close_interchange()
        self._interchange = _Open(element(part.opening, 13), part.number, part.span_of(0))
        self._groups = 0

    def _close_interchange(self) -> None:
        self._close_group()
        if self._interchange:
            self._cut_off(self._interchange, "ISA without IEA")
            self._interchange = None

    def _close_group(self) -> None:
        self._close_transaction()
        if self._group:
            self._findings.add("missing_ge", self._group.number, *self._group.span)
            self._group = None

    def _close_transaction(self) -> None:
        if self._transaction:
            self._cut_off(self._transaction, "ST without SE")
            self._over()

    def _over(self) -> None:
        if not self.other:
            self._end()
        self._transaction = None
        self.other = False

    def _gs(self, part: Part) -> None:
        self._close_group()
        e = part.opening
        self._group = _Open(element(e, 6), part.number, part.span_of(0))
        self.version, self.group_date = code(e, 8), element(e, 4)
        self._groups += 1
        self._transactions = 0

    def _st(self, part: Part) -> None:
        self._close_transaction()
        e = part.opening
        self._transaction = _Open(element(e, 2), part.number, part.span_of(0))
        self._transactions += 1
        self.other = code(e, 1) != self._wanted
        if self.other:
            self._seen_other = True
            return
        self._seen = True
        if self._interchange and not self._group:
            self.add("missing_gs", part)
        self._begin(part)

    def _se(self, part: Part) -> None:
        opened, e = self._transaction, part.opening
        if not opened:
            self.add("outside_transaction", part)
            return
        if self.other:
            end = part.span_of(0)[1]
            self._findings.add("other_transaction", opened.number, opened.span[0], end)
        else:
            count = part.number - opened.number + 1
            if amount(e, 1) != count:
                self.add("se_count", part, f"{count} were found")
            if element(e, 2) != opened.control:
                self.add("se_control", part)
        self._over()

    def _ge(self, part: Part) -> None:
        self._close_transaction()
        if not self._group:
            self.add("unknown_segment", part)
            return
        if amount(part.opening, 1) != self._transactions:
            self.add("ge_count", part, f"{self._transactions} were found")
        if element(part.opening, 2) != self._group.control:
            self.add("ge_control", part)
        self._group = None

    def _iea(self, part: Part) -> None:
        self._close_group()
        if not self._interchange:
            self.add("unknown_segment", part)
            return
        if amount(part.opening, 1) != self._groups:
            self.add("iea_count", part, f"{self._groups} were found")
        if element(part.opening, 2) != self._interchange.control:
            if part.terminated:
                self.add("iea_control", part)
            else:
                self._cut_off(self._interchange, "IEA ends too soon")
        self._interchange = None


_READ: dict[str, Callable[[Envelope, Part], None]] = {
    "ISA": Envelope._isa,
    "GS": Envelope._gs,
    "ST": Envelope._st,
    "SE": Envelope._se,
    "GE": Envelope._ge,
    "IEA": Envelope._iea,
}
