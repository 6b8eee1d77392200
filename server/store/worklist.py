"""The worklist: pages of lines, one line whole, sums, and what an extension asks by hash."""

from __future__ import annotations

import base64
import binascii
import heapq
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, or_, select

from server.facts import Patient
from server.store.engine import Store
from server.store.errors import NotThereError, StoreError
from server.store.lines import NO_DEADLINE, lookup_keys
from server.store.sealing import Sealer, place
from server.store.tables import lines, matches, tallies

Scope = frozenset[str]
Sort = Literal["due", "-due", "amount", "-amount", "produced", "-produced", "priority", "id", "-id"]
SORTS: tuple[Sort, ...] = (
    "due",
    "-due",
    "amount",
    "-amount",
    "produced",
    "-produced",
    "priority",
    "id",
    "-id",
)
"""`due`: by last day, the earliest first; `priority`: the highest first, then by last day."""

MAX_LIMIT = 500
MOST_LOOKED_UP = 10_000
"""Lines of one claim, member or name that are looked at."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines; what is empty does not narrow. All conditions hold together."""

    states: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    payers: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    procedure: str = ""
    open_only: bool = True
    """Only `ready`, `appeal`, `waiting`, `review`; of no effect where `states` names others."""
    due_from: date | None = None
    due_to: date | None = None
    """Last day in this span, both ends included."""
    assignee: str | None = None
    """None: anyone's; "": nobody's."""
    assignees: tuple[str, ...] = ()
    """Any of these logins ("" among them: nobody's too)."""
    worked: bool | None = None
    amount_from: Decimal | None = None
    claim: str = ""
    member_id: str = ""
    last_name: str = ""
    """Looked for whole, by blind index; capitals, spaces and punctuation do not count."""


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


@dataclass(frozen=True, slots=True)
class _Key:
    """One column of an order."""

    column: Any
    down: bool


_ID = _Key(lines.c.id, False)
_ID_DOWN = _Key(lines.c.id, True)
_ORDERS: dict[str, tuple[_Key, ...]] = {
    "due": (_Key(lines.c.due, False), _ID),
    "-due": (_Key(lines.c.due, True), _ID_DOWN),
    "amount": (_Key(lines.c.amount, False), _ID_DOWN),
    "-amount": (_Key(lines.c.amount, True), _ID),
    "produced": (_Key(lines.c.produced, False), _ID),
    "-produced": (_Key(lines.c.produced, True), _ID_DOWN),
    "priority": (_Key(lines.c.priority, True), _Key(lines.c.due, False), _ID),
    "id": (_ID,),
    "-id": (_ID_DOWN,),
}
# The partial indexes are found by this very expression.
_OPEN: ColumnElement[bool] = literal_column("lines.open")
_OPEN_NAMES = frozenset({"ready", "appeal", "waiting", "review"})


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
    order = _ORDERS[sort]
    start = _read_cursor(after, sort, order) if after else None
    parts = []
    with store.reading() as connection:
        # Practice by practice, so that each is read along its index, then merged.
        for practice in sorted(scope):
            query = _query(practice, _narrowed(connection, store.sealer, practice, wanted))
            if sort.lstrip("-") == "produced":
                query = query.where(lines.c.produced.is_not(None))
            if start is not None:
                query = query.where(_beyond(order, start))
            query = query.order_by(
                *(key.column.desc() if key.down else key.column.asc() for key in order)
            )
            parts.append(connection.execute(query.limit(limit + 1)).all())
    rows = list(heapq.merge(*parts, key=lambda row: _sort_key(row, order)))
    more = len(rows) > limit
    shown = rows[:limit]
    cursor = _cursor(shown[-1], sort, order) if more else None
    return Page(tuple(_row(store.sealer, row) for row in shown), cursor)


_SHOWN = [column for column in lines.c if column.name not in ("detail", "digest", "claim_key")]


def _query(practice: str, narrowed: Sequence[ColumnElement[bool]]) -> Select[Any]:
    return select(*_SHOWN).where(lines.c.practice == practice, *narrowed)


