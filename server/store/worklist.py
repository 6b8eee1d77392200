"""The worklist: pages of lines, one line whole, sums, and what an extension asks by hash."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, func, select

from server.facts import Patient
from server.store.engine import Store
from server.store.errors import NotThereError
from server.store.filtering import (
    ORDERS,
    SORTS,
    Filter,
    Sort,
    Stretch,
    conditions,
    cursor_of,
    narrowed,
    ordered,
    read_cursor,
    sort_key,
    stretches,
)
from server.store.line_columns import NO_DEADLINE, OPEN_STATES
from server.store.sealing import Sealer, place
from server.store.tables import lines, matches, tallies

__all__ = [
    "MAX_LIMIT",
    "SORTS",
    "Filter",
    "LineDetail",
    "LineRow",
    "Page",
    "Scope",
    "Sort",
    "Sum",
    "Totals",
    "conditions",
    "line",
    "line_in",
    "match",
    "page",
    "some",
    "totals",
]

Scope = frozenset[str]


MAX_LIMIT = 500


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line as a list shows it."""

    id: int
    practice: str
    claim: str
    payer_claim_control_number: str
    line_control: str
    payer: str
    payer_name: str
    patient: Patient
    procedure: str
    modifiers: tuple[str, ...]
    units: Decimal | None
    first_day: date | None
    last_day: date | None
    charge: Decimal | None
    amount: Decimal
    groups: tuple[str, ...]
    carcs: tuple[str, ...]
    rarcs: tuple[str, ...]
    denied_on: date | None
    """Production date of the first answer with a 107."""
    produced: date | None
    """Production date of the latest answer."""
    sent_on: date | None
    paid: Decimal
    state: str
    reason: str
    route: str
    deadline: date | None
    missing: tuple[str, ...]
    recovered: Decimal
    as_of: date
    first_seen: datetime
    changed_at: datetime
    priority: int
    assignee: str
    worked: bool
    open: bool


@dataclass(frozen=True, slots=True)
class LineDetail:
    """One line whole. `detail` holds the decision's steps and evidence as JSON."""

    row: LineRow
    cohort: int
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, and the cursor of the next page: None after the last."""

    rows: tuple[LineRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Sum:
    """Lines and dollars under one heading."""

    key: str
    name: str
    lines: int
    amount: Decimal
    recovered: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """What there is, by state, reason and payer; the latter two of open lines."""

    states: tuple[Sum, ...]
    reasons: tuple[Sum, ...]
    payers: tuple[Sum, ...]


def page(
    store: Store,
    scope: Scope,
    wanted: Filter | None = None,
    sort: Sort = "due",
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of lines of these practices; raises StoreError for a cursor that is not ours."""
    wanted = wanted or Filter()
    limit = max(1, min(limit, MAX_LIMIT))
    order = ORDERS[sort]
    start = read_cursor(after, sort, order) if after else None
    rows: list[Any] = []
    with store.reading() as connection:
        for stretch in stretches(sort, order, start):
            if len(rows) <= limit:
                rows += _stretch(connection, store.sealer, scope, wanted, stretch, limit + 1)
    more = len(rows) > limit
    shown = rows[:limit]
    cursor = cursor_of(shown[-1], sort, order) if more else None
    return Page(tuple(_row(store.sealer, row) for row in shown), cursor)


def _stretch(
    connection: Connection,
    sealer: Sealer,
    scope: Scope,
    wanted: Filter,
    stretch: Stretch,
    limit: int,
) -> Iterator[Any]:
    """Rows of one stretch of an order, as many as asked for."""
    parts: list[Sequence[Any]] = []
    # Practice by practice, so that each is read along its index, then merged.
    for practice in sorted(scope):
        conditions_here, by_ids = narrowed(connection, sealer, practice, wanted)
        query = select(*_SHOWN).where(*conditions_here, *stretch.conditions())
        if by_ids:
            found = connection.execute(query).all()
            parts.append(sorted(found, key=lambda row: sort_key(row, stretch.order)))
            continue
        query = query.order_by(*ordered(wanted, stretch.order))
        parts.append(connection.execute(query.limit(limit)).all())
    return islice(heapq.merge(*parts, key=lambda row: sort_key(row, stretch.order)), limit)


_SHOWN = [column for column in lines.c if column.name not in ("detail", "digest", "claim_key")]


