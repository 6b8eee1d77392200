"""One line: what was decided and why, its evidence and history, its packet, and what to do."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from bs4 import BeautifulSoup
from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server import intake
from server.errors import UserError
from server.security.callers import current_caller, practices, require
from server.security.problems import not_found
from server.security.surroundings import around
from server.store import RefusedError, StoreError, events, packets, people, worklist
from server.store.events import Event
from server.store.packets import Packet
from server.store.worklist import LineDetail, LineRow
from server.web import words
from server.web.blueprint import blueprint, say
from server.web.lists import known
from server.web.shown import found_in, seen
from server.wording import days_left

_SENT_KINDS = {"claim": "corrected claim", "void": "void", "appeal": "appeal"}
_MOST_SEGMENTS = 400


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing in a line's history."""

    at: str
    order: tuple[date, int]
    what: str
    who: str = ""
    text: str = ""
    undone: str = ""
    event: int = 0
    """The event to undo; 0 where nothing can be undone."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a packet: its place, what it is, and its words where they can be read."""

    number: int
    title: str
    kind: str
    size: int
    preview: tuple[str, ...]


@blueprint.get("/lines/<int:line>")
@require("viewer", "lines:read", page=True)
def line_page(line: int) -> str:
    """One line whole."""
    place = around()
    found = worklist.line(place.store, practices(), known(line))
    row = found.row
    done = events.history(place.store, practices(), row.id)
    live = packets.live(place.store, practices(), row.id)
    names = request.args.get("patients") == "1"
    seen([row], "line.view", **({"patients": True} if names else {}))
    return render_template(
        "line.html",
        row=row,
        names=names,
        left=days_left(row.deadline, place.today()),
        found=found_in(found.detail),
        steps=_steps(found),
        evidence=found.detail.get("evidence", ()),
        moments=_history(row, done, live),
        notes=[one for one in done if one.kind == "note" and one.undone_at is None],
        packet=live,
        files=_files(live) if live else [],
        people=_assignable(row),
    )


def _steps(found: LineDetail) -> dict[str, list[dict[str, Any]]]:
    """The decision's steps: those that settled it, and all that were tried before."""
    steps = [
        {"row": str(row), "matched": bool(matched), "saw": str(saw)}
        for row, matched, saw in found.detail.get("steps", ())
    ]
    settled = next((place for place, one in enumerate(steps) if one["matched"]), len(steps))
    return {"before": steps[:settled], "settled": steps[settled:]}


def _assignable(row: LineRow) -> list[people.Person]:
    return [
        one
        for one in people.everyone(around().store)
        if row.practice in one.scope and not one.disabled
    ]


def _history(row: LineRow, done: list[Event], live: Packet | None) -> list[Moment]:
    """What happened to the line, the newest first."""
    found = [_of_day(row.first_day, 0, "Service performed")]
    found.append(_of_day(row.denied_on, 1, f"Denied with 107: {words.money(row.amount)}"))
    found.append(_at(row.first_seen, 2, "First seen here"))
    if row.produced and row.produced != row.denied_on:
        what = "Latest answer of the payer"
        if row.recovered:
            what = f"Paid {words.money(row.recovered)} on a later remittance"
        elif row.paid:
            what = f"Answered: paid {words.money(row.paid)}"
        found.append(_of_day(row.produced, 4, what))
    if live is not None:
        found.append(_at(live.made_at, 3, "Packet built", live.made_by))
    found.extend(_of_event(one) for one in done)
    return sorted((one for one in found if one is not None), key=lambda one: one.order)[::-1]


def _of_day(value: date | None, rank: int, what: str) -> Moment | None:
    return None if value is None else Moment(words.day(value), (value, rank), what)


def _at(value: datetime, rank: int, what: str, who: str = "") -> Moment:
    local = value.astimezone(around().zone)
    return Moment(words.moment(value), (local.date(), rank), what, who)


def _of_event(one: Event) -> Moment:
    local = one.at.astimezone(around().zone)
    seconds = int((local - datetime.combine(local.date(), time(), local.tzinfo)).total_seconds())
    return Moment(
        words.moment(one.at),
        (local.date(), 10 + seconds),
        event_text(one),
        one.who,
        str(one.body.get("text", "")),
        f"taken back {words.moment(one.undone_at)} by {one.undone_by}" if one.undone_at else "",
        0 if one.undone_at else one.id,
    )


def event_text(one: Event) -> str:
    """What a person did, in words."""
    value = one.body.get("value")
    if one.kind == "sent":
        under = f" as {one.body['new_claim']}" if one.body.get("new_claim") else ""
        what = _SENT_KINDS.get(str(one.body.get("kind")), "claim").capitalize()
        return f"{what} sent on {one.body.get('on')}{under}"
    if one.kind == "assign":
        return f"Assigned to {value}" if value else "Assigned to nobody"
    if one.kind == "worked":
        return "Marked as worked" if value else "Marked as not worked"
    return f"Priority set to {value}" if one.kind == "priority" else "Note"


def _files(live: Packet) -> list[File]:
    contents = packets.files(around().store, practices(), live.id)
    return [
        File(number, _title(name), _kind(name), len(contents[name]), preview(name, contents[name]))
        for number, name in enumerate(live.files)
    ]


