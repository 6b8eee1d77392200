"""The morning's report: what changed since, in counts and dollars; no line and no patient in it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field

from server.api.line_models import Money
from server.api.models import Answered, Asked, Moment, Slug, answer
from server.portal_files import portal_files
from server.report import gather, worklist_address
from server.security.callers import current_caller, narrowed, require
from server.security.surroundings import around
from server.store import audit

blueprint = APIBlueprint("reports", __name__, url_prefix="/api/v1/reports", tag="Reports")


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
    what: str
    next_step: str
    lines: int
    amount: Money


class TroubleOut(Answered):
    """A portal a person must see to."""

    portal: str
    account: str
    what: str
    reason: str


class NightOut(Answered):
    """What changed, what runs out, what is held back, and which portals need someone."""

    subject: str
    since: datetime
    as_of: date
    address: str
    nothing_changed: bool
    newly_ready: CountOut
    newly_paid: CountOut
    new: CountOut
    due_soon: CountOut
    held: list[HeldOut]
    troubles: list[TroubleOut]
    looked: int = Field(description="Claims looked at on portals.")


@blueprint.get("/night")
@blueprint.input(NightIn, location="query", arg_name="asked")
@blueprint.output(NightOut)
@require("viewer", "lines:read")
def of_night(asked: NightIn) -> Response:
    """What changed since yesterday, or since a moment."""
    place = around()
    scope = narrowed(asked.practice)
    made = gather(
        place.store,
        scope,
        asked.since or place.now() - timedelta(days=1),
        place.today(),
        worklist_address(place.settings.server),
        portal_files(place.settings.config),
    )
    for practice in sorted(scope):
        audit.append(place.store, current_caller().who, "report.night", practice)
    return answer(NightOut.model_validate(made.as_json()))
