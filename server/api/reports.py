"""The morning's report: what changed since, in counts and dollars; no patient in it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from server.api.line_models import Money
from server.api.models import Answered, Asked, Moment, Slug, answer
from server.api.sweeps import SweepOut
from server.security.callers import current_caller, narrowed, require
from server.security.surroundings import around
from server.store import audit, night, sweeps, worklist
from server.store.night import Count
from server.wording import reason_text

blueprint = APIBlueprint("reports", __name__, url_prefix="/api/v1/reports", tag="Reports")

_HELD_BACK = 10


class NightIn(Asked):
    """Since when; the last 24 hours where left out."""

    since: Moment | None = Field(None, description="With its time zone.")
    practice: Slug | None = None


class CountOut(Answered):
    """So many lines, worth so much."""

    lines: int
    amount: Money


class HeldOut(Answered):
    """What holds open lines back, and what it is worth."""

    reason: str
    reason_text: str
    lines: int
    amount: Money


class NightOut(Answered):
    """What changed, what runs out, what is held back, and how the sweeps went."""

    since: datetime
    as_of: date
    nothing_changed: bool
    newly_ready: CountOut
    newly_paid: CountOut
    new: CountOut
    due_soon: CountOut
    held_back: list[HeldOut]
    sweeps: list[SweepOut]


@blueprint.get("/night")
@blueprint.input(NightIn, location="query", arg_name="asked")
@blueprint.output(NightOut)
@require("viewer", "lines:read")
def of_night(asked: NightIn) -> Response:
    """What changed since the last day."""
    place = around()
    scope = narrowed(asked.practice)
    since = asked.since or place.now() - timedelta(days=1)
    found = night.changes(place.store, scope, since, place.today())
    held = worklist.totals(place.store, scope).reasons
    recent = [
        one for one in sweeps.recent(place.store, scope, _HELD_BACK) if one.started_at >= since
    ]
    for practice in sorted(scope):
        audit.append(place.store, current_caller().who, "report.night", practice)
    return answer(
        NightOut(
            since=since,
            as_of=place.today(),
            nothing_changed=found.nothing_changed,
            newly_ready=_count(found.newly_ready),
            newly_paid=_count(found.newly_paid),
            new=_count(found.new),
            due_soon=_count(found.due_soon),
            held_back=[
                HeldOut(
                    reason=one.key,
                    reason_text=reason_text(one.key),
                    lines=one.lines,
                    amount=one.amount,
                )
                for one in held[:_HELD_BACK]
            ],
            sweeps=[SweepOut.model_validate(one.as_json()) for one in recent],
        )
    )


def _count(one: Count) -> CountOut:
    return CountOut(lines=one.lines, amount=one.amount)
