"""Lines and dollars by state, reason and payer, kept in step with the lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from server.store.bulk import add
from server.store.tables import lines, tallies


def tally(
    connection: Connection,
    practice: str,
    before: Iterable[Mapping[str, Any]],
    after: Iterable[Mapping[str, Any]],
) -> None:
    """Keep the sums by state, reason and payer in step."""
    sums: dict[tuple[str, str, str], list[Any]] = {}

    def count(row: Mapping[str, Any], sign: int) -> None:
        key = (row["state"], row["reason"], row["payer"])
        held = sums.setdefault(key, [row["payer_name"], 0, Decimal(0), Decimal(0)])
        held[1] += sign
        held[2] += sign * row["amount"]
        held[3] += sign * row["recovered"]

    for row in before:
        count(row, -1)
    for row in after:
        count(row, 1)
    rows = [
        {
            "practice": practice,
            "state": state,
            "reason": reason,
            "payer": payer,
            "payer_name": name,
            "lines": number,
            "amount": amount,
            "recovered": recovered,
        }
        for (state, reason, payer), (name, number, amount, recovered) in sums.items()
    ]
    _add_tallies(connection, rows)


def _add_tallies(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        key = [tallies.c[name] == row[name] for name in ("practice", "state", "reason", "payer")]
        done = connection.execute(
            update(tallies)
            .where(*key)
            .values(
                payer_name=row["payer_name"],
                lines=tallies.c.lines + row["lines"],
                amount=tallies.c.amount + row["amount"],
                recovered=tallies.c.recovered + row["recovered"],
            )
        )
        if not done.rowcount:
            add(connection, tallies, [row])
    connection.execute(delete(tallies).where(tallies.c.lines == 0))


def rebuild(connection: Connection, practice: str) -> None:
    """Count the sums anew from the lines."""
    connection.execute(delete(tallies).where(tallies.c.practice == practice))
    counted = (
        select(
            lines.c.practice,
            lines.c.state,
            lines.c.reason,
            lines.c.payer,
            func.max(lines.c.payer_name),
            func.count(),
            func.sum(lines.c.amount),
            func.sum(lines.c.recovered),
        )
        .where(lines.c.practice == practice)
        .group_by(lines.c.practice, lines.c.state, lines.c.reason, lines.c.payer)
    )
    names = ["practice", "state", "reason", "payer", "payer_name", "lines", "amount", "recovered"]
    connection.execute(insert(tallies).from_select(names, counted))
