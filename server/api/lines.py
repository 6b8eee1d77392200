"""The worklist: lines by filter and sort, one line, why it was decided so, and the sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, StringConstraints

from server.api.line_models import (
    DetailOut,
    EventOut,
    LineOut,
    Money,
    PageOut,
    WhyOut,
    evidence_of,
    line_out,
    steps_of,
)
from server.api.models import Answered, Asked, LineText, Slug, answer
from server.security.callers import current_caller, narrowed, practices, require
from server.security.problems import Fault, Problem, invalid
from server.security.surroundings import around
from server.store import (
    StoreBusyError,
    StoreError,
    StoreFullError,
    audit,
    events,
    packets,
    worklist,
)
from server.store.events import Event
from server.store.worklist import Filter, LineRow, Page, Sum
from server.wording import reason_text, state_text

blueprint = APIBlueprint("lines", __name__, url_prefix="/api/v1/lines", tag="Lines")

_STATE = "(ready|appeal|waiting|review|resubmitted|appealed|resolved|closed)"
_WORD = "[a-z0-9_]{1,40}"
States = Annotated[str, StringConstraints(pattern=rf"^{_STATE}(,{_STATE}){{0,7}}$")]
Words = Annotated[str, StringConstraints(pattern=rf"^{_WORD}(,{_WORD}){{0,19}}$")]
SortName = Literal[
    "due", "-due", "amount", "-amount", "produced", "-produced", "priority", "id", "-id"
]


class LinesIn(Asked):
    """Which lines. States, reasons and routes may be several, separated by commas."""

    state: States | None = None
    reason: Words | None = None
    route: Words | None = None
    payer: LineText | None = None
    procedure: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{5}$")] | None = None
    due_within: int | None = Field(None, ge=0, le=3660, description="Days from today.")
    assignee: LineText | None = Field(None, description='"": nobody\'s.')
    worked: bool | None = None
    all: bool = Field(False, description="Also lines that ask nothing of a person any more.")
    q: LineText | None = Field(
        None, description="A claim number, member id or last name, whole; by blind index."
    )
    practice: Slug | None = None
    sort: SortName = "due"
    cursor: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,400}$")] | None = None
    limit: int = Field(50, ge=1, le=200)


class PracticeIn(Asked):
    """One practice, where you may use several."""

    practice: Slug | None = None


class SumOut(Answered):
    """Lines and dollars under one heading."""

    key: str
    name: str
    lines: int
    amount: Money
    recovered: Money


class StateOut(Answered):
    """Lines and dollars in one state."""

    state: str
    name: str
    lines: int
    amount: Money
    recovered: Money


class SummaryOut(Answered):
    """What there is; reasons and payers of open lines."""

    states: list[StateOut]
    reasons: list[SumOut]
    payers: list[SumOut]


@blueprint.get("")
@blueprint.input(LinesIn, location="query", arg_name="asked")
@blueprint.output(PageOut)
@require("viewer", "lines:read")
def listed(asked: LinesIn) -> Response:
    """Lines of the worklist, a page at a time."""
    place = around()
    page = _page(narrowed(asked.practice), asked)
    seen(page.rows, "lines.view")
    today = place.today()
    return answer(PageOut(lines=[line_out(row, today) for row in page.rows], next_cursor=page.next))


def _page(scope: frozenset[str], asked: LinesIn) -> Page:
    store = around().store
    wanted = _filter(asked)
    tries = [wanted]
    if asked.q:
        # Blind indexes find whole values only; which one was typed is not known.
        tries = [
            replace(wanted, claim=asked.q, open_only=False),
            replace(wanted, member_id=asked.q, open_only=False),
            replace(wanted, last_name=asked.q, open_only=False),
        ]
    try:
        for one in tries:
            page = worklist.page(store, scope, one, asked.sort, asked.cursor, asked.limit)
            if page.rows:
                break
        return page
    except (StoreBusyError, StoreFullError):
        raise
    except StoreError as error:
        if asked.cursor is None:
            raise
        raise invalid([Fault("query.cursor", "not a cursor of this list")]) from error


def _filter(asked: LinesIn) -> Filter:
    due_to = None
    if asked.due_within is not None:
        due_to = around().today() + timedelta(days=asked.due_within)
    return Filter(
        states=_split(asked.state),
        reasons=_split(asked.reason),
        routes=_split(asked.route),
        payers=(asked.payer,) if asked.payer else (),
        procedure=(asked.procedure or "").upper(),
        open_only=not asked.all,
        due_to=due_to,
        assignee=asked.assignee,
        worked=asked.worked,
    )


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def seen(rows: Iterable[LineRow], what: str) -> None:
    """Put on the audit trail which lines the caller was shown, one row a practice."""
    shown: dict[str, list[int]] = {}
    for row in rows:
        shown.setdefault(row.practice, []).append(row.id)
    for practice, ids in shown.items():
        audit.append(around().store, current_caller().who, what, practice, lines=ids)


@blueprint.get("/summary")
@blueprint.input(PracticeIn, location="query", arg_name="asked")
@blueprint.output(SummaryOut)
@require("viewer", "lines:read")
def summary(asked: PracticeIn) -> Response:
    """Counts and dollars by state, reason and payer."""
    totals = worklist.totals(around().store, narrowed(asked.practice))
    return answer(
        SummaryOut(
            states=[
                StateOut(
                    state=one.key,
                    name=state_text(one.key),
                    lines=one.lines,
                    amount=one.amount,
                    recovered=one.recovered,
                )
                for one in totals.states
            ],
            reasons=[_sum(one, reason_text(one.key)) for one in totals.reasons],
            payers=[_sum(one, one.name) for one in totals.payers],
        )
    )


def _sum(one: Sum, name: str) -> SumOut:
    return SumOut(
        key=one.key, name=name, lines=one.lines, amount=one.amount, recovered=one.recovered
    )


@blueprint.get("/<int:line>")
@blueprint.output(DetailOut)
@require("viewer", "lines:read")
def one(line: int) -> Response:
    """One line, and what was done to it."""
    place = around()
    known_id(line)
    found = worklist.line(place.store, practices(), line)
    done = events.history(place.store, practices(), line)
    packet = packets.live(place.store, practices(), line)
    seen([found.row], "line.view")
    return answer(
        DetailOut(
            line=line_out(found.row, place.today()),
            events=[event_out(event) for event in done],
            packet=list(packet.files) if packet else [],
        )
    )


@blueprint.get("/<int:line>/why")
@blueprint.output(WhyOut)
@require("viewer", "lines:read")
def why(line: int) -> Response:
    """The rows that were tried, what each saw, and the evidence."""
    known_id(line)
    found = worklist.line(around().store, practices(), line)
    seen([found.row], "line.why")
    return answer(
        WhyOut(
            line=found.row.id,
            state=found.row.state,
            reason=found.row.reason,
            reason_text=reason_text(found.row.reason),
            as_of=found.row.as_of,
            steps=steps_of(found.detail),
            evidence=evidence_of(found.detail),
        )
    )


def known_id(line: int) -> None:
    """A number no database holds is no line."""
    if line > 2**53:
        raise Problem(404, "not-found", "Not found", "There is no such line, or it is not yours.")


def event_out(event: Event) -> EventOut:
    """An event as it is shown."""
    value = event.body.get("value", event.body.get("kind", ""))
    return EventOut(
        id=event.id,
        line=event.line,
        kind=event.kind,
        at=event.at,
        who=event.who,
        value=str(value).lower() if isinstance(value, bool) else str(value),
        text=str(event.body.get("text", "")),
        undone_at=event.undone_at,
        undone_by=event.undone_by,
    )


__all__ = ["LineOut", "blueprint", "event_out", "known_id", "seen"]
