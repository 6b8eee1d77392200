"""Cohorts: all that may bear on one patient, as connected components of facts.

A cohort holds the facts tied to each other by a claim number, a payer claim control number, a
member id, or a last name with a birth date. It may hold more than one person (a family under one
member id); who is the same patient is for the decision to say. The order in which facts come does
not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Boolean, Connection, delete, insert, literal_column, select, update

from server.store.bulk import chunks
from server.store.sealing import Sealer
from server.store.tables import cohorts, facts, lines, links, packets
from server.store.ties import number_link


@dataclass(frozen=True, slots=True)
class Tied:
    """The links of one fact, under the active key and under a retiring one."""

    links: tuple[bytes, ...]
    older_links: tuple[bytes, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Gathered:
    cohorts: list[int]
    """Of each fact."""
    links: dict[bytes, int]
    """New links and their cohorts."""


def gather(connection: Connection, practice: str, fresh: Sequence[Tied]) -> Gathered:
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
    return Gathered(
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
            move(connection, practice, cohort, settled[root])
    missing = list(dict.fromkeys(root for root in map(union.root, own) if root not in settled))
    settled.update(zip(missing, _new_cohorts(connection, practice, len(missing)), strict=True))
    return settled


def move(connection: Connection, practice: str, cohort: int, into: int) -> None:
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


def mark_denied(connection: Connection, bearing: Collection[int]) -> None:
    """Say that a 107 stands in these cohorts: there is something to decide."""
    for part in chunks(sorted(bearing)):
        connection.execute(update(cohorts).where(cohorts.c.id.in_(part)).values(denied=True))


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


def cohort_of_claim(
    connection: Connection, sealer: Sealer, practice: str, claim: str
) -> int | None:
    """The cohort that holds a claim number; None where it is not known."""
    wanted = [
        blind for text in number_link("claim", claim) for blind in sealer.blinds("link", text)
    ]
    query = select(links.c.cohort).where(links.c.practice == practice, links.c.link.in_(wanted))
    return connection.scalar(query)
