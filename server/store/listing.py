"""What the worklist's page shows beside its rows: sums that stay quick, groups, found services."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from server.store.columns import from_cents
from server.store.engine import Store
from server.store.sealing import place
from server.store.tables import events, lines, tallies
from server.store.worklist import Filter, Scope, conditions

OPEN_STATES = ("ready", "appeal", "waiting", "review")


@dataclass(frozen=True, slots=True)
class Bounded:
    """Lines and US dollars of a filter, counted up to a bound."""

    lines: int
    amount: Decimal
    more: bool
    """There are more than were counted."""


@dataclass(frozen=True, slots=True)
class Group:
    """Open lines of one payer and reason, with their dollars."""

    payer: str
    payer_name: str
    reason: str
    lines: int
    amount: Decimal


def bounded(store: Store, scope: Scope, wanted: Filter, most: int = 1000) -> Bounded:
    """Lines and dollars a filter holds, of at most `most` lines: quick however many there are.

    What a filter looks up by blind index (claim, member, name) is not narrowed by here.
    """
    found = (
        select(lines.c.amount)
        .where(lines.c.practice.in_(sorted(scope)), *conditions(store.sealer, wanted))
        .limit(most + 1)
        .subquery()
    )
    with store.reading() as connection:
        many, total = connection.execute(
            select(func.count(), func.sum(found.c.amount)).select_from(found)
        ).one()
    return Bounded(min(int(many), most), dollars(total), int(many) > most)


def dollars(total: Any) -> Decimal:
    """A sum of cents as the database gives it; 0.00 where there was nothing to add."""
    if total is None:
        return Decimal("0.00")
    return total if isinstance(total, Decimal) else from_cents(int(total))


def groups(store: Store, scope: Scope) -> list[Group]:
    """Open lines by payer and reason, the dearest payer first; from the kept sums."""
    query = select(tallies).where(
        tallies.c.practice.in_(sorted(scope)), tallies.c.state.in_(OPEN_STATES)
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
    held: dict[tuple[str, str], list[Any]] = {}
    payers: dict[str, Decimal] = {}
    for row in rows:
        sums = held.setdefault((row.payer, row.reason), [row.payer_name, 0, Decimal(0)])
        sums[1] += int(row.lines)
        sums[2] += row.amount
        payers[row.payer] = payers.get(row.payer, Decimal(0)) + row.amount
    made = [
        Group(payer, name, reason, many, amount)
        for (payer, reason), (name, many, amount) in held.items()
    ]
    return sorted(made, key=lambda one: (-payers[one.payer], one.payer, -one.amount, one.reason))


def details(store: Store, scope: Scope, numbers: Collection[int]) -> dict[int, dict[str, Any]]:
    """Steps and evidence of some lines, by id."""
    query = select(lines.c.id, lines.c.practice, lines.c.identity, lines.c.detail).where(
        lines.c.id.in_(sorted(numbers)), lines.c.practice.in_(sorted(scope))
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
    return {
        row.id: store.sealer.unseal_json(
            row.detail, place("lines.detail", row.practice, row.identity)
        )
        for row in rows
    }


def note_counts(store: Store, scope: Scope, numbers: Collection[int]) -> dict[int, int]:
    """How many standing notes some lines have."""
    query = (
        select(events.c.line, func.count())
        .where(
            events.c.line.in_(sorted(numbers)),
            events.c.practice.in_(sorted(scope)),
            events.c.kind == "note",
            events.c.undone_at.is_(None),
        )
        .group_by(events.c.line)
    )
    with store.reading() as connection:
        return {line: int(many) for line, many in connection.execute(query)}


def held_back(store: Store, scope: Scope) -> list[tuple[str, int, Decimal]]:
    """(reason, lines, dollars) of what waits or needs a look, the dearest first."""
    query = select(tallies.c.reason, tallies.c.lines, tallies.c.amount).where(
        tallies.c.practice.in_(sorted(scope)), tallies.c.state.in_(("waiting", "review"))
    )
    held: dict[str, list[Any]] = {}
    with store.reading() as connection:
        for row in connection.execute(query):
            sums = held.setdefault(row.reason, [0, Decimal(0)])
            sums[0] += int(row.lines)
            sums[1] += row.amount
    made = [(reason, many, amount) for reason, (many, amount) in held.items()]
    return sorted(made, key=lambda one: (-one[2], one[0]))
