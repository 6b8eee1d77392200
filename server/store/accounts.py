"""Portal accounts: whose they are, whether they may sign in, and who holds them now."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from server.store import audit, practices
from server.store.engine import Store, now
from server.store.errors import NotThereError, RefusedError
from server.store.sealing import place
from server.store.sweep_tables import accounts

HOLD = timedelta(minutes=5)
"""How long a holding lasts unless it is renewed: longer than any one look."""


@dataclass(frozen=True, slots=True)
class Account:
    """One sign-in at one portal, of one practice."""

    id: str
    practice: str
    portal: str
    state: str
    """`active`; `stopped`, `paused` or `waits` until a person acts."""
    error: str
    asks: str
    since: datetime
    permitted: bool
    submitted_at: datetime | None
    has_session: bool


def add(store: Store, account: str, practice: str, portal: str, who: str) -> Account:
    """Register an account; raises RefusedError where the id is taken by another practice."""
    practices.ensure(store, practice)
    with store.writing() as connection:
        row = connection.execute(select(accounts).where(accounts.c.id == account)).first()
        if row is None:
            audit.append(store, who, "account added", practice, account, portal=portal)
            connection.execute(
                insert(accounts).values(
                    id=account, practice=practice, portal=portal, state="active", since=now()
                )
            )
        elif (row.practice, row.portal) != (practice, portal):
            raise RefusedError(
                f"account {account}: the name is taken by another practice or portal"
            )
    return one(store, account)


def remove(store: Store, scope: Collection[str], account: str, who: str) -> None:
    """Forget an account and its session."""
    found = one(store, account, scope)
    with store.writing() as connection:
        audit.append(store, who, "account removed", found.practice, account)
        connection.execute(delete(accounts).where(accounts.c.id == account))


def one(store: Store, account: str, scope: Collection[str] | None = None) -> Account:
    """An account by its id; raises NotThereError outside the scope."""
    with store.reading() as connection:
        row = connection.execute(select(accounts).where(accounts.c.id == account)).first()
    if row is None or (scope is not None and row.practice not in scope):
        raise NotThereError(f"account {account}: there is none")
    return _account(row)


def of(store: Store, scope: Collection[str], portal: str = "") -> list[Account]:
    """The accounts of some practices, by portal and id."""
    query = select(accounts).where(accounts.c.practice.in_(sorted(scope)))
    if portal:
        query = query.where(accounts.c.portal == portal)
    with store.reading() as connection:
        rows = connection.execute(query.order_by(accounts.c.portal, accounts.c.id)).all()
    return [_account(row) for row in rows]


def _account(row: Any) -> Account:
    return Account(
        row.id,
        row.practice,
        row.portal,
        row.state,
        row.error,
        row.asks,
        row.since,
        row.permitted,
        row.submitted_at,
        row.session is not None,
    )


@dataclass(frozen=True, slots=True)
class Permission:
    """What a portal's definition says of its accounts."""

    portal: str
    permitted: bool
    payer_ids: tuple[str, ...]
    payer_name: str


def note_permissions(store: Store, permissions: Iterable[Permission]) -> None:
    """Keep beside each account whether its portal may be swept and which payer answers there."""
    with store.writing() as connection:
        for one_ in permissions:
            connection.execute(
                update(accounts)
                .where(accounts.c.portal == one_.portal)
                .values(
                    permitted=one_.permitted,
                    payer_ids=" ".join(one_.payer_ids),
                    payer_name=one_.payer_name,
                )
            )


def swept_payers(store: Store, practice: str) -> frozenset[str]:
    """Ids of the payers a sweep covers: those of an account with permission (row 5g)."""
    query = select(accounts.c.payer_ids).where(
        accounts.c.practice == practice, accounts.c.permitted
    )
    with store.reading() as connection:
        return frozenset(word for ids in connection.scalars(query) for word in ids.split())


def set_state(store: Store, account: str, state: str, error: str, asks: str) -> None:
    """What a sign-in or a visit did to the account; its session is forgotten unless it works."""
    values: dict[str, Any] = {"state": state, "error": error, "asks": asks, "since": now()}
    with store.writing() as connection:
        practice = connection.scalar(select(accounts.c.practice).where(accounts.c.id == account))
        audit.append(store, "sweep", f"account {state}", practice or "", account, error=error)
        connection.execute(update(accounts).where(accounts.c.id == account).values(**values))


def resume(store: Store, scope: Collection[str], account: str, who: str) -> Account:
    """A person mended what was wrong: the account may sign in again."""
    found = one(store, account, scope)
    with store.writing() as connection:
        audit.append(store, who, "account resumed", found.practice, account)
        connection.execute(
            update(accounts)
            .where(accounts.c.id == account)
            .values(state="active", error="", asks="", since=now())
        )
    return one(store, account)


def hold(store: Store, account: str, worker: str) -> str | None:
    """Take an account for one worker; the holding's token, None while another holds it."""
    token, at = secrets.token_hex(16), now()
    with store.writing() as connection:
        row = connection.execute(
            select(accounts).where(accounts.c.id == account).with_for_update()
        ).first()
        if row is None:
            raise NotThereError(f"account {account}: there is none")
        if row.hold and row.held_until is not None and row.held_until > at:
            return None
        connection.execute(
            update(accounts)
            .where(accounts.c.id == account)
            .values(held_by=worker, hold=token, held_until=at + HOLD)
        )
    return token


def renew(store: Store, account: str, token: str) -> bool:
    """Prolong a holding; False where it was lost, and whoever had it must stop."""
    with store.writing() as connection:
        done = connection.execute(
            update(accounts)
            .where(accounts.c.id == account, accounts.c.hold == token)
            .values(held_until=now() + HOLD)
        )
    return done.rowcount == 1


def holds(store: Store, account: str, token: str) -> bool:
    """Whether a holding still stands; reads only, so it waits for no writer."""
    with store.reading() as connection:
        return connection.scalar(select(accounts.c.hold).where(accounts.c.id == account)) == token


def release(store: Store, account: str, token: str) -> None:
    """Give an account back."""
    with store.writing() as connection:
        connection.execute(
            update(accounts)
            .where(accounts.c.id == account, accounts.c.hold == token)
            .values(held_by="", hold="", held_until=None)
        )


def release_all_of(connection: Connection, worker: str) -> None:
    """Give back what a dead worker held."""
    connection.execute(
        update(accounts)
        .where(accounts.c.held_by == worker)
        .values(held_by="", hold="", held_until=None)
    )


def note_submit(store: Store, account: str) -> None:
    """A password is about to be submitted."""
    with store.writing() as connection:
        connection.execute(
            update(accounts).where(accounts.c.id == account).values(submitted_at=now())
        )


def keep_session(store: Store, account: str, practice: str, session: Any | None) -> None:
    """Seal a signed-in browser state, bound to its account; None forgets it."""
    with store.writing() as connection:
        # Sealed here: only within the transaction is the active key sure to stay active.
        sealed = (
            store.sealer.seal_json(session, place("accounts", practice, account))
            if session is not None
            else None
        )
        connection.execute(
            update(accounts)
            .where(accounts.c.id == account)
            .values(session=sealed, session_at=now() if sealed else None)
        )


def session(store: Store, account: str, practice: str) -> Any | None:
    """The signed-in browser state, None where there is none."""
    with store.reading() as connection:
        sealed = connection.scalar(select(accounts.c.session).where(accounts.c.id == account))
    if sealed is None:
        return None
    return store.sealer.unseal_json(sealed, place("accounts", practice, account))
