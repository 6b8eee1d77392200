"""What an appeal says: the denied lines of a claim, and the related service the payer has paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from server.co107.case import Case
from server.co107.decide import decide, line_key
from server.co107.decision import Decision, Evidence, LineKey
from server.co107.fit import Found
from server.co107.packet import PacketError, became_of, cases_of, patient_of, payer_name
from server.co107.surroundings import Surroundings
from server.facts import Facts, Patient, Source


@dataclass(frozen=True, slots=True)
class RelatedService:
    """The proof: a paid primary, its claim and its remittance."""

    procedure: str
    modifiers: tuple[str, ...]
    first_day: date
    claim: str
    same_claim: bool
    payer_claim_control_number: str
    remitted_on: date | None
    payment: str
    """`TRN02` of its remittance; "" where not known."""
    became: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class AppealedLine:
    """One denied line with its proof."""

    key: LineKey
    charge: Decimal
    amount: Decimal
    remarks: tuple[str, ...]
    pair: str
    """The pair that applies, with its table's version."""
    related: RelatedService
    decision: Decision


@dataclass(frozen=True, slots=True)
class Appeal:
    """A letter's content: nothing in it is sent by the program."""

    claim: str
    payer_name: str
    patient: Patient
    billing_npi: str
    payer_claim_control_number: str
    denied_on: date | None
    last_day: date
    """The earliest of its lines'."""
    last_day_says: str
    amount: Decimal
    as_of: date
    lines: tuple[AppealedLine, ...]


def build_appeal(facts: Facts, surroundings: Surroundings, claim: str, payer: str = "") -> Appeal:
    """The appeal of a claim's lines in state `appeal`. Raises PacketError where there is none."""
    decided = [(case, decide(case)) for case in cases_of(facts, surroundings, claim, payer)]
    appealed = [(case, made) for case, made in decided if made.state == "appeal"]
    if not appealed:
        raise PacketError("no line of the claim is to be appealed")
    first, made = appealed[0]
    latest = first.latest
    return Appeal(
        claim=first.claim.number,
        payer_name=payer_name(first.claim),
        patient=patient_of(first.claim),
        billing_npi=first.claim.billing_npi,
        payer_claim_control_number=(
            latest.claim.payer_claim_control_number if latest is not None else ""
        ),
        denied_on=latest.produced if latest is not None else None,
        last_day=min(one.deadline for _, one in appealed if one.deadline is not None),
        last_day_says=_text(made.evidence, "last_day"),
        amount=sum((one.amount for _, one in appealed), Decimal(0)),
        as_of=surroundings.today,
        lines=tuple(_line(case, one) for case, one in appealed),
    )


def _line(case: Case, made: Decision) -> AppealedLine:
    found = proof(case, made)
    return AppealedLine(
        key=line_key(case.line),
        charge=case.line.slot.charge,
        amount=made.amount,
        remarks=tuple(sorted(case.remarks)),
        pair=_text(made.evidence, "pair"),
        related=_related(found),
        decision=made,
    )


def proof(case: Case, made: Decision) -> Found:
    """The paid primary the decision rests on."""
    same = made.reason == "primary_paid_same_claim"
    for end in case.way_down:
        if end.kind == "paid" and end.certain and end.found and end.found.same_claim is same:
            return end.found
    raise PacketError("the paid primary is not known any more")


def _related(found: Found) -> RelatedService:
    line = found.line
    if line is None or line.latest is None:
        raise PacketError("the paid primary's remittance is not known")
    answer = line.latest
    return RelatedService(
        procedure=found.procedure,
        modifiers=tuple(sorted(found.service.modifiers)),
        first_day=found.service.first_day,
        claim=found.claim,
        same_claim=found.same_claim,
        payer_claim_control_number=answer.claim.payer_claim_control_number,
        remitted_on=answer.produced,
        payment=answer.claim.trace,
        became=became_of(line),
        source=answer.source,
    )


def _text(evidence: tuple[Evidence, ...], role: str) -> str:
    return next((one.text for one in evidence if one.role == role), "")
