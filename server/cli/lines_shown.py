"""How a line looks on the command line: as a row, as JSON, and told whole."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from server.store.events import Event
from server.store.worklist import LineDetail, LineRow

WIDE = 240


def console() -> Console:
    """Where tables go: a terminal as wide as it is; a file or pipe wide enough for every column."""
    return Console() if sys.stdout.isatty() else Console(width=WIDE)


def lines_table(rows: list[LineRow]) -> Table:
    """A table of lines."""
    table = Table(box=None, pad_edge=False)
    for column in ("line", "claim", "procedure", "service", "payer", "amount", "state", "reason"):
        table.add_column(column, justify="right" if column in ("line", "amount") else "left")
    table.add_column("route")
    table.add_column("last day")
    for row in rows:
        table.add_row(
            str(row.id),
            row.claim,
            " ".join((row.procedure or "(claim)", *row.modifiers)),
            row.first_day.isoformat() if row.first_day else "",
            row.payer_name or row.payer,
            f"{row.amount:,.2f}",
            row.state,
            row.reason,
            row.route,
            row.deadline.isoformat() if row.deadline else "",
        )
    return table


def plain_line(row: LineRow) -> dict[str, Any]:
    """A line as JSON."""
    return {
        "id": row.id,
        "practice": row.practice,
        "claim": row.claim,
        "payer_claim_control_number": row.payer_claim_control_number,
        "line_control": row.line_control,
        "payer": row.payer,
        "payer_name": row.payer_name,
        "procedure": row.procedure,
        "modifiers": list(row.modifiers),
        "first_day": _iso(row.first_day),
        "last_day": _iso(row.last_day),
        "charge": None if row.charge is None else f"{row.charge:.2f}",
        "amount": f"{row.amount:.2f}",
        "groups": list(row.groups),
        "carcs": list(row.carcs),
        "rarcs": list(row.rarcs),
        "denied_on": _iso(row.denied_on),
        "answered_on": _iso(row.produced),
        "sent_on": _iso(row.sent_on),
        "state": row.state,
        "reason": row.reason,
        "route": row.route or None,
        "deadline": _iso(row.deadline),
        "missing": list(row.missing),
        "recovered": f"{row.recovered:.2f}",
        "as_of": _iso(row.as_of),
        "assignee": row.assignee,
        "worked": row.worked,
        "priority": row.priority,
    }


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None


def told(found: LineDetail, done: list[Event]) -> list[str]:
    """A line whole, as a person would tell it."""
    row = found.row
    what = " ".join((row.procedure or "the whole claim", *row.modifiers))
    lines = [
        f"Line {row.id}: {what} of claim {row.claim}, {row.payer_name or row.payer}",
        f"  {row.state}: {row.reason}" + (f", by {row.route}" if row.route else ""),
        f"  at stake {row.amount:,.2f}"
        + (f", last day {row.deadline}" if row.deadline else ", no last day known")
        + f", decided as of {row.as_of}",
    ]
    lines += ["", "Why:"]
    for step, matched, saw in found.detail.get("steps", []):
        lines.append(f"  {step:>3} {'->' if matched else '  '} {saw}")
    lines += ["", "Evidence:"]
    lines += [f"  {_evidence(one)}" for one in found.detail.get("evidence", [])]
    if done:
        lines += ["", "Done:"]
        lines += [f"  {event_line(one)}" for one in done]
    return lines


def _evidence(one: dict[str, Any]) -> str:
    where = _where(one.get("source"))
    return f"{one['role']}: {one['text']}" + (f"  [{where}]" if where else "")


def _where(source: dict[str, Any] | None) -> str:
    if not source:
        return ""
    if source["kind"] == "portal":
        return f"{source['name']}, seen {source.get('seen_at', '')}"
    number = source.get("segment")
    if number is None:
        return str(source["name"])
    what = "row" if source["kind"] in ("charges", "hand", "mark") else "segment"
    return f"{source['name']}, {what} {number}"


def event_line(event: Event) -> str:
    """One thing that was done, with who and when."""
    body = event.body
    said = {
        "sent": f"{body.get('kind', 'claim')} sent on {body.get('on', '')}",
        "assign": f"given to {body.get('value') or 'nobody'}",
        "note": f"note: {body.get('text', '')}",
        "worked": "worked" if body.get("value") else "not worked",
        "priority": f"priority {body.get('value')}",
    }[event.kind]
    gone = f" (undone by {event.undone_by})" if event.undone_at else ""
    return f"{event.id}: {event.at:%Y-%m-%d %H:%M}Z {event.who}: {said}{gone}"
