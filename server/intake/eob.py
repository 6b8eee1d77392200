"""Hand-entered EOBs: a CSV (or a form's rows) with one line of a payer's answer a row.

Columns: `payer_name` or `payer_id`, `claim`, `payer_claim_control_number`, `status` (`CLP02`),
`produced` (the EOB's date), `member_id`, `last_name`, `first_name`, `birth_date`, `billing_npi`,
`rendering_npi`, `procedure`, `modifiers` (parted by blanks), `units`, `charge`, `paid`, `allowed`,
`first_day`, `last_day`, `line_control`, `adjustments` (`CO 107 1150.00; PR 1 20.00`), `remarks`
(parted by blanks), `trace`. Those of `EOB_COLUMNS` must be there, the others may be left out. Rows
of one claim, control number, status and date are one answer, its lines in their order; a row
without procedure bears adjustments and remarks of the whole claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from server.facts import Adjudication, Adjustment, ClaimAdjudication, Patient, Payer
from server.tables.rows import Row, TableError, parse_amount, read_rows

EOB_COLUMNS = ("claim", "produced", "procedure", "charge", "paid", "adjustments")
_ONE_ANSWER = (
    "claim",
    "payer_id",
    "payer_name",
    "payer_claim_control_number",
    "status",
    "produced",
    "trace",
)
_STATUSES = frozenset(map(str, (1, 2, 3, 4, 5, 10, 13, 15, 16, 17, 19, 20, 21, 22, 23, 25, 27)))
_GROUPS = frozenset({"CO", "PR", "OA", "PI", "CR"})
_CARC = re.compile(r"[A-Z]?[0-9]{1,3}")


def read_eobs(content: bytes, name: str) -> list[ClaimAdjudication]:
    """The answers of a CSV, all or none; raises TableError naming row and column."""
    answers = _answers(read_rows(content, name, EOB_COLUMNS))
    if not answers:
        raise TableError(f"{name}: no row stands below the header")
    return answers


def answers_of(rows: Iterable[Mapping[str, str]], name: str) -> list[ClaimAdjudication]:
    """The answers of a form's rows, numbered from 1; raises TableError naming row and column."""
    return _answers(Row(name, number, row, "") for number, row in enumerate(rows, start=1))


def _answers(rows: Iterable[Row]) -> list[ClaimAdjudication]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        _check(row)
        groups.setdefault(tuple(row.text(column) for column in _ONE_ANSWER), []).append(row)
    return [_answer(group, order) for order, group in enumerate(groups.values())]


def _check(row: Row) -> None:
    for column in ("claim", "produced"):
        if not row.text(column):
            raise row.error(column, "is empty")
    if not row.text("payer_id") and not row.text("payer_name"):
        raise row.error("payer_name", "is empty, and so is payer_id")
    if row.text("status") and row.text("status") not in _STATUSES:
        raise row.error("status", "is no claim status (1, 2, 3, 4, 19, 20, 21, 22, 23, 25 ...)")


def _adjustments(row: Row) -> tuple[Adjustment, ...]:
    found = []
    for part in row.code("adjustments").split(";"):
        words = part.replace("-", " ", 1).split()
        if not words:
            continue
        amount = parse_amount(words[2]) if len(words) == 3 else None
        if amount is None or words[0] not in _GROUPS or not _CARC.fullmatch(words[1]):
            raise _no_adjustment(row)
        found.append(Adjustment(words[0], words[1], amount))
    return tuple(found)


def _no_adjustment(row: Row) -> TableError:
    return row.error("adjustments", "is not as `CO 107 1150.00; PR 1 20.00`")


def _line(row: Row, order: int) -> Adjudication:
    procedure = row.code("procedure")
    modifiers = row.modifiers("modifiers")
    first = row.day("first_day")
    return Adjudication(
        procedure=procedure,
        modifiers=modifiers,
        submitted_procedure=procedure,
        submitted_modifiers=modifiers,
        units=row.amount("units", Decimal(1)),
        charge=row.amount("charge"),
        paid=row.amount("paid", Decimal(0)),
        allowed=row.amount("allowed") if row.text("allowed") else None,
        first_day=first,
        last_day=row.day("last_day") or first,
        line_control=row.text("line_control"),
        rendering_npi=row.text("rendering_npi"),
        adjustments=_adjustments(row),
        remarks=row.modifiers("remarks"),
        order=order,
        source=row.source("hand"),
    )


def _answer(rows: list[Row], order: int) -> ClaimAdjudication:
    first = rows[0]
    lined = [row for row in rows if row.text("procedure")]
    lines = tuple(_line(row, number) for number, row in enumerate(lined))
    paid = [row.amount("paid", Decimal(0)) for row in rows]
    whole = [row for row in rows if not row.text("procedure")]
    return ClaimAdjudication(
        claim=first.text("claim"),
        payer=Payer(tuple(filter(None, [first.text("payer_id")])), first.text("payer_name")),
        payer_claim_control_number=first.text("payer_claim_control_number"),
        status=first.text("status") or ("1" if any(paid) else "4"),
        charge=sum((row.amount("charge", Decimal(0)) for row in rows), Decimal(0)),
        paid=sum(paid, Decimal(0)),
        patient=Patient(
            first.text("member_id"),
            first.code("last_name"),
            first.code("first_name"),
            first.day("birth_date"),
        ),
        produced=first.day("produced"),
        order=order,
        billing_npi=first.text("billing_npi"),
        rendering_npi=first.text("rendering_npi"),
        adjustments=tuple(one for row in whole for one in _adjustments(row)),
        remarks=tuple(dict.fromkeys(code for row in whole for code in row.modifiers("remarks"))),
        lines=lines,
        trace=first.text("trace"),
        source=first.source("hand"),
    )
