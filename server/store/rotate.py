"""Another key: every sealed value is sealed anew and every blind index made anew, in batches.

Each batch is one transaction that also notes how far it came, so that a run that was cut off goes
on from there. In between both keys are known: the new one seals, both open, and a lookup tries the
index of each. When all is done the old key's links go, and the old key with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, delete, insert, select, update

from server.store import facts as fact_store
from server.store import records
from server.store.bulk import upsert
from server.store.engine import Store, key_row
from server.store.errors import StoreError
from server.store.line_columns import KEYED, claim_key, sealed_columns
from server.store.sealing import MasterKey, Sealer, place
from server.store.sweep_tables import accounts, visits
from server.store.tables import (
    document_parts,
    documents,
    events,
    facts,
    lines,
    links,
    packets,
    pairing_codes,
    people,
    practices,
    replies,
    rotation_steps,
    store_keys,
)
from server.store.ties import canonical, link_texts

BATCH = 500


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far a run is: rows of a table sealed anew so far."""

    name: str
    rows: int


Where = Callable[[Any], bytes]
Work = Callable[[Connection, Sealer, Sequence[Any]], None]


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    table: Table
    work: Work
    columns: tuple[Column[Any], ...]


def sealed_column(table: Table, column: str, where: Where, *needs: str) -> _Step:
    """A step for a column that is sealed and nothing else depends on.

    `where` gives a row's place from its primary key, practice (if any) and the columns it `needs`.
    """
    keys = list(table.primary_key.columns)

    def work(connection: Connection, sealer: Sealer, rows: Sequence[Any]) -> None:
        again = [
            {f"k_{key.name}": row._mapping[key] for key in keys}
            | {"fresh": sealer.seal(sealer.unseal(row._mapping[table.c[column]], at), at)}
            for row in rows
            if row._mapping[table.c[column]] is not None
            for at in [where(row)]
        ]
        _write(connection, table, again, {column: "fresh"})

    practice = [table.c.practice] if "practice" in table.c else []
    shown = {one.name: one for one in (*keys, *practice, *(table.c[name] for name in needs))}
    return _Step(f"{table.name}.{column}", table, work, (*shown.values(), table.c[column]))


def _write(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
) -> None:
    if rows:
        keys = [key == bindparam(f"k_{key.name}") for key in table.primary_key.columns]
        values: dict[str, Any] = {column: bindparam(name) for column, name in names.items()}
        connection.execute(update(table).where(*keys).values(values), list(rows))


def _documents(connection: Connection, sealer: Sealer, rows: Sequence[Any]) -> None:
    again = []
    for row in rows:
        said = sealer.unseal_json(row.sealed, place("documents", row.practice, row.identity))
        identity = sealer.blind("document", said["digest"])
        sealed = sealer.seal_json(said, place("documents", row.practice, identity))
        again.append({"k_id": row.id, "identity_": identity, "sealed_": sealed})
    _write(connection, documents, again, {"identity": "identity_", "sealed": "sealed_"})


def _facts(connection: Connection, sealer: Sealer, rows: Sequence[Any]) -> None:
    again: list[dict[str, Any]] = []
    tied: list[dict[str, Any]] = []
    key_id = sealer.active.key_id.hex()
    for row in rows:
        raw = sealer.unseal(row.sealed, place("facts", row.practice, row.identity))
        fact = records.decode(row.kind, raw)
        tied.extend(
            {
                "practice": row.practice,
                "link": sealer.blind("link", text),
                "key_id": key_id,
                "cohort": row.cohort,
            }
            for text in sorted(link_texts(fact))
        )
        identity = fact_store.identity_again(sealer, fact, row.identity)
        sealed = sealer.seal(raw, place("facts", row.practice, identity))
        again.append({"k_id": row.id, "identity_": identity, "sealed_": sealed})
        if row.kind == _MARK and identity != row.identity:
            connection.execute(
                update(events)
                .where(events.c.fact_identity == row.identity)
                .values(fact_identity=identity)
            )
    _write(connection, facts, again, {"identity": "identity_", "sealed": "sealed_"})
    upsert(connection, links, tied, ("practice", "link"))


_MARK = next(number for number, kind in records.TYPES.items() if kind.__name__ == "Mark")


def _lines(connection: Connection, sealer: Sealer, rows: Sequence[Any]) -> None:
    again = []
    names = KEYED
    for row in rows:
        head = sealer.unseal_json(row.sealed, place("lines", row.practice, row.identity))
        detail = sealer.unseal_json(row.detail, place("lines.detail", row.practice, row.identity))
        fresh = sealed_columns(sealer, row.practice, head, detail)
        again.append({"k_id": row.id} | {f"{name}_": fresh[name] for name in names})
    _write(connection, lines, again, {name: f"{name}_" for name in names})


def _packets(connection: Connection, sealer: Sealer, rows: Sequence[Any]) -> None:
    again = []
    for row in rows:
        note = sealer.unseal_json(row.sealed, place("packets", row.practice, row.digest))
        contents = sealer.unseal(row.files, place("packets.files", row.practice, row.digest))
        digest = sealer.blind("packet", note["sum"])
        again.append(
            {
                "k_id": row.id,
                "claim_key_": claim_key(sealer, note["claim"]),
                "digest_": digest,
                "sealed_": sealer.seal_json(note, place("packets", row.practice, digest)),
                "files_": sealer.seal(contents, place("packets.files", row.practice, digest)),
            }
        )
    names = ("claim_key", "digest", "sealed", "files")
    _write(connection, packets, again, {name: f"{name}_" for name in names})


