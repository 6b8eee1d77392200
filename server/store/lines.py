"""Lines with a 107: what was decided for each, as a worklist asks for it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from server.facts import Patient
from server.store import practices
from server.store.bulk import add, chunks, upsert
from server.store.engine import Store, now
from server.store.facts import canonical
from server.store.sealing import BLIND_BYTES, Sealer, place
from server.store.tables import lines, matches, tallies

NO_DEADLINE = date(9999, 12, 31)
OPEN_STATES = frozenset({"ready", "appeal", "waiting", "review"})
"""States that ask something of a person; in the others the payer is to answer, or it is over."""


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One line as decided: what the worklist shows, sorts and filters by."""

    claim: str
    payer: str
    """The id of the payer's rules, else its first id, else its name: what lines are grouped by."""
    payer_name: str
    patient: Patient
    payer_claim_control_number: str
    line_control: str
    procedure: str
    modifiers: tuple[str, ...]
    first_day: date | None
    last_day: date | None
    units: Decimal | None
    charge: Decimal | None
    amount: Decimal
    groups: tuple[str, ...]
    carcs: tuple[str, ...]
    rarcs: tuple[str, ...]
    denied_on: date | None
    """Production date of the first answer with a 107."""
    produced: date | None
    """Production date of the latest answer."""
    state: str
    reason: str
    route: str
    deadline: date | None
    as_of: date
    missing: tuple[str, ...] = ()
    """Procedures of the service that is missing, or was found."""
    sent_on: date | None = None
    """When it was last sent again or appealed."""
    paid: Decimal = Decimal(0)
    recovered: Decimal = Decimal(0)
    """Paid on a later remittance for a line that was sent again."""
    occurrence: int = 1
    """Of lines of one claim that nothing else tells apart, from 1."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Steps and evidence, as JSON."""


@dataclass(frozen=True, slots=True)
class Written:
    """What an upsert did: how many lines there are, and the ids of the new or changed ones."""

    lines: int
    changed: tuple[int, ...]


def _identity_text(one: LineRecord) -> str:
    day = one.first_day.isoformat() if one.first_day else ""
    return "\x1f".join(
        (
            one.payer,
            one.claim,
            one.procedure,
            " ".join(sorted(one.modifiers)),
            day,
            one.line_control,
            str(one.occurrence),
        )
    )


def _head(one: LineRecord) -> dict[str, Any]:
    """What tells who it is: sealed, and opened for a page of lines."""
    patient = one.patient
    return {
        "claim": one.claim,
        "pccn": one.payer_claim_control_number,
        "line_control": one.line_control,
        "member_id": patient.member_id,
        "last_name": patient.last_name,
        "first_name": patient.first_name,
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        "units": None if one.units is None else str(one.units),
    }


def claim_key(sealer: Sealer, claim: str) -> bytes:
    """The blind index of a claim number."""
    return sealer.blind("line claim", canonical(claim))


def lookup_keys(sealer: Sealer, index: str, text: str) -> list[bytes]:
    """What to look for: `index` is `claim`, `member` or `name`."""
    return sealer.blinds(f"line {index}", canonical(text))


def _optional_key(sealer: Sealer, index: str, text: str) -> bytes | None:
    found = canonical(text)
    return sealer.blind(f"line {index}", found) if found else None


def _columns(
    sealer: Sealer, practice: str, cohort: int, one: LineRecord
) -> tuple[dict[str, Any], _Digests]:
    """A row, and the digests (one for each known key) under which the same stands already."""
    head = _head(one)
    clear: dict[str, Any] = {
        "practice": practice,
        "cohort": cohort,
        "payer": one.payer[:80],
        "payer_name": one.payer_name,
        "procedure": one.procedure[:48],
        "modifiers": " ".join(one.modifiers)[:40],
        "first_day": one.first_day,
        "last_day": one.last_day,
        "charge": one.charge,
        "amount": one.amount,
        "groups": " ".join(one.groups),
        "carcs": " ".join(one.carcs),
        "rarcs": " ".join(one.rarcs),
        "denied_on": one.denied_on,
        "produced": one.produced,
        "sent_on": one.sent_on,
        "paid": one.paid,
        "state": one.state,
        "reason": one.reason,
        "route": one.route,
        "deadline": one.deadline,
        "due": one.deadline or NO_DEADLINE,
        "missing": " ".join(one.missing),
        "recovered": one.recovered,
        "open": one.state in OPEN_STATES,
    }
    plain = json.dumps([clear, head], default=str, sort_keys=True)
    # What a rotation needs to make identity and digest anew.
    head |= {"identity": _identity_text(one), "sum": hashlib.sha256(plain.encode()).hexdigest()}
    row = clear | {"as_of": one.as_of} | sealed_columns(sealer, practice, head, one.detail)
    return row, _Digests(
        sealer.blinds("line digest", head["sum"]),
        sealer.blinds("line detail", _detail_sum(one.detail)),
    )


