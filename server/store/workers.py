"""Workers: who is alive, and taking over from who is not."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from server.store.accounts import release_all_of
from server.store.bulk import upsert
from server.store.engine import Store, now
from server.store.sweep_tables import workers

SILENT = timedelta(minutes=2)
"""A worker silent for so long is dead, and its work goes to another."""


def beat(store: Store, worker: str) -> bool:
    """Say that a worker lives; False where it was taken for dead meanwhile and must stop."""
    at = now()
    with store.writing() as connection:
        row = connection.execute(select(workers).where(workers.c.name == worker)).first()
        if row is not None and row.ended:
            return False
        upsert(
            connection,
            workers,
            [{"name": worker, "started_at": at, "beat_at": at, "ended": False}],
            ["name"],
            keep=["started_at"],
        )
    return True


def end(store: Store, worker: str) -> None:
    """A worker leaves in good order."""
    with store.writing() as connection:
        connection.execute(update(workers).where(workers.c.name == worker).values(ended=True))
        release_all_of(connection, worker)


def bury(store: Store, silent: timedelta = SILENT) -> list[str]:
    """Declare silent workers dead, each by one live worker only; give back what they held."""
    before = now() - silent
    with store.writing() as connection:
        dead = list(
            connection.scalars(
                select(workers.c.name).where(~workers.c.ended, workers.c.beat_at < before)
            )
        )
        buried = []
        for name in dead:
            # Several live workers may look at once: the row changes for one of them.
            done = connection.execute(
                update(workers)
                .where(workers.c.name == name, ~workers.c.ended, workers.c.beat_at < before)
                .values(ended=True)
            )
            if done.rowcount:
                release_all_of(connection, name)
                buried.append(name)
    return buried
