"""Writes a decision case as the plain files a practice has: 837, 835, CSV, JSON, TOML.

Facts made by `builders` go in, text goes out; what is expected is given by hand, never computed.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from server.co107.pairs import Pair
from server.facts import (
    Adjudication,
    Charge,
    ClaimAdjudication,
    Facts,
    Look,
    Mark,
    SubmittedClaim,
    SubmittedLine,
)


@dataclass(frozen=True)
class Written:
    """One case: its folder's name, its story, its facts and what should come out."""

    name: str
    story: str
    facts: Facts
    expected: Sequence[tuple[str | None, ...]]
    """(claim, procedure, state, reason, route, deadline[, line_control])."""
    today: date
    payers: Sequence[dict[str, Any]]
    pairs: Sequence[Pair]
    swept: Sequence[str] = field(default=())


def write(case: Written, root: Path) -> None:
    """Write the case's folder anew below `root`."""
    folder = root / case.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "case.toml").write_text(_case_toml(case))
    for kind, letter in (("professional", "p"), ("institutional", "i")):
        claims = [one for one in case.facts.claims if one.kind == kind]
        for number, day in enumerate(sorted({str(one.sent_on) for one in claims}), start=1):
            sent = [one for one in claims if str(one.sent_on) == day]
            file = folder / f"claims-{letter}-{number}.837"
            file.write_text(claims_837(sent, institutional=letter == "i", control=number))
    for number, batch in enumerate(_remittances(case.facts.answers), start=1):
        (folder / f"remittance-{number}.835").write_text(remittance_835(batch, number))
    if case.facts.charges:
        (folder / "charges.csv").write_text(charges_csv(case.facts.charges))
    if case.facts.marks:
        (folder / "sent.csv").write_text(sent_csv(case.facts.marks))
    if case.facts.looks:
        looks = [_look(one) for one in case.facts.looks]
        (folder / "observations.json").write_text(json.dumps(looks, indent=2) + "\n")
    (folder / "payers").mkdir()
    for rules in case.payers:
        (folder / "payers" / f"{rules['id']}.toml").write_text(payer_toml(rules))
    (folder / "pairs.csv").write_text(pairs_csv(case.pairs))


def _case_toml(case: Written) -> str:
    text = "".join(f"# {line}\n" for line in case.story.strip().splitlines())
    text += f"\ntoday = {case.today}\n"
    if case.swept:
        text += f"swept = {json.dumps(list(case.swept))}\n"
    if not case.expected:
        return text + "expected = []\n"
    names = ("claim", "procedure", "state", "reason", "route", "deadline", "line_control")
    for entry in case.expected:
        text += "\n[[expected]]\n"
        for name, value in zip(names, entry, strict=False):
            if value is None:
                continue
            text += f"{name} = {value}\n" if name == "deadline" else f'{name} = "{value}"\n'
        if entry[4] is None:
            text += 'route = ""\n'
        if entry[5] is None:
            text += 'deadline = ""\n'
    return text


def _segments(rows: Iterable[str]) -> str:
    return "".join(f"{row}~\n" for row in rows)


