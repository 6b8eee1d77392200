"""Filters of the worklist a person saved under a name of their own."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select

from server.store.engine import Store, now
from server.store.errors import RefusedError
from server.store.web_tables import saved_filters

MOST = 30
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved filter: `query` as it stands in the worklist's address."""

    id: int
    name: str
    query: str


def of(store: Store, person: int) -> list[Saved]:
    """A person's filters, in the order they were saved."""
    query = (
        select(saved_filters.c.id, saved_filters.c.name, saved_filters.c.query)
        .where(saved_filters.c.person == person)
        .order_by(saved_filters.c.id)
    )
    with store.reading() as connection:
        return [Saved(*row) for row in connection.execute(query)]


def save(store: Store, person: int, name: str, query: str) -> None:
    """Keep a filter under a name; the same name again takes its place. Raises RefusedError."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise RefusedError(f"a filter's name has between 1 and {LONGEST_NAME} characters")
    mine = saved_filters.c.person == person
    with store.writing() as connection:
        connection.execute(delete(saved_filters).where(mine, saved_filters.c.name == name))
        held = connection.scalar(select(func.count()).select_from(saved_filters).where(mine)) or 0
        if held >= MOST:
            raise RefusedError(f"{MOST} filters are saved already; remove one first")
        connection.execute(
            insert(saved_filters).values(
                person=person, name=name, query=query[:2000], created_at=now()
            )
        )


def remove(store: Store, person: int, number: int) -> None:
    """Forget one of a person's filters; another's is left alone."""
    with store.writing() as connection:
        connection.execute(
            delete(saved_filters).where(
                saved_filters.c.person == person, saved_filters.c.id == number
            )
        )
