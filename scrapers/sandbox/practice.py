"""A small practice's own files, in step with what the sandbox portals say.

837P claims, an 835 with the answers that came before tonight, and signed-off charges: what a user
imports before the first sweep. Written as X12 005010 text, one file a payer.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from scrapers.sandbox.claims import (
    GROUP_NPI,
    PAYERS,
    PORTALS,
    SURGEON_NPI,
    TAX_ID,
    PortalClaim,
)
from scrapers.sandbox.world import build_world
from server.facts import Charge, ClaimAdjudication, Payer, SubmittedClaim

_CHARGE_COLUMNS = (
    "patient_id", "claim_id", "service_date", "procedure", "modifiers", "units", "charge",
    "rendering_npi", "billing_npi", "signed_off", "signed_at", "payer_id", "patient_first_name",
    "patient_birth_date",
)  # fmt: skip
PRACTICE_NAME = "ACORN SPINE ASSOCIATES"


def write_practice(
    folder: Path, today: date, *, seed: int = 107, portals: Iterable[str] = PORTALS, more: int = 0
) -> list[Path]:
    """Write the files into `folder` (made if absent) and return their paths, in a fixed order.

    The same `today`, `seed` and `more` as the sandbox's give files in step with its portals.
    """
    world = build_world(seed, today, more)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    charges: list[Charge] = []
    for number, portal in enumerate(portals, start=1):
        claims = world.of(portal)
        texts = {
            f"{portal}.837": claims_837(claims, PAYERS[portal], today, number),
            f"{portal}.835": remittance_835(claims, PAYERS[portal], number),
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="ascii")
            written.append(folder / name)
        charges += world.charges[portal]
    path = folder / "charges.csv"
    path.write_text(charges_csv(charges), encoding="utf-8")
    return [*written, path]


def charges_csv(charges: Iterable[Charge]) -> str:
    """The charge export, header first."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_CHARGE_COLUMNS)
    for one in charges:
        rows.writerow((
            one.patient.member_id, one.claim, one.service_date, one.procedure,
            " ".join(one.modifiers), one.units, one.charge, one.rendering_npi, one.billing_npi,
            "yes" if one.signed_off else "no",
            one.signed_at.strftime("%Y-%m-%dT%H:%M:%SZ") if one.signed_at else "",
            one.payer_id, one.patient.first_name, one.patient.birth_date or "",
        ))  # fmt: skip
    return text.getvalue()


def claims_837(claims: Iterable[PortalClaim], payer: Payer, today: date, control: int) -> str:
    """One 837P (005010X222A1) with a subscriber loop a claim."""
    day = max((c.sent.sent_on for c in claims if c.sent.sent_on), default=today)
    body = [
        f"BHT*0019*00*{control:04d}*{day:%Y%m%d}*0800*CH",
        f"NM1*41*2*{PRACTICE_NAME}*****46*{TAX_ID}",
        "PER*IC*BILLING*TE*5550100107",
        f"NM1*40*2*{payer.name.upper()}*****46*{payer.ids[0]}",
        "HL*1**20*1",
        f"NM1*85*2*{PRACTICE_NAME}*****XX*{GROUP_NPI}",
        "N3*1 ACORN WAY",
        "N4*SPRINGFIELD*OH*455010000",
        f"REF*EI*{TAX_ID}",
    ]
    for level, claim in enumerate(claims, start=2):
        body += _subscriber(claim.sent, payer, level)
    return _interchange("HC", "837", "005010X222A1", body, day, control)


def _subscriber(sent: SubmittedClaim, payer: Payer, level: int) -> list[str]:
    who = sent.patient
    born = f"DMG*D8*{who.birth_date:%Y%m%d}*U" if who.birth_date else ""
    rows = [
        f"HL*{level}*1*22*0",
        "SBR*P*18*******CI",
        f"NM1*IL*1*{who.last_name.upper()}*{who.first_name.upper()}****MI*{who.member_id}",
        "N3*7 SAMPLE STREET",
        "N4*SPRINGFIELD*OH*455010000",
        born,
        f"NM1*PR*2*{payer.name.upper()}*****PI*{payer.ids[0]}",
        f"CLM*{sent.claim}*{_number(sent.charge)}***{sent.facility_code}:B:{sent.frequency}"
        "*Y*A*Y*Y",
        "HI*ABK:M4316",
        f"NM1*82*1*SURGEON*SAMPLE****XX*{SURGEON_NPI}",
        "PRV*PE*PXC*207X00000X",
    ]
    for line in sent.lines:
        code = ":".join(("HC", line.procedure, *line.modifiers))
        rows += [
            f"LX*{line.number}",
            f"SV1*{code}*{_number(line.charge)}*UN*{_number(line.units)}***1",
            f"DTP*472*D8*{line.first_day:%Y%m%d}",
            f"REF*6R*{line.line_control}",
        ]
    return [row for row in rows if row]


