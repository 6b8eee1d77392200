"""A line as the worklist shows it: the stored row, and what was found for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.security.callers import current_caller
from server.security.surroundings import around
from server.store import audit, listing
from server.store.worklist import LineRow
from server.wording import days_left

_FOUND = ("charge", "service", "reference")


@dataclass(frozen=True, slots=True)
class Found:
    """The qualifying service that was found: its procedure, claim and how it stands."""

    procedure: str = ""
    claim: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the worklist."""

    row: LineRow
    left: int | None
    found: Found
    looked_at: str
    """When a portal was last looked at, ISO; "" where it never was."""
    notes: int


def shown(rows: Sequence[LineRow], scope: frozenset[str], today: date) -> list[Shown]:
    """Rows with what their decisions found."""
    numbers = [row.id for row in rows]
    store = around().store
    details = listing.details(store, scope, numbers) if numbers else {}
    notes = listing.note_counts(store, scope, numbers) if numbers else {}
    return [
        Shown(
            row,
            days_left(row.deadline, today),
            found_in(details.get(row.id, {})),
            _look(details.get(row.id, {})),
            notes.get(row.id, 0),
        )
        for row in rows
    ]


def found_in(detail: dict[str, Any]) -> Found:
    """The service or charge a decision rests on."""
    for role in _FOUND:
        for one in detail.get("evidence", ()):
            if one.get("role") == role:
                return Found(one.get("procedure", ""), one.get("claim", ""), _status(one))
    return Found()


def _status(one: dict[str, Any]) -> str:
    text = str(one.get("text", ""))
    if one.get("role") == "charge":
        return text.rpartition(", ")[2]
    return text.partition(": ")[2].partition(", ")[0] or text


def _look(detail: dict[str, Any]) -> str:
    """The latest time a portal was read for this line."""
    return max(
        (
            str(one["source"]["seen_at"])
            for one in detail.get("evidence", ())
            if (one.get("source") or {}).get("seen_at")
        ),
        default="",
    )


def seen(rows: Iterable[LineRow], what: str, **more: Any) -> None:
    """Put on the audit trail which lines the caller was shown, one row a practice."""
    by_practice: dict[str, list[int]] = {}
    for row in rows:
        by_practice.setdefault(row.practice, []).append(row.id)
    for practice, ids in by_practice.items():
        audit.append(around().store, current_caller().who, what, practice, lines=ids, **more)
