"""Answers kept for a day under an idempotency key: a POST sent twice changes nothing twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from server.store.bulk import upsert
from server.store.engine import Store
from server.store.errors import RefusedError
from server.store.sealing import place
from server.store.tables import replies

KEEP_HOURS = 24


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered."""

    status: int
    body: bytes


def _key(caller: str, key: str) -> bytes:
    return hashlib.sha256(f"{caller}\x1f{key}".encode()).digest()


def recall(store: Store, caller: str, key: str, request: bytes) -> Reply | None:
    """What was answered to this key of this caller; None where it is new.

    Raises RefusedError where the same key came with another request.
    """
    name = _key(caller, key)
    with store.reading() as connection:
        row = connection.execute(select(replies).where(replies.c.hash == name)).first()
    if row is None:
        return None
    if row.request != hashlib.sha256(request).digest():
        raise RefusedError("this idempotency key was used for another request")
    return Reply(row.status, store.sealer.unseal(row.sealed, place("replies", "", name)))


def remember(
    store: Store, caller: str, key: str, request: bytes, reply: Reply, at: datetime
) -> None:
    """Keep an answer; older ones than a day go."""
    name = _key(caller, key)
    with store.writing() as connection:
        connection.execute(delete(replies).where(replies.c.at < at - timedelta(hours=KEEP_HOURS)))
        upsert(
            connection,
            replies,
            [
                {
                    "hash": name,
                    "at": at,
                    "request": hashlib.sha256(request).digest(),
                    "status": reply.status,
                    "sealed": store.sealer.seal(reply.body, place("replies", "", name)),
                }
            ],
            ("hash",),
        )
