"""Tokens of paired extensions and programs, and the short codes that make them.

A token is 256 random bits, kept as a hash. A pairing code lives five minutes, works once, and dies
after five wrong tries: as a wrong code names no code, a wrong try counts against every live one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, or_, select, update

from server.store.engine import Store
from server.store.errors import NotThereError, RefusedError
from server.store.sealing import KEY_BYTES
from server.store.tables import (
    pairing_codes,
    people,
    person_roles,
    practices,
    token_practices,
    tokens,
)

TokenScope = Literal["codes", "lines:read", "lines:write", "observe", "admin"]
SCOPES: tuple[TokenScope, ...] = ("codes", "lines:read", "lines:write", "observe", "admin")

CODE_MINUTES = 5
CODE_TRIES = 5
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that look alike
_CODE_LENGTH = 8
_WRONG_CODE = "the pairing code is wrong, used or too old"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be shown: everything but its secret."""

    id: int
    label: str
    scopes: frozenset[str]
    scope: frozenset[str]
    """Practices it may see now: those it was given, and its person (if any) still has."""
    person: int | None
    origin: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _code_hash(store: Store, code: str) -> bytes:
    # Short, so hashed with the store's key: a copy of the database does not give it away.
    return store.sealer.blind("pairing code", code)


def new_code(
    store: Store,
    scope: Collection[str],
    scopes: Collection[str],
    who: str,
    at: datetime,
    person: int | None = None,
) -> str:
    """A pairing code, as `ABCD-EFGH`; raises RefusedError for an unknown scope or practice."""
    _check_scopes(scopes)
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    with store.writing() as connection:
        _check_practices(connection, scope)
        connection.execute(delete(pairing_codes).where(pairing_codes.c.expires_at <= at))
        connection.execute(
            insert(pairing_codes).values(
                hash=_code_hash(store, code),
                person=person,
                practices=" ".join(sorted(scope)),
                scopes=" ".join(sorted(scopes)),
                created_at=at,
                created_by=who,
                expires_at=at + timedelta(minutes=CODE_MINUTES),
            )
        )
    return f"{code[:4]}-{code[4:]}"


def _check_scopes(scopes: Collection[str]) -> None:
    if not scopes or not set(scopes) <= set(SCOPES):
        raise RefusedError(f"scopes are {', '.join(SCOPES)}")


def _check_practices(connection: Connection, scope: Collection[str]) -> None:
    known = set(connection.scalars(select(practices.c.id).where(practices.c.id.in_(scope))))
    if not scope or known != set(scope):
        raise RefusedError("a token needs practices that exist")


def redeem(store: Store, code: str, label: str, origin: str, at: datetime) -> tuple[Token, str]:
    """Turn a pairing code into a token; the token and its secret, shown once.

    Raises RefusedError, in one way for a wrong, used, old or worn-out code.
    """
    cleaned = code.upper().replace("-", "").replace(" ", "")
    made: tuple[int, str] | None = None
    with store.writing() as connection:
        live = (
            pairing_codes.c.used_at.is_(None),
            pairing_codes.c.expires_at > at,
            pairing_codes.c.tries < CODE_TRIES,
        )
        hashes = store.sealer.blinds("pairing code", cleaned)
        row = connection.execute(
            select(pairing_codes).where(pairing_codes.c.hash.in_(hashes), *live).with_for_update()
        ).first()
        if row is None or not _still_may(connection, row):
            connection.execute(
                update(pairing_codes).where(*live).values(tries=pairing_codes.c.tries + 1)
            )
        else:
            connection.execute(
                update(pairing_codes).where(pairing_codes.c.hash == row.hash).values(used_at=at)
            )
            made = _issue(
                connection,
                row.practices.split(),
                row.scopes.split(),
                label,
                row.created_by,
                at,
                row.person,
                origin,
                None,
            )
    if made is None:
        raise RefusedError(_WRONG_CODE)
    return _need(store, made[0]), made[1]


def _still_may(connection: Connection, code: Any) -> bool:
    """Whether who asked for a code may still see any of its practices."""
    if code.person is None:
        return True
    held = select(person_roles.c.practice).join(people, people.c.id == person_roles.c.person)
    those = held.where(people.c.id == code.person, people.c.disabled.is_(False))
    return bool(set(connection.scalars(those)) & set(code.practices.split()))


