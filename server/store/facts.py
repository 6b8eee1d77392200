"""Facts in and out: each once, sealed, and gathered in cohorts (see `cohorts`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from server.facts import ClaimAdjudication, Fact, Facts
from server.store import records, tallies
from server.store.bulk import add, chunks
from server.store.cohorts import Tied, gather, mark_denied, mark_due
from server.store.errors import StoreError
from server.store.sealing import Sealer, place
from server.store.tables import facts, links
from server.store.ties import bears_107, day_of, link_texts, position_of

_MOST_ALIKE = 100_000
"""Records alike in one file, at most: what a rotation tries before it calls a fact damaged."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an intake added: counts, and the cohorts that have to be decided again."""

    new: int
    known: int
    cohorts: frozenset[int]


@dataclass(slots=True)
class _Coming:
    """A fact on its way in."""

    kind: int
    identity: bytes
    position: int
    day: date | None
    tied: Tied
    bears_107: bool
    payload: bytes


def fact_identity(sealer: Sealer, fact: Fact, occurrence: int = 0) -> bytes:
    """The blind identity a fact has under the active key."""
    kind, record, _ = records.encode(fact)
    return sealer.blind("fact", _with_occurrence(records.identity(kind, record), occurrence))


def _with_occurrence(plain: bytes, occurrence: int) -> bytes:
    return plain + b"#%d" % occurrence


def identity_again(sealer: Sealer, fact: Fact, standing: bytes) -> bytes:
    """A kept fact's identity under the active key: its number of occurrence is found by trying."""
    kind, record, _ = records.encode(fact)
    plain = records.identity(kind, record)
    occurrence = 0
    while standing not in (found := sealer.blinds("fact", _with_occurrence(plain, occurrence))):
        occurrence += 1
        if occurrence > _MOST_ALIKE:
            raise StoreError("a fact's identity does not fit what it says")
    return found[0]


def put(
    connection: Connection,
    sealer: Sealer,
    practice: str,
    coming: Iterable[Fact],
    document: int | None = None,
) -> Taken:
    """Let the facts of one file in: new ones are kept, known ones counted.

    Records identical within one file are told apart by their number of occurrence, so a claim
    answered twice alike stays two answers, and the same file twice stays one. Needs the practice's
    lock (`practices.lock`) and an open transaction.
    """
    arrived = _arrive(sealer, coming)
    known = _known(connection, practice, arrived)
    moved = _keep_better(connection, sealer, practice, arrived, known)
    fresh = [entry for candidates, entry in arrived if not any(c in known for c in candidates)]
    gathered = gather(connection, practice, [entry.tied for entry in fresh])
    add(connection, facts, list(_rows(sealer, practice, document, fresh, gathered.cohorts)))
    key_id = sealer.active.key_id.hex()
    add(
        connection,
        links,
        [
            {"practice": practice, "link": link, "key_id": key_id, "cohort": cohort}
            for link, cohort in gathered.links.items()
        ],
    )
    placed = list(zip(fresh, gathered.cohorts, strict=True))
    mark_denied(connection, {cohort for entry, cohort in placed if entry.bears_107})
    touched = frozenset(gathered.cohorts) | moved
    mark_due(connection, touched)
    answers = sum(entry.kind == records.KINDS[ClaimAdjudication] for entry in fresh)
    tallies.count(connection, practice, tallies.ANSWERS, answers)
    return Taken(len(fresh), len(arrived) - len(fresh), touched)


def _rows(
    sealer: Sealer,
    practice: str,
    document: int | None,
    fresh: Sequence[_Coming],
    cohorts: Sequence[int],
) -> Iterator[dict[str, Any]]:
    for entry, cohort in zip(fresh, cohorts, strict=True):
        yield {
            "practice": practice,
            "cohort": cohort,
            "kind": entry.kind,
            "identity": entry.identity,
            "position": entry.position,
            "day": entry.day,
            "document": document,
            "sealed": sealer.seal(entry.payload, place("facts", practice, entry.identity)),
        }


