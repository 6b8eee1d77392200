"""What a person says was sent, and taking it back."""

from __future__ import annotations

from datetime import date

from server.facts import Mark, MarkKind, Source
from server.intake.deciding import decide_due
from server.settings import Settings
from server.store import Store, audit, events, facts, practices, worklist
from server.store.events import Event
from server.store.practices import Scope


def sent(
    store: Store,
    scope: Scope,
    line: int,
    *,
    on: date,
    who: str,
    today: date,
    settings: Settings,
    kind: MarkKind = "claim",
    new_claim: str = "",
) -> Event:
    """Mark a line as sent again, voided or appealed on a day; undone by `undo`."""
    with store.writing() as connection:
        found = worklist.line_in(connection, store, scope, line)
        row = found.row
        practices.lock(connection, row.practice)
        mark = Mark(
            claim=row.claim,
            procedure=row.procedure if kind != "void" else "",
            sent_on=on,
            kind=kind,
            line_control=row.line_control if kind != "void" else "",
            new_claim=new_claim.strip(),
            source=Source("mark", "worklist"),
        )
        facts.put(connection, store.sealer, row.practice, [mark])
        event = events.add(
            connection,
            store,
            row.practice,
            line,
            "sent",
            {"kind": kind, "on": on.isoformat(), "new_claim": mark.new_claim},
            who,
            facts.fact_identity(store.sealer, mark),
        )
        practices.touch(connection, row.practice)
        audit.append(
            store, who, "line.sent", row.practice, f"line {line}", event=event.id, kind=kind
        )
    decide_due(store, row.practice, today, settings)
    return event


def undo(
    store: Store,
    scope: Scope,
    line: int,
    *,
    who: str,
    today: date,
    settings: Settings,
    event: int | None = None,
) -> Event:
    """Undo what was last done with a line, or the event named; a mark goes with its event.

    Raises NotThereError or RefusedError.
    """
    with store.writing() as connection:
        practice = events.practice_of(connection, scope, line)
        practices.lock(connection, practice)
        undone, mark = events.undo(connection, store, scope, line, who, event)
        # Two people may have marked the same: the fact stays while one of them stands.
        if mark is not None and not events.standing_marks(connection, mark):
            facts.remove(connection, practice, mark)
        practices.touch(connection, practice)
        audit.append(store, who, "line.undo", practice, f"line {line}", event=undone.id)
    decide_due(store, practice, today, settings)
    return undone
