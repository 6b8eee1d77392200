"""Facts in and out: each once, sealed, and gathered in cohorts.

A cohort is all that may bear on one patient: the facts tied to each other by a claim number, a
payer claim control number, a member id, or a last name with a birth date. It may hold more than
one person (a family under one member id); who is the same patient is for the decision to say.
Cohorts are connected components, so the order in which facts come does not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
    update,
)

from server.facts import (
    Charge,
    ClaimAdjudication,
    Fact,
    Facts,
    Look,
    Mark,
    Patient,
    SubmittedClaim,
)
from server.store import records
from server.store.bulk import add, chunks
from server.store.errors import StoreError
from server.store.sealing import Sealer, place
from server.store.tables import cohorts, facts, lines, links, packets

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
    links: tuple[bytes, ...]
    older_links: tuple[bytes, ...]
    """The same under a retiring key."""
    bears_107: bool
    payload: bytes


@dataclass(slots=True)
class _Union:
    """Which links belong together, and the cohorts they already have."""

    parent: dict[bytes, bytes] = field(default_factory=dict)

    def root(self, link: bytes) -> bytes:
        parent = self.parent
        parent.setdefault(link, link)
        while parent[link] != link:
            parent[link] = parent[parent[link]]
            link = parent[link]
        return link

    def join(self, one: bytes, other: bytes) -> None:
        self.parent[self.root(one)] = self.root(other)


def canonical(text: str) -> str:
    """An id or name as it is looked for: upper case, letters and digits only."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def _patient_links(patient: Patient) -> Iterator[str]:
    member = canonical(patient.member_id)
    if member:
        yield "member:" + member
    name = canonical(patient.last_name)
    if name and patient.birth_date:
        yield f"person:{name}|{patient.birth_date.isoformat()}"


def _number_link(kind: str, number: str) -> Iterator[str]:
    found = canonical(number)
    # A payer that does not know the number sends zero: it ties nothing together.
    if found.strip("0"):
        yield f"{kind}:{found}"


def link_texts(fact: Fact) -> set[str]:
    """What ties a fact to others, before hashing."""
    found: set[str] = set()
    match fact:
        case SubmittedClaim():
            found.update(_number_link("claim", fact.claim), _patient_links(fact.patient))
            found.update(_number_link("ref", fact.original_reference))
        case ClaimAdjudication():
            found.update(_number_link("claim", fact.claim), _patient_links(fact.patient))
            found.update(_number_link("ref", fact.payer_claim_control_number))
        case Charge():
            found.update(_number_link("claim", fact.claim), _patient_links(fact.patient))
        case Mark():
            found.update(_number_link("claim", fact.claim), _number_link("claim", fact.new_claim))
        case Look():
            found.update(_number_link("claim", fact.claim))
            for answer in fact.answers:
                found |= link_texts(answer)
    return found


def bears_107(fact: Fact) -> bool:
    """Whether a 107 stands anywhere in it, on whatever line and of whatever amount."""
    match fact:
        case ClaimAdjudication():
            found = [*fact.adjustments, *(one for line in fact.lines for one in line.adjustments)]
            return any(one.carc.lstrip("0 ").rstrip() == "107" for one in found)
        case Look():
            return any(map(bears_107, fact.answers))
    return False


def _day(fact: Fact) -> date | None:
    match fact:
        case SubmittedClaim() | Mark():
            return fact.sent_on
        case ClaimAdjudication():
            return fact.produced
        case Charge():
            return fact.service_date
        case Look():
            return fact.looked_at.astimezone(UTC).date()


def _position(fact: Fact) -> int:
    """Of the same fact twice the lowest position is kept: first in its file, or looked at last."""
    match fact:
        case SubmittedClaim() | ClaimAdjudication():
            return fact.order
        case Look():
            return -int(fact.looked_at.timestamp())
    return 0


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
    gathered = _gather(connection, practice, fresh)
    key_id = sealer.active.key_id.hex()
    add(
        connection,
        facts,
        [
            {
                "practice": practice,
                "cohort": cohort,
                "kind": entry.kind,
                "identity": entry.identity,
                "position": entry.position,
                "day": entry.day,
                "document": document,
                "sealed": sealer.seal(entry.payload, place("facts", practice, entry.identity)),
            }
            for entry, cohort in zip(fresh, gathered.cohorts, strict=True)
        ],
    )
    add(
        connection,
        links,
        [
            {"practice": practice, "link": link, "key_id": key_id, "cohort": cohort}
            for link, cohort in gathered.links.items()
        ],
    )
    bearing = {c for entry, c in zip(fresh, gathered.cohorts, strict=True) if entry.bears_107}
    for part in chunks(sorted(bearing)):
        connection.execute(update(cohorts).where(cohorts.c.id.in_(part)).values(denied=True))
    touched = frozenset(gathered.cohorts) | moved
    mark_due(connection, touched)
    return Taken(len(fresh), len(arrived) - len(fresh), touched)


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
                    _position(fact),
                    _day(fact),
                    tuple(blinds[0] for blinds in tied),
                    tuple(blind for blinds in tied for blind in blinds[1:]),
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


