"""People who sign in: passwords (argon2id), TOTP, roles for each practice, sessions.

Sign-in fails in one way whatever was wrong, takes as long for a login that does not exist, and
locks after five failures. A TOTP code opens once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.store.bulk import upsert
from server.store.engine import Store, now
from server.store.errors import NotThereError, RefusedError
from server.store.sealing import place
from server.store.tables import people, person_roles, practices, sessions

Role = Literal["viewer", "biller", "manager", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "biller", "manager", "admin")
"""Each may do what those before it may."""

MIN_PASSWORD = 12
MAX_FAILURES = 5
LOCK_MINUTES = 15
ISSUER = "Remitlens"
_STEP_SECONDS = 30
_WRONG = "login, password or code is wrong, or there were too many tries"
_NOBODY = ""  # people belong to no practice, their roles do


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who may sign in. `roles` maps practice ids to roles."""

    id: int
    login: str
    name: str
    roles: dict[str, Role]
    disabled: bool = False
    has_password: bool = True

    @property
    def scope(self) -> frozenset[str]:
        """The practices this person sees."""
        return frozenset(self.roles)

    def may(self, practice: str, role: Role) -> bool:
        """Whether the person holds at least that role there."""
        held = self.roles.get(practice)
        return held is not None and ROLES.index(held) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person just added, with the TOTP secret's `otpauth://` URI: shown once, kept sealed."""

    person: Person
    totp_uri: str


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _dummy_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def add(store: Store, login: str, name: str, password: str) -> NewPerson:
    """Add a person with password and TOTP; "" as password: signs in by OIDC alone.

    Raises RefusedError for a login that is taken or a password of fewer than 12 characters.
    """
    login = _clean_login(login)
    hashed = _hashed(password) if password else ""
    try:
        with store.writing() as connection:
            made = connection.execute(
                insert(people)
                .values(login=login, name=name.strip() or login, password=hashed, created_at=now())
                .returning(people.c.id)
            ).scalar_one()
            uri = _new_totp(connection, store, made, login) if password else ""
    except IntegrityError:
        raise RefusedError("that login is taken") from None
    return NewPerson(_need(store, people.c.id == made), uri)


def _clean_login(login: str) -> str:
    cleaned = login.strip().lower()
    if not cleaned or len(cleaned) > 200 or any(letter.isspace() for letter in cleaned):
        raise RefusedError("a login is one word of at most 200 characters")
    return cleaned