def _row(sealer: Sealer, row: Any) -> LineRow:
    head = sealer.unseal_json(row.sealed, place("lines", row.practice, row.identity))
    born = head["birth_date"]
    return LineRow(
        id=row.id,
        practice=row.practice,
        claim=head["claim"],
        payer_claim_control_number=head["pccn"],
        line_control=head["line_control"],
        payer=row.payer,
        payer_name=row.payer_name,
        patient=Patient(
            head["member_id"],
            head["last_name"],
            head["first_name"],
            date.fromisoformat(born) if born else None,
        ),
        procedure=row.procedure,
        modifiers=tuple(row.modifiers.split()),
        units=None if head["units"] is None else Decimal(head["units"]),
        first_day=row.first_day,
        last_day=row.last_day,
        charge=row.charge,
        amount=row.amount,
        groups=tuple(row.groups.split()),
        carcs=tuple(row.carcs.split()),
        rarcs=tuple(row.rarcs.split()),
        denied_on=row.denied_on,
        produced=row.produced,
        sent_on=row.sent_on,
        paid=row.paid,
        state=row.state,
        reason=row.reason,
        route=row.route,
        deadline=None if row.due == NO_DEADLINE else row.deadline,
        missing=tuple(row.missing.split()),
        recovered=row.recovered,
        as_of=row.as_of,
        first_seen=row.first_seen,
        changed_at=row.changed_at,
        priority=row.priority,
        assignee=row.assignee,
        worked=row.worked,
        open=row.open,
    )


def line(store: Store, scope: Scope, number: int) -> LineDetail:
    """One line; raises NotThereError outside the scope."""
    with store.reading() as connection:
        return line_in(connection, store, scope, number)


def line_in(connection: Connection, store: Store, scope: Scope, number: int) -> LineDetail:
    """As `line`, on an open connection."""
    query = select(*_SHOWN, lines.c.detail).where(lines.c.id == number, lines.c.practice.in_(scope))
    row = connection.execute(query).first()
    if row is None:
        raise NotThereError(f"no line {number}")
    where = place("lines.detail", row.practice, row.identity)
    return LineDetail(
        _row(store.sealer, row), row.cohort, store.sealer.unseal_json(row.detail, where)
    )


def some(store: Store, scope: Scope, numbers: Collection[int]) -> list[LineRow]:
    """Those of these lines that the scope holds, by id."""
    with store.reading() as connection:
        query = (
            select(*_SHOWN)
            .where(lines.c.id.in_(sorted(numbers)), lines.c.practice.in_(scope))
            .order_by(lines.c.id)
        )
        rows = connection.execute(query).all()
    return [_row(store.sealer, row) for row in rows]


def match(store: Store, scope: Scope, hashes: Collection[bytes]) -> dict[bytes, list[LineRow]]:
    """The lines of each hash (`lines.match_hash`) that the scope holds."""
    found: dict[bytes, list[LineRow]] = {}
    with store.reading() as connection:
        query = (
            select(matches.c.hash, *_SHOWN)
            .join(lines, lines.c.id == matches.c.line)
            .where(matches.c.practice.in_(scope), matches.c.hash.in_(set(hashes)))
            .order_by(lines.c.id)
        )
        for row in connection.execute(query):
            found.setdefault(row.hash, []).append(_row(store.sealer, row))
    return found


def totals(store: Store, scope: Scope, wanted: Filter | None = None) -> Totals:
    """Lines and dollars by state, reason and payer: from the kept sums, or counted for a filter."""
    with store.reading() as connection:
        if wanted is None or wanted == Filter(open_only=wanted.open_only):
            kept = select(tallies).where(tallies.c.practice.in_(scope))
            if wanted is not None and wanted.open_only:
                kept = kept.where(tallies.c.state.in_(OPEN_STATES))
            rows: Sequence[Any] = connection.execute(kept).all()
        else:
            rows = [
                row
                for practice in sorted(scope)
                for row in connection.execute(_counted(connection, store, practice, wanted))
            ]
    open_rows = [row for row in rows if row.state in OPEN_STATES]
    return Totals(
        _sums(rows, "state"),
        _sums(open_rows, "reason"),
        _sums(open_rows, "payer", "payer_name"),
    )


def _counted(connection: Connection, store: Store, practice: str, wanted: Filter) -> Select[Any]:
    return (
        select(
            lines.c.state,
            lines.c.reason,
            lines.c.payer,
            func.max(lines.c.payer_name).label("payer_name"),
            func.count().label("lines"),
            func.sum(lines.c.amount).label("amount"),
            func.sum(lines.c.recovered).label("recovered"),
        )
        .where(*narrowed(connection, store.sealer, practice, wanted)[0])
        .group_by(lines.c.state, lines.c.reason, lines.c.payer)
    )


def _sums(rows: Sequence[Any], key: str, name: str = "") -> tuple[Sum, ...]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        heading = row._mapping[key]
        held = found.setdefault(heading, ["", 0, Decimal(0), Decimal(0)])
        held[0] = row._mapping[name or key]
        held[1] += int(row.lines)
        held[2] += row.amount
        held[3] += row.recovered
    return tuple(
        Sum(heading, *held)
        for heading, held in sorted(found.items(), key=lambda item: (-item[1][2], item[0]))
    )
