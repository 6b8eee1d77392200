"""Packets as they were built: one live packet a claim, its files sealed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from server.store.bulk import chunks, upsert
from server.store.engine import Store, now
from server.store.errors import NotThereError
from server.store.line_columns import claim_key
from server.store.sealing import Sealer, place
from server.store.tables import counters, packet_lines, packets
from server.store.tables import lines as line_table
from server.store.ties import canonical

Scope = frozenset[str]


@dataclass(frozen=True, slots=True)
class Packet:
    """What was built for a claim."""

    id: int
    practice: str
    route: str
    live: bool
    made_at: datetime
    made_by: str
    lines: tuple[int, ...]
    files: tuple[str, ...]
    """File names, in order."""
    note: dict[str, Any]
    """What else was kept of it: its claim, and the charges that went in."""


def save(
    connection: Connection,
    store: Store,
    practice: str,
    cohort: int,
    claim: str,
    route: str,
    lines: Collection[int],
    files: Mapping[str, bytes],
    note: Mapping[str, Any],
    who: str,
) -> int:
    """Keep a packet as its claim's live one; the one before is live no more. Gives its id.

    The same content again is the packet that stands.
    """
    contents = {name: base64.b64encode(content).decode() for name, content in files.items()}
    summed = _sum(route, lines, files)
    note = {"claim": claim, "names": list(files), "sum": summed, **note}
    digest = store.sealer.blind("packet", summed)
    standing = connection.execute(
        select(*_HEAD).where(
            packets.c.practice == practice,
            packets.c.claim_key.in_(_claim_keys(store.sealer, claim)),
            packets.c.live,
        )
    ).first()
    if standing is not None and standing.digest in store.sealer.blinds("packet", summed):
        return int(standing.id)
    if standing is not None:
        connection.execute(update(packets).where(packets.c.id == standing.id).values(live=False))
    key = claim_key(store.sealer, claim)
    made: int = connection.execute(
        insert(packets)
        .values(
            practice=practice,
            claim_key=key,
            cohort=cohort,
            route=route,
            live=True,
            made_at=now(),
            made_by=who[:200],
            digest=digest,
            sealed=store.sealer.seal_json(note, place("packets", practice, digest)),
            files=store.sealer.seal_json(contents, place("packets.files", practice, digest)),
        )
        .returning(packets.c.id)
    ).scalar_one()
    connection.execute(
        insert(packet_lines), [{"packet": made, "line": line} for line in sorted(lines)]
    )
    return made


def _claim_keys(sealer: Sealer, claim: str) -> list[bytes]:
    return sealer.blinds("line claim", canonical(claim))


def _sum(route: str, lines: Collection[int], files: Mapping[str, bytes]) -> str:
    summed = hashlib.sha256(repr((route, sorted(lines))).encode())
    for name, content in files.items():
        summed.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return summed.hexdigest()


def standing(connection: Connection, store: Store, practice: str, claim: str) -> Packet | None:
    """A claim's live packet; None where there is none."""
    row = connection.execute(
        select(*_HEAD).where(
            packets.c.practice == practice,
            packets.c.claim_key.in_(_claim_keys(store.sealer, claim)),
            packets.c.live,
        )
    ).first()
    return None if row is None else _packet(connection, store, row)


def lines_of_claim(
    connection: Connection, store: Store, practice: str, claim: str, payer: str, state: str
) -> list[int]:
    """The lines of a claim and payer in a state: what one packet holds."""
    query = select(line_table.c.id).where(
        line_table.c.practice == practice,
        line_table.c.claim_key.in_(_claim_keys(store.sealer, claim)),
        line_table.c.payer == payer,
        line_table.c.state == state,
    )
    return list(connection.scalars(query.order_by(line_table.c.id)))


def next_number(connection: Connection, practice: str, name: str) -> int:
    """The next of a practice's numbers, from 1; needs the practice's lock."""
    key = (counters.c.practice == practice, counters.c.name == name)
    last = connection.scalar(select(counters.c.value).where(*key)) or 0
    upsert(
        connection,
        counters,
        [{"practice": practice, "name": name, "value": last + 1}],
        ("practice", "name"),
    )
    return int(last) + 1


