"""Sums kept in step with the lines: by state, reason and payer; by day; claims and answers.

An overview reads them in the time of a page, however many lines there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    Select,
    Table,
    delete,
    distinct,
    func,
    insert,
    literal,
    select,
    update,
)

from server.facts import ClaimAdjudication
from server.store.bulk import add
from server.store.records import KINDS
from server.store.tables import counters, day_sums, facts, lines, tallies

What = Literal["due", "denied", "paid"]
CLAIMS = "claims"
"""Counter: claims that bear a 107."""
ANSWERS = "answers"
"""Counter: payers' answers for claims."""


def tally(
    connection: Connection,
    practice: str,
    before: Collection[Mapping[str, Any]],
    after: Collection[Mapping[str, Any]],
) -> None:
    """Keep the sums by state, reason and payer, and those by day, in step."""
    sums: dict[tuple[str, str, str], list[Any]] = {}
    days: dict[tuple[What, date], list[Any]] = {}
    for rows, sign in ((before, -1), (after, 1)):
        for row in rows:
            key = (row["state"], row["reason"], row["payer"])
            held = sums.setdefault(key, [row["payer_name"], 0, Decimal(0), Decimal(0)])
            held[1] += sign
            held[2] += sign * row["amount"]
            held[3] += sign * row["recovered"]
            for what, day, amount in _days(row):
                kept = days.setdefault((what, day), [0, Decimal(0)])
                kept[0] += sign
                kept[1] += sign * amount
    _add(
        connection,
        tallies,
        ("practice", "state", "reason", "payer"),
        [
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
        ],
    )
    _add(
        connection,
        day_sums,
        ("practice", "what", "day"),
        [
            {"practice": practice, "what": what, "day": day, "lines": number, "amount": amount}
            for (what, day), (number, amount) in days.items()
            if number or amount
        ],
    )


def _days(row: Mapping[str, Any]) -> Iterator[tuple[What, date, Decimal]]:
    """Under which days a line is summed, and with how much."""
    if row["open"]:
        yield "due", row["due"], row["amount"]
    if row["denied_on"]:
        yield "denied", row["denied_on"], row["amount"]
    if row["produced"] and row["recovered"]:
        yield "paid", row["produced"], row["recovered"]


def _add(
    connection: Connection, table: Table, key: Sequence[str], rows: Sequence[dict[str, Any]]
) -> None:
    for row in rows:
        here = [table.c[name] == row[name] for name in key]
        added = {
            name: table.c[name] + row[name]
            for name in ("lines", "amount", "recovered")
            if name in row
        }
        named = {"payer_name": row["payer_name"]} if "payer_name" in row else {}
        done = connection.execute(update(table).where(*here).values(added | named))
        if not done.rowcount:
            add(connection, table, [row])
        elif row["lines"] < 0:
            connection.execute(delete(table).where(*here, table.c.lines == 0))


def count(connection: Connection, practice: str, name: str, more: int) -> None:
    """Move a counter; needs the practice's lock."""
    if more:
        key = (counters.c.practice == practice, counters.c.name == name)
        done = connection.execute(
            update(counters).where(*key).values(value=counters.c.value + more)
        )
        if not done.rowcount:
            add(connection, counters, [{"practice": practice, "name": name, "value": more}])


def rebuild(connection: Connection, practice: str) -> None:
    """Count everything anew from the lines and facts."""
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
    _rebuild_days(connection, practice)
    _recount(
        connection,
        practice,
        CLAIMS,
        select(func.count(distinct(lines.c.claim_key))).where(lines.c.practice == practice),
    )
    _recount(
        connection,
        practice,
        ANSWERS,
        select(func.count()).where(
            facts.c.practice == practice, facts.c.kind == KINDS[ClaimAdjudication]
        ),
    )


def _rebuild_days(connection: Connection, practice: str) -> None:
    connection.execute(delete(day_sums).where(day_sums.c.practice == practice))
    for what, day, amount, counts in (
        ("due", lines.c.due, lines.c.amount, lines.c.open),
        ("denied", lines.c.denied_on, lines.c.amount, lines.c.denied_on.is_not(None)),
        (
            "paid",
            lines.c.produced,
            lines.c.recovered,
            lines.c.produced.is_not(None) & (lines.c.recovered != Decimal(0)),
        ),
    ):
        summed = (
            select(lines.c.practice, literal(what), day, func.count(), func.sum(amount))
            .where(lines.c.practice == practice, counts)
            .group_by(lines.c.practice, day)
        )
        names = ["practice", "what", "day", "lines", "amount"]
        connection.execute(insert(day_sums).from_select(names, summed))


def _recount(connection: Connection, practice: str, name: str, query: Select[int]) -> None:
    connection.execute(
        delete(counters).where(counters.c.practice == practice, counters.c.name == name)
    )
    count(connection, practice, name, int(connection.scalar(query) or 0))
