"""Hand-entered EOBs: a CSV (or a form's rows) with one line of a payer's answer a row.

Columns: `payer_name` or `payer_id`, `claim`, `payer_claim_control_number`, `status` (`CLP02`),
`produced` (the EOB's date), `member_id`, `last_name`, `first_name`, `birth_date`, `billing_npi`,
`rendering_npi`, `procedure`, `modifiers` (space-separated), `units`, `charge`, `paid`, `allowed`,
`first_day`, `last_day`, `line_control`, `adjustments` (`CO 107 1150.00; PR 1 20.00`), `remarks`
(space-separated), `trace`. Those of `EOB_COLUMNS` must be there; the others may be left out. Rows
of one claim, control number, status and date are one answer, in their order.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from server.errors import UserError
from server.facts import Adjudication, Adjustment, ClaimAdjudication, Patient, Payer, Source

EOB_COLUMNS = frozenset({"claim", "produced", "procedure", "charge", "paid", "adjustments"})
KNOWN_COLUMNS = EOB_COLUMNS | {
    "payer_id",
    "payer_name",
    "payer_claim_control_number",
    "status",
    "member_id",
    "last_name",
    "first_name",
    "birth_date",
    "billing_npi",
    "rendering_npi",
    "modifiers",
    "units",
    "allowed",
    "first_day",
    "last_day",
    "line_control",
    "remarks",
    "trace",
}
_STATUSES = frozenset(map(str, (1, 2, 3, 4, 5, 10, 13, 15, 16, 17, 19, 20, 21, 22, 23, 25, 27)))
_GROUPS = frozenset({"CO", "PR", "OA", "PI", "CR"})
_CARC = re.compile(r"[A-Z]?[0-9]{1,3}")


class EobError(UserError):
    """A hand-entered EOB that cannot be used: names file, row and column, never a value."""


def read_eobs(content: bytes, name: str) -> list[ClaimAdjudication]:
    """The answers of a CSV; raises EobError that names the row and the column, no value."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise EobError(f"{name}: not UTF-8 text") from None
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise EobError(f"{name}: not a well-formed CSV") from None
    return answers_of(rows, name, hashlib.sha256(content).hexdigest())


def answers_of(
    rows: Iterable[Mapping[str | None, str | None]], name: str, digest: str = ""
) -> list[ClaimAdjudication]:
    """The answers of rows, header = row 1; raises EobError."""
    groups: dict[tuple[str, ...], list[_Row]] = {}
    for number, raw in enumerate(rows, start=2):
        row = _Row(raw, name, number)
        if row.blank():
            continue
        row.check()
        key = tuple(
            row.text(column)
            for column in (
                "claim",
                "payer_id",
                "payer_name",
                "payer_claim_control_number",
                "status",
                "produced",
                "trace",
            )
        )
        groups.setdefault(key, []).append(row)
    return [
        _answer(group, order, Source("hand", name, digest, group[0].number))
        for order, group in enumerate(groups.values())
    ]


class _Row:
    """One row, its cells read with the row and column in every complaint."""

    def __init__(self, raw: Mapping[str | None, str | None], name: str, number: int) -> None:
        self._cells = {
            (column or "").strip().lower(): value.strip() if isinstance(value, str) else ""
            for column, value in raw.items()
        }
        self._where = f"{name}: row {number}"
        self.number = number

    def blank(self) -> bool:
        return not any(self._cells.values())

    def check(self) -> None:
        for column in self._cells:
            if column not in KNOWN_COLUMNS:
                # The column's name may be a value where the header is missing.
                raise EobError(f"{self._where}: has a column that is not known")
        for column in ("claim", "produced", "charge", "paid"):
            if not self.text(column):
                raise self.bad(column, "is empty")
        if not self.text("payer_id") and not self.text("payer_name"):
            raise self.bad("payer_name", "is empty, and so is payer_id")
        if self.text("status") and self.text("status") not in _STATUSES:
            raise self.bad("status", "is no claim status (1, 2, 3, 4, 19, 20, 21, 22, 23, 25 ...)")

    def bad(self, column: str, what: str) -> EobError:
        return EobError(f"{self._where}: {column} {what}")

    def text(self, column: str) -> str:
        return self._cells.get(column, "")

    def codes(self, column: str) -> tuple[str, ...]:
        return tuple(self.text(column).upper().replace(",", " ").split())

    def day(self, column: str) -> date | None:
        text = self.text(column)
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self.bad(column, "is no date (YYYY-MM-DD)") from None

    def amount(self, column: str) -> Decimal | None:
        text = self.text(column)
        return _amount(text, self, column) if text else None

    def money(self, column: str) -> Decimal:
        return self.amount(column) or Decimal(0)


def _amount(text: str, row: _Row, column: str) -> Decimal:
    try:
        value = Decimal(text.replace("$", "").replace(",", ""))
    except InvalidOperation:
        raise row.bad(column, "is no amount") from None
    if not value.is_finite() or abs(value) > 10**12:
        raise row.bad(column, "is no amount")
    return value


def _adjustments(row: _Row) -> tuple[Adjustment, ...]:
    found = []
    for part in row.text("adjustments").upper().split(";"):
        words = part.replace("-", " ", 1).split()
        if not words:
            continue
        if len(words) != 3 or words[0] not in _GROUPS or not _CARC.fullmatch(words[1]):
            raise row.bad("adjustments", "is not as `CO 107 1150.00; PR 1 20.00`")
        found.append(Adjustment(words[0], words[1], _amount(words[2], row, "adjustments")))
    return tuple(found)


def _line(row: _Row, order: int, source: Source) -> Adjudication:
    procedure = row.text("procedure").upper()
    first = row.day("first_day")
    return Adjudication(
        procedure=procedure,
        modifiers=row.codes("modifiers"),
        submitted_procedure=procedure,
        submitted_modifiers=row.codes("modifiers"),
        units=row.amount("units") or Decimal(1),
        charge=row.money("charge"),
        paid=row.money("paid"),
        allowed=row.amount("allowed"),
        first_day=first,
        last_day=row.day("last_day") or first,
        line_control=row.text("line_control"),
        rendering_npi=row.text("rendering_npi"),
        adjustments=_adjustments(row),
        remarks=row.codes("remarks"),
        order=order,
        source=Source(source.kind, source.name, source.digest, row.number),
    )


def _answer(rows: list[_Row], order: int, source: Source) -> ClaimAdjudication:
    first = rows[0]
    lines = tuple(
        _line(row, number, source) for number, row in enumerate(rows) if row.text("procedure")
    )
    whole = tuple(
        adjustment for row in rows if not row.text("procedure") for adjustment in _adjustments(row)
    )
    return ClaimAdjudication(
        claim=first.text("claim"),
        payer=Payer(
            tuple(filter(None, [first.text("payer_id")])),
            first.text("payer_name"),
        ),
        payer_claim_control_number=first.text("payer_claim_control_number"),
        status=first.text("status") or ("1" if any(line.paid for line in lines) else "4"),
        charge=sum((row.money("charge") for row in rows), Decimal(0)),
        paid=sum((row.money("paid") for row in rows), Decimal(0)),
        patient=Patient(
            first.text("member_id"),
            first.text("last_name").upper(),
            first.text("first_name").upper(),
            first.day("birth_date"),
        ),
        produced=first.day("produced"),
        order=order,
        billing_npi=first.text("billing_npi"),
        rendering_npi=first.text("rendering_npi"),
        adjustments=whole,
        lines=lines,
        trace=first.text("trace"),
        source=source,
    )
