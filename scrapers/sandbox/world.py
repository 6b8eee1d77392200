"""The claims the seven sandbox portals hold: built from a seed and a day, and the truth about them.

Patients, numbers and amounts are invented. What a portal shows is drawn from here, and so is what a
reader must find there (`PortalClaim.truth`).
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

from scrapers.capture import ClaimRef
from server.facts import (
    Adjudication,
    Adjustment,
    Charge,
    ClaimAdjudication,
    Look,
    LookOutcome,
    Patient,
    Payer,
    SubmittedClaim,
    SubmittedLine,
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
    """The part of an answer that this portal shows at all."""
    bare = portal == "fedcontract"
    lines = tuple(
        replace(
            line,
            line_control="",
            adjustments=tuple(replace(a, group="") if bare else a for a in line.adjustments),
            source=None,
        )
        for line in answer.lines
    )
    return replace(answer, lines=lines, source=None)


def comparable(look: Look) -> Look:
    """A look without times, account and sources, to be compared with the truth."""
    answers = tuple(
        replace(a, source=None, lines=tuple(replace(line, source=None) for line in a.lines))
        for a in look.answers
    )
    return replace(look, looked_at=NEVER, answers=answers, account="", source=None)


@dataclass(frozen=True, slots=True)
class _Line:
    procedure: str
    charge: str
    paid: str = "0.00"
    adjustments: str = ""
    """`CO-107 1150.00; CO-45 20.00`."""
    remarks: str = ""
    modifiers: str = ""
    units: int = 1
    allowed: str = ""


class _Office:
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
        self, claim: str, patient: Patient, day: date, lines: Iterable[_Line]
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
        self, sent: SubmittedClaim, lines: Iterable[_Line], status: str, produced: date
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
        lines: list[_Line],
        *,
        status: str = "4",
        served: int = 40,
        produced: int = 20,
        outcome: LookOutcome = "found",
        badge: str = "",
        before: list[_Line] | None = None,
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


def _denied(procedure: str, charge: str, remarks: str = "N122") -> _Line:
    return _Line(procedure, charge, "0.00", f"CO-107 {charge}", remarks)


def _meridian(office: _Office) -> None:
    first = office.add(
        "MH-20417",
        [
            _denied("22614", "1150.00"),
            _Line("72100", "140.00", "88.40", "CO-45 51.60", allowed="88.40"),
        ],
        status="1",
        story="the worked example: the primary was never billed",
    )
    office.charge(first, "22612", "2480.00")
    paid = office.add(
        "MH-20430",
        [_Line("99291", "610.00", "412.25", "CO-45 172.75; PR-2 25.00", allowed="437.25")],
        status="1",
        story="primary of MH-20431, paid on a claim of its own",
    )
    office.add(
        "MH-20431",
        [_denied("99292", "305.00")],
        patient=paid.sent.patient,
        story="appeal: the primary is paid on another claim",
    )
    office.add(
        "MH-20444",
        [
            _Line("90471", "42.00", "23.10", "CO-45 18.90", allowed="23.10"),
            _denied("90472", "31.00", ""),
            _Line("90686", "28.50", "21.70", "CO-45 6.80", allowed="21.70"),
        ],
        status="1",
        served=33,
        story="appeal: the primary is paid on the same claim",
    )
    waited = office.add(
        "MH-20451",
        [_Line("11043", "480.00")],
        outcome="pending",
        served=28,
        badge="IN PROCESS",
        story="primary of MH-20452, not answered yet",
    )
    office.add(
        "MH-20452",
        [_denied("11046", "265.00")],
        served=28,
        produced=9,
        patient=waited.sent.patient,
        story="waiting: the primary is in process",
    )
    office.add(
        "MH-20466", [_denied("G2211", "36.00", "")], served=25, produced=11,
        story="review: no list names a primary for this code",
    )  # fmt: skip
    off = office.add(
        "MH-20475", [_denied("22614", "1210.00")], served=37, produced=17,
        story="review: the charge is of another group",
    )  # fmt: skip
    office.charge(off, "22612", "2510.00", other=True)
    office.add(
        "MH-20483",
        [_Line("99292", "305.00", "198.20", "CO-45 106.80", allowed="198.20")],
        status="1",
        produced=4,
        before=[_denied("99292", "305.00")],
        story="resolved: paid on a later remittance",
    )
    office.add(
        "MH-20490",
        [_Line("64494", "-720.00", "0.00", "CO-107 -720.00", "N122")],
        status="22",
        produced=6,
        before=[_denied("64494", "720.00")],
        story="waiting: the denial was reversed, nothing newer came",
    )
    office.add(
        "MH-20498",
        [
            _Line(
                "20936", "1800.00", "0.00",
                "CO-45 250.00; CO-107 1490.00; PR-2 60.00", "N122 N674", allowed="1550.00",
            ),
            _Line("99213", "155.00", "92.15", "CO-45 47.85; PR-3 15.00", allowed="107.15"),
        ],
        status="1",
        served=45,
        story="review: several adjustments, no primary on record",
    )  # fmt: skip
    office.add(
        "MH-20505", [_denied("22614", "990.00")], outcome="not_found",
        before=[_denied("22614", "990.00")], story="unconfirmed: the portal has no such claim",
    )  # fmt: skip
    office.add(
        "MH-20512", [_denied("11047", "340.00")], outcome="pending", badge="IN-PROCESS",
        before=[_denied("11047", "340.00")], story="waiting: the payer has taken it up again",
    )  # fmt: skip


def _varieties(office: _Office, prefix: str) -> None:
    """The claims every other portal holds: each variety once, amounts of its own."""
    rate = office.random

    def money(low: int, high: int) -> str:
        return f"{rate.randint(low * 100, high * 100) / 100:.2f}"

    def part(whole: str, share: str) -> str:
        return f"{(Decimal(whole) * Decimal(share)).quantize(Decimal('0.01'))}"

    def less(whole: str, *parts: str) -> str:
        return f"{Decimal(whole) - sum((Decimal(p) for p in parts), Decimal(0)):.2f}"

    def settled(procedure: str, low: int, high: int, modifiers: str = "", units: int = 1) -> _Line:
        charge = money(low, high)
        allowed = part(charge, "0.62")
        copay = part(allowed, "0.10")
        return _Line(
            procedure, charge, less(allowed, copay),
            f"CO-45 {less(charge, allowed)}; PR-2 {copay}", "", modifiers, units, allowed,
        )  # fmt: skip

    office.add(f"{prefix}1001", [_denied("22614", money(900, 1400))], story="107 with N122")
    office.add(
        f"{prefix}1002", [settled("99213", 120, 180, "25"), _denied("90472", money(25, 60), "")],
        status="1", served=35, produced=15, story="107 without a remark, beside a paid line",
    )  # fmt: skip
    charge = money(1500, 1900)
    written_off, share = part(charge, "0.20"), part(charge, "0.05")
    rest = less(charge, written_off, share)
    office.add(
        f"{prefix}1003",
        [
            _Line("64494", charge, "0.00", f"CO-45 {written_off}; CO-107 {rest}; PR-1 {share}",
                  "N122 N674", "LT", 2, less(charge, written_off)),
            settled("64493", 700, 990, "LT"),
            settled("77003", 90, 140, "26"),
        ],
        status="1", served=50, produced=22, story="several adjustments on one line",
    )  # fmt: skip
    office.add(
        f"{prefix}1004", [settled("99214", 150, 230), settled("20610", 140, 260, "RT")],
        status="1", served=31, produced=12, story="paid",
    )  # fmt: skip
    office.add(
        f"{prefix}1005", [_Line("22612", money(2200, 2600))], outcome="pending", served=12,
        story="pending",
    )  # fmt: skip
    amount = money(500, 800)
    office.add(
        f"{prefix}1006", [_Line("11046", f"-{amount}", "0.00", f"CO-107 -{amount}", "N122")],
        status="22", produced=7, before=[_denied("11046", amount)], story="reversed",
    )  # fmt: skip
    office.add(
        f"{prefix}1007", [_denied("99292", money(250, 340))], outcome="not_found",
        before=[_denied("99292", money(250, 340))], story="the portal has no such claim",
    )  # fmt: skip
    amount = money(260, 420)
    office.add(
        f"{prefix}1008",
        [_Line("G2211", amount, "0.00", f"CO-107 {amount}", "N122"), settled("99215", 200, 310),
         *(settled(code, 15, 90) for code in ("80053", "85025", "36415", "81003", "93000"))],
        status="1", served=44, produced=16, story="seven lines",
    )  # fmt: skip


PREFIXES = {
    "clearview": "CV-",
    "harbor": "HB",
    "northgate": "NG.",
    "bluestem": "BS-",
    "fedcontract": "FC",
    "thicket": "TK-",
}


@dataclass(frozen=True)
class World:
    """All claims of all portals."""

    seed: int
    today: date
    claims: dict[str, tuple[PortalClaim, ...]]
    charges: dict[str, tuple[Charge, ...]]

    def of(self, portal: str) -> tuple[PortalClaim, ...]:
        """The claims to look up at one portal, absent ones included."""
        return self.claims[portal]

    def find(self, portal: str, claim: str) -> PortalClaim | None:
        """The claim as the portal knows it; None where the portal has no such claim."""
        for one in self.claims[portal]:
            if one.ref.claim == claim and one.outcome != "not_found":
                return one
        return None

    def truth(self, portal: str) -> list[Look]:
        return [claim.truth(portal) for claim in self.claims[portal]]


@cache
def build_world(seed: int = 107, today: date = date(2026, 3, 2), more: int = 0) -> World:
    """The world of a seed and a day; `more` adds that many denied claims to each portal."""
    claims, charges = {}, {}
    for portal in PORTALS:
        office = _Office(portal, seed, today)
        if portal == "meridian":
            _meridian(office)
        else:
            _varieties(office, PREFIXES[portal])
        prefix = PREFIXES.get(portal, "MH-")
        for number in range(more):
            amount = f"{office.random.randint(20_000, 150_000) / 100:.2f}"
            office.add(
                f"{prefix}{70_000 + number}", [_denied("22614", amount)], story="one of many"
            )
        claims[portal], charges[portal] = tuple(office.claims), tuple(office.charges)
    return World(seed, today, claims, charges)
