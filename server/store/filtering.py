"""Which lines, in which order, from which place on: filters, orders and cursors as SQL."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, or_, select

from server.store.errors import StoreError
from server.store.line_columns import OPEN_STATES, lookup_keys
from server.store.sealing import Sealer
from server.store.tables import lines

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
class Key:
    """One column of an order."""

    column: Any
    down: bool


_ID = Key(lines.c.id, False)


_ID_DOWN = Key(lines.c.id, True)


ORDERS: dict[str, tuple[Key, ...]] = {
    "due": (Key(lines.c.due, False), _ID),
    "-due": (Key(lines.c.due, True), _ID_DOWN),
    "amount": (Key(lines.c.amount, False), _ID_DOWN),
    "-amount": (Key(lines.c.amount, True), _ID),
    "produced": (Key(lines.c.produced, False), _ID),
    "-produced": (Key(lines.c.produced, True), _ID_DOWN),
    "priority": (Key(lines.c.priority, True), Key(lines.c.due, False), _ID),
    "id": (_ID,),
    "-id": (_ID_DOWN,),
}


# As a cursor tells them, and no larger than a database's column holds.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CENTS = re.compile(r"-?[0-9]{1,15}\.[0-9]{2}")
_WHOLE = re.compile(r"-?[0-9]{1,18}")


# The partial indexes are found by this very expression.
_OPEN: ColumnElement[bool] = literal_column("lines.open")
_WORKED: ColumnElement[bool] = literal_column("lines.worked")


def narrowed(
    connection: Connection, sealer: Sealer, practice: str, wanted: Filter
) -> tuple[list[ColumnElement[bool]], bool]:
    """A filter within a practice as conditions, and whether they name the lines by their ids.

    What is looked up by blind index is asked first and alone, and then goes by ids alone: with the
    practice, an order or a limit beside it, a planner would rather walk the whole order until it
    meets the few lines of a claim.
    """
    keys = _keys(sealer, wanted)
    here = lines.c.practice == practice
    if not keys:
        return [here, *conditions(sealer, wanted)], False
    query = select(lines.c.id).where(here, *keys).limit(MOST_LOOKED_UP)
    found = list(connection.scalars(query))
    rest = replace(wanted, claim="", member_id="", last_name="")
    return [lines.c.id.in_(found), *conditions(sealer, rest)], True


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
    if wanted.open_only and set(wanted.states) <= OPEN_STATES:
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
    if wanted.worked:
        found.append(_WORKED)
    elif wanted.worked is not None:
        found.append(lines.c.worked == wanted.worked)
    if wanted.amount_from is not None:
        found.append(lines.c.amount >= wanted.amount_from)
    return found + _keys(sealer, wanted)


def ordered(wanted: Filter, order: Sequence[Key]) -> list[ColumnElement[Any]]:
    """An order as SQL.

    Where a filter leaves few lines (someone's own, those worked), they are looked up and sorted: a
    planner without statistics would rather walk all lines in their order until it met them.
    """
    few = bool(wanted.assignee or wanted.worked)
    return [
        column.desc() if key.down else column.asc()
        for key in order
        for column in [func.coalesce(key.column, key.column) if few else key.column]
    ]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an order: lines whose first column is known, or those where it is not."""

    order: Sequence[Key]
    start: Sequence[Any] | None
    only: ColumnElement[bool] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What bounds it."""
        bounds = [] if self.only is None else [self.only]
        return bounds if self.start is None else [*bounds, beyond(self.order, self.start)]


def stretches(sort: Sort, order: Sequence[Key], start: Sequence[Any] | None) -> list[Stretch]:
    """An order's parts from a place on. Whose day is not known comes last, whichever way it goes:
    databases differ over where such rows stand, and a list that leaves lines out loses money.
    """
    day = lines.c.produced
    if sort not in ("produced", "-produced"):
        return [Stretch(order, start)]
    unknown = Stretch(order[1:], None, day.is_(None))
    if start is not None and start[0] is None:
        return [replace(unknown, start=start[1:])]
    return [Stretch(order, start, day.is_not(None)), unknown]


def beyond(order: Sequence[Key], start: Sequence[Any]) -> ColumnElement[bool]:
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


def sort_key(row: Any, order: Sequence[Key]) -> tuple[Any, ...]:
    return tuple(_down(value) if key.down else value for key, value in _values(row, order))


def _values(row: Any, order: Sequence[Key]) -> Iterable[tuple[Key, Any]]:
    for key in order:
        yield key, row._mapping[key.column]


def _down(value: Any) -> Any:
    return -value.toordinal() if isinstance(value, date) else -value


def cursor_of(row: Any, sort: str, order: Sequence[Key]) -> str:
    values = ["" if value is None else str(value) for _, value in _values(row, order)]
    text = json.dumps([sort, *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, sort: str, order: Sequence[Key]) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_for, *values = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if made_for != sort or len(values) != len(order):
            raise ValueError
        return [_parse(key, value) for key, value in zip(order, values, strict=True)]
    except (ValueError, TypeError, ArithmeticError, binascii.Error):
        raise StoreError("the cursor does not fit this list: begin at its first page") from None


def _parse(key: Key, value: str) -> Any:
    """One value of a cursor, in the very form we write; a client may have made it up."""
    name = key.column.name
    if name == "produced" and value == "":
        return None
    form = _DAY if name in ("due", "produced") else _CENTS if name == "amount" else _WHOLE
    if not form.fullmatch(value):
        raise ValueError
    if form is _DAY:
        return date.fromisoformat(value)
    return Decimal(value) if form is _CENTS else int(value)