def _money(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _envelope(kind: str, version: str, body: list[str], day: date, control: int) -> str:
    when = f"{day:%y%m%d}*0800"
    functional = "HP" if kind == "835" else "HC"
    head = [
        f"ISA*00*          *00*          *ZZ*OAKHILL        *ZZ*CLEARING       *{when}*^*00501"
        f"*{control:09d}*0*P*:",
        f"GS*{functional}*OAKHILL*CLEARING*{day:%Y%m%d}*0800*{control}*X*{version}",
        f"ST*{kind}*0001*{version}" if kind == "837" else f"ST*{kind}*0001",
    ]
    tail = [f"SE*{len(body) + 2}*0001", f"GE*1*{control}", f"IEA*1*{control:09d}"]
    return _segments([*head, *body, *tail])


def claims_837(claims: Sequence[SubmittedClaim], *, institutional: bool, control: int) -> str:
    """One 837 with a billing and a subscriber level a claim."""
    day = claims[0].sent_on or date(2026, 1, 20)
    body = [
        f"BHT*0019*00*{control:04d}*{day:%Y%m%d}*0800*CH",
        "NM1*41*2*OAK HILL SPINE*****46*OAKHILL",
        "PER*IC*BILLING*TE*5550100107",
        "NM1*40*2*CLEARING*****46*CLEARING",
    ]
    level = 0
    for claim in claims:
        body += _levels(claim, level + 1)
        level += 2
        body += _claim(claim, institutional)
        for line in claim.lines:
            body += _line(line, claim, institutional)
    version = "005010X223A2" if institutional else "005010X222A1"
    return _envelope("837", version, body, day, control)


def _levels(claim: SubmittedClaim, level: int) -> list[str]:
    who = claim.patient
    born = [f"DMG*D8*{who.birth_date:%Y%m%d}*U"] if who.birth_date else []
    member = f"****MI*{who.member_id}" if who.member_id else ""
    return [
        f"HL*{level}**20*1",
        f"NM1*85*2*OAK HILL SPINE*****XX*{claim.billing_npi}",
        "N3*1 ACORN WAY",
        "N4*SPRINGFIELD*OH*455010000",
        "REF*EI*341234567",
        f"HL*{level + 1}*{level}*22*0",
        "SBR*P*18*******CI",
        f"NM1*IL*1*{who.last_name}*{who.first_name}{member}",
        "N3*7 SAMPLE STREET",
        "N4*SPRINGFIELD*OH*455010000",
        *born,
        f"NM1*PR*2*{claim.payer.name}*****PI*{claim.payer.ids[0]}"
        if claim.payer.ids
        else f"NM1*PR*2*{claim.payer.name}",
    ]


def _claim(claim: SubmittedClaim, institutional: bool) -> list[str]:
    mark = "A" if institutional else "B"
    place = f"{claim.facility_code}:{mark}:{claim.frequency}"
    rows = [f"CLM*{claim.claim}*{_money(claim.charge)}***{place}*Y*A*Y*Y"]
    if institutional:
        days = [line.first_day for line in claim.lines if line.first_day]
        rows.append(f"DTP*434*RD8*{min(days):%Y%m%d}-{max(days):%Y%m%d}")
        rows.append("CL1*3*1*01")
    if claim.original_reference:
        rows.append(f"REF*F8*{claim.original_reference}")
    rows.append("HI*ABK:M4316")
    if claim.rendering_npi != claim.billing_npi and claim.rendering_npi:
        role = "71" if institutional else "82"
        rows.append(f"NM1*{role}*1*SURGEON*SAMPLE****XX*{claim.rendering_npi}")
    return rows


def _line(line: SubmittedLine, claim: SubmittedClaim, institutional: bool) -> list[str]:
    code = ":".join(("HC", line.procedure, *line.modifiers))
    charge, units = _money(line.charge), _money(line.units)
    service = (
        f"SV2*0360*{code}*{charge}*UN*{units}"
        if institutional
        else f"SV1*{code}*{charge}*UN*{units}***1"
    )
    first, last = line.first_day, line.last_day or line.first_day
    day = f"D8*{first:%Y%m%d}" if first == last else f"RD8*{first:%Y%m%d}-{last:%Y%m%d}"
    rows = [f"LX*{line.number}", service, f"DTP*472*{day}"]
    if line.line_control:
        rows.append(f"REF*6R*{line.line_control}")
    if not institutional and line.rendering_npi not in ("", claim.rendering_npi):
        rows.append(f"NM1*82*1*OTHER*SAMPLE****XX*{line.rendering_npi}")
    return rows


def _remittances(answers: Sequence[ClaimAdjudication]) -> list[list[ClaimAdjudication]]:
    """Answers by payer, day and trace number: one file each."""
    batches: dict[tuple[str, str, str], list[ClaimAdjudication]] = {}
    for one in answers:
        key = str(one.produced), one.payer.name + str(one.payer.ids), one.trace
        batches.setdefault(key, []).append(one)
    return [sorted(batches[key], key=lambda one: one.order) for key in sorted(batches)]


def remittance_835(answers: Sequence[ClaimAdjudication], control: int) -> str:
    """One 835 that holds the answers in order."""
    head = answers[0]
    day = head.produced or date(2026, 2, 10)
    paid = sum((one.paid for one in answers), Decimal(0))
    handling, method = ("I", "CHK") if paid > 0 else ("H", "NON")
    body = [
        f"BPR*{handling}*{_money(max(paid, Decimal(0)))}*C*{method}************{day:%Y%m%d}",
        f"TRN*1*{head.trace}{control}*1341999999",
        f"DTM*405*{day:%Y%m%d}",
        f"N1*PR*{head.payer.name}" + (f"*XV*{head.payer.ids[0]}" if head.payer.ids else ""),
        "N3*1 PAYER PLAZA",
        "N4*COLUMBUS*OH*432150000",
        "PER*BL*PROVIDER SERVICES*TE*8005550107",
        f"N1*PE*OAK HILL SPINE*XX*{head.billing_npi}",
        "LX*1",
    ]
    for one in answers:
        body += _answer(one)
    return _envelope("835", "005010X221A1", body, day, control)


def _answer(one: ClaimAdjudication) -> list[str]:
    who = one.patient
    rows = [
        f"CLP*{one.claim}*{one.status}*{_money(one.charge)}*{_money(one.paid)}**12"
        f"*{one.payer_claim_control_number}*{one.facility_code}"
    ]
    rows += [f"CAS*{a.group}*{a.carc}*{_money(a.amount)}" for a in one.adjustments]
    name = f"NM1*QC*1*{who.last_name}*{who.first_name}"
    rows.append(name + (f"****MI*{who.member_id}" if who.member_id else ""))
    if one.rendering_npi not in ("", one.billing_npi):
        rows.append(f"NM1*82*1*SURGEON*SAMPLE****XX*{one.rendering_npi}")
    if one.institutional:
        rows.append("MIA*0")
    if one.remarks:
        rows.append("MOA***" + "*".join(one.remarks))
    for line in one.lines:
        rows += _answered_line(line, one)
    return rows


def _answered_line(line: Adjudication, claim: ClaimAdjudication) -> list[str]:
    code = ":".join(("HC", line.procedure, *line.modifiers))
    units = "" if line.units is None else _money(abs(line.units))
    service = f"SVC*{code}*{_money(line.charge)}*{_money(line.paid)}**{units}"
    if line.procedure != line.submitted_procedure:
        service += f"*HC:{line.submitted_procedure}"
    rows = [service]
    if line.first_day:
        rows.append(f"DTM*472*{line.first_day:%Y%m%d}")
    by_group: dict[str, list[str]] = {}
    for a in line.adjustments:
        by_group.setdefault(a.group, []).append(f"{a.carc}*{_money(a.amount)}*")
    rows += [f"CAS*{group}*{'*'.join(found)}".rstrip("*") for group, found in by_group.items()]
    if line.line_control:
        rows.append(f"REF*6R*{line.line_control}")
    if line.rendering_npi not in ("", claim.rendering_npi):
        rows.append(f"REF*HPI*{line.rendering_npi}")
    if line.allowed is not None:
        rows.append(f"AMT*B6*{_money(line.allowed)}")
    rows += [f"LQ*HE*{remark}" for remark in line.remarks]
    return rows


def _rows(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def charges_csv(charges: Sequence[Charge]) -> str:
    optional = {
        "payer_id": [one.payer_id for one in charges],
        "patient_first_name": [one.patient.first_name for one in charges],
        "patient_birth_date": [str(one.patient.birth_date or "") for one in charges],
    }
    more = [name for name, values in optional.items() if any(values)]
    header = [
        *("patient_id", "claim_id", "service_date", "procedure", "modifiers", "units", "charge"),
        *("rendering_npi", "billing_npi", "signed_off", "signed_at"),
    ]
    rows = [
        (
            one.patient.member_id,
            one.claim,
            one.service_date,
            one.procedure,
            " ".join(one.modifiers),
            _money(one.units),
            f"{one.charge:.2f}",
            one.rendering_npi,
            one.billing_npi,
            "yes" if one.signed_off else "no",
            one.signed_at.isoformat() if one.signed_at else "",
            *(optional[name][place] for name in more),
        )
        for place, one in enumerate(charges)
    ]
    return _rows([*header, *more], rows)


def sent_csv(marks: Sequence[Mark]) -> str:
    optional = {
        "line_control": [one.line_control for one in marks],
        "new_claim": [one.new_claim for one in marks],
    }
    more = [name for name, values in optional.items() if any(values)]
    rows = [
        (one.claim, one.procedure, one.sent_on, one.kind, *(optional[name][at] for name in more))
        for at, one in enumerate(marks)
    ]
    return _rows(["claim", "procedure", "sent_on", "kind", *more], rows)


def _look(look: Look) -> dict[str, object]:
    lines: list[dict[str, object]] = []
    for answer in look.answers:
        for line in answer.lines:
            shown: dict[str, object] = {
                "procedure": line.procedure,
                "modifiers": list(line.modifiers),
                "date": str(line.first_day) if line.first_day else None,
                "charge": f"{line.charge:.2f}",
                "paid": f"{line.paid:.2f}",
                "adjustments": [
                    {"group": a.group, "carc": a.carc, "amount": f"{a.amount:.2f}"}
                    for a in line.adjustments
                ],
                "remarks": list(line.remarks),
            }
            if answer.produced:
                shown["remittance_date"] = str(answer.produced)
            if answer.status:
                shown["status"] = answer.status
            lines.append(shown)
    return {
        "payer": look.payer.ids[0],
        "claim": look.claim,
        "looked_at": look.looked_at.isoformat().replace("+00:00", "Z"),
        "outcome": look.outcome,
        "lines": lines,
    }


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def payer_toml(rules: dict[str, Any]) -> str:
    text = "".join(f"{key} = {_toml(one)}\n" for key, one in rules.items() if key != "last_day")
    days = rules.get("last_day", {})
    if days:
        text += "\n[last_day]\n" + "".join(f"{k} = {_toml(one)}\n" for k, one in days.items())
    return text


def pairs_csv(pairs: Sequence[Pair]) -> str:
    return _rows(
        ["add_on", "primary", "type", "valid_from", "valid_to"],
        [(p.add_on, p.primary, p.type, p.valid_from or "", p.valid_to or "") for p in pairs],
    )
