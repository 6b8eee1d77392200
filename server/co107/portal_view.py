"""What a portal's last look says beyond the remittances: it may hold a line back, nothing more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from server.co107 import codes
from server.co107.answers import Answer, paid_or_allowed
from server.co107.history import LineHistory
from server.facts import Adjudication, Adjustment, ClaimAdjudication, Look


@dataclass(frozen=True, slots=True)
class Shown:
    """The last look that saw the claim, and whether it contradicts the latest remittance."""

    look: Look | None = None
    contradicts: str = ""
    """"" or what it shows: `pending`, `paid`, `another denial`."""


def last_look(line: LineHistory) -> Look | None:
    """The last look at the claim, whatever came of it."""
    return line.claim.looks[-1] if line.claim.looks else None


def shown_by_portal(line: LineHistory) -> Shown:
    """Compare the last look that saw the claim with the line's latest answer.

    Only a look newer than that answer's production date can contradict it.
    """
    seen = [one for one in line.claim.looks if one.outcome in ("found", "pending")]
    if not seen:
        return Shown()
    look = seen[-1]
    latest = line.latest
    since = (latest.produced if latest else None) or date.min
    if look.looked_at.date() <= since:
        return Shown(look)
    if look.outcome == "pending":
        return Shown(look, "pending")
    for answer in look.answers:
        if (contradiction := _contradiction(answer, line, latest)) != "":
            return Shown(look, contradiction)
    return Shown(look)


def _contradiction(answer: ClaimAdjudication, line: LineHistory, latest: Answer | None) -> str:
    if latest is not None and latest.claim is answer:
        return ""
    since = latest.produced if latest is not None else None
    if answer.produced is not None and since is not None and answer.produced < since:
        return ""  # an older answer the portal still lists
    pending = bool(answer.status) and answer.status not in codes.FINAL_STATUSES
    if pending and answer.status != codes.REVERSAL:
        return "pending" if not answer.lines or _mine(answer, line) else ""
    for shown in _mine(answer, line):
        if (what := _differs(shown, latest)) != "":
            return what
    return ""


def _mine(answer: ClaimAdjudication, line: LineHistory) -> list[Adjudication]:
    """The answer's lines that may be this one: nothing shown speaks against it."""
    slot = line.slot
    by_control = [
        one for one in answer.lines if one.line_control and one.line_control == slot.line_control
    ]
    return by_control or [
        one
        for one in answer.lines
        if one.submitted_procedure == line.procedure
        and (not one.submitted_modifiers or frozenset(one.submitted_modifiers) == line.modifiers)
        and (one.first_day is None or one.first_day == line.first_day)
        and (one.charge == 0 or abs(one.charge) == slot.charge)
        and not (one.line_control and slot.line_control)
    ]


def _differs(shown: Adjudication, latest: Answer | None) -> str:
    if latest is None or latest.line is None:
        return ""
    if paid_or_allowed(shown):
        known = latest.line.paid, latest.pays
        return "" if known[1] and shown.paid in (known[0], 0) else "paid"
    denials = _denials(shown.adjustments)
    if not denials or denials <= _denials(latest.line.adjustments):
        return ""
    return "another denial"


def _denials(adjustments: Iterable[Adjustment]) -> frozenset[str]:
    return frozenset(
        codes.carc(one.carc)
        for one in adjustments
        if codes.carc(one.carc) not in codes.PAYMENT_ADJUSTMENTS
    )


def undated_107(line_answers: Iterable[ClaimAdjudication]) -> list[Adjudication]:
    """Lines with a 107 that a portal shows without a remittance date."""
    return [
        line
        for answer in line_answers
        if answer.produced is None
        for line in answer.lines
        if any(codes.carc(one.carc) == codes.THE_CARC for one in line.adjustments)
    ]
