"""Sums for a look at everything: dollars by state, payer, week and days left; rates; durations.

Read from the lines themselves: a second or two on a million of them, so the caller keeps the
answer for as long as `practices.version` stands still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Connection, distinct, func, literal_column, select

from server.store.engine import Store
from server.store.line_columns import NO_DEADLINE
from server.store.listing import dollars
from server.store.tables import facts, lines, tallies
from server.store.worklist import Scope

WEEKS = 26
_MOST_TIMED = 5000
_ADJUDICATION = 2  # `records.KINDS` of a payer's answer for one claim
_OPEN: ColumnElement[bool] = literal_column("lines.open")
_EDGES = (
    ("Past", None, -1),
    ("0 to 7 days", 0, 7),
    ("8 to 14", 8, 14),
    ("15 to 30", 15, 30),
    ("31 to 60", 31, 60),
    ("61 to 90", 61, 90),
    ("Over 90", 91, None),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """Lines and US dollars under one heading."""

    name: str
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PayerSum:
    """A payer's dollars by state."""

    payer: str
    name: str
    states: dict[str, Decimal]
    recovered: Decimal


@dataclass(frozen=True, slots=True)
class Week:
    """A week, by its Monday: what was denied in it, and what came back."""

    monday: date
    lines: int
    denied: Decimal
    recovered: Decimal


@dataclass(frozen=True, slots=True)
class Lasted:
    """How long something took: the median in days, of so many lines."""

    name: str
    days: float | None
    lines: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the overview shows."""

    states: dict[str, Bar]
    payers: tuple[PayerSum, ...]
    days: tuple[Bar, ...]
    """Open lines by days to their last day."""
    weeks: tuple[Week, ...]
    lasted: tuple[Lasted, ...]
    answers: int
    """Payers' answers for claims that were read."""
    denied_claims: int
    """Claims that bore a 107."""
    denied: Decimal
    recovered: Decimal


def figures(store: Store, scope: Scope, today: date) -> Figures:
    """The figures of these practices on a day."""
    with store.reading() as connection:
        kept = connection.execute(
            select(tallies).where(tallies.c.practice.in_(sorted(scope)))
        ).all()
        answers = connection.scalar(
            select(func.count()).where(
                facts.c.practice.in_(sorted(scope)), facts.c.kind == _ADJUDICATION
            )
        )
        claims = connection.scalar(
            select(func.count(distinct(lines.c.claim_key))).where(_of(scope))
        )
        return Figures(
            states=_states(kept),
            payers=_payers(kept),
            days=tuple(_days(connection, scope, today)),
            weeks=_weeks(connection, scope, today),
            lasted=tuple(_durations(connection, scope)),
            answers=int(answers or 0),
            denied_claims=int(claims or 0),
            denied=sum((row.amount for row in kept), Decimal("0.00")),
            recovered=sum((row.recovered for row in kept), Decimal("0.00")),
        )


def _of(scope: Scope) -> Any:
    return lines.c.practice.in_(sorted(scope))


def _states(kept: Sequence[Any]) -> dict[str, Bar]:
    found: dict[str, Bar] = {}
    for row in kept:
        held = found.get(row.state, Bar(row.state, 0, Decimal("0.00")))
        found[row.state] = Bar(row.state, held.lines + int(row.lines), held.amount + row.amount)
    return found


def _payers(kept: Sequence[Any]) -> tuple[PayerSum, ...]:
    found: dict[str, PayerSum] = {}
    for row in kept:
        held = found.get(row.payer, PayerSum(row.payer, row.payer_name, {}, Decimal("0.00")))
        states = held.states | {row.state: held.states.get(row.state, Decimal(0)) + row.amount}
        found[row.payer] = PayerSum(
            row.payer, row.payer_name, states, held.recovered + row.recovered
        )
    return tuple(sorted(found.values(), key=lambda one: (-sum(one.states.values()), one.name)))


def _days(connection: Connection, scope: Scope, today: date) -> Iterable[Bar]:
    for name, low, high in _EDGES:
        where = [_of(scope), _OPEN, lines.c.due < NO_DEADLINE]
        if low is not None:
            where.append(lines.c.due >= today + timedelta(days=low))
        if high is not None:
            where.append(lines.c.due <= today + timedelta(days=high))
        yield _bar(connection, name, where)
    yield _bar(connection, "Not known", [_of(scope), _OPEN, lines.c.due >= NO_DEADLINE])


def _bar(connection: Connection, name: str, where: list[Any]) -> Bar:
    many, total = connection.execute(
        select(func.count(), func.sum(lines.c.amount)).where(*where)
    ).one()
    return Bar(name, int(many), dollars(total))


def _weeks(connection: Connection, scope: Scope, today: date) -> tuple[Week, ...]:
    first = _monday(today) - timedelta(weeks=WEEKS - 1)
    sums: dict[date, list[Any]] = {
        first + timedelta(weeks=number): [0, Decimal("0.00"), Decimal("0.00")]
        for number in range(WEEKS)
    }
    denied = (
        select(lines.c.denied_on, func.count(), func.sum(lines.c.amount))
        .where(_of(scope), lines.c.denied_on >= first)
        .group_by(lines.c.denied_on)
    )
    for day, many, total in connection.execute(denied):
        if held := sums.get(_monday(day)):
            held[0] += int(many)
            held[1] += dollars(total)
    paid = (
        select(lines.c.produced, func.sum(lines.c.recovered))
        .where(_of(scope), lines.c.produced >= first, lines.c.recovered > Decimal(0))
        .group_by(lines.c.produced)
    )
    for day, total in connection.execute(paid):
        if held := sums.get(_monday(day)):
            held[2] += dollars(total)
    return tuple(Week(monday, *held) for monday, held in sums.items())


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _durations(connection: Connection, scope: Scope) -> Iterable[Lasted]:
    seen = [lines.c.denied_on, lines.c.first_seen]
    sent = [lines.c.denied_on, lines.c.sent_on]
    paid = [lines.c.sent_on, lines.c.produced]
    for name, columns, where in (
        ("From denial to known here", seen, lines.c.denied_on.is_not(None)),
        ("From denial to sent again", sent, lines.c.sent_on.is_not(None)),
        ("From sent again to paid", paid, lines.c.recovered > Decimal(0)),
    ):
        query = select(*columns).where(
            _of(scope), columns[0].is_not(None), columns[1].is_not(None), where
        )
        rows = connection.execute(query.order_by(lines.c.id.desc()).limit(_MOST_TIMED)).all()
        spans = [(_day(end) - begin).days for begin, end in rows]
        good = [span for span in spans if span >= 0]
        yield Lasted(name, median(good) if good else None, len(good))


def _day(value: Any) -> date:
    found: date = value.date() if hasattr(value, "date") else value
    return found