def _title(name: str) -> str:
    lower = name.lower()
    if lower.endswith(".837"):
        return "Void claim (837)" if "void" in lower else "Corrected claim (837)"
    what = "Appeal letter" if "appeal" in lower or "letter" in lower else "Cover sheet"
    return f"{what} ({_kind(name)})"


def _kind(name: str) -> str:
    return {"htm": "HTML"}.get(end := name.rsplit(".", 1)[-1].lower(), end.upper())


def preview(name: str, content: bytes) -> tuple[str, ...]:
    """A file's words, line by line: an 837 by segments, a sheet or letter without its markup."""
    if name.lower().endswith(".837"):
        text = content.decode("utf-8", "replace")
        end = text[105:106] or "~"
        parts = (part.strip() for part in text.split(end))
        return tuple(part + end for part in parts if part)[:_MOST_SEGMENTS]
    if name.lower().endswith((".html", ".htm")):
        page = BeautifulSoup(content, "lxml")
        for gone in page(["style", "title", "script"]):
            gone.decompose()
        return tuple(" ".join(text.split()) for text in page.stripped_strings)
    return ()


@blueprint.get("/lines/<int:line>/packet/<int:number>")
@require("biller", "lines:read", page=True)
def packet_file(line: int, number: int) -> Response:
    """A file of the line's live packet, to keep."""
    store = around().store
    row = worklist.line(store, practices(), known(line)).row
    live = packets.live(store, practices(), row.id)
    if live is None or number >= len(live.files):
        raise not_found("The line has no such file in a live packet; build the packet first.")
    name = live.files[number]
    content = packets.files(store, practices(), live.id)[name]
    seen([row], "packet.export")
    stem = _title(name).split(" (")[0].lower().replace(" ", "-")
    kind = "application/edi-x12" if name.endswith(".837") else mimetypes.guess_type(name)[0]
    return Response(
        content,
        content_type=kind or "application/octet-stream",
        # Not the file's own name: it holds a claim number, and download folders are read.
        headers={
            "Content-Disposition": f'attachment; filename="line-{row.id}-{stem}.'
            f'{name.rsplit(".", 1)[-1]}"'
        },
    )


@blueprint.post("/lines/<int:line>/packet")
@require("biller", "lines:write", page=True)
def build(line: int) -> ResponseReturnValue:
    """Build the packet of the line's claim."""
    place = around()
    try:
        intake.build_packet(
            place.store,
            practices(),
            known(line),
            who=current_caller().who,
            today=place.today(),
            settings=place.settings,
        )
        say("The packet is built. Look it over, send it, then mark it as sent.")
    except UserError as error:
        if isinstance(error, StoreError) and not isinstance(error, RefusedError):
            raise
        say(str(error)[:1].upper() + str(error)[1:] + ".", wrong=True)
    return redirect(url_for("pages.line_page", line=line, _anchor="packet"), 303)


@blueprint.post("/lines/<int:line>/do")
@require("biller", "lines:write", page=True)
def act(line: int) -> ResponseReturnValue:
    """What a person does with one line: note, sent, assign, worked, priority."""
    row = worklist.line(around().store, practices(), known(line)).row
    what = request.form.get("do", "")
    try:
        event = _act(row, what)
        text = "" if event is None else f"{event_text(event)}."
        if event is None:
            say("Nothing was done.", wrong=True)
        else:
            say("The note is saved." if what == "note" else text, f"{event.line}:{event.id}")
    except RefusedError as error:
        say(str(error)[:1].upper() + str(error)[1:] + ".", wrong=True)
    return redirect(url_for("pages.line_page", line=line), 303)


def _act(row: LineRow, what: str) -> Event | None:
    store, scope, who = around().store, practices(), current_caller().who
    form = request.form
    if what == "note":
        return events.note(store, scope, row.id, form.get("text", "").replace("\0", ""), who)
    if what in ("worked", "unworked"):
        return events.worked(store, scope, row.id, what == "worked", who)
    if what in ("raise", "lower"):
        value = row.priority + (1 if what == "raise" else -1)
        return events.priority(store, scope, row.id, value, who)
    if what == "assign":
        login = form.get("to", "").strip().lower()
        if login and login not in {one.login for one in _assignable(row)}:
            raise RefusedError("nobody of that login has a role in the line's practice")
        return events.assign(store, scope, row.id, login, who)
    return _sent(row) if what == "sent" else None


def _sent(row: LineRow) -> Event:
    place, form = around(), request.form
    kind = form.get("kind", "claim")
    try:
        on = date.fromisoformat(form.get("on", ""))
    except ValueError:
        raise RefusedError("say on which day it was sent, as year-month-day") from None
    if on > place.today():
        raise RefusedError("the day it was sent lies in the future")
    if kind not in _SENT_KINDS:
        raise RefusedError("say what was sent")
    return intake.sent(
        place.store,
        practices(),
        row.id,
        on=on,
        kind="void" if kind == "void" else "appeal" if kind == "appeal" else "claim",
        new_claim=form.get("new_claim", "").strip()[:80],
        who=current_caller().who,
        today=place.today(),
        settings=place.settings,
    )
