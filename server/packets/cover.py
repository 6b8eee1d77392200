"""The cover sheet of a packet: one page, read in one minute."""

from __future__ import annotations

from collections.abc import Sequence

from server.co107.decision import Evidence
from server.co107.packet import Packet, PacketLine
from server.packets.pages import render
from server.packets.sheet import Sheet
from server.packets.words import REASONS, ROUTES, coded, money, person, place, short_day, units

SHOWN_ROLES = ("denial", "service", "charge", "reference", "pair")
LIMITS = ((12, 10), (9, 8), (6, 6), (4, 4), (2, 2))
"""Most lines a side and most evidence shown: the first that fits one page. The rest is counted."""


def evidence_of(packet: Packet) -> list[Evidence]:
    """What the ready lines rest on, each once, in the order it is told."""
    found: dict[tuple[str, str], Evidence] = {}
    for role in SHOWN_ROLES:
        for line in packet.lines:
            for one in line.decision.evidence:
                if one.role == role:
                    found.setdefault((one.text, one.claim), one)
    return list(found.values())


def told(packet: Packet, role: str) -> str:
    """What the evidence of one role says, each once."""
    texts = [
        one.text for line in packet.lines for one in line.decision.evidence if one.role == role
    ]
    return "; ".join(dict.fromkeys(texts))


def why(packet: Packet) -> str:
    """The reasons of its lines, in a sentence each."""
    reasons = dict.fromkeys(line.decision.reason for line in packet.lines)
    return " ".join(REASONS.get(one, one) for one in reasons)


def no_after(packet: Packet) -> str:
    """Why no lines after are shown."""
    if packet.route == "reopening":
        return "The payer changes the claim itself: ask it to add or reprocess the lines."
    return "Not known: the original 837 is not loaded."


def _title(packet: Packet) -> str:
    return ROUTES[packet.route]


def cover_html(packet: Packet, files: Sequence[str] = ()) -> str:
    """The sheet as a page of its own, no other file needed."""
    return render(
        "cover.html",
        packet=packet,
        title=_title(packet),
        why=why(packet),
        evidence=evidence_of(packet),
        route_says=told(packet, "route"),
        last_day_says=told(packet, "last_day"),
        days_left=(packet.last_day - packet.as_of).days,
        no_after=no_after(packet),
        files=list(files),
    )


def cover_pdf(packet: Packet, files: Sequence[str] = ()) -> bytes:
    """The sheet as a PDF, letter size: one page, whatever the claim."""
    for most_lines, most_evidence in LIMITS:
        sheet = _drawn(packet, files, most_lines, most_evidence)
        if sheet.pages == 1:
            break
    return sheet.done()


def _drawn(packet: Packet, files: Sequence[str], most_lines: int, most_evidence: int) -> Sheet:
    sheet = Sheet(f"Claim {packet.claim}: cover sheet", packet.as_of)
    sheet.heading(_title(packet))
    number = packet.payer_claim_control_number
    sheet.text(
        f"{packet.payer_name}, claim {packet.claim}"
        + (f", payer's number {number}" if number else "")
    )
    born = packet.patient.birth_date
    sheet.text(
        f"{person(packet.patient)}, member {packet.patient.member_id or '-'}"
        + (f", born {short_day(born)}" if born else "")
    )
    sheet.boxes(
        (
            ("At stake", money(packet.amount)),
            ("Last day", short_day(packet.last_day)),
            ("Days left", str((packet.last_day - packet.as_of).days)),
            ("Prepared", short_day(packet.as_of)),
        )
    )
    for notice in packet.notices:
        sheet.notice(notice)
    sheet.text(f"Why: {why(packet)}")
    _side(sheet, "Lines before", packet.before, most_lines)
    if packet.after:
        _side(sheet, "Lines after", packet.after, most_lines)
    else:
        sheet.section("Lines after")
        sheet.text(no_after(packet))
    sheet.section("Evidence")
    evidence = evidence_of(packet)
    rows = [(one.text, place(one.source)) for one in evidence[:most_evidence]]
    if len(evidence) > most_evidence:
        rows.append((f"and {len(evidence) - most_evidence} more, in the HTML sheet", ""))
    sheet.table((), rows, (7, 3), size=9)
    sheet.section("Route and last day")
    sheet.text(told(packet, "route"), size=9.5)
    sheet.text(told(packet, "last_day"), size=9.5)
    sheet.gap()
    if files:
        sheet.text(f"With this sheet: {', '.join(files)}", size=8.5, grey=True)
    sheet.text(
        "Nothing has been sent. A person checks and releases this claim.", size=8.5, grey=True
    )
    return sheet


def _side(sheet: Sheet, title: str, lines: Sequence[PacketLine], most: int) -> None:
    sheet.section(title)
    shown = sorted(lines, key=lambda line: line.standing == "kept")[:most]
    shown = [line for line in lines if any(line is one for one in shown)]
    rows = [
        (
            coded(line),
            short_day(line.first_day),
            units(line.units),
            money(line.charge),
            ", ".join(filter(None, ("added" if line.standing == "added" else "", line.note))),
        )
        for line in shown
    ]
    if len(lines) > len(shown):
        rows.append((f"and {len(lines) - len(shown)} more", "", "", "", "unchanged"))
    sheet.table(
        ("Procedure", "Day", "Units", "Charge", ""),
        rows,
        (2.2, 1.8, 1, 2, 5),
        right=(3,),
        bold=[at for at, line in enumerate(shown) if line.standing in ("ready", "added")],
        filled=[at for at, line in enumerate(shown) if line.standing == "added"],
    )
