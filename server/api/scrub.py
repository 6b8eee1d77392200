"""Claims looked through before they go out: the body is an 837, nothing of it is kept."""

from __future__ import annotations

from apiflask import APIBlueprint, APIFlask
from flask import Response, request
from flask_limiter import Limiter

from server.api.bodies import whole_body
from server.api.intake import LARGEST, X12_TYPES
from server.api.models import Answered, answer
from server.api.openapi import raw_body
from server.co107.scrub import ScrubFinding, scrub
from server.pair_store import load_pairs
from server.payer_files import read_payers
from server.security.callers import current_caller, practices, require
from server.security.limits import INTAKE, slow_down
from server.security.problems import Fault, Problem, from_status
from server.security.surroundings import around
from server.store import audit
from server.x12 import claim_facts

blueprint = APIBlueprint("scrub", __name__, url_prefix="/api/v1/scrub", tag="Intake")

_NAME = "upload"
_SHOWN = 1000


class ScrubFindingOut(Answered):
    """One line that may come back with 107."""

    kind: str
    severity: str
    claim: str
    line: int
    procedure: str
    modifiers: list[str]
    says: str
    primaries: list[str]
    segment: int | None


class ScrubOut(Answered):
    """What was looked through, and what is missing."""

    claims: int
    pairs: str
    findings: list[ScrubFindingOut]
    findings_left_out: int


def limit(limiter: Limiter, app: APIFlask) -> None:
    """Uploads cost more than questions."""
    slow_down(app, limiter, "scrub.look_through", INTAKE)


@blueprint.post("")
@raw_body(X12_TYPES)
@blueprint.output(ScrubOut)
@require("biller", "lines:read", cap=LARGEST)
def look_through() -> Response:
    """Find add-ons without a primary and readings without their facility in a claim file."""
    if request.mimetype not in X12_TYPES:
        raise from_status(415)
    claims, findings = claim_facts(whole_body(), _NAME)
    fatal = next((one for one in findings if one.severity == "fatal"), None)
    if fatal is not None:
        raise _refused(fatal.message, fatal.segment)
    place = around()
    settings = place.settings
    pairs = load_pairs(settings.home, settings.config)
    found = scrub(claims, pairs, read_payers(settings.config / "payers"))
    for practice in sorted(practices())[:1]:
        audit.append(place.store, current_caller().who, "scrub", practice, claims=len(claims))
    return answer(
        ScrubOut(
            claims=len(claims),
            pairs=pairs.version,
            findings=[_shown(one) for one in found[:_SHOWN]],
            findings_left_out=max(len(found) - _SHOWN, 0),
        )
    )


def _refused(message: str, segment: int | None) -> Problem:
    where = f"body.segment.{segment}" if segment is not None else "body"
    fault = Fault(where, message.replace(_NAME, "the file"))
    return Problem(422, "file", "File refused", "It is no claim file; see errors.", faults=[fault])


def _shown(one: ScrubFinding) -> ScrubFindingOut:
    return ScrubFindingOut(
        kind=one.kind,
        severity=one.severity,
        claim=one.claim,
        line=one.line,
        procedure=one.procedure,
        modifiers=list(one.modifiers),
        says=one.says,
        primaries=list(one.primaries),
        segment=one.segment,
    )