def remittance_835(claims: Iterable[PortalClaim], payer: Payer, control: int) -> str:
    """835 (005010X221A1): one transaction a remittance day, holding the answers of that day."""
    by_day: dict[date, list[tuple[PortalClaim, ClaimAdjudication]]] = {}
    for claim in claims:
        for answer in claim.earlier:
            if answer.produced:
                by_day.setdefault(answer.produced, []).append((claim, answer))
    sets = []
    for day in sorted(by_day):
        sets.append(_transaction(by_day[day], payer, day))
    last = max(by_day, default=date(2026, 1, 1))
    return _wrap("HP", "005010X221A1", sets, last, control + 500)


def remittance_of(claim: PortalClaim, answer: ClaimAdjudication) -> str:
    """An 835 that holds this one answer, as a portal offers it for download."""
    day = answer.produced or date(2026, 1, 1)
    return _wrap(
        "HP", "005010X221A1", [_transaction([(claim, answer)], answer.payer, day)], day, 900
    )


def _transaction(
    answers: list[tuple[PortalClaim, ClaimAdjudication]], payer: Payer, day: date
) -> list[str]:
    paid = sum((answer.paid for _, answer in answers), Decimal(0))
    method = "CHK" if paid else "NON"
    rows = [
        f"BPR*{'I' if paid else 'H'}*{_number(paid)}*C*{method}************{day:%Y%m%d}",
        f"TRN*1*{answers[0][1].trace}*1{TAX_ID}",
        f"REF*EV*{payer.ids[0]}",
        f"DTM*405*{day:%Y%m%d}",
        f"N1*PR*{payer.name.upper()}*XV*{payer.ids[0]}",
        "N3*1 PAYER PLAZA",
        "N4*SPRINGFIELD*OH*455010000",
        "PER*BL*PROVIDER SERVICES*TE*5550100100",
        f"N1*PE*{PRACTICE_NAME}*XX*{GROUP_NPI}",
        f"REF*TJ*{TAX_ID}",
        "LX*1",
    ]
    for claim, answer in answers:
        rows += _claim_answer(claim, answer)
    return ["ST*835*0001", *rows]


def _claim_answer(claim: PortalClaim, answer: ClaimAdjudication) -> list[str]:
    who = claim.sent.patient
    due = sum(
        (a.amount for line in answer.lines for a in line.adjustments if a.group == "PR"),
        Decimal(0),
    )
    rows = [
        f"CLP*{answer.claim}*{answer.status}*{_number(answer.charge)}*{_number(answer.paid)}"
        f"*{_number(due) if due else ''}*12*{answer.payer_claim_control_number}*11*1",
        f"NM1*QC*1*{who.last_name.upper()}*{who.first_name.upper()}****MI*{who.member_id}",
        f"NM1*82*1*SURGEON*SAMPLE****XX*{SURGEON_NPI}",
        f"DTM*050*{claim.sent.sent_on:%Y%m%d}",
    ]
    for line in answer.lines:
        code = ":".join(("HC", line.procedure, *line.modifiers))
        units = _number(line.units or Decimal(1))
        rows.append(f"SVC*{code}*{_number(line.charge)}*{_number(line.paid)}**{units}")
        rows.append(f"DTM*472*{line.first_day:%Y%m%d}")
        rows += [f"CAS*{a.group}*{a.carc}*{_number(a.amount)}" for a in line.adjustments]
        rows.append(f"REF*6R*{line.line_control}")
        if line.allowed is not None:
            rows.append(f"AMT*B6*{_number(line.allowed)}")
        rows += [f"LQ*HE*{remark}" for remark in line.remarks]
    return rows


def _interchange(
    kind: str, transaction: str, version: str, body: list[str], day: date, control: int
) -> str:
    head = f"ST*{transaction}*0001*{version}"
    return _wrap(kind, version, [[head, *body]], day, control)


def _wrap(kind: str, version: str, sets: list[list[str]], day: date, control: int) -> str:
    """Envelope around transaction sets: each gets its number and its SE."""
    sender, receiver = "ACORNSPINE".ljust(15), "SANDBOX".ljust(15)
    at = datetime(day.year, day.month, day.day, 8, 0)  # noqa: DTZ001 envelope times have no zone
    rows = [
        f"ISA*00*          *00*          *ZZ*{sender}*ZZ*{receiver}*{at:%y%m%d}*{at:%H%M}"
        f"*^*00501*{control:09d}*0*T*:",
        f"GS*{kind}*ACORNSPINE*SANDBOX*{at:%Y%m%d}*{at:%H%M}*{control}*X*{version}",
    ]
    for place, segments in enumerate(sets, start=1):
        numbered = [segments[0].replace("*0001", f"*{place:04d}", 1), *segments[1:]]
        rows += [*numbered, f"SE*{len(numbered) + 1}*{place:04d}"]
    rows += [f"GE*{len(sets)}*{control}", f"IEA*1*{control:09d}"]
    return "~\n".join(rows) + "~\n"


def _number(value: Decimal) -> str:
    """X12 decimal: no trailing zeros, no bare point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