def issue(
    store: Store,
    scope: Collection[str],
    scopes: Collection[str],
    label: str,
    who: str,
    at: datetime,
    person: int | None = None,
    origin: str = "",
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """A token without pairing (for another program); the token and its secret, shown once."""
    _check_scopes(scopes)
    with store.writing() as connection:
        _check_practices(connection, scope)
        made, secret = _issue(connection, scope, scopes, label, who, at, person, origin, expires_at)
    return _need(store, made), secret


def _issue(
    connection: Connection,
    scope: Collection[str],
    scopes: Collection[str],
    label: str,
    who: str,
    at: datetime,
    person: int | None,
    origin: str,
    expires_at: datetime | None,
) -> tuple[int, str]:
    secret = secrets.token_urlsafe(KEY_BYTES)
    made = connection.execute(
        insert(tokens)
        .values(
            hash=_hash(secret),
            person=person,
            label=label[:100],
            scopes=" ".join(sorted(scopes)),
            origin=origin,
            created_at=at,
            created_by=who,
            expires_at=expires_at,
        )
        .returning(tokens.c.id)
    ).scalar_one()
    connection.execute(
        insert(token_practices), [{"token": made, "practice": one} for one in sorted(scope)]
    )
    return made, secret


def check(store: Store, secret: str, at: datetime) -> Token | None:
    """The token of a secret; None where it is unknown, revoked, expired, or its person may not."""
    with store.reading() as connection:
        row = connection.execute(select(tokens).where(tokens.c.hash == _hash(secret))).first()
        if row is None or row.revoked_at is not None:
            return None
        if row.expires_at is not None and row.expires_at <= at:
            return None
        token = _token(connection, row)
        if not token.scope:
            return None
    if row.used_at is None or row.used_at <= at - timedelta(minutes=5):
        with store.writing() as connection:
            connection.execute(update(tokens).where(tokens.c.id == row.id).values(used_at=at))
    return token


def _token(connection: Connection, row: Any) -> Token:
    given = set(
        connection.scalars(
            select(token_practices.c.practice).where(token_practices.c.token == row.id)
        )
    )
    if row.person is not None:
        held = connection.scalars(
            select(person_roles.c.practice)
            .join(people, people.c.id == person_roles.c.person)
            .where(person_roles.c.person == row.person, people.c.disabled.is_(False))
        )
        given &= set(held)
    return Token(
        id=row.id,
        label=row.label,
        scopes=frozenset(row.scopes.split()),
        scope=frozenset(given),
        person=row.person,
        origin=row.origin,
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )


def _need(store: Store, number: int) -> Token:
    with store.reading() as connection:
        row = connection.execute(select(tokens).where(tokens.c.id == number)).first()
        if row is None:
            raise NotThereError("no such token")
        return _token(connection, row)


def listed(store: Store, scope: frozenset[str]) -> list[Token]:
    """The tokens that may see any of these practices, the newest first."""
    with store.reading() as connection:
        query = (
            select(tokens)
            .where(
                tokens.c.id.in_(
                    select(token_practices.c.token).where(token_practices.c.practice.in_(scope))
                )
            )
            .order_by(tokens.c.id.desc())
        )
        return [_token(connection, row) for row in connection.execute(query).all()]


def origins(store: Store, at: datetime) -> frozenset[str]:
    """Origins of paired extensions whose tokens are live: who may call across origins."""
    query = (
        select(tokens.c.origin)
        .outerjoin(people, people.c.id == tokens.c.person)
        .where(
            tokens.c.origin != "",
            tokens.c.revoked_at.is_(None),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > at),
            or_(tokens.c.person.is_(None), people.c.disabled.is_(False)),
        )
    )
    with store.reading() as connection:
        return frozenset(connection.scalars(query))


def revoke(store: Store, scope: frozenset[str], token: int, who: str, at: datetime) -> None:
    """Let a token in no more; raises NotThereError outside the scope."""
    if token not in {one.id for one in listed(store, scope)}:
        raise NotThereError("no such token")
    with store.writing() as connection:
        connection.execute(
            update(tokens)
            .where(tokens.c.id == token, tokens.c.revoked_at.is_(None))
            .values(revoked_at=at, revoked_by=who)
        )
