"""The worklist as a file: CSV or XLSX, the screen's own filter, put on the audit trail."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Response, request, send_file
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from server.security.callers import current_caller, narrowed, require
from server.security.problems import conflict
from server.security.surroundings import around
from server.store import audit, worklist
from server.store.worklist import LineRow
from server.web.asked import Asked
from server.web.blueprint import blueprint
from server.web.lists import found_page
from server.web.words import code_text
from server.wording import days_left, next_step, reason_text, route_text, state_text

MOST_ROWS = 100_000
_AT_ONCE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | int | Decimal | date | None

COLUMNS: tuple[tuple[str, Callable[[LineRow, date], Value]], ...] = (
    ("Line", lambda row, _: str(row.id)),
    ("Practice", lambda row, _: row.practice),
    ("Priority", lambda row, _: row.priority),
    ("Payer", lambda row, _: row.payer_name),
    ("Last name", lambda row, _: row.patient.last_name),
    ("First name", lambda row, _: row.patient.first_name),
    ("Member id", lambda row, _: row.patient.member_id),
    ("Birth date", lambda row, _: row.patient.birth_date),
    ("Claim", lambda row, _: row.claim),
    ("Payer claim number", lambda row, _: row.payer_claim_control_number),
    ("First day", lambda row, _: row.first_day),
    ("Last day of service", lambda row, _: row.last_day),
    ("Procedure", lambda row, _: row.procedure),
    ("Modifiers", lambda row, _: " ".join(row.modifiers)),
    ("Units", lambda row, _: row.units),
    ("Charge", lambda row, _: row.charge),
    ("Amount", lambda row, _: row.amount),
    ("Group", lambda row, _: " ".join(row.groups)),
    ("CARC", lambda row, _: " ".join(map(code_text, row.carcs))),
    ("RARC", lambda row, _: " ".join(map(code_text, row.rarcs))),
    ("Missing service", lambda row, _: " ".join(row.missing)),
    ("State", lambda row, _: state_text(row.state)),
    ("Reason", lambda row, _: reason_text(row.reason)),
    ("Route", lambda row, _: route_text(row.route)),
    ("Next action", lambda row, _: next_step(row.reason)),
    ("Denied on", lambda row, _: row.denied_on),
    ("Last day", lambda row, _: row.deadline),
    ("Days left", lambda row, today: days_left(row.deadline, today)),
    ("Sent on", lambda row, _: row.sent_on),
    ("Paid", lambda row, _: row.paid),
    ("Recovered", lambda row, _: row.recovered),
    ("Assignee", lambda row, _: row.assignee),
    ("Worked", lambda row, _: "yes" if row.worked else "no"),
    ("Decided as of", lambda row, _: row.as_of),
)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before what could begin one."""
    return "'" + text if text.startswith(_FORMULA) else text


def _rows(asked: Asked) -> list[LineRow]:
    """Every line of the filter; raises a 409 Problem where there are too many for one file."""
    scope, store = narrowed(asked.practice), around().store
    wanted, page = found_page(asked, scope, None, _AT_ONCE)
    rows = list(page.rows)
    while page.next is not None:
        if len(rows) >= MOST_ROWS:
            raise conflict(f"More than {MOST_ROWS:,} lines: narrow the filter first.")
        page = worklist.page(store, scope, wanted, asked.sort, page.next, _AT_ONCE)
        rows.extend(page.rows)
    return rows


def _audited(rows: Iterable[LineRow], form: str) -> None:
    counts: dict[str, list[int]] = {}
    for row in rows:
        counts.setdefault(row.practice, []).append(row.id)
    for practice, ids in counts.items():
        audit.append(
            around().store,
            current_caller().who,
            "lines.export",
            practice,
            form=form,
            count=len(ids),
            lines=ids,
        )


@blueprint.get("/export.csv")
@require("biller", "lines:read", page=True)
def export_csv() -> Response:
    """The lines of the filter as CSV (UTF-8 with a mark that spreadsheets know it by)."""
    rows, today = _rows(Asked.read(request.args)), around().today()
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([name for name, _ in COLUMNS])
    for row in rows:
        writer.writerow([_csv(value(row, today)) for _, value in COLUMNS])
    _audited(rows, "csv")
    return Response(
        written.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="lines-{today}.csv"'},
    )


def _csv(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    return value.isoformat() if isinstance(value, date) else str(value)


@blueprint.get("/export.xlsx")
@require("biller", "lines:read", page=True)
def export_xlsx() -> Response:
    """The lines of the filter as an Excel workbook: ids are text, dates dates, dollars numbers."""
    rows, today = _rows(Asked.read(request.args)), around().today()
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Lines")
    sheet.freeze_panes = "A2"
    heads = []
    for name, _ in COLUMNS:
        head = WriteOnlyCell(sheet, name)
        head.font = Font(bold=True)
        heads.append(head)
    sheet.append(heads)
    for row in rows:
        sheet.append([_cell(sheet, value(row, today)) for _, value in COLUMNS])
    kept = io.BytesIO()
    book.save(kept)
    kept.seek(0)
    _audited(rows, "xlsx")
    return send_file(
        kept, mimetype=_XLSX, as_attachment=True, download_name=f"lines-{today}.xlsx", max_age=0
    )


def _cell(sheet: Any, value: Value) -> Any:
    if value is None:
        return None
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        # Set as text whatever it looks like: never a formula, never a number.
        cell.value = _printable(harmless(value))
        cell.data_type = "s"
        cell.number_format = "@"
    else:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        elif isinstance(value, Decimal):
            cell.number_format = "#,##0.00"
    return cell


def _printable(text: str) -> str:
    """Without the control characters that a workbook cannot hold."""
    return "".join(letter for letter in text if letter >= " ")
