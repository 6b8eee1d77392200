"""What the server knows of the claims on a portal's page, asked for by keyed hash.

The extension hashes each claim number it reads with its practice's key and sends the hashes: the
server learns nothing of claims it does not hold, and no number crosses the wire. What goes back
names no patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field, StringConstraints

from server.api.line_models import Money, steps_of
from server.api.lines import seen
from server.api.models import Answered, Asked, Slug, answer
from server.security.callers import practices, require
from server.security.surroundings import around
from server.store import NotThereError, worklist
from server.store.worklist import LineRow
from server.wording import days_left, next_step, reason_text, route_text

blueprint = APIBlueprint("match", __name__, url_prefix="/api/v1/lines", tag="Lines")

MOST_HASHES = 200
HASH_DIGITS = 32
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class MatchIn(Asked):
    """Hashes: first 16 bytes of HMAC-SHA-256(match_key, claim number in A-Z and 0-9), as hex."""

    portal: Slug
    hashes: list[Hash] = Field(max_length=MOST_HASHES)


class MissingOut(Answered):
    """The service the line lacks."""

    text: str
    procedures: list[str]


class MatchedOut(Answered):
    """A line as a tooltip shows it: no patient's value."""

    line_id: int
    claim_hash: str
    practice: str
    procedure: str
    modifiers: list[str]
    service_date: date | None
    code: str
    remarks: list[str]
    state: str
    reason: str
    reason_text: str
    route: str
    route_text: str
    deadline: date | None
    days_left: int | None
    rule_text: str
    amount: Money
    missing: MissingOut | None
    found_at: str
    next_step: str
    why_now: str
    as_of: date
    checked_at: datetime | None


class MatchOut(Answered):
    """Lines by hash; a hash nothing is known of is absent."""

    matches: dict[str, list[MatchedOut]]


@blueprint.post("/match")
@blueprint.input(MatchIn, arg_name="asked")
@blueprint.output(MatchOut)
@require("viewer", "lines:read")
def match(asked: MatchIn) -> Response:
    """What is known of the claims with these hashes."""
    place = around()
    today = place.today()
    found = worklist.match(place.store, practices(), {bytes.fromhex(one) for one in asked.hashes})
    seen({row.id: row for rows in found.values() for row in rows}.values(), "lines.match")
    return answer(
        MatchOut(
            matches={
                key.hex(): [_matched(key.hex(), row, today) for row in rows]
                for key, rows in found.items()
            }
        )
    )


def _matched(key: str, row: LineRow, today: date) -> MatchedOut:
    detail = _detail(row)
    return MatchedOut(
        line_id=row.id,
        claim_hash=key,
        practice=row.practice,
        procedure=row.procedure,
        modifiers=list(row.modifiers),
        service_date=row.first_day,
        code="-".join(filter(None, (next(iter(row.groups), ""), "107"))),
        remarks=list(row.rarcs),
        state=row.state,
        reason=row.reason,
        reason_text=reason_text(row.reason),
        route=row.route,
        route_text=route_text(row.route),
        deadline=row.deadline,
        days_left=days_left(row.deadline, today),
        rule_text=_evidence(detail, "last_day"),
        amount=row.amount,
        missing=_missing(row),
        found_at=_evidence(detail, "charge", "service", "reference"),
        next_step=next_step(row.reason),
        why_now=_matched_step(detail),
        as_of=row.as_of,
        checked_at=_looked_at(detail),
    )


def _detail(row: LineRow) -> Mapping[str, Any]:
    try:
        return worklist.line(around().store, frozenset({row.practice}), row.id).detail
    except NotThereError:
        # An import took the line's place in between.
        return {}


def _evidence(detail: Mapping[str, Any], *roles: str) -> str:
    """The decision's own words for a fact; they name no patient."""
    for role in roles:
        for one in detail.get("evidence", ()):
            if one.get("role") == role and one.get("text"):
                return str(one["text"])
    return ""


def _matched_step(detail: Mapping[str, Any]) -> str:
    return next((one.saw for one in steps_of(detail) if one.matched), "")


def _looked_at(detail: Mapping[str, Any]) -> datetime | None:
    moments = [
        str(one["source"]["seen_at"])
        for one in detail.get("evidence", ())
        if (one.get("source") or {}).get("seen_at")
    ]
    return datetime.fromisoformat(max(moments)) if moments else None


def _missing(row: LineRow) -> MissingOut | None:
    if not row.missing:
        return None
    listed = ", ".join(row.missing[:6]) + (" ..." if len(row.missing) > 6 else "")
    one_of = "one of " if len(row.missing) > 1 else ""
    return MissingOut(text=f"{row.procedure} needs {one_of}{listed}", procedures=list(row.missing))