def _hashed(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise RefusedError(f"a password has at least {MIN_PASSWORD} characters")
    return _hasher().hash(password)


def _new_totp(connection: Connection, store: Store, person: int, login: str) -> str:
    secret = pyotp.random_base32()
    sealed = store.sealer.seal(secret.encode(), place("people", _NOBODY, person))
    connection.execute(update(people).where(people.c.id == person).values(totp=sealed, totp_step=0))
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def reset(store: Store, login: str, password: str) -> str:
    """Give a new password and TOTP secret, end every session; the new `otpauth://` URI."""
    person = by_login(store, login)
    if person is None:
        raise NotThereError("no such login")
    hashed = _hashed(password)
    with store.writing() as connection:
        connection.execute(
            update(people)
            .where(people.c.id == person.id)
            .values(password=hashed, failures=0, locked_until=None)
        )
        connection.execute(delete(sessions).where(sessions.c.person == person.id))
        return _new_totp(connection, store, person.id, person.login)


def disable(store: Store, login: str, disabled: bool = True) -> None:
    """Let a person in no more (or again); ends their sessions."""
    person = by_login(store, login)
    if person is None:
        raise NotThereError("no such login")
    with store.writing() as connection:
        connection.execute(update(people).where(people.c.id == person.id).values(disabled=disabled))
        connection.execute(delete(sessions).where(sessions.c.person == person.id))


def set_role(store: Store, person: int, practice: str, role: Role | None) -> None:
    """Give a role for a practice, or take it away (None)."""
    with store.writing() as connection:
        if connection.scalar(select(practices.c.id).where(practices.c.id == practice)) is None:
            raise NotThereError(f"no practice {practice}")
        if role is None:
            connection.execute(
                delete(person_roles).where(
                    person_roles.c.person == person, person_roles.c.practice == practice
                )
            )
            return
        upsert(
            connection,
            person_roles,
            [{"person": person, "practice": practice, "role": role}],
            ("person", "practice"),
        )


def link_oidc(store: Store, person: int, subject: str) -> None:
    """Bind a person to an OIDC subject (issuer and `sub` joined by the caller)."""
    with store.writing() as connection:
        connection.execute(update(people).where(people.c.id == person).values(oidc_subject=subject))


def everyone(store: Store) -> list[Person]:
    """All people, by login."""
    with store.reading() as connection:
        rows = connection.execute(select(people).order_by(people.c.login)).all()
        return _persons(connection, rows)


def by_login(store: Store, login: str) -> Person | None:
    """The person of a login."""
    return _find(store, people.c.login == login.strip().lower())


def by_oidc(store: Store, subject: str) -> Person | None:
    """The person bound to an OIDC subject, unless disabled."""
    found = _find(store, people.c.oidc_subject == subject)
    return None if found is None or found.disabled else found


def by_id(store: Store, person: int) -> Person | None:
    """The person of an id."""
    return _find(store, people.c.id == person)


def _find(store: Store, condition: Any) -> Person | None:
    with store.reading() as connection:
        rows = connection.execute(select(people).where(condition)).all()
        return next(iter(_persons(connection, rows)), None)


def _need(store: Store, condition: Any) -> Person:
    found = _find(store, condition)
    if found is None:
        raise NotThereError("no such person")
    return found


def _persons(connection: Connection, rows: Iterable[Any]) -> list[Person]:
    rows = list(rows)
    held: dict[int, dict[str, Role]] = {}
    query = select(person_roles).where(person_roles.c.person.in_([row.id for row in rows]))
    for person, practice, role in connection.execute(query):
        held.setdefault(person, {})[practice] = role
    return [
        Person(row.id, row.login, row.name, held.get(row.id, {}), row.disabled, bool(row.password))
        for row in rows
    ]


def sign_in(store: Store, login: str, password: str, code: str, at: datetime) -> Person:
    """The person of a login, password and TOTP code; raises RefusedError, saying no more."""
    with store.reading() as connection:
        row = connection.execute(
            select(people).where(people.c.login == login.strip().lower())
        ).first()
    hashed = row.password if row is not None and row.password else _dummy_hash()
    good = _verify(hashed, password) and row is not None and bool(row.password)
    if row is None:
        raise RefusedError(_WRONG)
    if row.locked_until is not None and row.locked_until > at:
        raise RefusedError(_WRONG)
    with store.writing() as connection:
        step = _totp_step(store, row, code, at) if good and not row.disabled else None
        # The step must still be unused now that the lock is held: a code opens once.
        used = (
            connection.execute(
                update(people)
                .where(people.c.id == row.id, people.c.totp_step < step)
                .values(totp_step=step, failures=0, locked_until=None)
            ).rowcount
            if step is not None
            else 0
        )
        if not used:
            _count_failure(connection, row.id, at)
    if not used:
        raise RefusedError(_WRONG)
    if _hasher().check_needs_rehash(row.password):
        with store.writing() as connection:
            connection.execute(
                update(people)
                .where(people.c.id == row.id)
                .values(password=_hasher().hash(password))
            )
    return _need(store, people.c.id == row.id)


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _totp_step(store: Store, row: Any, code: str, at: datetime) -> int | None:
    """The step a code belongs to, now or one before or after; None where it is none of them."""
    if row.totp is None:
        return None
    secret = store.sealer.unseal(row.totp, place("people", _NOBODY, row.id)).decode()
    totp = pyotp.TOTP(secret)
    here = int(at.timestamp()) // _STEP_SECONDS
    for step in (here, here - 1, here + 1):
        if hmac.compare_digest(totp.generate_otp(step), code.strip()):
            return step
    return None


def _count_failure(connection: Connection, person: int, at: datetime) -> None:
    failures = int(connection.scalar(select(people.c.failures).where(people.c.id == person)) or 0)
    locks = failures + 1 >= MAX_FAILURES
    connection.execute(
        update(people)
        .where(people.c.id == person)
        .values(
            failures=0 if locks else failures + 1,
            locked_until=at + timedelta(minutes=LOCK_MINUTES) if locks else None,
        )
    )


def _session_hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def begin_session(store: Store, person: int, at: datetime, hours: int = 12) -> str:
    """Begin a session; its secret for the cookie (256 bits, kept as a hash)."""
    secret = secrets.token_urlsafe(32)
    with store.writing() as connection:
        connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
        connection.execute(
            insert(sessions).values(
                hash=_session_hash(secret),
                person=person,
                created_at=at,
                seen_at=at,
                expires_at=at + timedelta(hours=hours),
            )
        )
    return secret


def session(store: Store, secret: str, at: datetime, idle_minutes: int) -> Person | None:
    """Whose session it is; None where it ended, idled too long, or its person may no more."""
    key = _session_hash(secret)
    with store.reading() as connection:
        row = connection.execute(select(sessions).where(sessions.c.hash == key)).first()
    if row is None:
        return None
    if row.expires_at <= at or row.seen_at <= at - timedelta(minutes=idle_minutes):
        end_session(store, secret)
        return None
    person = by_id(store, row.person)
    if person is None or person.disabled:
        return None
    # Written at most once a minute: a page of many requests is one visit.
    if row.seen_at <= at - timedelta(minutes=1):
        with store.writing() as connection:
            connection.execute(update(sessions).where(sessions.c.hash == key).values(seen_at=at))
    return person


def end_session(store: Store, secret: str) -> None:
    """Sign out."""
    with store.writing() as connection:
        connection.execute(delete(sessions).where(sessions.c.hash == _session_hash(secret)))
