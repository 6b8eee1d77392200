"""What ties a fact to others of the same patient, and what it is known by: pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date

from server.facts import (
    Charge,
    ClaimAdjudication,
    Fact,
    Look,
    Mark,
    Patient,
    SubmittedClaim,
)


def canonical(text: str) -> str:
    """An id or name as it is looked for: upper case, letters and digits only."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def _patient_links(patient: Patient) -> Iterator[str]:
    member = canonical(patient.member_id)
    if member:
        yield "member:" + member
    name = canonical(patient.last_name)
    if name and patient.birth_date:
        yield f"person:{name}|{patient.birth_date.isoformat()}"


def number_link(kind: str, number: str) -> Iterator[str]:
    found = canonical(number)
    # A payer that does not know the number sends zero: it ties nothing together.
    if found.strip("0"):
        yield f"{kind}:{found}"


def link_texts(fact: Fact) -> set[str]:
    """What ties a fact to others, before hashing."""
    found: set[str] = set()
    match fact:
        case SubmittedClaim():
            found.update(number_link("claim", fact.claim), _patient_links(fact.patient))
            found.update(number_link("ref", fact.original_reference))
        case ClaimAdjudication():
            found.update(number_link("claim", fact.claim), _patient_links(fact.patient))
            found.update(number_link("ref", fact.payer_claim_control_number))
        case Charge():
            found.update(number_link("claim", fact.claim), _patient_links(fact.patient))
        case Mark():
            found.update(number_link("claim", fact.claim), number_link("claim", fact.new_claim))
        case Look():
            found.update(number_link("claim", fact.claim))
            for answer in fact.answers:
                found |= link_texts(answer)
    return found


def bears_107(fact: Fact) -> bool:
    """Whether a 107 stands anywhere in it, on whatever line and of whatever amount."""
    match fact:
        case ClaimAdjudication():
            found = [*fact.adjustments, *(one for line in fact.lines for one in line.adjustments)]
            return any(one.carc.lstrip("0 ").rstrip() == "107" for one in found)
        case Look():
            return any(map(bears_107, fact.answers))
    return False


def day_of(fact: Fact) -> date | None:
    match fact:
        case SubmittedClaim() | Mark():
            return fact.sent_on
        case ClaimAdjudication():
            return fact.produced
        case Charge():
            return fact.service_date
        case Look():
            return fact.looked_at.astimezone(UTC).date()


def position_of(fact: Fact) -> int:
    """Of the same fact twice the lowest position is kept: first in its file, or looked at last."""
    match fact:
        case SubmittedClaim() | ClaimAdjudication():
            return fact.order
        case Look():
            return -int(fact.looked_at.timestamp())
    return 0
