"""Lines with a 107: what was decided for each, as a worklist asks for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from server.store import practices
from server.store.bulk import add, chunks, upsert
from server.store.engine import Store, now
from server.store.line_columns import (
    KEYED,
    Digests,
    LineRecord,
    canonical_number,
    columns,
    identity_text,
    match_hash,
)
from server.store.sealing import BLIND_BYTES, Sealer
from server.store.tables import lines, matches
from server.store.tallies import CLAIMS, count, tally

__all__ = ["LineRecord", "Written", "canonical_number", "match_hash", "write"]


@dataclass(frozen=True, slots=True)
class Written:
    """What an upsert did: how many lines there are, and the ids of the new or changed ones."""

    lines: int
    changed: tuple[int, ...]


def write(
    connection: Connection,
    store: Store,
    practice: str,
    decided: Mapping[int, Sequence[LineRecord]],
) -> Written:
    """Put what was decided for some cohorts in the place of what stood for them.

    A line that is decided as before keeps its row, but for the day of the decision; one that is
    no longer there goes. Ids stay, also where a line's key changed or its payer got another name.
    """
    coming: list[dict[str, Any]] = []
    heads: list[LineRecord] = []
    same_as: list[Digests] = []
    for cohort, records in decided.items():
        for one in records:
            row, digests = columns(store.sealer, practice, cohort, one)
            coming.append(row)
            same_as.append(digests)
            heads.append(one)
    standing = _standing(connection, practice, decided)
    plan = _plan(store.sealer, coming, heads, same_as, standing)
    moment = now()
    for old, row in zip(plan.before, plan.changed, strict=False):
        row |= {"changed_at": moment, **_reached(row, old, moment)}
    for row in plan.new:
        row |= {"first_seen": moment, "changed_at": moment, **_reached(row, None, moment)}
    _drop(connection, [row.id for row in plan.gone])
    _update(connection, plan.changed)
    _retell(connection, plan.retold)
    add(connection, lines, plan.new)
    _set_day(connection, plan.same)
    ids = _ids_of(connection, practice, plan.new)
    numbered = [*plan.changed_ids, *ids.values()]
    _write_matches(connection, store, practice, coming, heads, plan, ids)
    before = [row._mapping for row in plan.before]
    tally(connection, practice, before, [*plan.new, *plan.changed])
    claims = {(row["cohort"], row["claim_key"]) for row in coming}
    count(
        connection, practice, CLAIMS, len(claims) - len({(r.cohort, r.claim_key) for r in standing})
    )
    if numbered or plan.gone:
        practices.touch(connection, practice)
    return Written(len(coming), tuple(sorted(numbered)))


@dataclass(slots=True)
class _Plan:
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    changed_ids: list[int] = field(default_factory=list)
    before: list[Any] = field(default_factory=list)
    """What stood for the changed ones, in their order, and then the gone."""
    retold: list[dict[str, Any]] = field(default_factory=list)
    """Decided as before, for reasons told otherwise: so many days are left."""
    same: list[tuple[int, date]] = field(default_factory=list)
    gone: list[Any] = field(default_factory=list)


def _standing(connection: Connection, practice: str, decided: Collection[int]) -> list[Any]:
    rows: list[Any] = []
    for part in chunks(sorted(decided)):
        query = select(
            lines.c.id,
            lines.c.identity,
            lines.c.digest,
            lines.c.claim_key,
            lines.c.procedure,
            lines.c.first_day,
            lines.c.as_of,
            lines.c.state,
            lines.c.reason,
            lines.c.payer,
            lines.c.payer_name,
            lines.c.amount,
            lines.c.recovered,
            lines.c.cohort,
            lines.c.open,
            lines.c.due,
            lines.c.denied_on,
            lines.c.produced,
            lines.c.sent_on,
            lines.c.ready_at,
            lines.c.paid_at,
        ).where(lines.c.practice == practice, lines.c.cohort.in_(part))
        rows.extend(connection.execute(query))
    return rows


def _plan(
    sealer: Sealer,
    coming: Sequence[dict[str, Any]],
    records: Sequence[LineRecord],
    same_as: Sequence[Digests],
    standing: Sequence[Any],
) -> _Plan:
    """What to insert, change, tell anew, leave and drop."""
    by_identity = {row.identity: row for row in standing}
    plan = _Plan()
    unmatched = []
    for position, (row, record) in enumerate(zip(coming, records, strict=True)):
        candidates = sealer.blinds("line", identity_text(record))
        old = next((by_identity.pop(c) for c in candidates if c in by_identity), None)
        if old is None:
            unmatched.append(row)
        elif old.digest[:BLIND_BYTES] in same_as[position].decision and old.cohort == row["cohort"]:
            if old.digest[BLIND_BYTES:] not in same_as[position].detail:
                plan.retold.append(row | {"row": old.id})
            elif old.as_of != row["as_of"]:
                plan.same.append((old.id, row["as_of"]))
        else:
            _replace(plan, old, row)
    # The same line under another key: its payer or control number is known better now. It keeps
    # its id, its notes and its events.
    left = {(old.claim_key, old.procedure, old.first_day): old for old in by_identity.values()}
    for row in unmatched:
        old = left.pop((row["claim_key"], row["procedure"], row["first_day"]), None)
        if old is None:
            plan.new.append(row)
        else:
            del by_identity[old.identity]
            _replace(plan, old, row)
    plan.gone = list(by_identity.values())
    plan.before.extend(plan.gone)
    return plan


def _replace(plan: _Plan, old: Any, row: dict[str, Any]) -> None:
    plan.before.append(old)
    plan.changed_ids.append(old.id)
    plan.changed.append(row | {"row": old.id})


def _reached(row: Mapping[str, Any], old: Any, moment: datetime) -> dict[str, datetime | None]:
    """When a line became ready and when it was paid, given what stood for it (None: nothing)."""
    ready_at = None if old is None else old.ready_at
    # A mark of sending that was taken back makes nothing new.
    taken_back = old is not None and old.sent_on is not None and row["sent_on"] is None
    if row["state"] == "ready" and (old is None or old.state != "ready") and not taken_back:
        ready_at = moment
    paid_at = None
    if row["state"] == "resolved":
        if old is None:
            # Paid before we ever knew of it is no news, unless we had sent it.
            paid_at = moment if row["recovered"] else None
        else:
            paid_at = old.paid_at if old.state == "resolved" else moment
    return {"ready_at": ready_at, "paid_at": paid_at}


def _drop(connection: Connection, gone: Sequence[int]) -> None:
    for part in chunks(gone):
        connection.execute(delete(lines).where(lines.c.id.in_(part)))


def _update(connection: Connection, changed: Sequence[dict[str, Any]]) -> None:
    if changed:
        names = [name for name in changed[0] if name not in ("row", "practice")]
        connection.execute(
            update(lines)
            .where(lines.c.id == bindparam("row"))
            .values({name: bindparam(name) for name in names}),
            list(changed),
        )


def _retell(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    # What depends on the key goes together: a row is sealed under one key.
    names = ("as_of", *KEYED)
    if rows:
        connection.execute(
            update(lines)
            .where(lines.c.id == bindparam("row"))
            .values({name: bindparam(name) for name in names}),
            [{name: row[name] for name in (*names, "row")} for row in rows],
        )


def _set_day(connection: Connection, same: Sequence[tuple[int, date]]) -> None:
    by_day: dict[date, list[int]] = {}
    for line, day in same:
        by_day.setdefault(day, []).append(line)
    for day, those in by_day.items():
        for part in chunks(those):
            connection.execute(update(lines).where(lines.c.id.in_(part)).values(as_of=day))


def _ids_of(
    connection: Connection, practice: str, rows: Sequence[Mapping[str, Any]]
) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for part in chunks([row["identity"] for row in rows]):
        query = select(lines.c.identity, lines.c.id).where(
            lines.c.practice == practice, lines.c.identity.in_(part)
        )
        found.update((row.identity, row.id) for row in connection.execute(query))
    return found


def _write_matches(
    connection: Connection,
    store: Store,
    practice: str,
    coming: Sequence[dict[str, Any]],
    heads: Sequence[LineRecord],
    plan: _Plan,
    ids: Mapping[bytes, int],
) -> None:
    numbers = dict(ids)
    numbers.update((row["identity"], row["row"]) for row in plan.changed)
    if not numbers:
        return
    secret = practices.match_secret_in(connection, store, practice)
    rows: list[dict[str, Any]] = []
    for row, head in zip(coming, heads, strict=True):
        line = numbers.get(row["identity"])
        if line is None:
            continue
        found = {canonical_number(head.claim), canonical_number(head.payer_claim_control_number)}
        rows.extend(
            {"practice": practice, "hash": match_hash(secret, number), "line": line}
            for number in sorted(found)
            if number.strip("0")
        )
    for part in chunks(plan.changed_ids):
        connection.execute(delete(matches).where(matches.c.line.in_(part)))
    upsert(connection, matches, rows, ("practice", "hash", "line"))
