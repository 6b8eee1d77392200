"""Sums for a look at everything: dollars by state, payer, week and days left; rates; durations.

Read from sums that are kept in step with the lines (`tallies`), and from the latest lines of each
milestone: the time of a page, however many lines there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from server.store.engine import Store
from server.store.line_columns import NO_DEADLINE
from server.store.tables import counters, day_sums, lines, tallies
from server.store.tallies import ANSWERS, CLAIMS
from server.store.worklist import Scope

WEEKS = 26
_MOST_TIMED = 1000
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


def figures(store: Store, scope: Scope, today: date, zone: ZoneInfo) -> Figures:
    """The figures of these practices on a day, in the practice's time zone."""
    with store.reading() as connection:
        kept = connection.execute(
            select(tallies).where(tallies.c.practice.in_(sorted(scope)))
        ).all()
        days = _by_day(connection, scope)
        counted = _counted(connection, scope)
        return Figures(
            states=_states(kept),
            payers=_payers(kept),
            days=tuple(_days(days["due"], today)),
            weeks=_weeks(days, today),
            lasted=tuple(_durations(connection, scope, zone)),
            answers=counted.get(ANSWERS, 0),
            denied_claims=counted.get(CLAIMS, 0),
            denied=sum((row.amount for row in kept), Decimal("0.00")),
            recovered=sum((row.recovered for row in kept), Decimal("0.00")),
        )


_Days = dict[date, tuple[int, Decimal]]
"""Lines and US dollars by day."""


def _by_day(connection: Connection, scope: Scope) -> dict[str, _Days]:
    found: dict[str, _Days] = {"due": {}, "denied": {}, "paid": {}}
    for row in connection.execute(select(day_sums).where(day_sums.c.practice.in_(sorted(scope)))):
        held = found[row.what]
        many, amount = held.get(row.day, (0, Decimal("0.00")))
        held[row.day] = (many + int(row.lines), amount + row.amount)
    return found


def _counted(connection: Connection, scope: Scope) -> dict[str, int]:
    query = (
        select(counters.c.name, func.sum(counters.c.value))
        .where(counters.c.practice.in_(sorted(scope)), counters.c.name.in_((ANSWERS, CLAIMS)))
        .group_by(counters.c.name)
    )
    return {name: int(value) for name, value in connection.execute(query)}


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


def _days(due: _Days, today: date) -> Iterable[Bar]:
    for name, low, high in _EDGES:
        yield _bar(
            name,
            (
                sums
                for day, sums in due.items()
                if day < NO_DEADLINE
                and (low is None or (day - today).days >= low)
                and (high is None or (day - today).days <= high)
            ),
        )
    yield _bar("Not known", (sums for day, sums in due.items() if day >= NO_DEADLINE))


def _bar(name: str, sums: Iterable[tuple[int, Decimal]]) -> Bar:
    many, total = 0, Decimal("0.00")
    for held, amount in sums:
        many, total = many + held, total + amount
    return Bar(name, many, total)


def _weeks(days: dict[str, _Days], today: date) -> tuple[Week, ...]:
    first = _monday(today) - timedelta(weeks=WEEKS - 1)
    sums: dict[date, list[Any]] = {
        first + timedelta(weeks=number): [0, Decimal("0.00"), Decimal("0.00")]
        for number in range(WEEKS)
    }
    for day, (many, amount) in days["denied"].items():
        if held := sums.get(_monday(day)):
            held[0] += many
            held[1] += amount
    for day, (_, amount) in days["paid"].items():
        if held := sums.get(_monday(day)):
            held[2] += amount
    return tuple(Week(monday, *held) for monday, held in sums.items())


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _durations(connection: Connection, scope: Scope, zone: ZoneInfo) -> Iterable[Lasted]:
    """From step to step, of the lines that came so far last."""
    c = lines.c
    for name, begin, end, latest in (
        ("From denial to ready", c.denied_on, c.ready_at, c.ready_at),
        ("From ready to sent again", c.ready_at, c.sent_on, c.sent_on),
        ("From sent again to paid", c.sent_on, c.produced, c.paid_at),
        ("From denial to paid", c.denied_on, c.produced, c.paid_at),
    ):
        spans: list[int] = []
        for practice in sorted(scope):
            query = (
                select(begin, end)
                .where(c.practice == practice, latest.is_not(None))
                .order_by(latest.desc())
                .limit(_MOST_TIMED)
            )
            for first, last in connection.execute(query):
                if first is not None and last is not None:
                    spans.append((_day(last, zone) - _day(first, zone)).days)
        good = [span for span in spans if span >= 0]
        yield Lasted(name, median(good) if good else None, len(good))


def _day(value: date | datetime, zone: ZoneInfo) -> date:
    return value.astimezone(zone).date() if isinstance(value, datetime) else value
