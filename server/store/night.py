"""What changed since a moment: the sums a morning report is made of. Counts and dollars only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal_column, select

from server.store.columns import from_cents
from server.store.engine import Store
from server.store.tables import lines

SOON_DAYS = 14
_OPEN: ColumnElement[bool] = literal_column("lines.open")


@dataclass(frozen=True, slots=True)
class Count:
    """So many lines, worth so much (US dollars at stake; for paid ones what the payer pays)."""

    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Night:
    """What a morning asks."""

    since: datetime
    newly_ready: Count
    newly_paid: Count
    new: Count
    """Lines with a 107 never seen before."""
    due_soon: Count
    """Open lines whose last day is within 14 days, or gone."""

    @property
    def nothing_changed(self) -> bool:
        """Whether no line became ready, was paid, or is new."""
        return not (self.newly_ready.lines or self.newly_paid.lines or self.new.lines)


def changes(store: Store, scope: frozenset[str], since: datetime, today: date) -> Night:
    """What changed in these practices since a moment (aware)."""
    with store.reading() as connection:
        return Night(
            since=since,
            newly_ready=_count(
                connection, scope, lines.c.state == "ready", lines.c.ready_at >= since
            ),
            newly_paid=_count(connection, scope, lines.c.paid_at >= since, of=lines.c.paid),
            new=_count(connection, scope, lines.c.first_seen >= since),
            due_soon=_count(
                connection, scope, _OPEN, lines.c.due <= today + timedelta(days=SOON_DAYS)
            ),
        )


def _count(
    connection: Connection,
    scope: frozenset[str],
    *where: ColumnElement[bool],
    of: Any = lines.c.amount,
) -> Count:
    query = select(func.count(), func.sum(of)).where(lines.c.practice.in_(sorted(scope)), *where)
    found, total = connection.execute(query).one()
    if total is None:
        return Count(int(found), Decimal("0.00"))
    return Count(int(found), total if isinstance(total, Decimal) else from_cents(int(total)))
