"""Links that let a person in once: 256 random bits, five minutes, kept as a hash.

Whoever can make one can already open the store and reset a password, so a link gives nothing new;
it only spares typing on one's own machine.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from server.store import audit, people
from server.store.engine import Store
from server.store.errors import NotThereError, RefusedError
from server.store.people import Person
from server.store.web_tables import entry_links

LINK_MINUTES = 5
_WRONG = "the link is wrong, used or too old; make a new one"


def make(store: Store, login: str, who: str, at: datetime) -> str:
    """The secret of a new link for a person; raises NotThereError, or RefusedError if disabled."""
    person = people.by_login(store, login)
    if person is None:
        raise NotThereError("no such login")
    if person.disabled:
        raise RefusedError("that login may sign in no more")
    secret = secrets.token_urlsafe(32)
    with store.writing() as connection:
        audit.append(store, who, "people.link", "", f"person {person.id}")
        connection.execute(delete(entry_links).where(entry_links.c.expires_at <= at))
        connection.execute(
            insert(entry_links).values(
                hash=_hash(secret),
                person=person.id,
                created_at=at,
                created_by=who[:200],
                expires_at=at + timedelta(minutes=LINK_MINUTES),
            )
        )
    return secret


def whose(store: Store, secret: str, at: datetime) -> Person:
    """The person a link would let in; raises RefusedError alike for all causes."""
    with store.reading() as connection:
        row = connection.execute(
            select(entry_links).where(
                entry_links.c.hash == _hash(secret),
                entry_links.c.used_at.is_(None),
                entry_links.c.expires_at > at,
            )
        ).first()
    person = None if row is None else people.by_id(store, row.person)
    if person is None or person.disabled:
        raise RefusedError(_WRONG)
    return person


def use(store: Store, secret: str, at: datetime) -> Person:
    """The person, and the link is used up; raises RefusedError."""
    person = whose(store, secret, at)
    with store.writing() as connection:
        used = connection.execute(
            update(entry_links)
            .where(
                entry_links.c.hash == _hash(secret),
                entry_links.c.used_at.is_(None),
                entry_links.c.expires_at > at,
            )
            .values(used_at=at)
        ).rowcount
    if not used:
        raise RefusedError(_WRONG)
    return person


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
