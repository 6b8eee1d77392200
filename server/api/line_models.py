"""A line as the API shows it, from the store's row and the decision's detail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, WithJsonSchema

from server.api.models import Answered
from server.store.worklist import LineRow
from server.wording import days_left, next_step, reason_text, route_text, state_text

Money = Annotated[
    Decimal,
    PlainSerializer(lambda value: f"{value:.2f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d+\.\d{2}$", "examples": ["1150.00"]}),
]
"""US dollars as text with two decimals."""
Quantity = Annotated[
    Decimal,
    PlainSerializer(lambda value: f"{value.normalize():f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}),
]


class PatientOut(Answered):
    """Who was treated; "" and null where not known."""

    last_name: str
    first_name: str
    member_id: str
    birth_date: date | None


class LineOut(Answered):
    """One line of the worklist."""

    id: int
    practice: str
    claim: str
    payer_claim_control_number: str
    line_control: str
    payer: str
    payer_name: str
    patient: PatientOut
    procedure: str
    modifiers: list[str]
    units: Quantity | None
    first_day: date | None
    last_day: date | None
    charge: Money | None
    amount: Money = Field(description="At stake: the line's 107 adjustments.")
    groups: list[str]
    reasons_given: list[str] = Field(description="CARCs of the latest answer.")
    remarks: list[str]
    denied_on: date | None
    produced: date | None
    sent_on: date | None
    paid: Money
    state: str
    state_text: str
    reason: str
    reason_text: str
    next_step: str
    route: str
    route_text: str
    deadline: date | None
    days_left: int | None
    missing: list[str] = Field(description="Procedures any one of which would qualify the line.")
    recovered: Money
    as_of: date
    first_seen: datetime
    changed_at: datetime
    priority: int
    assignee: str
    worked: bool
    open: bool


class PageOut(Answered):
    """A page of lines; `next_cursor` null after the last."""

    lines: list[LineOut]
    next_cursor: str | None


class StepOut(Answered):
    """A row of the decision table that was tried, and what it saw."""

    row: str
    matched: bool
    saw: str


class SourceOut(Answered):
    """Where a fact was read: file and segment, or portal and time."""

    kind: str = ""
    name: str = ""
    digest: str = ""
    segment: int | None = None
    start: int | None = None
    end: int | None = None
    seen_at: datetime | None = None


class EvidenceOut(Answered):
    """A fact the decision rests on."""

    role: str
    text: str
    claim: str = ""
    procedure: str = ""
    modifiers: list[str] = Field(default_factory=list)
    service_day: date | None = None
    amount: Money | None = None
    source: SourceOut | None = None


class WhyOut(Answered):
    """The answer to "why?"."""

    line: int
    state: str
    reason: str
    reason_text: str
    as_of: date
    steps: list[StepOut]
    evidence: list[EvidenceOut]


class EventOut(Answered):
    """What a person did with a line. `value` holds what was set, `text` a note's words."""

    id: int
    line: int
    kind: str
    at: datetime
    who: str
    value: str = ""
    text: str = ""
    undone_at: datetime | None
    undone_by: str | None


class DetailOut(Answered):
    """One line with what was done to it, newest first."""

    line: LineOut
    events: list[EventOut]
    packet: list[str] = Field(description="Files of its live packet; empty where there is none.")


def line_out(row: LineRow, today: date) -> LineOut:
    """A row as it is shown on a day."""
    who = row.patient
    return LineOut(
        id=row.id,
        practice=row.practice,
        claim=row.claim,
        payer_claim_control_number=row.payer_claim_control_number,
        line_control=row.line_control,
        payer=row.payer,
        payer_name=row.payer_name,
        patient=PatientOut(
            last_name=who.last_name,
            first_name=who.first_name,
            member_id=who.member_id,
            birth_date=who.birth_date,
        ),
        procedure=row.procedure,
        modifiers=list(row.modifiers),
        units=row.units,
        first_day=row.first_day,
        last_day=row.last_day,
        charge=row.charge,
        amount=row.amount,
        groups=list(row.groups),
        reasons_given=list(row.carcs),
        remarks=list(row.rarcs),
        denied_on=row.denied_on,
        produced=row.produced,
        sent_on=row.sent_on,
        paid=row.paid,
        state=row.state,
        state_text=state_text(row.state),
        reason=row.reason,
        reason_text=reason_text(row.reason),
        next_step=next_step(row.reason),
        route=row.route,
        route_text=route_text(row.route),
        deadline=row.deadline,
        days_left=days_left(row.deadline, today),
        missing=list(row.missing),
        recovered=row.recovered,
        as_of=row.as_of,
        first_seen=row.first_seen,
        changed_at=row.changed_at,
        priority=row.priority,
        assignee=row.assignee,
        worked=row.worked,
        open=row.open,
    )


def steps_of(detail: Mapping[str, Any]) -> list[StepOut]:
    """The decision's steps as kept with the line."""
    return [
        StepOut(row=str(row), matched=bool(matched), saw=str(saw))
        for row, matched, saw in detail.get("steps", ())
    ]


def evidence_of(detail: Mapping[str, Any]) -> list[EvidenceOut]:
    """The decision's evidence as kept with the line; fields this API does not show are left out."""
    known = EvidenceOut.model_fields
    return [
        EvidenceOut.model_validate(
            {name: value for name, value in one.items() if name in known and name != "source"}
            | {"source": _source(one.get("source"))}
        )
        for one in detail.get("evidence", ())
    ]


def _source(kept: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not kept:
        return None
    return {name: value for name, value in kept.items() if name in SourceOut.model_fields}
