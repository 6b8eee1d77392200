"""Exports: the screen's filter, true types, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from server.facts import Patient
from server.store import audit
from server.web.exports import COLUMNS, harmless
from tests.api.house import House, line
from tests.web.conftest import Visitor

Visit = Callable[..., Visitor]
NAMES = [name for name, _ in COLUMNS]


def as_csv(me: Visitor, query: str = "") -> list[dict[str, str]]:
    me.get(f"/export.csv?{query}")
    assert me.answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(me.answer.data.decode("utf-8-sig"))))


def as_xlsx(me: Visitor, query: str = "") -> list[dict[str, Any]]:
    me.get(f"/export.xlsx?{query}")
    sheet = load_workbook(io.BytesIO(me.answer.data))["Lines"]
    first, *rest = sheet.iter_rows()
    assert [cell.value for cell in first] == NAMES
    return [dict(zip(NAMES, row, strict=True)) for row in rest]


def test_the_same_lines_as_on_the_screen(house: House, visit: Visit) -> None:
    house.add_lines([line(f"C-{number}") for number in range(3)])
    house.add_lines([line("C-9", state="appeal", reason="primary_paid_same_claim")])
    me = visit()
    assert [row["Claim"] for row in as_csv(me)] == ["C-0", "C-1", "C-2", "C-9"]
    assert [row["Claim"] for row in as_csv(me, "state=appeal")] == ["C-9"]
    assert [row["Claim"] for row in as_csv(me, "q=C-1")] == ["C-1"]
    assert [row["Claim"].value for row in as_xlsx(me, "state=appeal")] == ["C-9"]


def test_ids_are_text_dates_are_dates_and_dollars_numbers(house: House, visit: Visit) -> None:
    house.add_lines([line("000123", payer_claim_control_number="20260101000000000001")])
    (row,) = as_xlsx(visit())
    assert (row["Claim"].value, row["Claim"].data_type) == ("000123", "s")
    assert row["Payer claim number"].value == "20260101000000000001"
    assert row["Procedure"].data_type == "s"
    assert row["First day"].value == datetime(2026, 3, 2)  # noqa: DTZ001
    assert row["First day"].number_format == "yyyy-mm-dd"
    assert row["Birth date"].value == datetime(1971, 5, 9)  # noqa: DTZ001
    assert (float(row["Amount"].value), row["Amount"].data_type) == (1150.0, "n")
    (plain,) = as_csv(visit())
    assert plain["Claim"] == "000123"
    assert plain["Last day"] == "2026-09-16"
    assert plain["Amount"] == "1150.00"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_nothing_is_taken_for_a_formula(house: House, visit: Visit, begin: str) -> None:
    evil = begin + 'cmd|"/c calc"!A1'
    assert harmless(evil).startswith("'")
    house.add_lines(
        [line("C-1", payer_name=evil, patient=Patient("M1", evil, "x", date(1970, 1, 1)))]
    )
    me = visit()
    (row,) = as_csv(me)
    assert row["Payer"].startswith("'" + begin)
    assert row["Last name"].startswith("'" + begin)
    (row,) = as_xlsx(me)
    assert row["Payer"].data_type == "s"
    assert row["Payer"].value.startswith("'")


def test_it_is_put_on_the_trail(house: House, visit: Visit) -> None:
    (number,) = house.add_lines([line()])
    as_csv(visit())
    as_xlsx(visit())
    rows = [
        row for row in audit.rows(house.store, frozenset({"north"})) if row.what == "lines.export"
    ]
    assert sorted(row.detail["form"] for row in rows) == ["csv", "xlsx"]
    assert all(row.detail["lines"] == [number] and row.who == "biller" for row in rows)


def test_more_than_a_page_is_all_there(house: House, visit: Visit) -> None:
    house.add_lines([line(f"C-{number:04}") for number in range(1203)])
    assert len(as_csv(visit())) == 1203
