"""A claim of the sandbox: what was sent, what the portal shows of it, and so what is true.

Patients, numbers and amounts are invented. What a portal shows is drawn from here, and so is what a
reader must find there (`PortalClaim.truth`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scrapers.capture import ClaimRef
from server.facts import (
    Adjustment,
    ClaimAdjudication,
    Look,
    LookOutcome,
    Payer,
    SubmittedClaim,
)

PORTALS = ("meridian", "clearview", "harbor", "northgate", "bluestem", "fedcontract", "thicket")
PAYERS = {
    "meridian": Payer(("SBXMER",), "Meridian Health Plan"),
    "clearview": Payer(("SBXCLV",), "Clearview Mutual"),
    "harbor": Payer(("SBXHAR",), "Harbor Benefit Trust"),
    "northgate": Payer(("SBXNOR",), "Northgate Assurance"),
    "bluestem": Payer(("SBXBLU",), "Bluestem Cooperative"),
    "fedcontract": Payer(("SBXFED",), "Federal Contractor Region 9"),
    "thicket": Payer(("SBXTHI",), "Thicket Casualty"),
}
SHOWS_TRACE = ("meridian", "clearview", "harbor")
BLUESTEM_CODES = {
    "CO-45": "A0045", "CO-107": "A0107", "PR-1": "P0001", "PR-2": "P0002", "N122": "R0122",
    "N674": "R0674",
}  # fmt: skip
"""What Bluestem calls the codes."""
UNMAPPED = ("PR-1", "N674")
"""Codes whose Bluestem names its TOML's crosswalk leaves out."""
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for "some time" where looks are compared without their times."""


def npi(nine: str) -> str:
    """Nine digits and their check digit (Luhn over the prefix 80840, as CMS issues NPIs)."""
    total = 0
    for place, digit in enumerate(reversed("80840" + nine)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return nine + str(-total % 10)


GROUP_NPI = npi("199900001")
SURGEON_NPI = npi("199900002")
PARTNER_NPI = npi("199900003")
OTHER_GROUP_NPI = npi("199900010")
OTHER_SURGEON_NPI = npi("199900011")
TAX_ID = "990000107"
LAST_NAMES = ("Sampleton", "Testerly", "Mockridge", "Placeholder", "Fauxworth", "Exampelle")
FIRST_NAMES = ("Ada", "Bruno", "Clio", "Dario", "Edda", "Fritz", "Greta", "Hugo", "Iris", "Jonas")


@dataclass(frozen=True, slots=True)
class PortalClaim:
    """One claim: what was sent, what the portal answers, what an 835 said before."""

    ref: ClaimRef
    sent: SubmittedClaim
    outcome: LookOutcome
    answer: ClaimAdjudication | None = None
    earlier: tuple[ClaimAdjudication, ...] = ()
    """Answers an 835 brought before tonight."""
    story: str = ""
    badge: str = ""
    """The status word the portal shows."""

    def truth(self, portal: str) -> Look:
        """What a right reading gives, its times and sources left out (see `comparable`)."""
        answers = (shown(portal, self.answer),) if self.answer and self.outcome == "found" else ()
        return Look(PAYERS[portal], self.ref.claim, NEVER, self.outcome, answers, portal)


def shown(portal: str, answer: ClaimAdjudication) -> ClaimAdjudication:
    """The part of an answer that this portal shows at all, in the way it can be understood."""
    lines = tuple(
        replace(
            line,
            line_control="",
            adjustments=tuple(_shown_adjustment(portal, one) for one in line.adjustments),
            remarks=tuple(_shown_remark(portal, remark) for remark in line.remarks),
            source=None,
        )
        for line in answer.lines
    )
    return replace(
        answer,
        lines=lines,
        status="" if portal == "fedcontract" else answer.status,
        trace=answer.trace if portal in SHOWS_TRACE else "",
        source=None,
    )


def _shown_adjustment(portal: str, one: Adjustment) -> Adjustment:
    if portal == "fedcontract":
        return replace(one, group="")
    if portal == "bluestem" and f"{one.group}-{one.carc}" in UNMAPPED:
        own = BLUESTEM_CODES[f"{one.group}-{one.carc}"]
        return replace(one, group="", carc=f"unmapped:{own}")
    return one


def _shown_remark(portal: str, remark: str) -> str:
    if portal == "bluestem" and remark in UNMAPPED:
        return f"unmapped:{BLUESTEM_CODES[remark]}"
    return remark


def comparable(look: Look) -> Look:
    """A look without times, account and sources, to be compared with the truth."""
    answers = tuple(
        replace(a, source=None, lines=tuple(replace(line, source=None) for line in a.lines))
        for a in look.answers
    )
    return replace(look, looked_at=NEVER, answers=answers, account="", source=None)
