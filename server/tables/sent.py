"""What was sent again, voided or appealed, from a CSV: `claim, procedure, sent_on, kind`
(`claim`, `void` or `appeal`), optional `line_control` and `new_claim`."""

from __future__ import annotations

from typing import cast

from server.facts import Mark, MarkKind
from server.tables.rows import Row, read_rows

REQUIRED = ("claim", "sent_on", "kind")
KINDS = ("claim", "void", "appeal")


def read_sent(content: bytes, name: str) -> tuple[Mark, ...]:
    """The marks of a file, row by row; all or none. Raises TableError naming row and column."""
    return tuple(_mark(row) for row in read_rows(content, name, REQUIRED))


def _mark(row: Row) -> Mark:
    sent_on = row.day("sent_on")
    if sent_on is None:
        raise row.error("sent_on", "is empty")
    if not row.text("claim"):
        raise row.error("claim", "is empty")
    kind = row.text("kind").lower() or "claim"
    if kind not in KINDS:
        raise row.error("kind", f"is none of {', '.join(KINDS)}")
    # A procedure may be written with its modifiers (22614-59): the code alone names the line.
    return Mark(
        claim=row.text("claim"),
        procedure=(row.modifiers("procedure") or ("",))[0],
        sent_on=sent_on,
        kind=cast(MarkKind, kind),
        line_control=row.text("line_control"),
        new_claim=row.text("new_claim"),
        source=row.source("mark"),
    )