def _visits(connection: Connection, sealer: Sealer, rows: Sequence[Any]) -> None:
    again = []
    for row in rows:
        ref = sealer.unseal_json(
            row.sealed, place("visits", row.practice, row.sweep.encode() + row.claim_key)
        )
        key = sealer.blind("visit", canonical(ref["claim"]))
        sealed = sealer.seal_json(ref, place("visits", row.practice, row.sweep.encode() + key))
        again.append({"k_id": row.id, "claim_key_": key, "sealed_": sealed})
    _write(connection, visits, again, {"claim_key": "claim_key_", "sealed": "sealed_"})


STEPS: list[_Step] = [
    sealed_column(practices, "match_secret", lambda row: place("practices", row.id, "match")),
    _Step("documents", documents, _documents, tuple(documents.c)),
    sealed_column(
        document_parts,
        "sealed",
        lambda row: place("document_parts", row.owner, f"{row.document}/{row.number}"),
    ),
    _Step("facts", facts, _facts, tuple(facts.c)),
    _Step("lines", lines, _lines, tuple(lines.c)),
    sealed_column(events, "sealed", lambda row: place("events", row.practice, row.line), "line"),
    _Step("packets", packets, _packets, tuple(packets.c)),
    sealed_column(people, "totp", lambda row: place("people", "", row.id)),
    sealed_column(accounts, "session", lambda row: place("accounts", row.practice, row.id)),
    _Step("visits", visits, _visits, tuple(visits.c)),
    sealed_column(visits, "skeleton", lambda row: place("visit skeletons", row.practice, row.id)),
]
"""Every table that holds something sealed. A new one is added here."""


def rotate(store: Store, new: MasterKey, tell: Callable[[Rotation], None]) -> int:
    """Seal the whole store under `new`; how many rows that were. Goes on where it was cut off.

    The store must know the key it is sealed with and may know the new one already.
    """
    if not _begin(store, new):
        return 0
    total = 0
    for step in STEPS:
        total += _run(store, step, tell)
    _end(store, new)
    return total


def _begin(store: Store, new: MasterKey) -> bool:
    """Make the new key the active one; False where it is the only one already."""
    name = new.key_id.hex()
    with store.writing() as connection:
        known = {row.key_id: row.state for row in connection.execute(select(store_keys))}
        if set(known) == {name}:
            return False
        if known.get(name) != "active":
            if "retiring" in known.values():
                raise StoreError("another key's rotation is not done: finish that one first")
            connection.execute(update(store_keys).values(state="retiring"))
            connection.execute(insert(store_keys).values(**key_row(new)))
            connection.execute(delete(rotation_steps))
            # Short-lived, and their hashes cannot be made anew.
            connection.execute(delete(pairing_codes))
            connection.execute(delete(replies))
    store.sealer.learn(new)
    store.sealer.use(new.key_id)
    return True


def _run(store: Store, step: _Step, tell: Callable[[Rotation], None]) -> int:
    done = 0
    while True:
        with store.writing() as connection:
            # Nobody gathers cohorts while links are made anew.
            connection.execute(select(practices.c.id).with_for_update()).all()
            after, finished = _progress(connection, step.name)
            if finished:
                return done
            rows = _rows(connection, step, after)
            step.work(connection, store.sealer, rows)
            last = _place_of(step.table, rows[-1]) if rows else after
            upsert(
                connection,
                rotation_steps,
                [{"name": step.name, "after": last, "done": len(rows) < BATCH}],
                ("name",),
            )
        done += len(rows)
        tell(Rotation(step.name, done))


def _progress(connection: Connection, name: str) -> tuple[str, bool]:
    row = connection.execute(select(rotation_steps).where(rotation_steps.c.name == name)).first()
    return (row.after, row.done) if row is not None else ("", False)


def _rows(connection: Connection, step: _Step, after: str) -> Sequence[Any]:
    keys = list(step.table.primary_key.columns)
    query = select(*step.columns).order_by(*keys).limit(BATCH)
    if step.table is document_parts:
        owner = documents.c.practice.label("owner")
        query = query.add_columns(owner).join(
            documents, documents.c.id == document_parts.c.document
        )
    if after:
        start = after.split("\x1f")
        values = [key.type.python_type(one) for key, one in zip(keys, start, strict=True)]
        query = query.where(_after(keys, values))
    return connection.execute(query).all()


def _after(keys: Sequence[Column[Any]], values: Sequence[Any]) -> Any:
    condition = keys[-1] > values[-1]
    for key, value in reversed(list(zip(keys[:-1], values[:-1], strict=True))):
        condition = (key > value) | ((key == value) & condition)
    return condition


def _place_of(table: Table, row: Any) -> str:
    return "\x1f".join(str(row._mapping[key]) for key in table.primary_key.columns)


def _end(store: Store, new: MasterKey) -> None:
    name = new.key_id.hex()
    with store.writing() as connection:
        connection.execute(delete(links).where(links.c.key_id != name))
        connection.execute(delete(store_keys).where(store_keys.c.key_id != name))
        connection.execute(delete(rotation_steps))
