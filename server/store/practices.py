"""The practices a store holds: a billing company works for many."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from server.store.engine import Store, now, valid_practice
from server.store.errors import NotThereError, StoreError
from server.store.sealing import place
from server.store.tables import practices

Scope = frozenset[str]


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice: its id (text, as in settings and URLs) and its name."""

    id: str
    name: str
    created_at: datetime


def ensure(store: Store, practice: str, name: str = "") -> Practice:
    """The practice of that id, made where it is new; raises StoreError for an id that cannot be."""
    if not valid_practice(practice):
        raise StoreError("a practice's id is lower-case letters, digits, `_`, `.`, `-`, at most 64")
    with store.reading() as connection:
        found = _one(connection, practice)
    if found is not None:
        return found
    with store.writing() as connection:
        if _one(connection, practice) is None:
            connection.execute(
                insert(practices).values(
                    id=practice,
                    name=name or practice,
                    created_at=now(),
                    match_secret=store.sealer.seal(
                        secrets.token_bytes(32), place("practices", practice, "match")
                    ),
                )
            )
    return ensure(store, practice)


def _one(connection: Connection, practice: str) -> Practice | None:
    row = connection.execute(
        select(practices.c.id, practices.c.name, practices.c.created_at).where(
            practices.c.id == practice
        )
    ).first()
    return Practice(*row) if row else None


def all_of(store: Store, scope: Scope | None = None) -> list[Practice]:
    """Every practice, or those of a scope, by id."""
    query = select(practices.c.id, practices.c.name, practices.c.created_at).order_by(
        practices.c.id
    )
    if scope is not None:
        query = query.where(practices.c.id.in_(scope))
    with store.reading() as connection:
        return [Practice(*row) for row in connection.execute(query)]


def match_secret(store: Store, practice: str) -> bytes:
    """The key by which an extension hashes what it asks for; raises NotThereError."""
    with store.reading() as connection:
        return match_secret_in(connection, store, practice)


def match_secret_in(connection: Connection, store: Store, practice: str) -> bytes:
    """As `match_secret`, on an open connection."""
    sealed = connection.scalar(select(practices.c.match_secret).where(practices.c.id == practice))
    if sealed is None:
        raise NotThereError(f"no practice {practice}")
    return store.sealer.unseal(sealed, place("practices", practice, "match"))


def lock(connection: Connection, practice: str) -> None:
    """Hold the practice for this transaction: one intake at a time; raises NotThereError."""
    query = select(practices.c.id).where(practices.c.id == practice).with_for_update()
    if connection.scalar(query) is None:
        raise NotThereError(f"no practice {practice}")


def touch(connection: Connection, practice: str) -> None:
    """Say that the practice's lines changed."""
    connection.execute(
        update(practices).where(practices.c.id == practice).values(version=practices.c.version + 1)
    )


def version(store: Store, scope: Collection[str]) -> int:
    """A number that goes up whenever a line of these practices changes."""
    with store.reading() as connection:
        total = connection.scalar(
            select(func.sum(practices.c.version)).where(practices.c.id.in_(scope))
        )
    return int(total or 0)
