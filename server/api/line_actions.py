"""What a person does with a line: sent, assigned, noted, worked, taken back; and its packet."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, StringConstraints

from server import intake
from server.api.idempotency import repeatable
from server.api.line_models import EventOut
from server.api.lines import event_out, known_id, seen
from server.api.models import Answered, Asked, LineText, answer
from server.api.openapi import file_answer
from server.logs import log
from server.security.callers import current_caller, practices, require
from server.security.problems import Fault, conflict, invalid, not_found
from server.security.surroundings import around
from server.store import events, packets, people, worklist

blueprint = APIBlueprint("line_actions", __name__, url_prefix="/api/v1/lines", tag="Lines")

NoteText = Annotated[
    str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")
]
Part = Literal["claim", "cover", "cover.pdf", "letter", "letter.pdf"]
_ENDINGS: dict[str, str] = {
    "claim": ".837",
    "cover": "-cover.html",
    "cover.pdf": "-cover.pdf",
    "letter": "-appeal.html",
    "letter.pdf": "-appeal.pdf",
}


class SentIn(Asked):
    """What was sent for the line, and when."""

    on: date
    kind: Literal["claim", "void", "appeal"] = "claim"
    new_claim: LineText = Field("", description="The number it went out under, where another.")


class AssignIn(Asked):
    """A login of someone with a role in the line's practice; "": nobody."""

    to: LineText


class NoteIn(Asked):
    """A note's words."""

    text: Annotated[
        str,
        StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$"),
    ]


class WorkedIn(Asked):
    """Whether the line was worked."""

    worked: bool


class UndoIn(Asked):
    """The event to undo; null: the last one that stands."""

    event: int | None = Field(None, ge=1, le=2**53)


class PacketOut(Answered):
    """A claim's live packet: what it is made of and which lines it holds."""

    id: int
    route: str
    lines: list[int]
    files: list[str]
    made_by: str


class PacketIn(Asked):
    """Which of its files; `number` from 1, as a void and the new claim are two."""

    part: Part = "claim"
    number: int = Field(1, ge=1, le=9)


@blueprint.post("/<int:line>/sent")
@blueprint.input(SentIn, arg_name="asked")
@blueprint.output(EventOut)
@repeatable
@require("biller", "lines:write")
def sent(line: int, asked: SentIn) -> Response:
    """Mark the line as sent again, voided or appealed."""
    known_id(line)
    place = around()
    today = place.today()
    if asked.on > today:
        raise invalid([Fault("body.on", "lies in the future")])
    done = intake.sent(
        place.store,
        practices(),
        line,
        on=asked.on,
        kind=asked.kind,
        new_claim=asked.new_claim,
        who=current_caller().who,
        today=today,
        settings=place.settings,
    )
    return answer(event_out(done))


@blueprint.post("/<int:line>/assign")
@blueprint.input(AssignIn, arg_name="asked")
@blueprint.output(EventOut)
@repeatable
@require("biller", "lines:write")
def assign(line: int, asked: AssignIn) -> Response:
    """Give the line to someone."""
    known_id(line)
    store = around().store
    practice = worklist.line(store, practices(), line).row.practice
    login = asked.to.strip().lower()
    if login:
        person = people.by_login(store, login)
        if person is None or person.disabled or practice not in person.roles:
            raise conflict("Nobody of that login has a role in the line's practice.")
    done = events.assign(store, practices(), line, login, current_caller().who)
    return answer(event_out(done))


@blueprint.post("/<int:line>/note")
@blueprint.input(NoteIn, arg_name="asked")
@blueprint.output(EventOut)
@repeatable
@require("biller", "lines:write")
def note(line: int, asked: NoteIn) -> Response:
    """Write a note on the line; kept sealed."""
    known_id(line)
    done = events.note(around().store, practices(), line, asked.text, current_caller().who)
    return answer(event_out(done))


@blueprint.post("/<int:line>/worked")
@blueprint.input(WorkedIn, arg_name="asked")
@blueprint.output(EventOut)
@repeatable
@require("biller", "lines:write")
def worked(line: int, asked: WorkedIn) -> Response:
    """Say that the line was worked, or was not."""
    known_id(line)
    done = events.worked(around().store, practices(), line, asked.worked, current_caller().who)
    return answer(event_out(done))


@blueprint.post("/<int:line>/undo")
@blueprint.input(UndoIn, arg_name="asked")
@blueprint.output(EventOut)
@repeatable
@require("biller", "lines:write")
def undo(line: int, asked: UndoIn) -> Response:
    """Take back what was last done with the line, or one event."""
    known_id(line)
    place = around()
    done = intake.undo(
        place.store,
        practices(),
        line,
        who=current_caller().who,
        today=place.today(),
        settings=place.settings,
        event=asked.event,
    )
    return answer(event_out(done))


class BuildIn(Asked):
    """Nothing to say."""


@blueprint.post("/<int:line>/packet")
@blueprint.input(BuildIn, arg_name="asked")
@blueprint.output(PacketOut)
@repeatable
@require("biller", "lines:write")
def build(line: int, asked: BuildIn) -> Response:
    """Build the packet of the line's claim: all its ready lines; the one before is live no more."""
    known_id(line)
    place = around()
    made = intake.build_packet(
        place.store,
        practices(),
        line,
        who=current_caller().who,
        today=place.today(),
        settings=place.settings,
    )
    log().info("packet", line=line, who=current_caller().tag)
    return answer(
        PacketOut(
            id=made.id,
            route=made.route,
            lines=list(made.lines),
            files=list(made.files),
            made_by=made.made_by,
        )
    )


@blueprint.get("/<int:line>/packet")
@blueprint.input(PacketIn, location="query", arg_name="asked")
@blueprint.output({})
@file_answer("application/edi-x12", "application/pdf", "text/html")
@require("biller", "lines:read")
def packet(line: int, asked: PacketIn) -> Response:
    """A file of the line's live packet: the corrected claim, the cover sheet, or the letter."""
    known_id(line)
    store = around().store
    row = worklist.line(store, practices(), line).row
    live = packets.live(store, practices(), line)
    name = _file_of(live.files, asked) if live is not None else None
    if live is None or name is None:
        raise not_found("The line has no such file in a live packet; build the packet first.")
    content = packets.files(store, practices(), live.id)[name]
    seen([row], "packet.export")
    # Not the file's own name: it holds the claim number, and download folders are looked into.
    shown = f"line-{line}-{asked.number}.837" if asked.part == "claim" else _shown(line, name)
    return Response(
        content,
        content_type=_media_type(name),
        headers={"Content-Disposition": f'attachment; filename="{shown}"'},
    )


def _shown(line: int, name: str) -> str:
    return f"line-{line}-{name.rsplit('-', 1)[-1]}"


def _file_of(names: tuple[str, ...], asked: PacketIn) -> str | None:
    fitting = [name for name in names if name.endswith(_ENDINGS[asked.part])]
    return fitting[asked.number - 1] if asked.number <= len(fitting) else None


def _media_type(name: str) -> str:
    if name.endswith(".837"):
        return "application/edi-x12"
    return "application/pdf" if name.endswith(".pdf") else "text/html; charset=utf-8"