def _detail_sum(detail: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(dict(detail), sort_keys=True).encode()).hexdigest()


KEYED = ("identity", "claim_key", "member_key", "name_key", "digest", "sealed", "detail")
"""The columns `sealed_columns` gives."""


def sealed_columns(
    sealer: Sealer, practice: str, head: Mapping[str, Any], detail: Mapping[str, Any]
) -> dict[str, Any]:
    """The columns that depend on the key: blind indexes, digest, and what is sealed."""
    identity = sealer.blind("line", head["identity"])
    return {
        "identity": identity,
        "claim_key": claim_key(sealer, head["claim"]),
        "member_key": _optional_key(sealer, "member", head["member_id"]),
        "name_key": _optional_key(sealer, "name", head["last_name"]),
        "digest": sealer.blind("line digest", head["sum"])
        + sealer.blind("line detail", _detail_sum(detail)),
        "sealed": sealer.seal_json(dict(head), place("lines", practice, identity)),
        "detail": sealer.seal_json(dict(detail), place("lines.detail", practice, identity)),
    }


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
    same_as: list[_Digests] = []
    for cohort, records in decided.items():
        for one in records:
            row, digests = _columns(store.sealer, practice, cohort, one)
            coming.append(row)
            same_as.append(digests)
            heads.append(one)
    standing = _standing(connection, practice, decided)
    plan = _plan(store.sealer, coming, heads, same_as, standing)
    moment = now()
    for row in plan.changed:
        row["changed_at"] = moment
    for row in plan.new:
        row["first_seen"] = row["changed_at"] = moment
    _drop(connection, [row.id for row in plan.gone])
    _update(connection, plan.changed)
    _retell(connection, plan.retold)
    add(connection, lines, plan.new)
    _set_day(connection, plan.same)
    ids = _ids_of(connection, practice, plan.new)
    numbered = [*plan.changed_ids, *ids.values()]
    _write_matches(connection, store, practice, coming, heads, plan, ids)
    _tally(connection, practice, plan)
    if numbered or plan.gone:
        practices.touch(connection, practice)
    return Written(len(coming), tuple(sorted(numbered)))


@dataclass(frozen=True, slots=True)
class _Digests:
    """Of what was decided, and of how it is told, under each known key."""

    decision: Collection[bytes]
    detail: Collection[bytes]


@dataclass(slots=True)
class _Plan:
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    changed_ids: list[int] = field(default_factory=list)
    before: list[Any] = field(default_factory=list)
    """What stood for the changed ones and the gone."""
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
        ).where(lines.c.practice == practice, lines.c.cohort.in_(part))
        rows.extend(connection.execute(query))
    return rows


def _plan(
    sealer: Sealer,
    coming: Sequence[dict[str, Any]],
    records: Sequence[LineRecord],
    same_as: Sequence[_Digests],
    standing: Sequence[Any],
) -> _Plan:
    """What to insert, change, tell anew, leave and drop."""
    by_identity = {row.identity: row for row in standing}
    plan = _Plan()
    unmatched = []
    for position, (row, record) in enumerate(zip(coming, records, strict=True)):
        candidates = sealer.blinds("line", _identity_text(record))
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


def match_hash(secret: bytes, number: str) -> bytes:
    """How an extension asks for a claim: 16 bytes of HMAC-SHA-256 of the canonical number."""
    return hmac.digest(secret, canonical_number(number).encode(), "sha256")[:16]


def canonical_number(number: str) -> str:
    """A claim number as it is hashed: upper case, A-Z and 0-9 only."""
    return "".join(letter for letter in number.upper() if letter.isascii() and letter.isalnum())


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


def _tally(connection: Connection, practice: str, plan: _Plan) -> None:
    """Keep the sums by state, reason and payer in step."""
    sums: dict[tuple[str, str, str], list[Any]] = {}

    def count(row: Mapping[str, Any], sign: int) -> None:
        key = (row["state"], row["reason"], row["payer"])
        held = sums.setdefault(key, [row["payer_name"], 0, Decimal(0), Decimal(0)])
        held[1] += sign
        held[2] += sign * row["amount"]
        held[3] += sign * row["recovered"]

    for row in plan.before:
        count(row._mapping, -1)
    for row in (*plan.new, *plan.changed):
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


def rebuild_tallies(connection: Connection, practice: str) -> None:
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
