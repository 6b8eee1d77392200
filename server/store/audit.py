"""The audit trail: who did what to which record, when, each row chained to the one before.

A row's hash is SHA-256 over the hash before it and its own columns, so that a change, a gap or a
row put in between shows. The head is also kept outside the database (a file in the home folder, or
syslog), so that cutting off the tail shows. Rows hold ids only, never a patient's value. Each is
its own short transaction, written before the change it tells of is committed: there is no change
without its row.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import syslog
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from server.store.engine import Store, now, plain_errors
from server.store.errors import StoreError
from server.store.tables import audit_head, audit_rows

_ANCHOR_LINE = 96


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the trail."""

    id: int
    at: datetime
    practice: str
    """"" where it concerns none or all."""
    who: str
    what: str
    target: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the whole chain found."""

    rows: int
    problem: str
    """"" where the chain holds and ends where its anchor says."""
    beyond_anchor: int = 0
    """Rows written after the anchor last moved (a process was killed in between)."""


def append(
    store: Store, who: str, what: str, practice: str = "", target: str = "", **ids: Any
) -> int:
    """Add a row and move the anchor; its number. `ids` are numbers, codes and counts only."""
    detail = json.dumps(ids, separators=(",", ":"), sort_keys=True, default=str)
    with plain_errors(), store.trail.connect() as raw:
        connection = raw.execution_options(remitlens_write=True)
        with connection.begin():
            number, head = _append(connection, (practice, who[:200], what, target, detail))
    _anchor(store, number, head)
    return number


def _append(connection: Connection, said: tuple[str, str, str, str, str]) -> tuple[int, bytes]:
    # FOR UPDATE serialises writers on PostgreSQL; on SQLite the transaction holds the write lock.
    head = connection.execute(select(audit_head).with_for_update()).one()
    number = head.last + 1
    at = now()
    practice, who, what, target, detail = said
    row_hash = _hash(head.hash, number, at, said)
    connection.execute(
        insert(audit_rows).values(
            id=number,
            at=at,
            practice=practice,
            who=who,
            what=what,
            target=target,
            detail=detail,
            previous=head.hash,
            hash=row_hash,
        )
    )
    connection.execute(update(audit_head).values(last=number, hash=row_hash))
    return number, row_hash


def _hash(previous: bytes, number: int, at: datetime, said: tuple[str, ...]) -> bytes:
    text = json.dumps([number, at.isoformat(), *said], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode()).digest()


def anchor_file(store: Store) -> Path:
    """Where the head is kept outside the database."""
    return store.home / "audit.head"


def _anchor(store: Store, number: int, head: bytes) -> None:
    if store.anchor == "syslog":
        syslog.openlog("remitlens", facility=syslog.LOG_AUTH)
        syslog.syslog(syslog.LOG_INFO, f"audit head {number} {head.hex()}")
        return
    handle = os.open(anchor_file(store), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        standing = _parse_anchor(os.pread(handle, _ANCHOR_LINE, 0))
        # Another process may have come between our commit and this line.
        if standing is None or standing[0] < number:
            os.pwrite(handle, f"{number} {head.hex()}\n".ljust(_ANCHOR_LINE).encode(), 0)
    finally:
        os.close(handle)


def _parse_anchor(raw: bytes) -> tuple[int, bytes] | None:
    words = raw.split()
    if not words:
        return None
    try:
        return int(words[0]), bytes.fromhex(words[1].decode())
    except (ValueError, IndexError, UnicodeDecodeError):
        raise StoreError("the audit trail's anchor file is damaged") from None


def anchor(store: Store) -> tuple[int, bytes] | None:
    """The head as kept in the file; None where there is none (or it goes to syslog)."""
    if store.anchor == "syslog":
        return None
    try:
        return _parse_anchor(anchor_file(store).read_bytes())
    except FileNotFoundError:
        return None


def reanchor(store: Store) -> int:
    """Set the anchor to where the chain ends now, after a restore; the row it named before."""
    before = anchor(store)
    with plain_errors(), store.trail.connect() as connection, connection.begin():
        head = connection.execute(select(audit_head)).one()
    if store.anchor == "file":
        anchor_file(store).unlink(missing_ok=True)
    if head.last:
        _anchor(store, head.last, head.hash)
    return before[0] if before else 0


def verify(store: Store, expected: tuple[int, bytes] | None = None) -> Verdict:
    """Walk the whole chain and compare its end with the anchor (or with a head from syslog)."""
    # Read before the chain: what is appended meanwhile then only lies beyond it.
    held = expected or anchor(store)
    previous, count, met = b"", 0, held is None
    with plain_errors(), store.trail.connect() as connection, connection.begin():
        query = select(audit_rows).order_by(audit_rows.c.id)
        for row in connection.execute(query.execution_options(yield_per=1000)):
            count += 1
            said = (row.practice, row.who, row.what, row.target, row.detail)
            if row.id != count:
                return Verdict(count, f"row {count} is missing")
            if row.previous != previous or row.hash != _hash(previous, row.id, row.at, said):
                return Verdict(count, f"row {row.id} was changed")
            previous = row.hash
            if held is not None and row.id == held[0]:
                if row.hash != held[1]:
                    return Verdict(count, f"row {row.id} is not the one its anchor names")
                met = True
        head = connection.execute(select(audit_head)).one()
    if not met and held is not None:
        return Verdict(count, f"the trail ends at row {count}, its anchor names row {held[0]}")
    if held is None and count and store.anchor == "file":
        return Verdict(count, "the anchor file is missing")
    if (head.last, head.hash) != (count, previous):
        return Verdict(count, f"the trail ends at row {count}, its head names row {head.last}")
    return Verdict(count, "", count - held[0] if held else 0)


def rows(
    store: Store,
    scope: frozenset[str] | None = None,
    since: date | None = None,
    until: date | None = None,
    who: str = "",
    what: str = "",
    limit: int = 100,
    before: int | None = None,
) -> list[Row]:
    """Rows, the newest first; of a scope, or all of them. `until` is the last day included."""
    return list(_rows(store, scope, since, until, who, what, limit, before))


def _rows(
    store: Store,
    scope: frozenset[str] | None,
    since: date | None,
    until: date | None,
    who: str,
    what: str,
    limit: int,
    before: int | None,
) -> Iterator[Row]:
    query = select(audit_rows).order_by(audit_rows.c.id.desc()).limit(limit)
    if scope is not None:
        query = query.where(audit_rows.c.practice.in_(scope))
    if since:
        query = query.where(audit_rows.c.at >= _midnight(since))
    if until:
        query = query.where(audit_rows.c.at < _midnight(until + timedelta(days=1)))
    if who:
        query = query.where(audit_rows.c.who == who)
    if what:
        query = query.where(audit_rows.c.what == what)
    if before is not None:
        query = query.where(audit_rows.c.id < before)
    with plain_errors(), store.trail.connect() as connection, connection.begin():
        for row in connection.execute(query):
            yield Row(
                row.id,
                row.at,
                row.practice,
                row.who,
                row.what,
                row.target,
                json.loads(row.detail),
            )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now().tzinfo)
