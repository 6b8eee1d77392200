"""How a billed service stands with the payer: paid, denied, or still to be answered."""

from __future__ import annotations

from server.co107 import codes
from server.co107.fit import Status
from server.co107.history import LineHistory
from server.co107.portal_view import shown_by_portal


def status_of(line: LineHistory) -> Status:
    """`paid` is paid or allowed by a final answer that nothing has put in question since."""
    latest = line.latest
    if latest is None or latest.kind in ("open", "predetermination"):
        return "pending"
    if _sent_again(line) or _in_question(line):
        return "pending"
    if latest.kind == "reversal" or not latest.pays:
        return "denied"
    return "pending" if line.dropped else "paid"


def _sent_again(line: LineHistory) -> bool:
    """Whether a replacement or a void is as new as the latest answer, or newer."""
    latest = line.latest
    if latest is None or latest.produced is None:
        return False
    sent = [*line.claim.voids, *(one for one in line.sendings if one.kind == "claim")]
    return any(one.sent_on >= latest.produced for one in sent)


def _in_question(line: LineHistory) -> bool:
    """The payer is still looking at it (RARC N779), or its portal shows another answer by now."""
    latest = line.latest
    if latest is not None:
        remarks = {*latest.claim.remarks, *(latest.line.remarks if latest.line else ())}
        if codes.UNDER_REVIEW in remarks:
            return True
    return shown_by_portal(line).contradicts != ""


def denied_for_107_alone(line: LineHistory) -> bool:
    """Whether nothing but a 107 keeps a denied line from being paid."""
    latest = line.latest
    if latest is None or latest.kind != "final":
        return False
    return latest.amount_107 > 0 and not latest.other_denials