@dataclass(frozen=True, slots=True)
class _Gathered:
    cohorts: list[int]
    """Of each fact."""
    links: dict[bytes, int]
    """New links and their cohorts."""


def _gather(connection: Connection, practice: str, fresh: Sequence[_Coming]) -> _Gathered:
    """Find or make the cohort of each new fact; cohorts that facts tie together become one."""
    union = _Union()
    own = [b"fact %d" % number for number in range(len(fresh))]
    for node, entry in zip(own, fresh, strict=True):
        union.root(node)
        for link in (*entry.links, *entry.older_links):
            union.join(node, link)
    wanted = {link for entry in fresh for link in (*entry.links, *entry.older_links)}
    standing = _standing_links(connection, practice, wanted)
    for link, cohort in standing.items():
        union.join(link, b"cohort %d" % cohort)
    settled = _settle(connection, practice, union, own, set(standing.values()))
    new_links = {link for entry in fresh for link in entry.links} - standing.keys()
    return _Gathered(
        [settled[union.root(node)] for node in own],
        {link: settled[union.root(link)] for link in new_links},
    )


def _standing_links(
    connection: Connection, practice: str, wanted: Collection[bytes]
) -> dict[bytes, int]:
    """The cohorts of links that stand."""
    found: dict[bytes, int] = {}
    for part in chunks(sorted(wanted)):
        query = select(links.c.link, links.c.cohort).where(
            links.c.practice == practice, links.c.link.in_(part)
        )
        found.update((row.link, row.cohort) for row in connection.execute(query))
    return found


def _settle(
    connection: Connection,
    practice: str,
    union: _Union,
    own: Sequence[bytes],
    standing: Collection[int],
) -> dict[bytes, int]:
    """One cohort for each root: the oldest of those it ties together, or a new one."""
    settled: dict[bytes, int] = {}
    for cohort in sorted(standing):
        root = union.root(b"cohort %d" % cohort)
        if settled.setdefault(root, cohort) != cohort:
            _move(connection, practice, cohort, settled[root])
    missing = list(dict.fromkeys(root for root in map(union.root, own) if root not in settled))
    settled.update(zip(missing, _new_cohorts(connection, practice, len(missing)), strict=True))
    return settled


def _move(connection: Connection, practice: str, cohort: int, into: int) -> None:
    for table in (facts, links, lines, packets):
        here = (table.c.practice == practice, table.c.cohort == cohort)
        connection.execute(update(table).where(*here).values(cohort=into))
    if connection.scalar(select(cohorts.c.denied).where(cohorts.c.id == cohort)):
        connection.execute(update(cohorts).where(cohorts.c.id == into).values(denied=True))
    connection.execute(delete(cohorts).where(cohorts.c.id == cohort))


def _new_cohorts(connection: Connection, practice: str, count: int) -> list[int]:
    if not count:
        return []
    made = connection.execute(
        insert(cohorts).returning(cohorts.c.id), [{"practice": practice, "due": True}] * count
    )
    return sorted(row.id for row in made)


def mark_due(connection: Connection, touched: Collection[int]) -> None:
    """Say that cohorts have to be decided again."""
    for part in chunks(sorted(touched)):
        connection.execute(update(cohorts).where(cohorts.c.id.in_(part)).values(due=True))


def settled(connection: Connection, decided: Collection[int]) -> None:
    """Say that cohorts are decided."""
    for part in chunks(sorted(decided)):
        connection.execute(update(cohorts).where(cohorts.c.id.in_(part)).values(due=False))


def due(connection: Connection, practice: str, after: int = 0, limit: int = 500) -> list[int]:
    """Cohorts to be decided, by id: those with a 107, in which something is new."""
    # The partial index is found by this very expression.
    waiting = literal_column("cohorts.due AND cohorts.denied", Boolean)
    query = (
        select(cohorts.c.id)
        .where(cohorts.c.practice == practice, waiting, cohorts.c.id > after)
        .order_by(cohorts.c.id)
        .limit(limit)
    )
    return list(connection.scalars(query))


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


def cohort_of_claim(
    connection: Connection, sealer: Sealer, practice: str, claim: str
) -> int | None:
    """The cohort that holds a claim number; None where it is not known."""
    wanted = [
        blind for text in _number_link("claim", claim) for blind in sealer.blinds("link", text)
    ]
    query = select(links.c.cohort).where(links.c.practice == practice, links.c.link.in_(wanted))
    return connection.scalar(query)