def spent(connection: Connection, practice: str, cohorts: Iterable[int]) -> list[int]:
    """Live packets none of whose lines still needs them: neither ready, nor in appeal, nor sent."""
    needed = (
        select(packet_lines.c.packet)
        .join(line_table, line_table.c.id == packet_lines.c.line)
        .where(
            line_table.c.state.in_(("ready", "appeal")) | line_table.c.sent_on.is_not(None),
            packet_lines.c.packet == packets.c.id,
        )
        .exists()
    )
    found: list[int] = []
    for part in chunks(sorted(cohorts)):
        query = select(packets.c.id).where(
            packets.c.practice == practice, packets.c.cohort.in_(part), packets.c.live, ~needed
        )
        found.extend(connection.scalars(query))
    return found


def live(store: Store, scope: Scope, line: int) -> Packet | None:
    """The live packet that holds a line; None where there is none."""
    with store.reading() as connection:
        row = connection.execute(
            select(*_HEAD)
            .join(packet_lines, packet_lines.c.packet == packets.c.id)
            .where(packet_lines.c.line == line, packets.c.practice.in_(scope), packets.c.live)
        ).first()
        return None if row is None else _packet(connection, store, row)


def notes(
    connection: Connection, store: Store, practice: str, cohorts: Iterable[int]
) -> list[dict[str, Any]]:
    """What is noted of the live packets of some cohorts: a charge in one counts as billed."""
    found: list[dict[str, Any]] = []
    for part in chunks(sorted(cohorts)):
        query = select(packets.c.practice, packets.c.digest, packets.c.sealed).where(
            packets.c.practice == practice, packets.c.cohort.in_(part), packets.c.live
        )
        found.extend(_note(store, row) for row in connection.execute(query))
    return found


_HEAD = [column for column in packets.c if column.name != "files"]


def _packet(connection: Connection, store: Store, row: Any) -> Packet:
    note = _note(store, row)
    numbers = connection.scalars(
        select(packet_lines.c.line)
        .where(packet_lines.c.packet == row.id)
        .order_by(packet_lines.c.line)
    )
    return Packet(
        row.id,
        row.practice,
        row.route,
        row.live,
        row.made_at,
        row.made_by,
        tuple(numbers),
        tuple(note["names"]),
        note,
    )


def _note(store: Store, row: Any) -> dict[str, Any]:
    note: dict[str, Any] = store.sealer.unseal_json(
        row.sealed, place("packets", row.practice, row.digest)
    )
    return note


def packet(store: Store, scope: Scope, number: int) -> Packet:
    """A packet by its id; raises NotThereError outside the scope."""
    with store.reading() as connection:
        return _packet(connection, store, _one(connection, scope, number))


def files(store: Store, scope: Scope, number: int) -> dict[str, bytes]:
    """A packet's files; raises NotThereError outside the scope."""
    with store.reading() as connection:
        row = _one(connection, scope, number)
        sealed = connection.scalar(select(packets.c.files).where(packets.c.id == number))
    where = place("packets.files", row.practice, row.digest)
    contents = store.sealer.unseal_json(sealed or b"", where)
    return {name: base64.b64decode(content) for name, content in contents.items()}


def _one(connection: Connection, scope: Scope, number: int) -> Any:
    row = connection.execute(
        select(*_HEAD).where(packets.c.id == number, packets.c.practice.in_(scope))
    ).first()
    if row is None:
        raise NotThereError(f"no packet {number}")
    return row


def withdraw(connection: Connection, practice: str, numbers: Collection[int]) -> None:
    """Say that packets are live no more: their lines are ready no more."""
    connection.execute(
        update(packets)
        .where(packets.c.practice == practice, packets.c.id.in_(sorted(numbers)))
        .values(live=False)
    )
