"""What people did with a line: sent, assigned, noted, worked; with who and when, each undoable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update

from server.store import audit, practices
from server.store.engine import Store, now
from server.store.errors import NotThereError, RefusedError
from server.store.sealing import place
from server.store.tables import events, lines

Scope = frozenset[str]
Kind = Literal["sent", "assign", "note", "worked", "priority"]

# What a line holds of each kind, and what it holds where nothing was said.
_COLUMNS: dict[str, tuple[str, Any]] = {
    "assign": ("assignee", ""),
    "worked": ("worked", False),
    "priority": ("priority", 0),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a person did. `body` holds `value`, `text` or the mark, by kind."""

    id: int
    line: int
    practice: str
    kind: Kind
    at: datetime
    who: str
    body: dict[str, Any]
    undone_at: datetime | None
    undone_by: str | None


def assign(store: Store, scope: Scope, line: int, to: str, who: str) -> Event:
    """Give a line to someone ("": to nobody)."""
    return _set(store, scope, line, "assign", to.strip()[:200], who)


def worked(store: Store, scope: Scope, line: int, done: bool, who: str) -> Event:
    """Say that a line was worked, or that it was not."""
    return _set(store, scope, line, "worked", done, who)


def priority(store: Store, scope: Scope, line: int, value: int, who: str) -> Event:
    """Raise or lower a line: higher comes first."""
    return _set(store, scope, line, "priority", max(-1000, min(value, 1000)), who)


def note(store: Store, scope: Scope, line: int, text: str, who: str) -> Event:
    """Write a note on a line; raises RefusedError for an empty or endless one."""
    text = text.strip()
    if not text or len(text) > 4000:
        raise RefusedError("a note has between 1 and 4000 characters")
    with store.writing() as connection:
        practice = practice_of(connection, scope, line)
        made = add(connection, store, practice, line, "note", {"text": text}, who)
        practices.touch(connection, practice)
        audit.append(store, who, "line.note", practice, f"line {line}", event=made.id)
    return made


def _set(store: Store, scope: Scope, line: int, kind: Kind, value: Any, who: str) -> Event:
    column, _ = _COLUMNS[kind]
    with store.writing() as connection:
        practice = practice_of(connection, scope, line)
        made = add(connection, store, practice, line, kind, {"value": value}, who)
        connection.execute(
            update(lines).where(lines.c.id == line).values({column: value, "changed_at": now()})
        )
        practices.touch(connection, practice)
        audit.append(store, who, f"line.{kind}", practice, f"line {line}", event=made.id)
    return made


def practice_of(connection: Connection, scope: Scope, line: int) -> str:
    """The practice of a line; raises NotThereError outside the scope."""
    found: str | None = connection.scalar(
        select(lines.c.practice).where(lines.c.id == line, lines.c.practice.in_(scope))
    )
    if found is None:
        raise NotThereError(f"no line {line}")
    return found


def add(
    connection: Connection,
    store: Store,
    practice: str,
    line: int,
    kind: Kind,
    body: dict[str, Any],
    who: str,
    fact_identity: bytes | None = None,
) -> Event:
    """Record an event on an open transaction."""
    at = now()
    sealed = store.sealer.seal_json(body, place("events", practice, line))
    made: int = connection.execute(
        insert(events)
        .values(
            practice=practice,
            line=line,
            kind=kind,
            at=at,
            who=who[:200],
            sealed=sealed,
            fact_identity=fact_identity,
        )
        .returning(events.c.id)
    ).scalar_one()
    return Event(made, line, practice, kind, at, who[:200], body, None, None)


def history(store: Store, scope: Scope, line: int) -> list[Event]:
    """What was done with a line, the newest first; raises NotThereError outside the scope."""
    with store.reading() as connection:
        practice_of(connection, scope, line)
        query = select(events).where(events.c.line == line).order_by(events.c.id.desc())
        return [_event(store, row) for row in connection.execute(query)]


def _event(store: Store, row: Any) -> Event:
    body = store.sealer.unseal_json(row.sealed, place("events", row.practice, row.line))
    return Event(
        row.id,
        row.line,
        row.practice,
        row.kind,
        row.at,
        row.who,
        body,
        row.undone_at,
        row.undone_by,
    )


def undo(
    connection: Connection, store: Store, scope: Scope, line: int, who: str, event: int | None
) -> tuple[Event, bytes | None]:
    """Undo an event, the last standing one where none is named.

    Gives the event and, for a mark, the identity of the fact that has to go. Raises NotThereError,
    or RefusedError where it was undone already.
    """
    practice_of(connection, scope, line)
    query = select(events).where(events.c.line == line).order_by(events.c.id.desc())
    if event is None:
        query = query.where(events.c.undone_at.is_(None))
    else:
        query = query.where(events.c.id == event)
    row = connection.execute(query.limit(1)).first()
    if row is None:
        raise NotThereError(f"line {line} has nothing to undo")
    if row.undone_at is not None:
        raise RefusedError(f"event {row.id} was undone already")
    at = now()
    connection.execute(
        update(events).where(events.c.id == row.id).values(undone_at=at, undone_by=who[:200])
    )
    if row.kind in _COLUMNS:
        _restore(connection, store, row.kind, line)
    done = _event(store, row)
    undone = Event(
        done.id, line, done.practice, done.kind, done.at, done.who, done.body, at, who[:200]
    )
    return undone, row.fact_identity


def _restore(connection: Connection, store: Store, kind: str, line: int) -> None:
    """Set what the last standing event of a kind said, or what holds where there is none."""
    column, blank = _COLUMNS[kind]
    row = connection.execute(
        select(events)
        .where(events.c.line == line, events.c.kind == kind, events.c.undone_at.is_(None))
        .order_by(events.c.id.desc())
        .limit(1)
    ).first()
    value = blank if row is None else _event(store, row).body["value"]
    connection.execute(
        update(lines).where(lines.c.id == line).values({column: value, "changed_at": now()})
    )


def standing_marks(connection: Connection, identity: bytes) -> int:
    """How many standing events rest on one mark."""
    query = select(events.c.id).where(
        events.c.fact_identity == identity, events.c.undone_at.is_(None)
    )
    return len(connection.execute(query).all())
