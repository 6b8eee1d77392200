"""No page reads all lines: the plan of every statement a page asks, on SQLite."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event

from tests.api.house import House, line
from tests.web.conftest import Visitor

PATHS = (
    "/",
    "/?state=ready",
    "/?state=review&sort=-amount",
    "/?state=resolved&whose=all&worked=all&sort=-amount",
    "/?due=14",
    "/?payer=acme",
    "/?whose=me",
    "/?whose=me&sort=-amount",
    "/?whose=all&worked=only",
    "/?whose=all&worked=all&state=all",
    "/?whose=all&worked=all&state=all&sort=-amount",
    "/?sort=priority",
    "/?sort=-produced",
    "/?q=C-1",
    "/?view=groups",
    "/lines/1",
    "/overview",
    "/payers",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_goes_by_indexes(house: House, visit: Callable[..., Visitor], path: str) -> None:
    house.add_lines([line("C-1"), line("C-2", state="review", reason="route_unknown")])
    me, asked = visit(), []

    def keep(_connection, _cursor, statement, parameters, _context, _many) -> None:
        asked.append((statement, parameters))

    event.listen(house.store.engine, "before_cursor_execute", keep)
    try:
        me.get(path)
    finally:
        event.remove(house.store.engine, "before_cursor_execute", keep)
    assert me.answer.status_code == 200
    touching = [one for one in asked if "FROM lines" in one[0] or "FROM facts" in one[0]]
    assert touching or path in ("/payers", "/?view=groups")
    with house.store.reading() as connection:
        for statement, parameters in touching:
            plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
            steps = [row[3] for row in plan]
            assert not [one for one in steps if one.startswith(("SCAN lines", "SCAN facts"))], steps
            # Sorting is for what is few: someone's own lines, those worked, one claim's.
            if not any(few in path for few in ("whose=me", "worked=only", "q=", "/lines")):
                assert not [one for one in steps if "TEMP B-TREE" in one], (statement, steps)
