"""Makes claims: one office per portal, the same claims for the same seed and day."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from scrapers.capture import ClaimRef
from scrapers.sandbox.claims import (
    FIRST_NAMES,
    GROUP_NPI,
    LAST_NAMES,
    OTHER_GROUP_NPI,
    OTHER_SURGEON_NPI,
    PAYERS,
    PORTALS,
    SURGEON_NPI,
    TAX_ID,
    PortalClaim,
)
from server.facts import (
    Adjudication,
    Adjustment,
    Charge,
    ClaimAdjudication,
    LookOutcome,
    Patient,
    SubmittedClaim,
    SubmittedLine,
)


@dataclass(frozen=True, slots=True)
class Line:
    procedure: str
    charge: str
    paid: str = "0.00"
    adjustments: str = ""
    """`CO-107 1150.00; CO-45 20.00`."""
    remarks: str = ""
    modifiers: str = ""
    units: int = 1
    allowed: str = ""


class Office:
    """Makes the claims of one portal, one after another, always the same for one seed."""

    def __init__(self, portal: str, seed: int, today: date) -> None:
        self.portal, self.today = portal, today
        self.random = random.Random(f"{seed}/{portal}")
        self.claims: list[PortalClaim] = []
        self.charges: list[Charge] = []

    def patient(self) -> Patient:
        number = self.random.randint(100_000, 999_999)
        return Patient(
            member_id=f"{self.portal[:3].upper()}{number}",
            last_name=self.random.choice(LAST_NAMES),
            first_name=self.random.choice(FIRST_NAMES),
            birth_date=date(self.random.randint(1941, 2004), self.random.randint(1, 12), 15),
        )

    def sent(
        self, claim: str, patient: Patient, day: date, lines: Iterable[Line]
    ) -> SubmittedClaim:
        rows = tuple(
            SubmittedLine(
                number=place,
                procedure=line.procedure,
                modifiers=tuple(line.modifiers.split()),
                units=Decimal(line.units),
                charge=abs(Decimal(line.charge)),
                first_day=day,
                last_day=day,
                line_control=f"{claim}-{place}",
                rendering_npi=SURGEON_NPI,
            )
            for place, line in enumerate(lines, start=1)
        )
        return SubmittedClaim(
            claim=claim,
            kind="professional",
            payer=PAYERS[self.portal],
            patient=patient,
            billing_npi=GROUP_NPI,
            rendering_npi=SURGEON_NPI,
            frequency="1",
            original_reference="",
            sent_on=day + timedelta(days=3),
            charge=sum((row.charge for row in rows), Decimal(0)),
            facility_code="11",
            lines=rows,
            billing_tax_id=TAX_ID,
        )

    def answer(
        self, sent: SubmittedClaim, lines: Iterable[Line], status: str, produced: date
    ) -> ClaimAdjudication:
        given = tuple(lines)
        rows = tuple(
            Adjudication(
                procedure=line.procedure,
                modifiers=tuple(line.modifiers.split()),
                submitted_procedure=line.procedure,
                submitted_modifiers=tuple(line.modifiers.split()),
                units=Decimal(line.units),
                charge=Decimal(line.charge),
                paid=Decimal(line.paid),
                allowed=Decimal(line.allowed) if line.allowed else None,
                first_day=sent.lines[place].first_day,
                last_day=sent.lines[place].last_day,
                line_control=sent.lines[place].line_control,
                adjustments=_adjustments(line.adjustments),
                remarks=tuple(line.remarks.split()),
                order=place,
            )
            for place, line in enumerate(given)
        )
        number = self.random.randint(10_000_000, 99_999_999)
        return ClaimAdjudication(
            claim=sent.claim,
            payer=PAYERS[self.portal],
            payer_claim_control_number=f"{produced:%y%j}{number}",
            status=status,
            charge=sum((row.charge for row in rows), Decimal(0)),
            paid=sum((row.paid for row in rows), Decimal(0)),
            patient=replace(sent.patient, birth_date=None),
            produced=produced,
            order=0,
            lines=rows,
            trace=f"EFT{PORTALS.index(self.portal) + 1}{produced:%y%j}",
        )

    def add(
        self,
        claim: str,
        lines: list[Line],
        *,
        status: str = "4",
        served: int = 40,
        produced: int = 20,
        outcome: LookOutcome = "found",
        badge: str = "",
        before: list[Line] | None = None,
        before_produced: int = 30,
        same_answer_before: bool = True,
        patient: Patient | None = None,
        story: str = "",
    ) -> PortalClaim:
        """Add one claim: `lines` as the portal shows them now, `before` as an 835 said earlier."""
        day = self.today - timedelta(days=served)
        who = patient or self.patient()
        sent = self.sent(claim, who, day, lines)
        answer = None
        if outcome == "found":
            answer = self.answer(sent, lines, status, self.today - timedelta(days=produced))
        earlier: tuple[ClaimAdjudication, ...] = ()
        if before is not None:
            on = self.today - timedelta(days=before_produced)
            earlier = (self.answer(sent, before, "4", on),)
        elif answer and same_answer_before:
            earlier = (answer,)
        ref = ClaimRef(claim, who.member_id, day, day, PAYERS[self.portal])
        made = PortalClaim(ref, sent, outcome, answer, earlier, story, badge)
        self.claims.append(made)
        return made

    def charge(
        self, claim: PortalClaim, procedure: str, amount: str, *, other: bool = False
    ) -> None:
        """A signed-off charge of the claim's day that no claim bears."""
        day = claim.ref.first_day or self.today
        self.charges.append(
            Charge(
                patient=claim.sent.patient,
                claim="",
                service_date=day,
                procedure=procedure,
                modifiers=(),
                units=Decimal(1),
                charge=Decimal(amount),
                rendering_npi=OTHER_SURGEON_NPI if other else SURGEON_NPI,
                billing_npi=OTHER_GROUP_NPI if other else GROUP_NPI,
                signed_off=True,
                signed_at=datetime(day.year, day.month, day.day, 17, 30, tzinfo=UTC),
                payer_id=PAYERS[self.portal].ids[0],
            )
        )


def _adjustments(text: str) -> tuple[Adjustment, ...]:
    made = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        code, amount = part.split()
        group, carc = code.split("-", 1)
        made.append(Adjustment(group, carc, Decimal(amount)))
    return tuple(made)
