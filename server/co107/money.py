"""Sums over decisions: what is ready, in appeal, waiting, and what came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from server.co107.decision import Decided, State

OPEN: tuple[State, ...] = ("ready", "appeal", "waiting", "review")


@dataclass(frozen=True, slots=True)
class Sum:
    """Dollars and lines of one state, payer and last day."""

    state: State
    payer: str
    last_day: date | None
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a payer paid for lines that were sent again or appealed."""

    payer: str
    lines: int
    paid: Decimal


def open_sums(decided: Iterable[Decided]) -> tuple[Sum, ...]:
    """US dollars at stake by state, payer and last day; the nearest last day first, the unknown
    ones last."""
    found: dict[tuple[State, str, date | None], list[Decimal]] = {}
    for one in decided:
        decision = one.decision
        if decision.state in OPEN:
            key = decision.state, one.key.payer, decision.deadline
            found.setdefault(key, []).append(decision.amount)
    sums = (
        Sum(state, payer, day, len(amounts), sum(amounts, Decimal(0)))
        for (state, payer, day), amounts in found.items()
    )
    return tuple(
        sorted(
            sums,
            key=lambda one: (OPEN.index(one.state), one.last_day or date.max, one.payer),
        )
    )


def by_state(decided: Iterable[Decided]) -> dict[State, Decimal]:
    """US dollars at stake in every open state, 0 included."""
    totals: dict[State, Decimal] = dict.fromkeys(OPEN, Decimal(0))
    for one in decided:
        if one.decision.state in totals:
            totals[one.decision.state] += one.decision.amount
    return totals


def is_recovered(one: Decided) -> bool:
    """Whether a line was paid by an answer newer than what we sent for it."""
    return (
        one.decision.state == "resolved"
        and one.sent_on is not None
        and one.answered_on is not None
        and one.answered_on >= one.sent_on
        and one.paid > 0
    )


def recovered(decided: Iterable[Decided]) -> tuple[Recovered, ...]:
    """What came back after resubmission, by payer."""
    found: dict[str, list[Decimal]] = {}
    for one in decided:
        if is_recovered(one):
            found.setdefault(one.key.payer, []).append(one.paid)
    return tuple(
        Recovered(payer, len(paid), sum(paid, Decimal(0))) for payer, paid in sorted(found.items())
    )
