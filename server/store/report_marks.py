"""When a practice's morning report was last sent: what the next one counts from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from server.store.bulk import upsert
from server.store.engine import Store
from server.store.web_tables import report_marks


def last(store: Store, scope: Collection[str]) -> datetime | None:
    """The earliest of the practices' last reports; None where none of them had one."""
    query = select(func.min(report_marks.c.at)).where(report_marks.c.practice.in_(sorted(scope)))
    with store.reading() as connection:
        found: datetime | None = connection.scalar(query)
    return found


def move(store: Store, scope: Collection[str], at: datetime) -> None:
    """A report of these practices was sent."""
    rows = [{"practice": practice, "at": at} for practice in sorted(scope)]
    with store.writing() as connection:
        upsert(connection, report_marks, rows, ["practice"])
