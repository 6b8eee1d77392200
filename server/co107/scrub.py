"""Before submission: what a payer would deny with 107, found on the claims themselves.

The same pairs and the same rules of fit as the decision's, over one batch of 837s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from server.co107 import codes
from server.co107.fit import Service, days_apart, off_by
from server.co107.pairs import PairTable
from server.co107.patients import person_of, same_patient
from server.co107.payers import PayerBook, PayerDirectory, PayerRules, likeness
from server.facts import SubmittedClaim, SubmittedLine

VOID = "8"

Kind = Literal["primary_missing", "facility_reference_missing", "payer_defined"]


@dataclass(frozen=True, slots=True)
class ScrubFinding:
    """One line that may come back with 107."""

    kind: Kind
    severity: Literal["error", "notice"]
    claim: str
    line: int
    """`LX01`."""
    procedure: str
    modifiers: tuple[str, ...]
    says: str
    primaries: tuple[str, ...] = ()
    """Listed primaries, any one of which would do."""
    file: str = ""
    segment: int | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    claim: SubmittedClaim
    line: SubmittedLine
    service: Service


def scrub(
    claims: Sequence[SubmittedClaim], pairs: PairTable, payers: Iterable[PayerRules] = ()
) -> tuple[ScrubFinding, ...]:
    """What is missing on a batch of claims before it goes out, in the order of the batch.

    An add-on needs a listed primary on its claim, or on another claim of the batch for the same
    patient, payer and day; a reading (26) needs its facility reference where the payer takes one;
    types 2 and 3 without a listed primary are a notice.
    """
    book = PayerBook(payers)
    directory = PayerDirectory(book, (one.payer for one in claims))
    live = [one for one in claims if one.frequency != VOID]
    by_member: dict[str, list[SubmittedClaim]] = {}
    for claim in live:
        by_member.setdefault(claim.patient.member_id, []).append(claim)
    found: list[ScrubFinding] = []
    for claim in live:
        beside = [
            other
            for other in by_member[claim.patient.member_id]
            if other is claim or _together(claim, other, directory)
        ]
        rules = directory[claim.payer].rules
        others = [line for other in beside for line in _lines(other)]
        for mine in _lines(claim):
            found += _scrub_line(mine, others, pairs, rules)
    return tuple(found)


def _together(one: SubmittedClaim, two: SubmittedClaim, directory: PayerDirectory) -> bool:
    return (
        one.kind == two.kind
        and likeness(directory[one.payer], directory[two.payer]) == "same"
        and same_patient(person_of([one.patient]), person_of([two.patient]))
    )


def _lines(claim: SubmittedClaim) -> list[_Line]:
    return [
        _Line(
            claim,
            line,
            Service(
                line.procedure,
                frozenset(line.modifiers),
                line.first_day,
                line.last_day or line.first_day,
                line.rendering_npi,
                claim.billing_npi,
                line.charge,
            ),
        )
        for line in claim.lines
        if line.first_day is not None
    ]


def _scrub_line(
    mine: _Line, others: Sequence[_Line], pairs: PairTable, rules: PayerRules | None
) -> Iterable[ScrubFinding]:
    line, day = mine.line, mine.service.first_day
    if _wants_facility(mine, rules):
        says = "a reading (26) without the facility's claim in a note, which the payer wants"
        yield _finding(mine, "facility_reference_missing", "error", says)
    valid = pairs.primaries(line.procedure, day)
    if not valid:
        return
    listed = tuple(dict.fromkeys(one.primary for one in valid if one.primary))
    tolerance = rules.date_tolerance_days if rules is not None else 0
    if any(_qualifies(mine, other, listed, tolerance) for other in others):
        return
    kind = pairs.type_of(line.procedure, day)
    if kind == 1:
        near = _nearly(mine, others, listed)
        says = "an add-on without a listed primary on its claim or beside it" + near
        yield _finding(mine, "primary_missing", "error", says, listed)
        return
    says = f"an add-on of type {kind}: the payer decides what qualifies it; nothing listed is there"
    yield _finding(mine, "payer_defined", "notice", says, listed)


def _qualifies(mine: _Line, other: _Line, listed: Sequence[str], tolerance: int) -> bool:
    return other.line.procedure in listed and not off_by(mine.service, other.service, tolerance)


def _nearly(mine: _Line, others: Sequence[_Line], listed: Sequence[str]) -> str:
    near = [
        other
        for other in others
        if other.line.procedure in listed and days_apart(mine.service, other.service) <= 3
    ]
    return f"; {near[0].line.procedure} is there, but does not fit" if near else ""


def _wants_facility(mine: _Line, rules: PayerRules | None) -> bool:
    """Only `NTE*ADD` can name the facility's claim (`REF*F8` names the one that is replaced)."""
    return (
        rules is not None
        and rules.related_claim_field == "NTE*ADD"
        and codes.PROFESSIONAL_COMPONENT in mine.line.modifiers
        and mine.claim.kind == "professional"
        and not any(note.strip() for note in mine.claim.notes)
    )


def _finding(
    mine: _Line,
    kind: Kind,
    severity: Literal["error", "notice"],
    says: str,
    primaries: tuple[str, ...] = (),
) -> ScrubFinding:
    source = mine.line.source or mine.claim.source
    return ScrubFinding(
        kind=kind,
        severity=severity,
        claim=mine.claim.claim,
        line=mine.line.number,
        procedure=mine.line.procedure,
        modifiers=mine.line.modifiers,
        says=says,
        primaries=primaries,
        file=source.name if source is not None else "",
        segment=source.segment if source is not None else None,
    )