def _arrive(sealer: Sealer, coming: Iterable[Fact]) -> list[tuple[list[bytes], _Coming]]:
    """Each fact with the identities it may already stand under (one for each known key)."""
    seen: Counter[bytes] = Counter()
    arrived = []
    for fact in coming:
        kind, record, sources = records.encode(fact)
        plain = records.identity(kind, record)
        numbered = _with_occurrence(plain, seen[plain])
        seen[plain] += 1
        candidates = sealer.blinds("fact", numbered)
        tied = [sealer.blinds("link", text) for text in sorted(link_texts(fact))]
        arrived.append(
            (
                candidates,
                _Coming(
                    kind,
                    candidates[0],
                    position_of(fact),
                    day_of(fact),
                    Tied(
                        tuple(blinds[0] for blinds in tied),
                        tuple(blind for blinds in tied for blind in blinds[1:]),
                    ),
                    bears_107(fact),
                    records.payload(record, sources),
                ),
            )
        )
    return arrived


def _known(
    connection: Connection,
    practice: str,
    arrived: Sequence[tuple[list[bytes], _Coming]],
) -> dict[bytes, Any]:
    """The rows that stand already, by identity."""
    found = {}
    wanted = (candidate for candidates, _ in arrived for candidate in candidates)
    for part in chunks(wanted):
        query = select(facts.c.identity, facts.c.id, facts.c.position, facts.c.cohort).where(
            facts.c.practice == practice, facts.c.identity.in_(part)
        )
        found.update({row.identity: row for row in connection.execute(query)})
    return found


def _keep_better(
    connection: Connection,
    sealer: Sealer,
    practice: str,
    arrived: Sequence[tuple[list[bytes], _Coming]],
    known: dict[bytes, Any],
) -> frozenset[int]:
    """Where a known fact comes with a lower position, keep that one: files have no order."""
    better = []
    touched = set()
    for candidates, entry in arrived:
        row = next((known[c] for c in candidates if c in known), None)
        if row is not None and entry.position < row.position:
            better.append(
                {
                    "row": row.id,
                    "position": entry.position,
                    "day": entry.day,
                    "sealed": sealer.seal(entry.payload, place("facts", practice, row.identity)),
                }
            )
            touched.add(row.cohort)
    if better:
        connection.execute(
            update(facts)
            .where(facts.c.id == bindparam("row"))
            .values(
                position=bindparam("position"), day=bindparam("day"), sealed=bindparam("sealed")
            ),
            better,
        )
    return frozenset(touched)


def load(
    connection: Connection, sealer: Sealer, practice: str, wanted: Collection[int]
) -> dict[int, Facts]:
    """All facts of some cohorts, each cohort's in an order that does not depend on intake."""
    rows: dict[int, list[Any]] = {}
    for part in chunks(sorted(wanted)):
        query = select(
            facts.c.cohort,
            facts.c.kind,
            facts.c.day,
            facts.c.position,
            facts.c.identity,
            facts.c.sealed,
        ).where(facts.c.practice == practice, facts.c.cohort.in_(part))
        for row in connection.execute(query):
            rows.setdefault(row.cohort, []).append(row)
    return {
        cohort: _facts(sealer, practice, sorted(those, key=_order))
        for cohort, those in rows.items()
    }


def _order(row: Any) -> tuple[int, date, int, bytes]:
    return row.kind, row.day or date.min, row.position, row.identity


def _facts(sealer: Sealer, practice: str, rows: Iterable[Any]) -> Facts:
    kept: dict[int, list[Any]] = {kind: [] for kind in records.TYPES}
    for row in rows:
        raw = sealer.unseal(row.sealed, place("facts", practice, row.identity))
        kept[row.kind].append(records.decode(row.kind, raw))
    return Facts(*(tuple(kept[kind]) for kind in sorted(kept)))


def remove(connection: Connection, practice: str, identity: bytes) -> frozenset[int]:
    """Take one fact out again (an undone mark); the cohorts to decide again."""
    query = select(facts.c.id, facts.c.cohort).where(
        facts.c.practice == practice, facts.c.identity == identity
    )
    rows = connection.execute(query).all()
    connection.execute(delete(facts).where(facts.c.id.in_([row.id for row in rows])))
    touched = frozenset(row.cohort for row in rows)
    mark_due(connection, touched)
    return touched