def _narrowed(
    connection: Connection, sealer: Sealer, practice: str, wanted: Filter
) -> list[ColumnElement[bool]]:
    """A filter as conditions; what is looked up by blind index is asked first and alone.

    With an order and a limit beside it, a planner would rather walk the whole order until it
    meets the few lines of a claim.
    """
    keys = _keys(sealer, wanted)
    if not keys:
        return conditions(sealer, wanted)
    query = select(lines.c.id).where(lines.c.practice == practice, *keys).limit(MOST_LOOKED_UP)
    found = list(connection.scalars(query))
    rest = replace(wanted, claim="", member_id="", last_name="")
    return [lines.c.id.in_(found), *conditions(sealer, rest)]


def _keys(sealer: Sealer, wanted: Filter) -> list[ColumnElement[bool]]:
    return [
        column.in_(lookup_keys(sealer, index, text))
        for index, column, text in (
            ("claim", lines.c.claim_key, wanted.claim),
            ("member", lines.c.member_key, wanted.member_id),
            ("name", lines.c.name_key, wanted.last_name),
        )
        if text
    ]


def conditions(sealer: Sealer, wanted: Filter) -> list[ColumnElement[bool]]:
    """A filter as conditions on `lines`."""
    found: list[ColumnElement[bool]] = []
    if wanted.open_only and set(wanted.states) <= _OPEN_NAMES:
        found.append(_OPEN)
    for column, values in (
        (lines.c.state, wanted.states),
        (lines.c.reason, wanted.reasons),
        (lines.c.payer, wanted.payers),
        (lines.c.route, wanted.routes),
    ):
        if values:
            found.append(column == values[0] if len(values) == 1 else column.in_(values))
    if wanted.procedure:
        found.append(lines.c.procedure == wanted.procedure)
    if wanted.due_from:
        found.append(lines.c.due >= wanted.due_from)
    if wanted.due_to:
        found.append(lines.c.due <= wanted.due_to)
    if wanted.assignee is not None:
        found.append(lines.c.assignee == wanted.assignee)
        if wanted.assignee:
            found.append(literal_column("lines.assignee <> ''"))
    if wanted.assignees:
        found.append(lines.c.assignee.in_(wanted.assignees))
    if wanted.worked is not None:
        found.append(lines.c.worked == wanted.worked)
    if wanted.amount_from is not None:
        found.append(lines.c.amount >= wanted.amount_from)
    return found + _keys(sealer, wanted)


def _beyond(order: Sequence[_Key], start: Sequence[Any]) -> ColumnElement[bool]:
    """Rows after a place in an order."""
    steps = []
    for depth, key in enumerate(order):
        equal = [before.column == start[i] for i, before in enumerate(order[:depth])]
        further = key.column < start[depth] if key.down else key.column > start[depth]
        steps.append(and_(*equal, further))
    first = order[0]
    # The first column alone bounds the index scan.
    bound = first.column <= start[0] if first.down else first.column >= start[0]
    return and_(bound, or_(*steps))


def _sort_key(row: Any, order: Sequence[_Key]) -> tuple[Any, ...]:
    return tuple(_down(value) if key.down else value for key, value in _values(row, order))


def _values(row: Any, order: Sequence[_Key]) -> Iterable[tuple[_Key, Any]]:
    for key in order:
        yield key, row._mapping[key.column]


def _down(value: Any) -> Any:
    return -value.toordinal() if isinstance(value, date) else -value


def _cursor(row: Any, sort: str, order: Sequence[_Key]) -> str:
    values = [str(value) for _, value in _values(row, order)]
    text = json.dumps([sort, *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str, order: Sequence[_Key]) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_for, *values = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if made_for != sort or len(values) != len(order):
            raise ValueError
        return [_parse(key, value) for key, value in zip(order, values, strict=True)]
    except (ValueError, TypeError, ArithmeticError, binascii.Error):
        raise StoreError("the cursor does not fit this list: begin at its first page") from None


def _parse(key: _Key, value: str) -> Any:
    name = key.column.name
    if name in ("due", "produced"):
        return date.fromisoformat(value)
    return Decimal(value) if name == "amount" else int(value)


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
                kept = kept.where(tallies.c.state.in_(_OPEN_NAMES))
            rows: Sequence[Any] = connection.execute(kept).all()
        else:
            rows = [
                row
                for practice in sorted(scope)
                for row in connection.execute(_counted(connection, store, practice, wanted))
            ]
    open_rows = [row for row in rows if row.state in _OPEN_NAMES]
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
        .where(
            lines.c.practice == practice,
            *_narrowed(connection, store.sealer, practice, wanted),
        )
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
