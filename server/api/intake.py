"""Files by upload: remittances, claims, charges, EOBs and marks, each taken whole or not at all.

The body is the file itself. It is not a form upload: those are spooled to disk unsealed. A
file's name may be a patient's; it comes in a header, is kept sealed as what evidence cites, and is
never sent back.
"""

from __future__ import annotations

import re
from typing import Any

from apiflask import APIBlueprint, APIFlask
from flask import Response, request
from flask_limiter import Limiter

from server import intake
from server.api.bodies import whole_body
from server.api.idempotency import repeatable
from server.api.models import Answered, Asked, Slug, answer
from server.api.openapi import raw_body
from server.intake import FileOutcome, Import
from server.intake.reading import FileKind, kind_of
from server.logs import log
from server.security.callers import current_caller, one_practice, require
from server.security.limits import INTAKE, slow_down
from server.security.problems import Fault, Problem, from_status
from server.security.surroundings import around

blueprint = APIBlueprint("intake", __name__, url_prefix="/api/v1/intake", tag="Intake")

NAME_HEADER = "File-Name"
LARGEST = 64 * 2**20
X12_TYPES = frozenset(
    {"application/octet-stream", "application/edi-x12", "application/x12", "text/plain"}
)
_TYPES = frozenset(
    {"application/octet-stream", "application/edi-x12", "application/x12", "text/plain", "text/csv"}
)
_NAME = re.compile(r"[^\x00-\x1f\x7f/\\]{1,200}")
_FINDINGS_SHOWN = 200


class IntakeIn(Asked):
    """Which practice the file belongs to, where you may use several."""

    practice: Slug | None = None


class FindingOut(Answered):
    """Something found in the file: where, how bad, and what; no value of the file."""

    severity: str
    code: str
    segment: int | None
    message: str


class TakenOut(Answered):
    """What became of the file, and of the lines it touched."""

    kind: str
    new: int
    known: int
    decided: int
    lines: list[int]
    findings: list[FindingOut]
    findings_left_out: int


def limit(limiter: Limiter, app: APIFlask) -> None:
    """Uploads cost more than questions."""
    for kind, _ in _WHAT:
        slow_down(app, limiter, f"intake.take_{kind}", INTAKE)


def _route(kind: FileKind, what: str) -> None:
    def view(asked: IntakeIn) -> Response:
        return _take(kind, asked)

    view.__name__ = f"take_{kind}"
    view.__doc__ = f"Take in {what}. The body is the file."
    guarded: Any = require("biller", "lines:write", cap=LARGEST)(view)
    guarded = repeatable(guarded)
    guarded = blueprint.output(TakenOut)(guarded)
    guarded = blueprint.input(IntakeIn, location="query", arg_name="asked")(guarded)
    guarded = raw_body(_TYPES, named=True)(guarded)
    blueprint.post(f"/{kind}")(guarded)


def _take(kind: FileKind, asked: IntakeIn) -> Response:
    if request.mimetype not in _TYPES:
        raise from_status(415)
    practice = one_practice(asked.practice)
    name = _name()
    content = whole_body()
    if not content:
        raise _refused("The body is empty; the file itself is wanted.")
    if kind_of(content) != kind:
        raise _refused(f"The body is not what this address takes ({kind}).")
    place = around()
    done = intake.import_files(
        place.store,
        practice,
        [(name, content)],
        who=current_caller().who,
        today=place.today(),
        settings=place.settings,
    )
    outcome = done.files[0]
    log().info(
        "imported",
        outcome="taken" if outcome.taken else "refused",
        count=outcome.new,
        who=current_caller().tag,
        practice=practice,
    )
    if not outcome.taken:
        raise _refused(_without(outcome.reason, name))
    return answer(_shown(outcome, done, name))


def _name() -> str:
    given = request.headers.get(NAME_HEADER, "upload")
    if not _NAME.fullmatch(given):
        raise Problem(
            400, "malformed", "Malformed", f"{NAME_HEADER} is a file's name without folders."
        )
    return given


def _refused(why: str) -> Problem:
    return Problem(
        422,
        "file",
        "File refused",
        "Nothing was taken in; see errors.",
        faults=[Fault("body", why)],
    )


def _without(text: str, name: str) -> str:
    """A reader's line without the file's name: it was sent, and may be a patient's."""
    return text.replace(name, "the file")


def _shown(outcome: FileOutcome, done: Import, name: str) -> TakenOut:
    return TakenOut(
        kind=outcome.kind,
        new=outcome.new,
        known=outcome.known,
        decided=done.decided,
        lines=list(done.lines),
        findings=[
            FindingOut(
                severity=one.severity,
                code=one.code,
                segment=one.segment,
                message=_without(one.message, name),
            )
            for one in outcome.findings[:_FINDINGS_SHOWN]
        ],
        findings_left_out=max(len(outcome.findings) - _FINDINGS_SHOWN, 0),
    )


_WHAT: tuple[tuple[FileKind, str], ...] = (
    ("835", "a remittance (X12 835)"),
    ("837", "a claim file (X12 837P or 837I)"),
    ("charges", "a CSV of charges"),
    ("eob", "a CSV of hand-entered EOB lines"),
    ("sent", "a CSV of what was sent (marks)"),
)
for _kind, _what in _WHAT:
    _route(_kind, _what)
