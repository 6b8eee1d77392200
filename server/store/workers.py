"""Workers: who is alive, and taking over from who is not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import and_, delete, or_, select, update

from server.store.accounts import release_all_of
from server.store.bulk import upsert
from server.store.engine import Store, now
from server.store.sweep_tables import workers

SILENT = timedelta(minutes=2)
"""A worker silent for so long is dead, and its work goes to another."""


def begin(store: Store, worker: str) -> None:
    """A worker starts: it holds nothing yet, whatever one of its name held before."""
    at = now()
    with store.writing() as connection:
        upsert(
            connection,
            workers,
            [{"name": worker, "started_at": at, "beat_at": at, "ended": False}],
            ["name"],
        )
        release_all_of(connection, worker)


def living(store: Store) -> list[str]:
    """Workers not known to have ended."""
    with store.reading() as connection:
        return list(connection.scalars(select(workers.c.name).where(~workers.c.ended)))


def beat(store: Store, worker: str) -> bool:
    """Say that a worker lives; False where it was taken for dead meanwhile and must stop."""
    with store.writing() as connection:
        done = connection.execute(
            update(workers).where(workers.c.name == worker, ~workers.c.ended).values(beat_at=now())
        )
    return done.rowcount == 1


def end(store: Store, worker: str) -> None:
    """A worker leaves: what it leaves unfinished is the next worker's, without a wait."""
    with store.writing() as connection:
        long_ago = now() - timedelta(days=3650)
        connection.execute(
            update(workers)
            .where(workers.c.name == worker, ~workers.c.ended)
            .values(beat_at=long_ago)
        )
        release_all_of(connection, worker)


def bury(store: Store, silent: timedelta = SILENT, gone: Collection[str] = ()) -> list[str]:
    """Declare silent workers dead, each by one live worker only; give back what they held.

    `gone` are workers known to be dead whatever their last beat says. Whoever buries one hands its
    work on and then calls `forget`; where that was cut off, the dead is buried again by another.
    """
    is_dead = or_(
        workers.c.beat_at < now() - silent,
        and_(~workers.c.ended, workers.c.name.in_(sorted(gone))),
    )
    with store.writing() as connection:
        dead = list(connection.scalars(select(workers.c.name).where(is_dead)))
        buried = []
        for name in dead:
            # Several live workers may look at once: the row changes for one of them.
            done = connection.execute(
                update(workers)
                .where(workers.c.name == name, is_dead)
                .values(ended=True, beat_at=now())
            )
            if done.rowcount:
                release_all_of(connection, name)
                buried.append(name)
    return buried


def forget(store: Store, worker: str) -> None:
    """The work of a buried worker was handed on: nothing is left of it."""
    with store.writing() as connection:
        connection.execute(delete(workers).where(workers.c.name == worker, workers.c.ended))
