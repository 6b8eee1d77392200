"""Answers kept for a day under an idempotency key: a POST sent twice changes nothing twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from server.store.bulk import insert_missing
from server.store.engine import Store
from server.store.errors import RefusedError, StoreBusyError
from server.store.sealing import place
from server.store.tables import replies

KEEP_HOURS = 24
HELD_SECONDS = 60
"""A request that is being answered; longer ones (imports) are safe to repeat."""
_HELD = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered."""

    status: int
    body: bytes


def _key(caller: str, key: str) -> bytes:
    return hashlib.sha256(f"{caller}\x1f{key}".encode()).digest()


def begin(store: Store, caller: str, key: str, request: bytes, at: datetime) -> Reply | None:
    """What was answered to this key of this caller; None: it is new, and the caller's to answer.

    Raises RefusedError where the same key came with another request, and StoreBusyError while
    another process answers it. One that was killed over it holds the key for `HELD_SECONDS`.
    """
    name, asked = _key(caller, key), hashlib.sha256(request).digest()
    with store.writing() as connection:
        connection.execute(delete(replies).where(replies.c.at < at - timedelta(hours=KEEP_HOURS)))
        held = {"hash": name, "at": at, "request": asked, "status": _HELD, "sealed": b""}
        if insert_missing(connection, replies, held, ("hash",)):
            return None
        query = select(replies).where(replies.c.hash == name).with_for_update()
        row = connection.execute(query).one()
        if row.request != asked:
            raise RefusedError("this idempotency key was used for another request")
        if row.status != _HELD:
            where = place("replies", "", name)
            return Reply(row.status, store.sealer.unseal(row.sealed, where))
        if row.at > at - timedelta(seconds=HELD_SECONDS):
            raise StoreBusyError("the same request is being answered; try again")
        connection.execute(update(replies).where(replies.c.hash == name).values(at=at))
        return None


def finish(store: Store, caller: str, key: str, reply: Reply | None) -> None:
    """Keep the answer; None: it failed, and may be asked again under the same key."""
    name = _key(caller, key)
    mine = replies.c.hash == name
    with store.writing() as connection:
        if reply is None:
            connection.execute(delete(replies).where(mine, replies.c.status == _HELD))
            return
        sealed = store.sealer.seal(reply.body, place("replies", "", name))
        connection.execute(update(replies).where(mine).values(status=reply.status, sealed=sealed))
